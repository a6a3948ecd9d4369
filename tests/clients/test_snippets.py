"""What the editor shows as code runs as it stands, and asks what the editor asks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from tests.clients import questions as q
from tests.clients.node import NODE, Talk, talk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

SECONDS = 60
RUNNERS: dict[str, tuple[str, list[str]]] = {
    "curl": ("sh", ["sh"]),
    "Python": ("py", [sys.executable]),
    "pandas": ("py", [sys.executable]),
    "JavaScript": ("mjs", [*NODE]),
    "R": ("R", ["Rscript", "--vanilla"]),
}
"""Each kind of code, the ending of its file and the command that runs it."""

UTF_8 = {"LC_ALL": "C.UTF-8"}
"""R reads a file as the locale says."""

TEXT = 'it\'s "so" \\ ${a} `b` $(c) """ \'\'\' )-" é 🎗'
AWKWARD = f"""# it's a comment, with `code` and ${{holes}} and \\u0041
SELECT ?x {{ VALUES ?x {{ {ox.Literal(TEXT)} }} }}
"""
LINES = 'SELECT ?x {\n  VALUES ?x { "it\'s `b` ${a} $(c)" } # )-"\n}\n'


@cache
def has_r() -> bool:
    """Whether there is an R with the packages that the code needs."""
    if shutil.which("Rscript") is None:
        return False
    asked = ["Rscript", "-e", "stopifnot(requireNamespace('httr2'), requireNamespace('readr'))"]
    return subprocess.run(asked, capture_output=True, timeout=SECONDS, check=False).returncode == 0


def require_r() -> None:
    """Skip where it is not there."""
    if not has_r():
        pytest.skip("skipped: R with httr2 and readr is not installed")


@pytest.fixture(scope="module")
def writer() -> Iterator[Talk]:
    """What writes the code, running."""
    with talk("snippets.js") as talking:
        yield talking


@pytest.fixture
def run(writer: Talk, endpoint: str, tmp_path: Path) -> Run:
    """Write a query as code of some kind, and run that."""
    if shutil.which("curl") is None:
        pytest.skip("skipped: curl is not installed")

    def call(name: str, query: str, graph: bool, parameters: str = "") -> subprocess.CompletedProcess[str]:
        asked = {"endpoint": endpoint + parameters, "query": query, "graph": graph}
        shown: list[dict[str, Any]] = writer.ask(**asked)["snippets"]
        assert {snippet["name"] for snippet in shown} == RUNNERS.keys()
        ending, command = RUNNERS[name]
        if name == "R":
            require_r()
        file = tmp_path / f"code.{ending}"
        file.write_text(next(snippet["code"] for snippet in shown if snippet["name"] == name), "utf-8")
        return subprocess.run(
            [*command, file],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            env=os.environ | UTF_8,
        )

    return call


@pytest.mark.parametrize("name", RUNNERS)
def test_a_table_is_printed(run: Run, name: str) -> None:
    """The rows of a SELECT, in their order."""
    done = run(name, q.DRUGS, False)
    assert done.returncode == 0, done.stderr
    assert 0 < done.stdout.index("elacestrant") < done.stdout.index("palbociclib")


@pytest.mark.parametrize("name", RUNNERS)
def test_triples_are_printed(run: Run, name: str) -> None:
    """A CONSTRUCT as Turtle."""
    done = run(name, q.CONSTRUCT, True)
    assert done.returncode == 0, done.stderr
    assert len([*ox.parse(done.stdout, ox.RdfFormat.TURTLE)]) == 2


@pytest.mark.parametrize("query", [AWKWARD, LINES], ids=["escapes", "quotes"])
@pytest.mark.parametrize("name", RUNNERS)
def test_a_query_is_asked_as_it_was_written(run: Run, name: str, query: str) -> None:
    """Whatever means something to the language around it."""
    done = run(name, query, False)
    assert done.returncode == 0, done.stderr
    assert "${a}" in done.stdout
    assert "`b`" in done.stdout
    assert "$(c)" in done.stdout
    assert ("🎗" in done.stdout) == (query is AWKWARD)


@pytest.mark.parametrize("name", RUNNERS)
def test_the_graphs_that_were_chosen_are_asked(run: Run, name: str) -> None:
    """They are part of the address, which has signs in it that a shell has uses for."""
    chosen = "?" + urlencode({"default-graph-uri": [q.TEXTS, q.VALUES]}, doseq=True)
    done = run(name, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", False, chosen)
    assert done.returncode == 0, done.stderr
    assert "22" in done.stdout


@pytest.mark.parametrize("name", RUNNERS)
def test_a_fault_is_told_in_our_words(run: Run, name: str) -> None:
    """The code ends as failed, and shows why."""
    done = run(name, q.BROKEN, False)
    assert done.returncode != 0
    assert q.BROKEN_WORDS in done.stdout + done.stderr
