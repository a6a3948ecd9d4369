"""What the endpoint's default graph holds, counted: nodes, classes, properties, and what leads where.

Every triple is looked at once, and once more for its type. The nodes at both its ends may have many types, so
triples are counted by the set of types at either end, of which there are few; the sets are taken apart when
all are counted. So the cost grows with the triples, not with the types.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pyoxigraph import BlankNode, Literal, NamedNode
from rdflib import OWL, RDF

from graph.files import BASE
from graph.vocab import NAMED_ONLY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyoxigraph import Triple

INFERRED: Final = "inferred"
"""The graph whose types no source has written down."""

OF_OWL: Final = frozenset({str(OWL.NamedIndividual), str(OWL.Thing)})
"""Classes that tell nothing of their members; they are counted, and nothing is counted by them."""

_Coded = tuple[int, int, int]
_Classes = frozenset[int]
_NONE: Final[_Classes] = frozenset()
_K = TypeVar("_K", str, tuple[str, str], tuple[str, str, str])
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Size:
    """How large a graph is: its triples, and its distinct nodes by the place they stand in.

    `entities` are subjects with an IRI under the base; `classes` are the objects of `rdf:type`.
    """

    triples: int
    entities: int
    subjects: int
    objects: int
    properties: int
    classes: int


@dataclass(frozen=True, slots=True)
class Use:
    """A property's triples, and its distinct subjects and objects."""

    triples: int
    subjects: int
    objects: int


@dataclass(frozen=True, slots=True)
class Census:
    """The default graph by class and property; keys are IRIs, values are numbers of triples if not said.

    `graphs` has the size of each named graph, `classes` the number of members of each class, `properties`
    the uses of each, `of_class` the triples of a class's members by property. `to_class` and `to_datatype`
    add the class or the datatype of the object, for classes that somebody wrote down: not those that only the
    reasoner gives.
    """

    size: Size
    graphs: Mapping[str, Size]
    classes: Mapping[str, int]
    properties: Mapping[str, Use]
    of_class: Mapping[tuple[str, str], int]
    to_class: Mapping[tuple[str, str, str], int]
    to_datatype: Mapping[tuple[str, str, str], int]


def census(graphs: Mapping[str, Sequence[Triple]]) -> Census:
    """Count the named graphs, and the union of those that the default graph is made of."""
    nodes = _Nodes()
    union: set[_Coded] = set()
    written: list[_Coded] = []
    sizes: dict[str, Size] = {}
    for name, triples in graphs.items():
        coded = nodes.coded(triples)
        sizes[name] = nodes.size(coded)
        if name not in NAMED_ONLY:
            union.update(coded)
            if name != INFERRED:
                written += (triple for triple in coded if triple[1] == nodes.type)
    types, stated = nodes.types(union), nodes.types(written)
    ends: Counter[tuple[_Classes, _Classes, int, _Classes | str]] = Counter()
    numbers: Counter[int] = Counter()
    subjects: defaultdict[int, set[int]] = defaultdict(set)
    objects: defaultdict[int, set[int]] = defaultdict(set)
    datatypes = nodes.datatypes
    for subject, predicate, value in union:
        numbers[predicate] += 1
        subjects[predicate].add(subject)
        objects[predicate].add(value)
        end = datatypes.get(value) or stated.get(value, _NONE)
        ends[types.get(subject, _NONE), stated.get(subject, _NONE), predicate, end] += 1
    members = Counter(value for _, predicate, value in union if predicate == nodes.type)
    iri = nodes.iri
    return Census(
        size=nodes.size(union),
        graphs=sizes,
        classes=_sorted({iri[kind]: number for kind, number in members.items() if kind in iri}),
        properties=_sorted(
            {iri[p]: Use(number, len(subjects[p]), len(objects[p])) for p, number in numbers.items()}
        ),
        **_taken_apart(ends, iri),
    )


class _Nodes:
    """The terms of a dataset, each by a number: numbers are compared much faster than texts."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self.iri: dict[int, str] = {}
        self.datatypes: dict[int, str] = {}
        self._ours: set[int] = set()
        self.type = self._number(NamedNode(RDF.type))

    def coded(self, triples: Iterable[Triple]) -> list[_Coded]:
        """The triples, as numbers."""
        number = self._number
        return [(number(subject), number(predicate), number(value)) for subject, predicate, value in triples]

    def size(self, triples: Iterable[_Coded]) -> Size:
        """The size of a graph whose triples are given once each."""
        found = list(triples)
        subjects = {subject for subject, _, _ in found}
        return Size(
            triples=len(found),
            entities=len(subjects & self._ours),
            subjects=len(subjects),
            objects=len({value for _, _, value in found}),
            properties=len({predicate for _, predicate, _ in found}),
            classes=len({value for _, predicate, value in found if predicate == self.type}),
        )

    def types(self, triples: Iterable[_Coded]) -> dict[int, _Classes]:
        """Each node's classes with a name; nodes of the same classes share one set."""
        found: defaultdict[int, set[int]] = defaultdict(set)
        for subject, predicate, value in triples:
            if predicate == self.type and value in self.iri and self.iri[value] not in OF_OWL:
                found[subject].add(value)
        shared: dict[_Classes, _Classes] = {}
        return {node: shared.setdefault(s, s) for node, s in ((n, frozenset(c)) for n, c in found.items())}

    def _number(self, term: NamedNode | BlankNode | Literal | Triple) -> int:
        number = self._numbers.get(term)
        if number is None:
            number = self._numbers[term] = len(self._numbers)
            if isinstance(term, NamedNode):
                self.iri[number] = term.value
                if term.value.startswith(BASE):
                    self._ours.add(number)
            elif isinstance(term, Literal):
                self.datatypes[number] = term.datatype.value
        return number


def _taken_apart(
    ends: Mapping[tuple[_Classes, _Classes, int, _Classes | str], int], iri: Mapping[int, str]
) -> dict[str, Mapping[Any, int]]:
    """The counts by sets of classes as counts by class."""
    of_class: Counter[tuple[str, str]] = Counter()
    to_class: Counter[tuple[str, str, str]] = Counter()
    to_datatype: Counter[tuple[str, str, str]] = Counter()
    for (types, stated, predicate, end), number in ends.items():
        for kind in types:
            of_class[iri[kind], iri[predicate]] += number
        for kind in stated:
            if isinstance(end, str):
                to_datatype[iri[kind], iri[predicate], end] += number
            else:
                for other in end:
                    to_class[iri[kind], iri[predicate], iri[other]] += number
    return {
        "of_class": _sorted(of_class),
        "to_class": _sorted(to_class),
        "to_datatype": _sorted(to_datatype),
    }


def _sorted(found: Mapping[_K, _V]) -> dict[_K, _V]:
    return dict(sorted(found.items()))
