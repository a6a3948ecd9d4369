"""The SPARQL 1.1 Protocol: what a request asks, read from its address and body, or an error that says what is
wrong.

Nothing here knows a web framework: the application answers through Flask, or before it.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol
from urllib.parse import quote, unquote_to_bytes

from werkzeug.http import parse_options_header

from graph.errors import NotAcceptable, QueryError, QueryRefused, UnsupportedMediaType, UsageError
from graph.store import SOLUTIONS, TRIPLES
from server.negotiation import ALIASES, FORMATS, HTML, NAMES, choose

if TYPE_CHECKING:
    from graph.store import Options

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
MAX_PARAMETERS: Final = 200
STRAY: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
"""A percent sign that encodes nothing."""

OWN_DEFAULT: Final = frozenset({"urn:x-rdflib:default", "urn:x-arq:DefaultGraph", "urn:x-arq:UnionGraph"})
"""What rdflib and Jena call an endpoint's own default graph, which here is that of all graphs."""

Parameters = dict[str, list[str]]


class Fields(Protocol):
    """A request's header fields, by their names in lower case."""

    def get(self, name: str, /) -> str | None:
        """The value of a field, None where there is none."""
        ...


NONE: Final[dict[str, str]] = {}


class Request(NamedTuple):
    """A request as it came: the names of `headers` are in lower case; `client` is an address.

    `release` is the version that the path names, if it does; `site` is what this server was asked as, as in
    `https://example.org`, and `path` the endpoint's own.
    """

    method: str
    query_string: bytes
    headers: Fields = NONE
    body: bytes = b""
    client: str = ""
    site: str = ""
    path: str = "/sparql"
    release: str | None = None

    @property
    def url(self) -> str:
        """The endpoint's own address."""
        return self.site + quote(self.path)

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
    query = single(parameters, "query")
    accept = request.headers.get("accept")
    if query is not None and len(parameters) == 1:  # as most are
        return Question(query, (), (), *formats((), accept), request.release)
    solutions, triples, html = formats(tuple(parameters.get("format", ())), accept)
    release = single(parameters, "release")
    if release and request.release and release != request.release:
        raise UsageError(
            f"The address names the release {request.release}, its parameter {release}.", mend="Name one."
        )
    default_graphs = tuple(parameters.get("default-graph-uri", ()))
    named_graphs = tuple(parameters.get("named-graph-uri", ()))
    if OWN_DEFAULT.issuperset(default_graphs) and not named_graphs:
        default_graphs = ()
    return Question(
        query=query,
        default_graphs=default_graphs,
        named_graphs=named_graphs,
        solutions=solutions,
        triples=triples,
        html=html,
        release=release or request.release,
    )


@lru_cache(maxsize=512)
def formats(names: tuple[str, ...], accept: str | None) -> tuple[str | None, str | None, bool]:
    """The formats for solutions and for triples, whether a page is wanted; `names` go before `accept`."""
    if wanted := _named(names):
        if HTML in wanted:
            return SOLUTIONS["json"], TRIPLES["turtle"], True
        solutions = next((media_type for media_type in wanted if media_type in SOLUTIONS.values()), None)
        triples = next((media_type for media_type in wanted if media_type in TRIPLES.values()), None)
        return solutions, triples, False
    if choose(accept, [*SOLUTIONS.values(), *TRIPLES.values(), HTML]) == HTML:
        return SOLUTIONS["json"], TRIPLES["turtle"], True
    solutions, triples = choose(accept, [*SOLUTIONS.values()]), choose(accept, [*TRIPLES.values()])
    if solutions is None and triples is None:
        offers = ", ".join([*SOLUTIONS.values(), *TRIPLES.values(), HTML])
        raise NotAcceptable(
            "There is no format that the Accept header takes.", mend=f"Accept one of {offers}."
        )
    return solutions, triples, False


def _named(names: tuple[str, ...]) -> list[str]:
    """The media types that the values of `format` name, one of each family at most.

    Some clients give it twice, as a name and as a media type, or give a list: that is well where all agree.
    """
    wanted: list[str] = []
    for name in filter(None, (part.strip() for value in names for part in value.split(","))):
        known = NAMES.get(name) or ALIASES.get(name) or ((name,) if name in FORMATS.values() else ())
        known = tuple(media_type for media_type in known if media_type in FORMATS.values())
        if not known:
            raise UsageError(f"There is no format {name[:40]!r}.", mend=f"Take one of {', '.join(FORMATS)}.")
        wanted += [media_type for media_type in known if media_type not in wanted]
    for family in (SOLUTIONS, TRIPLES):
        if len(set(wanted) & set(family.values())) > 1:
            raise UsageError("The parameter 'format' names several formats.", mend="Name one.")
    if HTML in wanted and len(wanted) > 1:
        raise UsageError("The parameter 'format' names several formats.", mend="Name one.")
    return wanted


def parse(encoded: bytes, where: str) -> Parameters:
    """The parameters of an address or a form, with all values of each."""
    found: Parameters = {}
    pairs = encoded.split(b"&", MAX_PARAMETERS)
    if len(pairs) > MAX_PARAMETERS:
        raise UsageError(f"There are more than {MAX_PARAMETERS} parameters in {where}.")
    try:
        for pair in filter(None, pairs):
            name, _, value = pair.partition(b"=")
            known = "query" if name == b"query" else unquoted(name)
            found.setdefault(known, []).append(unquoted(value))
    except UnicodeDecodeError as error:
        raise QueryError(f"The parameters in {where} are not UTF-8.", mend="Encode them as UTF-8.") from error
    return found


def unquoted(text: bytes) -> str:
    """The text of a form's field, as `urllib.parse.unquote_plus` gives it; UnicodeDecodeError for what is
    not UTF-8.

    A percent encoding is a quoted-printable one with another sign, and Python decodes that in C: 1 µs for a
    query that takes urllib 18. What is no encoding is left as it is by both, but not in the same way.
    """
    if b"+" in text:
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
