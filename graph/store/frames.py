"""Messages between the server and its query workers: a JSON header and a body of bytes, both with their
length.
"""

from __future__ import annotations

import json
import struct
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import socket

LENGTHS: Final = struct.Struct(">II")
CHUNK: Final = 1 << 20


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
    head = json.dumps(header).encode()
    sock.settimeout(_remaining(deadline))
    sock.sendall(LENGTHS.pack(len(head), len(body)) + head)
    if body:
        sock.sendall(body)


def receive(sock: socket.socket, *, deadline: float | None = None) -> tuple[dict[str, Any], bytes] | None:
    """The next message, or None when the other side has closed or died; TimeoutError past the deadline."""
    lengths = _exactly(sock, LENGTHS.size, deadline)
    if lengths is None:
        return None
    head_length, body_length = LENGTHS.unpack(lengths)
    head = _exactly(sock, head_length, deadline)
    body = _exactly(sock, body_length, deadline)
    if head is None or body is None:
        return None
    return json.loads(head), bytes(body)


def _exactly(sock: socket.socket, length: int, deadline: float | None) -> bytearray | None:
    buffer = bytearray(length)
    view, filled = memoryview(buffer), 0
    while filled < length:
        sock.settimeout(_remaining(deadline))
        try:
            count = sock.recv_into(view[filled : filled + CHUNK])
        except ConnectionResetError:
            return None
        if not count:
            return None
        filled += count
    return buffer


def _remaining(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError
    return remaining
