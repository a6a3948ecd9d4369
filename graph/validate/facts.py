"""Triples in memory, in less room than rdflib takes: what validation asks of them, and no more."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Protocol

from rdflib import RDFS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rdflib.term import Node

    from graph.validate.screening import Reader

    Fact = tuple[Node, Node, Node]


class Triples(Protocol):
    """What the rules ask of data; an rdflib graph is one, and so is `Facts`."""

    def subjects(self, predicate: Node | None = None, object: Node | None = None) -> Iterable[Node]:  # noqa: A002
        """The nodes that have a property, with a certain value if one is given."""
        ...

    def objects(self, subject: Node | None = None, predicate: Node | None = None) -> Iterable[Node]:
        """The values of a property of a node, each once."""
        ...

    def predicate_objects(self, subject: Node | None = None) -> Iterable[tuple[Node, Node]]:
        """All that is said of a node."""
        ...

    def __contains__(self, triple: tuple[Node | None, Node | None, Node | None]) -> bool:
        """Whether a triple (without None) is there."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """All triples."""
        ...


class Facts:
    """Triples kept by property: for each, its subjects with their value, or with a list of values.

    Terms that are the same should be the same object (`graph.validate.reading.as_terms` sees to it). A triple
    may be given twice. The way back, from a value to its subjects, is made for a property when it is first
    asked for.
    """

    def __init__(self, triples: Iterable[Fact]) -> None:
        columns: defaultdict[Node, dict[Node, Node | list[Node]]] = defaultdict(dict)
        several: set[tuple[Node, Node]] = set()
        for subject, predicate, value in triples:
            column = columns[predicate]
            known = column.get(subject)
            if known is None:
                column[subject] = value
            elif isinstance(known, list):
                known.append(value)
            elif known is not value:
                column[subject] = [known, value]
                several.add((predicate, subject))
        for predicate, subject in several:
            columns[predicate][subject] = list(dict.fromkeys(columns[predicate][subject]))  # type: ignore[arg-type]
        self._columns = dict(columns)
        self._back: dict[Node, dict[Node, list[Node]]] = {}

    def objects(self, subject: Node | None = None, predicate: Node | None = None) -> Iterable[Node]:
        """The values of a property of a node, each once; both must be given."""
        column = self._columns.get(_given(predicate))
        found = None if column is None else column.get(_given(subject))
        return () if found is None else found if isinstance(found, list) else (found,)

    def subjects(self, predicate: Node | None = None, object: Node | None = None) -> Iterable[Node]:  # noqa: A002
        """The nodes that have a property, with a certain value if one is given."""
        column = self._columns.get(_given(predicate), {})
        if object is None:
            return column.keys()
        if predicate not in self._back:
            back: defaultdict[Node, list[Node]] = defaultdict(list)
            for subject, found in column.items():
                for value in found if isinstance(found, list) else (found,):
                    back[value].append(subject)
            self._back[_given(predicate)] = dict(back)
        return self._back[_given(predicate)].get(object, ())

    def predicate_objects(self, subject: Node | None = None) -> Iterator[tuple[Node, Node]]:
        """All that is said of a node."""
        for predicate in self._columns:
            for value in self.objects(subject, predicate):
                yield predicate, value

    def __contains__(self, triple: tuple[Node | None, Node | None, Node | None]) -> bool:
        subject, predicate, value = triple
        return _given(value) in self.objects(subject, predicate)

    def __iter__(self) -> Iterator[Fact]:
        for predicate, column in self._columns.items():
            for subject in column:
                for value in self.objects(subject, predicate):
                    yield subject, predicate, value


def narrower(data: Triples, class_: Node) -> set[Node]:
    """A class and all its subclasses."""
    return _reached(class_, lambda known: data.subjects(RDFS.subClassOf, known))


def wider(data: Triples | Reader, class_: Node) -> set[Node]:
    """A class and all it is a subclass of."""
    return _reached(class_, lambda known: data.objects(known, RDFS.subClassOf))


def _reached(start: Node, steps: Callable[[Node], Iterable[Node]]) -> set[Node]:
    found = {start}
    waiting = [start]
    while waiting:
        new = {node for node in steps(waiting.pop()) if node not in found}
        found |= new
        waiting.extend(new)
    return found


def _given(node: Node | None) -> Node:
    """A term that must be there: asking for just anything would go over all triples."""
    if node is None:
        raise TypeError("Facts are asked by subject and property, or by property and value.")
    return node
