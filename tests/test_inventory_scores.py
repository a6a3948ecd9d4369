"""What a careful reader finds in the source documents, the rules find: no fact is lost, none is made up.

The floors are what the rules have reached. A change that loses a statement, adds one that nobody expects, or
gives one other qualifiers or another modality fails here; `docs/annotation.md` says what is expected and why.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from graph.extract import extract, load_lexicon, read_document
from graph.extract.evaluation import Evaluation, Score, evaluate, read_inventory, short

if TYPE_CHECKING:
    from pathlib import Path


class Floor(NamedTuple):
    """The least that one document's rows (how many) must reach."""

    rows: int
    precision: float
    recall: float
    exact: float


FLOORS: Final = {
    "4669439527995f60": Floor(203, 1.0, 1.0, 1.0),
    "ceb662d7c5d6fa78": Floor(92, 1.0, 1.0, 1.0),
}


@pytest.fixture(scope="module")
def evaluations(checkout: Path, shared_documents: list[Path]) -> dict[str, Evaluation]:
    """Each source document, by id, held against the inventory."""
    inventory = read_inventory(checkout / "tests" / "golden" / "inventory.tsv")
    lexicon = load_lexicon()
    found = (evaluate(extract(read_document(path), lexicon), inventory) for path in shared_documents)
    return {evaluation.document: evaluation for evaluation in found}


def total(evaluation: Evaluation) -> Score:
    """The counts of all kinds together."""
    return sum(evaluation.scores.values(), Score(0, 0, 0, 0, 0))


def test_both_documents_are_held_to_a_floor(evaluations: dict[str, Evaluation]) -> None:
    """A document without a floor, or rows that nobody counted, would pass unseen."""
    assert {document: total(e).expected for document, e in evaluations.items()} == {
        document: floor.rows for document, floor in FLOORS.items()
    }


@pytest.mark.parametrize("document", FLOORS)
def test_nothing_expected_is_missed(document: str, evaluations: dict[str, Evaluation]) -> None:
    """Recall is at its floor, and the message names what was lost."""
    evaluation = evaluations[document]
    missed = [(row.start, row.claim) for row in evaluation.missed]
    assert total(evaluation).recall >= FLOORS[document].recall, missed


@pytest.mark.parametrize("document", FLOORS)
def test_nothing_unexpected_is_found(document: str, evaluations: dict[str, Evaluation]) -> None:
    """Precision is at its floor, and the message names what is not in the inventory."""
    evaluation = evaluations[document]
    extra = [(s.evidence[0].start, s.kind, short(s.subject), short(s.object)) for s in evaluation.unexpected]
    assert total(evaluation).precision >= FLOORS[document].precision, extra


@pytest.mark.parametrize("document", FLOORS)
def test_qualifiers_and_modality_are_as_expected(document: str, evaluations: dict[str, Evaluation]) -> None:
    """The share of rows found with just their qualifiers and modality is at its floor, by kind too."""
    evaluation = evaluations[document]
    score = total(evaluation)
    inexact = {kind: s.expected - s.exact for kind, s in evaluation.scores.items() if s.exact < s.expected}
    assert score.exact / score.expected >= FLOORS[document].exact, inexact


def test_statements_rest_on_all_that_they_hang_on(checkout: Path, shared_documents: list[Path]) -> None:
    """The lead-in, the sentence that names what a pronoun stands for, what announces a setting: all are evidence.

    Save headings: where a sentence repeats what a heading says, the sentence is enough.
    """
    golden, lexicon = checkout / "tests" / "golden", load_lexicon()
    extractions = {e.document.id: e for e in (extract(read_document(p), lexicon) for p in shared_documents)}
    headings = {
        (s["document"], s["start"], s["end"]) for s in table(golden / "segments.tsv", segment="heading")
    }
    lost, looked_at = [], 0
    for row in table(golden / "inventory.tsv"):
        spans = {
            (int(start), int(end))
            for start, _, end in (part.partition("-") for part in row["support"].split(";") if part)
            if (row["document"], start, end) not in headings
        }
        if not spans or row["kind"] == "Question":
            continue
        looked_at += 1
        place = int(row["start"]), int(row["end"])
        evidence = {
            (e.start, e.end)
            for s in extractions[row["document"]].statements
            if s.kind == row["kind"] and short(s.subject) == row["subject"]
            if any(e.start < place[1] and place[0] < e.end for e in s.evidence)
            if s.kind == "Definition" or short(s.object) == row["object"]
            for e in s.evidence
        }
        lost += [(row["start"], row["kind"], span) for span in spans - evidence]
    assert looked_at >= 90
    assert lost == []


def table(path: Path, **having: str) -> list[dict[str, str]]:
    """The lines of a file of tab-separated values, by column; only those that have these values."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row for row in rows if all(row[name] == value for name, value in having.items())]
