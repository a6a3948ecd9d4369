"""What a drawing of the core model shows: of which classes, and which properties lead from one to another."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode
from rdflib import OWL, PROV, RDF, RDFS

from graph.lookup import curie
from graph.vocab import HER, OA
from server.ontology import by_label
from server.ontology_term import TERMS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.ontology import Ontology

STATEMENT: Final = str(HER.Statement)
BORROWED: Final = (
    (HER.Evidence, OA.hasSource, HER.Document),
    (HER.Statement, PROV.wasGeneratedBy, PROV.Activity),
)
"""Properties of others that the model rests on; their vocabularies leave domain and range open."""


@dataclass(slots=True)
class Link:
    """Properties that lead from one drawn class to another, each with those narrower than it."""

    source: str
    target: str
    properties: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    is_subclass: bool = False


class Model:
    """The links between some classes (IRIs) of an ontology.

    A class that is not drawn is stood for by the nearest wider one that is. Inverses are told once.
    """

    def __init__(self, ontology: Ontology, drawn: Iterable[str]) -> None:
        self._ontology = ontology
        self._drawn = frozenset(drawn)
        self.kinds = self._below(STATEMENT)
        self.slots: list[str] = []
        self.links: dict[tuple[str, str], Link] = {}
        for source, name, target in BORROWED:
            if self._declared(str(name)):
                self._link(str(source), str(target), str(name), ())
        for term in ontology.of_type("object property"):
            if not self._is_inverse(term.iri) and not ontology.properties.wider(term.iri):
                self._add(term.iri)
        self._add_subclasses()

    def missing(self) -> list[str]:
        """The classes to draw that the ontology does not declare."""
        return sorted(iri for iri in self._drawn if not self._declared(iri))

    def others(self, iri: str) -> list[str]:
        """The classes right below one that are not drawn, by label."""
        terms = self._ontology.terms
        found = [terms[other] for other in self._ontology.classes.narrower(iri) if other in terms]
        return [term.iri for term in sorted(found, key=by_label) if term.iri not in self._drawn]

    def _below(self, iri: str) -> list[str]:
        return [i for i in self.others(iri) if not self._ontology.terms[i].is_defined]

    def _declared(self, iri: str) -> bool:
        return bool(self._ontology.lookup.values(NamedNode(iri), str(RDF.type)))

    def _is_inverse(self, iri: str) -> bool:
        """Whether the property is named as the inverse of another one, which is drawn in its place."""
        return any(
            NamedNode(iri) in self._ontology.lookup.values(NamedNode(other), str(OWL.inverseOf))
            for other in self._ontology.terms
        )

    def _add(self, iri: str) -> None:
        narrower = tuple(self._ontology.properties.narrower(iri))
        sources, targets = self._ends(iri, str(RDFS.domain)), self._ends(iri, str(RDFS.range))
        if any(source not in self._drawn and self._stands_for(source) == STATEMENT for source in sources):
            self.slots.append(iri)
            return
        for source in sources:
            for target in targets:
                self._link(self._stands_for(source), self._stands_for(target), iri, narrower)

    def _ends(self, iri: str, predicate: str) -> list[str]:
        nodes = self._ontology.said_of(iri, predicate)
        return [end for node in nodes for end in self._ontology.alternatives(node)]

    def _stands_for(self, iri: str) -> str | None:
        waiting = deque([iri])
        seen: set[str] = set()
        while waiting:
            if (one := waiting.popleft()) in self._drawn:
                return one
            seen.add(one)
            waiting.extend(wider for wider in self._ontology.classes.wider(one) if wider not in seen)
        return None

    def _link(self, source: str | None, target: str | None, iri: str, narrower: tuple[str, ...]) -> None:
        if source is not None and target is not None:
            link = self.links.setdefault((source, target), Link(source, target))
            if (iri, narrower) not in link.properties:
                link.properties.append((iri, narrower))

    def _add_subclasses(self) -> None:
        for iri in sorted(self._drawn):
            for wider in self._ontology.classes.wider(iri):
                if wider in self._drawn and (iri, wider) not in self.links:
                    self.links[iri, wider] = Link(iri, wider, is_subclass=True)


def short(iri: str) -> str:
    """A term by its name as queries write it, without our own prefix."""
    return iri.removeprefix(TERMS) if iri.startswith(TERMS) else curie(iri)
