"""What a document says of itself, and the sources it cites, as triples of its graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple
from rdflib import DCTERMS, OWL, RDF, RDFS, XSD

from graph import vocab
from graph.build.spans import date_literal, evidence_node, evidence_triples
from graph.errors import BuildError
from graph.model import Evidence
from graph.vocab import HER, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.extract import CitedSource, Extraction
    from graph.model import Span, Term

CREDIT_PROPERTIES: Final[dict[str, NamedNode]] = {
    "title": NamedNode(DCTERMS.title),
    "publisher": NamedNode(DCTERMS.publisher),
    "rights": NamedNode(DCTERMS.rights),
    "rightsHolder": NamedNode(DCTERMS.rightsHolder),
    "author": NamedNode(DCTERMS.creator),
    "editor": NamedNode(SCHEMA.editor),
    "contributor": NamedNode(DCTERMS.contributor),
    "reviewer": NamedNode(SCHEMA.reviewedBy),
    "issued": NamedNode(DCTERMS.issued),
    "modified": NamedNode(DCTERMS.modified),
    "revised": NamedNode(HER.revised),
    "reviewed": NamedNode(SCHEMA.lastReviewed),
}
"""What a document says of itself → its property."""

DATES: Final = frozenset({"issued", "modified", "revised", "reviewed"})
"""The credits that are dates; one that is no day of the calendar stays as the text has it."""

SOURCE_PROPERTIES: Final[dict[str, NamedNode]] = {
    "title": NamedNode(DCTERMS.title),
    "creator": NamedNode(DCTERMS.creator),
    "journal": NamedNode(SCHEMA.isPartOf),
    "version": NamedNode(SCHEMA.version),
}
"""The fields of a cited source that are text → their properties."""

SOURCE_DATES: Final[dict[str, NamedNode]] = {
    "issued": NamedNode(DCTERMS.issued),
    "modified": NamedNode(DCTERMS.modified),
    "accessed": NamedNode(HER.accessed),
}
"""The fields of a cited source that are dates → their properties."""

_ANY_URI: Final = NamedNode(XSD.anyURI)


def credit_triples(extraction: Extraction) -> Iterator[Triple]:
    """The document's own title, makers, dates and rights, and the places where they stand.

    Raises BuildError for a credit that no property is known for.
    """
    document = extraction.document
    node = NamedNode(vocab.document_iri(document.id))
    for credit in extraction.credits:
        if credit.name not in CREDIT_PROPERTIES:
            raise BuildError(f"no property is known for the credit {credit.name!r}", where=document.name)
        yield Triple(node, CREDIT_PROPERTIES[credit.name], _value(credit.name, credit.value))
        yield from _place(node, NamedNode(HER.creditedAt), extraction, credit.span)


def source_triples(extraction: Extraction) -> Iterator[Triple]:
    """The sources that the document cites, each a node, with the places where it is named."""
    document = NamedNode(vocab.document_iri(extraction.document.id))
    for source in extraction.sources:
        node = NamedNode(vocab.thing("source", source.digest))
        yield Triple(document, NamedNode(SCHEMA.citation), node)
        yield Triple(node, NamedNode(RDF.type), NamedNode(OWL.NamedIndividual))
        yield Triple(node, NamedNode(RDF.type), NamedNode(HER.Source))
        yield Triple(node, NamedNode(RDFS.label), Literal(source.label, language="en"))
        yield from _source(node, source)
        for span in source.spans:
            yield from _place(node, NamedNode(HER.citedAt), extraction, span)


def _source(node: NamedNode, source: CitedSource) -> Iterator[Triple]:
    if source.publisher:
        yield Triple(node, NamedNode(DCTERMS.publisher), _node_or_text(source.publisher))
    for name, property_ in SOURCE_PROPERTIES.items():
        if text := getattr(source, name):
            yield Triple(node, property_, Literal(text))
    for name, property_ in SOURCE_DATES.items():
        if text := getattr(source, name):
            yield Triple(node, property_, date_literal(text))
    if source.url:
        yield Triple(node, NamedNode(SCHEMA.url), Literal(source.url, datatype=_ANY_URI))
    for identifier in source.identifiers:
        yield Triple(node, NamedNode(DCTERMS.identifier), Literal(identifier))


def _place(node: NamedNode, property_: NamedNode, extraction: Extraction, span: Span) -> Iterator[Triple]:
    evidence = Evidence(extraction.document.id, span.start, span.end)
    yield Triple(node, property_, evidence_node(evidence))
    yield from evidence_triples(evidence, extraction.document)


def _value(name: str, value: Term) -> NamedNode | Literal:
    if name == "title":
        return Literal(value.label, language="en")
    if name in DATES:
        try:
            return date_literal(value.label)
        except ValueError:
            return Literal(value.label)
    return _node_or_text(value)


def _node_or_text(term: Term) -> NamedNode | Literal:
    return Literal(term.label) if term.iri is None else NamedNode(term.iri)
