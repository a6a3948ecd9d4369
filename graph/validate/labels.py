"""Labels that two things of one kind share, so that nobody could tell which of them is meant."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from rdflib import RDF, RDFS, Literal

from graph.validate import naming
from graph.vocab import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib import Graph, URIRef
    from rdflib.term import Node

    from graph.validate.facts import Triples
    from graph.validate.report import Result


def shared_labels(data: Triples, shapes: Graph, focus: frozenset[URIRef] | None = None) -> Iterator[Result]:
    """A violation for each thing (of `focus` only) whose label another of its kind has, in one language.

    Upper and lower case do not count: people read over the difference.
    """
    for kind in KINDS.values():
        holders: defaultdict[tuple[str, str | None], set[Node]] = defaultdict(set)
        for thing in data.subjects(RDF.type, kind):
            for label in data.objects(thing, RDFS.label):
                if isinstance(label, Literal):
                    holders[str(label).casefold(), label.language].add(thing)
        for things in holders.values():
            for thing in things if len(things) > 1 else ():
                if focus is None or thing in focus:
                    yield _result(data, shapes, thing, min(things - {thing}, key=str))


def _result(data: Triples, shapes: Graph, thing: Node, other: Node) -> Result:
    plain = naming.by_rule("SharedLabel", shapes, data, thing)
    return replace(
        plain,
        message=plain.message.replace("{?value}", naming.short(str(other))),
        path=str(RDFS.label),
        path_label=naming.label(data, RDFS.label),
        value=str(other),
    )
