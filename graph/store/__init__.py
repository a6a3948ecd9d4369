"""The store: what the rest of her2kg asks of the published data, whatever holds it.

Terms are pyoxigraph's (`NamedNode`, `Literal`, `BlankNode`): that is what the engine takes and gives. This
module is imported by every query worker as it starts, so it stays small.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from mmap import mmap
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol, TypedDict, Unpack

import pyoxigraph

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Node = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal
"""An RDF term that can stand in an answer or be bound to a variable."""

Form = Literal["select", "ask", "graph"]

JSON: Final = "application/sparql-results+json"
XML: Final = "application/sparql-results+xml"
CSV: Final = "text/csv"
TSV: Final = "text/tab-separated-values"
SOLUTIONS: Final[dict[str, str]] = {"json": JSON, "xml": XML, "csv": CSV, "tsv": TSV}
"""Formats of SELECT and ASK: the short name, as in `?format=`, and the media type."""

TURTLE: Final = "text/turtle"
N_TRIPLES: Final = "application/n-triples"
JSON_LD: Final = "application/ld+json"
RDF_XML: Final = "application/rdf+xml"
TRIG: Final = "application/trig"
N_QUADS: Final = "application/n-quads"
TRIPLES: Final[dict[str, str]] = {
    "turtle": TURTLE,
    "ntriples": N_TRIPLES,
    "jsonld": JSON_LD,
    "rdfxml": RDF_XML,
    "trig": TRIG,
    "nquads": N_QUADS,
}
"""Formats of CONSTRUCT and DESCRIBE: the short name and the media type."""


class Answer(NamedTuple):
    """A complete answer, serialised as `media_type`; `version` is that of the snapshot it was read from.

    `content` is bytes, or a read-only map of memory where the answer is large; both can be cut into slices.
    `rows` are those of a SELECT, or the triples of a graph, where the store counts them.
    """

    form: Form
    media_type: str
    content: bytes | mmap
    version: str = ""
    rows: int | None = None

    @property
    def body(self) -> bytes:
        """The whole answer as bytes; a large one is copied."""
        return self.content if isinstance(self.content, bytes) else self.content[:]


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that a search found: `matched` is the name, or the piece of its definition, that the words
    stand in.

    `score` is larger the better it fits; scores of different searches do not compare.
    """

    iri: str
    label: str
    kind: str
    matched: str
    score: float


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of a search's hits, best first, and how many there are in `total`."""

    total: int
    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot says of itself; `docs/architecture.md` has the form of the file."""

    version: str
    created: str
    software: str
    base: str
    quads: int
    graphs: dict[str, int]
    digests: dict[str, Any]
    statements: dict[str, dict[str, int]] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    shacl: dict[str, int] = field(default_factory=dict)
    reasoner: dict[str, float] = field(default_factory=dict)
    format: int = 1


@dataclass(frozen=True, slots=True)
class Health:
    """How a store is doing. `workers` are alive, `busy` of them answer a query, `waiting` queries
    wait.

    `network` says whether query workers are cut off from it (`denied`) or the kernel cannot do that (`open`);
    `memory` whether their memory is bounded (`limited` or `unlimited`); both are `remote` where another
    service answers, and `workers` are the places it has for queries. `problem` is empty or a sentence.
    """

    status: Literal["ok", "degraded", "down"]
    version: str
    workers: int
    busy: int
    waiting: int
    network: str
    memory: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use, and how many there may be: see `graph.store.pool` for the two lanes.

    `timeout` is in seconds from the question to the whole answer, waiting included; `memory` in MiB; the
    sizes of a query's text and of its result in bytes. `workers` processes answer, and `waiting` queries may
    wait for them, `client_waiting` of one client. `slow` long queries run at a time, and `parked` more wait
    for that; one client may have `client_slow` of both together. `endpoints` are the addresses that a query's
    SERVICE may call.
    """

    timeout: float = 30.0
    memory: int = 1024
    workers: int = 3
    waiting: int = 1024
    client_waiting: int = 512
    slow: int = 4
    parked: int = 32
    client_slow: int = 8
    query_bytes: int = 1024 * 1024
    result_bytes: int = 256 * 1024 * 1024
    endpoints: tuple[str, ...] = ()


class Options(TypedDict, total=False):
    """How a query is to be answered.

    `solutions` and `triples` are the media types for either family of results, None where the caller takes
    none. `bindings` fix variables to terms; in a SELECT such a variable must be among those projected.
    `default_graphs` and `named_graphs` (IRIs) replace the query's own FROM clauses where one is given.
    `client` is who asks, for a fair share; `release` the version of a snapshot other than the current one.
    """

    solutions: str | None
    triples: str | None
    bindings: Mapping[str, Node]
    default_graphs: Sequence[str]
    named_graphs: Sequence[str]
    client: str
    release: str | None


class Store(Protocol):
    """Published data that can be queried and searched; an answer is complete, or an error is raised."""

    @property
    def limits(self) -> Limits:
        """What one query may use."""
        ...

    async def answer(self, query: str, **options: Unpack[Options]) -> Answer:
        """Answer a SPARQL query; to be awaited in the store's event loop. Cancelling it ends the work.

        Raises a `QueryError` (`QueryRefused`), `QueryTimeout`, `QueryTooLarge`, `QueryOutOfMemory`,
        `TooManyQueries`, `NotAcceptable`, `NotFound` for an unknown release, `SnapshotError` or
        `StoreUnavailable`; where SERVICE is allowed, `ServiceFailed` or `ServiceTimeout` too.
        """
        ...

    def look_up(self, query: str, release: str | None = None) -> Answer | None:
        """The answer to a SELECT or an ASK in JSON, where that takes no waiting: for any thread; None where
        it is to be asked for by `answer` or `query`, which say too what is wrong with a query.
        """
        ...

    def query(self, query: str, **options: Unpack[Options]) -> Answer:
        """Do what `answer` does, for a caller in any thread but that of the store's event loop."""
        ...

    def search(self, text: str, *, kind: str | None = None, limit: int = 20, offset: int = 0) -> Hits:
        """Find things by the words of their names and definitions; any text is allowed."""
        ...

    def manifest(self, release: str | None = None) -> Manifest:
        """The manifest of the snapshot that is being served, or of an earlier one; NotFound where there is no
        such one here.
        """
        ...

    def health(self) -> Health:
        """How the store is doing at the moment."""
        ...

    def close(self) -> None:
        """End everything the store has started."""
        ...


def select(store: Store, query: str, **bindings: Node) -> list[dict[str, Node]]:
    """The solutions of a SELECT as one dict of pyoxigraph terms per row; unbound variables are left out."""
    answer = store.query(query, solutions=JSON, triples=None, bindings=bindings)
    solutions = pyoxigraph.parse_query_results(answer.body, pyoxigraph.QueryResultsFormat.JSON)
    if not isinstance(solutions, pyoxigraph.QuerySolutions):
        raise TypeError("select() was given an ASK query")
    names = [variable.value for variable in solutions.variables]
    return [{name: term for name in names if (term := row[name]) is not None} for row in solutions]
