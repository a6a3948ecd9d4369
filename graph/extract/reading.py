"""A sentence as the rules read it: plain words in lower case, and placeholders for what is named in it.

`in january 2023, the ‹Y0› approved ‹T1› for ‹C2›.` — each placeholder has the letter of its family
(`graph.extract.lexicon.FAMILIES`) and the number of its phrase. Stages of reading replace stretches of this
text by further phrases (a cascade of finite-state stages, as in FASTUS, Hobbs et al. 1997).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from graph.extract.lexicon import Entry, Match
from graph.model import Span

PLACEHOLDER = re.compile(r"‹([A-Z])(\d+)›")


@dataclass(frozen=True, slots=True)
class Phrase:
    """What one placeholder stands for: things of one family, joined by "and", or by "or" (`alternatives`)."""

    family: str
    span: Span
    entries: tuple[Entry, ...]
    alternatives: bool = False


@dataclass(frozen=True, slots=True)
class Aside:
    """A fact told within a noun phrase: `everolimus (Afinitor)`, `the mTOR inhibitor everolimus`."""

    kind: str
    subject: Entry
    object: Entry | str
    qualifiers: tuple[tuple[str, str], ...]
    span: Span
    hangs_on: Span | None = None
    """The segment that says what a pronoun in it stands for."""


@dataclass
class Reading:
    """The text to match, and for each of its characters the raw offsets it stands for."""

    text: str
    starts: list[int]
    ends: list[int]
    phrases: list[Phrase] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)

    @classmethod
    def of(cls, levelled: str, offset: int, matches: Iterable[Match]) -> Reading:
        """Read a levelled stretch that stands at `offset` of its document, with these names in it."""
        end = offset + len(levelled)
        reading = cls(levelled, list(range(offset, end)), list(range(offset + 1, end + 1)))
        for match in sorted(matches, key=lambda m: m.span, reverse=True):
            span = Span(match.span.start + offset, match.span.end + offset)
            phrase = Phrase(match.entry.family, span, (match.entry,))
            reading.replace(match.span.start, match.span.end, phrase)
        return reading

    def replace(self, start: int, end: int, phrase: Phrase) -> int:
        """Put a placeholder for `phrase` where `text[start:end]` was; returns the placeholder's length."""
        mark = f"‹{phrase.family}{len(self.phrases)}›"
        self.phrases.append(phrase)
        raw = self.span(start, end)
        self.text = self.text[:start] + mark + self.text[end:]
        self.starts[start:end] = [raw.start] * len(mark)
        self.ends[start:end] = [raw.end] * len(mark)
        return len(mark)

    def span(self, start: int, end: int) -> Span:
        """The raw stretch that `text[start:end]` stands for."""
        return Span(self.starts[start], self.ends[end - 1])

    def rewrite(
        self, pattern: re.Pattern[str], build: Callable[[Reading, re.Match[str]], Phrase | None]
    ) -> None:
        """Replace what `pattern` finds, from left to right, by the phrases that `build` makes of it."""
        position = 0
        while match := pattern.search(self.text, position):
            phrase = build(self, match)
            if phrase is None or match.end() == match.start():
                position = match.end() + (match.end() == match.start())
                continue
            position = match.start() + self.replace(match.start(), match.end(), phrase)

    @property
    def families(self) -> frozenset[str]:
        """The families of things that the text names."""
        return frozenset(m[1] for m in PLACEHOLDER.finditer(self.text))

    def phrase(self, number: str | int) -> Phrase:
        """The phrase of a placeholder's number."""
        return self.phrases[int(number)]

    def joined(self, other: Reading, between: str) -> Reading:
        """One reading continued by another, as a list item continues its lead-in."""
        shift = len(self.phrases)
        text = PLACEHOLDER.sub(lambda m: f"‹{m[1]}{int(m[2]) + shift}›", other.text)
        starts, ends = _stretched(other, text)
        edge = self.ends[-1] if self.ends else 0
        return Reading(
            self.text + between + text,
            self.starts + [edge] * len(between) + starts,
            self.ends + [edge] * len(between) + ends,
            self.phrases + other.phrases,
            self.asides + other.asides,
        )


def _stretched(reading: Reading, text: str) -> tuple[list[int], list[int]]:
    """The offsets of `reading` for a text whose placeholders have other numbers, so other lengths."""
    starts: list[int] = []
    ends: list[int] = []
    old = PLACEHOLDER.finditer(reading.text)
    position = 0
    for new in PLACEHOLDER.finditer(text):
        before = next(old)
        starts += reading.starts[position : before.start()]
        ends += reading.ends[position : before.start()]
        starts += [reading.starts[before.start()]] * (new.end() - new.start())
        ends += [reading.ends[before.start()]] * (new.end() - new.start())
        position = before.end()
    return starts + reading.starts[position:], ends + reading.ends[position:]
