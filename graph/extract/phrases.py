"""From names to phrases: the cascade for conditions, bracketed names, appositions and lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import product

from graph.extract.conditions import CANCER, Conditions
from graph.extract.dates import DATE, build_date
from graph.extract.lexicon import Entry, level
from graph.extract.reading import PLACEHOLDER, Aside, Phrase, Reading
from graph.model import Span
from graph.vocab import slug, thing

Build = Callable[[Reading, re.Match[str]], Phrase | None]

_STATE = r"‹[BK]\d+›"
_JOIN = r"(?:,? and |,? or |, |/| - |-| )"
_CELLS = r"‹G\d+›(?= (?:that |which )?(?:are|is|has|have|with|test) )"
_HEAD = rf"(?:‹C\d+›|{_CELLS}|(?:(?:cancer|tumou?r) cells?|tumou?rs?|cancers?))"
_LINK = (
    r"(?: (?:that|which|who))? (?:are|is|has|have|with|having|test(?:s|ed)?) "
    r"(?:(?:a|an|one or more|inherited|harmful|certain) )*"
)

CONDITION = re.compile(
    rf"(?P<other>other types of )?(?P<before>(?:{_STATE}{_JOIN})*)(?P<head>{_HEAD})"
    rf"(?P<after>{_LINK}{_STATE}(?:(?:, | and |, and | or ){_STATE})*"
    rf"(?!{_JOIN}{_STATE}| ‹C\d+›| (?:cancer|tumou?r|breast)))?"
)
"""States before a disease ("HER2-negative breast cancer") and after it ("that has ESR1 mutations")."""

_EITHER = re.compile(r"‹[BK]\d+› (?P<joined>or|and) ")
_STAGES = re.compile(r"‹K(?P<first>\d+)› (?:or|and) (?P<second>0|i{1,3}|iv)\b")

_GENES = re.compile(r"(?P<genes>(?:‹[GM]\d+›(?:, |,? or |,? and ))+)‹B(?P<status>\d+)›")
_BARE_STATE = re.compile(
    r"(?:(?<=\bfor )|(?<=\bif there is ))(?:an? )?(?:inherited )?‹B(?P<status>\d+)›(?=[.,;)]|$)"
)
_LIST_APPOSED = re.compile(r"‹T(?P<wide>\d+)› ‹T(?P<narrow>\d+)›")
_BRACKETED = re.compile(r"‹(?P<family>[A-Z])(?P<phrase>\d+)› \((?P<name>[^()]{2,60})\)")
_STATE_BRACKETED = re.compile(r"‹(?P<family>B)(?P<phrase>\d+)› \((?P<name>‹B\d+›)\)")
_CALLED = re.compile(r"‹T(?P<wide>\d+)›,? (?:called|named|known as) ‹T(?P<narrow>\d+)›")
_APPOSED = re.compile(r"‹T(?P<wide>\d+)› ‹T(?P<narrow>\d+)›(?! or ‹T)")
_SYNONYM = re.compile(
    r"‹(?P<family>[TCS])(?P<first>\d+)›(?:, or |,? (?:also|sometimes) (?:called|known as) (?=‹[^›]*›,))"
    r"‹(?P=family)(?P<second>\d+)›(?:,(?= [a-z]))?"
)
_SUCH_AS = re.compile(
    r"‹(?P<family>T)(?P<wide>\d+)›,? (?:such as|like|for example|including) ‹(?P=family)(?P<narrow>\d+)›"
)

_GLUE = (
    r"(?:,? (?:and|or|as well as)(?: (?:of|for|to|from|as|by|on|in))?(?: (?:help|also))?"
    r"(?: (?:the|a|an|your|other|some|new))? "
    r"|, (?:(?:of|for|to|from|as|by|on|in) )?(?:(?:the|a|an|your|other) )?|/|; |,? or if (?:you )?)"
)
_LIST = re.compile(rf"‹(?P<family>[TCGAEFRSUVOK])\d+›(?:{_GLUE}‹(?P=family)\d+›)+")


_ELLIPTIC = re.compile(r"\b(?P<verb>[a-z]+) (?P<joined>or|and) ‹A(?P<aim>\d+)›")

_MOST_ALTERNATIVES = 12
"""A description that could be more conditions than this is left alone."""


def build_phrases(reading: Reading, raw: str, conditions: Conditions) -> None:
    """Run the cascade over one reading; `raw` is the document's text."""
    if "‹" not in reading.text:
        return
    reading.rewrite(DATE, build_date)
    reading.rewrite(_STAGES, _stages(conditions))
    reading.rewrite(_GENES, _genes(conditions))
    reading.rewrite(_STATE_BRACKETED, _bracketed(raw))
    reading.rewrite(CONDITION, _condition(conditions))
    reading.rewrite(_BARE_STATE, _bare_state(conditions))
    reading.rewrite(_ELLIPTIC, _elliptic(raw, conditions))
    several = reading.text.count("‹") > 1
    if several:
        reading.rewrite(_SYNONYM, _synonym(raw))
    reading.rewrite(_BRACKETED, _bracketed(raw))
    if several:
        reading.rewrite(_CALLED, _apposition)
        reading.rewrite(_APPOSED, _singular(raw, _apposition))
        reading.rewrite(_LIST, _list)
        reading.rewrite(_LIST_APPOSED, _apposition)
        reading.rewrite(_SUCH_AS, _such_as)


