"""A client's connection: requests of HTTP/1.1 and 1.0 as they come, and the answers on their way out.

What is read has bounds in size and in time, and so has what a client leaves unread. Requests of one
connection are answered one after the other. The parser is that of Node.js (llhttp), strict as it comes; all
else is here, in the thread of the event loop: where another reads what comes, each answer waits for two more
to wake up (`docs/decisions/0011`).
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import deque
from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Protocol, cast
from urllib.parse import unquote_to_bytes

import httptools

from graph.errors import (
    AddressTooLong,
    HeaderTooLarge,
    Her2kgError,
    MethodUnknown,
    QueryTooLarge,
    RequestError,
    RequestTimeout,
    StoreUnavailable,
)
from server import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

Fields = list[tuple[str, str]]
"""Header fields of an answer, in their order."""

MAX_ADDRESS: Final = 1 << 16
MAX_HEADER: Final = 400 << 10
"""Bytes of a request's target, and of all its header fields."""

MAX_FIELDS: Final = 100
"""Header fields of a request."""

MAX_WAITING: Final = 64
"""Requests that a client may send ahead, if they are not more than `MAX_BODY` bytes; what it sends beyond
them is not read.
"""

IDLE: Final = 30.0
"""Seconds that a request's header may take to arrive, and that a connection may be idle."""

LINGER: Final = 2.0
"""Seconds in which a client that was refused may go on sending, so that it gets to read why."""

SMALL: Final = 1 << 16
"""Bytes of a body that are copied to go out with their header."""

METHOD: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ ")
ABSOLUTE: Final = re.compile(r"(?i:(https?)://)([^/?#]*)")
PHRASES: Final = {int(status): status.phrase for status in HTTPStatus}
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
NEVER: Final = float("inf")


class CutError(Exception):
    """An answer will not arrive whole; the word is how that is counted: `slow`, or `gone`."""


class Incoming:
    """A request: `path` is decoded, `query_string` is not; the names of `headers` are in lower case, and the
    values of a field that came several times have commas between them.

    `authority` is the host that the request's target names, if it does; `last` is whether the connection
    ends with it; `size` are the bytes it has, about.
    """

    __slots__ = (
        *("authority", "body", "headers", "last", "method", "path", "query_string", "size", "target"),
        "version",
    )

    def __init__(self) -> None:
        self.method = self.path = ""
        self.target = self.query_string = b""
        self.version = "1.1"
        self.headers: dict[str, str] = {}
        self.authority: str | None = None
        self.body = b""
        self.last = False
        self.size = 0


class Handler(Protocol):
    """Who answers requests: each by one call of `respond`, or of `begin`, `send` and `end`."""

    def serve(self, request: Incoming, connection: Connection) -> None:
        """Answer a request, now or later."""
        ...

    def refuse(self, request: Incoming, connection: Connection, error: Her2kgError) -> None:
        """Answer what is no request, or one that is not read to its end."""
        ...


