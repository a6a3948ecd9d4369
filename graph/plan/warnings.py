"""What in a query tends to make it slow, or its answer another than was meant, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rdflib import Literal
from rdflib.paths import AlternativePath, InvPath, MulPath, Path, SequencePath
from rdflib.plugins.sparql.parserutils import CompValue

from graph.plan.text import EXISTS, Writer, conjuncts, expressions, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUPED: Final = {"Join", "LeftJoin", "Minus", "Filter", "Extend", "Graph"}
"""Parts whose own parts belong to one group: what they have in common is judged at the outermost."""

MODIFIERS: Final = {"Distinct", "Reduced", "Project", "OrderBy", "Slice"}
SAFE: Final = {"Builtin_BOUND", "Builtin_COALESCE", "Builtin_IF", *EXISTS}
"""Within these a variable may be unbound."""


def warnings(query: CompValue, named: bool, writer: Writer) -> list[dict[str, str]]:
    """The warnings of a query, each with `code` and `words`; `named` is whether it names its columns."""
    found = [*_modifiers(query), *(_unbound(query) if named else ())]
    for part, parent in _parts(query.p):
        for check in CHECKS.get(part.name, ()):
            found += check(part, parent, writer)
    return [dict(each) for each in dict.fromkeys(tuple(warning.items()) for warning in found)]


def _warning(code: str, words: str) -> dict[str, str]:
    return {"code": code, "words": words}


def _modifiers(query: CompValue) -> Iterator[dict[str, str]]:
    names, part = set(), query.p
    while part is not None and part.name in MODIFIERS | {"Extend"}:
        names.add(part.name)
        part = part.p
    if query.name == "AskQuery" or part is None:
        return
    grouped = part.name in {"AggregateJoin", "Filter"} and _single(part)
    if "Slice" not in names and not grouped and query.name != "DescribeQuery":
        yield _warning(
            "no-limit", "There is no LIMIT: every solution is sent, as long as the limits below hold."
        )
        if "OrderBy" in names:
            yield _warning(
                "sorts-all", "ORDER BY without LIMIT: nothing is sent before all solutions are sorted."
            )
    elif "Slice" in names and "OrderBy" not in names and not grouped:
        yield _warning("any-rows", "LIMIT without ORDER BY: which rows come is not defined.")


def _single(part: CompValue) -> bool:
    """Whether there can be but one row: an aggregate over everything."""
    while part.name in {"Filter", "Extend"}:
        part = part.p
    return part.name == "AggregateJoin" and not part.p.expr


def _unbound(query: CompValue) -> Iterator[dict[str, str]]:
    part = query.p
    while part is not None and part.name in MODIFIERS - {"Project"}:
        part = part.p
    if part is None or part.name != "Project":
        return
    bound = scope(part.p)
    for name in sorted(str(name) for name in part.PV or () if str(name) not in bound):
        yield _warning(
            "never-bound", f"Nothing in the query gives ?{name} a value: its column will be empty."
        )


def _product(part: CompValue, parent: str, _: Writer) -> Iterator[dict[str, str]]:
    if parent in GROUPED:
        return
    islands: list[set[str]] = []
    for names in _linked(part):
        touching = [island for island in islands if island & names]
        islands = [island for island in islands if not island & names]
        islands.append(names.union(*touching))
    if len(islands) > 1:
        shown = [" ".join(f"?{name}" for name in sorted(island) if not _blank(name)) for island in islands]
        told = " and ".join(f"({names or '[]'})" for names in shown[:4]) + (
            " and more" if len(shown) > 4 else ""
        )
        yield _warning(
            "product",
            f"Parts without a common variable: {told}. Every solution of one is combined with every one of "
            "the others.",
        )


def _path(part: CompValue, _: str, writer: Writer) -> Iterator[dict[str, str]]:
    for subject, predicate, value in part.triples or []:
        if not _unbounded(predicate):
            continue
        text = writer.triple((subject, predicate, value))
        if variables(subject) and variables(value):
            more = " Neither end is fixed, so it may begin anywhere."
        else:
            more = ""
        yield _warning("endless-path", f"The path {text} may be of any length.{more}")


def _optional(part: CompValue, _: str, writer: Writer) -> Iterator[dict[str, str]]:
    certain, optional = _optionals(part.p)
    for condition in conjuncts(part.expr):
        compound = [each for each in expressions(condition) if isinstance(each, CompValue)]
        if any(each.name in SAFE or each.name == "ConditionalOrExpression" for each in compound):
            continue
        for name in sorted((variables(condition) & optional) - certain):
            yield _warning(
                "optional-filtered",
                f"FILTER({writer.expression(condition)}) drops every solution without ?{name}, which only an "
                "OPTIONAL gives: put the FILTER into the OPTIONAL, or leave the OPTIONAL out.",
            )


def _regex(part: CompValue, _: str, writer: Writer) -> Iterator[dict[str, str]]:
    for each in expressions(part.expr):
        if each.name != "Builtin_REGEX":
            continue
        pattern = each.pattern
        if not isinstance(pattern, Literal) or not str(pattern).startswith("^"):
            yield _warning(
                "regex",
                f"{writer.expression(each)} reads every value from its beginning to its end: CONTAINS or "
                "STRSTARTS is quicker, and her2kg:search asks the text index.",
            )


CHECKS: Final = {
    "BGP": (_product, _path),
    "Join": (_product,),
    "LeftJoin": (_product, _regex),
    "Filter": (_product, _optional, _regex),
    "Extend": (_product, _regex),
    "Graph": (_product,),
}


def _parts(part: Any, parent: str = "") -> Iterator[tuple[CompValue, str]]:
    """A part of the algebra and those below it, each with the name of the one above."""
    stack = [(part, parent)]
    while stack:
        here, above = stack.pop()
        if not isinstance(here, CompValue):
            continue
        yield here, above
        stack += [(here.p2, "" if here.name in {"LeftJoin", "Minus", "Union"} else here.name)]
        stack += [(here.p1, "" if here.name == "Union" else here.name), (here.p, here.name)]


def _linked(part: Any) -> Iterator[set[str]]:
    """The sets of variables that the pieces of one group have: pieces with a common one are joined by it."""
    if part.name == "BGP":
        for triple in part.triples or []:
            names = set().union(*map(variables, triple))
            if names:
                yield names
    elif part.name == "Join":
        yield from _linked(part.p1)
        yield from _linked(part.p2)
    elif part.name == "Filter":
        yield from _linked(part.p)
    elif part.name == "Graph":
        yield from (names | variables(part.term) for names in _linked(part.p))
    elif part.name == "Extend":
        yield from _linked(part.p)
        if names := variables(part.expr):
            yield names | {str(part.var)}
    elif part.name in {"LeftJoin", "Minus"}:
        yield from _linked(part.p1)
        if part.name == "LeftJoin" and (names := scope(part.p2)):
            yield names
    elif names := scope(part):
        yield names


def scope(part: Any) -> set[str]:
    """The variables that the solutions of a part may have; blank nodes count."""
    if not isinstance(part, CompValue):
        return set()
    if part.name == "BGP":
        return set().union(*(variables(term) for triple in part.triples or [] for term in triple))
    if part.name == "Project":
        return {str(name) for name in part.PV or ()}
    if part.name == "Extend":
        return scope(part.p) | {str(part.var)}
    if part.name == "Graph":
        return scope(part.p) | variables(part.term)
    if part.name == "Minus":
        return scope(part.p1)
    if part.name == "values":
        return {str(name) for row in part.res for name in row}
    if part.name == "ServiceGraphPattern":
        return {str(name) for name in part["_vars"]}
    if part.name == "AggregateJoin":
        return {str(each.res) for each in part.A or []}.union(
            *(variables(each.vars) for each in part.A or [])
        )
    return scope(part.p) | scope(part.p1) | scope(part.p2)


def _optionals(part: Any) -> tuple[set[str], set[str]]:
    """The variables that every solution of a part has, and those that only an OPTIONAL gives."""
    if not isinstance(part, CompValue):
        return set(), set()
    if part.name == "LeftJoin":
        certain, optional = _optionals(part.p1)
        return certain, optional | (scope(part.p2) - certain)
    if part.name == "Join":
        left, right = _optionals(part.p1), _optionals(part.p2)
        return left[0] | right[0], left[1] | right[1]
    if part.name == "Extend":
        certain, optional = _optionals(part.p)
        return certain | {str(part.var)}, optional
    if part.name == "Filter":
        return _optionals(part.p)
    return scope(part), set()


def _unbounded(path: Any) -> bool:
    if isinstance(path, MulPath):
        return path.mod in {"*", "+"} or _unbounded(path.path)
    if isinstance(path, SequencePath | AlternativePath):
        return any(map(_unbounded, path.args))
    return isinstance(path, InvPath) and isinstance(path.arg, Path) and _unbounded(path.arg)


def _blank(name: str) -> bool:
    """Whether a name is that rdflib gives a blank node."""
    return len(name) > 30 and name.startswith("N")
