"""The sources that a document says it rests on: lists of references, and lines of quoted titles.

The forms are those of patient information and of biomedical articles: `Publisher: “Title,” “Title.”`, an
entry a line under “Sources” or “References”, journal citations as the National Library of Medicine gives them
(`Authors. Title. Journal. 2020;38(4):12-19.`), pages with an address and the day they were looked at.
What an entry does not say is absent, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

from graph.extract.given_dates import DATE, iso_date
from graph.extract.records import CitedSource
from graph.extract.segments import Segment
from graph.extract.words import words_of
from graph.model import Span, Term

Organization = Callable[[str], Term | None]
"""Finds the organization of the vocabulary that some words name, all of them; None where there is none."""

LONGEST: Final = 4_000
"""The longest entry of a list of references, in characters; what is longer is read as text."""
_LONGEST_TITLE: Final = 300

_HEADING: Final = re.compile(
    r"(?:(?:article|key|our|selected|cited|works|page) )?"
    r"(?:sources|references|bibliography|citations|works cited|literature cited)(?: cited)?\s*:?",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(r"(?:sources?|references?|bibliography|works cited)\s*:\s*(?=\S)", re.IGNORECASE)
_END: Final = re.compile(
    r"©|\(c\) \d{4}|copyright|all rights reserved|(?:medically |clinically )?reviewed by\b", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"\[\d{1,3}\]\s*|\d{1,3}[.)]\s+")
_ATTRIBUTED: Final = re.compile(
    r"(?:sources?:\s*)?(?P<publisher>[^\W\d_][\w .,&’'-]{2,80}):\s+(?=[“\"])", re.IGNORECASE
)
_QUOTED: Final = re.compile(r"[“\"]([^“”\"]{1,300}?)[,.]?[”\"]")
_JOURNAL: Final = re.compile(r"\b(?:Journal|Annals|Archives|Lancet|Proceedings|JAMA|Nature)\b")
_PERSON: Final = re.compile(
    r"[A-ZÀ-Þ][\w’'-]+,? (?:[A-ZÀ-Þ]\.? ?){1,3}(?=$|,|;| and\b| &| et al)|.*\bet al\b"
)

_DOI: Final = re.compile(r"(?:\bdoi:?\s*|https?://(?:dx\.)?doi\.org/)(10\.\d{4,9}/[^\s,;]+)", re.IGNORECASE)
_PMID: Final = re.compile(r"\bPMID:?\s*(\d{1,8})\b", re.IGNORECASE)
_PMC: Final = re.compile(r"\bPMCID:?\s*(PMC\d{1,8})\b", re.IGNORECASE)
_URL: Final = re.compile(r"(?:Available (?:at|from):?\s*)?(https?://[^\s<>\"“”{}|\\^`]+)", re.IGNORECASE)
_DATED: Final = re.compile(
    r"[\[(]?\b(?:(?:last|date|page)\s+)*(?P<verb>accessed|retrieved|viewed|updated|modified|revised|published)"
    rf"(?:\s+on)?:?\s+(?P<date>{DATE})(?![\w/-])[\])]?(?:,? from\b:?)?",
    re.IGNORECASE,
)
_VERSION: Final = re.compile(
    r"(?:\bversion\s+|\bv\.?\s?)(?P<version>\d[\w.]*)\b"
    r"|(?P<edition>\d{1,2}(?:st|nd|rd|th)) ed(?:ition\b|\.|n\b)",
    re.IGNORECASE,
)
_ISSUE: Final = re.compile(
    r"(?P<date>(?:1[5-9]|20)\d\d(?: [A-Z][a-z]{2,8}(?: \d{1,2})?)?)\s?;\s?\d+(?:\s?\([^()]{1,20}\))?"
    r"(?:\s?:\s?[\w.–-]+)?"
)
_BRACKETED_YEAR: Final = re.compile(r"\((?P<date>(?:1[5-9]|20)\d\d)[a-z]?(?:,[^()]{1,20})?\)\.?")
_LAST_DATE: Final = re.compile(rf"(?:^|(?<=[\s(]))(?P<date>{DATE})\W*$", re.IGNORECASE)
_STOP: Final = re.compile(r"(?:(?<=[^\W\d_]{2})|(?<=[)\]”\"’®™?\d]))[.?]\s+(?=\S)")
_AUTHORS: Final = re.compile(
    r"((?:[A-ZÀ-Þ][\w’'-]+ [A-ZÀ-Þ]{1,3}(?:, |,? and |,? & |(?=\.)))+(?:et al)?)\.\s+(?=\S)"
)
_ROLE: Final = {"accessed": "accessed", "retrieved": "accessed", "viewed": "accessed", "published": "issued"}
_EDGES: Final = " \t\n,.;:–—-()[]•"


def read_sources(
    text: str, segments: list[Segment], organization: Organization
) -> tuple[tuple[CitedSource, ...], frozenset[int]]:
    """The sources in the order of the text, each once, and the places of the segments that name them."""
    found: dict[str, CitedSource] = {}
    spans: dict[str, list[Span]] = {}
    places: set[int] = set()
    for block in _blocks(text, segments):
        sources = [*_attributed(text, block.span, organization)]
        if not sources and block.listed:
            entry = _entry(words_of(text, block.span), organization, certain=block.numbered or block.labelled)
            sources = [replace(entry, spans=(block.span,))] if entry else []
        for source in sources:
            found.setdefault(source.digest, source)
            spans.setdefault(source.digest, []).extend(source.spans)
        if sources or block.heading:
            places.update(block.places)
    sources = [replace(s, spans=tuple(dict.fromkeys(spans[key]))) for key, s in found.items()]
    return tuple(sources), frozenset(places)


@dataclass(slots=True)
class _Block:
    """A paragraph that may name sources: `listed` under a heading, or `labelled` by the word “Sources”."""

    span: Span
    places: list[int]
    listed: bool = False
    labelled: bool = False
    numbered: bool = False
    heading: bool = False


def _blocks(text: str, segments: list[Segment]) -> Iterator[_Block]:
    last: _Block | None = None
    inside = False
    for _, group in groupby(enumerate(segments), key=lambda numbered: numbered[1].paragraph):
        parts = list(group)
        block = _Block(Span(parts[0][1].span.start, parts[-1][1].span.end), [n for n, _ in parts])
        if block.span.end - block.span.start > LONGEST:
            inside = False
            continue
        if _HEADING.fullmatch(text, block.span.start, block.span.end):
            inside = block.heading = True
        elif label := _LABEL.match(text, block.span.start, block.span.end):
            block.span = Span(label.end(), block.span.end)
            block.listed = block.labelled = True
        elif inside and _END.match(text, block.span.start, block.span.end):
            inside = False
        elif inside:
            words = words_of(text, block.span)
            block.numbered = _is_item(text, block.span.start) or _NUMBER.match(words) is not None
            if last and last.numbered and not block.numbered and _adjoining(text, last.span, block.span):
                last.span = Span(last.span.start, block.span.end)
                last.places += block.places
                continue
            inside = block.listed = block.numbered or _recognisable(words) or parts[0][1].kind != "heading"
        if last:
            yield last
        last = block
    if last:
        yield last


def _is_item(text: str, start: int) -> bool:
    """Whether a number or a bullet stands before it in its line."""
    return bool(text[max(text.rfind("\n", 0, start) + 1, start - 20) : start].strip())


def _adjoining(text: str, before: Span, after: Span) -> bool:
    """Whether the second is the very next line: an entry that goes on."""
    return after.end - before.start <= LONGEST and text.count("\n", before.end, after.start) == 1


def _recognisable(words: str) -> bool:
    return any(mark.search(words) for mark in (_DOI, _PMID, _URL, _DATED, _ISSUE, _BRACKETED_YEAR))


def _attributed(text: str, span: Span, organization: Organization) -> Iterator[CitedSource]:
    """`Publisher: “Title,” “Title.”` and nothing else; what a person is quoted to say is none."""
    opening = _ATTRIBUTED.match(text, span.start, span.end)
    if not opening or not _is_name(opening["publisher"]):
        return
    named = Span(*opening.span("publisher"))
    titles = list(_QUOTED.finditer(text, opening.end(), span.end))
    ends = [match.start() for match in titles[1:]] + [span.end]
    between = [text[match.end() : end] for match, end in zip(titles, ends, strict=False)]
    if any(_details(words)[1].strip(_EDGES).removesuffix("and") for words in between):
        return
    name = " ".join(opening["publisher"].split())
    in_journal = _JOURNAL.search(name) is not None
    for match, after in zip(titles, between, strict=True):
        source, title = _details(", ".join(filter(None, (" ".join(match[1].split()), after.strip(_EDGES)))))
        yield replace(
            source,
            spans=(named, Span(match.start(1), match.end(1))),
            title=title.strip(_EDGES.replace(")", "").replace("]", "")),
            publisher=None if in_journal else organization(name) or Term(None, name),
            journal=name if in_journal else "",
        )


def _is_name(words: str) -> bool:
    """Whether all longer words begin with a capital, as those of an organization's name do."""
    return all(word[0].isupper() or not word[0].isalpha() for word in words.split() if len(word) > 3)


