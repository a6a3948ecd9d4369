"""The lexicon: every name the ontology's vocabulary gives its individuals, found in text by Aho–Corasick.

Names are compared with case, quotation marks, dashes and kinds of space levelled, character by character,
so that offsets stay those of the raw text. Abbreviations ("ER", "IV") must match in case too.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox
from ahocorasick_rs import AhoCorasick, MatchKind

from graph import files
from graph.extract.inflection import variants
from graph.model import Span
from graph.vocab import HER, PREFIXES, slug, thing

FAMILIES: Final[dict[str, str]] = {
    "drug": "T",
    "drug-class": "T",
    "treatment": "T",
    "regimen": "T",
    "condition": "C",
    "biomarker-status": "B",
    "stage": "K",
    "extent": "K",
    "biomarker": "M",
    "target": "G",
    "aim": "A",
    "effect": "E",
    "factor": "F",
    "decision": "X",
    "route": "R",
    "setting": "S",
    "line": "L",
    "circumstance": "U",
    "organization": "O",
    "service": "V",
    "agency": "Y",
    "topic": "Q",
}
"""The kinds of things that texts name, each with the letter that stands for it in a rule's pattern."""

MENTION_TYPES: Final[dict[str, str]] = {
    "drug": "Drug",
    "drug-class": "DrugClass",
    "treatment": "Treatment",
    "regimen": "Treatment",
    "biomarker": "Biomarker",
    "biomarker-status": "Biomarker",
    "target": "Target",
    "condition": "Condition",
    "stage": "Stage",
    "extent": "Stage",
    "setting": "Setting",
    "line": "Setting",
    "agency": "Agency",
    "effect": "Effect",
    "route": "Route",
    "organization": "Organization",
}
"""The kinds that are reported as mentions, with the `type` that a mention's JSON line has."""

_RANKS: Final[dict[str, int]] = {
    "http://www.w3.org/2000/01/rdf-schema#label": 0,
    str(HER.brandName): 1,
    PREFIXES["skos"] + "altLabel": 2,
    str(HER.abbreviation): 3,
    PREFIXES["skos"] + "hiddenLabel": 4,
}
"""Which properties name a thing; where two things share a name, the lower rank keeps it."""

