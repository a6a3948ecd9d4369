"""The service description: what this endpoint speaks, and the graphs it has."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from graph.files import BASE
from graph.store import SOLUTIONS, TRIPLES
from server.sparql.reply import CORS, SECURITY, VARY, Reply, content_type

if TYPE_CHECKING:
    from graph.store import Store

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
VOID: Final = "http://rdfs.org/ns/void#"
FORMATS: Final = "http://www.w3.org/ns/formats/"
XSD_INTEGER: Final = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")
RDF_TYPE: Final = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
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


def description(store: Store, url: str, media_type: str) -> Reply:
    """The description of the endpoint at `url`, in a format of triples."""
    manifest = store.manifest()
    here = ox.NamedNode(url)
    dataset, default = ox.BlankNode("dataset"), ox.BlankNode("default")
    triples = [
        ox.Triple(here, RDF_TYPE, _sd("Service")),
        ox.Triple(here, _sd("endpoint"), here),
        ox.Triple(here, _sd("supportedLanguage"), _sd("SPARQL11Query")),
        ox.Triple(here, _sd("feature"), _sd("UnionDefaultGraph")),
        *(ox.Triple(here, _sd("feature"), _sd("BasicFederatedQuery")) for _ in store.limits.endpoints[:1]),
        *(
            ox.Triple(here, _sd("resultFormat"), ox.NamedNode(FORMATS + W3C_FORMATS[name]))
            for name in (*SOLUTIONS, *TRIPLES)
        ),
        ox.Triple(here, _sd("defaultDataset"), dataset),
        ox.Triple(dataset, RDF_TYPE, _sd("Dataset")),
        ox.Triple(dataset, _sd("defaultGraph"), default),
        ox.Triple(default, RDF_TYPE, _sd("Graph")),
    ]
    for number, (name, count) in enumerate(manifest.graphs.items()):
        named, content = ox.BlankNode(f"g{number}"), ox.BlankNode(f"c{number}")
        triples += [
            ox.Triple(dataset, _sd("namedGraph"), named),
            ox.Triple(named, RDF_TYPE, _sd("NamedGraph")),
            ox.Triple(named, _sd("name"), ox.NamedNode(f"{BASE}graph/{name}")),
            ox.Triple(named, _sd("graph"), content),
            ox.Triple(content, RDF_TYPE, _sd("Graph")),
            ox.Triple(content, ox.NamedNode(VOID + "triples"), ox.Literal(str(count), datatype=XSD_INTEGER)),
        ]
    prefixes = {"sd": SD, "formats": FORMATS, "void": VOID, "graph": BASE + "graph/"}
    body = ox.serialize(triples, format=ox.RdfFormat.from_media_type(media_type), prefixes=prefixes) or b""
    tag = hashlib.sha256(body).hexdigest()[:32]
    headers = (
        ("Content-Type", content_type(media_type)),
        ("Cache-Control", "public, no-cache"),
        ("ETag", f'"{tag}"'),
        VARY,
        *CORS,
        *SECURITY,
    )
    return Reply(200, headers, body, tag)


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(SD + name)
