"""The VoID description of a dataset: its size, its classes and properties, its graphs, and where it links to.

Counted is the endpoint's default graph; each named graph has its own size, but for the one that this goes
into. A partition's IRI is made of the terms it is of: `#class--her2kg:Drug--her2kg:inhibits--her2kg:Target`.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode, Triple
from rdflib import DCTERMS, RDF, RDFS, VOID, XSD

from graph.build.census import Census, Size, census
from graph.build.mappings import load_mappings
from graph.build.release import PREFIX
from graph.files import BASE
from graph.vocab import (
    DATASET,
    ENDPOINT,
    KINDS,
    PREFIXES,
    SD,
    VOID_EXT,
    document_iri,
    graph_iri,
    part_iri,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TARGETS: Final[dict[str, str]] = {
    "CHEBI": "Chemical Entities of Biological Interest (ChEBI)",
    "DOID": "Human Disease Ontology",
    "MAXO": "Medical Action Ontology",
    "MONDO": "Mondo Disease Ontology",
    "NCIT": "NCI Thesaurus",
    "atc": "Anatomical Therapeutic Chemical Classification",
    "biolink": "Biolink Model",
    "cas": "CAS Registry Numbers",
    "chembl": "ChEMBL",
    "drugbank": "DrugBank",
    "drugcentral": "DrugCentral",
    "ensembl": "Ensembl",
    "gtopdb": "Guide to Pharmacology",
    "hgnc": "HUGO Gene Nomenclature Committee",
    "inchikey": "InChIKey",
    "mesh": "Medical Subject Headings (MeSH)",
    "ncbigene": "NCBI Gene",
    "ndfrt": "National Drug File Reference Terminology",
    "omim": "Online Mendelian Inheritance in Man (OMIM)",
    "oncotree": "OncoTree",
    "pubchem.compound": "PubChem Compound",
    "rxnorm": "RxNorm",
    "umls": "Unified Medical Language System (UMLS)",
    "unii": "Unique Ingredient Identifiers (UNII)",
}
"""What the prefixes of the mappings stand for, in words; a prefix that is not here is its own name."""

EXAMPLES: Final = ("drug", "condition", "treatment")
"""Kinds of things of which one is given as an example of what there is."""

EVERYTHING: Final = "CONSTRUCT WHERE { ?s ?p ?o }"
FORMATS: Final = ("turtle", "ntriples", "jsonld", "rdfxml")
"""The formats of the endpoint that the whole dataset is offered in."""

_CURIE: Final = re.compile(r"[a-z][a-z0-9_]*:(?!.*--)[A-Za-z0-9_.-]+")
_TYPE: Final = NamedNode(RDF.type)
_LABEL: Final = NamedNode(RDFS.label)
_SPACES: Final = sorted(PREFIXES.items(), key=lambda item: (-len(item[1]), item[0]))


def void_triples(graphs: Mapping[str, Sequence[Triple]]) -> Iterator[Triple]:
    """The description of a dataset made of these named graphs."""
    found = census(graphs)
    yield from _dataset(found, graphs)
    yield from _partitions(found)
    yield from _graphs(found)
    yield from _linksets(graphs)


def short(iri: str) -> str:
    """A term as the name of a partition has it: a CURIE, or a digest where there is no good one."""
    for prefix, space in _SPACES:
        if iri.startswith(space) and _CURIE.fullmatch(curie := f"{prefix}:{iri[len(space) :]}"):
            return curie
    return hashlib.sha256(iri.encode()).hexdigest()[:16]


def dump(form: str, *graphs: str) -> str:
    """The address of all triples of the default graph, or of named ones, in one of the endpoint's formats."""
    asked = [("query", EVERYTHING), ("format", form), *(("default-graph-uri", iri) for iri in graphs)]
    return f"{ENDPOINT}?{urlencode(asked)}"


def _dataset(found: Census, graphs: Mapping[str, Sequence[Triple]]) -> Iterator[Triple]:
    node = NamedNode(DATASET)
    yield Triple(node, _TYPE, NamedNode(VOID.Dataset))
    yield Triple(node, NamedNode(VOID.uriSpace), Literal(BASE))
    yield Triple(node, NamedNode(VOID.sparqlEndpoint), NamedNode(ENDPOINT))
    yield Triple(node, NamedNode(VOID.rootResource), NamedNode(BASE + "ontology"))
    for form in FORMATS:
        yield Triple(node, NamedNode(VOID.dataDump), NamedNode(dump(form)))
    yield from _size(node, found.size)
    for space in sorted(map(_space, (*found.properties, *found.classes))):
        yield Triple(node, NamedNode(VOID.vocabulary), NamedNode(space))
    for kind in EXAMPLES:
        members = (
            triple.subject
            for triple in graphs.get("vocabulary", ())
            if triple.predicate == _TYPE and triple.object == NamedNode(KINDS[kind])
        )
        if (first := min(members, key=str, default=None)) is not None:
            yield Triple(node, NamedNode(VOID.exampleResource), first)


def _size(node: NamedNode, size: Size) -> Iterator[Triple]:
    figures = {
        VOID.triples: size.triples,
        VOID.entities: size.entities,
        VOID.distinctSubjects: size.subjects,
        VOID.distinctObjects: size.objects,
        VOID.properties: size.properties,
        VOID.classes: size.classes,
    }
    for term, number in figures.items():
        yield _count(node, str(term), number)


