"""How a rule is applied to a passage: its match fills slots, and what fills them becomes statements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from graph.extract import cues
from graph.extract.lexicon import Entry, level
from graph.extract.reading import PLACEHOLDER
from graph.extract.rules.filling import Filled, Passage, fill
from graph.extract.rules.pattern import Rule
from graph.model import Evidence, Modality, Span, Statement, Term
from graph.vocab import thing

_THERAPY: Final = ("drug", "drug-class", "treatment", "regimen")

ARGUMENTS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "Indication": (_THERAPY, ("condition",)),
    "Approval": (("drug", "regimen"), ("condition",)),
    "Requirement": (_THERAPY, ("biomarker-status",)),
    "Mechanism": ((*_THERAPY, "target"), ("target",)),
    "Classification": ((*_THERAPY, "condition"), ("drug-class", "treatment", "condition")),
    "Naming": ((), ()),
    "Definition": (("condition", "treatment", "setting", "stage", "extent", "drug-class"), ()),
    "Combination": (_THERAPY, _THERAPY),
    "Sequence": (_THERAPY, _THERAPY),
    "Intent": (_THERAPY, ("aim",)),
    "Effect": ((*_THERAPY, "target"), ("effect",)),
    "Route": (_THERAPY, ("route",)),
    "DecisionFactor": (("decision",), ("factor",)),
    "Support": (("organization",), ("service",)),
}
"""The kinds of things that each kind of statement takes as subject and object (none: any)."""

MOST_CLAIMS: Final = 400
"""A match that would be more statements than this is two long lists side by side, not a sentence."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A statement a rule found; `implied` says that its object was taken from the context."""

    statement: Statement
    implied: bool


def apply(kind: str, rule: Rule, passage: Passage) -> Iterator[Finding]:
    """The statements of one kind that a rule finds in a passage."""
    if rule.after and rule.after not in passage.context.previous_families:
        return
    if rule.defining and not re.match(rule.defining, level(passage.context.defining_words(passage.raw))):
        return
    reading = passage.reading
    for match in rule.regex.finditer(reading.text):
        filled = fill(rule, match, passage)
        # what rests on the lead-in alone was read there
        if filled is not None and any(s.end > passage.segments[-1].start for s in filled.spans):
            yield from _statements(kind, rule, match, passage, filled)


def _statements(
    kind: str, rule: Rule, match: re.Match[str], passage: Passage, filled: Filled
) -> Iterator[Finding]:
    subjects = [e for e in filled.slots.get("subject", ()) if _fits(kind, 0, e)]
    if rule.last:
        subjects = subjects[-1:]
    words = _clause(match)
    qualifiers = {s: es for s, es in filled.slots.items() if s not in ("subject", "object")}
    if rule.quantified and (word := cues.quantifier(words)):
        qualifiers["quantifier"] = (_value("quantifier", word),)
    if kind == "Effect" and (word := cues.frequency(words)):
        qualifiers["frequency"] = (_value("frequency", word),)
    elif kind == "Effect" and cues.in_many(match.string[: match.end()]):
        qualifiers["frequency"] = (_value("frequency", "often"),)
    if "definiens" in match.re.groupindex and match["definiens"]:
        qualifiers |= _defining(match, passage)
    spread = [s for s in qualifiers if s in filled.alternatives and s in ("circumstance", "setting", "with")]
    # "some X remove Y" does not say that X do, unless the word of quantity is kept with the statement
    hedged = passage.orphan is not None or (not rule.quantified and _of_some(match))
    conditional = "circumstance" in qualifiers or "trigger" in qualifiers
    if rule.pairs and "subject" in filled.alternatives:
        return
    together = _together(kind, rule, filled, subjects, words)
    about: tuple[Span, ...] = ()
    for place, subject in enumerate(together or subjects):
        spans, steps = list(filled.spans), filled.steps
        spans += passage.segments[:-1] if rule.led else ()
        spans += [passage.orphan] if passage.orphan else []
        objects = (
            [Term(e.iri, e.label) for e in (together or subjects)[place + 1 :]]
            if rule.pairs or together
            else _objects(kind, rule, match, passage, filled, subject, spans)
        )
        if len(subjects) * len(objects) > MOST_CLAIMS:
            return
        implied = kind == "Indication" and "object" not in filled.slots
        steps += implied
        if rule.about and "condition" not in qualifiers and (found := passage.context.condition_of(subject)):
            here = _conditions_here(passage)
            qualifiers["condition"] = here or found.entries
            about = () if here else (found.segment,)
        spans += about
        steps += len(about)
        for target, chosen in product(objects, product(*(qualifiers[s] for s in spread))):
            if target.iri == subject.iri and not rule.same:
                continue
            if together:
                qualifiers["regimen"] = (passage.context.conditions.regimen(together),)
            if rule.previous:
                qualifiers = _states_as_slots(passage.context.conditions.states(subject))
            own = {**qualifiers, **{s: (c,) for s, c in zip(spread, chosen, strict=True)}}
            statement = Statement(
                kind=kind,
                subject=Term(subject.iri, subject.label),
                object=target,
                qualifiers=_sorted(own),
                polarity=rule.polarity or cues.polarity(words),
                modality=_modality(rule, words, conditional=conditional, hedged=hedged, lost=filled.lost),
                confidence=_confidence(steps, passage),
                evidence=_evidence(rule, match, passage, spans),
            )
            yield Finding(statement, implied)


