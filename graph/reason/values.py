"""Property values that follow: the rules of OWL 2 RL for properties, run until nothing new appears.

HermiT would find the same values, but takes longer over them than over all the rest together; a test holds
the two against each other. The rules are named as in the OWL 2 Profiles recommendation, section 4.3.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, NamedNode, Triple
from rdflib import OWL, RDF, RDFS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Fact = tuple[object, object, object]

_TYPE: Final = NamedNode(RDF.type)
_INTERSECTION: Final = NamedNode(OWL.intersectionOf)


class PropertyRules:
    """What the ontology's axioms say of properties, ready to be applied."""

    def __init__(self, axioms: Iterable[Triple]) -> None:
        self._about: defaultdict[object, defaultdict[object, list[object]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for triple in axioms:
            self._about[triple.subject][triple.predicate].append(triple.object)
        self._wider: defaultdict[object, set[object]] = defaultdict(set)
        self._inverse: defaultdict[object, set[object]] = defaultdict(set)
        self._after: defaultdict[object, set[tuple[object, object]]] = defaultdict(set)
        self._before: defaultdict[object, set[tuple[object, object]]] = defaultdict(set)
        self._of_class: defaultdict[object, set[tuple[object, object]]] = defaultdict(set)
        for term, said in self._about.items():
            if isinstance(term, NamedNode):
                self._read(term, said)

    def _read(self, term: NamedNode, said: Mapping[object, list[object]]) -> None:
        kinds = said.get(_TYPE, [])
        self._wider[term].update(said.get(NamedNode(RDFS.subPropertyOf), []))  # prp-spo1
        for same in said.get(NamedNode(OWL.equivalentProperty), []):  # prp-eqp
            self._wider[term].add(same)
            self._wider[same].add(term)
        for inverse in said.get(NamedNode(OWL.inverseOf), []):  # prp-inv
            self._inverse[term].add(inverse)
            self._inverse[inverse].add(term)
        if NamedNode(OWL.SymmetricProperty) in kinds:  # prp-symp
            self._inverse[term].add(term)
        chains = [self._list(head) for head in said.get(NamedNode(OWL.propertyChainAxiom), [])]
        if NamedNode(OWL.TransitiveProperty) in kinds:  # prp-trp
            chains.append([term, term])
        for first, second in (chain for chain in chains if len(chain) == 2):  # prp-spo2
            self._after[first].add((second, term))
            self._before[second].add((first, term))
        for wider in (NamedNode(RDFS.subClassOf), NamedNode(OWL.equivalentClass)):  # cls-hv1
            for expression in said.get(wider, []):
                self._of_class[term].update(self._fixed_values(expression))

    def _fixed_values(self, expression: object) -> Iterator[tuple[object, object]]:
        said = self._about[expression]
        for value in said[NamedNode(OWL.hasValue)]:
            yield said[NamedNode(OWL.onProperty)][0], value
        for head in said[_INTERSECTION]:
            for part in self._list(head):
                if isinstance(part, BlankNode):
                    yield from self._fixed_values(part)

    def _list(self, head: object) -> list[object]:
        items: list[object] = []
        while head != NamedNode(RDF.nil):
            cell = self._about[head]
            items += cell[NamedNode(RDF.first)]
            head = next(iter(cell[NamedNode(RDF.rest)]), NamedNode(RDF.nil))
        return items

    def follow(self, facts: Iterable[Fact], types: Iterable[tuple[object, object]]) -> set[Fact]:
        """All facts (subject, property, value) that hold, given some and the (subject, class) pairs."""
        waiting = [*facts]
        waiting += [(node, *fixed) for node, class_ in types for fixed in self._of_class.get(class_, ())]
        known: set[Fact] = set()
        outward: defaultdict[tuple[object, object], set[object]] = defaultdict(set)
        inward: defaultdict[tuple[object, object], set[object]] = defaultdict(set)
        while waiting:
            fact = waiting.pop()
            if fact in known:
                continue
            known.add(fact)
            subject, property_, value = fact
            outward[property_, subject].add(value)
            inward[property_, value].add(subject)
            waiting += [(subject, wider, value) for wider in self._wider.get(property_, ())]
            waiting += [(value, inverse, subject) for inverse in self._inverse.get(property_, ())]
            for second, whole in self._after.get(property_, ()):
                waiting += [(subject, whole, end) for end in outward[second, value]]
            for first, whole in self._before.get(property_, ()):
                waiting += [(start, whole, value) for start in inward[first, subject]]
        return known
