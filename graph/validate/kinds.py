"""Nodes of two kinds, such as a drug that is a condition: nothing can be both."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from rdflib import RDF
from rdflib.namespace import SH

from graph.validate import naming
from graph.validate.facts import narrower, wider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib import Graph, URIRef
    from rdflib.term import Node

    from graph.validate.facts import Triples
    from graph.validate.report import Result


def classes_with_shapes(data: Triples, shapes: Graph) -> set[Node]:
    """The classes that some shape looks at, and their subclasses."""
    return {kind for target in set(shapes.objects(None, SH.targetClass)) for kind in narrower(data, target)}


def two_kinds(data: Triples, shapes: Graph, focus: frozenset[URIRef] | None = None) -> Iterator[Result]:
    """A violation for each node (of `focus` only) with two types of which neither is wider than the other."""
    kinds: defaultdict[Node, set[Node]] = defaultdict(set)
    for class_ in classes_with_shapes(data, shapes):
        for node in data.subjects(RDF.type, class_):
            if focus is None or node in focus:
                kinds[node].add(class_)
    for node, classes in kinds.items():
        if len(classes) > 1:
            narrow = classes - {w for class_ in classes for w in wider(data, class_) if w != class_}
            if len(narrow) > 1:
                called = " and ".join(sorted(naming.label(data, class_) for class_ in narrow))
                plain = naming.by_rule("TwoKinds", shapes, data, node)
                yield replace(
                    plain,
                    message=plain.message.replace("{?value}", called),
                    path=str(RDF.type),
                    path_label=naming.label(data, RDF.type),
                )
