"""The ontology as its pages show it: all classes and properties, and where each stands among the others."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode
from rdflib import DCTERMS, OWL, RDF, RDFS

from graph.files import BASE
from graph.lookup import Lookup, text
from graph.manchester import BETWEEN, CHARACTERISTICS, SETS
from server.facts import Ref
from server.hierarchy import Hierarchy
from server.ontology_term import TERMS, OntologyTerm, TermReader, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import Triple

    from graph.lookup import Node
    from graph.manchester import Pieces

_VERSION: Final = (str(OWL.versionIRI), str(OWL.priorVersion), str(DCTERMS.license), str(DCTERMS.creator))


@dataclass(frozen=True, slots=True)
class Header:
    """What the ontology says of itself; `previous` is the version before this one, if there is one."""

    title: str
    description: str | None
    version: str | None
    version_iri: Ref | None
    previous: Ref | None
    licence: Ref | None
    creators: tuple[Ref, ...]


class Ontology:
    """The ontology's triples, read once.

    `inferred` are pairs of a class and one right above it that a reasoner found; `mappings` are triples from
    terms of ours to those of others. `terms` is every class and property by its IRI, `ends` the domains and
    the ranges of each property (`said_of`) to be shown, `axioms` the number of logical axioms.
    """

    def __init__(
        self,
        triples: Iterable[Triple],
        inferred: Iterable[tuple[str, str]] = (),
        mappings: Iterable[Triple] = (),
    ) -> None:
        read = list(triples)
        self.iri = BASE + "ontology"
        self.lookup = Lookup(read)
        self._reader = TermReader(read, self.lookup, mappings)
        self.axioms = sum(map(_begins_axiom, read))
        self.terms = {term.iri: term for node in self.lookup if (term := self._reader.term(node)) is not None}
        self.classes = Hierarchy(
            _links(read, str(RDFS.subClassOf)), (*inferred, *_by_definition(read, self.lookup))
        )
        self.properties = Hierarchy(_links(read, str(RDFS.subPropertyOf)))
        self._mentions: defaultdict[str, set[str]] = defaultdict(set)
        for term in self.terms.values():
            for iri in named_in(term) - {term.iri}:
                self._mentions[iri].add(term.iri)
        self.ends = {
            term.iri: (self._expressions(term.iri, RDFS.domain), self._expressions(term.iri, RDFS.range))
            for term in self.terms.values()
            if not term.is_class
        }

    def header(self) -> Header:
        """What the ontology says of itself."""
        values = self.lookup.about(NamedNode(self.iri))
        version, previous, licence, creators = (
            tuple(
                Ref(shortened(value.value), value.value) if isinstance(value, NamedNode) else Ref(value.value)
                for value in values.get(predicate, ())
            )
            for predicate in _VERSION
        )
        return Header(
            title=text(values.get(str(DCTERMS.title), ())) or "Ontology",
            description=text(values.get(str(DCTERMS.description), ())),
            version=text(values.get(str(OWL.versionInfo), ())),
            version_iri=next(iter(version), None),
            previous=next(iter(previous), None),
            licence=next(iter(licence), None),
            creators=creators,
        )

    def of_type(self, kind: str) -> list[OntologyTerm]:
        """The terms of one of the `TYPES`, by label."""
        return sorted((term for term in self.terms.values() if term.type == kind), key=by_label)

    def hierarchy(self, term: OntologyTerm) -> Hierarchy:
        """The hierarchy a term stands in."""
        return self.classes if term.is_class else self.properties

    def mentions(self, iri: str) -> list[OntologyTerm]:
        """The terms whose axioms name this one, other than to say that the two share nothing."""
        return sorted((self.terms[other] for other in self._mentions.get(iri, ())), key=by_label)

    def properties_of(self, iri: str, predicate: str) -> list[OntologyTerm]:
        """The properties whose domain (or range: `predicate`) is this class, or a union that has it."""
        found = (
            term
            for term in self.terms.values()
            if not term.is_class
            and any(iri in self.alternatives(node) for node in self.said_of(term.iri, predicate))
        )
        return sorted(found, key=by_label)

    def said_of(self, iri: str, predicate: str) -> tuple[Node, ...]:
        """A property's domains or ranges (`predicate`): its own, or of the nearest wider one with any."""
        waiting = [iri]
        for one in waiting:
            if found := self.lookup.values(NamedNode(one), predicate):
                return tuple(found)
            waiting += [wider for wider in self.properties.wider(one) if wider not in waiting]
        return ()

    def _expressions(self, iri: str, predicate: str) -> tuple[Pieces, ...]:
        return tuple(self._reader.expression(node) for node in self.said_of(iri, str(predicate)))

    def alternatives(self, node: Node) -> tuple[str, ...]:
        """The classes of a union of named ones, or a single one; nothing for any other expression."""
        if isinstance(node, NamedNode):
            return (node.value,)
        heads = self.lookup.values(node, str(OWL.unionOf))
        named = self.lookup.items(heads[0]) if heads else []
        return tuple(item.value for item in named if isinstance(item, NamedNode))

    def search(self, query: str) -> list[OntologyTerm]:
        """The terms that have every word of a query; those with the whole of it in their label come first."""
        whole = " ".join(query.lower().split())
        found = [term for term in self.terms.values() if term.matches(whole.split())]
        return sorted(found, key=lambda term: (whole not in term.label.lower(), by_label(term)))

    def counts(self) -> Mapping[str, int]:
        """How many terms there are of each type, and how many classes are defined."""
        found: defaultdict[str, int] = defaultdict(int)
        for term in self.terms.values():
            found[term.type] += 1
            found["defined class"] += term.is_defined
        return found


def named_in(term: OntologyTerm) -> set[str]:
    """What the axioms of a term name, apart from those that only say what it shares nothing with."""
    disjoint = BETWEEN[str(OWL.disjointWith)]
    told = (group for heading, group in term.axioms if heading != disjoint)
    return {piece.iri for group in told for pieces in group for piece in pieces if piece.iri}


def by_label(term: OntologyTerm) -> tuple[str, str]:
    """Where a term stands in a list."""
    return term.label.casefold(), term.iri


def _links(triples: Iterable[Triple], predicate: str) -> list[tuple[str, str]]:
    return [
        (triple.subject.value, triple.object.value)
        for triple in triples
        if triple.predicate.value == predicate
        and isinstance(triple.subject, NamedNode)
        and isinstance(triple.object, NamedNode)
        and triple.object.value.startswith(TERMS)
    ]


def _by_definition(triples: Iterable[Triple], lookup: Lookup) -> list[tuple[str, str]]:
    """Classes with those their definitions begin with (`drug and …`), which needs no reasoner to see."""
    return [
        (triple.subject.value, item.value)
        for triple in triples
        if triple.predicate.value == str(OWL.equivalentClass) and isinstance(triple.subject, NamedNode)
        for head in lookup.values(triple.object, str(OWL.intersectionOf))[:1]
        for item in lookup.items(head)
        if isinstance(item, NamedNode)
    ]


def _begins_axiom(triple: Triple) -> bool:
    """Whether a triple is a logical axiom, or the first of one; declarations and annotations are none."""
    if triple.predicate.value != str(RDF.type):
        return triple.predicate.value in BETWEEN
    return isinstance(triple.object, NamedNode) and triple.object.value in SETS | CHARACTERISTICS
