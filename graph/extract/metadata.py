"""What a document says of itself: title, publisher, reviewer, dates, rights and the sources it cites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from graph.extract.segments import Segment

_REVIEWED = re.compile(
    r"(?:(?P<publisher>(?!medically)[A-Z][^.:\n]{,80}?) )?(?:medically )?reviewed by:? "
    r"(?:(?P<dated>.{1,200}?),? on (?P<date>[A-Z][a-z]+ \d{1,2}, \d{4})|(?P<undated>[^;(\n]+))",
    re.IGNORECASE,
)
_RIGHTS = re.compile(r"(?:©|\(c\)|copyright)\s*\d{4}\s+(?P<holder>.+?)\.?\s*$", re.IGNORECASE)
_LABELLED = re.compile(
    r"^(?P<name>publisher|published by|written by|author|reviewer|last reviewed|last updated|published|"
    r"date|rights)"
    r"(?:\s*:|(?<=by))\s*(?P<value>.+?)\.?\s*$",
    re.IGNORECASE,
)
_NAMES = {
    "published by": "publisher",
    "written by": "author",
    "last reviewed": "reviewed",
    "last updated": "modified",
    "published": "issued",
    "date": "issued",
}
_CITED = re.compile(r"^(?:[Ss]ources?: *)?(?P<publisher>[A-Z][\w .,&’'-]{2,80}): (?=[“\"])")
_TITLE = re.compile(r"[“\"]([^“”\"]{1,300}?)[,.]?[”\"]")


def read_metadata(text: str, segments: list[Segment]) -> tuple[tuple[str, str], ...]:
    """(name, value) pairs in the order found; dates as ISO 8601 where they can be read."""
    found: dict[tuple[str, str], None] = {}
    if segments and segments[0].kind == "heading":
        found[("title", _words(text, segments[0]))] = None
    lines = [s for s in segments if s.kind == "credit"]
    for number, credit in enumerate(lines):
        line = _words(text, credit)
        following = _words(text, lines[number + 1]) if number + 1 < len(lines) else ""
        for pair in _read_credit(line, following):
            found[pair] = None
    return tuple(found)


def _read_credit(line: str, following: str) -> Iterator[tuple[str, str]]:
    if "reviewed by" in line.lower() and (match := _REVIEWED.search(line)):
        if match["publisher"]:
            yield "publisher", match["publisher"]
        yield "reviewer", (match["dated"] or match["undated"]).strip(" .")
        if match["date"]:
            yield "reviewed", _date(match["date"])
    elif match := _RIGHTS.search(line):
        reserved = following if following.lower().startswith("all rights reserved") else ""
        yield "rights", f"{line} {reserved}".strip()
        yield "rightsHolder", match["holder"]
    elif match := _LABELLED.search(line):
        name = match["name"].lower()
        name = _NAMES.get(name, name)
        yield name, _date(match["value"]) if name in ("reviewed", "modified", "issued") else match["value"]
    elif match := _CITED.search(line):
        for title in _TITLE.findall(line):
            yield "source", f"{match['publisher']}: {title}"


def _words(text: str, segment: Segment) -> str:
    return " ".join(text[segment.span.start : segment.span.end].split())


def _date(words: str) -> str:
    for form in ("%B %d, %Y", "%d %B %Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(words.strip(), form).date().isoformat()
        except ValueError:
            continue
    try:
        return datetime.strptime(words.strip(), "%B %Y").strftime("%Y-%m")
    except ValueError:
        return words
