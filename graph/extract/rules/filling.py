"""The slots of a rule, filled from a match: by the phrases in it, by what pronouns stand for, by fixed things."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from graph.extract.context import Antecedent, Context
from graph.extract.lexicon import Entry
from graph.extract.reading import PLACEHOLDER, Phrase, Reading
from graph.extract.rules.pattern import Rule
from graph.model import Evidence, Span
from graph.vocab import thing

_WORDS: Final = ("definiens", "name", "q")
"""Groups of a pattern that are words, not things."""

GATHERED: Final = {"S": "setting", "L": "line", "U": "circumstance", "A": "intent"}
"""The families whose phrases qualify an indication wherever they stand in its sentence."""


@dataclass
class Passage:
    """What rules are applied to: a reading, the segments it is made of (the last is the one being read), its context."""

    document: str
    raw: str
    reading: Reading
    segments: tuple[Span, ...]
    context: Context
    orphan: Span | None = None
    """The lead-in, where it broke off."""

    def evidence(self, spans: list[Span]) -> tuple[Evidence, ...]:
        """The segments that some spans lie in, in order, as evidence; the one being read is always among them."""
        touched = {s for s in self.segments for span in spans if span.start < s.end and s.start < span.end}
        touched.add(self.segments[-1])
        others = {s for s in spans if not any(s.start < t.end and t.start < s.end for t in touched)}
        return tuple(Evidence(self.document, s.start, s.end) for s in sorted(touched | others))


@dataclass
class Filled:
    """Slots as a match fills them; `spans` is what the statement rests on, `steps` how often context had to help.

    `lost` says that a pronoun stands for some of a class only: those of a list that is gone.
    """

    slots: dict[str, tuple[Entry, ...]]
    alternatives: set[str]
    spans: list[Span]
    steps: int = 0
    lost: bool = False

    def add(self, slot: str, phrase: Phrase) -> None:
        """Let a phrase fill a slot, beside what fills it already."""
        self.slots[slot] = tuple(dict.fromkeys((*self.slots.get(slot, ()), *phrase.entries)))
        if phrase.alternatives:
            self.alternatives.add(slot)


def fill(rule: Rule, match: re.Match[str], passage: Passage) -> Filled | None:
    """The slots that one match of a rule fills; None where a pronoun stands for nothing known."""
    reading = passage.reading
    filled = Filled({}, set(), [reading.span(match.start(), match.end())])
    used: set[str] = set()
    for group, value in match.groupdict().items():
        slot = group.removesuffix("_word").rstrip("2")
        if value is None or slot in _WORDS:
            continue
        if group.endswith("_word"):
            found = passage.context.resolve(rule.pronouns[slot], value, reading, match.start(group))
            if found is None:
                return None
            _rest_on(filled, slot, found, passage)
        else:
            phrase = reading.phrase(value)
            used.add(value)
            if phrase.family == "M" and slot != "having":
                targets = (passage.context.lexicon.target_of(e) for e in phrase.entries)
                phrase = replace(phrase, entries=tuple(t for t in targets if t))
            filled.add(slot, phrase)
    for slot, family in rule.fallback.items():
        if slot not in filled.slots:
            found = passage.context.resolve(family, match[0], reading, match.start())
            if found is None:
                return None
            _rest_on(filled, slot, found, passage)
    for slot, path in rule.given.items():
        filled.slots[slot] = (_fixed(path, passage),)
    if "states" in filled.slots:
        states = passage.context.conditions.states
        filled.slots["object"] = tuple(s for e in filled.slots.pop("states") for s in states(e))
    known = passage.context.conditions
    if "having" in filled.slots:
        found_in = filled.slots.pop("having")
        positive = [s for biomarker in found_in if (s := known.status(biomarker, "positive"))]
        having = (known.resolve(e, positive) for e in filled.slots.get("object", ()))
        filled.slots["subject"] = tuple(e for e in having if e)
    if "staged" in filled.slots:
        stages = filled.slots.pop("staged")
        wide = (known.disease(e) for e in filled.slots.get("object", ()))
        cases = [known.resolve(e, [s]) for e in wide for s in stages if s.kind == "stage"]
        filled.slots["subject"] = tuple(e for e in cases if e)
    if "genus" in filled.slots:
        own = {known.disease(e) for e in filled.slots.get("subject", ())}
        said = (known.disease(e) for e in filled.slots.pop("genus"))
        filled.slots["object"] = tuple(e for e in said if e in own)
    if "effectsOf" in filled.slots:
        labels = (f"side effects of {e.label}" for e in filled.slots.pop("effectsOf"))
        filled.slots["subject"] = tuple(passage.context.lexicon.named("decision", *labels))
    if rule.same and "object" not in filled.slots:
        filled.slots["object"] = filled.slots["subject"]
    for place in PLACEHOLDER.finditer(reading.text):
        if place[1] in rule.gather and place[2] not in used:
            phrase = reading.phrase(place[2])
            filled.add(rule.gathered.get(place[1], GATHERED[place[1]]), phrase)
            filled.spans.append(phrase.span)
    return filled


def _fixed(path: str, passage: Passage) -> Entry:
    if path.startswith("="):
        return Entry("", "literal", path[1:])
    kind, _, name = path.partition("/")
    iri = str(thing(kind, name))
    return passage.context.lexicon.entries.get(iri, Entry(iri, kind, name.replace("-", " ")))


def _rest_on(filled: Filled, slot: str, found: Antecedent, passage: Passage) -> None:
    filled.slots[slot] = found.entries
    filled.steps += 2 if found.lost else 1
    if found.lost:
        filled.lost = True
        filled.spans.append(found.lost)
    if found.segment not in passage.segments:
        filled.spans.append(found.segment)
        filled.spans += [found.named] if found.named else []
