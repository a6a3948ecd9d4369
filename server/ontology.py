"""The ontology as its pages show it: classes and properties, their axioms in words (Manchester syntax)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from graph.vocab import HER
from server.facts import Ref, label_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Triple

    Subject = NamedNode | BlankNode

OWL: Final = "http://www.w3.org/2002/07/owl#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DEEPEST: Final = 12
"""Class expressions nested deeper are cut off."""

TERM_TYPES: Final[dict[str, str]] = {
    OWL + "Class": "class",
    OWL + "ObjectProperty": "object property",
    OWL + "DatatypeProperty": "datatype property",
    OWL + "AnnotationProperty": "annotation property",
}
AXIOMS: Final[dict[str, str]] = {
    OWL + "equivalentClass": "is the same as",
    RDFS + "subClassOf": "is a kind of",
    OWL + "disjointWith": "shares nothing with",
    RDFS + "subPropertyOf": "is a narrower case of",
    OWL + "inverseOf": "is the inverse of",
    OWL + "propertyChainAxiom": "follows from the chain",
    RDFS + "domain": "is said of",
    RDFS + "range": "has values in",
}
"""The axioms a page shows, and how each reads."""

CHARACTERISTICS: Final = (
    "FunctionalProperty",
    "InverseFunctionalProperty",
    "TransitiveProperty",
    "SymmetricProperty",
    "AsymmetricProperty",
    "ReflexiveProperty",
    "IrreflexiveProperty",
)
RESTRICTIONS: Final[dict[str, str]] = {
    OWL + "someValuesFrom": "some",
    OWL + "allValuesFrom": "only",
    OWL + "hasValue": "value",
    OWL + "minCardinality": "min",
    OWL + "maxCardinality": "max",
    OWL + "cardinality": "exactly",
    OWL + "minQualifiedCardinality": "min",
    OWL + "maxQualifiedCardinality": "max",
    OWL + "qualifiedCardinality": "exactly",
}
OPERATORS: Final[dict[str, str]] = {OWL + "intersectionOf": "and", OWL + "unionOf": "or"}

Piece = Ref | str
"""A part of an axiom in words: a term to link, or a keyword."""


@dataclass(frozen=True, slots=True)
class OntologyTerm:
    """A class or property: its axioms, and the terms right under it."""

    iri: str
    label: str
    type: str
    definition: str | None
    axioms: tuple[tuple[str, tuple[tuple[Piece, ...], ...]], ...] = ()
    characteristics: tuple[str, ...] = ()
    narrower: tuple[Ref, ...] = field(default=())

    @property
    def name(self) -> str:
        """The last part of the IRI, by which queries name the term."""
        return self.iri.rpartition("/")[2]


class Ontology:
    """The ontology's triples, indexed for reading."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._values: dict[Subject, dict[str, list[NamedNode | BlankNode | Literal]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._narrower: dict[str, set[str]] = defaultdict(set)
        for triple in triples:
            subject, value = triple.subject, triple.object
            if not isinstance(subject, NamedNode | BlankNode) or not isinstance(
                value, NamedNode | BlankNode | Literal
            ):
                continue
            self._values[subject][triple.predicate.value].append(value)
            named = isinstance(subject, NamedNode) and isinstance(value, NamedNode)
            if named and triple.predicate.value in {RDFS + "subClassOf", RDFS + "subPropertyOf"}:
                self._narrower[value.value].add(subject.value)

    def terms(self) -> list[OntologyTerm]:
        """Every class and property of ours, classes first, each in the order of the labels."""
        found = [
            term
            for subject in self._values
            if isinstance(subject, NamedNode) and (term := self.term(subject.value)) is not None
        ]
        kinds = list(TERM_TYPES.values())
        return sorted(found, key=lambda term: (kinds.index(term.type), term.label.casefold()))

    def term(self, iri: str) -> OntologyTerm | None:
        """One class or property of ours; None for anything else."""
        values = self._values.get(NamedNode(iri))
        types = {value.value for value in values[RDF + "type"]} if values else set()
        kind = next((name for type_iri, name in TERM_TYPES.items() if type_iri in types), None)
        if values is None or kind is None or not iri.startswith(str(HER._NS)):  # noqa: SLF001 - rdflib's own name
            return None
        return OntologyTerm(
            iri=iri,
            label=self._label(iri),
            type=kind,
            definition=self._text(values.get(SKOS + "definition", [])),
            axioms=tuple(
                (words, tuple(sorted(map(self._words, values[axiom]), key=str)))
                for axiom, words in AXIOMS.items()
                if values.get(axiom)
            ),
            characteristics=tuple(
                name.removesuffix("Property").lower() for name in CHARACTERISTICS if OWL + name in types
            ),
            narrower=tuple(
                sorted(
                    (self._ref(NamedNode(other)) for other in self._narrower.get(iri, ())),
                    key=lambda r: r.label,
                )
            ),
        )

    def _label(self, iri: str) -> str:
        values = self._values.get(NamedNode(iri), {})
        return self._text(values.get(RDFS + "label", [])) or label_of(iri)

    @staticmethod
    def _text(values: Iterable[NamedNode | BlankNode | Literal]) -> str | None:
        texts = [value for value in values if isinstance(value, Literal)]
        return min((text.value for text in texts if text.language in (None, "en")), default=None)

    def _ref(self, node: NamedNode) -> Ref:
        return Ref(self._label(node.value), node.value)

    def _words(self, node: NamedNode | BlankNode | Literal, depth: int = 0) -> tuple[Piece, ...]:
        """A class expression in words, e.g. `Condition and (has status value HER2-negative)`."""
        if isinstance(node, NamedNode):
            return (self._ref(node),)
        if isinstance(node, Literal):
            return (node.value,)
        if depth > DEEPEST:
            return ("…",)
        values = self._values.get(node, {})
        for operator, word in OPERATORS.items():
            if operator in values:
                return self._joined(values[operator][0], word, depth)
        if OWL + "oneOf" in values:
            return ("{", *self._joined(values[OWL + "oneOf"][0], ",", depth), "}")
        if OWL + "complementOf" in values:
            return ("not", *self._nested(values[OWL + "complementOf"][0], depth))
        if RDF + "first" in values:
            return self._joined(node, "then", depth)
        if OWL + "onProperty" in values:
            return self._restriction(values, depth)
        return ("…",)

    def _restriction(
        self, values: dict[str, list[NamedNode | BlankNode | Literal]], depth: int
    ) -> tuple[Piece, ...]:
        pieces: list[Piece] = [*self._words(values[OWL + "onProperty"][0], depth + 1)]
        for restriction, word in RESTRICTIONS.items():
            if restriction in values:
                pieces += [word, *self._nested(values[restriction][0], depth)]
        if OWL + "onClass" in values:
            pieces += self._nested(values[OWL + "onClass"][0], depth)
        return tuple(pieces)

    def _joined(self, head: NamedNode | BlankNode | Literal, word: str, depth: int) -> tuple[Piece, ...]:
        pieces: list[Piece] = []
        for item in self._items(head):
            pieces += [word, *self._nested(item, depth)] if pieces else self._nested(item, depth)
        return tuple(pieces)

    def _nested(self, node: NamedNode | BlankNode | Literal, depth: int) -> tuple[Piece, ...]:
        words = self._words(node, depth + 1)
        return words if len(words) == 1 else ("(", *words, ")")

    def _items(self, head: NamedNode | BlankNode | Literal) -> Iterable[NamedNode | BlankNode | Literal]:
        seen: set[object] = set()
        while isinstance(head, BlankNode) and head not in seen:
            seen.add(head)
            values = self._values.get(head, {})
            yield from values.get(RDF + "first", [])[:1]
            head = next(iter(values.get(RDF + "rest", [])), NamedNode(RDF + "nil"))
