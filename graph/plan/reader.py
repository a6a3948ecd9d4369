"""Reading queries with rdflib, in a process of its own: what is hostile to read costs that process only."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from graph.errors import TooManyQueries
from graph.files import BASE
from graph.store.frames import receive, send
from graph.vocab import PREFIXES

if TYPE_CHECKING:
    from typing import Self

START_SECONDS: Final = 20.0
SECONDS: Final = 4.0
"""How long reading one query may take."""

MEMORY: Final = 384
"""MiB that the process may take beyond what it starts with."""

WAITING: Final = 4
"""How many may wait to have a query read."""

PROBLEMS: Final = {
    "syntax": "The engine understands this query, but it is more than SPARQL 1.1, which is all that the "
    "explanation can draw: SPARQL 1.2 syntax, or an extension such as LATERAL.",
    "deep": "The query is nested too deeply, or has too many parts, for its algebra to be drawn.",
    "unknown": "The engine understands this query, but its algebra cannot be drawn.",
    "late": f"The query is so involved that its algebra was not drawn within {SECONDS:g} seconds.",
}
"""Why there is no algebra; each is a sentence and no error, for the query itself may be run."""


class Reader:
    """A child process that reads queries, started when the first one comes; any thread may ask.

    TooManyQueries when more than `WAITING` others wait. `close` ends it, and so does the end of this process.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._turn = threading.Lock()
        self._waiting = threading.BoundedSemaphore(WAITING + 1)
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, query: str) -> dict[str, Any]:
        """What `graph.plan.algebra.understood` makes of a query, or `problem`, a key of `PROBLEMS`."""
        if not self._waiting.acquire(blocking=False):
            raise TooManyQueries("Too many queries are being explained at once.", mend="Try again shortly.")
        try:
            with self._turn:
                return self._asked({"query": query, "prefixes": PREFIXES, "base": BASE})
        finally:
            self._waiting.release()

    def close(self) -> None:
        """End the process."""
        with self._turn:
            self._end()

    def _asked(self, request: dict[str, Any]) -> dict[str, Any]:
        for _ in range(2):  # a process that died while nobody asked is replaced
            sock = self._started()
            if sock is None:
                return {"problem": "unknown"}
            deadline = time.monotonic() + self._seconds
            try:
                send(sock, request, deadline=deadline)
            except TimeoutError:
                break
            except OSError:
                self._end()
                continue
            try:
                answered = receive(sock, deadline=deadline)
            except TimeoutError:
                break
            if answered is not None:
                return answered[0]
            self._end()  # it died of this query
            return {"problem": "deep"}
        self._end()
        return {"problem": "late"}

    def _started(self) -> socket.socket | None:
        if self._socket is not None:
            return self._socket
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "graph.plan.child", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=os.environ | {"RUST_BACKTRACE": "0"},
                process_group=0,  # Ctrl-C on a terminal is for the server
            )
        self._socket = ours
        try:
            send(ours, {"memory": MEMORY})
            if receive(ours, deadline=time.monotonic() + START_SECONDS) is not None:
                return ours
        except OSError:
            pass
        self._end()
        return None

    def _end(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._socket = self._process = None
