"""The command line: `her2kg query`, and what an error becomes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from server.cli import COMMANDS

HER2KG = [sys.executable, "-c", "from server.cli import main; main()"]
LABELS = "SELECT ?d ?label { ?d a her2kg:Drug ; rdfs:label ?label } ORDER BY ?label"


def run(*arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*HER2KG, *arguments], input=given, capture_output=True, timeout=60, check=False)


def lines(result: subprocess.CompletedProcess[bytes]) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_command_of_the_table_exists_and_explains_itself() -> None:
    """`--help` names each, and each has its own."""
    overview = run("--help").stdout.decode()
    for name, summary in COMMANDS.items():
        assert name in overview
        assert summary.split()[0] in overview
        helped = run(name, "--help")
        assert helped.returncode == 0
        assert f"her2kg {name}" in helped.stdout.decode()


def test_a_query_is_a_text_a_file_or_standard_input(small_home: Path, tmp_path: Path) -> None:
    """Each gives one JSON object a row where there is no terminal."""
    file = tmp_path / "drugs.rq"
    file.write_text(LABELS, "utf-8")
    home = ["--home", str(small_home)]
    results = [
        run("query", *home, LABELS),
        run("query", *home, str(file)),
        run("query", *home, "-", given=LABELS.encode()),
    ]
    for result in results:
        assert result.returncode == 0, result.stderr
        assert [row["label"] for row in lines(result)] == ["elacestrant", "palbociclib"]


def test_a_query_can_be_explained_instead_of_run(small_home: Path) -> None:
    """One JSON object in a pipe; a query with an error is one here too."""
    explained = run("query", "--explain", "--home", str(small_home), LABELS)
    assert explained.returncode == 0, explained.stderr
    (plan,) = lines(explained)
    assert (plan["record"], plan["form"]) == ("plan", "select")
    assert run("query", "--explain", "--home", str(small_home), "SELECT {").returncode == 1


def test_numbers_and_truth_values_are_json_s_own(small_home: Path) -> None:
    """A count is a number in a JSON line; an unbound variable is left out."""
    result = run(
        "query",
        "--home",
        str(small_home),
        "SELECT (COUNT(*) AS ?n) (true AS ?t) (1.5 AS ?d) (1/0 AS ?u) { drug:palbociclib a ?c }",
    )
    assert lines(result) == [{"n": 2, "t": True, "d": 1.5}]


@pytest.mark.parametrize(
    ("name", "query", "says"),
    [
        ("json", LABELS, b'"bindings"'),
        ("csv", LABELS, b"d,label"),
        ("table", LABELS, b"2 rows"),
        ("jsonl", "ASK {}", b"true"),
        ("turtle", "DESCRIBE drug:palbociclib", b"@prefix"),
        ("ntriples", "DESCRIBE drug:palbociclib", b"<https://"),
    ],
)
def test_an_answer_comes_in_the_format_asked_for(
    small_home: Path, name: str, query: str, says: bytes
) -> None:
    """By `--format`."""
    result = run("query", "--home", str(small_home), "--format", name, query)
    assert result.returncode == 0, result.stderr
    assert says in result.stdout


@pytest.mark.parametrize(
    ("arguments", "given", "code", "says"),
    [
        (["SELECT * {"], None, 1, b"line 1, column 11"),
        (["ASK { SERVICE <x:y> {} }"], None, 1, b"SERVICE"),
        (["missing.rq"], None, 2, b"missing.rq"),
        (["-"], b"ASK {\xff}", 1, b"UTF-8"),
        (["-"], b"#" * 1_100_000, 1, b"larger"),
        (["--format", "docx", "ASK {}"], None, 2, b"docx"),
        (["--format", "turtle", "ASK {}"], None, 1, b"yes or no"),
        (["--query-timeout", "never", "ASK {}"], None, 2, b"seconds"),
        ([], None, 2, b"FILE"),
    ],
)
def test_what_is_wrong_is_told_without_a_trace(
    small_home: Path, arguments: list[str], given: bytes | None, code: int, says: bytes
) -> None:
    """1 for the input, 2 for the usage; words on standard error, nothing on standard output."""
    result = run("query", "--home", str(small_home), *arguments, given=given)
    assert result.returncode == code
    assert says in result.stderr
    assert b"Traceback" not in result.stderr
    assert result.stdout == b""


def test_an_error_is_a_json_line_among_json_lines(small_home: Path, tmp_path: Path) -> None:
    """With `--json`, what reads the stream finds the error in it."""
    result = run("query", "--home", str(tmp_path), "--json", "ASK {}")
    assert result.returncode == 1
    assert [(row["record"], row["mend"]) for row in lines(result)] == [("error", "Run `her2kg build`.")]


def test_ctrl_c_ends_with_one_line(small_home: Path) -> None:
    """Exit code 130 and no trace."""
    program = "import signal, sys\nfrom server.cli import run\nsys.exit(run(sys.argv[1:]))"
    arguments = ["query", "--home", str(small_home), "-"]
    process = subprocess.Popen(
        [sys.executable, "-c", "print('up', flush=True)\n" + program, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    # it reads its standard input until that ends; the signal finds it there or before
    deadline = time.monotonic() + 10
    while "pipe" not in _waiting(process.pid) and time.monotonic() < deadline:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told.strip() == b"Stopped."


def _waiting(pid: int) -> str:
    """The kernel function a process waits in."""
    return Path(f"/proc/{pid}/wchan").read_text()
