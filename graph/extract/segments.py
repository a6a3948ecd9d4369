"""Cutting a document into segments: headings, sentences, list items, questions, credits, boilerplate.

Texts of patient information are short lines: a paragraph a line, lists with a hyphen, headings without a
full stop. What scrapers do to them is common too: a sentence cut off at a link, a list item broken over
two lines, a lead-in whose list is gone. The segmenter names these instead of guessing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from graph.model import Span

Kind = Literal["heading", "sentence", "lead_in", "item", "question", "credit", "boilerplate"]

_LINE = re.compile(r"[^\r\n]+")
_BULLET = re.compile(r"\s*(?:[-*•·‣▪–]|\d{1,2}[.)])\s+(?=\S)")
_INLINE_BULLET = re.compile(r"(?<=[^\s.,;:!?])\s+-\s+(?=[A-Z])")
_SENTENCE_END = re.compile(r"""(?<=[.!?])["”’)\]]*\s+(?=["“‘(\[]*[A-Z0-9])""")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|St|vs|etc|approx|No|Fig|e\.g|i\.e|U\.S)|(?:^|\s)[A-Z])\.[\"”’)\]]*$"
)
_TRUNCATED = re.compile(
    r"(?:^|\s)(?:the|a|an|of|to|for|and|or|with|in|on|at|by|from|you|that|which|is|are|"
    r"according to the|estimated)$",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"©|\(c\) \d{4}|all rights reserved|copyright|reviewed by|last (?:updated|reviewed)|^published by|"
    r"^(?:sources?|references|publisher|published|published by|written by|author|reviewer|rights)\s*:|"
    r"^[A-Z][\w .,&’'-]{2,80}: [“\"]",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"^(?:read|keep reading|continue reading|click|tap|scroll|jump|skip|sign up|log in|subscribe|follow us|"
    r"share this|print this|advertisement|sponsored)\b(?: (?:on|more|here|down|to|for|below)\b|[.:!]?$)|"
    r"\bnot (?:a substitute for )?(?:professional )?medical advice\b|"
    r"\bfor information(?:al)? purposes only\b|"
    r"\b(?:this|our) (?:text|article|web ?page|web ?site|site|leaflet|booklet|newsletter)\b|"
    r"\b(?:uses cookies|privacy policy|terms of (?:use|service)|affiliate links?)\b",
    re.IGNORECASE,
)
"""What a publisher's words about the text itself look like: they state nothing of the subject."""

_WORDS_OF_A_HEADING = 14
_LENGTH_OF_A_HEADING = 200
_TAIL = 40
"""How far back from a stretch's end it is looked whether it breaks off or ends in an abbreviation."""

LONGEST = 1_500
"""The longest segment, in characters; what goes on for longer without a full stop is cut between words."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a document; `lead_in` and `section` are places in the list of segments, if any.

    `truncated` says that the text breaks off. `first` is false for the second and later sentences of a
    list item, which do not continue the lead-in.
    """

    kind: Kind
    span: Span
    paragraph: int
    lead_in: int | None = None
    section: int | None = None
    truncated: bool = False
    first: bool = True


def segment(text: str) -> list[Segment]:
    """The segments of a text, in order; together they cover all but white space, bullets and rulers."""
    segments: list[Segment] = []
    lines = _lines(text)
    section: int | None = None
    lead_in: int | None = None
    for number, (line, is_item) in enumerate(lines):
        content = text[line.start : line.end]
        if not is_item and _is_heading(content, text, line):
            section, lead_in = len(segments), None
            segments.append(Segment("heading", line, number))
            continue
        if not is_item:
            lead_in = None
        for position, span in enumerate(_sentences(text, line)):
            kind, truncated = _classify(text[span.start : span.end], is_item=is_item)
            truncated = truncated and span.end == line.end
            segments.append(
                Segment(kind, span, number, lead_in if is_item else None, section, truncated, position == 0)
            )
            if not is_item:
                opens = kind == "lead_in" or truncated
                lead_in = len(segments) - 1 if opens else None
    return segments


def _lines(text: str) -> list[tuple[Span, bool]]:
    """The lines that hold something, without bullet and margin, each with whether it is a list item.

    An item that breaks off goes on in the next line, and so does a sentence of hard-wrapped text: where the
    next line begins in lower case, or the line ends in a comma. An item that holds another bullet is two.
    """
    lines: list[tuple[Span, bool]] = []
    for match in _LINE.finditer(text):
        start, end = match.span()
        bullet = _BULLET.match(text, start, end)
        span = _trim(text, Span(bullet.end() if bullet else start, end))
        if not any(map(str.isalnum, text[span.start : span.end])):
            continue  # white space, or a ruler of dashes or stars
        if not bullet and lines and _goes_on(text, lines[-1][0], span, is_item=lines[-1][1]):
            lines[-1] = (Span(lines[-1][0].start, span.end), lines[-1][1])
        else:
            lines.append((span, bullet is not None))
    return [(part, item) for span, item in lines for part in (_items(text, span) if item else (span,))]


def _goes_on(text: str, line: Span, following: Span, *, is_item: bool) -> bool:
    """Whether a line continues the one before, with no blank line between them."""
    if is_item and _broken(text, line):
        return True
    between = text[line.end : following.start]
    wrapped = between.count("\n") + between.count("\r") - between.count("\r\n") == 1
    last = text[line.end - 1]
    return wrapped and (last == "," or (text[following.start].islower() and last not in ".?!:;"))


def _broken(text: str, span: Span) -> bool:
    return _TRUNCATED.search(text[max(span.start, span.end - _TAIL) : span.end]) is not None


def _items(text: str, span: Span) -> Iterator[Span]:
    start = span.start
    for match in _INLINE_BULLET.finditer(text, span.start, span.end):
        yield Span(start, match.start())
        start = match.end()
    yield Span(start, span.end)


def _sentences(text: str, line: Span) -> Iterator[Span]:
    start = line.start
    for match in _SENTENCE_END.finditer(text, line.start, line.end):
        end = match.start() + len(match.group().rstrip())
        if _ABBREVIATED.search(text[max(start, end - _TAIL) : end]):
            continue
        yield from _cut(text, Span(start, end))
        start = match.end()
    yield from _cut(text, Span(start, line.end))


def _cut(text: str, span: Span) -> Iterator[Span]:
    """A sentence, or its pieces where it is too long to be one: cut after a semicolon, a comma or a word."""
    start = span.start
    while span.end - start > LONGEST:
        window = (start + LONGEST // 2, start + LONGEST)
        places = (text.rfind(mark, *window) for mark in ("; ", ", ", " "))
        end = next((place for place in places if place > 0), window[1])
        piece = _trim(text, Span(start, end + 1))
        if piece.start < piece.end:
            yield piece
        start = end + 1
    rest = _trim(text, Span(start, span.end))
    if rest.start < rest.end:
        yield rest


def _is_heading(content: str, text: str, line: Span) -> bool:
    if len(content) > _LENGTH_OF_A_HEADING or content[-1] in ".?!:;,":
        return False
    if _CREDIT.search(content) or _BOILERPLATE.search(content) or _TRUNCATED.search(content):
        return False
    if len(content.split()) > _WORDS_OF_A_HEADING or not content[0].isupper():
        return False
    return not _SENTENCE_END.search(text, line.start, line.end)


def _classify(content: str, *, is_item: bool) -> tuple[Kind, bool]:
    if content.endswith(("?", "?”", '?"')):
        return "question", False
    if _CREDIT.search(content):
        return "credit", False
    if _BOILERPLATE.search(content):
        return "boilerplate", False
    if is_item:
        return "item", _TRUNCATED.search(content[-_TAIL:]) is not None
    if content.endswith(":"):
        return "lead_in", False
    return "sentence", content[-1] not in '.!?)”"’'


def _trim(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    while start < end and (text[start].isspace() or text[start] == "\ufeff"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
