"""Requests of HTTP/1.1 and 1.0, out of the bytes of a connection, within bounds.

The parser is that of Node.js (llhttp), strict as it comes.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from typing import Final, cast
from urllib.parse import unquote_to_bytes

import httptools

from graph.errors import (
    AddressTooLong,
    HeaderTooLarge,
    Her2kgError,
    MethodUnknown,
    QueryTooLarge,
    RequestError,
)
from server import MAX_BODY

log = logging.getLogger(__name__)

MAX_ADDRESS: Final = 1 << 16
MAX_HEADER: Final = 400 << 10
"""Bytes of a request's target, and of all its header fields."""

MAX_FIELDS: Final = 100
"""Header fields of a request."""

MAX_WAITING: Final = 64
"""Requests that a client may send ahead, if they are not more than `MAX_BODY` bytes; what it sends beyond
them is not read.
"""

METHOD: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ ")
ABSOLUTE: Final = re.compile(r"(?i:(https?)://)([^/?#]*)")


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


class Reader:
    """Reads the requests of one connection; what is there waits until it is taken.

    `coming` is the request that is being read, `body` what there is of its body, None before its header is
    whole; `expects` is whether the client waits to be told to send that. `deaf` is whether nothing more is
    read: what waits then is the last. `stage` counts beginnings and ends of headers and requests.
    """

    def __init__(self) -> None:
        self.coming: Incoming | None = None
        self.body: bytearray | None = None
        self.expects = self.deaf = False
        self.stage = 0
        self._parser: httptools.HttpRequestParser | None = httptools.HttpRequestParser(self)
        self._fed = self._fields = 0  # bytes since there was something new, and header fields
        self._new = self._skipped = False
        self._waiting: deque[tuple[Incoming, Her2kgError | None]] = deque()
        self._ahead = 0  # bytes of what waits

    def __bool__(self) -> bool:
        """Whether something waits to be answered."""
        return bool(self._waiting)

    def take(self) -> tuple[Incoming, Her2kgError | None]:
        """What waits longest: a request, or what is none, and why."""
        request, error = self._waiting.popleft()
        self._ahead -= request.size if error is None else 0
        return request, error

    def stop(self) -> None:
        """Read no more, and forget what waits."""
        self.deaf = True
        self._waiting.clear()

    def close(self) -> None:
        """Be of no more use."""
        self.stop()
        self._parser = None  # it knows this object

    def refuse(self, error: Her2kgError) -> None:
        """What is being read will not do; nothing more is read after it."""
        if self.deaf:
            return  # an earlier request is the last already
        refused, self.coming, self.body = self.coming or Incoming(), None, None
        refused.last = self.deaf = True
        self.stage += 1
        self._waiting.append((refused, error))

    def feed(self, data: bytes) -> None:
        """Read on."""
        if self.deaf or self._parser is None:
            return
        stage, self._new = self.stage, False
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._stay(data[upgrade.args[0] :])
        except httptools.HttpParserCallbackError as error:
            if isinstance(error.__context__, Her2kgError):
                self.refuse(error.__context__)
            else:
                log.exception("a request could not be read")
                self.refuse(RequestError("The request could not be read.", mend="Send another."))
        except httptools.HttpParserError as error:
            self._malformed(error, data if self.stage == stage + 1 else b"")
        if self._new:
            self._fed = 0
        else:
            self._fed += len(data)
            if self._fed > MAX_HEADER + MAX_ADDRESS:  # fields, or what chunks have around and behind them
                self.refuse(_too_much_header())

    def _stay(self, rest: bytes) -> None:
        """Go on as if another protocol had not been asked for; the parser has gone over to that already."""
        if self.coming is None and self._waiting[-1][0].method == "CONNECT":
            self.deaf = self._waiting[-1][0].last = True
            return
        if self._skipped:  # the parser thinks that the body is of the other protocol
            self._skipped = False
            headers = cast("Incoming", self.coming).headers
            length = headers.get("content-length")
            framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
            self._parser = httptools.HttpRequestParser(_Body(self))
            self._parser.feed_data(f"POST / HTTP/1.1\r\n{framing}\r\nConnection: close\r\n\r\n".encode())
        else:
            self._parser = httptools.HttpRequestParser(self)
        if rest:
            self.feed(rest)
        self._new = True

    def _malformed(self, error: Exception, beginning: bytes) -> None:
        if self.coming is None and self._waiting and self._waiting[-1][0].last:
            self.deaf = True  # it comes after what was said to be the last
        elif isinstance(error, httptools.HttpParserInvalidMethodError) and METHOD.match(beginning):
            self.refuse(
                MethodUnknown("There is no such method here.", mend="Ask by GET, HEAD, POST or OPTIONS.")
            )
        else:
            self.refuse(
                RequestError(f"What came is no request of HTTP/1.1: {error}.", mend="Send one that is.")
            )

    def on_message_begin(self) -> None:
        """A request begins."""
        self.coming, self.body = Incoming(), None
        self._fields = 0
        self.stage += 1
        self._new = True

    def on_url(self, piece: bytes) -> None:
        """A piece of its target."""
        coming = cast("Incoming", self.coming)
        coming.target += piece
        if len(coming.target) > MAX_ADDRESS:
            raise AddressTooLong(
                f"The address has more than {MAX_ADDRESS:,} bytes.", mend="Send the query by POST."
            )

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header field, or one that follows the chunks of a body: those are not wanted."""
        if self.body is not None:
            return
        coming = cast("Incoming", self.coming)
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
        coming, parser = cast("Incoming", self.coming), cast("httptools.HttpRequestParser", self._parser)
        self.stage += 1
        self._new = True
        self.body = bytearray()
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
            self._skipped = parser.should_upgrade()
            coming.last |= self._skipped
            self.expects = headers.get("expect", "").lower() == "100-continue" and coming.version == "1.1"

    def on_body(self, piece: bytes) -> None:
        """A piece of the body."""
        self._new = True
        body = cast("bytearray", self.body)
        body += piece
        if len(body) > MAX_BODY:
            raise _too_much_body()

    def on_message_complete(self) -> None:
        """The request is there."""
        if self._skipped:
            return
        coming = cast("Incoming", self.coming)
        if self.body:
            coming.body = bytes(self.body)
        self.coming = self.body = None
        self.expects = False
        self.stage += 1
        self._new = True
        if not self.deaf:
            self._waiting.append((coming, None))
            coming.size += len(coming.target) + len(coming.body)
            self._ahead += coming.size
            if len(self._waiting) >= MAX_WAITING or (self._ahead > MAX_BODY and len(self._waiting) > 1):
                self.deaf = coming.last = True


class _Body:
    """Reads the body of a request whose header has been read by another parser."""

    def __init__(self, reader: Reader) -> None:
        self.on_body, self.on_message_complete = reader.on_body, reader.on_message_complete


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
