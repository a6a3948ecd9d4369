"""Evidence held against the texts it quotes, for the documents whose text is at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from rdflib import RDF, Literal

from graph.validate import naming
from graph.vocab import HER, OA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib import Graph, URIRef
    from rdflib.term import Node

    from graph.model import Evidence
    from graph.validate.facts import Triples
    from graph.validate.report import Result

TextOf = Callable[[str], str | None]
"""A document's text by its id (16 hex digits of the file's SHA-256); None where it is not at hand."""


def misquotations(
    data: Triples, shapes: Graph, text_of: TextOf, focus: frozenset[URIRef] | None = None
) -> Iterator[Result]:
    """What does not fit its document's text: its length, a span outside it, a digest of other words.

    With `focus`, of those documents, spans and statements only.
    """
    for document in set(data.subjects(RDF.type, HER.Document)) if focus is None else focus:
        for length in data.objects(document, HER.length):
            text = text_of(_id(document))
            if text is not None and isinstance(length, Literal) and length.value != len(text):
                plain = naming.by_rule("WrongLength", shapes, data, document)
                yield _told(plain, data, str(len(text)), HER.length, length)
    for place in _places(data, focus):
        for span in naming.span_of(data, place):
            if (text := text_of(span.document)) is not None:
                yield from _of_span(data, shapes, place, span, text)


def _places(data: Triples, focus: frozenset[URIRef] | None) -> set[Node]:
    """The spans there are, or those in focus and of the statements in focus."""
    if focus is None:
        return set(data.subjects(OA.hasSource))
    return {place for node in focus for place in (node, *data.objects(node, HER.hasEvidence))}


def _of_span(data: Triples, shapes: Graph, place: Node, span: Evidence, text: str) -> Iterator[Result]:
    if not 0 <= span.start < span.end <= len(text):
        rule, slot, right, found = "OutsideText", OA.end, str(len(text)), list(data.objects(place, OA.end))
    else:
        rule, slot = "Misquoted", HER.sha256
        right = hashlib.sha256(text[span.start : span.end].encode()).hexdigest()
        found = [digest for digest in data.objects(place, HER.sha256) if str(digest) != right]
    for value in found:
        for node in set(data.subjects(HER.hasEvidence, place)) or {place}:
            plain = replace(naming.by_rule(rule, shapes, data, node), evidence=(span,))
            yield _told(plain, data, right, slot, value)


def _told(plain: Result, data: Triples, right: str, slot: URIRef, value: Node) -> Result:
    return replace(
        plain,
        message=plain.message.replace("{?suggestion}", right),
        mend=plain.mend.replace("{?suggestion}", right),
        path=str(slot),
        path_label=naming.label(data, slot),
        value=str(value),
        value_label=naming.value(data, value),
    )


def _id(document: Node) -> str:
    return str(document).rpartition("/")[2]
