"""What a document says of itself: title, publisher, authors, reviewer, dates, rights, and what it cites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from graph.extract.citations import read_sources
from graph.extract.given_dates import DATE, iso_date
from graph.extract.lexicon import Lexicon, level
from graph.extract.records import CitedSource, Credit
from graph.extract.segments import Segment
from graph.extract.words import words_of
from graph.model import Span, Term

DATES: Final = {
    "published": "issued",
    "publication": "issued",
    "posted": "issued",
    "issued": "issued",
    "issue": "issued",
    "release": "issued",
    "released": "issued",
    "updated": "modified",
    "update": "modified",
    "modified": "modified",
    "revised": "revised",
    "revision": "revised",
    "reviewed": "reviewed",
    "review": "reviewed",
}
"""What happened to a document on a day, in its words → the name of that date."""

PEOPLE: Final = {
    "publisher": "publisher",
    "published": "publisher",
    "author": "author",
    "authors": "author",
    "written": "author",
    "authored": "author",
    "reviewer": "reviewer",
    "medical reviewer": "reviewer",
    "edited": "editor",
    "editor": "editor",
    "fact checked": "contributor",
    "fact-checked": "contributor",
}
"""What somebody did for a document, in its words → the name of that part."""

_PIECES: Final = re.compile(r"\s+[—–|•·]\s+|;\s+")
_REVIEWED: Final = re.compile(
    r"(?:(?:this )?(?:page|article|content|text|document) (?:was |has been )?"
    r"|(?P<publisher>(?!(?:last|medically|clinically|scientifically|expert|peer)\b)[^\W\d_][^.:\n]{,80}?) )?"
    r"(?:last )?(?:(?:medically|clinically|scientifically|expert|peer)[ -])?reviewed by:? "
    rf"(?:(?P<dated>.{{1,200}}?),? (?:on|in) (?P<date>{DATE})(?!\w)|(?P<undated>[^;(\n]+))",
    re.IGNORECASE,
)
_SMALL: Final = frozenset({"of", "and", "for", "the", "in", "on", "&"})
"""Words of a name that need no capital."""
_RIGHTS: Final = re.compile(
    r"(?:©|\(c\)|copyright)(?:\s*(?:©|\(c\)))?\s*\d{4}(?:\s*[-–]\s*\d{4})?,?\s+(?:by\s+)?(?P<holder>.+?)\.?\s*$",
    re.IGNORECASE,
)
_RESERVED: Final = re.compile(r"\W*all rights reserved\W*$", re.IGNORECASE)
_WHEN: Final = re.compile(
    rf"(?:(?:this )?(?:page|article|content|text|document|date) )?(?:was )?"
    rf"(?:(?:medically|last|most recently|recently|first|date) )*(?P<verb>{'|'.join(DATES)})"
    r"(?P<label>(?: date)?\s*:| date:?| on\b:?| in\b:?)?\s*(?P<value>\S.{,60}?)\.?\s*$",
    re.IGNORECASE,
)
_WHO: Final = re.compile(
    rf"(?P<part>{'|'.join(PEOPLE)})(?:\(s\))?(?P<by>\s*:| by\b:?)\s*(?P<value>\S.{{,250}}?)"
    rf"(?:,? (?:on|in) (?P<date>{DATE}))?\.?\s*$",
    re.IGNORECASE,
)
_BY_LINE: Final = re.compile(
    r"by:? (?P<value>[^\W\d_].{2,120}?, "
    r"(?:MD|DO|PhD|MPH|RN|PharmD|MSN|MBBS|FACP|M\.D\.|Ph\.D\.|R\.N\.).{,60})$",
    re.IGNORECASE,
)
_LABELLED: Final = re.compile(
    r"(?P<name>title|date|rights|licen[cs]e)\s*:\s*(?P<value>\S.*?)\.?\s*$", re.IGNORECASE
)
_NAMES: Final = {
    "title": "title",
    "date": "issued",
    "rights": "rights",
    "license": "rights",
    "licence": "rights",
}
_TO_COME: Final = re.compile(r"next (?:review|update)|(?:review|update) (?:is )?due", re.IGNORECASE)
_NOUNS: Final = frozenset({"publication", "issue", "release", "update", "revision", "review"})
"""Words of `DATES` that need a label to be one: “Review date: …”."""
_SHAPED: Final = re.compile(DATE, re.IGNORECASE)
_YEAR: Final = re.compile(r"\b\d{4}\b")
_NOTICE: Final = re.compile(
    r"\b(?:disclaimer|not medical advice|advertisement|newsletter|cookies|skip to|min(?:ute)? read|"
    r"patient information|fact ?sheet|leaflet)\b|https?://",
    re.IGNORECASE,
)
_LONGEST_LINE: Final = 600
"""A longer line is no credit."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document says of itself and cites; `places` are the segments that hold nothing else."""

    credits: tuple[Credit, ...]
    sources: tuple[CitedSource, ...]
    places: frozenset[int]


