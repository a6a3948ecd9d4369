"""Axioms and class expressions in the OWL 2 Manchester Syntax, as pieces that a page can link.

The syntax is that of https://www.w3.org/TR/owl2-manchester-syntax/, with labels in place of IRIs. As in the
OWL API and Protégé, whatever is not a name stands in parentheses inside another expression, also where the
grammar could do without them, and an axiom on a line of its own reads `A SubClassOf B` or `Transitive: p`.

Input may be hostile: nesting, lists (`graph.lookup.LONGEST`) and the whole text (as many pieces) are bounded,
and what is cut off or makes no sense is `…`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, XSD

from graph.lookup import LONGEST, curie

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from graph.lookup import Lookup, Node

Role = Literal["term", "literal", "keyword", "mark"]

DEEPEST: Final = 12
"""Expressions nested deeper are cut off."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an axiom: a term (with its IRI), a literal, a keyword with its spaces, or a mark."""

    text: str
    role: Role
    iri: str | None = None


Pieces = tuple[Piece, ...]
"""An expression or an axiom; the texts joined as they are read well, `written` gives the syntax itself."""

MORE: Final = Piece("…", "mark")
_SPACE: Final = Piece(" ", "mark")
_COMMA: Final = Piece(", ", "mark")

BETWEEN: Final[dict[str, str]] = {
    str(RDFS.subClassOf): "SubClassOf",
    str(OWL.equivalentClass): "EquivalentTo",
    str(OWL.disjointWith): "DisjointWith",
    str(OWL.disjointUnionOf): "DisjointUnionOf",
    str(OWL.hasKey): "HasKey",
    str(RDFS.subPropertyOf): "SubPropertyOf",
    str(OWL.equivalentProperty): "EquivalentTo",
    str(OWL.propertyDisjointWith): "DisjointWith",
    str(OWL.inverseOf): "InverseOf",
    str(OWL.propertyChainAxiom): "SubPropertyChain",
    str(RDFS.domain): "Domain",
    str(RDFS.range): "Range",
    str(RDF.type): "Type",
    str(OWL.sameAs): "SameAs",
    str(OWL.differentFrom): "DifferentFrom",
}
"""The keyword of an axiom between two nodes, by its predicate; any other predicate is a fact `a p b`."""

CHARACTERISTICS: Final[dict[str, str]] = {
    str(OWL.FunctionalProperty): "Functional",
    str(OWL.InverseFunctionalProperty): "InverseFunctional",
    str(OWL.ReflexiveProperty): "Reflexive",
    str(OWL.IrreflexiveProperty): "Irreflexive",
    str(OWL.SymmetricProperty): "Symmetric",
    str(OWL.AsymmetricProperty): "Asymmetric",
    str(OWL.TransitiveProperty): "Transitive",
}
"""What a property can be, by the class that says so."""

SETS: Final[dict[str, str]] = {
    str(OWL.AllDisjointClasses): "DisjointClasses",
    str(OWL.AllDisjointProperties): "DisjointProperties",
    str(OWL.AllDifferent): "DifferentIndividuals",
}
"""The keyword of an axiom about a list, by the class of its node."""

