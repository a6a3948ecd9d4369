"""Screening changes how long a validation takes, and nothing that it finds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import RDF, RDFS, BNode, Graph, Literal, URIRef
from rdflib.namespace import SH, XSD

from graph.validate import load_context, load_shapes, validate
from graph.validate.facts import Facts, narrower, wider
from graph.validate.reading import read_rdf, union
from graph.validate.screening import Screen
from graph.vocab import HER, thing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rdflib.term import Node

    from graph.validate.report import Report

EXAMPLES: Final = sorted((Path(__file__).parent.parent / "shapes").glob("*valid/*.ttl"))
SHAPES: Final = load_shapes()
CLASSES: Final = Graph()
for triple in load_context().triples((None, RDFS.subClassOf, None)):
    CLASSES.add(triple)

ODD: Final = (
    Literal("x"),
    Literal("x", lang="en"),
    Literal(" x ", lang="EN"),
    Literal("7", datatype=XSD.nonNegativeInteger),
    Literal("-7", datatype=XSD.nonNegativeInteger, normalize=False),
    Literal("0.5", datatype=XSD.decimal),
    Literal("many", datatype=XSD.decimal, normalize=False),
    Literal(True),
    Literal("2023-02-31", datatype=XSD.date, normalize=False),
    Literal("2023-02", datatype=XSD.gYearMonth),
    thing("topic", "example"),
    thing("drug", "nowhere"),
    HER.Drug,
)
"""Values that are right in one place at most."""


def undecided(
    _screen: Screen, _data: object, targets: Mapping[Node, Iterable[Node]]
) -> tuple[Mapping[Node, Iterable[Node]], None]:
    """A screen that holds nothing back: pySHACL is asked about every node, with all the data."""
    return targets, None


def found(report: Report) -> set[tuple[Any, ...]]:
    """The results of a report, as far as SHACL decides them."""
    return {
        (r.focus, r.rule, r.constraint, r.value, r.message) for r in report.results if r.constraint != "Rule"
    }


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_screening_finds_what_pyshacl_finds(data: st.DataObject) -> None:
    """On examples in which values were exchanged, doubled and left out, the results are the same."""
    files = data.draw(st.lists(st.sampled_from(EXAMPLES), min_size=1, max_size=3, unique=True))
    triples = sorted(union(*map(read_rdf, files)), key=str)
    changed = union(CLASSES, triples)
    for _ in range(data.draw(st.integers(0, 8))):
        s, p, o = data.draw(st.sampled_from(triples))
        other = data.draw(st.sampled_from([*ODD, *(value for _, slot, value in triples if slot == p)]))
        if p == RDF.type and not isinstance(other, URIRef):
            continue
        if data.draw(st.booleans()):
            changed.remove((s, p, o))
        changed.add((s, p, other))
    screened = validate(Facts(changed), shapes=SHAPES)
    with patch.object(Screen, "doubtful", undecided):
        asked = validate(changed, shapes=SHAPES)
    assert found(screened) == found(asked)


def test_every_sort_of_constraint_is_screened() -> None:
    """A shape that is doubtful for every node would make validation slow again."""
    screen = Screen(SHAPES)
    everything = set(SHAPES.subjects(RDF.type, SH.NodeShape)) | set(
        SHAPES.subjects(RDF.type, SH.PropertyShape)
    )
    screen.doubtful(Graph(), {shape: [thing("drug", "nowhere")] for shape in everything})
    assert screen.unknown == set()


def test_what_conforms_is_not_shown_to_pyshacl() -> None:
    """The whole vocabulary is decided without it."""
    with patch("graph.validate.pyshacl.validate", side_effect=AssertionError("it was asked")):
        assert validate(load_context(), shapes=SHAPES).conforms


@pytest.mark.parametrize(("constraint", "value"), [(SH.minLength, Literal(3)), (SH["not"], BNode())])
def test_a_constraint_that_is_not_known_is_left_to_pyshacl(constraint: URIRef, value: Node) -> None:
    """A new sort of constraint makes its shape doubtful for every node, with all the data."""
    shapes, focus = Graph(), thing("drug", "example")
    shape = URIRef("https://example.org/shape")
    shapes.add((shape, constraint, value))
    doubtful, needed = Screen(shapes).doubtful(Graph(), {shape: [focus]})
    assert doubtful == {shape: frozenset({focus})}
    assert needed is None


def test_facts_answer_as_rdflib_does() -> None:
    """The same subjects, values and triples, also where a triple was given twice."""
    data = union(read_rdf(EXAMPLES[0]), CLASSES)
    facts = Facts([*data, *data])
    assert sorted(facts) == sorted(data)
    for s, p, o in data:
        assert sorted(facts.objects(s, p)) == sorted(data.objects(s, p))
        assert set(facts.subjects(p, o)) == set(data.subjects(p, o))
        assert set(facts.subjects(p)) == set(data.subjects(p))
        assert set(facts.predicate_objects(s)) == set(data.predicate_objects(s))
        assert (s, p, o) in facts
    assert (HER.Drug, HER.subject, HER.Drug) not in facts
    assert narrower(facts, HER.Therapy) == set(data.transitive_subjects(RDFS.subClassOf, HER.Therapy))
    assert wider(facts, HER.Drug) == set(data.transitive_objects(HER.Drug, RDFS.subClassOf))