def _together(kind: str, rule: Rule, filled: Filled, subjects: list[Entry], words: str) -> list[Entry]:
    """The drugs that a combination names, if it is of drugs only and they are all given together."""
    partners = filled.slots.get("object", ())
    drugs = list(dict.fromkeys((*subjects, *partners)))
    if kind != "Combination" or len(drugs) < 2 or any(drug.kind != "drug" for drug in drugs):
        return []
    apart = not rule.pairs and (len(subjects) > 1 or ("object" in filled.alternatives))
    denied = (rule.polarity or cues.polarity(words)) == "negated"
    return [] if apart or denied or "subject" in filled.alternatives else drugs


_SOME = re.compile(r"\b(?:some|certain)(?: of the)? $")
_SOME_KINDS = re.compile(r"\b(?:some|certain) (?:types?|kinds?|forms?) of\b")
_UNDER_IF = re.compile(r"(?:^|[;.,] ?|\bbut |\bhowever, )(?:if|when|unless)\b[^;.]*,$")
_BOUNDARY = re.compile(
    r"(?<!\bsometimes)(?<!\busually)(?<!\btypically)(?<!\boften)[;:,.](?! then)|\b(?:but|so|while|because|although|however)\b"
)


def _clause(match: re.Match[str]) -> str:
    """The matched words, from the start of their clause on: "you may" counts although a rule begins after it."""
    start = 0
    for boundary in _BOUNDARY.finditer(match.string, 0, match.start()):
        start = boundary.end()
    condition = re.match(r",?(?: only)? if\b", match.string[match.end() :])
    end = match.end() + (condition.end() if condition else 0)
    under = "if " if _UNDER_IF.search(match.string[:start].rstrip()) else ""
    return under + match.string[start:end]


def _of_some(match: re.Match[str]) -> bool:
    """Whether only some of the subject ("some X do") or some kinds of the object are spoken of."""
    return bool(_SOME.search(match.string, 0, match.start()) or _SOME_KINDS.search(match[0]))


def _modality(rule: Rule, words: str, *, conditional: bool, hedged: bool, lost: bool) -> Modality:
    """What the rule or the words say; of things that a lost list named, only that it holds of some."""
    if rule.modality:
        return "possible" if lost and rule.modality == "asserted" else rule.modality
    found = cues.modality(words, conditional=conditional)
    return "possible" if (hedged or lost) and found == "asserted" else found


def _conditions_here(passage: Passage) -> tuple[Entry, ...]:
    """The conditions that the passage itself names, if any."""
    reading = passage.reading
    places = [m for m in PLACEHOLDER.finditer(reading.text) if m[1] == "C"]
    return reading.phrase(places[0][2]).entries if places else ()


