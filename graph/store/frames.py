"""Messages between the server and its query workers: a JSON header and a body of bytes, both with their
length.

A large body comes as a file in memory instead, whose descriptor goes with the message.
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    import socket

LENGTHS: Final = struct.Struct(">II")
CHUNK: Final = 1 << 16
"""Bytes read at a time: an answer that is small comes in one piece, and none is made room for that is not
needed.
"""

JOINED: Final = 1 << 16
"""Bytes of a body up to which copying it to its header costs less than sending it by itself."""

Message = tuple[dict[str, Any], bytes]
"""A header and a body."""


def frame(header: dict[str, Any], body: bytes | memoryview = b"") -> bytes:
    """The beginning of a message: everything but its body. TypeError for text that is no Unicode."""
    head = orjson.dumps(header)
    return LENGTHS.pack(len(head), len(body)) + head


def send(
    sock: socket.socket,
    header: dict[str, Any],
    body: bytes | memoryview = b"",
    *,
    deadline: float | None = None,
) -> None:
    """Send one message; `deadline` is on the monotonic clock (TimeoutError past it, BrokenPipeError if nobody
    reads).
    """
    _wait_until(sock, deadline)
    if len(body) <= JOINED:
        sock.sendall(frame(header, body) + body)
    else:
        sock.sendall(frame(header, body))
        sock.sendall(body)


def receive(sock: socket.socket, *, deadline: float | None = None) -> Message | None:
    """The next message, or None when the other side has closed or died; TimeoutError past the deadline."""
    incoming = Incoming()
    while True:
        _wait_until(sock, deadline)
        try:
            # no more than this message: what comes after it belongs to the next call
            chunk = sock.recv(min(incoming.wanted(), CHUNK))
        except ConnectionResetError:
            return None
        if not chunk:
            return None
        if (message := incoming.take(chunk)) is not None:
            return message


class Incoming:
    """Messages put together from the pieces they come in."""

    def __init__(self) -> None:
        self._buffer = bytearray()  # the beginning of a message that is not whole yet

    def take(self, chunk: bytes) -> Message | None:
        """One more piece; the message, when it is whole. A piece has no more than one message's end."""
        come: bytes | bytearray = chunk
        if self._buffer:
            self._buffer += chunk
            come = self._buffer
        if len(come) >= LENGTHS.size:
            head, body = LENGTHS.unpack_from(come)
            end = LENGTHS.size + head + body
            if len(come) >= end:
                message = orjson.loads(come[LENGTHS.size : end - body]), bytes(come[end - body : end])
                self._buffer = bytearray(come[end:])
                return message
        if come is chunk:
            self._buffer += chunk
        return None

    def wanted(self) -> int:
        """How many bytes are missing, as far as that is known."""
        if len(self._buffer) < LENGTHS.size:
            return LENGTHS.size - len(self._buffer)
        head, body = LENGTHS.unpack_from(self._buffer)
        return int(LENGTHS.size + head + body - len(self._buffer))


def _wait_until(sock: socket.socket, deadline: float | None) -> None:
    """Have the next call on the socket end by then; no system call where nothing changes."""
    if deadline is not None:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        sock.settimeout(remaining)
    elif sock.gettimeout() is not None:
        sock.settimeout(None)
