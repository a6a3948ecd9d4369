"""What nodes, values and paths are called in a report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rdflib import RDFS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import SH

from graph.files import BASE
from graph.model import Evidence
from graph.validate.report import SEVERITIES, Result, Severity
from graph.vocab import HER, OA, PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

    from graph.validate.facts import Triples

_BY_LENGTH: Final = sorted(PREFIXES.items(), key=lambda item: -len(item[1]))
_ABOUT: Final = (HER.subject, HER.object, HER.agency)
"""The slots by which a statement speaks of a thing."""
_FEW: Final = 5
_LOCAL: Final = re.compile(r"[A-Za-z0-9][\w.-]*")


def short(iri: str) -> str:
    """An IRI as a prefixed name (`drug:palbociclib`), or as it is where no prefix fits."""
    for prefix, namespace in _BY_LENGTH:
        if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def label(triples: Triples, node: Node) -> str:
    """What people call a node: its English label, else its first, else its short IRI."""
    labels = [text for text in triples.objects(node, RDFS.label) if isinstance(text, Literal)]
    if labels:
        return str(min(labels, key=lambda text: (text.language != "en", text.language or "", str(text))))
    return "a node without an IRI" if isinstance(node, BNode) else short(str(node))


def value(triples: Triples, node: Node) -> str:
    """A value as it stands in a file: a literal with its language or datatype, a node with its label."""
    if isinstance(node, Literal):
        mark = (
            f"@{node.language}"
            if node.language
            else f" ({short(str(node.datatype))})"
            if node.datatype
            else ""
        )
        return f"“{node}”{mark}"
    called = label(triples, node)
    name = short(str(node))
    return called if isinstance(node, BNode) or called == name else f"{called} ({name})"


def path(shapes: Graph, node: Node | None, *, brief: bool = False) -> str:
    """A SHACL path as a SPARQL property path, with full IRIs or, `brief`, with prefixed names."""
    if node is None:
        return ""
    if isinstance(node, URIRef):
        return short(str(node)) if brief else str(node)
    if (inverse := shapes.value(node, SH.inversePath)) is not None:
        return f"^{path(shapes, inverse, brief=brief)}"
    alternatives = shapes.value(node, SH.alternativePath)
    steps = Collection(shapes, alternatives if alternatives is not None else node)
    sign = "|" if alternatives is not None else "/"
    joined = sign.join(path(shapes, step, brief=brief) for step in steps)
    return f"({joined})" if alternatives is not None else joined


def path_name(triples: Triples, shapes: Graph, node: Node | None) -> str:
    """What people call a path: the property's label, or the short form of a longer path."""
    if isinstance(node, URIRef):
        return label(triples, node)
    return path(shapes, node, brief=True)


def evidence_of(data: Triples, node: Node) -> tuple[Evidence, ...]:
    """The spans a statement rests on, or the span that a node is, as far as they are well said.

    Of a thing, which has none itself: one span of each of the first few statements about it.
    """
    places = {node, *data.objects(node, HER.hasEvidence)}
    if found := {span for place in places for span in span_of(data, place)}:
        return tuple(sorted(found))
    about = {statement for slot in _ABOUT for statement in data.subjects(slot, node)}
    firsts = (
        min(data.objects(statement, HER.hasEvidence), key=str, default=node)
        for statement in sorted(about, key=str)[:_FEW]
    )
    return tuple(sorted({span for place in firsts for span in span_of(data, place)}))


def span_of(data: Triples, place: Node) -> Iterator[Evidence]:
    """Where a piece of evidence or a gap stands; nothing where its triples do not say it in one way."""
    found = [list(data.objects(place, slot)) for slot in (OA.hasSource, OA.start, OA.end)]
    if any(len(values) != 1 for values in found):
        return
    [source], [start], [end] = found
    offsets = [offset.value for offset in (start, end) if isinstance(offset, Literal)]
    if len(offsets) == len((start, end)) and all(isinstance(offset, int) for offset in offsets):
        yield Evidence(str(source).rpartition("/")[2], *offsets)


def severity(node: Node | None) -> Severity:
    """The word for one of SHACL's three severities; a violation where a shape says none, as SHACL has it."""
    word = str(node).removeprefix(str(SH))
    return next((known for known in SEVERITIES if known == word), "Violation")


def rule_iri(rule: str) -> URIRef:
    """The IRI of a shape, by its name."""
    return URIRef(f"{BASE}shapes/{rule}")


def by_rule(rule: str, shapes: Graph, data: Triples, focus: Node) -> Result:
    """A result of a rule that is checked beside SHACL, in the words its (deactivated) shape has for it."""
    shape = rule_iri(rule)
    message, _, mend = str(shapes.value(shape, SH.message)).partition("\n")
    return Result(
        severity=severity(shapes.value(shape, SH.severity)),
        focus=str(focus),
        focus_label=label(data, focus),
        message=message,
        mend=mend,
        rule=str(shape),
        constraint="Rule",
        evidence=evidence_of(data, focus),
    )
