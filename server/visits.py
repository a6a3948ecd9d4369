"""One request on its way through the server: what it asks, what it was answered, under which name.

A visit stands before the connection: whatever answers, the answer has the request's id, and its status and
length are known.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import secrets
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from graph.errors import (
    AddressTooLong,
    HeaderTooLarge,
    Her2kgError,
    NotAcceptable,
    NotFound,
    QueryError,
    QueryOutOfMemory,
    QueryRefused,
    QueryTimeout,
    QueryTooLarge,
    RequestError,
    RequestTimeout,
    ServiceFailed,
    ServiceTimeout,
    SnapshotError,
    StoreUnavailable,
    TooManyQueries,
    UnsupportedMediaType,
)
from server import proxies

if TYPE_CHECKING:
    from server.connection import Connection
    from server.reading import Incoming
    from server.writing import Fields

OUTCOMES: Final[dict[type[Her2kgError], str]] = {
    QueryRefused: "refused",
    QueryError: "syntax",
    QueryTimeout: "timeout",
    QueryOutOfMemory: "memory",
    QueryTooLarge: "too_large",
    TooManyQueries: "too_many",
    StoreUnavailable: "busy",
    SnapshotError: "unavailable",
    NotAcceptable: "not_acceptable",
    UnsupportedMediaType: "unsupported",
    NotFound: "not_found",
    RequestTimeout: "slow",
    AddressTooLong: "too_large",
    HeaderTooLarge: "too_large",
    RequestError: "malformed",
    ServiceFailed: "service",
    ServiceTimeout: "service",
    Her2kgError: "usage",
}
"""How a request that met an error ended; the first class that fits counts."""

BY_STATUS: Final = {
    0: "gone",
    304: "unchanged",
    400: "usage",
    404: "not_found",
    405: "method",
    406: "not_acceptable",
    408: "slow",
    413: "too_large",
    414: "too_large",
    415: "unsupported",
    429: "too_many",
    431: "too_large",
    500: "error",
    502: "service",
    503: "busy",
    504: "timeout",
}
"""How a request ended of which only the status is known; 0 is that nothing was sent any more."""

ROUTES: Final = frozenset(
    {
        *("sparql", "release", "id", "page", "data", "ontology", "browse", "document", "explain", "search"),
        *("health", "metrics", "static", "openapi.json", "api"),
    }
)
"""The first parts of addresses that are counted each by itself; all others are `other`."""

ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,63}")
"""What a client may call its request; anything else gets a name of ours."""

NAME: Final = 16
"""Hex digits by which the log names a query."""

FIELD: Final = "X-Request-Id"
ENVIRON: Final = "her2kg.visit"
"""Where a WSGI application finds the visit."""

_prefix = secrets.token_hex(4)
_numbers = itertools.count(1)


class Visit:
    """A request and what became of it; `status` is 0 until an answer is begun.

    `client`, `scheme` and `host` are those of whoever asks, by what trusted proxies say. `query` is the hash
    of the query's text, where there is one; `rows` are those of the answer, where they are counted; `outcome`
    a word of the tables above, `ok` or `cached`.
    """

    __slots__ = (
        *("began", "client", "connection", "host", "id", "length", "method", "outcome", "path", "query"),
        *("request", "route", "rows", "scheme", "seconds", "status"),
    )

    def __init__(self, request: Incoming, connection: Connection, reader: proxies.Reader | None) -> None:
        self.began = perf_counter()
        self.request, self.connection = request, connection
        self.method, self.path = request.method, request.path
        headers = request.headers
        self.host = request.authority or headers.get("host")
        self.scheme = "http"
        if reader is None:
            self.client = proxies.site(connection.address)
        else:
            origin = reader(connection.address, headers.items())
            self.client = origin.client
            self.scheme, self.host = origin.scheme or self.scheme, origin.host or self.host
        given = headers.get("x-request-id")
        if given is not None and ID.fullmatch(given):
            self.id: str = given
        else:
            self.id = f"{_prefix}{next(_numbers):08x}"
        self.route = self.query = self.outcome = ""
        self.rows: int | None = None
        self.status = self.length = 0
        self.seconds = 0.0

    def respond(
        self, status: int, headers: Fields, body: bytes = b"", length: int | None = None, own: Fields = ()
    ) -> None:
        """Answer whole; `length` is that of the body, where it is the header alone that was asked for. What
        `headers` and `own` are `server.writing` says.
        """
        if self.connection.respond(status, headers, body, length, (*own, (FIELD, self.id))):
            self.status, self.length = status, len(body) if self.method != "HEAD" else 0

    def begin(self, status: int, own: Fields, length: int) -> None:
        """Begin an answer whose body of `length` bytes follows."""
        if self.connection.begin(status, (*own, (FIELD, self.id)), length):
            self.status = status

    def asked(self, query: str | None) -> None:
        """What is asked is known now."""
        if query is not None:
            self.query = digest(query)[:NAME]

    def failed(self, error: Her2kgError) -> None:
        """What became of it is known now."""
        self.outcome = outcome(error)

    def end(self) -> None:
        """All is done: how long it took, and how it ended."""
        self.seconds = perf_counter() - self.began
        status = self.status
        if not self.route:
            first = self.path[1:].partition("/")[0]
            self.route = first if first in ROUTES else "home" if self.path == "/" else "other"
        if status == 304 or not self.outcome:
            self.outcome = BY_STATUS.get(status) or ("ok" if status < 400 else "usage")


def outcome(error: Her2kgError) -> str:
    """The word for how a request ended that met an error."""
    return next(word for kind, word in OUTCOMES.items() if isinstance(error, kind))


def digest(query: str) -> str:
    """A hash that tells queries apart without telling what they ask: 32 hex digits of BLAKE2b. `NAME` of them
    are what a query is called.
    """
    return hashlib.blake2b(query.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def of(environ: dict[str, Any]) -> Visit | None:
    """The visit that a WSGI environment belongs to; None under another server."""
    found = environ.get(ENVIRON)
    return found if isinstance(found, Visit) else None
