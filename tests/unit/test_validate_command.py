"""`her2kg validate`, as it is called."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

import pytest

from server.cli import run

EXAMPLES: Final = Path(__file__).parent.parent / "shapes"
GOOD: Final = str(EXAMPLES / "valid" / "Approval.ttl")
BAD: Final = str(EXAMPLES / "invalid" / "slot-agency.ttl")
WARNED: Final = str(EXAMPLES / "invalid" / "Contradiction.ttl")


def test_a_file_in_order_exits_0(capsys: pytest.CaptureFixture[str]) -> None:
    """And says so in one sentence."""
    assert run(["validate", GOOD]) == 0
    assert capsys.readouterr().out.startswith("It conforms")


def test_a_warning_exits_0_and_shows_both_pieces_of_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    """Sources may disagree."""
    assert run(["validate", WARNED]) == 0
    words = capsys.readouterr().out
    assert "This negates what “example 1” affirms." in words
    assert "characters 0–2; document 25ed519825e2836e, characters 3–10" in words


def test_a_file_not_in_order_exits_1_and_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Node, what is wrong, what was found, how to mend it, where it is said, which rule."""
    assert run(["validate", BAD]) == 1
    words = capsys.readouterr().out
    for part in (
        "example 1\n",
        "/id/statement/0000000000000001",
        "belongs to an Approval only",
        "found     example (topic:example)",
        "to mend   Remove her2kg:agency",
        "evidence  document 25ed519825e2836e, characters 3–10",
        "/shapes/slot-agency (Class)",
    ):
        assert part in words
    assert "\x1b" not in words


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The results, then the file."""
    assert run(["validate", "--json", BAD]) == 1
    *results, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert [result["record"] for result in results] == ["result"] * last["violations"]
    assert {key: last[key] for key in ("record", "file", "conforms")} == {
        "record": "report",
        "file": BAD,
        "conforms": False,
    }
    assert results[0]["evidence"] == [{"document": "25ed519825e2836e", "start": 3, "end": 10}]


def test_quiet_is_one_line_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With the verdict for each; one that does not conform decides the exit code."""
    other = tmp_path / "Topic.ttl"
    shutil.copy(EXAMPLES / "invalid" / "Topic.ttl", other)
    assert run(["validate", "--quiet", GOOD, str(other)]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{GOOD}: It conforms")
    assert second.startswith(f"{other}: It does not conform: 1 violation")


@pytest.mark.parametrize(
    ("name", "body", "code", "why"),
    [
        ("empty.ttl", b"", 1, "empty"),
        ("broken.ttl", b"<x:a> <x:b> .", 1, "line 1, column"),
        ("data.rdf", b"<rdf/>", 2, "RDF/XML"),
        ("data.jsonld", b"{}", 2, "JSON-LD"),
        ("data.csv", b"a,b", 2, ".nq"),
    ],
)
def test_what_cannot_be_read_is_an_error_in_words(
    name: str, body: bytes, code: int, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 for the file's fault, 2 for the call's."""
    file = tmp_path / name
    file.write_bytes(body)
    assert run(["validate", str(file)]) == code
    told = capsys.readouterr().err
    assert why in told
    assert "Traceback" not in told


def test_evidence_is_held_against_the_text_at_hand(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A digest of other words is told with statement, document and place, by flag and by setting."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "any-name.txt").write_text("An example.")
    file = tmp_path / "misquoted.ttl"
    file.write_text(Path(GOOD).read_text("utf-8").replace("50d858e0985e", "000000000000"), "utf-8")
    assert run(["validate", "--documents", str(folder), GOOD]) == 0
    assert run(["validate", str(file)]) == 0
    capsys.readouterr()
    assert run(["validate", "--documents", str(folder), str(file)]) == 1
    words = capsys.readouterr().out
    for part in (
        "example 1\n",
        "not that of the words which its document has there",
        "give her2kg:sha256 '50d858e0985e",
        "evidence  document 25ed519825e2836e, characters 3–10",
        "/shapes/Misquoted",
    ):
        assert part in words
    monkeypatch.setenv("HER2KG_DOCUMENTS", str(folder))
    assert run(["validate", str(file)]) == 1
    assert run(["validate", "--documents", str(tmp_path / "nowhere"), GOOD]) == 2


def test_no_file_is_wrong_usage() -> None:
    """Exit code 2."""
    assert run(["validate"]) == 2
