"""Something that is only known to belong to one class: what holds of it holds of the whole class.

So a subclass is proved as any other type is. What is told of that something are candidates, more than can be
proved perhaps; that is enough for a search that takes nothing but proofs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, NamedNode
from rdflib import RDF

from graph.reason.proof_axioms import ON, VALUE
from graph.reason.proof_known import INFERRED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graph.lookup import Node
    from graph.reason.proof_axioms import Axioms
    from graph.reason.proof_known import About, Known

ANY: Final = BlankNode("any")
"""What is supposed to belong to the class."""

SUPPOSED: Final = "supposed"
"""The source of that supposition, in the place of a graph's name."""

_TYPE: Final = NamedNode(RDF.type)


class Supposed:
    """All that is known, and beside it `ANY` instance of a class."""

    def __init__(self, class_: NamedNode, axioms: Axioms, known: Known) -> None:
        self._known = known
        inferred, supposed = frozenset({INFERRED}), frozenset({SUPPOSED})
        about: dict[NamedNode, dict[Node, frozenset[str]]] = {
            _TYPE: {**dict.fromkeys(_wider_classes(axioms), inferred), class_: supposed}
        }
        for property_, value in _fixed_values(axioms, class_, known):
            about.setdefault(property_, {})[value] = inferred
        self._any = about

    def about(self, node: Node) -> About:
        """A node's values by property, each with the names of the graphs that give it."""
        return self._any if node == ANY else self._known.about(node)

    def pointing(self, predicate: NamedNode, value: Node) -> Sequence[Node]:
        """Some nodes that have this value of this property: nothing points at what is only supposed."""
        return () if value == ANY else self._known.pointing(predicate, value)


def _wider_classes(axioms: Axioms) -> Iterable[NamedNode]:
    """The classes that something can be found to belong to."""
    classes = {*axioms.under, *axioms.domain, *axioms.range, *axioms.only}
    return sorted((class_ for class_ in classes if isinstance(class_, NamedNode)), key=str)


def _fixed_values(axioms: Axioms, class_: Node, known: Known) -> set[tuple[NamedNode, Node]]:
    """The values that all of a class have, by what is told of it and the classes above it."""
    found: set[tuple[NamedNode, Node]] = set()
    waiting = [class_]
    seen: set[Node] = set()
    while waiting:
        if (node := waiting.pop()) in seen:
            continue
        seen.add(node)
        waiting += axioms.wider[node]
        for property_ in axioms.lookup.values(node, ON):
            if isinstance(property_, NamedNode):
                found.update((property_, value) for value in axioms.lookup.values(node, VALUE))
    waiting_values = list(found)
    while waiting_values:
        more = set(_after(axioms, *waiting_values.pop(), known)) - found
        found |= more
        waiting_values += more
    return found


def _after(
    axioms: Axioms, property_: NamedNode, value: Node, known: Known
) -> Iterator[tuple[NamedNode, Node]]:
    """What else holds of whatever has this value of this property."""
    for wider, narrower in axioms.narrower.items():
        if isinstance(wider, NamedNode) and any(prop == property_ for _, prop, _ in narrower):
            yield wider, value
    for whole, chains in axioms.chains.items():
        for _, (first, *rest), _ in chains:
            if first == property_ and len(rest) == 1 and isinstance(whole, NamedNode):
                yield from ((whole, end) for end in known.about(value).get(rest[0], ()))
