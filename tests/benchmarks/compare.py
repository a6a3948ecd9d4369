"""Whether engines say the same: answers as bags of rows, up to the names of blank nodes and the spelling of numbers.

Where the standard leaves an answer open, all answers count as the same: the order of rows, the order in which
GROUP_CONCAT takes its values. What DESCRIBE gives is each engine's own, and is not compared.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from tests.conformance.results import XSD, canonical, normal, solutions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNREADABLE: Final = "unreadable"
ROUNDED: Final = frozenset(XSD + name for name in ("decimal", "double", "float"))
DIGITS: Final = 12
"""Significant digits of a fraction that are compared: how many an engine computes is its own affair."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A question that engines answer differently: those that agree stand together, the most first.

    `rows` says how many rows, triples or what boolean each group has; `sample` has a row that only they have.
    """

    key: str
    groups: tuple[tuple[str, ...], ...]
    rows: tuple[str, ...]
    samples: tuple[str, ...]

    @property
    def apart(self) -> tuple[str, ...]:
        """The engines that are not of the largest group; all of them where no group is the largest."""
        if len(self.groups) > 1 and len(self.groups[0]) == len(self.groups[1]):
            return tuple(name for group in self.groups for name in group)
        return tuple(name for group in self.groups[1:] for name in group)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer ready to be compared: its digest, its size in words, and its rows for a person to read."""

    digest: str
    size: str
    rows: frozenset[str] = frozenset()


def read(body: bytes, form: str, concatenated: Mapping[str, str] | None = None) -> Answer:
    """An answer of a SELECT or ASK in JSON, or of a CONSTRUCT in N-Triples; one that cannot be read is of no use."""
    try:
        if form in {"CONSTRUCT", "DESCRIBE"}:
            triples = {quad.triple for quad in ox.parse(body, ox.RdfFormat.N_TRIPLES)}
            rows = sorted(map(str, canonical(triples)))
            return Answer(_digest(rows), f"{len(triples)} triples", frozenset(rows))
        if b'"bnode"' in body:
            found = solutions(body, ox.QueryResultsFormat.JSON, ordered=False)
            rows = sorted(map(str, found)) if isinstance(found, ox.Dataset) else [str(found)]
            return Answer(_digest(rows), f"{body.count(b'bnode')} blank nodes", frozenset(rows))
        parsed = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
        if isinstance(parsed, ox.QueryBoolean):
            return Answer(str(bool(parsed)), str(bool(parsed)).lower())
        assert isinstance(parsed, ox.QuerySolutions)
        rows = sorted(_rows(parsed, concatenated or {}))
    except (SyntaxError, ValueError, OSError) as error:
        return Answer(f"{UNREADABLE} {type(error).__name__}", UNREADABLE)
    return Answer(_digest(rows), f"{len(rows)} rows", frozenset(rows))


def difference(key: str, answers: Mapping[str, Answer]) -> Difference | None:
    """How the engines' answers to one question differ; None where they do not."""
    groups: dict[str, list[str]] = defaultdict(list)
    for engine, answer in answers.items():
        groups[answer.digest].append(engine)
    if len(groups) < 2:
        return None
    ordered = sorted(groups.values(), key=len, reverse=True)
    first = [answers[group[0]] for group in ordered]
    return Difference(
        key,
        tuple(map(tuple, ordered)),
        tuple(answer.size for answer in first),
        tuple(_only(answer, first) for answer in first),
    )


def _only(answer: Answer, others: Sequence[Answer]) -> str:
    """A row that an answer has and none of the others."""
    rest = frozenset().union(*(other.rows for other in others if other is not answer))
    return min(answer.rows - rest, default="")


def _rows(parsed: ox.QuerySolutions, concatenated: Mapping[str, str]) -> list[str]:
    names = sorted(variable.value for variable in parsed.variables)
    return [
        " ".join(
            [
                f"?{name}={_text(term, concatenated.get(name))}"
                for name in names
                if (term := row[name]) is not None
            ]
        )
        for row in parsed
    ]


def _text(term: object, separator: str | None) -> str:
    if not isinstance(term, ox.Literal):
        return str(term)
    if separator is not None:
        return str(ox.Literal(separator.join(sorted(term.value.split(separator)))))
    if term.language is not None:
        return str(ox.Literal(term.value, language=term.language.lower()))
    return str(_rounded(normal(term)))


def _rounded(term: ox.Term) -> ox.Term:
    """A number to as many digits as all engines compute, true and false in one spelling."""
    if not isinstance(term, ox.Literal):
        return term
    kind = term.datatype.value
    if kind in ROUNDED and len(term.value) > DIGITS:
        with suppress(ValueError):
            return ox.Literal(f"{float(term.value):.{DIGITS}g}", datatype=term.datatype)
    if kind == XSD + "boolean":
        return ox.Literal({"1": "true", "0": "false"}.get(term.value, term.value), datatype=term.datatype)
    return term


def _digest(rows: Sequence[str]) -> str:
    return hashlib.blake2b("\n".join(rows).encode(), digest_size=12).hexdigest()