def _entry(words: str, organization: Organization, *, certain: bool) -> CitedSource | None:
    """One entry of a list of references; None for what has nothing of a reference, unless it is `certain`."""
    words = _NUMBER.sub("", words, count=1) if _NUMBER.match(words) else words
    source, rest = _details(words)
    rest = rest.strip(" ,;")
    if issue := _ISSUE.search(rest):
        source = replace(source, issued=iso_date(issue["date"]) or source.issued)
        return _article(source, rest[: issue.start()].strip(" ,;"))
    if not rest.strip(_EDGES):
        return source if source.url or source.identifiers else None
    quoted = _QUOTED.search(rest)
    year = None if quoted else _BRACKETED_YEAR.search(rest)
    if quoted:
        before, title = rest[: quoted.start()], quoted[1]
    elif year:
        before, (title, *others) = rest[: year.start()], _STOP.split(rest[year.end() :].strip(), maxsplit=1)
        source = replace(source, issued=year["date"])
        if others and not before.strip(_EDGES):
            before = others[0]
    else:
        before, title = _halves(rest, organization)
    before, title = before.strip(_EDGES.replace(")", "")), title.strip(_EDGES.replace(")", ""))
    if len(title) > _LONGEST_TITLE or len(before) > _LONGEST_TITLE:
        return None
    if not before and (whole := organization(title)):
        return replace(source, publisher=whole)
    publisher = organization(before) if before else None
    told = quoted or publisher or source.issued or (before and _is_name(before)) or _recognisable(words)
    if not told and not certain:
        return None
    if before and publisher is None and _PERSON.match(before):
        return replace(source, title=title, creator=before)
    if before and publisher is None:
        publisher = Term(None, before)
    return replace(source, title=title, publisher=publisher)