class Connection(asyncio.Protocol):
    """One connection; `patience` is how many seconds a body may take to arrive, and an answer to be taken.

    `others` are all that are open: this one is among them as long as it is, and beyond `most` of them it is
    told to come back later. `gone` is called if the client goes away before it has its answer. `address`
    is the client's, `local` the address and the port it came to.
    """

    def __init__(
        self,
        handler: Handler,
        loop: asyncio.AbstractEventLoop,
        patience: float,
        others: set[Connection],
        most: int,
    ) -> None:
        self._handler, self._loop, self._patience = handler, loop, patience
        self._others, self._most = others, most
        self._parser: httptools.HttpRequestParser | None = httptools.HttpRequestParser(self)
        self._coming: Incoming | None = None  # what is being read
        self._stage = 0  # counts how far reading has come: `_fed` are the bytes since
        self._fed = self._fields = 0
        self._ahead = 0  # bytes of what waits
        self._body: bytearray | None = None  # from the end of the header on
        self._expects = self._skipped = False
        self._deaf = False  # nothing more is read
        self._waiting: deque[tuple[Incoming, Her2kgError | None]] = deque()
        self._current: Incoming | None = None  # what is being answered
        self._refused = False  # and whether it was not read to its end
        self._paused = self._lost = False
        self._drained: asyncio.Future[None] | None = None
        self._deadline, self._ticks_at = NEVER, NEVER
        self._timer: asyncio.TimerHandle | None = None
        self.gone: Callable[[], object] | None = None
        self.address, self.local = "", ("", 0)

    # The connection.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self._transport = cast("asyncio.Transport", transport)
        self.address = (transport.get_extra_info("peername") or ("",))[0]
        self.local = (transport.get_extra_info("sockname") or self.local)[:2]
        self._within(IDLE)
        self._others.add(self)
        if len(self._others) > self._most:
            self._refuse(
                StoreUnavailable(
                    f"This server has {self._most:,} connections, and takes no more.", mend="Try again later."
                )
            )
            self._next()

    def connection_lost(self, _: Exception | None) -> None:
        """The client has gone away, or the connection was ended here."""
        self._lost = self._deaf = True
        self._others.discard(self)
        self._waiting.clear()
        self._parser = None  # it knows this object
        if self._timer is not None:
            self._timer.cancel()
        if (gone := self.gone) is not None:
            self.gone = None
            gone()

    def close(self) -> None:
        """End the connection as soon as what is being answered has gone out."""
        self._deaf = True
        self._waiting.clear()
        if self._current is None:
            self._transport.close()
        else:
            self._current.last = True

    def abort(self) -> None:
        """End the connection at once: what has not been sent never will be."""
        self._transport.abort()

    # Time.

    def _within(self, seconds: float) -> None:
        """Something has to happen in time, instead of what had to happen before."""
        now = self._loop.time()
        self._deadline = now + seconds
        if self._deadline < self._ticks_at:
            if self._timer is not None:
                self._timer.cancel()
            self._tick_in(seconds, now)

    def _rest(self) -> None:
        """Nothing has to happen in time, but that the client takes its last answer."""
        if self._paused and self._current is None:
            self._within(self._patience)
        else:
            self._deadline = NEVER

    def _tick_in(self, seconds: float, now: float) -> None:
        self._ticks_at = now + seconds
        self._timer = self._loop.call_later(seconds, self._tick)

    def _tick(self) -> None:
        now = self._loop.time()
        left = self._deadline - now
        if left <= 0.001:
            self._deadline = NEVER
            self._expire()
            left = self._deadline - now
        if not self._lost:
            self._tick_in(max(0.001, min(left, IDLE)), now)

    def _expire(self) -> None:
        if self._deaf or (self._paused and self._current is None):
            self._transport.abort()
        elif self._coming is None:
            self._transport.close()
            self._deaf = True
            self._within(LINGER)
        else:
            what = "header" if self._body is None else "body"
            seconds = IDLE if self._body is None else self._patience
            self._refuse(
                RequestTimeout(
                    f"The request's {what} had not arrived after {seconds:g} seconds.",
                    mend="Send it in one go.",
                )
            )
            self._next()

    # What comes.

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._deaf or self._parser is None:
            return
        stage = self._stage
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._stay(data[upgrade.args[0] :])
        except httptools.HttpParserCallbackError as error:
            if isinstance(error.__context__, Her2kgError):
                self._refuse(error.__context__)
            else:
                log.exception("a request could not be read")
                self._transport.abort()
        except httptools.HttpParserError as error:
            self._malformed(error, data if self._stage == stage + 1 else b"")
        if stage != self._stage:
            self._fed = 0
        elif not self._deaf:
            self._fed += len(data)
            if self._fed > MAX_HEADER + MAX_ADDRESS:  # fields, or what chunks have around and behind them
                self._refuse(_too_much_header())
        if self._waiting and self._current is None:
            self._next()

    def _stay(self, rest: bytes) -> None:
        """Go on as if another protocol had not been asked for; the parser has gone over to that already."""
        if self._coming is None and self._waiting[-1][0].method == "CONNECT":
            self._deaf = self._waiting[-1][0].last = True
            return
        reader: object = self
        if self._skipped:  # the parser thinks that the body is of the other protocol
            reader, self._skipped = _Rest(self), False
        self._parser = httptools.HttpRequestParser(reader)
        if reader is not self:
            headers = cast("Incoming", self._coming).headers
            length = headers.get("content-length")
            framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
            self._parser.feed_data(f"POST / HTTP/1.1\r\n{framing}\r\nConnection: close\r\n\r\n".encode())
        if rest:
            self.data_received(rest)

    def _malformed(self, error: Exception, beginning: bytes) -> None:
        if self._coming is None and self._waiting and self._waiting[-1][0].last:
            self._deaf = True  # it comes after what was said to be the last
        elif isinstance(error, httptools.HttpParserInvalidMethodError) and METHOD.match(beginning):
            self._refuse(
                MethodUnknown("There is no such method here.", mend="Ask by GET, HEAD, POST or OPTIONS.")
            )
        else:
            self._refuse(
                RequestError(f"What came is no request of HTTP/1.1: {error}.", mend="Send one that is.")
            )

    def on_message_begin(self) -> None:
        """A request begins."""
        self._coming, self._body = Incoming(), None
        self._fields = 0
        self._stage += 1
        self._within(IDLE)

    def on_url(self, piece: bytes) -> None:
        """A piece of its target."""
        coming = cast("Incoming", self._coming)
        coming.target += piece
        if len(coming.target) > MAX_ADDRESS:
            raise AddressTooLong(
                f"The address has more than {MAX_ADDRESS:,} bytes.", mend="Send the query by POST."
            )

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header field, or one that follows the chunks of a body: those are not wanted."""
        if self._body is not None:
            return
        coming = cast("Incoming", self._coming)
        self._fields += 1
        coming.size += len(name) + len(value)
        if self._fields > MAX_FIELDS or coming.size > MAX_HEADER:
            raise _too_much_header()
        headers = coming.headers
        key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t")
        if key in headers:
            if key == "host":
                raise RequestError("The request has two Host fields.", mend="Send one.")
            text = f"{headers[key]}, {text}"
        headers[key] = text

    def on_headers_complete(self) -> None:
        """The header is there; whether there is a body is known now."""
        coming, parser = cast("Incoming", self._coming), cast("httptools.HttpRequestParser", self._parser)
        self._stage += 1
        self._body = bytearray()
        coming.method = parser.get_method().decode("latin-1")
        coming.version = parser.get_http_version()
        coming.last = not parser.should_keep_alive()
        headers = coming.headers
        if coming.version not in {"1.1", "1.0"}:
            raise RequestError("What came is of another version of HTTP.", mend="Send HTTP/1.1 or HTTP/1.0.")
        _read_target(coming)
        if "host" not in headers and coming.version == "1.1":
            raise RequestError("The request has no Host field.", mend="Send the host that you are asking.")
        length = headers.get("content-length")
        if length is not None and int(length.lstrip("0") or "0") > MAX_BODY:
            raise _too_much_body()
        coding = headers.get("transfer-encoding")
        if coding is not None and (coding.lower() != "chunked" or coming.version == "1.0"):
            raise RequestError(
                "The request's body is of another coding than chunked, or chunked in HTTP/1.0.",
                mend="Send it with its length.",
            )
        if length not in {None, "0"} or coding is not None:
            self._within(self._patience)
            self._skipped = parser.should_upgrade()
            coming.last |= self._skipped
            if headers.get("expect", "").lower() == "100-continue" and coming.version == "1.1":
                self._expects = True
                self._go_on()

    def on_body(self, piece: bytes) -> None:
        """A piece of the body."""
        self._stage += 1
        body = cast("bytearray", self._body)
        body += piece
        if len(body) > MAX_BODY:
            raise _too_much_body()

    def on_message_complete(self) -> None:
        """The request is there."""
        if self._skipped:
            return
        coming = cast("Incoming", self._coming)
        if self._body:
            coming.body = bytes(self._body)
        self._coming = self._body = None
        self._expects = False
        self._stage += 1
        self._rest()
        if not self._deaf:
            self._waiting.append((coming, None))
            coming.size += len(coming.target) + len(coming.body)
            self._ahead += coming.size
            if len(self._waiting) >= MAX_WAITING or (self._ahead > MAX_BODY and len(self._waiting) > 1):
                self._deaf = coming.last = True

    def _go_on(self) -> None:
        """Tell a client that waits for it to send its body, unless an earlier answer is due."""
        if self._expects and self._current is None and not self._waiting:
            self._expects = False
            self._transport.write(CONTINUE)

    def _refuse(self, error: Her2kgError) -> None:
        """What is being read will not do; it is told when its turn comes, and nothing more is read."""
        if self._deaf:
            return  # the client was told, or will be, that an earlier request is the last
        refused, self._coming, self._body = self._coming or Incoming(), None, None
        refused.last = self._deaf = True
        self._rest()
        self._waiting.append((refused, error))

    # What goes.

    def _next(self) -> None:
        """Have the next request answered, if that may be."""
        if self._current is not None or self._paused or self._lost or not self._waiting:
            return
        request, error = self._waiting.popleft()
        self._ahead -= request.size if error is None else 0
        self._current, self._refused = request, error is not None
        if self._coming is None:
            self._deadline = NEVER
        if error is None:
            self._handler.serve(request, self)
        else:
            self._handler.refuse(request, self, error)

    def respond(self, status: int, fields: Fields, body: bytes, length: int | None = None) -> bool:
        """Answer the request whole; False where nobody is there any more.

        Where a request wants the header alone, `length` is that of the body it would have; None where that
        is not known.
        """
        if self._lost or self._current is None:
            return False
        if status in {204, 304}:
            body, length = b"", None
        elif self._current.method == "HEAD":
            body = b""
        else:
            length = len(body)
        head = self._head(status, fields, length)
        if len(body) < SMALL:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._transport.write(body)
        self.end()
        return True

    def begin(self, status: int, fields: Fields, length: int) -> bool:
        """Begin an answer whose body of `length` bytes follows; False where nobody is there any more."""
        if self._lost or self._current is None:
            return False
        self._transport.write(self._head(status, fields, length))
        return True

    async def send(self, piece: bytes) -> None:
        """Send a piece of the body, and wait until the client has taken nearly all of it.

        CutError where it has gone away, or does not take it in `patience` seconds.
        """
        if self._lost:
            raise CutError("gone")
        self._transport.write(piece)
        if not self._paused:
            return
        self._drained = self._loop.create_future()
        try:
            async with asyncio.timeout(self._patience):
                await self._drained
        except TimeoutError:
            self._transport.abort()
            raise CutError("slow") from None
        finally:
            self._drained = None

    def end(self) -> None:
        """The answer has been given."""
        ended, self._current, self.gone = self._current, None, None
        if self._lost or ended is None:
            return
        if ended.last:
            self._finish()
        elif self._paused:
            self._within(self._patience)
        elif self._waiting:
            self._loop.call_soon(self._next)
        elif self._coming is None:
            self._within(IDLE)
        else:
            self._go_on()

    def _finish(self) -> None:
        """Close the connection; who may still be sending is heard out for a while, and gets to read why."""
        lingering = self._refused or self._deaf
        self._deaf = True
        self._waiting.clear()
        unsent = self._transport.get_write_buffer_size()
        self._within(LINGER if lingering and not unsent else self._patience)
        if lingering:
            with suppress(OSError):  # it has gone away this moment
                self._transport.write_eof()
        else:
            self._transport.close()

    def pause_writing(self) -> None:
        """The client is behind."""
        self._paused = True
        if self._current is None:
            self._within(self._patience)

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._paused = False
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        if self._current is None and not self._deaf:
            self._within(IDLE if self._body is None else self._patience)
        self._next()
        self._go_on()

    def _head(self, status: int, fields: Fields, length: int | None) -> bytes:
        """The beginning of an answer; ValueError for fields that are none."""
        request = cast("Incoming", self._current)
        lines = [f"{name}: {value}\r\n" for name, value in fields]
        lines.append(_date(int(time.time())))
        if length is not None:
            lines.append(f"Content-Length: {length}\r\n")
        if request.last:
            lines.append("Connection: close\r\n")
        elif request.version == "1.0":
            lines.append("Connection: keep-alive\r\n")
        text = "".join(lines)
        if text.count("\n") != len(lines) or text.count("\r") != len(lines):
            raise ValueError("a header field of several lines")
        return f"HTTP/1.1 {status} {PHRASES.get(status, '')}\r\n{text}\r\n".encode("latin-1")


class _Rest:
    """Reads the body of a request whose header has been read by another parser."""

    def __init__(self, connection: Connection) -> None:
        self.on_body, self.on_message_complete = connection.on_body, connection.on_message_complete


@lru_cache(maxsize=1)
def _date(now: int) -> str:
    """The Date field of a second."""
    return f"Date: {formatdate(now, usegmt=True)}\r\n"


def _read_target(coming: Incoming) -> None:
    """Read a target in any of its forms: a path, a whole address, `*`, or the host of CONNECT."""
    target = coming.target.decode("latin-1")
    if (match := ABSOLUTE.match(target)) is not None:
        coming.authority = match[2]
        target = target[match.end() :]
    path, _, query_string = target.partition("?")
    coming.query_string = query_string.encode("latin-1")
    raw = path.encode("latin-1") or b"/"
    coming.path = (unquote_to_bytes(raw) if "%" in path else raw).decode("utf-8", "surrogateescape")


def _too_much_header() -> HeaderTooLarge:
    return HeaderTooLarge(
        f"The request's header has more than {MAX_FIELDS} fields or {MAX_HEADER:,} bytes.", mend="Send less."
    )


def _too_much_body() -> QueryTooLarge:
    return QueryTooLarge(
        f"The request's body would exceed {MAX_BODY:,} bytes.", mend="Send several smaller requests."
    )
