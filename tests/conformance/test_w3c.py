"""The W3C's SPARQL 1.1 tests, asked of this server and of Oxigraph's over HTTP; what fails is listed, no more."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pyoxigraph as ox
import pytest

from graph.vocab import PREFIXES
from tests.conformance import results
from tests.conformance.engines import Engine, her2kg, oxigraph
from tests.conformance.judge import fault, is_update, orders
from tests.conformance.suite import EVALUATION, NOT_OFFERED, SYNTAX, Suite

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE: Final = Path(__file__).resolve().parent
PAGE: Final = HERE.parent.parent / "docs" / "conformance.md"
BAD: Final = 31
"""How many tests of the syntax are of what may not be understood."""

GROUPS: Final = (*EVALUATION, *SYNTAX, "protocol", "service-description")

Figures = dict[str, tuple[int, int, int]]
"""For each group: its tests, and how many of them this server and Oxigraph's pass."""


def known() -> dict[str, str]:
    """The tests that this server is known to fail, each with the reason."""
    rows = (HERE / "known.tsv").read_text("utf-8").splitlines()[1:]
    return dict(row.split("\t") for row in rows)


def run(engine: Engine, suite: Suite) -> dict[str, tuple[str, str]]:
    """The group of each test, and what is wrong with the engine's answer to it."""
    found: dict[str, tuple[str, str]] = {}
    with httpx.Client(timeout=30) as client:
        for group in GROUPS:
            for test in suite.tests(group):
                if not is_update(suite, test):
                    url = engine.serve(suite.quads(test))
                    found[test.iri] = (group, fault(client, suite, test, url))
    return found


@pytest.fixture(scope="module")
def ours(suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """What this server answers."""
    with her2kg(tmp_path_factory.mktemp("w3c")) as engine:
        return run(engine, suite)


@pytest.fixture(scope="module")
def theirs(suite: Suite) -> dict[str, tuple[str, str]]:
    """What Oxigraph's server answers."""
    with oxigraph() as engine:
        return run(engine, suite)


def figures(ours: dict[str, tuple[str, str]], theirs: dict[str, tuple[str, str]]) -> Figures:
    """The counts of each group."""
    tests = Counter(group for group, _ in ours.values())
    passed = Counter(group for group, wrong in ours.values() if not wrong)
    peers = Counter(group for group, wrong in theirs.values() if not wrong)
    return {group: (tests[group], passed[group], peers[group]) for group in GROUPS}


def rows(suite: Suite, counted: Figures) -> Iterator[str]:
    """The tables of the documentation."""
    yield "| group | tests | her2kg | Oxigraph's server |"
    yield "|---|--:|--:|--:|"
    for group, counts in counted.items():
        yield f"| {group} | {' | '.join(map(str, counts))} |"
    yield f"| all | {' | '.join(str(sum(column)) for column in zip(*counted.values(), strict=True))} |"
    yield ""
    yield "| not offered | tests | because |"
    yield "|---|--:|---|"
    for group, reason in NOT_OFFERED.items():
        yield f"| {group} | {len(suite.tests(group))} | {reason} |"
    updates = sum(is_update(suite, test) for test in suite.tests("protocol"))
    yield f"| protocol: updates | {updates} | as above |"


def test_exactly_the_listed_tests_fail(ours: dict[str, tuple[str, str]]) -> None:
    """Nothing fails that is not listed with its reason, and nothing is listed that passes."""
    failing = {iri: wrong for iri, (_, wrong) in ours.items() if wrong}
    assert failing.keys() - known().keys() == set(), failing
    assert known().keys() - failing.keys() == set()


def test_what_is_said_to_be_the_engines_fails_on_its_own_server_too(
    theirs: dict[str, tuple[str, str]],
) -> None:
    """In the same run; every reason says whose it is."""
    said = {iri: reason.partition(":")[0] for iri, reason in known().items()}
    assert set(said.values()) == {"engine", "ours"}
    passing = {iri for iri, (_, wrong) in theirs.items() if not wrong}
    assert {iri for iri, whose in said.items() if whose == "engine"} & passing == set()
    assert {iri for iri, whose in said.items() if whose == "ours"} <= passing


def test_our_default_prefixes_make_no_bad_query_good(suite: Suite) -> None:
    """What may not be understood is not understood with them either."""
    bad = [test for group in SYNTAX for test in suite.tests(group) if test.kind.startswith("Negative")]
    assert len(bad) == BAD
    for test in bad:
        assert test.query is not None
        text = test.query.read_text("utf-8")
        for prefixes in ({}, PREFIXES):
            with pytest.raises(SyntaxError):
                ox.Store().query(text, prefixes=prefixes)


@pytest.mark.parametrize(
    ("query", "ordered"),
    [
        ("SELECT * { ?s ?p ?o } ORDER BY ?s", True),
        ("SELECT * { ?s ?p ?o } order\n# a comment\nby DESC(?s) LIMIT 1", True),
        ("SELECT * { { SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 1 } }", False),
        ("SELECT * { { SELECT ?s { ?s ?p ?o } ORDER BY ?s } } ORDER BY ?s", True),
        ("SELECT * { ?s ?p 'ORDER BY' } # ORDER BY ?s", False),
        ("SELECT ?order { ?order <x:ORDER> ?by }", False),
    ],
)
def test_only_an_order_of_the_whole_counts(query: str, ordered: bool) -> None:
    """Not that of a subquery, nor the words in a comment or a string."""
    assert orders(query) == ordered


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a\r\n1.0E6\r\n", "a\n1000000\n", True),
        ("a\r\n2.20\r\n", "a\n2.2\n", True),
        ("a\r\n1\r\n", "a\n2\n", False),
        ("a\r\nx1\r\n", "a\nx1.0\n", False),
        ("a,b\r\n_:x,_:x\r\n", "b,a\n_:y,_:y\n", True),
        ("a,b\r\n_:x,_:x\r\n", "b,a\n_:y,_:z\n", False),
    ],
)
def test_tables_of_csv_are_the_same_but_for_spelling(one: str, other: str, same: bool) -> None:
    """Numbers may be written otherwise, and nothing else."""
    assert (results.rows(one.encode()) == results.rows(other.encode())) == same


def test_the_documentation_has_these_figures(
    suite: Suite,
    ours: dict[str, tuple[str, str]],
    theirs: dict[str, tuple[str, str]],
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The tables of docs/conformance.md are those of this run; `--golden-update` writes them."""
    table = "\n".join(rows(suite, figures(ours, theirs)))
    with capsys.disabled():
        sys.stdout.write(f"\n{table}\n")
    text = PAGE.read_text("utf-8")
    fresh = re.sub(r"(?s)(?<=<!-- figures -->\n).*?(?=\n<!-- end -->)", lambda _: table, text)
    if request.config.getoption("--golden-update"):
        PAGE.write_text(fresh, "utf-8")
    assert fresh == text


def test_the_whole_suite_was_run(suite: Suite, shared: Path) -> None:
    """Every group of the suite is asked, or said not to be offered."""
    folders = {file.parent.name for file in (shared / "w3c" / "sparql" / "sparql11").glob("*/manifest.ttl")}
    assert folders - set(GROUPS) - set(NOT_OFFERED) == set()
    assert set(GROUPS) - folders == set()