def read_metadata(text: str, segments: list[Segment], lexicon: Lexicon) -> Metadata:
    """The credits in the order found, each once, and the sources; what the text does not say is absent."""

    def organization(name: str) -> Term | None:
        return _organization(lexicon, name)

    sources, places = read_sources(text, segments, organization)
    found: dict[tuple[str, str], Credit] = {}
    lines: set[int] = set()

    def add(name: str, value: str, span: Span) -> None:
        known = organization(value) if name in ("publisher", "rightsHolder") else None
        found.setdefault((name, value), Credit(name, known or Term(None, value), span))

    title = _title(text, segments, places)
    if title is not None:
        add("title", words_of(text, title), title)
    for number, part in enumerate(segments):
        if number in places or part.kind in ("question", "lead_in") or _length(part) > _LONGEST_LINE:
            continue
        line = words_of(text, part.span)
        following = words_of(text, segments[number + 1].span) if number + 1 < len(segments) else ""
        span = part.span
        for name, value in _read(line, following, credit=part.kind == "credit"):
            if name == "rights" and following and value.endswith(following):
                span = Span(span.start, segments[number + 1].span.end)
            add(name, value, span)
            lines.add(number)
    return Metadata(tuple(found.values()), sources, places | lines)


def _length(part: Segment) -> int:
    return part.span.end - part.span.start


def _title(text: str, segments: list[Segment], places: frozenset[int]) -> Span | None:
    """The first heading, if only notices and credits stand before it; a heading further down is a section's.

    A question may be a title, too, if it is a line of its own and the first.
    """
    for number, part in enumerate(segments):
        if number in places:
            continue
        alone = not any(s.paragraph == part.paragraph for s in segments[number + 1 : number + 2])
        if part.kind == "heading" and not any(_read(words_of(text, part.span), "", credit=False)):
            return part.span
        if part.kind == "question" and alone and number + 1 < len(segments):
            return part.span
        notice = _NOTICE.search(text, part.span.start, part.span.end)
        if part.kind not in ("credit", "heading") and not notice:
            return None
    return None


def _read(line: str, following: str, *, credit: bool) -> Iterator[tuple[str, str]]:
    """The credits of a line; one that only may be a credit must be so by its first words."""
    if credit and (match := _RIGHTS.search(line)):
        reserved = following if following.lower().startswith("all rights reserved") else ""
        yield "rights", f"{line} {reserved}".strip()
        yield "rightsHolder", _RESERVED.sub("", match["holder"])
        return
    for piece in _PIECES.split(line):
        yield from _read_piece(piece.strip(), credit=credit)


def _read_piece(piece: str, *, credit: bool) -> Iterator[tuple[str, str]]:
    if _TO_COME.match(piece):
        return
    if credit and (match := _REVIEWED.match(piece)):
        yield from _reviewed(match)
    elif match := _LABELLED.match(piece):
        name, value = _NAMES[match["name"].lower()], match["value"]
        yield name, (iso_date(value) or value) if name == "issued" else value
    elif (match := _WHO.match(piece)) and _is_who(match["value"]) and _fits(match["part"], match["by"]):
        yield PEOPLE[match["part"].lower()], match["value"]
        if match["date"]:
            yield from _dated("issued" if match["part"].lower() == "published" else "modified", match["date"])
    elif match := _BY_LINE.match(piece):
        yield "author", match["value"]
    elif match := _WHEN.match(piece):
        yield from _when(match, credit=credit)


def _reviewed(match: re.Match[str]) -> Iterator[tuple[str, str]]:
    """Prose has reviews, too: “your plan is reviewed by your doctor” names neither publisher nor reviewer."""
    publisher, who = match["publisher"], (match["dated"] or match["undated"]).strip(" .")
    if not _is_who(who) or any(w[0].islower() and w not in _SMALL for w in (publisher or "").split()):
        return
    if publisher:
        yield "publisher", publisher
    yield "reviewer", who
    if match["date"]:
        yield from _dated("reviewed", match["date"])


def _fits(part: str, by: str) -> bool:
    """“Written by” and “Author:”, not the other way round."""
    return part.lower().endswith(("ed", "en")) is ("by" in by)


def _is_who(words: str) -> bool:
    return words.lower().startswith("the ") or not words[:1].islower()


def _when(match: re.Match[str], *, credit: bool) -> Iterator[tuple[str, str]]:
    """A date that cannot be read stays as it was said, where the line cannot be anything else."""
    verb, label, value = match["verb"].lower(), match["label"] or "", match["value"]
    if verb in _NOUNS and "date" not in label and ":" not in label:
        return
    day = iso_date(value)
    dated = _SHAPED.fullmatch(value) or (_YEAR.search(value) and (credit or ":" in label))
    if day or dated or (":" in label and verb not in _NOUNS):
        yield DATES[verb], day or value


def _dated(name: str, words: str) -> Iterator[tuple[str, str]]:
    yield name, iso_date(words) or words


def _organization(lexicon: Lexicon, name: str) -> Term | None:
    """The organization or agency whose name is all there is, but for an article and a full stop."""
    name = name.strip(" .,;:").removeprefix("the ").removeprefix("The ")
    for match in lexicon.find(name, level(name)):
        entry = match.entry
        if match.span == Span(0, len(name)) and entry.kind in ("organization", "agency"):
            return Term(entry.iri, entry.label)
    return None
