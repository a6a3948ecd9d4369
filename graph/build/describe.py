"""What a dataset says of itself: the graph `meta` (DCAT, VoID) and the figures of the manifest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode, Triple
from rdflib import DCAT, DCTERMS, OWL, RDF, RDFS, VOID, XSD

from graph.build.rdf import SOFTWARE
from graph.build.release import PREFIX
from graph.files import BASE
from graph.model import STATEMENT_KINDS
from graph.vocab import HER, document_iri, graph_iri, software_iri

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DATASET: Final = NamedNode(BASE + "dataset")
TITLE: Final = "her2kg: HER2-negative breast cancer treatment, with evidence"
DESCRIPTION: Final = (
    "Statements about the treatment of HER2-negative breast cancer, each with the place in the document that "
    "makes it, together with the ontology, the vocabulary and what follows from them."
)
LICENSE: Final = NamedNode("https://creativecommons.org/publicdomain/zero/1.0/")

_TYPE: Final = NamedNode(RDF.type)
_KINDS: Final[dict[object, str]] = {NamedNode(HER[kind]): kind for kind in STATEMENT_KINDS}
_COUNT: Final = NamedNode(XSD.integer)


def meta_triples(graphs: Mapping[str, Sequence[Triple]]) -> list[Triple]:
    """The description of a dataset made of these named graphs, sorted; without times, so it is repeatable."""
    return sorted(_meta(graphs), key=str)


def _meta(graphs: Mapping[str, Sequence[Triple]]) -> Iterator[Triple]:
    for type_ in (VOID.Dataset, DCAT.Dataset):
        yield Triple(DATASET, _TYPE, NamedNode(type_))
    yield Triple(DATASET, NamedNode(DCTERMS.title), Literal(TITLE, language="en"))
    yield Triple(DATASET, NamedNode(RDFS.label), Literal(TITLE, language="en"))
    yield Triple(DATASET, NamedNode(DCTERMS.description), Literal(DESCRIPTION, language="en"))
    yield Triple(DATASET, NamedNode(DCTERMS.license), LICENSE)
    yield Triple(DATASET, NamedNode(DCTERMS.creator), NamedNode(software_iri(SOFTWARE)))
    yield Triple(DATASET, NamedNode(OWL.versionInfo), Literal(SOFTWARE))
    yield Triple(DATASET, NamedNode(VOID.uriSpace), Literal(BASE))
    yield Triple(DATASET, NamedNode(VOID.vocabulary), NamedNode(str(HER)))
    total = sum(len(triples) for triples in graphs.values())
    yield Triple(DATASET, NamedNode(VOID.triples), Literal(str(total), datatype=_COUNT))
    for name, triples in graphs.items():
        part = NamedNode(graph_iri(name))
        yield Triple(DATASET, NamedNode(VOID.subset), part)
        yield Triple(part, _TYPE, NamedNode(VOID.Dataset))
        yield Triple(part, NamedNode(DCTERMS.title), Literal(f"her2kg: {name}", language="en"))
        yield Triple(part, NamedNode(VOID.triples), Literal(str(len(triples)), datatype=_COUNT))
        if name.startswith(PREFIX):
            source = NamedNode(document_iri(name.removeprefix(PREFIX)))
            yield Triple(DATASET, NamedNode(DCTERMS.source), source)
            yield Triple(part, NamedNode(DCTERMS.source), source)


def statement_counts(graphs: Mapping[str, Sequence[Triple]]) -> dict[str, dict[str, int]]:
    """Document → kind of statement → how many, for the manifest."""
    return {
        name.removeprefix(PREFIX): dict(sorted(_kinds(triples).items()))
        for name, triples in sorted(graphs.items())
        if name.startswith(PREFIX)
    }


def _kinds(triples: Sequence[Triple]) -> Counter[str]:
    return Counter(_KINDS[t.object] for t in triples if t.predicate == _TYPE and t.object in _KINDS)


def document_facts(graphs: Mapping[str, Sequence[Triple]]) -> dict[str, dict[str, Any]]:
    """Document → its name, sha256, length in characters and whether it is a sample, for the manifest."""
    facts: dict[str, dict[str, Any]] = {}
    for name, triples in sorted(graphs.items()):
        if name.startswith(PREFIX):
            document = name.removeprefix(PREFIX)
            node = NamedNode(document_iri(document))
            values = {
                t.predicate: t.object.value
                for t in triples
                if t.subject == node and isinstance(t.object, Literal)
            }
            facts[document] = {
                "name": values.get(NamedNode(RDFS.label), document),
                "sha256": values[NamedNode(HER.sha256)],
                "length": int(values[NamedNode(HER.length)]),
                "sample": values.get(NamedNode(HER.isSample)) == "true",
            }
    return facts
