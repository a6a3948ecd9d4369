"""Which statements a derived triple was made of: the rules of `derive.py`, read backwards."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import rdflib
from pyoxigraph import NamedNode, Variable
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from graph.build.derive import load_rules
from graph.errors import BuildError
from graph.reason.proof_known import Fact
from graph.reason.proof_rules import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from graph.build.derive import Rule
    from graph.lookup import Node

    Row = Mapping[str, Node]
    Ask = Callable[[str, Mapping[str, Node]], Iterable[Row]]
    Pattern = tuple[Node | Variable, ...]

_STATEMENT: Final = "statement"
"""The variable that stands for the statement in every rule."""
_CONSTRUCT: Final = re.compile(r"\bCONSTRUCT\s*\{[^{}]*\}\s*WHERE\b")
_LAST: Final = re.compile("[/#]")


class Origins:
    """Which statements a derived triple was made of, found by the very rules that make such triples.

    `ask` answers a SELECT with some of its variables bound. Called with a triple, an object of this class
    gives one step a rule and set of further facts that the rule asks for (such as what the object is).
    """

    def __init__(self, ask: Ask, rules: Iterable[Rule] | None = None) -> None:
        self._ask = ask
        self._rules = load_rules() if rules is None else tuple(rules)
        self._backward: dict[str, _Backward] = {}

    def __call__(self, triple: Fact) -> Iterator[Step]:
        """The steps by which rules make the triple; none for one that no rule makes."""
        name = _LAST.split(triple.predicate.value)[-1]
        for rule in (self._read_backward(rule) for rule in self._rules if name in rule.query):
            bindings = rule.bindings(triple)
            if bindings is None:
                continue
            statements: defaultdict[tuple[Fact, ...], set[NamedNode]] = defaultdict(set)
            for row in self._ask(rule.select, bindings):
                statement = row.get(_STATEMENT)
                if isinstance(statement, NamedNode) and rule.makes(row) == triple:
                    statements[rule.further(row)].add(statement)
            for further, found in statements.items():
                yield Step(rule.name, further, statements=tuple(sorted(found, key=str)), words=rule.summary)

    def _read_backward(self, rule: Rule) -> _Backward:
        """The rule read backwards; parsing is slow, so it is done for those that are asked for, once."""
        if rule.name not in self._backward:
            self._backward[rule.name] = _Backward(rule)
        return self._backward[rule.name]


class _Backward:
    """A rule as a SELECT of what its CONSTRUCT would use."""

    def __init__(self, rule: Rule) -> None:
        self.name, self.summary = rule.name, rule.summary
        self.select, heads = _CONSTRUCT.subn("SELECT * WHERE", rule.query, count=1)
        algebra = translateQuery(parseQuery(rule.query)).algebra
        if not heads or len(algebra.template) != 1:
            raise BuildError("a rule must be a CONSTRUCT of one triple.", where=rule.name)
        self._template = tuple(map(_term, algebra.template[0]))
        patterns, self._computed = _read(algebra.p)
        self._further = [pattern for pattern in patterns if pattern[0] != Variable(_STATEMENT)]

    def bindings(self, triple: Fact) -> dict[str, Node] | None:
        """What the triple says of the rule's variables; None if the rule cannot have made it."""
        bound: dict[str, Node] = {}
        for pattern, term in zip(self._template, triple, strict=True):
            if not isinstance(pattern, Variable):
                if pattern != term:
                    return None
            elif pattern.value not in self._computed:
                bound[pattern.value] = term
        return bound

    def makes(self, row: Row) -> Fact | None:
        """The triple that the rule makes of a solution."""
        return _instance(self._template, row)

    def further(self, row: Row) -> tuple[Fact, ...]:
        """What the solution rests on beside the statement."""
        found = (_instance(pattern, row) for pattern in self._further)
        return tuple(dict.fromkeys(triple for triple in found if triple is not None))


def _read(part: CompValue) -> tuple[list[Pattern], set[str]]:
    """The triple patterns that must match, and the variables that are worked out or listed, not matched."""
    if part.name in ("Minus", "LeftJoin"):
        return _read(part.p1)
    if part.name == "BGP":
        return [(_term(s), _term(p), _term(o)) for s, p, o in part.triples], set()
    found: list[Pattern] = []
    computed: set[str] = set()
    if part.name == "Extend":
        computed.add(str(part.var))
    for child in (part.get("p"), part.get("p1"), part.get("p2")):
        if isinstance(child, CompValue):
            patterns, names = _read(child)
            found += patterns
            computed |= names
    return found, computed


def _instance(pattern: Pattern, row: Row) -> Fact | None:
    subject, predicate, value = (
        row.get(term.value) if isinstance(term, Variable) else term for term in pattern
    )
    if subject is None or not isinstance(predicate, NamedNode) or value is None:
        return None
    return Fact(subject, predicate, value)


def _term(term: object) -> Node | Variable:
    if isinstance(term, rdflib.Variable):
        return Variable(str(term))
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    raise BuildError(f"a rule may not name {term} in its patterns.")
