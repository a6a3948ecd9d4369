"""Triples in plain words, with where they come from: for messages about what is wrong with the data."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from rdflib import OWL, RDF, RDFS

from graph.vocab import HER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence, Set

_TYPE: Final = NamedNode(RDF.type)
_LABEL: Final = NamedNode(RDFS.label)
_WIDER: Final = NamedNode(RDFS.subClassOf)
_SUBJECT: Final = NamedNode(HER.subject)
_OBJECT: Final = NamedNode(HER.object)
_EVIDENCE: Final = NamedNode(HER.hasEvidence)

_AXIOMS: Final[dict[object, str]] = {
    NamedNode(RDFS.domain): "whatever has “{0}” is a {1}",
    NamedNode(RDFS.range): "whatever “{0}” points to is a {1}",
    NamedNode(RDFS.subClassOf): "every {0} is a {1}",
    NamedNode(RDFS.subPropertyOf): "“{0}” implies “{1}”",
    NamedNode(OWL.disjointWith): "nothing is both {0} and {1}",
    NamedNode(OWL.complementOf): "nothing is both {0} and {1}",
    NamedNode(OWL.propertyDisjointWith): "“{0}” and “{1}” never hold together",
    NamedNode(OWL.inverseOf): "“{0}” is “{1}” the other way round",
    NamedNode(OWL.differentFrom): "{0} and {1} are two things",
    NamedNode(OWL.sameAs): "{0} and {1} are one thing",
}
"""An axiom between two names, by its predicate."""

_KINDS: Final[dict[object, str]] = {
    NamedNode(OWL.FunctionalProperty): "nothing has two values of “{0}”",
    NamedNode(OWL.InverseFunctionalProperty): "no two things share a value of “{0}”",
    NamedNode(OWL.AsymmetricProperty): "“{0}” never holds both ways",
    NamedNode(OWL.IrreflexiveProperty): "nothing has “{0}” with itself",
    NamedNode(OWL.SymmetricProperty): "“{0}” holds both ways",
    NamedNode(OWL.TransitiveProperty): "“{0}” carries on along a chain",
}
"""A property's characteristic, by its class."""

_SETS: Final[dict[object, str]] = {
    NamedNode(OWL.AllDisjointClasses): "nothing is two of these: {0}",
    NamedNode(OWL.AllDisjointProperties): "no two of these hold between the same things: {0}",
    NamedNode(OWL.AllDifferent): "these are all different: {0}",
}
"""An axiom about a list of names, by the class of its node."""

_SKIPPED: Final[frozenset[object]] = frozenset(
    map(NamedNode, (RDF.nil, RDF.List, OWL.Class, OWL.Restriction))
)


_SHOWN: Final = 3
"""How many statements, and how much evidence of each, stand behind a fact."""


class Words:
    """Labels, sources and evidence, looked up in the named graphs of a build."""

    def __init__(self, graphs: Mapping[str, Sequence[Triple]]) -> None:
        self._graphs = graphs
        self._labels: dict[object, str] = {}
        self._about: defaultdict[object, set[object]] = defaultdict(set)
        self._evidence: defaultdict[object, set[str]] = defaultdict(set)
        for triple in (triple for triples in graphs.values() for triple in triples):
            if triple.predicate == _LABEL:
                self._labels.setdefault(triple.subject, _value(triple.object))
            elif triple.predicate in (_SUBJECT, _OBJECT):
                self._about[triple.object].add(triple.subject)
            elif triple.predicate == _EVIDENCE:
                self._evidence[triple.subject].add(_value(triple.object))

    def label(self, term: object) -> str:
        """A term's label, or else the last part of its IRI."""
        if isinstance(term, NamedNode):
            return self._labels.get(term) or term.value.rstrip("/").rpartition("/")[2].rpartition("#")[2]
        if isinstance(term, BlankNode):
            return "something more closely described"
        return _value(term)

    def assertion(self, triple: Triple) -> str:
        """A fact and its source, e.g. `x treats y (“x: for y”, document z, characters 10–90)`."""
        link = "is a" if triple.predicate == _TYPE else self.label(triple.predicate)
        sources = "; ".join(self.sources(triple))
        told = f"{self.label(triple.subject)} {link} {self.label(triple.object)}"
        return f"{told} ({sources})" if sources else told

    def sources(self, triple: Triple) -> list[str]:
        """Where a fact comes from: the evidence of the statements behind it, or the graph that holds it."""
        holders = [name for name, triples in self._graphs.items() if triple in triples]
        if not any(name.startswith(("document/", "inferred")) for name in holders):
            return holders
        if triple.subject in self._evidence:
            statements: set[object] = {triple.subject}
        else:
            statements = self._about[triple.subject]
            statements = (statements & self._about.get(triple.object, set())) or statements
        return self.grounds(statements) or holders

    def grounds(self, statements: Iterable[object]) -> list[str]:
        """The first few statements and their evidence, each as `“label”, document x, characters 10–90`."""
        told = sorted(
            ", ".join([f"“{self.label(statement)}”", *self.places([statement])[:_SHOWN]])
            for statement in statements
            if statement in self._evidence
        )
        more = [f"{len(told) - _SHOWN} more statements"] if len(told) > _SHOWN else []
        return told[:_SHOWN] + more

    def places(self, statements: Iterable[object]) -> list[str]:
        """The evidence of statements, as `document “label” (id), characters 10–90`."""
        found = sorted({iri for statement in statements for iri in self._evidence.get(statement, ())})
        return [self.place(iri) for iri in found]

    def place(self, evidence: str) -> str:
        """One piece of evidence in words, from its IRI."""
        document, start, end = evidence.rpartition("/")[2].rsplit("-", 2)
        base = evidence.rpartition("evidence/")[0]
        name = self._labels.get(NamedNode(f"{base}document/{document}"), "")
        return f"document {f'“{name}” ' if name else ''}{document}, characters {start}–{end}"

    def axiom(self, group: Sequence[Triple], among: Set[object] = frozenset()) -> str:
        """An axiom of the ontology in words; `group` is its triple and the blank nodes that belong to it.

        Of a set of disjoint names, those that stand in `among` are told, if there are two of them.
        """
        main = group[0]
        if isinstance(main.subject, BlankNode):
            types = [triple.object for triple in group if triple.predicate == _TYPE]
            skipped = {*_SKIPPED, *types}
            members: Set[object] = {t.object for t in group if isinstance(t.object, NamedNode)} - skipped
            for wider in (t.object for t in group if t.subject == main.subject and t.predicate == _WIDER):
                described = _joined(map(self.label, members - {wider}))
                return f"whatever is described by {described} is a {self.label(wider)}"
            members = members & among if len(members & among) > 1 else members
            pattern = next((_SETS[type_] for type_ in types if type_ in _SETS), "an axiom about {0}")
            return pattern.format(_joined(map(self.label, members)))
        if main.predicate == _TYPE and main.object in _KINDS:
            return _KINDS[main.object].format(self.label(main.subject))
        if main.predicate in _AXIOMS and isinstance(main.object, NamedNode):
            return _AXIOMS[main.predicate].format(self.label(main.subject), self.label(main.object))
        return f"the definition of {self.label(main.subject)}"


def _joined(labels: Iterable[str]) -> str:
    return ", ".join(sorted(labels))


def _value(term: object) -> str:
    return term.value if isinstance(term, NamedNode | Literal | BlankNode) else str(term)