def _objects(
    kind: str,
    rule: Rule,
    match: re.Match[str],
    passage: Passage,
    filled: Filled,
    subject: Entry,
    spans: list[Span],
) -> list[Term]:
    if rule.previous:
        defining = passage.context.defining
        return [Term(None, passage.raw[defining.start : defining.end])] if defining else []
    for slot in ("definiens", "name"):
        if slot in match.re.groupindex and match[slot]:
            if slot == "name" and _several(match[slot], passage):
                return []
            span = passage.reading.span(match.start(slot), match.end(slot))
            return [Term(None, passage.raw[span.start : span.end].strip())]
    if "object" in filled.slots:
        return [Term(e.iri, e.label) for e in filled.slots["object"] if _fits(kind, 1, e)]
    if kind == "Indication" and (found := passage.context.condition_of(subject, general=rule.general)):
        spans.append(found.segment)
        return [Term(e.iri, e.label) for e in found.entries]
    return []


def _several(words: str, passage: Passage) -> bool:
    """Whether words name more than one thing: "stage III or IV" is no name of anything."""
    return any(len(passage.reading.phrase(p[2]).entries) > 1 for p in PLACEHOLDER.finditer(words))


def _fits(kind: str, place: int, entry: Entry) -> bool:
    allowed = ARGUMENTS[kind][place]
    return not allowed or entry.kind in allowed


def _value(kind: str, name: str) -> Entry:
    return Entry(str(thing(kind, name)), kind, name)


def _sorted(qualifiers: Mapping[str, tuple[Entry, ...]]) -> tuple[tuple[str, Term], ...]:
    return tuple(
        sorted(
            {(name, Term(e.iri or None, e.label)) for name, entries in qualifiers.items() for e in entries}
        )
    )


_LACKING = re.compile(r"\b(?:don't have|do not have|lacks?|without|have no)\b[^‹›]*‹[MG](\d+)›")


_STATES: Final = {"biomarker-status": "definingStatus", "stage": "definingStage", "extent": "definingExtent"}


def _states_as_slots(states: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """Statuses, stages and extents under the qualifiers of a definition."""
    found: dict[str, tuple[Entry, ...]] = {}
    for state in states:
        found[_STATES[state.kind]] = (*found.get(_STATES[state.kind], ()), state)
    return found


def _defining(match: re.Match[str], passage: Passage) -> dict[str, tuple[Entry, ...]]:
    """The states and stages that the defining words themselves name."""
    states: list[Entry] = []
    for place in PLACEHOLDER.finditer(match["definiens"]):
        for entry in passage.reading.phrase(place[2]).entries:
            states += [entry] if entry.kind in _STATES else passage.context.conditions.states(entry)
    found = _states_as_slots(states)
    if lacking := _LACKING.search(match["definiens"]):
        negative = passage.context.conditions.status(
            passage.reading.phrase(lacking[1]).entries[0], "negative"
        )
        if negative:
            found["definingStatus"] = (*found.get("definingStatus", ()), negative)
    return found


def _confidence(steps: int, passage: Passage) -> float:
    """1.0 where one sentence says it all; 0.9 over a lead-in; less for each step that context had to help."""
    return less_sure(0.9 if len(passage.segments) > 1 else 1.0, steps)


def less_sure(confidence: float, steps: int = 1) -> float:
    """What remains of a confidence where context had to help so often; never less than 0.5."""
    return round(max(0.5, confidence - 0.15 * steps), 2)


def _evidence(rule: Rule, match: re.Match[str], passage: Passage, spans: list[Span]) -> tuple[Evidence, ...]:
    """What a statement rests on; for a definition, the words that define come last."""
    evidence = passage.evidence(spans)
    previous, defining = passage.context.previous, passage.context.defining
    if rule.previous and previous and defining:
        spans = list(dict.fromkeys((previous, defining)))
        others = [Evidence(passage.document, s.start, s.end) for s in spans]
        return (*(e for e in evidence if e not in others), *others)
    if "definiens" in match.re.groupindex and match["definiens"]:
        span = passage.reading.span(match.start("definiens"), match.end("definiens"))
        definiens = Evidence(passage.document, span.start, span.end)
        evidence = (*(e for e in evidence if e != definiens), definiens)
    return evidence
