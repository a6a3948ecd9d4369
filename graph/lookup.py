"""Triples by subject and predicate, with the labels and lists in them: for reading an ontology."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from rdflib import RDF, RDFS

from graph.vocab import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Node = ox.NamedNode | ox.BlankNode | ox.Literal

LONGEST: Final = 1_000
"""Items of one list that are read."""

_LABEL: Final = str(RDFS.label)
_FIRST: Final = str(RDF.first)
_REST: Final = str(RDF.rest)
_NAMESPACES: Final = sorted(PREFIXES.items(), key=lambda item: -len(item[1]))


class Lookup:
    """What triples say of each node; `labels` (IRI → label) adds to theirs, and yields to them."""

    def __init__(self, triples: Iterable[ox.Triple], labels: Mapping[str, str] | None = None) -> None:
        self._values: dict[object, dict[str, list[Node]]] = defaultdict(lambda: defaultdict(list))
        self._labels = dict(labels or {})
        for triple in triples:
            if isinstance(triple.object, Node):
                self._values[triple.subject][triple.predicate.value].append(triple.object)
        for subject, values in self._values.items():
            if isinstance(subject, ox.NamedNode) and (label := text(values.get(_LABEL, ()))):
                self._labels[subject.value] = label

    def __iter__(self) -> Iterator[object]:
        """Every subject, in the order they came."""
        return iter(self._values)

    def label(self, iri: str) -> str:
        """A term's label, or else its IRI as a CURIE, or else in angle brackets."""
        return self._labels.get(iri) or curie(iri)

    def about(self, node: object) -> Mapping[str, Sequence[Node]]:
        """The objects of a node's triples by predicate (an IRI), in the order they came."""
        return self._values.get(node, {})

    def values(self, node: object, predicate: str) -> Sequence[Node]:
        """The objects of a node's triples with one predicate."""
        return self.about(node).get(predicate, ())

    def items(self, head: object) -> list[Node]:
        """The items of an RDF list; of a broken, circular or endless one, those up to there."""
        found: list[Node] = []
        seen: set[object] = set()
        while isinstance(head, ox.BlankNode) and head not in seen and len(found) < LONGEST:
            seen.add(head)
            found += self.values(head, _FIRST)[:1]
            head = next(iter(self.values(head, _REST)), None)
        return found


def text(values: Iterable[object]) -> str | None:
    """The English (or unmarked) one of some literals, the first by its text; None where there is none."""
    found = (v.value for v in values if isinstance(v, ox.Literal) and v.language in (None, "en"))
    return min(found, default=None)


def curie(iri: str) -> str:
    """An IRI shortened by the prefixes of `graph.vocab`, or in angle brackets."""
    for prefix, namespace in _NAMESPACES:
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return f"<{iri}>"
