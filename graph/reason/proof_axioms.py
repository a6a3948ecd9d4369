"""The axioms of an ontology, indexed by what follows from them: a class, or a value of a property."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import BlankNode, NamedNode, Triple
from rdflib import OWL, RDF, RDFS

from graph.lookup import Lookup
from graph.manchester import BETWEEN
from graph.reason.proof_known import Fact, facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.lookup import Node

INTERSECTION: Final = str(OWL.intersectionOf)
UNION: Final = str(OWL.unionOf)
ONE_OF: Final = str(OWL.oneOf)
ON: Final = str(OWL.onProperty)
VALUE: Final = str(OWL.hasValue)
SOME: Final = str(OWL.someValuesFrom)
SELF: Final = str(OWL.hasSelf)

_TYPE: Final = NamedNode(RDF.type)
_WIDER: Final = NamedNode(RDFS.subClassOf)
_SAME: Final = NamedNode(OWL.equivalentClass)
_ONLY: Final = str(OWL.allValuesFrom)
_FORMS: Final = {
    INTERSECTION: "cls-int1", UNION: "cls-uni", ONE_OF: "cls-oo", VALUE: "cls-hv2", SOME: "cls-svf1",
    SELF: "prp-self",
}  # fmt: skip
"""The rule by which something fits an expression, by the property that makes the expression what it is."""


class Under(NamedTuple):
    """What is narrower than a class by an axiom; an `open` one is a class that the axiom itself describes."""

    axiom: Fact
    narrower: Node
    rule: str
    open: bool = False


class Axioms:
    """An ontology's axioms. Each entry of an index has its axiom first, as the triple that begins it."""

    def __init__(self, ontology: Iterable[Triple]) -> None:
        told = list(ontology)
        self.lookup = Lookup(told)
        self.under: defaultdict[object, list[Under]] = defaultdict(list)
        self.wider: defaultdict[object, list[Node]] = defaultdict(list)
        self.fixed: defaultdict[object, list[tuple[Fact, Node, Node]]] = defaultdict(list)
        self.only: defaultdict[object, list[tuple[Fact, Node, NamedNode]]] = defaultdict(list)
        self.domain: defaultdict[object, list[tuple[Fact, NamedNode]]] = defaultdict(list)
        self.range: defaultdict[object, list[tuple[Fact, NamedNode]]] = defaultdict(list)
        self.narrower: defaultdict[object, list[tuple[Fact, NamedNode, str]]] = defaultdict(list)
        self.inverse: defaultdict[object, list[tuple[Fact, NamedNode, str]]] = defaultdict(list)
        self.chains: defaultdict[object, list[tuple[Fact, tuple[NamedNode, ...], str]]] = defaultdict(list)
        for axiom in facts(told):
            self._read(axiom)

    def _read(self, triple: Fact) -> None:
        subject, value = triple.subject, triple.object
        match triple.predicate.value:
            case iri if iri == _WIDER.value:
                self._read_wider(triple, subject, value, "cax-sco")
            case iri if iri == _SAME.value:
                self._read_wider(triple, subject, value, "cax-eqc")
                self._read_wider(triple, value, subject, "cax-eqc")
            case iri if iri in _FORMS and isinstance(subject, NamedNode):
                self.under[subject].append(Under(triple, subject, _FORMS[iri], open=True))
            case iri if iri == str(OWL.disjointUnionOf):
                self.under[subject] += [Under(triple, part, "cls-uni") for part in self.lookup.items(value)]
            case iri if iri == str(RDFS.domain) and isinstance(subject, NamedNode):
                for class_ in self._parts(value):
                    self.domain[class_].append((triple, subject))
            case iri if iri == str(RDFS.range) and isinstance(subject, NamedNode):
                for class_ in self._parts(value):
                    self.range[class_].append((triple, subject))
            case _:
                self._read_property(triple)

    def _read_property(self, triple: Fact) -> None:
        subject, value = triple.subject, triple.object
        if not isinstance(subject, NamedNode):
            return
        if triple.predicate == _TYPE and value == NamedNode(OWL.SymmetricProperty):
            self.inverse[subject].append((triple, subject, "prp-symp"))
        if triple.predicate == _TYPE and value == NamedNode(OWL.TransitiveProperty):
            self.chains[subject].append((triple, (subject, subject), "prp-trp"))
        if triple.predicate.value == str(OWL.propertyChainAxiom):
            links = [link for link in self.lookup.items(value) if isinstance(link, NamedNode)]
            if len(links) == len(self.lookup.items(value)) > 0:
                self.chains[subject].append((triple, tuple(links), "prp-spo2"))
        if not isinstance(value, NamedNode):
            return
        if triple.predicate.value == str(RDFS.subPropertyOf):
            self.narrower[value].append((triple, subject, "prp-spo1"))
        if triple.predicate.value == str(OWL.equivalentProperty):
            self.narrower[value].append((triple, subject, "prp-eqp"))
            self.narrower[subject].append((triple, value, "prp-eqp"))
        if triple.predicate.value == str(OWL.inverseOf):
            self.inverse[value].append((triple, subject, "prp-inv"))
            self.inverse[subject].append((triple, value, "prp-inv"))

    def _read_wider(self, axiom: Fact, narrower: Node, wider: Node, rule: str) -> None:
        """Everything that follows from being in `narrower`, found by taking `wider` apart."""
        self.wider[narrower].append(wider)
        if isinstance(wider, NamedNode):
            form = next((form for form in _FORMS if self.lookup.values(narrower, form)), None)
            rule = _FORMS[form] if isinstance(narrower, BlankNode) and form else rule
            self.under[wider].append(Under(axiom, narrower, rule))
            return
        for head in self.lookup.values(wider, INTERSECTION):
            for part in self.lookup.items(head):
                self._read_wider(axiom, narrower, part, "cls-int2")
        for property_ in self.lookup.values(wider, ON):
            if not isinstance(property_, NamedNode):
                continue
            for value in self.lookup.values(wider, VALUE):
                self.fixed[property_].append((axiom, narrower, value))
            for filler in self.lookup.values(wider, _ONLY):
                for class_ in self._parts(filler):
                    self.only[class_].append((axiom, narrower, property_))

    def _parts(self, expression: Node) -> Iterator[NamedNode]:
        """The classes that whatever fits an expression belongs to, by its form alone."""
        if isinstance(expression, NamedNode):
            yield expression
        for head in self.lookup.values(expression, INTERSECTION):
            for part in self.lookup.items(head):
                yield from self._parts(part)

    def axioms_of(self, subject: Node) -> list[Fact]:
        """The axioms that begin with a class or property."""
        return [
            Fact(subject, NamedNode(predicate), value)
            for predicate, values in self.lookup.about(subject).items()
            for value in values
            if predicate in BETWEEN and predicate != _TYPE.value
        ]

    def inside(self, triples: Iterable[Fact]) -> Iterator[Triple]:
        """The triples of the expressions that stand in some axioms."""
        waiting = [term for t in triples for term in (t.subject, t.object) if isinstance(term, BlankNode)]
        seen: set[object] = set()
        while waiting:
            if (node := waiting.pop()) in seen:
                continue
            seen.add(node)
            for predicate, values in self.lookup.about(node).items():
                for value in values:
                    yield Triple(node, NamedNode(predicate), value)
                    if isinstance(value, BlankNode):
                        waiting.append(value)