_KIND_OF_IRI = re.compile(r"/id/([a-z-]+)/[^/]+$")
_LEVELLED: Final = {
    **dict.fromkeys(map(ord, "‘’‛′ʼ"), "'"),
    **dict.fromkeys(map(ord, "“”„‟″"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—−﹣-"), "-"),
    **dict.fromkeys(map(ord, "\t\n\r\v\f\x85\xa0\u2002\u2003\u2007\u2009\u200a\u202f\u3000"), " "),
}


class _Levelling(dict[int, str]):
    """A translation table that lower-cases too, wherever that keeps the length."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        lower = character.lower()
        self[code] = lower if len(lower) == 1 else character
        return self[code]


_TABLE = _Levelling(_LEVELLED)


def level(text: str) -> str:
    """`text` with case, quotation marks, dashes and spaces levelled; its length does not change."""
    return text.translate(_TABLE)


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A thing that texts can name."""

    iri: str
    kind: str
    label: str

    @property
    def family(self) -> str:
        """The letter of its kind in a rule's pattern."""
        return FAMILIES[self.kind]


@dataclass(frozen=True, slots=True)
class Match:
    """A name found in a text."""

    span: Span
    entry: Entry


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """What one name stands for: the better `rank` keeps it; `exact` where the case of letters counts."""

    rank: int
    exact: bool
    entry: Entry


@dataclass(frozen=True)
class Lexicon:
    """The vocabulary as extraction needs it: names, and the plain facts that phrases are built from.

    `names` has levelled names, and abbreviations as they are written. `facts` maps a property's local name to
    subject → objects (IRIs); `digest` changes with any name.
    """

    entries: Mapping[str, Entry]
    names: Mapping[str, tuple[Claim, ...]]
    facts: Mapping[str, Mapping[str, tuple[str, ...]]]
    digest: str

    @cached_property
    def _automata(self) -> tuple[tuple[tuple[str, ...], AhoCorasick], ...]:
        """One over the levelled text, one for abbreviations over the raw: "er" is in every other word."""
        exact = tuple(name for name, claims in self.names.items() if claims[0].exact)
        levelled = tuple(name for name, claims in self.names.items() if not claims[0].exact)
        return tuple((p, AhoCorasick(p, matchkind=MatchKind.Standard)) for p in (levelled, exact))

    def find(self, text: str, levelled: str | None = None) -> list[Match]:
        """Every place where a whole name stands, longer and earlier ranks first where places coincide.

        Matches may overlap: which of them count is for the reader of the sentence to say.
        """
        levelled = level(text) if levelled is None else levelled
        found: list[Match] = []
        for (patterns, automaton), read in zip(self._automata, (levelled, text), strict=True):
            for index, start, end in automaton.find_matches_as_indexes(read, overlapping=True):
                if (start and _inside_word(levelled, start)) or (
                    end < len(levelled) and _inside_word(levelled, end) and not _glued(text, end)
                ):
                    continue
                span = Span(start, end)
                found.extend(Match(span, claim.entry) for claim in self.names[patterns[index]])
        return found

    def named(self, kind: str, *names: str) -> list[Entry]:
        """The things of one kind that have these names, in that order."""
        claims = (claim for name in names for claim in self.names.get(level(name), ()))
        return [claim.entry for claim in claims if claim.entry.kind == kind]

    def target_of(self, entry: Entry) -> Entry | None:
        """What drugs act on when a text names a biomarker: "HER2" is the HER2 protein then."""
        if entry.kind == "target":
            return entry
        names = (slug(entry.label), f"{slug(entry.label)}-protein")
        found = (self.entries.get(str(thing("target", name))) for name in names)
        return next((target for target in found if target), None)

    def objects(self, iri: str, prop: str) -> tuple[str, ...]:
        """What the vocabulary says of a thing under one property (by local name)."""
        return self.facts.get(prop, {}).get(iri, ())


def _inside_word(text: str, position: int) -> bool:
    return text[position - 1].isalnum() and text[position].isalnum()


def _glued(text: str, position: int) -> bool:
    """Whether a link's label was glued to the word before it, as scrapers do: "servicesTrusted Source"."""
    return text[position - 1].islower() and text[position].isupper()


def longest(matches: Iterable[Match]) -> list[Match]:
    """The matches that remain when the leftmost, then the longest, then the best-ranked wins."""
    kept: list[Match] = []
    end = -1
    for match in sorted(matches, key=lambda m: (m.span.start, -m.span.end)):
        if match.span.start >= end:
            kept.append(match)
            end = match.span.end
    return kept


def load_lexicon() -> Lexicon:
    """The lexicon of the ontology's own vocabulary (`ontology/vocabulary/*.ttl`)."""
    return build_lexicon(
        triple
        for file in files.listing("ontology", "vocabulary", suffix=".ttl")
        for triple in ox.parse(files.text("ontology", "vocabulary", file.name), format=ox.RdfFormat.TURTLE)
    )


def build_lexicon(triples: Iterable[ox.Quad]) -> Lexicon:
    """The lexicon that some vocabulary's triples give; individuals of kinds no text names are left out."""
    labels: dict[str, str] = {}
    given: dict[str, list[tuple[int, str]]] = defaultdict(list)
    facts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    own = PREFIXES["her2kg"]
    for triple in triples:
        if not isinstance(triple.subject, ox.NamedNode):
            continue
        subject, predicate = triple.subject.value, triple.predicate.value
        if isinstance(triple.object, ox.Literal):
            if predicate in _RANKS:
                given[subject].append((_RANKS[predicate], triple.object.value))
                if _RANKS[predicate] == 0:
                    labels[subject] = triple.object.value
        elif isinstance(triple.object, ox.NamedNode) and predicate.startswith(own):
            facts[predicate.removeprefix(own)][subject].append(triple.object.value)

    entries: dict[str, Entry] = {}
    names: dict[str, set[Claim]] = defaultdict(set)
    for iri, label in labels.items():
        kind = _KIND_OF_IRI.search(iri)
        if kind is None or kind[1] not in FAMILIES:
            continue
        entry = entries[iri] = Entry(iri, kind[1], label)
        for rank, name in given[iri]:
            if rank == _RANKS[str(HER.abbreviation)]:
                names[name].add(Claim(rank, True, entry))
                continue
            for variant in variants(name, kind[1]):
                names[level(variant)].add(Claim(rank, False, entry))
    ordered = {name: _best(claims) for name, claims in sorted(names.items())}
    digest = hashlib.sha256(
        repr(
            [(n, [(c.rank, c.exact, c.entry.iri) for c in claims]) for n, claims in ordered.items()]
        ).encode()
    ).hexdigest()
    return Lexicon(
        entries=entries,
        names=ordered,
        facts={p: {s: tuple(sorted(o)) for s, o in of.items()} for p, of in facts.items()},
        digest=digest,
    )


def _best(claims: set[Claim]) -> tuple[Claim, ...]:
    """Of several things with one name, one for each family: that with the better rank."""
    best: dict[str, Claim] = {}
    for claim in sorted(claims):
        best.setdefault(claim.entry.family, claim)
    return tuple(best.values())
