"""A client for HTTP/1.1 that costs little: requests are bytes made beforehand, sockets are kept, a body is kept whole.

An answer that ends before it is whole is known as such: a body shorter than it was said to be, chunks without the
last one.
"""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass
from typing import Final

PIECE: Final = 1 << 18
END: Final = 64
"""Bytes of the end of a body that are kept in any case."""

LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)", re.IGNORECASE)
CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)
CLOSES: Final = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)


class CutError(Exception):
    """A response with the status 200 began, and ended before it was whole."""


class BrokenError(Exception):
    """The connection ended, or could not be made, before there was a response; or the response was an error itself."""


class TooLongError(Exception):
    """The client would not wait any longer; `began` says whether a response had begun."""

    def __init__(self, *, began: bool) -> None:
        super().__init__()
        self.began = began


@dataclass(frozen=True, slots=True)
class Response:
    """A whole response; `body` is only its end where it was larger than the client keeps (`size` is what it was)."""

    status: int
    head: bytes
    body: bytes
    size: int

    @property
    def kept(self) -> bool:
        """Whether the body is there whole."""
        return len(self.body) == self.size


class Connection:
    """One kept connection to `address`, from the address `source` where one is given.

    `limit` is how long, in seconds, a response may take in all; `kept` the bytes of a body that are kept.
    """

    def __init__(
        self, address: tuple[str, int], *, limit: float, source: str | None = None, kept: int = 1 << 26
    ) -> None:
        self._address, self._limit, self._kept = address, limit, kept
        self._source = (source, 0) if source else None
        self._socket: socket.socket | None = None
        self._buffer = bytearray()
        self._deadline = 0.0
        self._began = False
        self._status = 0

    def open(self) -> None:
        """Connect, if that is not done already; BrokenError."""
        if self._socket is not None:
            return
        try:
            self._socket = socket.create_connection(self._address, self._limit, self._source)
        except OSError as error:
            raise BrokenError(str(error)) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer.clear()

    def close(self) -> None:
        """End the connection; the next request makes another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask(self, message: bytes) -> Response:
        """Send a request and read its response; BrokenError, CutError or TooLongError, and the connection is
        closed.
        """
        self._deadline = time.perf_counter() + self._limit
        self._began, self._status = False, 0
        try:
            self.open()
            assert self._socket is not None
            self._socket.settimeout(self._limit)
            self._socket.sendall(message)
            return self._response()
        except TimeoutError:
            self.close()
            raise TooLongError(began=self._status == 200) from None
        except (OSError, ValueError) as error:
            self.close()
            raise self._ended(str(error)) from error
        except (CutError, BrokenError, TooLongError):
            self.close()
            raise

    def _response(self) -> Response:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._more()
        head = bytes(self._buffer[:end])
        del self._buffer[: end + 4]
        status = self._status = int(head[9:12])
        if status in {204, 304}:
            body, size = b"", 0
        elif (length := LENGTH.search(head)) is not None:
            body, size = self._exactly(int(length[1]))
        elif CHUNKED.search(head):
            body, size = self._chunks()
        else:
            body, size = self._until_the_end()
        if CLOSES.search(head) or head.startswith(b"HTTP/1.0"):
            self.close()
        return Response(status, head, body, size)

    def _exactly(self, length: int) -> tuple[bytes, int]:
        if length > self._kept:
            left, end = length, b""
            while left:
                if not self._buffer:
                    self._more()
                taken = min(left, len(self._buffer))
                end = (end + bytes(self._buffer[:taken][-END:]))[-END:]
                del self._buffer[:taken]
                left -= taken
            return end, length
        while len(self._buffer) < length:
            self._more()
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        return body, length

    def _chunks(self) -> tuple[bytes, int]:
        parts: list[bytes] = []
        size, end = 0, b""
        while True:
            length = int(self._line().partition(b";")[0], 16)
            if length == 0:
                while self._line():
                    pass
                return b"".join(parts) if size <= self._kept else end, size
            part, _ = self._exactly(length)
            if self._line():
                raise self._ended("a chunk is longer than it said")
            size += length
            if size <= self._kept:
                parts.append(part)
            else:
                parts.clear()
                end = (end + part)[-END:]

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            self._more()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _until_the_end(self) -> tuple[bytes, int]:
        """A body without a length: whether it is whole nobody can tell."""
        assert self._socket is not None
        size = len(self._buffer)
        while piece := self._socket.recv(PIECE):
            size += len(piece)
            self._buffer += piece
            if size > self._kept:
                del self._buffer[:-END]
            self._wait()
        body = bytes(self._buffer)
        self._buffer.clear()
        self.close()
        return body, size

    def _more(self) -> None:
        assert self._socket is not None
        if self._began:
            self._wait()
        piece = self._socket.recv(PIECE)
        if not piece:
            raise self._ended("the connection was closed")
        self._began = True
        self._buffer += piece

    def _ended(self, why: str) -> CutError | BrokenError:
        return CutError(why) if self._status == 200 else BrokenError(why)

    def _wait(self) -> None:
        """Keep to the limit for a response that comes in many pieces."""
        left = self._deadline - time.perf_counter()
        if left <= 0:
            raise TooLongError(began=self._status == 200)
        assert self._socket is not None
        self._socket.settimeout(left)
