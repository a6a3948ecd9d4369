"""SHACL's constraints that need only the values themselves, as plain functions made of their parameters.

Each says of values that they surely keep the constraint; where SHACL's answer depends on more than is looked
at here, it says no, and pySHACL is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from rdflib import RDF, XSD, BNode, Literal, URIRef
from rdflib.namespace import SH

if TYPE_CHECKING:
    from rdflib.term import Node

_PYTHON: Final[dict[Node, type]] = {
    XSD.string: str,
    RDF.langString: str,
    XSD.decimal: Decimal,
    XSD.boolean: bool,
}
"""The Python type of a well-formed literal, for datatypes where pySHACL looks at it."""

_WITHOUT_IRI: Final = frozenset({XSD.string, RDF.langString})
"""Datatypes that rdflib leaves out of a literal."""


def number(node: Node) -> Decimal | int | None:
    """The value of a whole or decimal number; None for all else, truth values too."""
    value = node.value if isinstance(node, Literal) else None
    return value if isinstance(value, Decimal | int) and not isinstance(value, bool) else None


def _node_kind(kind: Node) -> Callable[[Node], bool]:
    return lambda value: kind == SH.IRI and isinstance(value, URIRef)


def _datatype(datatype: Node) -> Callable[[Node], bool]:
    python = _PYTHON.get(datatype, object)
    written = None if datatype in _WITHOUT_IRI else datatype

    def keeps(value: Node) -> bool:
        return (
            isinstance(value, Literal)
            and value.datatype == written
            and bool(value.language) == (datatype == RDF.langString)
            and value.ill_typed is not True
            and isinstance(value.value, python)
        )

    return keeps


def _pattern(pattern: Node) -> Callable[[Node], bool]:
    search = re.compile(str(pattern)).search
    return lambda value: not isinstance(value, BNode) and search(str(value)) is not None


def _min_inclusive(bound: Node) -> Callable[[Node], bool]:
    least = number(bound)
    return lambda value: least is not None and (n := number(value)) is not None and n >= least


def _max_inclusive(bound: Node) -> Callable[[Node], bool]:
    most = number(bound)
    return lambda value: most is not None and (n := number(value)) is not None and n <= most


def _min_count(count: Node) -> Callable[[Sequence[Node]], bool]:
    least = number(count)
    return lambda values: least is not None and len(values) >= least


def _max_count(count: Node) -> Callable[[Sequence[Node]], bool]:
    most = number(count)
    return lambda values: most is not None and len(values) <= most


def _has_value(wanted: Node) -> Callable[[Sequence[Node]], bool]:
    return lambda values: wanted in values


def _unique_lang(asked: Node) -> Callable[[Sequence[Node]], bool]:
    def keeps(values: Sequence[Node]) -> bool:
        tags = [value.language.lower() for value in values if isinstance(value, Literal) and value.language]
        return asked == Literal(True) and len(set(tags)) == len(tags)

    return keeps


OF_EACH: Final[dict[Node, Callable[[Node], Callable[[Node], bool]]]] = {
    SH.nodeKind: _node_kind,
    SH.datatype: _datatype,
    SH.pattern: _pattern,
    SH.minInclusive: _min_inclusive,
    SH.maxInclusive: _max_inclusive,
}
"""A parameter → what makes, of its argument, a test of every value."""

OF_ALL: Final[dict[Node, Callable[[Node], Callable[[Sequence[Node]], bool]]]] = {
    SH.minCount: _min_count,
    SH.maxCount: _max_count,
    SH.hasValue: _has_value,
    SH.uniqueLang: _unique_lang,
}
"""A parameter → what makes, of its argument, a test of all values together."""
