"""How much of what a careful reader finds the rules find too: precision and recall against an inventory.

An inventory is a table of expected statements (tab-separated, one row a claim and place, with the columns of
`COLUMNS`): offsets and slugs, no sentences. An expected row is found when a statement makes the same claim
and has evidence at that place; a statement is right when some row expects its claim at one of its places.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from graph.errors import DataError
from graph.extract.extraction import Extraction
from graph.model import STATEMENT_KINDS, Statement, Term

COLUMNS: Final = (
    "document",
    "start",
    "end",
    "kind",
    "subject",
    "object",
    "qualifiers",
    "polarity",
    "modality",
)


@dataclass(frozen=True, slots=True)
class Expected:
    """One row of an inventory: a claim as slugs ("drug/elacestrant"), and where it stands."""

    document: str
    start: int
    end: int
    kind: str
    subject: str
    object: str
    qualifiers: frozenset[str]
    polarity: str
    modality: str

    @property
    def claim(self) -> tuple[str, str, str, str]:
        """What is said, without how surely or of which case."""
        return self.kind, self.subject, self.object, self.polarity


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one kind in one document; `exact` also have the qualifiers and modality expected."""

    expected: int
    found: int
    statements: int
    right: int
    exact: int

    @property
    def recall(self) -> float:
        """The share of the expected rows that was found (1.0 of none)."""
        return self.found / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        """The share of the statements that was expected (1.0 of none)."""
        return self.right / self.statements if self.statements else 1.0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.expected + other.expected,
            self.found + other.found,
            self.statements + other.statements,
            self.right + other.right,
            self.exact + other.exact,
        )


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores by kind of one document, with what was missed and what nobody expected."""

    document: str
    scores: dict[str, Score]
    missed: tuple[Expected, ...]
    unexpected: tuple[Statement, ...]


def read_inventory(path: Path) -> list[Expected]:
    """The rows of an inventory; DataError with the line for one that is not of its form."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t")
            if missing := [c for c in COLUMNS if c not in (reader.fieldnames or ())]:
                raise DataError(
                    f"The table lacks the columns {', '.join(missing)}.",
                    where=str(path),
                    mend=f"Its first line names {', '.join(COLUMNS)}, separated by tabs.",
                )
            return [_row(row, f"{path}, line {reader.line_num}") for row in reader]
    except OSError as error:
        raise DataError(f"The inventory cannot be read ({error.strerror}).", where=str(path)) from None
    except UnicodeDecodeError:
        raise DataError("The inventory is not UTF-8.", where=str(path)) from None


def _row(row: dict[str, str], where: str) -> Expected:
    try:
        if row["kind"] not in STATEMENT_KINDS:
            raise DataError(f"{row['kind']!r} is not a kind of statement.", where=where)
        return Expected(
            row["document"],
            int(row["start"]),
            int(row["end"]),
            row["kind"],
            row["subject"],
            row["object"],
            frozenset(filter(None, row["qualifiers"].split(";"))),
            row["polarity"],
            row["modality"],
        )
    except (TypeError, ValueError):
        raise DataError("The row is incomplete, or an offset is not a number.", where=where) from None


def evaluate(extraction: Extraction, inventory: Iterable[Expected]) -> Evaluation:
    """Hold an extraction against the rows of the inventory that speak of its document."""
    document = extraction.document.id
    rows = [row for row in inventory if row.document == document]
    places: dict[tuple[str, str, str, str], list[Statement]] = {}
    for statement in extraction.statements:
        places.setdefault(_claim(statement), []).append(statement)
    found = {row: _at(row, places.get(row.claim, ())) for row in rows}
    expected: dict[tuple[str, str, str, str], list[Expected]] = {}
    for row in rows:
        expected.setdefault(row.claim, []).append(row)
    right = [s for s in extraction.statements if any(_at(r, (s,)) for r in expected.get(_claim(s), ()))]
    kinds = sorted({row.kind for row in rows} | {s.kind for s in extraction.statements})
    scores = {
        kind: Score(
            expected=sum(row.kind == kind for row in rows),
            found=sum(row.kind == kind and bool(found[row]) for row in rows),
            statements=sum(s.kind == kind for s in extraction.statements),
            right=sum(s.kind == kind for s in right),
            exact=sum(row.kind == kind and any(_exact(row, s) for s in found[row]) for row in rows),
        )
        for kind in kinds
    }
    return Evaluation(
        document,
        scores,
        tuple(row for row in rows if not found[row]),
        tuple(s for s in extraction.statements if s not in right),
    )


def _at(row: Expected, statements: Iterable[Statement]) -> list[Statement]:
    return [s for s in statements if any(e.start < row.end and row.start < e.end for e in s.evidence)]


def _exact(row: Expected, statement: Statement) -> bool:
    return row.modality == statement.modality and row.qualifiers == frozenset(_qualifiers(statement))


def _claim(statement: Statement) -> tuple[str, str, str, str]:
    subject, target = short(statement.subject), short(statement.object)
    if statement.kind == "Definition":
        last = statement.evidence[-1]
        target = f"{last.start}-{last.end}"
    return statement.kind, subject, target, statement.polarity


def _qualifiers(statement: Statement) -> Iterator[str]:
    return (f"{name}={short(term)}" for name, term in statement.qualifiers)


def short(term: Term) -> str:
    """A term as an inventory writes it: `kind/slug`, or the words of a name."""
    return term.iri.partition("/id/")[2] if term.iri else term.label
