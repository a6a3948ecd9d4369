"""The SPARQL 1.1 algebra of a query as a tree in words: what rdflib's parser makes of it, made readable.

It says what is to be computed, as the recommendation defines it, and not how the engine goes about it: the
engine orders joins by itself and does not tell. Reading a hostile query may take for ever or exhaust a stack:
`graph.plan.child` does it in a process of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import rdflib
from rdflib import BNode, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath
from rdflib.plugins.sparql import algebra as algebras
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from graph.plan.counting import Pattern
from graph.plan.text import EXISTS, Writer, conjuncts, expressions
from graph.plan.warnings import scope, warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

rdflib.NORMALIZE_LITERALS = False  # "01" and "1" are the same number and different terms
algebras.reorderTriples = list  # type: ignore[assignment]  # patterns stay in the order they were written in

Node = dict[str, Any]
"""`name` (the algebra's), `words`, `text` (SPARQL), `children`, and `pattern`: a triple pattern's number."""

MOST_NODES: Final = 300
"""Nodes of a tree that are told; no reader goes through more."""

DEEPEST: Final = 48
MORE: Final[Node] = {"name": "…", "words": "More follows that is not shown", "text": "", "children": []}
FORMS: Final = {
    "SelectQuery": "select",
    "AskQuery": "ask",
    "ConstructQuery": "construct",
    "DescribeQuery": "describe",
}
MULTISETS: Final = {"Distinct": "Drop repeated rows", "Reduced": "Repeated rows may be dropped"}


def understood(query: str, prefixes: Mapping[str, str], base: str) -> dict[str, Any]:
    """A query's `form`, `tree`, triple `patterns` (see `graph.plan.counting`), `warnings`, and how many rows
    there are `at_most` by its LIMIT.

    Raises what rdflib raises for a query that it does not understand.
    """
    parsed = parseQuery(query)
    named = parsed[1].name == "SelectQuery" and bool(parsed[1].projection)
    translated = algebras.translateQuery(parsed, base=base, initNs=prefixes)
    declared = {
        prefix or "": str(namespace)
        for prefix, namespace in translated.prologue.namespace_manager.store.namespaces()
    }
    reading = _Reading(Writer(dict(prefixes) | declared))
    algebra = translated.algebra
    if algebra.name == "SelectQuery" and named:
        reading.columns = [f"?{name}" for name in algebra.PV]
    tree = reading.query(algebra)
    return {
        "form": FORMS[algebra.name],
        "tree": tree,
        "patterns": [pattern.record() for pattern in reading.patterns],
        "warnings": warnings(algebra, named, reading.writer),
        "at_most": _limit(algebra),
    }


class _Reading:
    """One walk over the algebra; triple patterns are numbered as they come."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.patterns: list[Pattern] = []
        self.columns: list[str] | None = None  # those that the query names, until they have been told
        self._nodes = 0
        self._graph: Any = None  # the term of the GRAPH one is in
        self._needed = True  # whether without this part there is no solution at all

    def query(self, query: CompValue) -> Node:
        text = self.writer
        if query.name == "SelectQuery":
            return self.node(query.p)
        if query.name == "AskQuery":
            inner = query.p.p if query.p.name == "Project" else query.p
            return self._made("Ask", "Whether there is a solution at all", "", [inner])
        if query.name == "ConstructQuery":
            template = query.template or (query.p.p.triples if query.p.p.name == "BGP" else [])
            triples = " .\n".join(text.triple(triple) for triple in template)
            return self._made("Construct", "Make these triples of each solution", triples, [query.p])
        named = " ".join(text.term(term) for term in query.PV or ())
        part = query.p
        while part is not None and part.name in {"Distinct", "Project"}:
            part = part.p
        return self._made("Describe", "Everything said of", named, [part] if part else [])

    def node(self, part: CompValue, depth: int = 0) -> Node:
        """A part of the algebra with all below it."""
        self._nodes += 1
        if self._nodes > MOST_NODES or depth > DEEPEST:
            return MORE
        make = MAKERS.get(part.name)
        if make is None:
            return self._made(part.name, "A part that has no words here", "", [])
        made = make(self, part)
        made["children"] = [
            child if isinstance(child, dict) else child(depth + 1) for child in made["children"]
        ]
        return made

    def _made(self, name: str, words: str, text: str, parts: list[Any]) -> Node:
        """A node that is made whole, with its children."""
        return {"name": name, "words": words, "text": text, "children": [self.node(part) for part in parts]}

    def later(self, part: CompValue, *, needed: bool = True, graph: Any = None) -> Callable[[int], Node]:
        """A child that is made when its parent has been."""
        here, within = self._needed and needed, self._graph if graph is None else graph

        def make(depth: int) -> Node:
            before = self._needed, self._graph
            self._needed, self._graph = here, within
            try:
                return self.node(part, depth)
            finally:
                self._needed, self._graph = before

        return make

    def bgp(self, part: CompValue) -> Node:
        triples = part.triples or []
        words = "Match this pattern" if len(triples) == 1 else f"Match these {len(triples)} patterns together"
        if not triples:
            words = "Match nothing: one solution without variables"
        room = max(0, MOST_NODES - self._nodes)
        children = [self._triple(triple) for triple in triples[:room]]
        return _node("BGP", words, "", children + [MORE] * (len(triples) > room))

    def _triple(self, triple: tuple[Any, ...]) -> Node:
        graph = self._graph
        _, predicate, _ = triple
        steps = tuple(_iris(predicate)) if isinstance(predicate, Path) else ()
        number = len(self.patterns)
        self._nodes += 1
        self.patterns.append(Pattern(triple, graph, steps, self._needed))
        words = "A path" if steps or isinstance(predicate, Path) else "A triple pattern"
        return _node("Triple", words, self.writer.triple(triple), [], pattern=number)

    def join(self, part: CompValue) -> Node:
        words = "Combine the solutions of these, wherever their common variables agree"
        parts = [*_flat(part, "Join")]
        if len(parts) == 1:
            return self.node(parts[0])
        return _node("Join", words, "", [self.later(each) for each in parts])

    def union(self, part: CompValue) -> Node:
        alternatives = [self.later(each, needed=False) for each in _flat(part, "Union")]
        return _node("Union", f"Any of these {len(alternatives)}", "", alternatives)

    def optional(self, part: CompValue) -> Node:
        condition = "" if part.expr.name == "TrueFilter" else self.writer.expression(part.expr)
        words = "Keep every solution of the first; add the second where it fits"
        if condition:
            words += " and this holds"
        children = [self.later(part.p1), self.later(part.p2, needed=False)]
        return _node("LeftJoin", words, condition, children + self._exists(part.expr))

    def filter(self, part: CompValue) -> Node:
        self._aggregates(part.p)  # a HAVING names them
        parts = conjuncts(part.expr)
        conditions = "\n".join(self.writer.expression(each) for each in parts)
        words = f"Keep only the solutions for which {'all this' if len(parts) > 1 else 'this'} holds"
        return _node("Filter", words, conditions, [self.later(part.p), *self._exists(part.expr)])

    def minus(self, part: CompValue) -> Node:
        words = "Take away from the first the solutions that agree with one of the second"
        return _node("Minus", words, "", [self.later(part.p1), self.later(part.p2, needed=False)])

    def graph(self, part: CompValue) -> Node:
        variable = isinstance(part.term, Variable)
        words = "In each named graph, which is then called" if variable else "In the graph"
        return _node("Graph", words, self.writer.term(part.term), [self.later(part.p, graph=part.term)])

    def extend(self, part: CompValue) -> Node:
        self._aggregates(part)
        computed, below = [], part
        while below.name == "Extend":
            text, name = self.writer.expression(below.expr), f"?{below.var}"
            if text != name:  # rdflib also notes that a grouped variable is itself
                computed.append(f"{text} AS {name}")
            below = below.p
        if not computed:
            return self.node(below)
        return _node("Extend", "Compute", "\n".join(reversed(computed)), [self.later(below)])

    def _aggregates(self, part: CompValue) -> None:
        """Note what the variables stand for that rdflib puts for the aggregates below a part."""
        while part.name in {"Extend", "Filter", "OrderBy"} or (part.name == "Join" and part.p1):
            part = part.p1 if part.name == "Join" else part.p
        for aggregate in part.A or []:
            plain = aggregate.name == "Aggregate_Sample" and aggregate.distinct is None
            shown = aggregate.vars if plain else aggregate
            self.writer.aggregates[aggregate.res] = self.writer.expression(shown)

    def aggregate(self, part: CompValue) -> Node:
        self._aggregates(part)
        keys = part.p.expr
        texts = dict.fromkeys(self.writer.aggregates[each.res] for each in part.A or [])
        counted = [text for text in texts if "(" in text]
        by = [self.writer.expression(key) for key in keys or []]
        words = "Put solutions into groups, one for each" if keys else "Put all solutions into one group"
        text = ", ".join(by) + ("\n" if by and counted else "") + "\n".join(counted)
        return _node("Group", words, text, [self.later(part.p.p, needed=bool(keys))])

    def project(self, part: CompValue) -> Node:
        columns, self.columns = self.columns, None
        if columns is None:  # rdflib's * has the variables of EXISTS too, which it should not
            bound = scope(part.p)
            columns = sorted(f"?{name}" for name in part.PV or () if str(name) in bound)
        return _node("Project", "Answer with the columns", " ".join(columns), [self.later(part.p)])

    def multiset(self, part: CompValue) -> Node:
        return _node(part.name, MULTISETS[part.name], "", [self.later(part.p)])

    def slice(self, part: CompValue) -> Node:
        start, length = part.start or 0, part.length
        first = f"Pass over {start:,} rows, then take " if start else "Take "
        words = first + ("all that follow" if length is None else f"{length:,} at most")
        return _node("Slice", words, "", [self.later(part.p)])

    def order(self, part: CompValue) -> Node:
        self._aggregates(part.p)
        keys = [
            f"DESC({self.writer.expression(key.expr)})"
            if key.order == "DESC"
            else self.writer.expression(key.expr)
            for key in part.expr
        ]
        return _node("OrderBy", "Sort all solutions by", ", ".join(keys), [self.later(part.p)])

    def table(self, part: CompValue) -> Node:
        rows = part.p if isinstance(part.p, list) else part.p.res  # a table without rows is but a list
        if rows is None:
            return _node("Subquery", "A query within the query", "", [self.later(part.p)])
        names = sorted({f"?{name}" for row in rows for name in row})
        shown = f"{len(rows):,} row{'' if len(rows) == 1 else 's'}"
        return _node("Values", f"A table of {shown} that the query has itself", " ".join(names), [])

    def service(self, part: CompValue) -> Node:
        return _node("Service", "Ask another endpoint", self.writer.term(part.term), [])

    def _exists(self, expression: Any) -> list[Any]:
        """The groups that an expression asks the existence of."""
        found: list[Any] = []
        for each in expressions(expression):
            if each.name in EXISTS:
                group = each.graph
                if group.name.startswith(("GroupGraphPattern", "SubSelect")):
                    group = algebras.translateGroupGraphPattern(group)
                words = (
                    "where there is no solution of" if "NOT" in each.name else "where there is a solution of"
                )
                child = self.later(group, needed=False)
                found.append(_node(EXISTS[each.name], words.capitalize(), "", [child]))
        return [self._whole(node) for node in found]

    def _whole(self, node: Node) -> Callable[[int], Node]:
        def make(depth: int) -> Node:
            return node | {"children": [child(depth + 1) for child in node["children"]]}

        return make


MAKERS: Final[dict[str, Callable[[_Reading, CompValue], Node]]] = {
    "BGP": _Reading.bgp,
    "Join": _Reading.join,
    "LeftJoin": _Reading.optional,
    "Filter": _Reading.filter,
    "Union": _Reading.union,
    "Minus": _Reading.minus,
    "Graph": _Reading.graph,
    "Extend": _Reading.extend,
    "AggregateJoin": _Reading.aggregate,
    "Project": _Reading.project,
    "Distinct": _Reading.multiset,
    "Reduced": _Reading.multiset,
    "Slice": _Reading.slice,
    "OrderBy": _Reading.order,
    "ToMultiSet": _Reading.table,
    "ServiceGraphPattern": _Reading.service,
}


def _node(name: str, words: str, text: str, children: list[Any], **more: Any) -> Node:
    return {"name": name, "words": words, "text": text, "children": children, **more}


def _flat(part: CompValue, name: str) -> Iterator[CompValue]:
    """The parts of a chain of binary nodes, without the empty pattern that begins a group."""
    for each in (part.p1, part.p2):
        if each.name == name:
            yield from _flat(each, name)
        elif each.name != "BGP" or each.triples:
            yield each


def _iris(path: Any) -> Iterator[Any]:
    """The properties that a path goes along; a negated set names those it does not."""
    if isinstance(path, InvPath):
        yield from _iris(path.arg)
    elif isinstance(path, MulPath):
        yield from _iris(path.path)
    elif isinstance(path, SequencePath | AlternativePath):
        for arg in path.args:
            yield from _iris(arg)
    elif not isinstance(path, NegatedPath | CompValue | BNode):
        yield path


def _limit(algebra: CompValue) -> int | None:
    part = algebra.p
    while part is not None and part.name in {"Distinct", "Reduced", "Project"}:
        part = part.p
    found = part.length if part is not None and part.name == "Slice" else None
    return int(found) if found is not None else None
