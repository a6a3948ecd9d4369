"""What the endpoint sends: an answer, that it has not changed, or an error; compressed where wanted."""

from __future__ import annotations

import gzip
import json
import re
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import zstandard

import server
from graph.errors import StoreUnavailable, TooManyQueries
from graph.store.federation import calls_out
from server.errors import RETRY_SECONDS, fault, problem
from server.negotiation import PROBLEM, qualities
from server.visits import NAME, digest, outcome

if TYPE_CHECKING:
    from mmap import mmap

    from graph.errors import Her2kgError
    from graph.store import Answer
    from server.sparql.protocol import Fields, Question, Request

Headers = tuple[tuple[str, str], ...]

SECURITY: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)
CORS: Final = (*server.CORS.items(),)
METHODS: Final = "GET, HEAD, POST, OPTIONS"
PREFLIGHT: Final = (
    ("Allow", METHODS),
    ("Access-Control-Allow-Methods", METHODS),
    ("Access-Control-Allow-Headers", "Accept, Content-Type, If-None-Match, X-Request-Id"),
    ("Access-Control-Max-Age", "86400"),
)
VARY: Final = ("Vary", "Accept, Accept-Encoding")
ENCODINGS: Final[dict[str, Headers]] = {
    name: (("Content-Encoding", name),) if name else () for name in ("", "gzip", "zstd")
}

WORDS: Final = ("NOW", "RAND", "UUID", "BNODE")
CHANGING: Final = re.compile(r"\b(NOW|RAND|UUID|STRUUID|BNODE)\b", re.IGNORECASE)
"""Functions whose answer differs each time: a query that may use one has no validator."""

COMPRESSED_FROM: Final = 1024
"""Bytes from which on an answer is compressed for who takes that."""

GZIP_LEVEL: Final = 4
ZSTD_LEVEL: Final = 3


class Reply(NamedTuple):
    """A response: the status, its headers (no length, no validator), the body; `etag` is the validator, if
    there is one, `encoding` how the body is compressed.

    `query` is the hash of the query it answers, `outcome` the word for how that ended: see `server.visits`.
    `shared` is whether it is the same for every host that the server is asked as. `rows` are those of the
    answer, where they are known.
    """

    status: int
    headers: Headers
    body: bytes | mmap = b""
    etag: str | None = None
    query: str = ""
    outcome: str = ""
    shared: bool = True
    rows: int | None = None
    encoding: str = ""

    @property
    def own(self) -> Headers:
        """The headers that no other reply of its kind has."""
        if self.etag is None:
            return ENCODINGS[self.encoding]
        tag = f"{self.etag}-{self.encoding}" if self.encoding else self.etag
        return (("ETag", f'"{tag}"'), *ENCODINGS[self.encoding])


def answered(answer: Answer, question: Question, published: float) -> Reply:
    """A complete answer; `published` is when its snapshot was, in seconds since 1970."""
    name = _named(question)
    validator = etag(answer.version, question, name)
    headers = _headers(answer.media_type, None if validator is None else published)
    return Reply(200, headers, answer.content, validator, name[:NAME], "", True, answer.rows)


def unchanged(version: str, question: Question, request: Request, published: float) -> Reply | None:
    """304 where the client has the answer already; None where it must be asked for."""
    if not request.reads or not conditional(request.headers):
        return None
    validator = etag(version, question)
    if validator is None or not has(request, validator, published):
        return None
    media_type = question.solutions or question.triples or ""
    return Reply(304, _headers(media_type, published), b"", validator, _named(question)[:NAME])


def failed(error: Her2kgError) -> Reply:
    """An error as problem details."""
    body = json.dumps(problem(error), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    retry: Headers = ()
    if isinstance(error, StoreUnavailable | TooManyQueries):
        retry = (("Retry-After", str(RETRY_SECONDS)),)
    headers = (("Content-Type", PROBLEM), ("Cache-Control", "no-store"), VARY, *retry, *CORS, *SECURITY)
    return Reply(int(error.status), headers, body, outcome=outcome(error))


def broken(name: str) -> Reply:
    """A fault of ours, over the request of this id."""
    body = json.dumps(fault(name)).encode() + b"\n"
    headers = (("Content-Type", PROBLEM), ("Cache-Control", "no-store"), VARY, *CORS, *SECURITY)
    return Reply(500, headers, body, outcome="error")


def preflight() -> Reply:
    """Scripts of any site may ask: everything here is public."""
    return Reply(204, (*PREFLIGHT, *CORS, *SECURITY))


def etag(version: str, question: Question, name: str = "") -> str | None:
    """The strong validator of an answer: it changes with the data, the query, its graphs and the formats.

    The engine works the same way each time, so an answer has the same bytes each time. What rests on other
    endpoints changes when they like, and has none. `name` is the query's `server.visits.digest`, if that is
    known.
    """
    query = question.query
    if query is None or changing(query):
        return None
    return (name or digest(query)) + _context(version, question[1:])


def _named(question: Question) -> str:
    return digest(question.query) if question.query else ""


@lru_cache(maxsize=16)
def _context(version: str, rest: tuple[object, ...]) -> str:
    """A hash of what an answer depends on beside the query's text."""
    return digest(repr((version, rest)))


def changing(query: str) -> bool:
    """Whether a query may be answered differently each time; one with escapes may hide that it does."""
    raised = query.upper()
    if "\\U" in raised:
        return True
    for word in WORDS:
        if word in raised and CHANGING.search(query) is not None:
            return True
    return "SERVICE" in raised and calls_out(query)


def conditional(headers: Fields) -> bool:
    """Whether a request asks for nothing when it has the answer already."""
    return bool(headers.get("if-none-match") or headers.get("if-modified-since"))


def has(request: Request, validator: str, published: float) -> bool:
    """Whether the client says that it has this answer (in whatever encoding) already."""
    if tags := request.headers.get("if-none-match"):
        return tags.strip() == "*" or any(
            tag.strip().removeprefix("W/").strip('"').partition("-")[0] == validator
            for tag in tags.split(",")
        )
    if since := request.headers.get("if-modified-since"):
        try:
            return parsedate_to_datetime(since).timestamp() >= int(published)
        except (ValueError, OverflowError):
            return False
    return False


def compressed(reply: Reply, accept_encoding: str | None) -> Reply:
    """The reply in the encoding the client likes best: zstd, gzip or none."""
    if not accept_encoding or reply.status != 200 or len(reply.body) < COMPRESSED_FROM:
        return reply
    wanted = qualities(accept_encoding)
    best = max(("zstd", "gzip"), key=lambda name: wanted.get(name, wanted.get("*", 0.0)))
    quality = wanted.get(best, wanted.get("*", 0.0))
    if quality <= 0 or quality < wanted.get("identity", 0.0):
        return reply
    if best == "zstd":
        body = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(memoryview(reply.body))
    else:
        body = gzip.compress(reply.body, GZIP_LEVEL, mtime=0)
    return reply._replace(body=body, encoding=best)


def content_type(media_type: str) -> str:
    """A media type as the header has it: text says its charset."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


@lru_cache(maxsize=64)
def _headers(media_type: str, published: float | None) -> Headers:
    """The headers that all answers of a format have; with a date, those of what may be kept."""
    kept: Headers = (("Cache-Control", "no-store"),)
    if published is not None:
        kept = (("Cache-Control", "public, no-cache"), ("Last-Modified", formatdate(published, usegmt=True)))
    return (("Content-Type", content_type(media_type)), *kept, VARY, *CORS, *SECURITY)
