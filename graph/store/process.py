"""One query worker as the server sees it: started, asked, slowed, stopped, killed."""

from __future__ import annotations

import contextlib
import math
import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from graph.errors import StoreUnavailable
from graph.files import BASE
from graph.store.frames import CHUNK, Incoming, frame, receive, send
from graph.store.processors import keep
from graph.store.replies import failure
from graph.vocab import PREFIXES

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from graph.store import Limits
    from graph.store.processors import Set
    from graph.store.snapshots import Snapshot

START_SECONDS: Final = 30.0
"""A worker that is not ready by then is given up."""

LEAST: Final = 19
"""The lowest priority there is: a seventieth of a busy processor, all of an idle one."""

ANCILLARY: Final = socket.CMSG_LEN(struct.calcsize("i"))
"""Room for the one descriptor that may come with a reply."""

Reply = tuple[dict[str, Any], bytes | mmap.mmap]
"""A worker's header, and the body: in memory that the worker made and no longer has, where it is large."""


class Worker:
    """A child process with a snapshot open; it answers one query at a time.

    Starting takes some 50 ms and blocks. It must be started by a thread that lives as long as the store: the
    kernel kills the child when the thread that started it ends. After `attach` it belongs to an event loop:
    every other method but `alive` and `reap` is then to be called there.
    """

    def __init__(self, snapshot: Snapshot, limits: Limits) -> None:
        self.snapshot = snapshot
        self._processor_time = 0  # ns that the child had used when it last replied
        self._incoming = Incoming()
        self._outgoing = memoryview(b"")
        self._writing = False  # the loop tells when more of it can be sent
        self._spools: list[int] = []
        self.gave_way = False
        self.unasked = False  # it ended before it had read what it was asked, as far as the system tells
        self._loop: asyncio.AbstractEventLoop | None = None
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-P", "-m", "graph.store.worker", str(theirs.fileno())]
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=os.environ | {"RUST_BACKTRACE": "0"},
                # A group of its own: Ctrl-C on a terminal is for the server, which ends its workers. Not a
                # session of its own: the kernel would share the processor by session, and priorities would
                # mean nothing between workers.
                process_group=0,
            )
        self._socket = ours
        try:
            ready = self._greet(limits, time.monotonic() + START_SECONDS)
        except BaseException:
            self.kill()
            self.reap()
            raise
        self._processor_time = ready["processor_time"]
        self.network = "denied" if ready["network"] else "open"
        self.memory = "limited" if ready["memory"] else "unlimited"

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._process.poll() is None

    def attach(
        self,
        loop: asyncio.AbstractEventLoop,
        replied: Callable[[Worker, Reply], None],
        ended: Callable[[Worker], None],
    ) -> None:
        """Have the loop tell of each reply, and of the end of the child."""
        self._loop, self._replied, self._ended = loop, replied, ended
        self._socket.setblocking(False)
        loop.add_reader(self._socket.fileno(), self._read)

    def ask(self, message: bytes) -> None:
        """Send a query, as `graph.store.frames.frame` made it; what comes of it is told by the loop."""
        self._outgoing = memoryview(message)
        self._write()

    def processor_time(self) -> float:
        """Seconds of processor time that its query has had; infinite where nobody can tell."""
        try:
            with open(f"/proc/{self.pid}/schedstat", "rb") as times:  # noqa: PTH123 - it is asked often
                return (int(times.read().split()[0]) - self._processor_time) / 1e9
        except (OSError, ValueError, IndexError):
            return math.inf

    def give_way(self) -> None:
        """From now on the child gets what processor time nobody else wants; this cannot be taken back."""
        self.gave_way = True
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.pid, LEAST)

    def run_on(self, where: Set) -> None:
        """From now on the child runs on these processors."""
        keep(self.pid, where)

    def suspend(self) -> None:
        """Stop the child where it is; its memory stays."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a suspended child go on."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the child at once, whatever it does, and hear no more of it; `reap` is to follow."""
        if self._loop is not None and self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket.fileno())
            self._loop.remove_writer(self._socket.fileno())
        self._process.kill()
        self._socket.close()
        for descriptor in self._spools:
            os.close(descriptor)
        self._spools.clear()

    def reap(self) -> int:
        """Wait for the end of a child that was killed or has died; its exit code, negative for a signal."""
        return self._process.wait()

    def _greet(self, limits: Limits, deadline: float) -> dict[str, Any]:
        config = {
            "store": str(self.snapshot.store),
            "memory": limits.memory,
            "result_bytes": limits.result_bytes,
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
            raise failure(message[0], "", limits)
        return message[0]

    def _write(self) -> None:
        assert self._loop is not None  # noqa: S101 - a worker is attached before it is asked
        try:
            self._outgoing = self._outgoing[self._socket.send(self._outgoing) :]
        except BlockingIOError:
            pass
        except OSError:
            self._outgoing, self.unasked = memoryview(b""), True  # the reader is told of its end
        if bool(self._outgoing) != self._writing:
            self._writing = not self._writing
            if self._writing:
                self._loop.add_writer(self._socket.fileno(), self._write)
            else:
                self._loop.remove_writer(self._socket.fileno())

    def _read(self) -> None:
        try:
            chunk, ancillary, _, _ = self._socket.recvmsg(CHUNK, ANCILLARY)
        except BlockingIOError:
            return
        except OSError as error:
            chunk, ancillary = b"", []
            # so says Linux where what was sent was not read
            self.unasked = self.unasked or isinstance(error, ConnectionResetError)
        for _, _, descriptor in ancillary:
            self._spools.append(int.from_bytes(descriptor, sys.byteorder))
        if not chunk:
            self._ended(self)
            return
        message = self._incoming.take(chunk)
        if message is not None:
            header, body = message
            self._processor_time = header["processor_time"]
            self._replied(self, (header, self._spooled(header["spooled"]) if "spooled" in header else body))

    def _spooled(self, length: int) -> mmap.mmap:
        descriptor = self._spools.pop()
        try:
            return mmap.mmap(descriptor, length, access=mmap.ACCESS_READ)
        finally:
            os.close(descriptor)


def message(request: dict[str, Any]) -> bytes:
    """A request as `Worker.ask` takes it."""
    return frame(request)
