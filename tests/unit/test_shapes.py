"""The shapes, held against their examples: each has one that keeps it, each constraint one that breaks it."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
from rdflib import RDF, RDFS, BNode, Graph, URIRef
from rdflib.namespace import SH

from graph import files
from graph.files import BASE
from graph.model import STATEMENT_KINDS, Modality, Polarity
from graph.validate import load_context, load_shapes, validate
from graph.validate.reading import in_memory, read_rdf
from graph.vocab import HER, KINDS, thing

EXAMPLES: Final = Path(__file__).parent.parent / "shapes"
VALID: Final = sorted((EXAMPLES / "valid").glob("*.ttl"))
INVALID: Final = sorted((EXAMPLES / "invalid").glob("*.ttl"))
ALONE: Final = sorted((EXAMPLES / "alone").glob("*.trig"))
SHAPES: Final = load_shapes()

NODE_SHAPES: Final = 105
CONSTRAINTS: Final = 287
"""Counted, so that a file that is not read, or a constraint that is lost, is noticed."""

PARAMETERS: Final = {
    SH.minCount: "MinCount",
    SH.maxCount: "MaxCount",
    SH["class"]: "Class",
    SH.datatype: "Datatype",
    SH.nodeKind: "NodeKind",
    SH["in"]: "In",
    SH["or"]: "Or",
    SH.node: "Node",
    SH.hasValue: "HasValue",
    SH.pattern: "Pattern",
    SH.uniqueLang: "UniqueLang",
    SH.disjoint: "Disjoint",
    SH.lessThan: "LessThan",
    SH.lessThanOrEquals: "LessThanOrEquals",
    SH.minInclusive: "MinInclusive",
    SH.maxInclusive: "MaxInclusive",
}
"""What makes a shape a constraint → the name its results have."""

NOT_CONSTRAINTS: Final = {
    RDF.type,
    RDFS.label,
    RDFS.comment,
    SH.path,
    SH.property,
    SH.severity,
    SH.message,
    SH.deactivated,
    SH.targetClass,
    SH.targetSubjectsOf,
}


def hierarchy() -> Graph:
    """The classes of the ontology: all of the context that the examples, being self-contained, need."""
    found = Graph()
    for triple in load_context().triples((None, RDFS.subClassOf, None)):
        found.add(triple)
    return found


CLASSES: Final = hierarchy()


def broken(data: Graph) -> Counter[str]:
    """The rules that data break, as `shape:constraint`."""
    focus = {subject for subject in data.subjects() if isinstance(subject, URIRef)}
    report = validate(data, context=CLASSES, shapes=SHAPES, focus=focus)
    return Counter(f"{result.rule.rpartition('/')[2]}:{result.constraint}" for result in report.results)


def cases(example: Path) -> dict[str, Graph]:
    """The constraint each named graph of a file is to break → its triples and those that all cases share."""
    shared, parts = [], defaultdict(list)
    for quad in ox.parse(files.rebase(example.read_text("utf-8")), format=ox.RdfFormat.TRIG):
        if isinstance(quad.graph_name, ox.NamedNode):
            parts[quad.graph_name.value.rpartition("/")[2].replace("#", ":")].append(quad)
        else:
            shared.append(quad)
    return {constraint: in_memory([*shared, *quads]) for constraint, quads in parts.items()}


def expected(example: Path) -> Counter[str]:
    """The rules an example says it breaks, in its first line."""
    mark, _, rules = example.read_text("utf-8").splitlines()[0].partition(": ")
    assert mark == "# violates"
    return Counter(rules.split())


def named(kind: URIRef) -> set[URIRef]:
    """The shapes of one kind that have a name."""
    return {shape for shape in SHAPES.subjects(RDF.type, kind) if not isinstance(shape, BNode)}


def constraints() -> set[str]:
    """Every constraint there is, as `shape:constraint`; a file's rules have tests of their own."""
    found = {
        f"{shape.rpartition('/')[2]}:{PARAMETERS[parameter]}"
        for shape in named(SH.NodeShape) | named(SH.PropertyShape)
        for parameter in SHAPES.predicates(shape)
        if parameter in PARAMETERS
    }
    return {*found, "Contradiction:Rule"}


