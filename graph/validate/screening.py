"""Which nodes can break a shape at all: the shapes, read once and applied as plain functions.

A SHACL engine spends nearly all its time on nodes that are in order. Here the shapes are turned into
functions that say of a node that it surely conforms. Only the others are shown to pySHACL, which alone
decides, with just the triples that their shapes ask for. A sort of constraint that is not known here makes a
shape doubtful for every node: a new one is slow, never overlooked.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import SH

from graph.validate.constraints import OF_ALL, OF_EACH, number
from graph.validate.facts import wider

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rdflib.term import Node

    from graph.validate.facts import Triples

    Path = Callable[["Reader", Node], Sequence[Node]]
    """The values at the end of a path, each once."""
    Conforms = Callable[["Reader", Node], bool]
    """Whether a focus node surely conforms to a shape."""
    Check = Callable[["Reader", Node, Sequence[Node]], bool]
    """Whether the values of a focus node surely keep one constraint."""

_ASIDE: Final = frozenset(
    {RDF.type, RDFS.label, RDFS.comment, SH.path, SH.severity, SH.message, SH.name, SH.description,
     SH.targetClass, SH.targetSubjectsOf, SH.targetNode}
)  # fmt: skip
"""What a shape says that decides nothing about a value."""


class Reader:
    """Reads data for the checks; `seen`, if given, gets every triple read: what pySHACL has to be shown."""

    def __init__(self, data: Triples, seen: Graph | None = None) -> None:
        self._data = data
        self._seen = seen
        self._classes: dict[Node, frozenset[Node]] = {}
        self._wider: dict[Node, frozenset[Node]] = {}

    def objects(self, subject: Node, predicate: Node) -> Sequence[Node]:
        """The values of a property of a node."""
        found = list(self._data.objects(subject, predicate))
        if self._seen is not None:
            for value in found:
                self._seen.add((subject, predicate, value))
        return found

    def subjects(self, predicate: Node, value: Node) -> Sequence[Node]:
        """The nodes whose property has a value."""
        found = list(self._data.subjects(predicate, value))
        if self._seen is not None:
            for subject in found:
                self._seen.add((subject, predicate, value))
        return found

    def classes(self, node: Node) -> frozenset[Node]:
        """The classes of a node, and all that are wider."""
        if node not in self._classes:
            found = [self._and_wider(type_) for type_ in self.objects(node, RDF.type)]
            self._classes[node] = found[0] if len(found) == 1 else frozenset().union(*found)
        return self._classes[node]

    def _and_wider(self, class_: Node) -> frozenset[Node]:
        if class_ not in self._wider:
            self._wider[class_] = frozenset(wider(self, class_))
        return self._wider[class_]


class Screen:
    """The shapes of a graph as functions."""

    def __init__(self, shapes: Graph) -> None:
        self._shapes = shapes
        self._compiled: dict[Node, Conforms] = {}
        self._reading: dict[Node, Callable[[Node], Check]] = {
            SH.property: self._nested,
            SH.node: self._nested,
            SH["or"]: self._or,
            SH["in"]: self._in,
            SH["class"]: self._class,
            SH.disjoint: self._disjoint,
            SH.lessThan: self._compared(operator.lt),
            SH.lessThanOrEquals: self._compared(operator.le),
        }
        self.unknown: set[Node] = set()
        """What shapes say that is not known here, as far as they were looked at."""

    def doubtful(
        self, data: Triples, targets: Mapping[Node, Iterable[Node]]
    ) -> tuple[dict[Node, frozenset[Node]], Graph | None]:
        """Shape → those of its target nodes that may break it, and the triples that decide it.

        None in place of the triples means that all may be needed.
        """
        plain = Reader(data)
        found: dict[Node, frozenset[Node]] = {}
        for shape, nodes in targets.items():
            conforms = self._shape(shape)
            if left := frozenset(node for node in nodes if not conforms(plain, node)):
                found[shape] = left
        if self.unknown:
            return found, None
        needed = Graph(bind_namespaces="none")
        recording = Reader(data, needed)
        for shape, nodes in found.items():
            for node in nodes:
                self._shape(shape)(recording, node)
        return found, needed

    def _shape(self, shape: Node) -> Conforms:
        if shape not in self._compiled:
            self._compiled[shape] = self._compile(shape)
        return self._compiled[shape]

    def _compile(self, shape: Node) -> Conforms:
        if (shape, SH.deactivated, Literal(True)) in self._shapes:
            return _always
        path = self._shapes.value(shape, SH.path)
        values = _itself if path is None else self._path(path)
        of_each, of_all, reading = [], [], []
        for parameter, argument in self._shapes.predicate_objects(shape):
            if parameter in OF_EACH:
                of_each.append(OF_EACH[parameter](argument))
            elif parameter in OF_ALL:
                of_all.append(OF_ALL[parameter](argument))
            elif parameter in self._reading:
                reading.append(self._reading[parameter](argument))
            elif parameter not in _ASIDE:
                self.unknown.add(parameter)
        if not self.unknown.isdisjoint(self._shapes.predicates(shape)) or path in self.unknown:
            return _never

        def conforms(reader: Reader, focus: Node) -> bool:
            found = values(reader, focus)
            return (
                _every(check(reader, focus, found) for check in reading)
                and all(keeps(found) for keeps in of_all)
                and all(keeps(value) for value in found for keeps in of_each)
            )

        return conforms

    def _path(self, path: Node) -> Path:
        if isinstance(path, URIRef):
            return lambda reader, focus: reader.objects(focus, path)
        if isinstance(inverse := self._shapes.value(path, SH.inversePath), URIRef):
            return lambda reader, focus: reader.subjects(inverse, focus)
        if (alternatives := self._shapes.value(path, SH.alternativePath)) is not None:
            ways = [self._path(way) for way in Collection(self._shapes, alternatives)]
            return lambda reader, focus: _once(value for way in ways for value in way(reader, focus))
        if (path, RDF.first, None) in self._shapes:
            steps = [self._path(step) for step in Collection(self._shapes, path)]

            def follow(reader: Reader, focus: Node) -> Sequence[Node]:
                nodes: Sequence[Node] = [focus]
                for step in steps:
                    nodes = _once(value for node in nodes for value in step(reader, node))
                return nodes

            return follow
        self.unknown.add(path)
        return _itself

    def _nested(self, argument: Node) -> Check:
        inner = self._shape(argument)
        return lambda reader, _, values: _every(inner(reader, value) for value in values)

    def _or(self, argument: Node) -> Check:
        ways = [self._shape(way) for way in Collection(self._shapes, argument)]
        return lambda reader, _, values: _every(
            True in [way(reader, value) for way in ways] for value in values
        )

    def _in(self, argument: Node) -> Check:
        listed = frozenset(Collection(self._shapes, argument))
        return lambda _reader, _focus, values: listed.issuperset(values)

    def _class(self, argument: Node) -> Check:
        return lambda reader, _, values: _every(argument in reader.classes(value) for value in values)

    def _disjoint(self, argument: Node) -> Check:
        return lambda reader, focus, values: set(reader.objects(focus, argument)).isdisjoint(values)

    def _compared(self, holds: Callable[[Any, Any], bool]) -> Callable[[Node], Check]:
        """`sh:lessThan` and its like, sure of numbers only."""

        def made(argument: Node) -> Check:
            def keeps(reader: Reader, focus: Node, values: Sequence[Node]) -> bool:
                others = [number(other) for other in reader.objects(focus, argument)]
                numbers = [number(value) for value in values]
                known = None not in others and None not in numbers
                return known and all(holds(one, other) for one in numbers for other in others)

            return keeps

        return made


def _always(_reader: Reader, _focus: Node) -> bool:
    return True


def _never(_reader: Reader, _focus: Node) -> bool:
    return False


def _itself(_reader: Reader, focus: Node) -> Sequence[Node]:
    return [focus]


def _once(nodes: Iterable[Node]) -> Sequence[Node]:
    return list(dict.fromkeys(nodes))


def _every(answers: Iterable[bool]) -> bool:
    """Whether all are true, asking all of them: whoever records what is read needs every one."""
    return False not in list(answers)
