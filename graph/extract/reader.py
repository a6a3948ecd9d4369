"""Reading one segment after another: names, phrases, rules, and what the next segments need to know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from graph.extract.claims import Claims, most_specific
from graph.extract.conditions import CANCER, Conditions
from graph.extract.context import Antecedent, Context
from graph.extract.descriptions import abbreviated, acting_drugs, carried, purposes, supposed
from graph.extract.lexicon import MENTION_TYPES, Entry, Lexicon, Match, level, longest
from graph.extract.phrases import build_phrases
from graph.extract.reading import Aside, Reading
from graph.extract.rules import applicable
from graph.extract.rules.engine import apply, less_sure
from graph.extract.rules.filling import Passage
from graph.extract.segments import Segment
from graph.model import Document, Evidence, Gap, Mention, Span, Statement, Term
from graph.vocab import document_iri, thing

_DEPENDS = re.compile(r"\bdepend|\bvar(?:y|ies)\b|\bbased on\b|\b(?:determined|guided) by\b")
_CLAUSE = re.compile(r"^(?:a |an |the )?‹T\d+› (?:involves|is|are|means|can|may|uses)\b")

_TWICE = re.compile(r"[^()]+ \((?P<name>[^()]+)\)")

MOST_PLACEHOLDERS = 60
"""A passage that names more things than this (a list counts once) is no sentence; no rule is tried."""


class Reader:
    """The state of reading one document; what it finds is in `claims` and `mentions`."""

    def __init__(self, document: Document, lexicon: Lexicon, segments: list[Segment]) -> None:
        self.document = document
        self.segments = segments
        self.lexicon = lexicon
        self.conditions = Conditions(lexicon)
        self.context = Context(lexicon, self.conditions)
        self.claims = Claims()
        self.mentions: list[Mention] = []
        self._lead: tuple[int, Reading] | None = None
        self._yielded: set[int] = set()
        self._paragraph = -1

    def read(self, number: int, part: Segment) -> None:
        """Read one segment; what it says goes to `claims`."""
        reading = self.reading(part)
        if part.kind in ("credit", "boilerplate"):
            return
        if part.kind == "question":
            self._question(number, part, reading)
            return
        if part.kind == "heading":
            self._add(number, self._asides(reading, part.span))
            self.context.enter_section(reading, part.span)
            return
        if part.kind != "item" and part.paragraph != self._paragraph:
            self.context.enter_paragraph()
        self._paragraph = part.paragraph
        passage = self._passage(part, reading)
        self.context.announce(reading, part.span)
        found: list[Statement] = []
        if passage.reading.text.count("‹") <= MOST_PLACEHOLDERS:
            rules = applicable(passage.reading.text, orphan=passage.orphan is not None)
            found = most_specific(finding for kind, rule in rules for finding in apply(kind, rule, passage))
        asides = self._asides(reading, part.span)
        for purpose in dict.fromkeys(s for s in asides if s.kind == "Intent"):
            own, found = carried(purpose, found)
            found.append(own)
        found = [self._in_setting(statement) for statement in found]
        self._add(number, [*(s for s in asides if s.kind != "Intent"), *found])
        self._remember(number, part, reading, found)

    def reading(self, part: Segment) -> Reading:
        """One segment as the rules read it; the names in it go to `mentions`."""
        raw = self.document.text[part.span.start : part.span.end]
        levelled = level(raw)
        matches = [m for m in self.lexicon.find(raw, levelled) if not _stands_for(m, levelled)]
        reported = longest(m for m in matches if m.entry.kind in MENTION_TYPES)
        self.mentions += (self._mention(match, part) for match in _as_named(reported, raw))
        active = self._active(part, levelled, {m.entry.family for m in matches})
        names = longest(m for m in matches if m.entry.family in active)
        names = [m for m in names if not _is_description(m, levelled)]
        reading = Reading.of(levelled, part.span.start, names)
        reading.asides += (a for m in names for a in _named_twice(m, raw, part.span.start))
        reading.asides += abbreviated(raw, part.span.start, self.lexicon)
        reading.asides += purposes(names, matches, levelled, part.span.start)
        acting_drugs(reading, self.lexicon, self.context.target)
        build_phrases(reading, self.document.text, self.conditions)
        reading.asides += supposed(reading)
        return reading

    def _active(self, part: Segment, levelled: str, families: set[str]) -> set[str]:
        """The families that count here: the words for factors, services and topics do in their place only."""
        if families & {"F", "X"}:
            lead = self.segments[part.lead_in].span if part.lead_in is not None and part.first else None
            before = level(self.document.text[lead.start : lead.end]) if lead else ""
            if not _DEPENDS.search(before) and not _DEPENDS.search(levelled):
                families = families - {"F", "X"}
        if "O" not in families:
            families = families - {"V"}
        return families - ({"E", "A"} if part.kind == "question" and "Q" in families else {"Q"})

    def _mention(self, match: Match, part: Segment) -> Mention:
        span = Span(match.span.start + part.span.start, match.span.end + part.span.start)
        # the title of a cited work says what that one is about; its publisher is named by this document
        cited = part.kind == "credit" and match.entry.kind not in ("agency", "organization")
        return Mention(
            self.document.id,
            span,
            self.document.text[span.start : span.end],
            MENTION_TYPES[match.entry.kind],
            match.entry.label,
            match.entry.iri,
            cited,
        )

    def _passage(self, part: Segment, reading: Reading) -> Passage:
        spans: tuple[Span, ...] = (part.span,)
        orphan: Span | None = None
        if part.lead_in is not None and part.first:
            lead = self.segments[part.lead_in]
            if lead.truncated:
                orphan = lead.span
            elif self._lead and self._lead[0] == part.lead_in:
                spans = (lead.span, part.span)
                reading = self._lead[1].joined(reading, " ")
        return Passage(self.document.id, self.document.text, reading, spans, self.context, orphan)

    def _remember(self, number: int, part: Segment, reading: Reading, found: list[Statement]) -> None:
        if part.kind == "lead_in":
            shorn = Reading(reading.text.rstrip(": "), reading.starts, reading.ends, reading.phrases)
            length = len(shorn.text)
            shorn.starts, shorn.ends = shorn.starts[:length], shorn.ends[:length]
            self._lead = (number, shorn)
        if part.kind != "item" or _CLAUSE.match(reading.text):
            self.context.note(reading, part.span)
        if part.kind == "lead_in":
            following = self.segments[number + 1 : number + 2]
            self.context.lost = None if any(s.lead_in == number for s in following) else part.span
        if part.kind != "item":
            for statement in found:
                if (
                    statement.kind == "Indication"
                    and statement.polarity == "affirmed"
                    and statement.subject.iri
                ):
                    self._indicate(statement, part.span)

    def _in_setting(self, statement: Statement) -> Statement:
        """An aim in a paragraph that has announced its setting is for that setting."""
        announced, said = self.context.setting, {name for name, _ in statement.qualifiers}
        if announced is None or statement.kind != "Intent" or "setting" in said:
            return statement
        settings = [("setting", Term(entry.iri, entry.label)) for entry in announced.entries]
        span = announced.segment
        there = Evidence(self.document.id, span.start, span.end)
        if there in statement.evidence:
            return replace(statement, qualifiers=tuple(sorted((*statement.qualifiers, *settings))))
        return replace(
            statement,
            qualifiers=tuple(sorted((*statement.qualifiers, *settings))),
            evidence=tuple(sorted((*statement.evidence, there))),
            confidence=less_sure(statement.confidence),
        )

    def _indicate(self, statement: Statement, span: Span) -> None:
        subject, condition = statement.subject.iri, statement.object
        if subject is None or condition.iri is None:
            return
        entry = Entry(condition.iri, "condition", condition.label)
        self.context.indicated[subject] = Antecedent((entry,), span)

    def _asides(self, reading: Reading, span: Span) -> list[Statement]:
        return [self._aside(aside, span) for aside in reading.asides]

    def _aside(self, aside: Aside, span: Span) -> Statement:
        target = (
            Term(None, aside.object)
            if isinstance(aside.object, str)
            else Term(aside.object.iri, aside.object.label)
        )
        spans = [*([aside.hangs_on] if aside.hangs_on else []), span]
        return Statement(
            aside.kind,
            Term(aside.subject.iri, aside.subject.label),
            target,
            tuple((name, Term(iri, iri.rpartition("/")[2])) for name, iri in aside.qualifiers),
            evidence=tuple(Evidence(self.document.id, s.start, s.end) for s in spans),
            confidence=less_sure(1.0) if len(spans) > 1 else 1.0,
        )

    def _question(self, number: int, part: Segment, reading: Reading) -> None:
        topics = [e for p in reading.phrases for e in p.entries if e.kind == "topic"]
        subject = Term(str(document_iri(self.document.id)), self.document.name)
        evidence = (Evidence(self.document.id, part.span.start, part.span.end),)
        text = self.document.text[part.span.start : part.span.end]
        objects = [Term(e.iri, e.label) for e in topics] or [Term(None, text)]
        self._add(number, [Statement("Question", subject, o, evidence=evidence) for o in objects])

    def _add(self, number: int, statements: list[Statement]) -> None:
        for statement in statements:
            self._yielded.add(number)
            self.claims.add(statement)

    def gaps(self) -> Iterator[Gap]:
        """Sentences and items that gave nothing, and places where the text announces what is not there."""
        leads = {s.lead_in for s in self.segments if s.lead_in is not None}
        telling = {s.lead_in for s in self.segments if s.kind != "question"}
        rested_on = self.claims.spans()
        for number, part in enumerate(self.segments):
            if part.truncated or (part.kind == "lead_in" and number not in leads):
                yield Gap("MissingContent", self.document.id, part.span)
            elif (
                part.kind in ("sentence", "item", "lead_in")
                and number not in self._yielded
                and (number not in leads or number in telling)  # a lead-in to questions says nothing itself
                and (part.span.start, part.span.end) not in rested_on
            ):
                yield Gap("Unread", self.document.id, part.span)


def _named_twice(match: Match, raw: str, offset: int) -> Iterator[Aside]:
    """The second name of one that the vocabulary has with it: "Food and Drug Administration (FDA)"."""
    if found := _TWICE.fullmatch(raw, match.span.start, match.span.end):
        kind = str(thing("name-type", "abbreviation" if found["name"].isupper() else "synonym"))
        span = Span(match.span.start + offset, match.span.end + offset)
        yield Aside("Naming", match.entry, found["name"], (("nameType", kind),), span)


def _as_named(matches: list[Match], raw: str) -> Iterator[Match]:
    """A drug's name in brackets after another drug is a name of that one here: "paclitaxel (Abraxane)"."""
    before: Match | None = None
    for match in matches:
        between = raw[before.span.end : match.span.start] if before else ""
        if before and between == " (" and {before.entry.kind, match.entry.kind} == {"drug"}:
            match = replace(match, entry=before.entry)
        yield match
        before = match


def _is_description(match: Match, levelled: str) -> bool:
    """Whether the words of an aim say what is done, not what for: "it involves removing the tumor"."""
    before = levelled[: match.span.start]
    return match.entry.kind == "aim" and before.endswith(("involve ", "involves "))


def _stands_for(match: Match, levelled: str) -> bool:
    """Whether a name is no name here but a pronoun: "this cancer", "these pills"."""
    before = levelled[max(0, match.span.start - 6) : match.span.start]
    if match.entry.kind == "route":
        return before.endswith("these ")
    return match.entry.iri == CANCER and before.endswith(("this ", "the ", "your "))
