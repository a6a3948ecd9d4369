"""A document's page: what it says of itself, its text with the evidence marked, its statements in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from flask import Blueprint, render_template, request
from rdflib import DCTERMS

from graph.vocab import HER, SCHEMA
from server import ask, linked, marks
from server.facts import Evidence, Fact, Ref, facts, ref
from server.profiles import Property, profile
from server.urls import WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graph.store import Node

blueprint = Blueprint("documents", __name__)

ELSEWHERE: Final = frozenset({str(HER.length), str(HER.isSample), str(HER.creditedAt), str(SCHEMA.citation)})
"""Properties that have a place of their own on the page."""

GAPS: Final[dict[str, str]] = {
    str(HER.MissingContent): "missing",
    str(HER.Unread): "unread",
}


ORDER: Final[dict[str, int]] = {
    str(prop): place
    for place, prop in enumerate(
        (
            DCTERMS.title,
            DCTERMS.publisher,
            DCTERMS.creator,
            SCHEMA.editor,
            DCTERMS.contributor,
            SCHEMA.reviewedBy,
            SCHEMA.lastReviewed,
            DCTERMS.issued,
            DCTERMS.modified,
            HER.revised,
            DCTERMS.rights,
            DCTERMS.rightsHolder,
        )
    )
}
"""What a document says of itself, in the order of a title page; the rest comes after it."""


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


@dataclass(frozen=True, slots=True)
class Cited:
    """A source that the document cites, and the places where it names it; empty where it does not say."""

    source: Ref
    title: str
    publisher: Ref | None
    version: str
    issued: str
    places: tuple[tuple[int, int], ...]


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
    cited = _cited(ask.rows("document_sources", document=iri))
    credited = [_place(row) for row in ask.rows("document_credits", document=iri)]
    text = ask.texts().get(digest)
    tokens = None
    if text is not None and len(text) == length:
        window = text[part * WINDOW : (part + 1) * WINDOW]
        places = {*credited, *(place for source in cited for place in source.places)}
        tokens = list(marks.tokens(window, _marks(numbered, gaps, places), offset=part * WINDOW))
    return render_template(
        "document.html",
        node=found,
        about=sorted((p for p in found.stated if p.iri not in ELSEWHERE), key=_order),
        credited=credited,
        cited=cited,
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


def _order(prop: Property) -> tuple[int, str]:
    return ORDER.get(prop.iri, len(ORDER)), prop.label


def _cited(rows: Iterable[Mapping[str, Node]]) -> list[Cited]:
    """The sources in the order in which the document names them, each once with all its places."""
    found: dict[str, Cited] = {}
    places: dict[str, dict[tuple[int, int], None]] = {}
    for row in rows:
        source = ref(row["source"], row.get("label"))
        places.setdefault(str(source.iri), {})[_place(row)] = None
        publisher = ref(row["publisher"], row.get("name")) if "publisher" in row else None
        title = ask.value(row.get("title")) or source.label
        version, issued = ask.value(row.get("version")), ask.value(row.get("issued"))
        found.setdefault(str(source.iri), Cited(source, title, publisher, version, issued, ()))
    ordered = [replace(cited, places=tuple(places[iri])) for iri, cited in found.items()]
    return sorted(ordered, key=lambda cited: cited.places[-1])


def _place(row: Mapping[str, Node]) -> tuple[int, int]:
    return int(ask.value(row["start"])), int(ask.value(row["end"]))


def _gaps(rows: Iterable[Mapping[str, Node]]) -> list[Gap]:
    found = {
        (int(ask.value(row["start"])), int(ask.value(row["end"])), GAPS[ask.value(row["kind"])])
        for row in rows
    }
    return [Gap(kind, start, end) for start, end, kind in sorted(found)]


def _marks(
    statements: Sequence[Numbered], gaps: Iterable[Gap], places: Iterable[tuple[int, int]]
) -> list[marks.Mark]:
    """One mark for each span: evidence with the numbers of its statements, gaps, credits and sources."""
    notes: dict[tuple[int, int], list[int]] = {}
    for statement in statements:
        for span in statement.spans:
            notes.setdefault((span.start, span.end), []).append(statement.number)
    evidence = [
        marks.Mark(start, end, notes=tuple(numbers), anchor=f"e-{start}-{end}")
        for (start, end), numbers in notes.items()
    ]
    gaps_marked = [
        marks.Mark(gap.start, gap.end, gap.kind, anchor=f"g-{gap.start}-{gap.end}") for gap in gaps
    ]
    credits_marked = [
        marks.Mark(start, end, "credit", anchor=f"e-{start}-{end}")
        for start, end in places
        if (start, end) not in notes
    ]
    return evidence + gaps_marked + credits_marked