_MEMBERS: Final = (str(OWL.members), str(OWL.distinctMembers))
_LISTED: Final = frozenset(map(str, (OWL.disjointUnionOf, OWL.hasKey)))
_BOOLEAN: Final[dict[str, str]] = {str(OWL.intersectionOf): " and ", str(OWL.unionOf): " or "}
_NEGATED: Final = tuple(map(str, (OWL.complementOf, OWL.datatypeComplementOf)))
_ENUMERATED: Final = str(OWL.oneOf)
_INVERTED: Final = str(OWL.inverseOf)
_LIMITED: Final = str(OWL.onDatatype)
_RESTRICTED: Final = str(OWL.onProperty)
_CHAINED: Final = str(RDF.first)
_FORMS: Final = (*_BOOLEAN, *_NEGATED, _ENUMERATED, _INVERTED, _LIMITED, _RESTRICTED, _CHAINED)
"""What the blank node of an expression can be, by the property that says so; the first that it has counts."""
_CLOSED: Final = frozenset({"", _ENUMERATED, _LIMITED})
"""Forms that need no parentheses: names and literals, `{…}`, and `datatype[…]`."""
_RESTRICTIONS: Final[dict[str, str]] = {
    str(OWL.someValuesFrom): "some",
    str(OWL.allValuesFrom): "only",
    str(OWL.hasValue): "value",
    str(OWL.minCardinality): "min",
    str(OWL.maxCardinality): "max",
    str(OWL.cardinality): "exactly",
    str(OWL.minQualifiedCardinality): "min",
    str(OWL.maxQualifiedCardinality): "max",
    str(OWL.qualifiedCardinality): "exactly",
}
_QUALIFYING: Final = (str(OWL.onClass), str(OWL.onDataRange))
_FACETS: Final[dict[str, str]] = {
    str(XSD.minInclusive): ">=",
    str(XSD.minExclusive): ">",
    str(XSD.maxInclusive): "<=",
    str(XSD.maxExclusive): "<",
    str(XSD.length): "length",
    str(XSD.minLength): "minLength",
    str(XSD.maxLength): "maxLength",
    str(XSD.pattern): "pattern",
    str(RDF) + "langRange": "langRange",
}
_PLAIN_NUMBERS: Final = frozenset(map(str, (XSD.integer, XSD.decimal, XSD.nonNegativeInteger)))
_NUMBERS: Final = re.compile(r"[+-]?\d+(\.\d+)?")
_PLAIN_NAME: Final = re.compile(r"[^\W\d][\w.-]*(:[\w.-]+)?|<[^<>\s]*>")


