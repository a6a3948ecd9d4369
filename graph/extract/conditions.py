"""Conditions put together: "ER-positive, HER2-negative advanced breast cancer that has ESR1 mutations".

A text may describe a condition that no vocabulary lists. What it says of it (the disease, the biomarker
states, stage and extent) decides which condition it is: the vocabulary's, if one has just these features,
or else a new one, whose IRI and label follow from the features alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from graph.extract.lexicon import Entry, Lexicon
from graph.vocab import slug, thing

CANCER = str(thing("condition", "cancer"))
_BREAST_CANCER = str(thing("condition", "breast-cancer"))
FEATURES = ("hasStatus", "hasStage", "hasExtent")
_APART = frozenset(str(thing("extent", name)) for name in ("early", "locally-advanced", "metastatic"))
"""Of these extents a condition has one at most."""


RECEPTORS: Final = ("ER", "PR", "HR", "HER2")
"""The biomarkers that a condition's label names first, as clinicians do; the rest by the alphabet."""


def _place(label: str) -> tuple[int, str]:
    name = label.rpartition("-")[0]
    return (RECEPTORS.index(name) if name in RECEPTORS else len(RECEPTORS), label)


@dataclass(frozen=True, slots=True)
class Minted:
    """A thing that the vocabulary lacks: `triples` are (property's local name, object's IRI)."""

    iri: str
    kind: str
    label: str
    triples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Features:
    """A disease (IRI) and what is said of it: (property's local name, IRI) pairs."""

    base: str
    said: frozenset[tuple[str, str]]


@dataclass
class Conditions:
    """Finds or makes the condition with given features; `minted` collects the new ones by IRI."""

    lexicon: Lexicon

    def __post_init__(self) -> None:
        self.minted: dict[str, Minted] = {}

    def features(self, condition: Entry) -> Features:
        """The features of a condition of the vocabulary, or of one made here."""
        if minted := self.minted.get(condition.iri):
            base = next(o for p, o in minted.triples if p == "kindOf")
            return Features(base, frozenset(t for t in minted.triples if t[0] in FEATURES))
        return Features(self._base(condition.iri), self._said(condition.iri))

    def disease(self, condition: Entry) -> Entry:
        """The disease itself, without its states: "breast cancer" of a triple-negative one."""
        return self.lexicon.entries[self.features(condition).base]

    def states(self, entry: Entry) -> list[Entry]:
        """The biomarker states, stages and extents of a condition (none for anything else)."""
        if entry.kind != "condition":
            return []
        said = sorted(self.features(entry).said)
        return [self.lexicon.entries[o] for _, o in said if o in self.lexicon.entries]

    def wider(self, one: Entry, other: Entry) -> bool:
        """Whether `one` says less than `other`: a wider disease, or the same with fewer states."""
        first, second = self.features(one), self.features(other)
        if first.base == second.base:
            return first.said < second.said
        return first.base == CANCER

    def status(self, biomarker: Entry, ending: str) -> Entry | None:
        """The status of a biomarker whose label ends so: "positive" where it is found, or "negative"."""
        for status, of in sorted(self.lexicon.facts.get("statusOf", {}).items()):
            entry = self.lexicon.entries.get(status)
            if entry and biomarker.iri in of and entry.label.endswith(ending):
                return entry
        return None

    def _said(self, iri: str) -> frozenset[tuple[str, str]]:
        return frozenset((p, o) for p in FEATURES for o in self.lexicon.objects(iri, p))

    def _base(self, iri: str) -> str:
        """The disease itself: the nearest wider condition of which no state is said."""
        seen: set[str] = set()
        queue = [iri]
        while queue:
            wider = queue.pop(0)
            if wider in seen:
                continue
            seen.add(wider)
            if not self._said(wider):
                return wider
            queue.extend(self.lexicon.objects(wider, "kindOf"))
        return CANCER

    @cached_property
    def _known(self) -> dict[Features, Entry]:
        known: dict[Features, Entry] = {}
        for entry in sorted(self.lexicon.entries.values()):
            if entry.kind == "condition":
                features = self.features(entry)
                if features.said or features.base == entry.iri:
                    known.setdefault(features, entry)
        return known

    def resolve(self, head: Entry, states: Iterable[Entry]) -> Entry | None:
        """The condition that is `head` with these biomarker states, stages and extents as well.

        None where they exclude each other: nothing is HER2-positive and HER2-negative.
        """
        states = tuple(states)
        if head.iri == CANCER and any(s.label.rpartition("-")[0] in RECEPTORS for s in states):
            # a cancer told by its receptors alone is one of the breast here, as its names have it
            head = self.lexicon.entries.get(_BREAST_CANCER, head)
        features = self.features(head)
        by_kind = {"biomarker-status": "hasStatus", "stage": "hasStage", "extent": "hasExtent"}
        said = features.said | {(by_kind[s.kind], s.iri) for s in states}
        features = Features(features.base, frozenset(said))
        if known := self._known.get(features):
            return known
        return self._mint(features) if self.compatible(o for _, o in said) else None

    def compatible(self, states: Iterable[str]) -> bool:
        """Whether one condition can have all these statuses, stages and extents (IRIs)."""
        had = set(states)
        implied = had.union(*(self.lexicon.objects(state, "impliesStatus") for state in had))
        opposed = any(implied.intersection(self.lexicon.objects(state, "oppositeOf")) for state in implied)
        stages = sum("/id/stage/" in state for state in had)
        return not opposed and stages < 2 and len(had & _APART) < 2

    def _mint(self, features: Features) -> Entry:
        label = self._label(features)
        iri = str(thing("condition", slug(label)))
        if iri not in self.minted and iri not in self.lexicon.entries:
            triples = (("kindOf", features.base), *sorted(features.said))
            self.minted[iri] = Minted(iri, "condition", label, triples)
        return Entry(iri, "condition", label)

    def regimen(self, parts: Iterable[Entry]) -> Entry:
        """What drugs given together make up, named by its parts in the order of the alphabet."""
        together = sorted(set(parts), key=lambda part: slug(part.label))
        label = " + ".join(part.label for part in together)
        iri = str(thing("regimen", slug(label)))
        self.minted.setdefault(
            iri, Minted(iri, "regimen", label, tuple(("hasPart", part.iri) for part in together))
        )
        return Entry(iri, "regimen", label)

    def variant(self, prefix: str, head: Entry) -> Entry:
        """A condition known only by a phrase before its name, kept as it is said: "other types of …"."""
        label = f"{prefix} {head.label}"
        iri = str(thing("condition", slug(label)))
        self.minted.setdefault(iri, Minted(iri, "condition", label, (("kindOf", head.iri),)))
        return Entry(iri, "condition", label)

    def _label(self, features: Features) -> str:
        """The features' labels in a fixed order: statuses, stage, extent, then the disease."""

        def labels(prop: str) -> list[str]:
            return sorted((self.lexicon.entries[o].label for p, o in features.said if p == prop), key=_place)

        words = [", ".join(labels("hasStatus")), *labels("hasStage"), *labels("hasExtent")]
        return " ".join([*filter(None, words), self.lexicon.entries[features.base].label])
