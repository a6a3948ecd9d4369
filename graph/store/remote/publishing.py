"""A snapshot → a remote store: by the Graph Store Protocol in bounded pieces, or as files for an engine's
bulk loader.

The order keeps readers safe: what says that a publication is whole goes first and comes last. One that breaks
off leaves a store that says so, and publishing again mends it.
"""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import httpx
import pyoxigraph as ox

from graph.errors import BuildError, StoreUnavailable
from graph.store.remote import layout, results
from graph.store.remote.service import Question, Service, away, broken, client
from graph.vocab import NAMED_ONLY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from graph.store import Manifest
    from graph.store.remote.credentials import Credentials
    from graph.store.snapshots import Snapshot

PIECE: Final = 4 << 20
"""Bytes of one request, about: what is sent at a time."""

REQUEST_SECONDS: Final = 600.0
COUNT_SECONDS: Final = 600.0
STATE_BYTES: Final = 64 * 1024
LISTED_BYTES: Final = 64 << 20
UNFINISHED: Final = "The store says that it is unfinished until `her2kg publish` has run again."
GRAPHS_THERE: Final = (
    "SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } "
    f'FILTER(STRSTARTS(STR(?graph), "{layout.GRAPHS}") || STR(?graph) = "{layout.UNION}") }}'
)
COUNT: Final = "SELECT (COUNT(*) AS ?count) WHERE { ?s ?p ?o }"

Graphs = dict[str, list[ox.Triple]]


def graphs_of(snapshot: Snapshot) -> Graphs:
    """The triples of each graph of a snapshot as a remote store has them, the union among them."""
    store = ox.Store.read_only(str(snapshot.store))
    found: Graphs = {layout.graph_iri(name): [] for name in snapshot.manifest.graphs}
    union: dict[ox.Triple, None] = {}
    outside = {layout.GRAPHS + name for name in NAMED_ONLY}
    for quad in store:
        if isinstance(quad.graph_name, ox.NamedNode):
            found.setdefault(quad.graph_name.value, []).append(quad.triple)
            if quad.graph_name.value not in outside:
                union[quad.triple] = None
    return {name: triples for name, triples in found.items() if triples} | {layout.UNION: [*union]}


def write_files(snapshot: Snapshot, folder: Path) -> tuple[Path, Path]:
    """Write a snapshot as two files of N-Quads: `data.nq`, and `state.nq`, which is to be loaded last.

    BuildError when they cannot be written.
    """
    data, last = folder / "data.nq", folder / "state.nq"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with data.open("wb") as file:
            for name, triples in graphs_of(snapshot).items():
                ox.serialize(_quads(triples, name), file, ox.RdfFormat.N_QUADS)
        with last.open("wb") as file:
            triples = layout.complete(uuid.uuid4().hex, snapshot.manifest)
            ox.serialize(_quads(triples, layout.STATE), file, ox.RdfFormat.N_QUADS)
    except OSError as error:
        raise BuildError(f"The files could not be written: {error.strerror}.", where=str(folder)) from error
    return data, last


