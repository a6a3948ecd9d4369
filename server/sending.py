"""Large answers on their way out: no faster than the client takes them, no longer than it takes any, and all
of them within a bound.

The HTTP server takes whatever it is given and keeps it until the client has it, so the answer is handed over
in pieces, as the kernel says (`tcp(7)`, TCP_INFO) that the client has acknowledged earlier ones. Where the
kernel does not say that, it is handed over at once.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from graph.errors import StoreUnavailable
from server import proxies

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from server.sparql.reply import Reply
    from server.visits import Visit

LARGE: Final = 1 << 20
"""Bytes from which on an answer is counted and sent in this way."""

PIECE: Final = 1 << 18
AHEAD: Final = 4 << 20
"""Bytes that the client may be behind."""

STEP: Final = 1 << 20
"""Bytes that a client must take in each span of time: one that takes fewer is cut off."""

POLLS: Final = (0.001, 0.05)
"""Seconds between two looks at how far the client is: at first, and at last."""

ACKNOWLEDGED: Final = struct.Struct("120xQ")
"""`tcpi_bytes_acked` of `struct tcp_info`; the first byte is the state."""

OPEN: Final = frozenset({1, 8})
"""ESTABLISHED, and CLOSE_WAIT: the client will send no more, but may still read."""


class CutError(Exception):
    """An answer will not arrive whole; the word is how that is counted: `slow`, or `gone`."""


class Room:
    """The bytes that all large answers together may take while they are sent; for one event loop."""

    def __init__(self, total: int) -> None:
        self.total, self.used = total, 0

    def take(self, size: int) -> None:
        """Count an answer in; StoreUnavailable where it would be too much beside others."""
        if self.used and self.used + size > self.total:
            raise StoreUnavailable(
                f"Large results of {self.used:,} bytes are being sent already; with {size:,} bytes more it "
                f"would be more than the {self.total:,} bytes there are for that.",
                mend="Try again later, or ask for it in pieces by ORDER BY, LIMIT and OFFSET.",
            )
        self.used += size

    def give(self, size: int) -> None:
        """Count it out."""
        self.used -= size


class Line:
    """The connection to a client, as the kernel sees it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._before = self._acknowledged()

    def taken(self) -> int:
        """Bytes that the client has acknowledged; CutError where it has gone away."""
        return self._acknowledged() - self._before

    def cut(self) -> None:
        """End the connection: what is not sent yet never will be."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Look no more; the connection goes on."""
        self._connection.close()

    def _acknowledged(self) -> int:
        facts = self._connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, ACKNOWLEDGED.size)
        if facts[0] not in OPEN:
            raise CutError("gone")
        return int(ACKNOWLEDGED.unpack(facts)[0])


def line(client: str) -> Line | None:
    """The connection of this process to `address:port`; None where it is not found or cannot be looked at."""
    if not hasattr(socket, "TCP_INFO"):
        return None
    wanted = proxies.peer(client), int(client.rpartition(":")[2])
    with suppress(OSError):
        for entry in Path("/proc/self/fd").iterdir():
            if _is_to(wanted, entry):
                connection = socket.socket(fileno=os.dup(int(entry.name)))
                with suppress(OSError, CutError, struct.error):
                    if connection.getpeername()[:2] == wanted:  # it may have become another meanwhile
                        return Line(connection)
                connection.close()
    return None


def _is_to(wanted: tuple[str, int], entry: Path) -> bool:
    try:
        if not str(entry.readlink()).startswith("socket:"):
            return False
        known = socket.socket(fileno=int(entry.name))
    except OSError:
        return False
    try:
        return bool(known.getpeername()[:2] == wanted)
    except OSError:
        return False
    finally:
        known.detach()


async def stream(visit: Visit, reply: Reply, span: float, threads: Executor) -> None:
    """Send a large reply; its length goes first, so that a connection which breaks is seen to.

    A client must take a `STEP` in each `span` seconds. Returns when it has nearly all, or raises CutError.
    """
    loop, size = asyncio.get_running_loop(), len(reply.body)
    to = await loop.run_in_executor(threads, line, visit.peer)
    transport = visit.response_stream(reply.status, [*reply.headers, ("Content-Length", str(size))])
    try:
        for start in range(0, size, PIECE):
            if to is not None:
                await _within(to, start - AHEAD, span)
            piece = reply.body[start : start + PIECE]
            try:
                await transport.send_bytes(piece)
            except RuntimeError as error:  # granian's errors: nobody takes it any more
                raise CutError("gone") from error
            visit.length += len(piece)
        if to is not None:
            await _within(to, size - PIECE, span)
    finally:
        if to is not None:
            to.close()


async def _within(to: Line, wanted: int, span: float) -> None:
    """Wait until the client has acknowledged `wanted` bytes."""
    loop, (pause, longest) = asyncio.get_running_loop(), POLLS
    taken = mark = to.taken()
    since = loop.time()
    while taken < wanted:
        await asyncio.sleep(pause)
        pause = min(pause * 2, longest)
        taken, now = to.taken(), loop.time()
        if taken - mark >= STEP:
            mark, since = taken, now
        elif now - since > span:
            to.cut()
            raise CutError("slow")
