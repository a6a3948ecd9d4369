"""OWL 2 DL reasoning: whether all that is known fits together, and what follows from it.

HermiT sees what carries meaning for it: the ontology's axioms, and of things and statements their types and
the values of declared properties. Labels, dates (not in the OWL 2 datatype map), evidence, gaps and documents
stay out. It checks the consistency of all that, which is fast; what follows, the slow part, it works out for
the things and for one statement of every form.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple
from rdflib import OWL, RDF, RDFS, XSD

from graph.model import STATEMENT_KINDS
from graph.reason.culprits import contradiction, unsatisfiable
from graph.reason.hermit import classify, first_contradiction
from graph.reason.values import PropertyRules
from graph.vocab import HER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graph.reason.values import Fact

DEADLINE: Final = 600.0
"""Seconds HermiT may take over a build."""

ONTOLOGY: Final = "ontology"
"""The name of the graph that holds the axioms; every other one holds assertions."""

_TYPE: Final = NamedNode(RDF.type)
_WIDER: Final = NamedNode(RDFS.subClassOf)
_OWL: Final = str(OWL)
_HER: Final = str(HER)
_NOTHING: Final = str(OWL.Nothing)
_LEFT_OUT: Final[frozenset[object]] = frozenset(
    map(NamedNode, (HER.Document, HER.Evidence, HER.Gap, HER.Unread, HER.MissingContent))
)
_STATEMENTS: Final[frozenset[object]] = frozenset(NamedNode(HER[kind]) for kind in STATEMENT_KINDS)
_ANNOTATION: Final = NamedNode(OWL.AnnotationProperty)
_PROPERTY: Final = NamedNode(OWL.onProperty)
_VALUE: Final = NamedNode(OWL.hasValue)
_UNTOLD: Final[frozenset[object]] = frozenset(
    map(NamedNode, (OWL.someValuesFrom, OWL.onClass, OWL.hasSelf, OWL.minQualifiedCardinality))
)
"""Restrictions in which any value may tell, by its own types."""
_AXIOMS: Final = frozenset(
    NamedNode(term)
    for term in (
        RDF.type, RDF.first, RDF.rest, RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range,
        OWL.allValuesFrom, OWL.assertionProperty, OWL.cardinality, OWL.complementOf, OWL.datatypeComplementOf,
        OWL.differentFrom, OWL.disjointUnionOf, OWL.disjointWith, OWL.distinctMembers, OWL.equivalentClass,
        OWL.equivalentProperty, OWL.hasKey, OWL.hasSelf, OWL.hasValue, OWL.intersectionOf, OWL.inverseOf,
        OWL.maxCardinality, OWL.maxQualifiedCardinality, OWL.members, OWL.minCardinality,
        OWL.minQualifiedCardinality, OWL.onClass, OWL.onDataRange, OWL.onDatatype, OWL.onProperties,
        OWL.onProperty, OWL.oneOf, OWL.propertyChainAxiom, OWL.propertyDisjointWith, OWL.qualifiedCardinality,
        OWL.sameAs, OWL.someValuesFrom, OWL.sourceIndividual, OWL.targetIndividual, OWL.unionOf,
        OWL.withRestrictions,
    )
)  # fmt: skip
_DATATYPES: Final = frozenset(
    NamedNode(XSD[name])
    for name in (
        "string", "boolean", "decimal", "integer", "nonNegativeInteger", "positiveInteger", "int", "long",
        "double", "float", "dateTime", "anyURI",
    )
)  # fmt: skip
"""Datatypes of the OWL 2 datatype map that values in this graph may have."""

_LINE: Final = re.compile(r"^(SubClassOf|EquivalentClasses|Type)\( (<[^()]+>) \)$", re.MULTILINE)
_IRI: Final = re.compile(r"<([^>]+)>")


class Inferred(NamedTuple):
    """What follows and was not said (sorted), and how long HermiT took over it, in seconds."""

    triples: tuple[Triple, ...]
    seconds: float


def reason(graphs: Mapping[str, Sequence[Triple]], *, deadline: float = DEADLINE) -> Inferred:
    """The types, property values and direct superclasses that follow, `ontology` holding the axioms.

    Only the ontology's own classes and properties are told of. Raises Inconsistent, with its culprits, when
    the graphs contradict each other or a class can have no instance; BuildError when HermiT fails or
    takes more than `deadline` seconds.
    """
    axioms, assertions = logical(graphs)
    started = time.perf_counter()
    if first_contradiction([[*axioms, *assertions]], seconds=deadline) is not None:
        raise contradiction(axioms, assertions, graphs)
    forms = statement_forms(axioms, assertions)
    alike = {NamedNode(iri) for iris in forms for iri in iris[1:]}
    shown = [triple for triple in assertions if triple.subject not in alike]
    left = deadline - (time.perf_counter() - started)
    report = _Report(classify([*axioms, *shown], seconds=max(1.0, left)), forms)
    seconds = time.perf_counter() - started
    if empty := report.empty_classes():
        raise unsatisfiable(empty, graphs)
    known = {triple for triples in graphs.values() for triple in triples}
    types = report.types(known)
    follows = {Triple(node, _TYPE, class_) for node, class_ in types}
    follows |= {Triple(class_, _WIDER, wider) for class_, wider in report.hierarchy()}
    for subject, property_, value in PropertyRules(axioms).follow(_values(known), types):
        if (
            isinstance(subject, NamedNode)
            and isinstance(property_, NamedNode)
            and isinstance(value, NamedNode)
        ):
            follows.add(Triple(subject, property_, value))
    return Inferred(tuple(sorted((follows - known), key=str)), seconds)


def _values(known: Iterable[Triple]) -> list[Fact]:
    return [
        (triple.subject, triple.predicate, triple.object)
        for triple in known
        if _is_ours(triple.predicate.value) and isinstance(triple.object, NamedNode)
    ]


def statement_forms(axioms: Sequence[Triple], assertions: Sequence[Triple]) -> list[list[str]]:
    """The statements, by their IRIs, in groups of one form: those whose types follow in the same way.

    A form is a statement's types, its properties, and those of its values that an axiom looks at (such as
    polarity:negated). Nothing points at a statement, so nothing else can tell the types of two of them apart.
    """
    asks: defaultdict[object, dict[object, object]] = defaultdict(dict)
    for triple in axioms:
        asks[triple.subject][triple.predicate] = triple.object
    restrictions = [ask for ask in asks.values() if _PROPERTY in ask]
    telling = {(ask[_PROPERTY], ask[_VALUE]) for ask in restrictions if _VALUE in ask}
    looked_at = {ask[_PROPERTY] for ask in restrictions if not _UNTOLD.isdisjoint(ask)} | {_TYPE}
    marks: defaultdict[str, set[tuple[object, object]]] = defaultdict(set)
    statements = {t.subject for t in assertions if t.predicate == _TYPE and t.object in _STATEMENTS}
    for triple in assertions:
        if triple.subject in statements and isinstance(triple.subject, NamedNode):
            told = triple.predicate in looked_at or (triple.predicate, triple.object) in telling
            marks[triple.subject.value].add((triple.predicate, triple.object if told else None))
    forms: defaultdict[frozenset[tuple[object, object]], list[str]] = defaultdict(list)
    for statement in sorted(marks):
        forms[frozenset(marks[statement])].append(statement)
    return list(forms.values())


def logical(graphs: Mapping[str, Sequence[Triple]]) -> tuple[list[Triple], list[Triple]]:
    """The axioms and the assertions that HermiT is given, each once and sorted."""
    axioms = {triple for triple in graphs[ONTOLOGY] if triple.predicate in _AXIOMS}
    declared: set[object] = {
        t.subject for t in axioms if t.predicate == _TYPE and _is_owl(t.object) and t.object != _ANNOTATION
    }
    others = [triple for name, triples in graphs.items() if name != ONTOLOGY for triple in triples]
    left_out = {t.subject for t in others if t.predicate == _TYPE and t.object in _LEFT_OUT}
    assertions = {
        triple
        for triple in others
        if triple.subject not in left_out
        and triple.object not in left_out
        and _is_assertion(triple, declared)
    }
    return sorted(axioms, key=str), sorted(assertions, key=str)


def _is_assertion(triple: Triple, declared: set[object]) -> bool:
    if triple.predicate == _TYPE:
        return triple.object in declared or triple.object == NamedNode(OWL.NamedIndividual)
    if triple.predicate not in declared:
        return triple.predicate in _AXIOMS
    return not isinstance(triple.object, Literal) or triple.object.datatype in _DATATYPES


class _Report:
    """What HermiT printed: the class hierarchy and direct types; `types` closes them over the hierarchy."""

    def __init__(self, text: str, forms: Sequence[Sequence[str]]) -> None:
        self._wider: defaultdict[str, set[str]] = defaultdict(set)
        self._types: list[tuple[str, str]] = []
        alike = {nodes[0]: nodes for nodes in forms}
        for relation, arguments in _LINE.findall(text):
            first, *rest = _IRI.findall(arguments)
            match relation:
                case "Type":
                    self._types.extend((node, rest[0]) for node in alike.get(first, (first,)))
                case "SubClassOf":
                    self._wider[first].add(rest[0])
                case _:
                    for one in (first, *rest):
                        self._wider[one].update({first, *rest} - {one})

    def empty_classes(self) -> list[str]:
        """The classes of ours that can have no instance."""
        return sorted(self._wider[_NOTHING] & {class_ for class_ in self._wider if _is_ours(class_)})

    def hierarchy(self) -> set[tuple[NamedNode, NamedNode]]:
        """The classes of ours, each with those right above it."""
        return {
            (NamedNode(class_), NamedNode(wider))
            for class_, all_wider in self._wider.items()
            for wider in all_wider
            if _is_ours(class_) and _is_ours(wider)
        }

    def types(self, known: Iterable[Triple]) -> set[tuple[NamedNode, NamedNode]]:
        """Every node's classes of ours, also of nodes HermiT was not shown."""
        told = [
            (triple.subject.value, triple.object.value)
            for triple in known
            if triple.predicate == _TYPE
            and isinstance(triple.subject, NamedNode)
            and isinstance(triple.object, NamedNode)
        ]
        return {
            (NamedNode(node), NamedNode(wider))
            for node, class_ in (*self._types, *told)
            for wider in self._and_wider(class_)
        }

    def _and_wider(self, iri: str) -> set[str]:
        found: set[str] = set()
        waiting = [iri]
        while waiting:
            if (one := waiting.pop()) not in found:
                found.add(one)
                waiting.extend(self._wider[one])
        return set(filter(_is_ours, found))


def _is_ours(iri: str) -> bool:
    return iri.startswith(_HER)


def _is_owl(term: object) -> bool:
    return isinstance(term, NamedNode) and term.value.startswith(_OWL)