def publish(
    snapshot: Snapshot,
    query_url: str,
    data_url: str,
    auth: Credentials | None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Manifest:
    """Make a snapshot what the remote store has, graph by graph; `progress` is told of what, how far, of how
    many.

    Raises StoreUnavailable when the service is away or does not take something, BuildError when what it then
    has is not what it was given, or when somebody else has begun to publish meanwhile.
    """
    return asyncio.run(_published(snapshot, query_url, data_url, auth, progress))


async def _published(
    snapshot: Snapshot,
    query_url: str,
    data_url: str,
    auth: Credentials | None,
    progress: Callable[[str, int, int], None],
) -> Manifest:
    async with client(auth, 2) as http:
        service = Service(query_url, http)
        graphs = graphs_of(snapshot)
        total, done = sum(map(len, graphs.values())), 0
        identifier = uuid.uuid4().hex
        now = datetime.now(UTC).isoformat(timespec="seconds")
        await _replace(http, data_url, layout.STATE, layout.begun(identifier, now))
        there = {row["graph"].value for row in await _rows(service, GRAPHS_THERE, (), everywhere=True)}
        for name in sorted({*there, *graphs}):
            await _send(http, "DELETE", data_url, name)
        for name, triples in graphs.items():
            for piece in pieces(triples):
                progress(name, done, total)
                await _send(http, "POST", data_url, name, piece)
                done += len(piece)
        for name, triples in graphs.items():
            progress(name, total, total)
            await _require(service, name, len(triples))
        if (
            state := layout.state_of(await _rows(service, layout.ASK_STATE, (layout.STATE,)))
        ).publication != identifier:
            raise BuildError(
                f"Somebody else has begun to publish meanwhile, at {state.begun or 'an unknown time'}."
            )
        await _replace(http, data_url, layout.STATE, layout.complete(identifier, snapshot.manifest))
    return snapshot.manifest


def pieces(triples: Iterable[ox.Triple]) -> Iterator[list[ox.Triple]]:
    """The triples of a graph in pieces for one request each.

    Those with blank nodes are in the first, all of them: a blank node is the same within one request only.
    """
    piece: list[ox.Triple] = []
    rest: list[ox.Triple] = []
    for triple in triples:
        (piece if _is_blank(triple) else rest).append(triple)
    size = sum(len(str(triple)) for triple in piece)
    for triple in rest:
        length = len(str(triple))
        if piece and size + length > PIECE:
            yield piece
            piece, size = [], 0
        piece.append(triple)
        size += length
    if piece:
        yield piece


async def _require(service: Service, name: str, count: int) -> None:
    """Refuse a graph that has not as many triples as were sent."""
    rows = await _rows(service, COUNT, (name,))
    found = int(rows[0]["count"].value) if rows else 0
    if found != count:
        raise BuildError(
            f"The service keeps {found:,} of the {count:,} triples that it was sent for <{name}>.",
            mend=UNFINISHED,
        )


async def _rows(
    service: Service, query: str, default: tuple[str, ...], *, everywhere: bool = False
) -> list[dict[str, Any]]:
    deadline = asyncio.get_running_loop().time() + COUNT_SECONDS
    question = Question(query, "select", default, (), deadline, LISTED_BYTES, everywhere)
    return results.rows(await service.ask(question))


async def _replace(http: httpx.AsyncClient, url: str, name: str, triples: Iterable[ox.Triple]) -> None:
    """Put triples in the place of a graph: Fuseki's own PUT leaves some of the old ones (5.6)."""
    await _send(http, "DELETE", url, name)
    await _send(http, "POST", url, name, triples)


async def _send(
    http: httpx.AsyncClient, method: str, url: str, name: str, triples: Iterable[ox.Triple] | None = None
) -> None:
    """One request of the Graph Store Protocol; StoreUnavailable when it is not done."""
    content = b"" if triples is None else ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
    headers = {"Content-Type": "application/n-triples"} if content else {}
    try:
        response = await http.request(
            method, url, params={"graph": name}, content=content, headers=headers, timeout=REQUEST_SECONDS
        )
    except httpx.ConnectError as error:
        raise away(error) from error
    except httpx.HTTPError as error:
        raise broken(error) from error
    if response.is_success or (method == "DELETE" and response.status_code == 404):
        return
    told = " ".join(response.text.partition("\n\n")[0].split())[:300]
    raise StoreUnavailable(
        f"The service did not take <{name}> ({method}): {response.status_code} {told}",
        mend=MENDS.get(response.status_code, UNFINISHED),
    )


MENDS: Final[dict[int, str]] = {
    401: "Set HER2KG_STORE_USER and HER2KG_STORE_PASSWORD to a user that may write.",
    403: "Set HER2KG_STORE_USER and HER2KG_STORE_PASSWORD to a user that may write.",
    404: "Set HER2KG_STORE_DATA_URL to the address of the Graph Store Protocol.",
    405: "Set HER2KG_STORE_DATA_URL to the address of the Graph Store Protocol.",
}


def _is_blank(triple: ox.Triple) -> bool:
    return isinstance(triple.subject, ox.BlankNode) or isinstance(triple.object, ox.BlankNode)


def _quads(triples: Iterable[ox.Triple], name: str) -> Iterator[ox.Quad]:
    where = ox.NamedNode(name)
    return (ox.Quad(triple.subject, triple.predicate, triple.object, where) for triple in triples)
