"""The dataset as a catalogue would list it (DCAT): what it is, whose it is, and where it can be had.

No times are in it, so that the same data have the same version; the server adds when it was published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple
from rdflib import DCAT, DCTERMS, FOAF, OWL, PROV, RDF, RDFS, VOID

from graph.build.rdf import SOFTWARE
from graph.build.void import FORMATS, dump
from graph.files import BASE
from graph.store import TRIPLES
from graph.vocab import (
    DATASET,
    ENDPOINT,
    EXAMPLES_DOCUMENT,
    VOID_DOCUMENT,
    part_iri,
    software_iri,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib import URIRef

TITLE: Final = "her2kg: HER2-negative breast cancer treatment, with evidence"
DESCRIPTION: Final = (
    "Statements about the treatment of HER2-negative breast cancer, each with the place in the document that "
    "makes it, together with the ontology, the vocabulary and what follows from them."
)
LICENSE: Final = "https://creativecommons.org/publicdomain/zero/1.0/"
PUBLISHER: Final = "The her2kg contributors"
KEYWORDS: Final = ("breast cancer", "HER2-negative", "knowledge graph", "oncology", "provenance", "treatment")
"""What it is found by; `CITATION.cff` names the publisher and the licence too."""

MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
PROTOCOL: Final = "https://www.w3.org/TR/sparql11-protocol/"

_DATASET: Final = NamedNode(DATASET)
_CONTRIBUTORS: Final = NamedNode(part_iri("contributors"))
_SERVICE: Final = NamedNode(part_iri("service"))


def dcat_triples() -> Iterator[Triple]:
    """The dataset, its service and its distributions."""
    yield _link(_DATASET, RDF.type, DCAT.Dataset)
    yield _words(_DATASET, DCTERMS.title, TITLE)
    yield _words(_DATASET, RDFS.label, TITLE)
    yield _words(_DATASET, DCTERMS.description, DESCRIPTION)
    yield _link(_DATASET, DCTERMS.license, LICENSE)
    yield _link(_DATASET, DCTERMS.creator, _CONTRIBUTORS.value)
    yield _link(_DATASET, DCTERMS.publisher, _CONTRIBUTORS.value)
    yield _link(_DATASET, PROV.wasAttributedTo, software_iri(SOFTWARE))
    yield _link(_DATASET, DCAT.landingPage, BASE)
    yield Triple(_DATASET, NamedNode(OWL.versionInfo), Literal(SOFTWARE))
    for keyword in KEYWORDS:
        yield _words(_DATASET, DCAT.keyword, keyword)
    yield _link(_CONTRIBUTORS, RDF.type, FOAF.Agent)
    yield Triple(_CONTRIBUTORS, NamedNode(FOAF.name), Literal(PUBLISHER))
    yield from _documents()
    yield _link(_SERVICE, RDF.type, DCAT.DataService)
    yield _words(_SERVICE, DCTERMS.title, "SPARQL endpoint")
    yield _link(_SERVICE, DCAT.endpointURL, ENDPOINT)
    yield _link(_SERVICE, DCAT.endpointDescription, ENDPOINT)
    yield _link(_SERVICE, DCAT.servesDataset, DATASET)
    yield _link(_SERVICE, DCTERMS.conformsTo, PROTOCOL)
    yield _link(_SERVICE, DCTERMS.license, LICENSE)
    for form in FORMATS:
        node = NamedNode(part_iri("distribution", form))
        yield _link(_DATASET, DCAT.distribution, node.value)
        yield _link(node, RDF.type, DCAT.Distribution)
        yield _words(node, DCTERMS.title, f"The whole as {TRIPLES[form]}")
        yield _link(node, DCAT.downloadURL, dump(form))
        yield _link(node, DCAT.accessURL, ENDPOINT)
        yield _link(node, DCAT.accessService, _SERVICE.value)
        yield _link(node, DCAT.mediaType, MEDIA_TYPES + TRIPLES[form])
        yield _link(node, DCTERMS.license, LICENSE)


def _documents() -> Iterator[Triple]:
    """The two documents that describe the dataset and show how to ask it."""
    document, examples = NamedNode(VOID_DOCUMENT), NamedNode(EXAMPLES_DOCUMENT)
    yield _link(document, RDF.type, VOID.DatasetDescription)
    yield _words(document, DCTERMS.title, "Description of the her2kg dataset")
    yield _link(document, FOAF.primaryTopic, DATASET)
    yield _link(document, FOAF.topic, DATASET)
    yield _words(examples, DCTERMS.title, "Example queries of her2kg")
    yield _link(examples, RDFS.seeAlso, VOID_DOCUMENT)
    yield _link(_DATASET, RDFS.seeAlso, EXAMPLES_DOCUMENT)


def _link(node: NamedNode, term: URIRef, iri: str) -> Triple:
    return Triple(node, NamedNode(term), NamedNode(iri))


def _words(node: NamedNode, term: URIRef, text: str) -> Triple:
    return Triple(node, NamedNode(term), Literal(text, language="en"))
