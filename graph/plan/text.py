"""Terms, property paths and expressions of a query that rdflib has read, written as SPARQL again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox
from rdflib import RDF, XSD, BNode, Literal, URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath
from rdflib.plugins.sparql.parserutils import CompValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LOCAL: Final = re.compile(r"[A-Za-z0-9_][\w-]*")
BARE: Final = {XSD.integer, XSD.decimal, XSD.boolean}
"""Datatypes whose literals SPARQL writes without quotes."""

JOINED: Final = {"ConditionalOrExpression": " || ", "ConditionalAndExpression": " && "}
SIGNS: Final = {"UnaryNot": "!", "UnaryMinus": "-", "UnaryPlus": "+"}
OPERATORS: Final = {*JOINED, "RelationalExpression", "AdditiveExpression", "MultiplicativeExpression"}
EXISTS: Final = {"Builtin_EXISTS": "EXISTS", "Builtin_NOTEXISTS": "NOT EXISTS"}


class Writer:
    """Writes with prefixes; `aggregates` are the expressions that stand for the variables rdflib puts for
    them.
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._namespaces = sorted(prefixes.items(), key=lambda entry: -len(entry[1]))
        self.aggregates: dict[Variable, str] = {}

    def term(self, term: Any) -> str:
        """A term as a query has it."""
        if isinstance(term, Variable):
            return self.aggregates.get(term, f"?{term}")
        if isinstance(term, BNode):
            return "[]"
        if isinstance(term, Literal):
            if term.datatype in BARE and term.ill_typed is not True:
                return str(term)
            text = str(ox.Literal(str(term), language=term.language))
            return text if term.datatype is None else f"{text}^^{self.term(term.datatype)}"
        if isinstance(term, Path):
            return self.path(term)
        return self._iri(str(term)) if isinstance(term, URIRef) else str(term)

    def triple(self, triple: Iterable[Any]) -> str:
        """A triple pattern."""
        subject, predicate, value = triple
        verb = "a" if predicate == RDF.type else self.term(predicate)
        return f"{self.term(subject)} {verb} {self.term(value)}"

    def path(self, path: Any, *, inside: bool = False) -> str:
        """A property path; one that is part of another gets brackets where it needs them."""
        if isinstance(path, InvPath):
            return "^" + self.path(path.arg, inside=True)
        if isinstance(path, CompValue):  # rdflib does not keep what is inverse in a negated set
            return "^…"
        if isinstance(path, MulPath):
            return self.path(path.path, inside=True) + str(path.mod)
        if isinstance(path, NegatedPath):
            return f"!({'|'.join(self.path(arg) for arg in path.args)})"
        if isinstance(path, SequencePath | AlternativePath):
            sign = "/" if isinstance(path, SequencePath) else "|"
            text = sign.join(self.path(arg, inside=True) for arg in path.args)
            return f"({text})" if inside else text
        return self.term(path)

    def expression(self, value: Any, *, inside: bool = False) -> str:
        """An expression; one that is part of another gets brackets where it may need them."""
        if isinstance(value, list):
            return ", ".join(self.expression(each) for each in value)
        if not isinstance(value, CompValue):
            return self.term(value)
        text = self._compound(value)
        return f"({text})" if inside and value.name in OPERATORS else text

    def _compound(self, value: CompValue) -> str:
        name = value.name
        if name in JOINED:
            parts = [value.expr, *value.other]
            return JOINED[name].join(self.expression(part, inside=True) for part in parts)
        if name in SIGNS:
            return SIGNS[name] + self.expression(value.expr, inside=True)
        if name == "RelationalExpression":
            if not value.op:
                return self.expression(value.expr)
            other = value.other
            listed = value.op.upper() in {"IN", "NOT IN"}
            right = f"({self.expression(list(other))})" if listed else self.expression(other, inside=True)
            return f"{self.expression(value.expr, inside=True)} {value.op} {right}"
        if name in OPERATORS:
            rest = zip(value.op, value.other, strict=False)
            more = (f" {sign} {self.expression(part, inside=True)}" for sign, part in rest)
            return self.expression(value.expr, inside=True) + "".join(more)
        if name in EXISTS:
            return f"{EXISTS[name]} {{ … }}"
        if name == "Function":
            return f"{self.term(value.iri)}({self.expression(list(value.expr or []))})"
        if name.startswith("Aggregate_"):
            distinct = "DISTINCT " if value.distinct else ""
            separator = f"; SEPARATOR={self.term(value.separator)}" if value.separator is not None else ""
            what = "GROUP_CONCAT" if name == "Aggregate_GroupConcat" else name.removeprefix("Aggregate_")
            return f"{what.upper()}({distinct}{self.expression(value.vars)}{separator})"
        arguments = [part for key, part in value.items() if key != "_vars" and part is not None]
        return f"{name.removeprefix('Builtin_')}({', '.join(self.expression(part) for part in arguments)})"

    def _iri(self, iri: str) -> str:
        for prefix, namespace in self._namespaces:
            local = iri.removeprefix(namespace)
            if local != iri and LOCAL.fullmatch(local):
                return f"{prefix}:{local}"
        return f"<{iri}>"


def expressions(value: Any) -> Iterable[CompValue]:
    """An expression and all that it is made of, outside the groups that EXISTS asks for."""
    if isinstance(value, list):
        for each in value:
            yield from expressions(each)
    elif isinstance(value, CompValue):
        yield value
        if value.name not in EXISTS:
            for key, part in value.items():
                if key != "_vars":
                    yield from expressions(part)


def conjuncts(expression: Any) -> list[Any]:
    """The conditions that must all hold for an expression to."""
    if isinstance(expression, CompValue) and expression.name == "ConditionalAndExpression":
        return [each for part in (expression.expr, *expression.other) for each in conjuncts(part)]
    return [expression]


def variables(value: Any) -> set[str]:
    """The names of the variables of a term or an expression; blank nodes count, each as itself."""
    if isinstance(value, Variable | BNode):
        return {str(value)}
    if isinstance(value, list):
        return set().union(*map(variables, value))
    if isinstance(value, CompValue) and value.name not in EXISTS:
        return set().union(*(variables(part) for key, part in value.items() if key != "_vars"))
    return set()