def _entries(reading: Reading, text: str) -> list[tuple[Entry, Span, str]]:
    return [
        (entry, phrase.span, m[1])
        for m in PLACEHOLDER.finditer(text)
        for phrase in (reading.phrase(m[2]),)
        for entry in phrase.entries
    ]


def _genes(conditions: Conditions) -> Build:
    """A status for each gene of "PIK3CA, AKT1, or PTEN alteration", of the last one's kind."""

    def build(reading: Reading, match: re.Match[str]) -> Phrase | None:
        last = reading.phrase(match["status"]).entries[-1]
        kind = last.label.rpartition("-")[2]
        genes = [gene for gene, _, _ in _entries(reading, match["genes"])]
        statuses = [str(thing("biomarker-status", slug(f"{gene.label}-{kind}"))) for gene in genes]
        found = [conditions.lexicon.entries[s] for s in statuses if s in conditions.lexicon.entries]
        if len(found) != len(genes):
            return None
        alternatives = " or " in match["genes"]
        return Phrase("B", reading.span(match.start(), match.end()), (*found, last), alternatives)

    return build


def _bare_state(conditions: Conditions) -> Build:
    """What is "for an ESR1 mutation" is for a cancer that has it."""

    def build(reading: Reading, match: re.Match[str]) -> Phrase | None:
        cancer = conditions.lexicon.entries[CANCER]
        resolved = (conditions.resolve(cancer, [s]) for s in reading.phrase(match["status"]).entries)
        found = tuple(condition for condition in resolved if condition)
        span = reading.span(match.start(), match.end())
        return Phrase("C", span, found, alternatives=True) if found else None

    return build


def _stages(conditions: Conditions) -> Build:
    def build(reading: Reading, match: re.Match[str]) -> Phrase | None:
        first = reading.phrase(match["first"])
        second = conditions.lexicon.entries.get(str(thing("stage", f"stage-{match['second']}")))
        if second is None or first.entries[0].kind != "stage":
            return None
        span = reading.span(match.start(), match.end())
        return Phrase("K", span, (*first.entries, second), alternatives=True)

    return build


def _condition(conditions: Conditions) -> Build:
    def build(reading: Reading, match: re.Match[str]) -> Phrase | None:
        plain = [e for e, _, _ in _entries(reading, match["head"])]
        if not (match["before"] or match["after"] or match["other"]):
            return None
        if any(e.kind == "target" and not e.iri.endswith("/cancer-cell") for e in plain):
            return None
        if not plain or plain[0].kind == "target":
            plain = [conditions.lexicon.entries[CANCER]]
        if (either := _EITHER.fullmatch(match["before"])) and conditions.states(plain[0]):
            said = [e for e, _, _ in _entries(reading, match["before"])]
            together = conditions.compatible(e.iri for e in (*said, *conditions.states(plain[0])))
            if either["joined"] == "or" or not together:
                other = conditions.lexicon.entries[conditions.features(plain[0]).base]
                first = conditions.resolve(other, said)
                span = reading.span(match.start(), match.end())
                return Phrase("C", span, (first, *plain), alternatives=True) if first else None
        if match["other"]:
            plain = [conditions.variant("other types of", head) for head in plain]
        before_head, after_head = (
            _alternatives(reading, match[part] or "", conditions) for part in ("before", "after")
        )
        if len(before_head) * len(after_head) > _MOST_ALTERNATIVES:
            return None
        resolved = tuple(
            conditions.resolve(head, [*before, *after]) if before or after else head
            for head, before, after in product(plain, before_head, after_head)
        )
        entries = tuple(dict.fromkeys(condition for condition in resolved if condition))
        span = reading.span(match.start(), match.end())
        return Phrase("C", span, entries, alternatives=True) if entries else None

    return build


def _alternatives(reading: Reading, text: str, conditions: Conditions) -> list[tuple[Entry, ...]]:
    """The sets of states a stretch names: all together, or one each where an "or" stands between them.

    One each, too, where they exclude each other: "HER2-positive and HER2-negative cancer" is two.
    """
    states = _entries(reading, text)
    statuses = [e for e, _, family in states if family == "B"]
    others = [e for e, _, family in states if family == "K"]
    either = any(p.alternatives for p in _phrases(reading, text) if p.family == "B")
    if either or re.search(r"‹B\d+› or ‹B\d+›", text):
        return [(status, *others) for status in statuses]
    if not conditions.compatible(status.iri for status in statuses):
        return [(status, *others) for status in statuses]
    apart = " or " in text or not conditions.compatible(other.iri for other in others)
    if len(others) > 1 and (apart or any(p.alternatives for p in _phrases(reading, text))):
        return [(*statuses, other) for other in others]
    return [(*statuses, *others)]


