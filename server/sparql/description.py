"""The service description: what this endpoint speaks, the graphs it has, and what the dataset says of itself.

Tools that help people to write queries read classes, properties, prefixes and examples here when a plain
query finds none, as it must: the default graph is data, its description stands in `graph/meta`.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from rdflib import RDF, RDFS, VOID, XSD

from graph.build.examples import example_triples
from graph.store import SOLUTIONS, TRIPLES
from graph.store.textquery import SEARCH
from graph.vocab import DATASET, EXAMPLES_DOCUMENT, SD, VOID_DOCUMENT, graph_iri, part_iri
from server.described import FORMATS, Described, address, localised, serialised
from server.gallery import examples
from server.sparql.reply import CORS, SECURITY, VARY, Reply, content_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.store import Manifest

W3C_FORMATS: Final = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "jsonld": "JSON-LD",
    "rdfxml": "RDF_XML",
    "trig": "TriG",
    "nquads": "N-Quads",
}
"""Our formats under their names in http://www.w3.org/ns/formats/."""

SEARCH_COMMENT: Final = (
    "Finds things by the words of their names and definitions: "
    '?thing her2kg:search "aromatase inhibitor", or with the score and a limit '
    '(?thing ?score) her2kg:search ("aromatase inhibitor" 50). A larger score is a better fit.'
)
DEFAULT_COMMENT: Final = (
    "The default graph is the union of the named graphs but for the shapes and the description: "
    "not of all, which sd:UnionDefaultGraph would say."
)
KEPT: Final = 16
"""Descriptions kept in memory, about half a megabyte each; one names the host that it was asked of."""

_TYPE: Final = ox.NamedNode(RDF.type)


def description(
    manifest: Manifest, url: str, media_type: str, described: Described, *, federated: bool
) -> Reply:
    """The description of the endpoint at `url`, whose dataset has `described` itself.

    `federated` is whether a query may call other endpoints.
    """
    return _reply(address(url), media_type, tuple(manifest.graphs.items()), described, federated)


@lru_cache(maxsize=KEPT)
def _reply(
    here: ox.NamedNode,
    media_type: str,
    graphs: tuple[tuple[str, int], ...],
    described: Described,
    federated: bool,
) -> Reply:
    triples = (
        *_service(here, federated),
        *_graphs(graphs),
        *localised((*example_triples(examples()), *described.triples), here.value),
    )
    body = serialised(triples, media_type, first=here)
    tag = hashlib.sha256(body).hexdigest()[:32]
    headers = (
        ("Content-Type", content_type(media_type)),
        ("Cache-Control", "public, no-cache"),
        VARY,
        *CORS,
        *SECURITY,
    )
    return Reply(200, headers, body, tag, shared=False)


def _service(here: ox.NamedNode, federated: bool) -> Iterator[ox.Triple]:
    """What the endpoint can do."""
    search = ox.NamedNode(SEARCH)
    yield ox.Triple(here, _TYPE, _sd("Service"))
    yield ox.Triple(here, _sd("endpoint"), here)
    yield ox.Triple(here, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    if federated:
        yield ox.Triple(here, _sd("feature"), _sd("BasicFederatedQuery"))
    for name in (*SOLUTIONS, *TRIPLES):
        yield ox.Triple(here, _sd("resultFormat"), ox.NamedNode(FORMATS + W3C_FORMATS[name]))
    yield ox.Triple(here, _sd("propertyFeature"), search)
    yield ox.Triple(search, _TYPE, _sd("Feature"))
    yield ox.Triple(search, ox.NamedNode(RDFS.label), ox.Literal("text search", language="en"))
    yield ox.Triple(search, ox.NamedNode(RDFS.comment), ox.Literal(SEARCH_COMMENT, language="en"))
    yield ox.Triple(here, _sd("defaultDataset"), ox.NamedNode(part_iri("sparql-dataset")))
    yield ox.Triple(here, ox.NamedNode(RDFS.seeAlso), ox.NamedNode(VOID_DOCUMENT))
    yield ox.Triple(here, ox.NamedNode(RDFS.seeAlso), ox.NamedNode(EXAMPLES_DOCUMENT))


def _graphs(graphs: Iterable[tuple[str, int]]) -> Iterator[ox.Triple]:
    """The dataset that is asked, by the manifest: it counts the graph of descriptions too."""
    dataset, default = ox.NamedNode(part_iri("sparql-dataset")), ox.NamedNode(DATASET)
    yield ox.Triple(dataset, _TYPE, _sd("Dataset"))
    yield ox.Triple(dataset, _sd("defaultGraph"), default)
    yield ox.Triple(default, _TYPE, _sd("Graph"))
    yield ox.Triple(default, ox.NamedNode(RDFS.comment), ox.Literal(DEFAULT_COMMENT, language="en"))
    for name, count in graphs:
        named, content = ox.NamedNode(part_iri("graph", name)), ox.NamedNode(graph_iri(name))
        yield ox.Triple(dataset, _sd("namedGraph"), named)
        yield ox.Triple(named, _TYPE, _sd("NamedGraph"))
        yield ox.Triple(named, _sd("name"), content)
        yield ox.Triple(named, _sd("graph"), content)
        yield ox.Triple(content, _TYPE, _sd("Graph"))
        number = ox.Literal(str(count), datatype=ox.NamedNode(XSD.integer))
        yield ox.Triple(content, ox.NamedNode(VOID.triples), number)


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(SD[name])
