"""SHACL over triples in memory: what is wrong, where, and how to mend it.

pySHACL never sees a path, an address, a text or an Oxigraph-backed graph: it would open the first two, guess
the third, and compare the literals of the fourth falsely.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
import pyshacl
from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import SH

from graph import files
from graph.errors import BuildError
from graph.validate import naming
from graph.validate.dates import impossible_dates
from graph.validate.disagreement import contradictions
from graph.validate.facts import narrower
from graph.validate.kinds import two_kinds
from graph.validate.labels import shared_labels
from graph.validate.quotes import misquotations
from graph.validate.reading import in_memory, union
from graph.validate.report import Report, Result
from graph.validate.screening import Screen
from graph.vocab import OA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

    from graph.validate.facts import Triples
    from graph.validate.quotes import TextOf

_TARGETS: Final = (SH.targetClass, SH.targetSubjectsOf, SH.targetNode)
"""How our shapes say what they look at."""

_RULES: Final = (contradictions, two_kinds, shared_labels, impossible_dates)
"""What is asked beside SHACL; the words are in `shapes/`, as shapes that are deactivated."""

_SHOWN_VALUES: Final = 3
_COUNTS: Final = frozenset({"MinCount", "MaxCount", "UniqueLang", "HasValue"})
"""Constraints whose results have no value, since they are about all values together."""


def load_shapes() -> Graph:
    """All of `shapes/`, under the base IRI in force."""
    return _load("shapes")


def load_context() -> Graph:
    """The ontology and its vocabulary, under the base IRI in force: what instance data speaks of."""
    return union(_load("ontology"), _load("ontology", "vocabulary"))


def validate(
    data: Triples,
    *,
    context: Graph | None = None,
    shapes: Graph | None = None,
    focus: Iterable[URIRef] | None = None,
    text_of: TextOf | None = None,
) -> Report:
    """Check `data` against `shapes` (those of this project if None), with `context` beside it.

    With `focus`, only those nodes are checked (and whether the spans among them are inside their documents).
    With `text_of`, evidence is held against the words of the documents whose text is at hand. Nothing is
    changed. The report's evidence and labels are read from data and context together.
    """
    started = perf_counter()
    shapes = load_shapes() if shapes is None else shapes
    everything = data if context is None else union(data, context)
    wanted = None if focus is None else frozenset(focus)
    targets = _find_targets(shapes, everything, wanted)
    checked = frozenset().union(*targets.values()) if targets else frozenset()
    results: set[Result] = set()
    flat, targets = _apart(shapes, targets)
    doubtful, needed = Screen(flat).doubtful(everything, targets)
    if doubtful:
        _, found, _ = pyshacl.validate(
            _comparable(union(everything) if needed is None else needed, flat),
            shacl_graph=_retargeted(flat, doubtful),
            inference="none",
            advanced=False,
            js=False,
            meta_shacl=False,
            do_owl_imports=False,
            inplace=True,
        )
        if not isinstance(found, Graph):
            raise BuildError("The shapes could not be applied.", where="shapes", mend=str(found))
        results.update(_Reader(everything, shapes, found).results(wanted))
    for rule in _RULES:
        results.update(rule(everything, shapes, wanted))
    if text_of is not None:
        results.update(misquotations(everything, shapes, text_of, wanted))
    report = Report((), len(checked if wanted is None else checked & wanted), perf_counter() - started)
    return report.having(tuple(results))


def _find_targets(
    shapes: Graph, data: Triples, focus: frozenset[URIRef] | None = None
) -> dict[Node, frozenset[Node]]:
    """Shape → the nodes it looks at, those among `focus` only; shapes that look at none are left out.

    Documents of the spans in focus are looked at too, since a span's document tells whether it is inside.
    """
    sources = (
        frozenset() if focus is None else {o for node in focus for o in data.objects(node, OA.hasSource)}
    )
    found: dict[Node, frozenset[Node]] = {}
    for shape in {shape for declaration in _TARGETS for shape in shapes.subjects(declaration)}:
        nodes = set(shapes.objects(shape, SH.targetNode))
        for target in shapes.objects(shape, SH.targetClass):
            for kind in narrower(data, target):
                nodes.update(data.subjects(RDF.type, kind))
        for target in shapes.objects(shape, SH.targetSubjectsOf):
            if isinstance(target, URIRef):
                nodes.update(data.subjects(target))
        if focus is not None:
            nodes &= focus | sources
        if nodes:
            found[shape] = frozenset(nodes)
    return found


def _load(*folder: str) -> Graph:
    """The Turtle files of one of our folders as one graph."""
    quads = (
        quad
        for file in files.listing(*folder, suffix=".ttl")
        for quad in ox.parse(
            files.rebase(file.read_text("utf-8")), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True
        )
    )
    return in_memory(quads)


def _apart(shapes: Graph, targets: dict[Node, frozenset[Node]]) -> tuple[Graph, dict[Node, frozenset[Node]]]:
    """The same shapes and targets, each property shape of a node shape by itself.

    Mostly it is one of them that is in doubt; it may have targets of its own, and its results are the same.
    What another shape refers to is left whole.
    """
    flat, found = union(shapes), dict(targets)
    for shape, nodes in targets.items():
        if (None, None, shape) not in shapes:
            flat.remove((shape, SH.property, None))
            for part in shapes.objects(shape, SH.property):
                found[part] = found.get(part, frozenset()) | nodes
    return flat, found


def _retargeted(shapes: Graph, targets: dict[Node, frozenset[Node]]) -> Graph:
    """The shapes that look at something, with those nodes themselves as targets.

    pySHACL has an option for focus nodes, but it takes quadratic time, and prepares every shape there is.
    """
    copy = union()
    pending: set[Node] = set(targets)
    done: set[Node] = set()
    while pending:
        node = pending.pop()
        done.add(node)
        for p, o in shapes.predicate_objects(node):
            if p not in _TARGETS:
                copy.add((node, p, o))
                pending.update({o} - done)
    copy.addN((shape, SH.targetNode, node, copy) for shape, nodes in targets.items() for node in nodes)
    return copy


def _comparable(data: Graph, shapes: Graph) -> Graph:
    """The data with a text in place of each blank node that a shape compares: pySHACL would give up on it.

    A text is no number either, so that the same is wrong with the node.
    """
    compared = {
        end
        for comparison in (SH.lessThan, SH.lessThanOrEquals)
        for shape, other in shapes.subject_objects(comparison)
        for end in (other, *_steps(shapes, shapes.value(shape, SH.path)))
    }
    for slot in compared:
        for node, value in list(data.subject_objects(slot)):
            if isinstance(value, BNode):
                data.remove((node, slot, value))
                data.add((node, slot, Literal(naming.value(data, value))))
    return data


def _steps(shapes: Graph, path: Node | None) -> list[Node]:
    """The properties that a path goes along forwards."""
    if path is None or isinstance(path, URIRef):
        return [] if path is None else [path]
    return [step for step in Collection(shapes, path) if isinstance(step, URIRef)]


class _Reader:
    """Turns pySHACL's results into ours."""

    def __init__(self, data: Triples, shapes: Graph, found: Graph) -> None:
        self.data = data
        self.shapes = shapes
        self.found = found

    def results(self, wanted: frozenset[URIRef] | None) -> Iterator[Result]:
        """The results, those about `wanted` nodes only."""
        for node in self.found.subjects(RDF.type, SH.ValidationResult):
            shape = self._need(node, SH.sourceShape)
            value = self.found.value(node, SH.value)
            path = self.shapes.value(shape, SH.path)
            at_fault = {self._need(node, SH.focusNode)}
            if (steps := self._way_back(path)) is not None:
                # A path back to the nodes that point to the focus is about those that have the value.
                (back, path), whole = steps, at_fault.pop()
                at_fault = {n for n in self.data.subjects(path, value) if (n, back, whole) in self.data}
            for focus in at_fault:
                if wanted is None or focus in wanted:
                    yield self._result(node, shape, focus, path, None if path is None else value)

    def _result(self, node: Node, shape: Node, focus: Node, path: Node | None, value: Node | None) -> Result:
        component = str(self._need(node, SH.sourceConstraintComponent)).removeprefix(str(SH))
        constraint = component.removesuffix("ConstraintComponent")
        message, _, mend = str(self._need(node, SH.resultMessage)).partition("\n")
        return Result(
            severity=naming.severity(self._need(node, SH.resultSeverity)),
            focus=str(focus),
            focus_label=naming.label(self.data, focus),
            message=message,
            mend=mend,
            rule=str(shape),
            constraint=constraint,
            path=naming.path(self.shapes, path),
            path_label=naming.path_name(self.data, self.shapes, path),
            value="" if value is None else str(value),
            value_label=self._found(focus, path, value, constraint),
            evidence=naming.evidence_of(self.data, focus),
        )

    def _way_back(self, path: Node | None) -> tuple[Node, Node] | None:
        """The two properties of a path `^back/onward`, None for any other path."""
        if path is None or (path, RDF.first, None) not in self.shapes:
            return None
        first, *rest = Collection(self.shapes, path)
        back = self.shapes.value(first, SH.inversePath)
        return None if back is None or len(rest) != 1 else (back, rest[0])

    def _need(self, node: Node, predicate: URIRef) -> Node:
        found = self.found.value(node, predicate)
        if found is None:
            raise BuildError(f"A validation result has no {naming.short(str(predicate))}.", where="pySHACL")
        return found

    def _found(self, focus: Node, path: Node | None, value: Node | None, constraint: str) -> str:
        """What stands where the result points; for a count, all that stands there."""
        if value is not None:
            return naming.value(self.data, value)
        if constraint not in _COUNTS or not isinstance(path, URIRef):
            return ""
        values = sorted(naming.value(self.data, v) for v in self.data.objects(focus, path))
        more = f" and {len(values) - _SHOWN_VALUES} more" if len(values) > _SHOWN_VALUES else ""
        return (", ".join(values[:_SHOWN_VALUES]) + more) or "nothing"
