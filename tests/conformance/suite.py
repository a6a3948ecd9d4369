"""The W3C's tests, read from their manifests.

Files have the IRI `http://w3c.test/<folder>/<file>` here, so that relative IRIs in them mean the same to every
engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection

if TYPE_CHECKING:
    from pathlib import Path

    from rdflib.term import Node

MF: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT: Final = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT: Final = Namespace("http://www.w3.org/2011/http#")
CNT: Final = Namespace("http://www.w3.org/2011/content#")
LABEL: Final = URIRef("http://www.w3.org/2000/01/rdf-schema#label")
ROOT: Final = "http://w3c.test/"

EVALUATION: Final = (
    "aggregates", "bind", "bindings", "cast", "construct", "csv-tsv-res", "exists", "functions", "grouping",
    "json-res", "negation", "project-expression", "property-path", "subquery",
)  # fmt: skip
SYNTAX: Final = ("syntax-query",)
NOT_OFFERED: Final[dict[str, str]] = {
    "entailment": "what is inferred is published with the data; a query has simple entailment",
    "service": "a query may not call another endpoint",
    "syntax-fed": "a query may not call another endpoint",
    **dict.fromkeys(
        ("add", "basic-update", "clear", "copy", "delete", "delete-data", "delete-insert", "delete-where",
         "drop", "move", "update-silent", "syntax-update-1", "syntax-update-2"),
        "snapshots are never updated; they are built and published",
    ),
    **dict.fromkeys(
        ("graph-store-protocol", "http-rdf-update"),
        "graphs are read by query and as linked data, and never written over HTTP",
    ),
}  # fmt: skip
FORMATS: Final = {".ttl": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES, ".rdf": ox.RdfFormat.RDF_XML}


@dataclass(frozen=True, slots=True)
class Test:
    """A test of a manifest: `kind` is the local name of its class, `data` and `graphs` are files."""

    iri: str
    group: str
    kind: str
    query: Path | None = None
    result: Path | None = None
    data: tuple[Path, ...] = ()
    graphs: tuple[tuple[str, Path], ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request of a protocol test, and what its response must be."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fails: bool
    boolean: bool | None
    format: str


class Suite:
    """The tests of the folder `sparql11`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tests(self, group: str) -> list[Test]:
        """The tests of a group, in the order of its manifest."""
        manifest, entries = self._manifest(group)
        return [self._test(manifest, group, entry) for entry in entries]

    def exchanges(self, test: Test) -> list[Exchange]:
        """The requests of a protocol test, in their order."""
        manifest, _ = self._manifest(test.group)
        action = manifest.value(URIRef(test.iri), MF.action)
        heads = list(manifest.objects(action, HT.requests))
        return [_exchange(manifest, request) for head in heads for request in Collection(manifest, head)]

    def iri(self, file: Path) -> str:
        """The IRI that a file has in the tests."""
        return ROOT + str(file.relative_to(self._folder))

    def quads(self, test: Test) -> list[ox.Quad]:
        """The dataset of a test; the blank nodes of each file are its own."""
        found: list[ox.Quad] = []
        for name, file in [(None, file) for file in test.data] + list(test.graphs):
            graph_name = ox.NamedNode(name) if name else ox.DefaultGraph()
            read = ox.parse(
                file.read_bytes(), FORMATS[file.suffix], base_iri=self.iri(file), rename_blank_nodes=True
            )
            found += [ox.Quad(*quad.triple, graph_name) for quad in read]
        return found

    def _manifest(self, group: str) -> tuple[Graph, list[Node]]:
        file = self._folder / group / "manifest.ttl"
        manifest = Graph().parse(data=file.read_bytes(), format="turtle", publicID=self.iri(file))
        heads = list(manifest.objects(predicate=MF.entries))
        return manifest, [entry for head in heads for entry in Collection(manifest, head)]

    def _path(self, node: Node | None) -> Path:
        return self._folder / str(node).removeprefix(ROOT)

    def _test(self, manifest: Graph, group: str, entry: Node) -> Test:
        kind = next(str(kind).rpartition("#")[2] for kind in manifest.objects(entry, RDF.type))
        action = manifest.value(entry, MF.action)
        if action is None:
            return Test(str(entry), group, kind)
        named = {str(node): node for node in manifest.objects(action, QT.graphData)}
        for node in manifest.objects(entry, UT.graphData):  # the protocol's tests
            named[str(manifest.value(node, LABEL))] = manifest.value(node, UT.graph)
        query = manifest.value(action, QT.query) or (action if isinstance(action, URIRef) else None)
        result = manifest.value(entry, MF.result)
        return Test(
            str(entry),
            group,
            kind,
            self._path(query) if query else None,
            self._path(result) if result else None,
            tuple(self._path(node) for node in manifest.objects(action, QT.data)),
            tuple((name, self._path(node)) for name, node in sorted(named.items())),
        )


def _exchange(manifest: Graph, request: Node) -> Exchange:
    head, body = manifest.value(request, HT.headers), manifest.value(request, HT.body)
    response = manifest.value(request, HT.resp)
    fields = list(Collection(manifest, head)) if head is not None else []
    encoding = str(manifest.value(body, CNT.characterEncoding) or "UTF-8")
    boolean = manifest.value(response, MF.expectedBoolean)
    statuses = {str(status) for status in manifest.objects(response, MF.expectedStatus)}
    return Exchange(
        method=str(manifest.value(request, HT.methodName)),
        path=str(manifest.value(request, HT.absolutePath)),
        headers=tuple(
            (str(manifest.value(f, HT.fieldName)), str(manifest.value(f, HT.fieldValue))) for f in fields
        ),
        body=str(manifest.value(body, CNT.chars) or "").encode(encoding),
        fails=any(status.endswith("4xx") for status in statuses),
        boolean=None if boolean is None else str(boolean) == "true",
        format=str(manifest.value(response, MF.expectedFormat) or ""),
    )
