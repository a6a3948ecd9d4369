"""A document's page: what it says of itself, its text with the evidence marked, its statements in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import Blueprint, render_template, request

from graph.vocab import HER
from server import ask, linked, marks
from server.facts import Evidence, Fact, facts
from server.profiles import profile
from server.urls import WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graph.store import Node

blueprint = Blueprint("documents", __name__)

IN_HEAD: Final = frozenset({str(HER.length), str(HER.isSample)})
"""Properties that the head of the page shows."""

GAPS: Final[dict[str, str]] = {
    str(HER.MissingContent): "missing",
    str(HER.Unread): "unread",
}


@dataclass(frozen=True, slots=True)
class Numbered:
    """A statement with its number on the page and the spans of this document that it rests on.

    `first` are those of its spans that no statement before it rests on: the place an anchor may stand.
    """

    number: int
    fact: Fact
    spans: tuple[Evidence, ...]
    first: frozenset[Evidence]


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the text that gave no statement, or that announces what is missing."""

    kind: str
    start: int
    end: int


@blueprint.get("/document/<digest>")
def page(digest: str) -> str:
    """The page of a document, one stretch of `WINDOW` characters at a time."""
    iri = ask.node(f"id/document/{digest}")
    found = profile(iri.value, linked.known(iri, ask.rows("node", node=iri)))
    length = int(found.first(str(HER.length)) or 0)
    parts = max(1, -(-length // WINDOW))
    part = min(max(0, request.args.get("part", 0, type=int)), parts - 1)
    bounds = {"from": ask.integer(part * WINDOW), "to": ask.integer((part + 1) * WINDOW)}
    rows = ask.rows("document_statements", here=iri, **bounds)
    gaps = _gaps(ask.rows("document_gaps", document=iri, **bounds))
    numbered = _numbered(facts(rows, ask.texts().quote), digest)
    text = ask.texts().get(digest)
    tokens = None
    if text is not None and len(text) == length:
        window = text[part * WINDOW : (part + 1) * WINDOW]
        tokens = list(marks.tokens(window, _marks(numbered, gaps), offset=part * WINDOW))
    return render_template(
        "document.html",
        node=found,
        about=[prop for prop in found.stated if prop.iri not in IN_HEAD],
        digest=digest,
        length=length,
        sample=found.first(str(HER.isSample)) == "true",
        part=part,
        parts=parts,
        tokens=tokens,
        statements=numbered,
        gaps=gaps,
    )


def _numbered(found: Iterable[Fact], digest: str) -> list[Numbered]:
    """The statements in the order of their first evidence in this document, numbered from 1."""
    placed = [
        (spans, fact)
        for fact in found
        if (spans := tuple(span for span in fact.evidence if span.document == digest))
    ]
    placed.sort(key=lambda item: (item[0][0].start, item[0][0].end, item[1].order))
    numbered, seen = [], set[Evidence]()
    for number, (spans, fact) in enumerate(placed, start=1):
        numbered.append(Numbered(number, fact, spans, frozenset(spans) - seen))
        seen.update(spans)
    return numbered


def _gaps(rows: Iterable[Mapping[str, Node]]) -> list[Gap]:
    found = {
        (int(ask.value(row["start"])), int(ask.value(row["end"])), GAPS[ask.value(row["kind"])])
        for row in rows
    }
    return [Gap(kind, start, end) for start, end, kind in sorted(found)]


def _marks(statements: Sequence[Numbered], gaps: Iterable[Gap]) -> list[marks.Mark]:
    """One mark for each span of the text: evidence with the numbers of its statements, and gaps."""
    notes: dict[tuple[int, int], list[int]] = {}
    for statement in statements:
        for span in statement.spans:
            notes.setdefault((span.start, span.end), []).append(statement.number)
    evidence = [
        marks.Mark(start, end, notes=tuple(numbers), anchor=f"e-{start}-{end}")
        for (start, end), numbers in notes.items()
    ]
    return evidence + [
        marks.Mark(gap.start, gap.end, gap.kind, anchor=f"g-{gap.start}-{gap.end}") for gap in gaps
    ]
