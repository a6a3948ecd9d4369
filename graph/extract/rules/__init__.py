"""The rules, one module for each kind of statement; a Question needs none (see `graph.extract.reader`)."""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Final

from ahocorasick_rs import AhoCorasick

from graph.extract.rules import (
    approval,
    classification,
    combination,
    definition,
    effect,
    factor,
    indication,
    intent,
    mechanism,
    naming,
    requirement,
    route,
    sequence,
    support,
)
from graph.extract.rules.pattern import Rule

__all__ = ["RULES", "applicable"]

RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "Indication": indication.RULES,
    "Approval": approval.RULES,
    "Requirement": requirement.RULES,
    "Mechanism": mechanism.RULES,
    "Classification": classification.RULES,
    "Naming": naming.RULES,
    "Definition": definition.RULES,
    "Combination": combination.RULES,
    "Sequence": sequence.RULES,
    "Intent": intent.RULES,
    "Effect": effect.RULES,
    "Route": route.RULES,
    "DecisionFactor": factor.RULES,
    "Support": support.RULES,
}


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A rule, its place among all, and for each of its further clauses the bits of which it needs one."""

    place: int
    kind: str
    rule: Rule
    masks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Index:
    """Rules by the literals of their rarest clause; `bits` has the bit of each literal."""

    literals: AhoCorasick
    bits: tuple[int, ...]
    by_literal: tuple[tuple[_Candidate, ...], ...]
    always: tuple[_Candidate, ...]


@cache
def _index() -> _Index:
    rules = [(kind, rule) for kind, rules in RULES.items() for rule in rules]
    literals = sorted({word for _, rule in rules for clause in rule.literals for word in clause})
    bits = {word: 1 << place for place, word in enumerate(literals)}
    common = Counter(word for _, rule in rules for clause in rule.literals for word in clause)
    by_literal: dict[str, list[_Candidate]] = {word: [] for word in literals}
    always: list[_Candidate] = []
    for place, (kind, rule) in enumerate(rules):
        clauses = sorted(rule.literals, key=lambda clause: max(common[word] for word in clause))
        rarest, others = (clauses[0], clauses[1:]) if clauses else (frozenset(), [])
        candidate = _Candidate(place, kind, rule, tuple(sum(bits[w] for w in clause) for clause in others))
        for word in rarest:
            by_literal[word].append(candidate)
        if not rarest:
            always.append(candidate)
    return _Index(
        AhoCorasick(literals),
        tuple(bits[word] for word in literals),
        tuple(tuple(by_literal[word]) for word in literals),
        tuple(always),
    )


def applicable(text: str, *, orphan: bool) -> list[tuple[str, Rule]]:
    """The rules, with their kinds, whose literals all stand in a reading's text: no other can match."""
    index = _index()
    places = {found[0] for found in index.literals.find_matches_as_indexes(text, overlapping=True)}
    present = sum(index.bits[place] for place in places)
    candidates = {c.place: c for c in index.always}
    for place in places:
        for candidate in index.by_literal[place]:
            if all(present & mask for mask in candidate.masks):
                candidates[candidate.place] = candidate
    chosen = (candidate for _, candidate in sorted(candidates.items()))
    return [(c.kind, c.rule) for c in chosen if orphan or not c.rule.orphan]
