"""Plain triples from statements: one CONSTRUCT per rule, over everything that is known.

A rule is a file in `rules/` whose first line says what it does. Rules read statements and the vocabulary,
never each other's results, so their order does not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import Quad, QueryTriples, Store, Triple

from graph.errors import BuildError
from graph.files import listing, rebase

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable

_HEADER: Final = "#+ summary: "


class Rule(NamedTuple):
    """One derivation: its file's name, what it says in a line, and the CONSTRUCT."""

    name: str
    summary: str
    query: str


def load_rules() -> tuple[Rule, ...]:
    """The rules by name; BuildError for a file without a summary line."""
    return tuple(_rule(file.name, rebase(file.read_text("utf-8"))) for file in _files())


def derive(triples: Iterable[Triple], rules: Iterable[Rule] | None = None) -> list[Triple]:
    """What the rules make of `triples` (ontology, vocabulary and documents together), sorted, each once."""
    store = Store()
    store.bulk_extend(Quad(*triple) for triple in triples)
    derived: set[Triple] = set()
    for rule in load_rules() if rules is None else rules:
        try:
            found = store.query(rule.query)
        except SyntaxError as error:
            raise BuildError(f"the rule cannot be read: {error}", where=rule.name) from None
        if not isinstance(found, QueryTriples):
            raise BuildError("a rule must be a CONSTRUCT.", where=rule.name)
        derived.update(found)
    return sorted(derived, key=str)


def _files() -> list[Traversable]:
    return listing("graph.build", "rules", suffix=".rq")


def _rule(name: str, query: str) -> Rule:
    first = query.partition("\n")[0]
    if not first.startswith(_HEADER):
        raise BuildError(f"the first line must begin with `{_HEADER.strip()}`.", where=name)
    return Rule(name.removesuffix(".rq"), first.removeprefix(_HEADER), query)
