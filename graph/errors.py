"""Everything that can go wrong with somebody's input, as facts; `server` and the command line render them.

Each error says what is wrong, where, and how to mend it; its class says which HTTP status it is and,
for the command line, whether the input (exit code 1) or the call (2) was wrong.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar


class Her2kgError(Exception):
    """The root: `what` is wrong, `where` (a file, a node, a place in a query), how to `mend` it."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    exit_code: ClassVar[int] = 1
    title: ClassVar[str] = "That did not work"

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.mend = mend

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f" {self.mend}" if self.mend else "")


class UsageError(Her2kgError):
    """The command was called in a way it does not know."""

    exit_code = 2
    title = "Wrong usage"


class DocumentError(Her2kgError):
    """A document cannot be read: it is missing, empty, binary, not UTF-8 or too large."""

    title = "A document could not be read"


class DataError(Her2kgError):
    """RDF (or another data file) cannot be parsed; `where` has the file, line and column."""

    title = "The data could not be read"


class BuildError(Her2kgError):
    """A build stopped before anything was published."""

    title = "The build stopped"


class Inconsistent(BuildError):
    """The reasoner found a contradiction; `culprits` are the axioms and statements it rests on."""

    title = "The knowledge contradicts itself"

    def __init__(self, what: str, *, culprits: tuple[str, ...] = (), where: str = "", mend: str = "") -> None:
        super().__init__(what, where=where, mend=mend)
        self.culprits = culprits


class SnapshotError(Her2kgError):
    """A snapshot is missing, damaged or written by another version."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The published data cannot be opened"


class StoreUnavailable(Her2kgError):
    """The store does not answer at the moment (workers restarting, a remote service away)."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The store does not answer"


class TooManyQueries(Her2kgError):
    """One client has as many queries waiting or running long as it may have; its others go on."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many queries at once"


class NotFound(Her2kgError):
    """There is nothing under that address."""

    status = HTTPStatus.NOT_FOUND
    title = "Not found"


class NotAcceptable(Her2kgError):
    """None of the formats the client accepts can carry the answer."""

    status = HTTPStatus.NOT_ACCEPTABLE
    title = "No format in common"


class UnsupportedMediaType(Her2kgError):
    """The request's body is of a kind this address does not take."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "Unsupported media type"


class RequestError(Her2kgError):
    """What a client sent is no request of HTTP as it is spoken here."""

    title = "That is no HTTP request"


class MethodUnknown(RequestError):
    """A request has a method that HTTP does not know."""

    status = HTTPStatus.NOT_IMPLEMENTED
    title = "Unknown method"


class AddressTooLong(RequestError):
    """The address that a request names is longer than the limit."""

    status = HTTPStatus.REQUEST_URI_TOO_LONG
    title = "The address is too long"


class HeaderTooLarge(RequestError):
    """A request has more header fields, or larger ones, than the limit."""

    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    title = "The header is too large"


class RequestTimeout(Her2kgError):
    """The request did not arrive in the time there is for it."""

    status = HTTPStatus.REQUEST_TIMEOUT
    title = "The request came too slowly"


class QueryError(Her2kgError):
    """A SPARQL query is malformed; `line` and `column` count from 1, None where the engine gave none."""

    title = "The query has an error"

    def __init__(
        self, what: str, *, line: int | None = None, column: int | None = None, mend: str = ""
    ) -> None:
        where = f"line {line}, column {column}" if line is not None else ""
        super().__init__(what, where=where, mend=mend)
        self.line = line
        self.column = column


class QueryRefused(QueryError):
    """A query asks for something this endpoint never does: an update, SERVICE, LOAD, an unknown graph."""

    title = "The query is not allowed here"


class QueryTimeout(Her2kgError):
    """A query ran into its deadline; nothing of its result is returned."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    title = "The query took too long"


class QueryTooLarge(Her2kgError):
    """A query, or its result, is larger than the limit; nothing of its result is returned."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "Too large"


class QueryOutOfMemory(Her2kgError):
    """A query needed more memory than it may have; nothing of its result is returned."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The query needed too much memory"


class ServiceFailed(Her2kgError):
    """Another endpoint, which a query calls by SERVICE, did not answer properly."""

    status = HTTPStatus.BAD_GATEWAY
    title = "Another endpoint did not answer"


class ServiceTimeout(Her2kgError):
    """Another endpoint, which a query calls by SERVICE, did not answer in time."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    title = "Another endpoint did not answer in time"
