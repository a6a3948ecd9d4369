"""The command line: `her2kg extract`, whose JSON lines do not drift."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graph.extract import read_document
from graph.files import BASE
from graph.model import STATEMENT_KINDS

HER2KG = [sys.executable, "-c", "from server.cli import main; main()"]
TEXT = (
    "The FDA approved palbociclib (Ibrance) with letrozole for HR-positive breast cancer in February 2015.\n"
    "Chemotherapy before surgery can shrink a tumor.\n"
)


def run(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    """The command as a user would call it, its output going into a pipe."""
    return subprocess.run(
        [*HER2KG, "extract", *map(str, arguments)], capture_output=True, timeout=60, check=False
    )


def records(result: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    """What was printed, line by line."""
    assert result.returncode == 0, result.stderr.decode()
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small document."""
    file = tmp_path / "small.txt"
    file.write_text(TEXT, "utf-8")
    return file


def test_a_mention_has_just_these_keys(path: Path) -> None:
    """In this order; the offsets are those of the surface."""
    mentions = [r for r in records(run(path, "--format", "jsonl")) if r["record"] == "mention"]
    keys = ["record", "document", "start", "end", "surface", "type", "label", "iri"]
    assert [list(m) for m in mentions] == [keys] * len(mentions)
    assert [TEXT[m["start"] : m["end"]] for m in mentions] == [m["surface"] for m in mentions]
    assert mentions[0] == {
        "record": "mention",
        "document": read_document(path).id,
        "start": 4,
        "end": 7,
        "surface": "FDA",
        "type": "Agency",
        "label": "Food and Drug Administration",
        "iri": f"{BASE}id/agency/food-and-drug-administration",
    }


def test_a_statement_has_just_these_keys(path: Path) -> None:
    """Terms are an IRI and a label; a qualifier is a list of them; a date has no IRI."""
    statements = [r for r in records(run(path, "--json")) if r["record"] == "statement"]
    keys = [
        "record",
        "iri",
        "kind",
        "subject",
        "object",
        "qualifiers",
        "polarity",
        "modality",
        "confidence",
        "evidence",
    ]
    assert [list(s) for s in statements] == [keys] * len(statements)
    [approval] = [s for s in statements if s["kind"] == "Approval"]
    assert approval["iri"].startswith(f"{BASE}id/statement/")
    assert approval == {
        "record": "statement",
        "iri": approval["iri"],
        "kind": "Approval",
        "subject": {"iri": f"{BASE}id/drug/palbociclib", "label": "palbociclib"},
        "object": {
            "iri": f"{BASE}id/condition/hormone-receptor-positive-breast-cancer",
            "label": "hormone receptor-positive breast cancer",
        },
        "qualifiers": {
            "agency": [
                {
                    "iri": f"{BASE}id/agency/food-and-drug-administration",
                    "label": "Food and Drug Administration",
                }
            ],
            "date": [{"iri": None, "label": "2015-02"}],
            "status": [{"iri": f"{BASE}id/approval-status/granted", "label": "granted"}],
            "with": [{"iri": f"{BASE}id/drug/letrozole", "label": "letrozole"}],
        },
        "polarity": "affirmed",
        "modality": "asserted",
        "confidence": 1.0,
        "evidence": [{"document": read_document(path).id, "start": 0, "end": 101}],
    }
    [naming] = [s for s in statements if s["kind"] == "Naming"]
    assert naming["object"] == {"iri": None, "label": "Ibrance"}


def test_every_statement_is_of_a_known_kind(checkout: Path) -> None:
    """Over the samples, with every other key of the form."""
    for record in records(run(checkout / "graph" / "data" / "documents", "--no-mentions")):
        assert record["record"] == "statement"
        assert record["kind"] in STATEMENT_KINDS
        assert all(isinstance(terms, list) and terms for terms in record["qualifiers"].values())


def test_a_pipe_gets_json_lines(path: Path) -> None:
    """Nobody asked for them; and nothing else is on either stream."""
    result = run(path)
    assert len(records(result)) == len(result.stdout.splitlines()) > 5
    assert result.stderr == b""


def test_a_pipe_gets_a_table_when_it_asks_for_one(path: Path) -> None:
    """With every statement and the figures."""
    result = run(path, "--format", "table")
    assert result.returncode == 0
    assert "Approval" in result.stdout.decode()
    assert "statements" in result.stdout.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_gets_a_table(path: Path) -> None:
    """And its progress bar leaves nothing behind."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*HER2KG, "extract", str(path)], stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    )
    os.close(theirs)
    output = b""
    try:
        while chunk := os.read(ours, 4096):
            output += chunk
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(ours)
    assert process.wait(30) == 0
    assert b"Approval" in output
    assert b'"record"' not in output


def test_documents_come_one_after_another(path: Path, tmp_path: Path) -> None:
    """A folder stands for its documents; a document named twice is read twice."""
    (tmp_path / "other.txt").write_text("Letrozole can cause joint pain.", "utf-8")
    documents = [r["document"] for r in records(run(tmp_path)) if r["record"] == "mention"]
    assert documents == sorted(documents, key=documents.index)
    assert len(set(documents)) == 2
    assert len(records(run(path, path))) == 2 * len(records(run(path)))


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01", b"caf\xe9", None],
    ids=["empty", "binary", "not UTF-8", "missing"],
)
def test_a_broken_file_among_good_ones_prints_nothing(
    path: Path, tmp_path: Path, content: bytes | None
) -> None:
    """Exit code 1, the name of the file on standard error, and no half of an output."""
    broken = tmp_path / "broken.txt"
    if content is not None:
        broken.write_bytes(content)
    result = run(path, broken)
    assert result.returncode == 1
    assert result.stdout == b""
    assert b"broken.txt" in result.stderr
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [[], ["--format", "xml", "x.txt"], ["--purple"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    """Nothing is printed but how to call it."""
    result = run(*arguments)
    assert result.returncode == 2
    assert result.stdout == b""
    assert b"Usage" in result.stderr


def test_a_reader_that_goes_away_is_no_error(checkout: Path) -> None:
    """`her2kg extract … | head -1` prints a line and no stack trace."""
    command = " ".join([f"'{sys.executable}'", "-c", "'from server.cli import main; main()'", "extract"])
    result = subprocess.run(
        f"{command} '{checkout / 'graph' / 'data' / 'documents'}' | head -n 1",
        shell=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert len(result.stdout.splitlines()) == 1
    assert b"Traceback" not in result.stderr
