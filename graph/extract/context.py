"""What pronouns and bare headings stand for, kept while a document is read from top to bottom."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from graph.extract.conditions import Conditions
from graph.extract.lexicon import Entry, Lexicon, level
from graph.extract.reading import PLACEHOLDER, Reading
from graph.model import Span

_IT = re.compile(r"it|they|them|this|it .*")
_CARRIED = re.compile(
    r"^(?:it|they|this)\b|\b(?:these|many|those) (?:drugs|pills|medicines|tablets|treatments)\b"
)
_KIND_IS = re.compile(r"\b(?:types?|kinds?|forms?) of ‹T\d+›(?: for ‹C\d+›)? (?:is|are) ‹T(\d+)›")
_PART_OF = re.compile(r"\bpart of ‹T(\d+)›")
_INVOLVES = re.compile(r"\binvolves? ([^;:]+?)[.]?$")
_SUPPOSED = re.compile(r"\bif (?:the |your |you have |it is )?(?:an? )?$")
DRUGS = re.compile(r"\b(?:drugs|pills|medicines|tablets|one)\b")


@dataclass(frozen=True, slots=True)
class Antecedent:
    """What a pronoun stands for, and the segment that says so; `lost` announced a list that is gone.

    Where that segment has but a pronoun itself, `named` is the one with the name.
    """

    entries: tuple[Entry, ...]
    segment: Span
    lost: Span | None = None
    named: Span | None = None


@dataclass
class Context:
    """The therapy and the condition last spoken of, and for which condition each therapy was last named.

    `previous` is the sentence before, `defining` the words of it that "this is called …" would mean; `fresh`
    says that it names a therapy, `lost` is the lead-in last read whose list is missing. `setting` is what a
    paragraph has announced for all that it goes on to say.
    """

    lexicon: Lexicon
    conditions: Conditions
    main: Antecedent | None = None
    therapy: Antecedent | None = None
    condition: Antecedent | None = None
    target: Antecedent | None = None
    fresh: bool = False
    lost: Span | None = None
    previous: Span | None = None
    defining: Span | None = None
    setting: Antecedent | None = None
    previous_families: frozenset[str] = frozenset()
    indicated: dict[str, Antecedent] = field(default_factory=dict)

    def enter_section(self, reading: Reading, segment: Span) -> None:
        """A heading: it names the therapy of what follows; "this cancer" is the document's again."""
        self.condition = self.main
        self.therapy = None
        self.lost = None
        self.note(reading, segment)
        self.previous = self.defining = None

    def announce(self, reading: Reading, segment: Span) -> None:
        """Treatments that are "part of palliative care" are given in the palliative setting from here on."""
        if part := _PART_OF.search(reading.text):
            words = (f"{e.label.partition(' ')[0]} setting" for e in reading.phrase(part[1]).entries)
            found = self.lexicon.named("setting", *words)[:1]
            self.setting = Antecedent(tuple(found), segment) if found else None

    def enter_paragraph(self) -> None:
        """A new paragraph: what an earlier one said of a wider condition was of the document's."""
        self.setting = None
        if (
            self.main
            and self.condition
            and all(
                any(self.conditions.wider(said, own) for own in self.main.entries)
                for said in self.condition.entries
            )
        ):
            self.condition = self.main

    def defining_words(self, raw: str) -> str:
        """The words of the sentence before that "this is called …" would mean."""
        return raw[self.defining.start : self.defining.end] if self.defining else ""

    def note(self, reading: Reading, segment: Span) -> None:
        """Remember what a sentence was about: its first therapy and condition, its last target."""
        self.previous = self.defining = segment
        if match := _INVOLVES.search(reading.text):
            self.defining = reading.span(match.start(1), match.end(1))
        elif reading.text.endswith("."):
            self.defining = Span(segment.start, segment.end - 1)
        self.previous_families = reading.families
        families = {"T": "therapy", "C": "condition", "G": "target", "M": "target"}
        seen: dict[str, Antecedent] = {}
        for match in PLACEHOLDER.finditer(reading.text):
            slot = families.get(match[1])
            supposed = slot == "condition" and _SUPPOSED.search(reading.text, 0, match.start())
            if slot and not supposed and (slot == "target" or slot not in seen):
                seen[slot] = Antecedent(reading.phrase(match[2]).entries, segment)
        if kind := _KIND_IS.search(reading.text):
            seen["therapy"] = Antecedent(reading.phrase(kind[1]).entries, segment)
        elif words := _CARRIED.search(reading.text):
            resolved = self.resolve("T", words[0], reading, words.start())
            if resolved and ("therapy" not in seen or words.start() == 0):
                seen["therapy"] = Antecedent(
                    resolved.entries, segment, resolved.lost, resolved.named or resolved.segment
                )
        if "therapy" in seen:
            self.lost = seen["therapy"].lost
        self.fresh = "therapy" in seen
        for slot, antecedent in seen.items():
            setattr(self, slot, antecedent)
        if self.main is None:
            self.main = seen.get("condition")

    def resolve(self, family: str, words: str, reading: Reading, position: int) -> Antecedent | None:
        """What the pronoun `words` at `position` of a reading stands for, if anything does."""
        earlier = [m for m in PLACEHOLDER.finditer(reading.text, 0, position) if m[1] == family]
        found: Antecedent | None
        if earlier:
            phrase = reading.phrase(earlier[0 if family == "T" else -1][2])
            found = Antecedent(phrase.entries, reading.span(0, len(reading.text)))
        elif family == "C" and re.search(r"\b(?:this (?:cancer|disease)|your disease)\b", words):
            found = self.condition or self.main
        elif family == "T" and _IT.fullmatch(words) and not self.fresh:
            found = None
        else:
            found = {"T": self.therapy, "C": self.condition or self.main, "G": self.target}.get(family)
        if found and family == "T":
            if DRUGS.search(words):
                found = replace(found, entries=tuple(self._drugs_of(e) for e in found.entries))
            if self.lost and not earlier:
                found = replace(found, lost=self.lost)
        return found

    def condition_of(self, therapy: Entry, *, general: bool = False) -> Antecedent | None:
        """The condition a therapy was last named for (unless `general`), or else the one last spoken of."""
        own = None if general else self.indicated.get(therapy.iri)
        return own or self.condition or self.main

    def _drugs_of(self, therapy: Entry) -> Entry:
        """The class "… drug" that belongs to a kind of treatment, if the vocabulary has it."""
        for claim in self.lexicon.names.get(level(f"{therapy.label} drug"), ()):
            if claim.entry.kind == "drug-class":
                return claim.entry
        return therapy
