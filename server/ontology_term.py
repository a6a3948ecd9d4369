"""One class or property of the ontology as its page shows it: meaning, axioms, names elsewhere."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS

from graph.lookup import Node, curie, text
from graph.manchester import BETWEEN, CHARACTERISTICS, Manchester
from graph.vocab import HER
from server.facts import Ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyoxigraph import Triple

    from graph.lookup import Lookup
    from graph.manchester import Pieces

TERMS: Final = str(HER)
"""What the IRIs of our own terms begin with."""

TYPES: Final[dict[str, str]] = {
    str(OWL.Class): "class",
    str(OWL.ObjectProperty): "object property",
    str(OWL.DatatypeProperty): "datatype property",
    str(OWL.AnnotationProperty): "annotation property",
}
"""What a term can be, by the class that says so."""

GENERAL: Final = "General axioms"
"""The heading of axioms that put whatever fits an expression under a class."""

_BEFORE: Final = (OWL.equivalentClass, OWL.equivalentProperty)
_AFTER: Final = (
    RDFS.subClassOf, OWL.disjointUnionOf, OWL.hasKey, RDFS.subPropertyOf, OWL.inverseOf,
    OWL.propertyChainAxiom, RDFS.domain, RDFS.range, OWL.disjointWith, OWL.propertyDisjointWith,
)  # fmt: skip
_SHOWN: Final = frozenset(map(str, (*_BEFORE, *_AFTER)))
_BOTH_WAYS: Final = frozenset(map(str, (*_BEFORE, OWL.inverseOf, OWL.disjointWith, OWL.propertyDisjointWith)))
HEADINGS: Final = tuple(
    dict.fromkeys((*(BETWEEN[str(p)] for p in _BEFORE), GENERAL, *(BETWEEN[str(p)] for p in _AFTER)))
)
"""The headings of a term's axioms, in the order of a page: keywords of the syntax, and `GENERAL`."""

MAPPINGS: Final[dict[str, str]] = {
    str(SKOS.exactMatch): "same as",
    str(SKOS.closeMatch): "close to",
    str(SKOS.broadMatch): "narrower than",
    str(SKOS.narrowMatch): "wider than",
    str(SKOS.relatedMatch): "related to",
    str(RDFS.seeAlso): "see also",
}
"""What terms of others have to do with ours, in the order of a page, and in words."""

_OTHERS: Final[dict[str, str]] = {
    "https://w3id.org/biolink/vocab/": "biolink:",
    "http://purl.obolibrary.org/obo/": "",
}


@dataclass(frozen=True, slots=True)
class OntologyTerm:
    """A class or property of ours; `sources` are where its definition is from, `names` its synonyms."""

    iri: str
    label: str
    type: str
    definition: str | None
    sources: tuple[Ref, ...]
    examples: tuple[str, ...]
    notes: tuple[str, ...]
    names: tuple[str, ...]
    axioms: tuple[tuple[str, tuple[Pieces, ...]], ...]
    characteristics: tuple[str, ...]
    mappings: tuple[tuple[str, tuple[Ref, ...]], ...]

    @property
    def name(self) -> str:
        """The last part of the IRI, by which queries name the term."""
        return self.iri.removeprefix(TERMS)

    @property
    def is_class(self) -> bool:
        """Whether it is a class, not a property."""
        return self.type == "class"

    @property
    def is_defined(self) -> bool:
        """Whether an axiom says what suffices to be of it, so that a reasoner can find its members."""
        return self.is_class and bool({"EquivalentTo", GENERAL}.intersection(dict(self.axioms)))

    def matches(self, words: Iterable[str]) -> bool:
        """Whether each of some words (in lower case) is in the label, name, synonyms or definition."""
        said = " ".join((self.label, self.name, *self.names, self.definition or "")).lower()
        return all(word in said for word in words)