@pytest.mark.parametrize("example", VALID, ids=lambda path: path.stem)
def test_a_valid_example_conforms(example: Path) -> None:
    """Nothing is found in what is right, not even a warning."""
    assert broken(read_rdf(example)) == Counter()


@pytest.mark.parametrize("example", INVALID, ids=lambda path: path.stem)
def test_an_invalid_example_breaks_exactly_what_it_says(example: Path) -> None:
    """Each result is one the example announces, and each announced one is found."""
    assert broken(read_rdf(example)) == expected(example)


def test_every_constraint_is_broken_by_an_example() -> None:
    """A constraint that no example breaks could be wrong unnoticed."""
    assert constraints() == {rule for example in INVALID for rule in expected(example)}
    assert len(constraints()) == CONSTRAINTS


@pytest.mark.parametrize("example", ALONE, ids=lambda path: path.stem)
def test_each_case_is_rejected_by_one_constraint_alone(example: Path) -> None:
    """What a graph of the file adds breaks the constraint that the graph is named after, and no other."""
    for constraint, data in cases(example).items():
        assert set(broken(data)) == {constraint}


def test_every_constraint_alone_rejects_a_case() -> None:
    """Otherwise it could be left out, and nobody would notice."""
    rejected = Counter(constraint for example in ALONE for constraint in cases(example))
    assert rejected == Counter(constraints())


def test_every_shape_has_a_valid_and_an_invalid_example() -> None:
    """One of each, under the shape's name; the rules about files are deactivated shapes."""
    shapes = {
        shape.rpartition("/")[2]
        for shape in named(SH.NodeShape)
        if (shape, SH.deactivated, None) not in SHAPES
    }
    shapes.add("Contradiction")
    assert {path.stem for path in VALID} == {path.stem for path in INVALID} == shapes
    assert len(shapes) == NODE_SHAPES


def test_no_constraint_is_unknown_here() -> None:
    """A new sort of constraint must be counted, too."""
    for shape in named(SH.NodeShape) | named(SH.PropertyShape):
        assert set(SHAPES.predicates(shape)) <= PARAMETERS.keys() | NOT_CONSTRAINTS


def test_every_rule_says_what_is_wrong_and_how_to_mend_it() -> None:
    """One message of two lines, and a severity, wherever something can fail."""
    failing = named(SH.PropertyShape) | {
        shape
        for shape in named(SH.NodeShape)
        if (shape, SH.deactivated, None) in SHAPES or set(SHAPES.predicates(shape)) & PARAMETERS.keys()
    }
    for shape in failing:
        [message] = SHAPES.objects(shape, SH.message)
        wrong, mend = str(message).split("\n")
        assert wrong.endswith("."), shape
        assert mend, shape
        [severity] = SHAPES.objects(shape, SH.severity)
        assert severity in {SH.Violation, SH.Warning}, shape


def test_every_property_shape_belongs_to_a_node_shape() -> None:
    """A property shape that nothing refers to would never be looked at."""
    assert named(SH.PropertyShape) == set(SHAPES.objects(None, SH.property)) - {
        node for node in SHAPES.objects(None, SH.property) if isinstance(node, BNode)
    }


def test_the_shapes_look_at_every_class_that_has_instances() -> None:
    """All kinds of things and of statements, documents, evidence and gaps."""
    targets = set(SHAPES.objects(URIRef(f"{BASE}shapes/Individual"), SH.targetClass))
    assert targets == {
        *KINDS.values(),
        *(HER[kind] for kind in STATEMENT_KINDS),
        HER.Document,
        HER.Evidence,
        HER.Unread,
        HER.MissingContent,
    }


@pytest.mark.parametrize(("slot", "values"), [("polarity", Polarity), ("modality", Modality)])
def test_the_fixed_values_are_those_of_the_model(slot: str, values: object) -> None:
    """`graph.model` and the shapes list the same values."""
    listed = SHAPES.value(URIRef(f"{BASE}shapes/Statement-{slot}"), SH["in"])
    assert set(SHAPES.items(listed)) == {thing(slot, value) for value in values.__args__}  # type: ignore[attr-defined]


def test_the_vocabulary_conforms() -> None:
    """The named individuals of the project keep the project's own rules."""
    report = validate(load_context(), shapes=SHAPES)
    assert report.conforms, report.words()
    assert report.checked > len(KINDS)
