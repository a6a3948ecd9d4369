"""Things named by what they do: "drugs that target this protein", "medicine to strengthen bones"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from graph.extract.context import Antecedent
from graph.extract.lexicon import Entry, Lexicon, Match, level
from graph.extract.reading import Aside, Phrase, Reading
from graph.model import Span, Statement, Term
from graph.vocab import thing

_ACTS_ON: Final = ("binds", "blocks", "degrades", "inhibits")
_ACTING = re.compile(
    r"\b(?:drugs?|medicines?|medications?) (?:that|which) "
    r"(?:(?:‹A\d+›|(?:fight|treat|attack)s? (?:the |your )?(?:‹C\d+›|cancer)) by )?target(?:s|ing)? "
    r"(?:(?:this|that|the) protein\b|(?:the )?‹[GM](?P<named>\d+)›)"
)
_ABBREVIATED = re.compile(r"\b(?P<short>[A-Z][A-Z0-9]{1,5}) \((?P<long>[a-z][a-z -]{3,40})\)(?=[ -])")
_SUPPOSED = re.compile(
    r"‹T(?P<therapy>\d+)› for ‹C(?P<condition>\d+)› "
    r"(?:focus(?:es)?|works?|uses?|acts?|relies|rely|involves?|means?)\b"
)
_FOR = re.compile(r" (?:to|that|which|to help)(?: help)? $")


def acting_drugs(reading: Reading, lexicon: Lexicon, spoken_of: Antecedent | None) -> None:
    """Read drugs described by their target as the class that acts on it, where there is just one.

    `spoken_of` is what "this protein" stands for.
    """

    def build(reading: Reading, match: re.Match[str]) -> Phrase | None:
        named: tuple[Entry, ...] = spoken_of.entries if spoken_of else ()
        if match["named"]:
            named = reading.phrase(match["named"]).entries
        hangs_on = spoken_of.segment if spoken_of and not match["named"] else None
        targets = [t for entry in named if (t := lexicon.target_of(entry))]
        classes = {c for t in targets for c in _classes(lexicon, t)}
        if len(targets) != 1 or len(classes) != 1:
            return None
        drugs, span = classes.pop(), reading.span(match.start(), match.end())
        does = (("action", str(thing("action", "targets"))),)
        reading.asides.append(Aside("Mechanism", drugs, targets[0], does, span, hangs_on))
        return Phrase("T", span, (drugs,))

    reading.rewrite(_ACTING, build)


def _classes(lexicon: Lexicon, target: Entry) -> Iterator[Entry]:
    for prop in _ACTS_ON:
        for subject, objects in lexicon.facts.get(prop, {}).items():
            entry = lexicon.entries.get(subject)
            if target.iri in objects and entry and entry.kind == "drug-class":
                yield entry


def abbreviated(raw: str, offset: int, lexicon: Lexicon) -> Iterator[Aside]:
    """What a biomarker's short name before its long one says: "PR (progesterone receptor)-positive"."""
    kind = (("nameType", str(thing("name-type", "abbreviation"))),)
    for match in _ABBREVIATED.finditer(raw):
        span = Span(match.start() + offset, match.end() + offset)
        for biomarker in lexicon.named("biomarker", level(match["long"])):
            yield Aside("Naming", biomarker, match["short"], kind, span)


def purposes(kept: Iterable[Match], found: Iterable[Match], levelled: str, offset: int) -> Iterator[Aside]:
    """The aims that names hold: "drugs to relieve nausea" names a class and says what it is for."""
    aims: dict[int, list[Match]] = defaultdict(list)
    for match in found:
        if match.entry.kind == "aim":
            aims[match.span.end].append(match)
    for name in kept:
        for aim in aims[name.span.end] if name.entry.family == "T" else ():
            if _FOR.search(levelled[name.span.start : aim.span.start]):
                span = Span(name.span.start + offset, name.span.end + offset)
                yield Aside("Intent", name.entry, aim.entry, (), span)


def supposed(reading: Reading) -> Iterator[Aside]:
    """What a sentence about "X for Y" takes for granted: that X is given for Y."""
    if match := _SUPPOSED.match(reading.text):
        span = reading.span(match.start(), match.end("condition") + 1)
        for therapy in reading.phrase(match["therapy"]).entries:
            for condition in reading.phrase(match["condition"]).entries:
                yield Aside("Indication", therapy, condition, (), span)


def carried(purpose: Statement, found: list[Statement]) -> tuple[Statement, list[Statement]]:
    """An aim that a name holds, put as the sentence puts what it says of the drug; and the rest with it.

    An indication of the drug has the aim among its intents.
    """
    aim = ("intent", purpose.object)
    others = [
        replace(s, qualifiers=tuple(sorted({*s.qualifiers, aim}))) if _for_it(s, purpose.subject) else s
        for s in found
    ]
    model = next(
        (s for s in found if s.subject == purpose.subject and s.kind in ("Intent", "Indication")), None
    )
    if model is None:
        return purpose, others
    qualifiers = tuple(q for q in model.qualifiers if q[0] in ("setting", "circumstance"))
    return replace(purpose, qualifiers=qualifiers, modality=model.modality), others


def _for_it(statement: Statement, subject: Term) -> bool:
    return (
        statement.kind == "Indication" and statement.subject == subject and statement.polarity == "affirmed"
    )