def _article(source: CitedSource, words: str) -> CitedSource | None:
    """`Authors. Title. Journal.` before year and volume."""
    creator = ""
    if authors := _AUTHORS.match(words):
        creator, words = authors[1].strip(" ,"), words[authors.end() :]
    parts = [part.strip(" .") for part in _STOP.split(words.strip(" .") + ". ") if part.strip(" .")]
    if not parts or any(len(part) > _LONGEST_TITLE for part in parts):
        return None
    if len(parts) > 2 and not creator:
        creator = parts.pop(0)
    journal = parts.pop() if len(parts) > 1 else ""
    return replace(source, creator=creator, title=". ".join(parts), journal=journal)


def _halves(words: str, organization: Organization) -> tuple[str, str]:
    """Who and what: at the first full stop, or at a colon behind the name of an organization."""
    name, colon, after = words.partition(": ")
    if colon and organization(name):
        return name, after
    first, *rest = _STOP.split(words, maxsplit=1)
    return (first, _STOP.split(rest[0], maxsplit=1)[0]) if rest and rest[0].strip(_EDGES) else ("", words)


def _details(words: str) -> tuple[CitedSource, str]:
    """What can be told by its form: identifiers, address, dates, version; and the words without them."""
    identifiers: list[str] = []
    for prefix, form in (("doi", _DOI), ("pmid", _PMID), ("pmc", _PMC)):
        if match := form.search(words):
            identifiers.append(f"{prefix}:{match[1].rstrip('.)]”')}")
            words = form.sub(" ", words)
    url = ""
    if match := _URL.search(words):
        url = match[1].rstrip(".,;]”’")
        url = url if "(" in url else url.rstrip(").,")
        words = _URL.sub(" ", words)
    dates: dict[str, Any] = {}
    for match in _DATED.finditer(words):
        if day := iso_date(match["date"]):
            dates.setdefault(_ROLE.get(match["verb"].lower(), "modified"), day)
    words = _DATED.sub(" ", words)
    version = ""
    # the last place, since a title may speak of other versions first
    if matches := list(_VERSION.finditer(words)):
        match = matches[-1]
        version = (match["version"] or f"{match['edition']} edition").rstrip(".")
        words = f"{words[: match.start()].rstrip(' ,(')} {words[match.end() :].lstrip(',)')}"
    words = " ".join(words.split())
    if not _ISSUE.search(words) and (match := _LAST_DATE.search(words)) and (day := iso_date(match["date"])):
        before = words[: match.start()].rstrip()
        # “…, 2020” is a date of the work; “Cancer in 2020” is what it is about
        if not before or before[-1] in ",.;(–—-":
            dates.setdefault("issued", day)
            words = before
    source = CitedSource((), version=version, url=url, identifiers=tuple(identifiers))
    return replace(source, **dates), words
