"""Extraction held against an inventory of expected statements, by figures that can be worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graph.errors import DataError
from graph.extract import decode_document, extract, load_lexicon
from graph.extract.evaluation import COLUMNS, Evaluation, Score, evaluate, read_inventory
from server.cli import run

TEXT = b"Abemaciclib can cause nausea. Olaparib can cause tiredness."


def inventory(tmp_path: Path, *rows: tuple[str, ...]) -> Path:
    path = tmp_path / "inventory.tsv"
    path.write_text("\n".join("\t".join(row) for row in (COLUMNS, *rows)) + "\n", "utf-8")
    return path


def measured(tmp_path: Path, *rows: tuple[str, ...]) -> Evaluation:
    document = decode_document(TEXT, name="text", where="text")
    expected = read_inventory(inventory(tmp_path, *((document.id, *row) for row in rows)))
    return evaluate(extract(document, load_lexicon()), expected)


NAUSEA = (
    "0",
    "29",
    "Effect",
    "drug/abemaciclib",
    "effect/nausea",
    "frequency=frequency/may",
    "affirmed",
    "possible",
)


def test_what_is_expected_and_found_is_right(tmp_path: Path) -> None:
    """One of two statements is expected, and the one row is found exactly."""
    result = measured(tmp_path, NAUSEA)
    assert result.scores == {"Effect": Score(expected=1, found=1, statements=2, right=1, exact=1)}
    assert result.scores["Effect"].precision == 0.5
    assert [s.subject.label for s in result.unexpected] == ["olaparib"]


def test_the_same_claim_elsewhere_is_not_found(tmp_path: Path) -> None:
    """A row asks for its place too."""
    result = measured(tmp_path, ("30", "58", *NAUSEA[2:]))
    assert result.scores["Effect"].found == 0
    assert len(result.missed) == 1


def test_another_modality_is_found_but_not_exact(tmp_path: Path) -> None:
    """How sure a sentence is counts for `exact` only."""
    result = measured(tmp_path, (*NAUSEA[:-1], "asserted"))
    assert (result.scores["Effect"].found, result.scores["Effect"].exact) == (1, 0)


def test_the_opposite_is_not_found(tmp_path: Path) -> None:
    """Polarity is part of the claim."""
    assert measured(tmp_path, (*NAUSEA[:-2], "negated", "possible")).scores["Effect"].found == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("document\tstart\n", "lacks the columns end"),
        ("\t".join(COLUMNS) + "\nx\tone\t2\tEffect\ta\tb\t\taffirmed\tasserted\n", "line 2"),
        ("\t".join(COLUMNS) + "\nx\t1\t2\tGuess\ta\tb\t\taffirmed\tasserted\n", "'Guess' is not a kind"),
        ("\t".join(COLUMNS) + "\nx\t1\n", "line 2"),
    ],
)
def test_a_broken_inventory_is_told_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    """What is wrong, and where."""
    path = tmp_path / "broken.tsv"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=says):
        read_inventory(path)


def test_the_command_prints_scores_as_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe gets one object a document and kind, then the whole."""
    text = tmp_path / "text.txt"
    text.write_bytes(TEXT)
    document = decode_document(TEXT, name="text", where="text")
    assert run(["evaluate", str(inventory(tmp_path, (document.id, *NAUSEA))), str(text), "--details"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["record"] for line in lines] == ["score", "score", "unexpected", "score"]
    assert lines[-1]["recall"] == 1.0


def test_an_inventory_of_other_documents_is_wrong_usage(tmp_path: Path) -> None:
    """Figures of nothing would look like figures."""
    text = tmp_path / "text.txt"
    text.write_bytes(TEXT)
    assert run(["evaluate", str(inventory(tmp_path, ("0" * 16, *NAUSEA))), str(text)]) == 2
