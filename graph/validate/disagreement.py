"""A claim that is both affirmed and negated: shown with both pieces of evidence, never merged away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rdflib import OWL, RDF

from graph.validate import naming
from graph.vocab import HER, PREFIXES, thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib import Graph, URIRef
    from rdflib.term import Node

    from graph.validate.facts import Triples
    from graph.validate.report import Result

_ASIDE: Final = frozenset({HER.polarity, HER.modality, HER.confidence, HER.hasEvidence, HER.definiens})
"""The slots that are not part of what is claimed."""

_AFFIRMED: Final = thing("polarity", "affirmed")
_NEGATED: Final = thing("polarity", "negated")


def contradictions(data: Triples, shapes: Graph, focus: frozenset[URIRef] | None = None) -> Iterator[Result]:
    """One warning for each negated statement and what it contradicts, those with a node of `focus` only.

    A negation contradicts every affirmation that claims at least what it denies: the same kind, subject and
    object, and all its qualifiers. "Not in this setting" contradicts no affirmation in another one.
    """
    claims: dict[Node, frozenset[tuple[Node, Node]]] = {}

    def claim(statement: Node) -> frozenset[tuple[Node, Node]]:
        if statement not in claims:
            claims[statement] = frozenset(_claim(data, statement))
        return claims[statement]

    for negation in data.subjects(HER.polarity, _NEGATED):
        denied = claim(negation)
        affirmations = {
            statement
            for subject in data.objects(negation, HER.subject)
            for statement in data.subjects(HER.subject, subject)
            if statement != negation
            and (statement, HER.polarity, _AFFIRMED) in data
            and denied <= claim(statement)
        }
        for affirmation in affirmations:
            if focus is None or not focus.isdisjoint((negation, affirmation)):
                yield _result(data, shapes, negation, affirmation)


def _claim(data: Triples, statement: Node) -> Iterator[tuple[Node, Node]]:
    """What a statement claims, as pairs of a slot and its value, its kind among them."""
    for slot, value in data.predicate_objects(statement):
        of_kind = slot == RDF.type and value not in {OWL.NamedIndividual, HER.Statement}
        if of_kind or (str(slot).startswith(PREFIXES["her2kg"]) and slot not in _ASIDE):
            yield slot, value


def _result(data: Triples, shapes: Graph, negation: Node, affirmation: Node) -> Result:
    plain = naming.by_rule("Contradiction", shapes, data, negation)
    both = {*plain.evidence, *naming.evidence_of(data, affirmation)}
    return replace(
        plain,
        message=plain.message.replace("{?value}", f"“{naming.label(data, affirmation)}”"),
        path=str(HER.polarity),
        path_label=naming.label(data, HER.polarity),
        value=str(affirmation),
        evidence=tuple(sorted(both)),
    )
