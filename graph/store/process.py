"""One query worker as the server sees it: started, asked, killed when it overruns."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from graph.errors import (
    Her2kgError,
    NotAcceptable,
    QueryError,
    QueryOutOfMemory,
    QueryTimeout,
    QueryTooLarge,
    SnapshotError,
    StoreUnavailable,
)
from graph.files import BASE
from graph.store import SOLUTIONS, TRIPLES
from graph.store.frames import receive, send
from graph.vocab import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.store import Limits
    from graph.store.snapshots import Snapshot

START_SECONDS: Final = 30.0
"""A worker that is not ready by then is given up."""

FORMS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "select": ("a table of solutions", SOLUTIONS),
    "ask": ("yes or no", SOLUTIONS),
    "graph": ("triples", TRIPLES),
}


class LostError(Exception):
    """The worker was dead before the query reached it, or was ended from outside; another may be asked."""


class Worker:
    """A child process with a snapshot open; it answers one query at a time.

    Starting takes some 50 ms. It must be started by a thread that lives as long as the store: the kernel
    kills the child when the thread that started it ends.
    """

    def __init__(self, snapshot: Snapshot, limits: Limits) -> None:
        self.snapshot = snapshot
        self._limits = limits
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-P", "-m", "graph.store.worker", str(theirs.fileno())]
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=os.environ | {"RUST_BACKTRACE": "0"},
                start_new_session=True,  # Ctrl-C on a terminal is for the server, which ends its workers
            )
        self._socket = ours
        try:
            ready = self._greet(time.monotonic() + START_SECONDS)
        except BaseException:
            self.kill()
            raise
        self.network = "denied" if ready["network"] else "open"
        self.memory = "limited" if ready["memory"] else "unlimited"

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._process.poll() is None

    def ask(self, request: dict[str, Any], deadline: float) -> tuple[dict[str, Any], bytes]:
        """The reply to one query; after any error but a QueryError or NotAcceptable the worker is of no more
        use.

        `deadline` is on the monotonic clock. Raises LostError when the worker was dead already, or was killed
        by somebody else.
        """
        try:
            send(self._socket, request, deadline=deadline)
        except TimeoutError:
            raise self._timeout() from None
        except OSError as error:
            raise LostError from error
        try:
            message = receive(self._socket, deadline=deadline)
        except TimeoutError:
            raise self._timeout() from None
        if message is None:
            raise self._died()
        header, body = message
        if "error" in header:
            raise ERRORS.get(header["error"], _engine)(header | {"query": request["query"]}, self._limits)
        return header, body

    def end(self) -> None:
        """End the child at once, whatever it does, and wait for its end; who is asking it is told by the
        socket.
        """
        self._process.kill()
        self._process.wait()

    def kill(self) -> None:
        """End the child, and the socket with it; only for who has the worker to himself."""
        self.end()
        self._socket.close()

    def _greet(self, deadline: float) -> dict[str, Any]:
        config = {
            "store": str(self.snapshot.store),
            "memory": self._limits.memory,
            "result_bytes": self._limits.result_bytes,
            "prefixes": PREFIXES,
            "base": BASE,
        }
        try:
            send(self._socket, config, deadline=deadline)
            message = receive(self._socket, deadline=deadline)
        except OSError as error:
            raise StoreUnavailable(f"A query worker did not start: {error}.") from error
        if message is None:
            raise StoreUnavailable("A query worker ended as it started.", mend="The server's log says why.")
        if "error" in message[0]:
            raise _storage(message[0], self._limits)
        return message[0]

    def _timeout(self) -> QueryTimeout:
        return QueryTimeout(
            f"The query was stopped after {self._limits.timeout:g} seconds; there is no partial result.",
            mend="Ask for less: add a LIMIT, bind more terms, or avoid joins without a common variable.",
        )

    def _died(self) -> Exception:
        self._process.wait()
        code = self._process.returncode
        if code == -signal.SIGABRT:  # how the engine ends when it gets no more memory
            return _memory({}, self._limits)
        if code in {-signal.SIGSEGV, -signal.SIGBUS}:
            return QueryError(
                "The query is nested too deeply, or has too many parts.", mend="Split it, or use VALUES."
            )
        return LostError(f"ended with {code}")


def _syntax(header: dict[str, Any], _: Limits) -> QueryError:
    line, column = header.get("line"), header.get("column")
    expected = header["message"].removeprefix("expected ").removeprefix("one of ").split(", ")
    # among the words and characters the engine would have taken there may be a sentence: the reason
    reason = next((part for part in expected if " " in part and "[" not in part), "It is not SPARQL 1.1")
    if line is None or column is None:
        return QueryError(f"The query cannot be understood. {reason}.")
    rest = "\n".join(header["query"].split("\n")[line - 1 :])[column - 1 :].split()
    stop = f"before “{rest[0][:40]}”" if rest else "at its end"
    return QueryError(
        f"The query cannot be understood; reading it stopped {stop}. {reason}.",
        line=line,
        column=column,
        mend="The fault is there or shortly before.",
    )


def _memory(_: dict[str, Any], limits: Limits) -> QueryOutOfMemory:
    return QueryOutOfMemory(
        f"The query needed more than {limits.memory} MiB of memory; there is no partial result.",
        mend="Ask for less: add a LIMIT, or avoid sorting, grouping and joining large sets.",
    )


def _too_large(_: dict[str, Any], limits: Limits) -> QueryTooLarge:
    return QueryTooLarge(
        f"The result is larger than {limits.result_bytes:,} bytes; there is no partial result.",
        mend="Ask for it in pieces by ORDER BY, LIMIT and OFFSET.",
    )


def _not_acceptable(header: dict[str, Any], _: Limits) -> NotAcceptable:
    what, formats = FORMS[header["form"]]
    return NotAcceptable(
        f"The query's answer is {what}, and no format asked for can carry that.",
        mend=f"Accept one of {', '.join(formats.values())}.",
    )


def _projection(header: dict[str, Any], _: Limits) -> QueryError:
    return QueryError(f"A bound variable must be projected: {header['message']}.")


def _storage(header: dict[str, Any], _: Limits) -> SnapshotError:
    return SnapshotError(
        f"The published data cannot be read: {header['message']}.", mend="Run `her2kg build`."
    )


def _engine(header: dict[str, Any], _: Limits) -> QueryError:
    return QueryError(f"The query cannot be evaluated: {header['message']}.")


ERRORS: Final[dict[str, Callable[[dict[str, Any], Limits], Her2kgError]]] = {
    "syntax": _syntax,
    "memory": _memory,
    "too large": _too_large,
    "format": _not_acceptable,
    "projection": _projection,
    "storage": _storage,
    "engine": _engine,
}
"""What a worker may answer instead of a result, and the error it becomes."""
