"""What is known, node by node, with the graphs that say so: in memory, or asked of a store as needed."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import pyoxigraph
from pyoxigraph import NamedNode, RdfFormat

from graph.files import BASE, text
from graph.lookup import Node
from graph.store import N_TRIPLES, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pyoxigraph import Triple

    from graph.store import Store

    About = Mapping[NamedNode, Mapping[Node, frozenset[str]]]

INFERRED: Final = "inferred"
"""The named graph of what rules and the reasoner made; every other one holds what was asserted."""

POINTING: Final = 12
"""How many nodes `Known.pointing` gives at most: one that can be explained is enough."""


class Fact(NamedTuple):
    """A triple without any inside it."""

    subject: Node
    predicate: NamedNode
    object: Node


def facts(triples: Iterable[Triple]) -> Iterator[Fact]:
    """Triples as facts."""
    for triple in triples:
        if isinstance(triple.subject, Node) and isinstance(triple.object, Node):
            yield Fact(triple.subject, triple.predicate, triple.object)


class Known(Protocol):
    """Everything known, asserted or inferred; a triple's sources are the names of its graphs."""

    def about(self, node: Node) -> About:
        """A node's values by property, each with the names of the graphs that give it."""
        ...

    def pointing(self, predicate: NamedNode, value: Node) -> Sequence[Node]:
        """Some nodes that have this value of this property; those of which it is asserted come first."""
        ...


def sources(known: Known, fact: Fact) -> frozenset[str]:
    """The names of the graphs that hold a fact; none where it is not known."""
    return known.about(fact.subject).get(fact.predicate, {}).get(fact.object, frozenset())


class InMemory:
    """Named graphs held in memory."""

    def __init__(self, graphs: Mapping[str, Iterable[Triple]]) -> None:
        self._about: defaultdict[object, dict[NamedNode, dict[Node, frozenset[str]]]] = defaultdict(dict)
        self._pointing: defaultdict[tuple[object, object], list[Node]] = defaultdict(list)
        for name, triples in sorted(graphs.items(), key=lambda item: item[0] == INFERRED):
            for subject, predicate, value in facts(triples):
                values = self._about[subject].setdefault(predicate, {})
                if value not in values:
                    self._pointing[predicate, value].append(subject)
                values[value] = values.get(value, frozenset()) | {name}

    def about(self, node: Node) -> About:
        """A node's values by property, each with the names of the graphs that give it."""
        return self._about.get(node, {})

    def pointing(self, predicate: NamedNode, value: Node) -> Sequence[Node]:
        """Some nodes that have this value of this property; those of which it is asserted come first."""
        return self._pointing.get((predicate, value), [])[:POINTING]


class Published:
    """The published data of a store, asked for node by node; what it answered is kept: make one a request."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._about: dict[Node, dict[NamedNode, dict[Node, frozenset[str]]]] = {}
        self._pointing: dict[tuple[NamedNode, Node], list[Node]] = {}

    def about(self, node: Node) -> About:
        """A node's values by property, each with the names of the graphs that give it."""
        if node not in self._about:
            found: defaultdict[NamedNode, dict[Node, frozenset[str]]] = defaultdict(dict)
            rows = select(self._store, _query("about"), node=node) if isinstance(node, NamedNode) else []
            for row in rows:
                prop, value, name = row["property"], row["value"], _name(row["source"])
                if isinstance(prop, NamedNode):
                    found[prop][value] = found[prop].get(value, frozenset()) | {name}
            self._about[node] = dict(found)
        return self._about[node]

    def pointing(self, predicate: NamedNode, value: Node) -> Sequence[Node]:
        """Some nodes that have this value of this property; those of which it is asserted come first."""
        if (predicate, value) not in self._pointing:
            rows = select(self._store, _query("pointing"), property=predicate, value=value)
            rows.sort(key=lambda row: (_name(row["source"]) == INFERRED, str(row["subject"])))
            nodes = dict.fromkeys(row["subject"] for row in rows)
            self._pointing[predicate, value] = list(nodes)[:POINTING]
        return self._pointing[predicate, value]


def published_axioms(store: Store) -> list[Triple]:
    """The ontology of a store."""
    answer = store.query(_query("axioms"), solutions=None, triples=N_TRIPLES)
    return [quad.triple for quad in pyoxigraph.parse(answer.body, format=RdfFormat.N_TRIPLES)]


@cache
def _query(name: str) -> str:
    return text("graph.reason", "queries", f"{name}.rq")


def _name(source: Node) -> str:
    return source.value.removeprefix(BASE + "graph/")
