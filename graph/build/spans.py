"""Places in a document and dates, as RDF: what statements, gaps, credits and sources have in common."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple
from rdflib import OWL, RDF, XSD

from graph import vocab
from graph.vocab import HER, OA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.model import Document, Evidence

_TYPE: Final = NamedNode(RDF.type)
_COUNT: Final = NamedNode(XSD.nonNegativeInteger)
_DATE_SHAPES: Final = (
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "", NamedNode(XSD.date)),
    (re.compile(r"\d{4}-\d{2}"), "-01", NamedNode(XSD.gYearMonth)),
    (re.compile(r"\d{4}"), "-01-01", NamedNode(XSD.gYear)),
)
"""The shape of a date, what would make it a day, and its datatype."""


def date_literal(text: str) -> Literal:
    """A date as precise as it was said: `2023`, `2023-01` or `2023-01-27`; a ValueError for anything else."""
    for shape, rest, datatype in _DATE_SHAPES:
        if shape.fullmatch(text):
            date.fromisoformat(text + rest)
            return Literal(text, datatype=datatype)
    raise ValueError(f"{text!r} is not a year, a month or a day")


def evidence_node(evidence: Evidence) -> NamedNode:
    """The node of a place in a document."""
    return NamedNode(vocab.evidence_iri(evidence.document, evidence.start, evidence.end))


def evidence_triples(evidence: Evidence, document: Document) -> Iterator[Triple]:
    """A place in a document, with the digest of what stands there."""
    node = evidence_node(evidence)
    quoted = document.text[evidence.start : evidence.end]
    yield Triple(node, _TYPE, NamedNode(HER.Evidence))
    yield Triple(node, NamedNode(HER.sha256), Literal(hashlib.sha256(quoted.encode()).hexdigest()))
    yield from selector(node, evidence.document, evidence.start, evidence.end)


def selector(node: NamedNode, document: str, start: int, end: int) -> Iterator[Triple]:
    """That a node is the stretch of a document between two offsets."""
    yield Triple(node, _TYPE, NamedNode(OWL.NamedIndividual))
    yield Triple(node, NamedNode(OA.hasSource), NamedNode(vocab.document_iri(document)))
    yield Triple(node, NamedNode(OA.start), Literal(str(start), datatype=_COUNT))
    yield Triple(node, NamedNode(OA.end), Literal(str(end), datatype=_COUNT))
