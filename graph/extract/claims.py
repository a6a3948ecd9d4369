"""Gathering what the rules find: one claim once, with all its evidence; of two readings the better."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from graph.extract.rules.engine import Finding
from graph.model import Evidence, Statement

Key = tuple[object, ...]


@dataclass(slots=True)
class _Claim:
    statement: Statement
    evidence: dict[Evidence, None]
    confidence: float


class Claims:
    """The statements of one document; adding a claim again adds its evidence."""

    def __init__(self) -> None:
        self._claims: dict[Key, _Claim] = {}
        self._evidence: dict[Evidence, Evidence] = {}

    def add(self, statement: Statement) -> None:
        """Take in one finding."""
        key = (
            statement.kind,
            statement.subject,
            statement.object.key,
            statement.qualifiers,
            statement.polarity,
            statement.modality,
        )
        claim = self._claims.get(key)
        if claim is None:
            claim = self._claims[key] = _Claim(statement, {}, statement.confidence)
        claim.confidence = max(claim.confidence, statement.confidence)
        for evidence in statement.evidence:
            # one object for each span: a long document repeats its claims thousands of times
            claim.evidence[self._evidence.setdefault(evidence, evidence)] = None

    def spans(self) -> set[tuple[int, int]]:
        """The spans (start, end) that any statement rests on."""
        return {(e.start, e.end) for e in self._evidence}

    def statements(self) -> list[Statement]:
        """Every claim, by the place where it is first made, with the confidence of its best finding."""
        return sorted((_merged(claim) for claim in self._claims.values()), key=_order)


def _merged(claim: _Claim) -> Statement:
    # a definition's last evidence is the words that define: its evidence keeps its order
    ordered = list(claim.evidence) if claim.statement.kind == "Definition" else sorted(claim.evidence)
    return replace(claim.statement, evidence=tuple(ordered), confidence=claim.confidence)


def _order(statement: Statement) -> tuple[int, int, str, str]:
    first = statement.evidence[0]
    return first.start, first.end, statement.kind, statement.digest


def most_specific(findings: Iterable[Finding]) -> list[Statement]:
    """Of the readings of one sentence, those that no other says more of.

    A reading gives way to one of the same claim with more qualifiers, and an indication whose condition was
    taken from the context to one whose condition the sentence names.
    """
    found = list(findings)
    named = {(f.statement.kind, f.statement.subject) for f in found if not f.implied}
    alike: dict[Key, list[Statement]] = defaultdict(list)
    for finding in found:
        statement = finding.statement
        if not finding.implied or (statement.kind, statement.subject) not in named:
            alike[statement.kind, statement.subject, statement.object].append(statement)
    return [
        one
        for group in alike.values()
        for one in group
        if not any(set(one.qualifiers) < set(other.qualifiers) for other in group)
    ]