class TermReader:
    """What makes an `OntologyTerm` of a node; `mappings` are triples beside those of `lookup`."""

    def __init__(self, triples: Sequence[Triple], lookup: Lookup, mappings: Iterable[Triple]) -> None:
        self._lookup = lookup
        self._syntax = Manchester(lookup)
        self._mappings = _find_mappings((*triples, *mappings))
        self._axioms = _find_axioms(triples, lookup)

    def term(self, node: object) -> OntologyTerm | None:
        """A class or property of ours; None for anything else."""
        if not isinstance(node, NamedNode) or not node.value.startswith(TERMS):
            return None
        values = self._lookup.about(node)
        types = {value.value for value in values.get(str(RDF.type), ()) if isinstance(value, NamedNode)}
        kind = next((name for type_iri, name in TYPES.items() if type_iri in types), None)
        if kind is None:
            return None

        def said(*predicates: str) -> list[Node]:
            return [value for predicate in predicates for value in values.get(str(predicate), ())]

        return OntologyTerm(
            iri=node.value,
            label=self._lookup.label(node.value),
            type=kind,
            definition=text(said(SKOS.definition)),
            sources=_refs(said(DCTERMS.source) or said(RDFS.isDefinedBy)),
            examples=_texts(said(SKOS.example)),
            notes=_texts(said(SKOS.editorialNote, RDFS.comment)),
            names=_texts(said(SKOS.altLabel)),
            axioms=self._sections(self._axioms.get(node.value, {})),
            characteristics=tuple(word for type_iri, word in CHARACTERISTICS.items() if type_iri in types),
            mappings=tuple(
                (words, _refs(map(NamedNode, self._mappings[node.value][predicate])))
                for predicate, words in MAPPINGS.items()
                if predicate in self._mappings.get(node.value, ())
            ),
        )

    def expression(self, node: Node) -> Pieces:
        """A node as pieces to show."""
        return self._syntax.expression(node)

    def _sections(self, said: Mapping[str, Sequence[Node]]) -> tuple[tuple[str, tuple[Pieces, ...]], ...]:
        return tuple(
            (heading, tuple(sorted(set(map(self.expression, said[heading])), key=_reading)))
            for heading in HEADINGS
            if heading in said
        )


def shortened(iri: str) -> str:
    """An IRI as a CURIE where its namespace is known, e.g. `biolink:Drug` or `SEPIO:0000174`, or whole."""
    for namespace, prefix in _OTHERS.items():
        if iri.startswith(namespace):
            name = iri.removeprefix(namespace)
            return prefix + name if prefix else name.replace("_", ":", 1)
    return curie(iri).strip("<>")


def _find_axioms(triples: Iterable[Triple], lookup: Lookup) -> Mapping[str, Mapping[str, Sequence[Node]]]:
    """By term and heading what its axioms say, also those that stand with another term, or with none."""
    found: defaultdict[str, defaultdict[str, list[Node]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        subject, predicate, value = triple.subject, triple.predicate.value, triple.object
        if predicate in _SHOWN and isinstance(value, Node):
            if isinstance(subject, NamedNode):
                found[subject.value][BETWEEN[predicate]].append(value)
            if isinstance(value, NamedNode) and isinstance(subject, NamedNode) and predicate in _BOTH_WAYS:
                found[value.value][BETWEEN[predicate]].append(subject)
            if isinstance(value, NamedNode) and isinstance(subject, BlankNode):
                found[value.value][GENERAL].append(subject)
        elif value in {NamedNode(OWL.AllDisjointClasses), NamedNode(OWL.AllDisjointProperties)}:
            members = [
                item for head in lookup.values(subject, str(OWL.members))[:1] for item in lookup.items(head)
            ]
            for item in members:
                if isinstance(item, NamedNode):
                    others = (other for other in members if other != item)
                    found[item.value][BETWEEN[str(OWL.disjointWith)]].extend(others)
    return found


def _find_mappings(triples: Iterable[Triple]) -> Mapping[str, Mapping[str, set[str]]]:
    found: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for triple in triples:
        subject, predicate, value = triple.subject, triple.predicate.value, triple.object
        if predicate in MAPPINGS and isinstance(subject, NamedNode) and isinstance(value, NamedNode):
            found[subject.value][predicate].add(value.value)
    return found


def _refs(nodes: Iterable[Node]) -> tuple[Ref, ...]:
    return tuple(
        Ref(shortened(node.value), node.value) if isinstance(node, NamedNode) else Ref(node.value)
        for node in sorted(nodes, key=str)
    )


def _texts(nodes: Iterable[Node]) -> tuple[str, ...]:
    return tuple(sorted(n.value for n in nodes if isinstance(n, Literal) and n.language in (None, "en")))


def _reading(pieces: Pieces) -> tuple[bool, str]:
    return len(pieces) > 1, "".join(piece.text for piece in pieces).casefold()
