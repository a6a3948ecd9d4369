"""The rules of OWL 2 RL read backwards: from which facts and axioms could one fact follow in one step?

They are named as in the OWL 2 Profiles recommendation (https://www.w3.org/TR/owl2-profiles/), section 4.3.
What cannot be had by single rules is not here: complements, disjointness, cardinalities, cases.
"""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import NamedNode
from rdflib import OWL, RDF

from graph.reason.proof_axioms import INTERSECTION, ON, ONE_OF, SELF, SOME, UNION, VALUE, Axioms
from graph.reason.proof_known import INFERRED, Fact, sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.lookup import Node
    from graph.reason.proof_known import Known

RULES: Final[dict[str, str]] = {
    "cax-sco": "a narrower class belongs to the wider one",
    "cax-eqc": "the two classes are the same",
    "cls-int1": "it fits every part of the definition",
    "cls-int2": "this is part of a definition that it fits",
    "cls-uni": "it fits one of the alternatives",
    "cls-svf1": "it has such a value",
    "cls-hv1": "all of that class have this value",
    "cls-hv2": "it has the value that makes the class",
    "cls-avf": "such values belong to this class only",
    "cls-oo": "it is one of those listed",
    "prp-self": "it has this with itself",
    "prp-dom": "only that class has this property",
    "prp-rng": "values of this property belong to that class",
    "prp-spo1": "a narrower property implies the wider one",
    "prp-eqp": "the two properties are the same",
    "prp-inv": "the other property is the same the other way round",
    "prp-symp": "the property holds both ways",
    "prp-trp": "the property carries on along a chain",
    "prp-spo2": "a chain of properties implies this one",
}
"""Each rule in plain words; `proof.py` adds those that are not of OWL."""

WAYS: Final = 12
"""How many ways to fit one expression, and how many values of one property, are tried."""

_TYPE: Final = NamedNode(RDF.type)
_THING: Final = NamedNode(OWL.Thing)


class Step(NamedTuple):
    """One application of a rule: these facts, with these axioms, give the fact it was asked for.

    `statements` are those that a derivation rule reads; each of them would do alone.
    """

    rule: str
    premises: tuple[Fact, ...] = ()
    axioms: tuple[Fact, ...] = ()
    statements: tuple[NamedNode, ...] = ()
    words: str = ""


class BackwardRules:
    """The rules over an ontology, ready to be asked what a fact could follow from."""

    def __init__(self, axioms: Axioms) -> None:
        self.axioms = axioms
        self._lookup = axioms.lookup

    def steps(self, goal: Fact, known: Known, *, inward: bool = True) -> Iterator[Step]:
        """The steps that end in `goal` and whose facts are all known, the plainest kinds first.

        Without `inward`, those that start from what points at the goal's subject are left out.
        """
        if goal.predicate == _TYPE and isinstance(goal.object, NamedNode):
            yield from self._to_type(goal.subject, goal.object, known)
            if inward:
                yield from self._from_pointing(goal.subject, goal.object, known)
        elif goal.predicate != _TYPE:
            yield from self._to_value(goal, known)

    def _to_type(self, node: Node, class_: NamedNode, known: Known) -> Iterator[Step]:
        for axiom, narrower, rule, opened in self.axioms.under[class_]:
            for facts in self._ways(node, narrower, known, opened=opened):
                yield Step(rule, facts, (axiom,))
        for axiom, property_ in self.axioms.domain[class_]:
            for value in _values(known, node, property_):
                yield Step("prp-dom", (Fact(node, property_, value),), (axiom,))

    def _from_pointing(self, node: Node, class_: NamedNode, known: Known) -> Iterator[Step]:
        for axiom, property_ in self.axioms.range[class_]:
            for subject in known.pointing(property_, node):
                yield Step("prp-rng", (Fact(subject, property_, node),), (axiom,))
        for axiom, whole, property_ in self.axioms.only[class_]:
            for subject in known.pointing(property_, node):
                for facts in self._ways(subject, whole, known):
                    yield Step("cls-avf", (Fact(subject, property_, node), *facts), (axiom,))

    def _to_value(self, goal: Fact, known: Known) -> Iterator[Step]:
        node, property_, value = goal.subject, goal.predicate, goal.object
        for axiom, narrower, rule in self.axioms.narrower[property_]:
            if sources(known, fact := Fact(node, narrower, value)):
                yield Step(rule, (fact,), (axiom,))
        if isinstance(value, NamedNode):
            for axiom, inverse, rule in self.axioms.inverse[property_]:
                if sources(known, fact := Fact(value, inverse, node)):
                    yield Step(rule, (fact,), (axiom,))
        for axiom, links, rule in self.axioms.chains[property_]:
            for path in self._paths(node, links, value, known):
                yield Step(rule, path, (axiom,))
        for axiom, whole, fixed in self.axioms.fixed[property_]:
            if fixed == value:
                for facts in self._ways(node, whole, known):
                    yield Step("cls-hv1", facts, (axiom,))

    def _paths(
        self, start: Node, links: tuple[NamedNode, ...], end: Node, known: Known
    ) -> Iterator[tuple[Fact, ...]]:
        """The known paths from one node to another along the properties of a chain."""
        first, *rest = links
        if not rest:
            if sources(known, fact := Fact(start, first, end)):
                yield (fact,)
            return
        for middle in known.about(start).get(first, ()):
            if isinstance(middle, NamedNode):
                for path in self._paths(middle, tuple(rest), end, known):
                    yield (Fact(start, first, middle), *path)

    def _ways(
        self, node: Node, expression: Node, known: Known, *, opened: bool = False
    ) -> Iterator[tuple[Fact, ...]]:
        """The sets of known facts by which a node fits an expression."""
        if isinstance(expression, NamedNode) and not opened:
            if expression == _THING:
                yield ()
            elif sources(known, fact := Fact(node, _TYPE, expression)):
                yield (fact,)
            return
        for head in self._lookup.values(expression, INTERSECTION):
            ways = [list(islice(self._ways(node, p, known), WAYS)) for p in self._lookup.items(head)]
            for parts in islice(product(*ways), WAYS):
                yield tuple(dict.fromkeys(fact for part in parts for fact in part))
        for head in self._lookup.values(expression, UNION):
            for part in self._lookup.items(head):
                yield from self._ways(node, part, known)
        for head in self._lookup.values(expression, ONE_OF):
            if node in self._lookup.items(head):
                yield ()
        for property_ in self._lookup.values(expression, ON):
            if isinstance(property_, NamedNode):
                yield from self._restricted(node, expression, property_, known)

    def _restricted(
        self, node: Node, restriction: Node, property_: NamedNode, known: Known
    ) -> Iterator[tuple[Fact, ...]]:
        wanted = [*self._lookup.values(restriction, VALUE)]
        wanted += [node for _ in self._lookup.values(restriction, SELF)]
        for value in wanted:
            if sources(known, fact := Fact(node, property_, value)):
                yield (fact,)
        for filler in self._lookup.values(restriction, SOME):
            for value in _values(known, node, property_, limit=None):
                for facts in self._ways(value, filler, known):
                    yield (Fact(node, property_, value), *facts)


def _values(known: Known, node: Node, property_: NamedNode, limit: int | None = WAYS) -> Iterator[Node]:
    """A node's values of a property, the asserted ones first."""
    found = known.about(node).get(property_, {})
    yield from islice(sorted(found, key=lambda value: (found[value] == {INFERRED}, str(value))), limit)
