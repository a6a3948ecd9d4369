"""How many triples fit one pattern of a query: the questions that find out, each with a bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox
from rdflib import BNode, Literal, URIRef, Variable
from rdflib.paths import InvPath, Path

COUNTED: Final = 100_000
"""Triples that are counted; of more it is said that there are at least so many."""

QUERY: Final = "SELECT (COUNT(*) AS ?count) {{ SELECT (1 AS ?one) {{ {pattern} }} LIMIT {limit} }}"
ROLES: Final = ("?s", "?p", "?o")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A triple pattern within GRAPH `graph` (None outside); `steps` are the properties of its path.

    `needed` is whether a query without a solution of this pattern has none at all.
    """

    triple: tuple[Any, ...]
    graph: Any
    steps: tuple[Any, ...]
    needed: bool

    def record(self) -> dict[str, Any]:
        """What is to be asked, and what the figure then says: see `RELATIONS`."""
        query, relation = self._question()
        return {"query": query, "relation": relation, "needed": self.needed and relation == "exactly"}

    def _question(self) -> tuple[str | None, str]:
        subject, predicate, value = self.triple
        if isinstance(predicate, InvPath) and isinstance(predicate.arg, URIRef):
            subject, predicate, value = value, predicate.arg, subject
        if isinstance(predicate, Path):
            parts = [f"{{ ?s {_written(step)} ?o }}" for step in dict.fromkeys(self.steps)]
            return (self._asked(" UNION ".join(parts)), "steps") if parts else (None, "unknown")
        roles: dict[Any, str] = {}
        for term, role in zip((subject, predicate, value), ROLES, strict=True):
            if isinstance(term, Variable | BNode):
                roles.setdefault(term, role)
        terms = [
            role if isinstance(term, Variable | BNode) else _written(term)
            for term, role in zip((subject, predicate, value), ROLES, strict=True)
        ]
        # to compare two places of each triple would mean to read them all: they count as if they differed
        repeated = len(roles) < sum(term in ROLES for term in terms)
        return self._asked(" ".join(terms)), "at most" if repeated else "exactly"

    def _asked(self, pattern: str) -> str:
        if self.graph is not None:
            graph = "?g" if isinstance(self.graph, Variable) else _written(self.graph)
            pattern = f"GRAPH {graph} {{ {pattern} }}"
        return QUERY.format(pattern=pattern, limit=COUNTED + 1)


def _written(term: Any) -> str:
    """A term as the engine writes it; ValueError for what is none."""
    if isinstance(term, Literal):
        datatype = ox.NamedNode(str(term.datatype)) if term.datatype is not None else None
        return str(ox.Literal(str(term), datatype=datatype, language=term.language))
    return str(ox.NamedNode(str(term)))