def _partitions(found: Census) -> Iterator[Triple]:
    dataset = NamedNode(DATASET)
    for name, number in found.classes.items():
        part = _part("class", name)
        yield Triple(dataset, NamedNode(VOID.classPartition), part)
        yield Triple(part, NamedNode(VOID["class"]), NamedNode(name))
        yield _count(part, str(VOID.entities), number)
    for name, use in found.properties.items():
        part = _part("property", name)
        yield Triple(dataset, NamedNode(VOID.propertyPartition), part)
        yield Triple(part, NamedNode(VOID.property), NamedNode(name))
        yield _count(part, str(VOID.triples), use.triples)
        yield _count(part, str(VOID.distinctSubjects), use.subjects)
        yield _count(part, str(VOID.distinctObjects), use.objects)
    for (kind, name), number in found.of_class.items():
        part = _part("class", kind, name)
        yield Triple(_part("class", kind), NamedNode(VOID.propertyPartition), part)
        yield Triple(part, NamedNode(VOID.property), NamedNode(name))
        yield _count(part, str(VOID.triples), number)
    for (kind, name, other), number in found.to_class.items():
        part = _part("class", kind, name, other)
        yield Triple(_part("class", kind, name), NamedNode(VOID.classPartition), part)
        yield Triple(part, NamedNode(VOID["class"]), NamedNode(other))
        yield _count(part, str(VOID.triples), number)
    for (kind, name, datatype), number in found.to_datatype.items():
        part = _part("class", kind, name, datatype)
        yield Triple(_part("class", kind, name), NamedNode(VOID_EXT.datatypePartition), part)
        yield Triple(part, NamedNode(VOID_EXT.datatype), NamedNode(datatype))
        yield _count(part, str(VOID.triples), number)


def _graphs(found: Census) -> Iterator[Triple]:
    """The sizes of the named graphs, and how the endpoint's dataset is made of them."""
    dataset, default = NamedNode(DATASET), NamedNode(part_iri("default-graph"))
    service = NamedNode(part_iri("sparql-dataset"))
    yield Triple(service, _TYPE, NamedNode(SD.Dataset))
    yield Triple(service, NamedNode(SD.defaultGraph), dataset)
    yield Triple(dataset, _TYPE, NamedNode(SD.Graph))
    # Readers that know sd:graph only find the partitions by this.
    yield Triple(default, NamedNode(SD.graph), dataset)
    yield Triple(default, _LABEL, Literal("default graph", language="en"))
    for name, size in found.graphs.items():
        part, named = NamedNode(graph_iri(name)), NamedNode(part_iri("graph", name))
        yield Triple(dataset, NamedNode(VOID.subset), part)
        yield Triple(part, _TYPE, NamedNode(VOID.Dataset))
        yield Triple(part, NamedNode(DCTERMS.title), Literal(f"her2kg: {name}", language="en"))
        yield Triple(part, NamedNode(VOID.dataDump), NamedNode(dump("ntriples", graph_iri(name))))
        yield from _size(part, size)
        yield Triple(service, NamedNode(SD.namedGraph), named)
        yield Triple(named, _TYPE, NamedNode(SD.NamedGraph))
        yield Triple(named, NamedNode(SD.name), part)
        yield Triple(named, NamedNode(SD.graph), part)
        yield Triple(named, _LABEL, Literal(name))
        if name.startswith(PREFIX):
            source = NamedNode(document_iri(name.removeprefix(PREFIX)))
            yield Triple(dataset, NamedNode(DCTERMS.source), source)
            yield Triple(part, NamedNode(DCTERMS.source), source)


def _linksets(graphs: Mapping[str, Sequence[Triple]]) -> Iterator[Triple]:
    """One for each dataset that the mappings lead to and each predicate they lead there by."""
    dataset = NamedNode(DATASET)
    spaces = {space: prefix for prefix, space in load_mappings().prefixes.items()}
    links: Counter[tuple[str, str]] = Counter()
    for _, predicate, value in graphs.get("mappings", ()):
        if isinstance(value, NamedNode):
            fits = (space for space in spaces if value.value.startswith(space))
            links[max(fits, key=len, default=_space(value.value)), predicate.value] += 1
    for (space, predicate), number in sorted(links.items()):
        prefix = spaces.get(space, space)
        target, node = _part("target", prefix), _part("linkset", prefix, predicate)
        title = TARGETS.get(prefix, prefix)
        yield Triple(target, _TYPE, NamedNode(VOID.Dataset))
        yield Triple(target, NamedNode(DCTERMS.title), Literal(title, language="en"))
        yield Triple(target, NamedNode(VOID.uriSpace), Literal(space))
        yield Triple(dataset, NamedNode(VOID.subset), node)
        yield Triple(node, _TYPE, NamedNode(VOID.Linkset))
        yield Triple(node, NamedNode(VOID.linkPredicate), NamedNode(predicate))
        yield Triple(node, NamedNode(VOID.subjectsTarget), dataset)
        yield Triple(node, NamedNode(VOID.objectsTarget), target)
        yield _count(node, str(VOID.triples), number)


def _part(what: str, *terms: str) -> NamedNode:
    return NamedNode(part_iri(what, *(short(term) if "://" in term else term for term in terms)))


def _count(node: NamedNode, term: str, number: int) -> Triple:
    return Triple(node, NamedNode(term), Literal(str(number), datatype=NamedNode(XSD.integer)))


def _space(iri: str) -> str:
    """The namespace of a term."""
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]