class Manchester:
    """A reader of the axioms and class expressions in `triples`, whose labels it shows."""

    def __init__(self, triples: Lookup) -> None:
        self._triples = triples

    def expression(self, node: Node) -> Pieces:
        """A class, property, data range, individual, literal or chain: `drug and (treats some thing)`."""
        return self._cut(self._read(node, 0))

    def axiom(self, subject: Node, predicate: str, value: Node) -> Pieces:
        """The axiom or fact that a triple begins; the triples of its blank nodes are looked up.

        `subject` may be the blank node of a general class axiom or of `AllDisjointClasses` and its like.
        """
        return self._cut(self._axiom(subject, predicate, value))

    def _axiom(self, subject: Node, predicate: str, value: Node) -> Iterator[Piece]:
        kind = value.value if predicate == str(RDF.type) and isinstance(value, ox.NamedNode) else ""
        if kind in SETS:
            yield Piece(f"{SETS[kind]}: ", "keyword")
            yield from self._listed(self._members(subject), 0)
        elif kind in CHARACTERISTICS:
            yield Piece(f"{CHARACTERISTICS[kind]}: ", "keyword")
            yield from self._read(subject, 0)
        elif predicate == str(OWL.propertyChainAxiom):
            yield from self._read(value, 0)
            yield Piece(" SubPropertyOf ", "keyword")
            yield from self._read(subject, 0)
        else:
            yield from self._read(subject, 0)
            if predicate in BETWEEN:
                yield Piece(f" {BETWEEN[predicate]} ", "keyword")
            else:
                yield from (_SPACE, self._term(predicate), _SPACE)
            if predicate in _LISTED:
                yield from self._listed(self._triples.items(value), 0)
            else:
                yield from self._read(value, 0)

    def _members(self, node: object) -> list[Node]:
        heads = [head for name in _MEMBERS for head in self._triples.values(node, name)]
        return self._triples.items(heads[0]) if heads else []

    def _term(self, iri: str) -> Piece:
        return Piece(self._triples.label(iri), "term", iri)

    def _read(self, node: Node, depth: int) -> Iterator[Piece]:
        if isinstance(node, ox.NamedNode):
            yield self._term(node.value)
        elif isinstance(node, ox.Literal):
            yield Piece(_literal(node), "literal")
        elif depth > DEEPEST:
            yield MORE
        else:
            yield from self._anonymous(node, self._form(node), depth)

    def _form(self, node: Node) -> str:
        """Which of `_FORMS` a blank node has; empty for a name, a literal and what makes no sense."""
        if not isinstance(node, ox.BlankNode):
            return ""
        values = self._triples.about(node)
        return next((form for form in _FORMS if form in values), "")

    def _anonymous(self, node: ox.BlankNode, form: str, depth: int) -> Iterator[Piece]:
        values = self._triples.about(node)
        if form in _BOOLEAN:
            yield from self._joined(self._triples.items(values[form][0]), _BOOLEAN[form], depth)
        elif form in _NEGATED or form == _INVERTED:
            yield Piece("inverse " if form == _INVERTED else "not ", "keyword")
            yield from self._operand(values[form][0], depth)
        elif form == _ENUMERATED:
            yield Piece("{", "mark")
            yield from self._listed(self._triples.items(values[form][0]), depth)
            yield Piece("}", "mark")
        elif form == _LIMITED:
            yield from self._limited(values, depth)
        elif form == _RESTRICTED:
            yield from self._restriction(values, depth)
        elif form == _CHAINED:
            yield from self._joined(self._triples.items(node), " o ", depth, bare=(_INVERTED,))
        else:
            yield MORE

    def _restriction(self, values: Mapping[str, Sequence[Node]], depth: int) -> Iterator[Piece]:
        yield from self._operand(values[_RESTRICTED][0], depth, bare=(_INVERTED,))
        if str(OWL.hasSelf) in values:
            yield Piece(" Self", "keyword")
            return
        for name in (name for name in _RESTRICTIONS if name in values):
            yield Piece(f" {_RESTRICTIONS[name]} ", "keyword")
            yield from self._operand(values[name][0], depth)
            for filler in (values[other][0] for other in _QUALIFYING if other in values):
                yield _SPACE
                yield from self._operand(filler, depth)
            return
        yield _SPACE
        yield MORE

    def _limited(self, values: Mapping[str, Sequence[Node]], depth: int) -> Iterator[Piece]:
        yield from self._operand(values[_LIMITED][0], depth)
        yield Piece("[", "mark")
        heads = values.get(str(OWL.withRestrictions), ())
        listed = [self._triples.about(item) for item in self._triples.items(heads[0])] if heads else []
        facets = [(word, item[name][0]) for item in listed for name, word in _FACETS.items() if name in item]
        for place, (word, value) in enumerate(facets):
            if place:
                yield _COMMA
            yield Piece(f"{word} ", "keyword")
            yield from self._read(value, depth + 1)
        yield Piece("]", "mark")

    def _joined(
        self, items: list[Node], word: str, depth: int, bare: tuple[str, ...] = _NEGATED
    ) -> Iterator[Piece]:
        for place, item in enumerate(items):
            if place:
                yield Piece(word, "keyword")
            yield from self._operand(item, depth, bare)
        if not items:
            yield MORE

    def _listed(self, items: list[Node], depth: int) -> Iterator[Piece]:
        for place, item in enumerate(items):
            if place:
                yield _COMMA
            yield from self._read(item, depth + 1)

    def _operand(self, node: Node, depth: int, bare: tuple[str, ...] = ()) -> Iterator[Piece]:
        """A part of an expression: in parentheses unless its form is closed or one of `bare`."""
        form = self._form(node)
        if form in _CLOSED or form in bare:
            yield from self._read(node, depth + 1)
        else:
            yield Piece("(", "mark")
            yield from self._read(node, depth + 1)
            yield Piece(")", "mark")

    @staticmethod
    def _cut(pieces: Iterable[Piece]) -> Pieces:
        found: list[Piece] = []
        for piece in pieces:
            if len(found) >= LONGEST:
                return (*found, _SPACE, MORE)
            found.append(piece)
        return tuple(found)


def written(pieces: Iterable[Piece]) -> str:
    """The pieces as Manchester Syntax: labels that are no plain names in single quotes, as in Protégé."""
    return "".join(_quoted(piece.text) if piece.role == "term" else piece.text for piece in pieces)


def _quoted(label: str) -> str:
    if _PLAIN_NAME.fullmatch(label):
        return label
    return "'" + label.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _literal(node: ox.Literal) -> str:
    datatype = node.datatype.value
    if datatype in _PLAIN_NUMBERS and _NUMBERS.fullmatch(node.value):
        return node.value
    quoted = '"' + node.value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if node.language:
        return f"{quoted}@{node.language}"
    return quoted if datatype == str(XSD.string) else f"{quoted}^^{curie(datatype)}"
