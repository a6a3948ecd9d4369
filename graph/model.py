"""The records every step passes to the next: frozen, comparable, and knowing nothing of files, RDF or HTTP.

Offsets are half-open, in characters of the raw file decoded as UTF-8.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Polarity = Literal["affirmed", "negated"]
Modality = Literal["asserted", "possible", "conditional", "investigational", "withdrawn"]

STATEMENT_KINDS: Final = (
    "Indication",
    "Approval",
    "Requirement",
    "Mechanism",
    "Classification",
    "Naming",
    "Definition",
    "Combination",
    "Sequence",
    "Intent",
    "Effect",
    "Route",
    "DecisionFactor",
    "Support",
    "Question",
)

QUALIFIERS: Final = (
    "setting",
    "stage",
    "line",
    "circumstance",
    "intent",
    "quantifier",
    "condition",
    "with",
    "agency",
    "status",
    "date",
    "exclusive",
    "action",
    "consequence",
    "nameType",
    "regimen",
    "trigger",
    "frequency",
    "beneficiary",
    "definingStatus",
    "definingStage",
    "definingExtent",
)
"""The qualifiers a statement may have; `graph.build.rdf` maps each to its property."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a document's text, `start` ≤ offset < `end`."""

    start: int
    end: int

    def __contains__(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Document:
    """A text as it was read: `id` is the first 16 hex digits of the `sha256` of its bytes."""

    name: str
    text: str = field(repr=False)
    sha256: str

    @property
    def id(self) -> str:
        """The short digest that stands in IRIs."""
        return self.sha256[:16]


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """A node a statement speaks of; `iri` is None for a name or a quoted span."""

    iri: str | None
    label: str

    def record(self) -> dict[str, str | None]:
        """The form that the JSON lines have."""
        return {"iri": self.iri, "label": self.label}

    @property
    def key(self) -> str:
        """What identifies the term in a statement's digest: the IRI, or else the label."""
        return self.iri if self.iri is not None else self.label


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """The span of a document that a statement rests on."""

    document: str
    start: int
    end: int

    def record(self) -> dict[str, str | int]:
        """The form that the JSON lines have."""
        return {"document": self.document, "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a document names a thing of the vocabulary; `cited` in the title of another work."""

    document: str
    span: Span
    surface: str
    type: str
    label: str
    iri: str
    cited: bool = False

    def record(self) -> dict[str, Any]:
        """The form that the JSON lines have."""
        return {
            "record": "mention",
            "document": self.document,
            "start": self.span.start,
            "end": self.span.end,
            "surface": self.surface,
            "type": self.type,
            "label": self.label,
            "iri": self.iri,
        }


@dataclass(frozen=True, slots=True)
class Statement:
    """What a source says: one claim, typed by `kind`, with its evidence.

    `qualifiers` is sorted by name and term. `confidence` (0–1) says how directly the text gives the
    arguments: 1.0 all in one clause, less where a lead-in, a heading or a pronoun had to be resolved.
    """

    kind: str
    subject: Term
    object: Term
    qualifiers: tuple[tuple[str, Term], ...] = ()
    polarity: Polarity = "affirmed"
    modality: Modality = "asserted"
    confidence: float = 1.0
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in STATEMENT_KINDS:
            raise ValueError(f"{self.kind!r} is not a kind of statement")
        if unknown := {name for name, _ in self.qualifiers} - set(QUALIFIERS):
            raise ValueError(f"{', '.join(sorted(unknown))}: not a qualifier")

    @property
    def digest(self) -> str:
        """16 hex digits from kind, arguments, qualifiers, polarity, modality: one claim has one digest.

        Confidence and evidence do not count. A span without an IRI (what a definition says, a name)
        counts by its text.
        """
        key = [
            self.kind,
            self.subject.key,
            self.object.key,
            sorted([name, term.key] for name, term in self.qualifiers),
            self.polarity,
            self.modality,
        ]
        return hashlib.sha256(json.dumps(key, ensure_ascii=False).encode()).hexdigest()[:16]

    def record(self, iri: str) -> dict[str, Any]:
        """The form that the JSON lines have, under the statement's IRI; each qualifier is a list of terms."""
        qualifiers: dict[str, list[dict[str, str | None]]] = {}
        for name, term in self.qualifiers:
            qualifiers.setdefault(name, []).append(term.record())
        return {
            "record": "statement",
            "iri": iri,
            "kind": self.kind,
            "subject": self.subject.record(),
            "object": self.object.record(),
            "qualifiers": qualifiers,
            "polarity": self.polarity,
            "modality": self.modality,
            "confidence": self.confidence,
            "evidence": [e.record() for e in self.evidence],
        }


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch that gave no statement (`Unread`), or that announces what is not there (`MissingContent`)."""

    kind: Literal["Unread", "MissingContent"]
    document: str
    span: Span
