"""The SPARQL 1.1 Protocol: what a request asks, read from its address and body, or an error that says what is
wrong.

Nothing here knows a web framework: the application answers through Flask, or before it.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol
from urllib.parse import unquote_to_bytes

from werkzeug.http import parse_options_header

from graph.errors import NotAcceptable, QueryError, QueryRefused, UnsupportedMediaType, UsageError
from graph.store import SOLUTIONS, TRIPLES
from server.negotiation import FORMATS, HTML, choose

if TYPE_CHECKING:
    from graph.store import Options

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
MAX_PARAMETERS: Final = 200
STRAY: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
"""A percent sign that encodes nothing."""

Parameters = dict[str, list[str]]


class Fields(Protocol):
    """A request's header fields, by their names in lower case."""

    def get(self, name: str, /) -> str | None:
        """The value of a field, None where there is none."""
        ...


NONE: Final[dict[str, str]] = {}


class Request(NamedTuple):
    """A request as it came: the names of `headers` are in lower case; `client` is an address.

    `release` is the version that the path names, if it does; `url` is this endpoint's own address.
    """

    method: str
    query_string: bytes
    headers: Fields = NONE
    body: bytes = b""
    client: str = ""
    url: str = ""
    release: str | None = None

    @property
    def reads(self) -> bool:
        """Whether it is a GET or a HEAD."""
        return self.method in {"GET", "HEAD"}


class Question(NamedTuple):
    """A request as it was meant; `query` is None when none was sent.

    `solutions` and `triples` are the formats wanted for either family of results; `html` says whether a page
    is. `release` is the version of a snapshot that was asked for.
    """

    query: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    solutions: str | None
    triples: str | None
    html: bool
    release: str | None = None

    def options(self, client: str) -> Options:
        """How the store is to answer it."""
        return {
            "solutions": self.solutions,
            "triples": self.triples,
            "default_graphs": self.default_graphs,
            "named_graphs": self.named_graphs,
            "client": client,
            "release": self.release,
        }


def read(request: Request) -> Question:
    """What a GET, a form or a posted query asks.

    Raises UnsupportedMediaType, NotAcceptable, UsageError for parameters that contradict each other,
    QueryError for text that is not UTF-8, QueryRefused for an update.
    """
    parameters = parse(request.query_string, "the address")
    if request.method == "POST":
        media_type, options = parse_options_header(request.headers.get("content-type"))
        if options.get("charset", "utf-8").lower().replace("utf8", "utf-8") != "utf-8":
            raise UnsupportedMediaType(
                f"The body is said to be {options['charset']}.", mend="Send it as UTF-8."
            )
        if media_type == FORM:
            for name, values in parse(request.body, "the body").items():
                parameters.setdefault(name, []).extend(values)
        elif media_type == QUERY:
            if "query" in parameters:
                raise UsageError("There is a query in the address and another in the body.", mend="Send one.")
            parameters["query"] = [decoded(request.body, "the body")]
        elif media_type == UPDATE:
            raise QueryRefused("This endpoint answers queries and takes no updates.")
        else:
            raise UnsupportedMediaType(
                f"A body of type {media_type or '(none)'} is not understood.", mend=f"Send {QUERY} or {FORM}."
            )
    if "update" in parameters:
        raise QueryRefused("This endpoint answers queries and takes no updates.")
    solutions, triples, html = formats(single(parameters, "format"), request.headers.get("accept"))
    release = single(parameters, "release")
    if release and request.release and release != request.release:
        raise UsageError(
            f"The address names the release {request.release}, its parameter {release}.", mend="Name one."
        )
    return Question(
        query=single(parameters, "query"),
        default_graphs=tuple(parameters.get("default-graph-uri", ())),
        named_graphs=tuple(parameters.get("named-graph-uri", ())),
        solutions=solutions,
        triples=triples,
        html=html,
        release=release or request.release,
    )


@lru_cache(maxsize=512)
def formats(name: str | None, accept: str | None) -> tuple[str | None, str | None, bool]:
    """The formats for solutions and for triples, whether a page is wanted; `name` goes before `accept`."""
    if name is not None:
        media_type = FORMATS.get(name, name)
        if media_type not in FORMATS.values():
            raise UsageError(f"There is no format {name[:40]!r}.", mend=f"Take one of {', '.join(FORMATS)}.")
        if media_type == HTML:
            return SOLUTIONS["json"], TRIPLES["turtle"], True
        in_solutions, in_triples = media_type in SOLUTIONS.values(), media_type in TRIPLES.values()
        return media_type if in_solutions else None, media_type if in_triples else None, False
    if choose(accept, [*SOLUTIONS.values(), *TRIPLES.values(), HTML]) == HTML:
        return SOLUTIONS["json"], TRIPLES["turtle"], True
    solutions, triples = choose(accept, [*SOLUTIONS.values()]), choose(accept, [*TRIPLES.values()])
    if solutions is None and triples is None:
        offers = ", ".join([*SOLUTIONS.values(), *TRIPLES.values(), HTML])
        raise NotAcceptable(
            "There is no format that the Accept header takes.", mend=f"Accept one of {offers}."
        )
    return solutions, triples, False


def parse(encoded: bytes, where: str) -> Parameters:
    """The parameters of an address or a form, with all values of each."""
    found: Parameters = {}
    if encoded.count(b"&") >= MAX_PARAMETERS:
        raise UsageError(f"There are more than {MAX_PARAMETERS} parameters in {where}.")
    try:
        for pair in encoded.split(b"&"):
            if pair:
                name, _, value = pair.partition(b"=")
                found.setdefault(unquoted(name), []).append(unquoted(value))
    except UnicodeDecodeError as error:
        raise QueryError(f"The parameters in {where} are not UTF-8.", mend="Encode them as UTF-8.") from error
    return found


def unquoted(text: bytes) -> str:
    """The text of a form's field, as `urllib.parse.unquote_plus` gives it; UnicodeDecodeError for what is
    not UTF-8.

    A percent encoding is a quoted-printable one with another sign, and Python decodes that in C: 1 µs for a
    query that takes urllib 18. What is no encoding is left as it is by both, but not in the same way.
    """
    text = text.replace(b"+", b" ")
    if b"%" in text:
        if STRAY.search(text):
            text = unquote_to_bytes(text)
        else:
            text = a2b_qp(text.replace(b"=", b"=3D").replace(b"%", b"="))
    return text.decode("utf-8")


def decoded(body: bytes, where: str) -> str:
    """A query's text from its bytes."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        before = body[: error.start]
        line, column = before.count(b"\n") + 1, len(before.rpartition(b"\n")[2]) + 1
        raise QueryError(
            f"The query in {where} is not UTF-8.", line=line, column=column, mend="Encode it as UTF-8."
        ) from error


def single(parameters: Parameters, name: str) -> str | None:
    """The value of a parameter that may be given once; an empty one counts as none."""
    values = parameters.get(name, [])
    if len(values) > 1:
        raise UsageError(f"The parameter {name!r} is given {len(values)} times.", mend="Give it once.")
    return values[0] if values and values[0].strip() else None