def _phrases(reading: Reading, text: str) -> list[Phrase]:
    return [reading.phrase(m[2]) for m in PLACEHOLDER.finditer(text)]


def _synonym(raw: str) -> Build:
    def build(reading: Reading, match: re.Match[str]) -> Phrase | None:
        first, second = reading.phrase(match["first"]), reading.phrase(match["second"])
        if first.entries != second.entries:
            return None
        span = reading.span(match.start(), match.end())
        reading.asides.append(_naming(first, raw[second.span.start : second.span.end], "synonym", span))
        return replace(first, span=span)

    return build


def _bracketed(raw: str) -> Build:
    def build(reading: Reading, match: re.Match[str]) -> Phrase | None:
        phrase = reading.phrase(match["phrase"])
        inside = reading.span(match.start("name"), match.end("name"))
        name = raw[inside.start : inside.end]
        named = _entries(reading, match["name"])
        span = reading.span(match.start(), match.end())
        same = named and named[0][0].iri == phrase.entries[-1].iri
        if phrase.family == "T" and phrase.entries[-1].kind == "drug":
            if not re.fullmatch(r"[A-Z][\w -]*(?:, [A-Z][\w -]*)*", name):
                return None
            for brand in name.split(", "):
                reading.asides.append(_naming(phrase, brand, "brand", span))
        elif name.lower() == phrase.entries[-1].label.lower():
            return replace(phrase, span=span)
        elif same or phrase.family == "C" or re.fullmatch(r"[A-Z][A-Z0-9]{1,5}", name):
            kind = "abbreviation" if name.isupper() else "synonym"
            reading.asides.append(_naming(phrase, name, kind, span))
        else:
            return None
        return replace(phrase, span=span)

    return build


def _naming(phrase: Phrase, name: str, kind: str, span: Span) -> Aside:
    value = str(thing("name-type", kind))
    return Aside("Naming", phrase.entries[-1], name, (("nameType", value),), span)


def _apposition(reading: Reading, match: re.Match[str]) -> Phrase | None:
    wide, narrow = reading.phrase(match["wide"]), reading.phrase(match["narrow"])
    if wide.entries[-1].kind == "drug" or narrow.entries[0].kind != "drug":
        return None
    span = reading.span(match.start(), match.end())
    drugs = [e for e in narrow.entries if e.kind == "drug"]
    for drug in drugs:
        reading.asides.append(Aside("Classification", drug, wide.entries[-1], (), span))
    return replace(narrow, span=span)


def _singular(raw: str, build: Build) -> Build:
    """Leave plurals for later: of "the inhibitors A and B" both are, of "the inhibitor A and B" only A."""

    def build_singular(reading: Reading, match: re.Match[str]) -> Phrase | None:
        end = reading.phrase(match["wide"]).span.end
        return None if raw[end - 1] == "s" else build(reading, match)

    return build_singular


def _elliptic(raw: str, conditions: Conditions) -> Build:
    """Two aims with one object, told once: "slow or stop cancer" is to slow it, or to stop it."""

    def build(reading: Reading, match: re.Match[str]) -> Phrase | None:
        aim = reading.phrase(match["aim"])
        _, _, object_ = level(raw[aim.span.start : aim.span.end]).partition(" ")
        first = conditions.lexicon.named("aim", f"{match['verb']} {object_}")
        if not first or first[0] in aim.entries:
            return None
        span = reading.span(match.start(), match.end())
        return Phrase("A", span, (first[0], *aim.entries), alternatives=match["joined"] == "or")

    return build


def _list(reading: Reading, match: re.Match[str]) -> Phrase | None:
    entries = tuple(dict.fromkeys(entry for entry, _, _ in _entries(reading, match[0])))
    span = reading.span(match.start(), match.end())
    return Phrase(match["family"], span, entries, " or " in PLACEHOLDER.sub("", match[0]))


def _such_as(reading: Reading, match: re.Match[str]) -> Phrase | None:
    wide, narrow = reading.phrase(match["wide"]), reading.phrase(match["narrow"])
    if any(e.kind not in ("drug-class", "treatment") for e in wide.entries):
        return None
    span = reading.span(match.start(), match.end())
    kind = wide.entries[-1]
    for entry in narrow.entries:
        reading.asides.append(Aside("Classification", entry, kind, (), span))
    return Phrase("T", span, (*wide.entries, *narrow.entries))
