"""The benchmarks' data and questions: copies are distinct and whole, no question comes twice, tables are made of records."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pyoxigraph as ox
import pytest

from graph.store import select
from graph.store.embedded import EmbeddedStore
from graph.vocab import graph_iri
from tests.benchmarks import data as data_module
from tests.benchmarks import queries, report
from tests.benchmarks.data import Data, dataset, renamed, snapshot, word
from tests.benchmarks.journal import Journal
from tests.benchmarks.plan import ENGINES, Plan

SIZE = 50_000


@pytest.fixture(scope="module")
def plan(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A plan with a cache of its own, into which the built graph has been put."""
    cache = tmp_path_factory.mktemp("cache")
    home = cache / "published" / data_module.inputs()
    home.parent.mkdir()
    home.symlink_to(built)
    return replace(Plan.load({}), cache=cache)


@pytest.fixture(scope="module")
def copies(plan: Plan) -> Data:
    """Some copies."""
    return dataset(plan, SIZE)


@pytest.fixture(scope="module")
def quads(copies: Data) -> list[ox.Quad]:
    """All that is in the files."""
    return [quad for file in copies.files for quad in ox.parse(path=str(file), format=ox.RdfFormat.N_QUADS)]


def test_a_size_is_reached_and_counted(copies: Data, quads: list[ox.Quad]) -> None:
    """As many triples as asked for, hardly more, none of them twice; the counts are those of the files."""
    default = [quad for quad in quads if isinstance(quad.graph_name, ox.DefaultGraph)]
    assert len(default) == len(set(default)) == copies.triples
    assert SIZE <= copies.triples < SIZE + 20_000
    assert len(quads) - len(default) == copies.quads == sum(copies.graphs.values())


def test_the_default_graph_is_the_union_of_the_graphs(quads: list[ox.Quad]) -> None:
    """Of all but shapes and meta, with each copy as with the original."""
    left_out = {str(graph_iri("shapes")), str(graph_iri("meta"))}
    default = {quad.triple for quad in quads if isinstance(quad.graph_name, ox.DefaultGraph)}
    union = {
        quad.triple
        for quad in quads
        if isinstance(quad.graph_name, ox.NamedNode) and quad.graph_name.value not in left_out
    }

    def plain(triples: set[ox.Triple]) -> set[ox.Triple]:
        return {
            t for t in triples if not any(isinstance(term, ox.BlankNode) for term in (t.subject, t.object))
        }

    assert plain(default) == plain(union)


def test_a_copy_has_things_and_names_of_its_own(copies: Data, quads: list[ox.Quad]) -> None:
    """What is said of a thing is said of its copy, with the same number of triples."""
    counts: dict[str, int] = {}
    for quad in quads:
        if isinstance(quad.graph_name, ox.DefaultGraph) and isinstance(quad.subject, ox.NamedNode):
            counts[quad.subject.value] = counts.get(quad.subject.value, 0) + 1
    for kind in ("drug", "statement", "evidence", "document"):
        for thing in copies.things[kind]:
            assert {counts[renamed(thing, number)] for number in range(copies.copies)} == {counts[thing]}
    assert len({word(number) for number in range(5000)}) == 5000


def test_this_server_takes_the_copies_as_a_snapshot(copies: Data, tmp_path: Path) -> None:
    """It counts what the files have, and finds a copy by its name."""
    snapshot(copies, tmp_path)
    with EmbeddedStore(tmp_path) as store:
        counted = select(store, "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")
        hits = store.search(f"elacestrant {word(1)}")
    assert counted[0]["n"].value == str(copies.triples)
    assert hits.hits[0].iri == renamed(f"{data_module.THINGS}drug/elacestrant", 1)


@pytest.mark.parametrize("kind", queries.KINDS)
def test_no_question_is_asked_twice(kind: str, copies: Data) -> None:
    """Each number gives another text, and the same one again."""
    mix = queries.Mix(copies)
    count = 400 if kind == queries.HTML else 3000
    asked = [mix.question(kind, number) for number in range(count)]
    assert len({(question.path, question.queries) for question in asked}) == count
    assert asked[:10] == [mix.question(kind, number) for number in range(10)]


@pytest.mark.parametrize("kind", [kind for kind in queries.KINDS if kind not in {"search", queries.HTML}])
def test_questions_are_sparql_and_have_answers(kind: str, copies: Data, quads: list[ox.Quad]) -> None:
    """Most of them find something, in what the files have."""
    store = ox.Store()
    store.bulk_extend(quads)
    mix = queries.Mix(copies)
    asked = [mix.question(kind, number) for number in range(1, 40, 3)]
    found = 0
    for question in asked:
        for text, _ in question.queries:
            solutions = store.query(unquote_to_bytes(text).decode())
            assert isinstance(solutions, ox.QuerySolutions)
            found += any(True for _ in solutions)
    assert found >= sum(len(question.queries) for question in asked) / 2


def test_hostile_queries_are_new_each_time() -> None:
    """Eight kinds of them, all SPARQL; none is a text that was sent before."""
    asked = [queries.Mix.hostile(number) for number in range(800)]
    assert len({question.queries for question in asked}) == 800
    assert len({queries.template_of(question.key) for question in asked}) == 8
    empty = ox.Store()
    for question in asked[:8]:
        empty.query(unquote_to_bytes(question.queries[0][0]).decode())


def test_every_example_and_question_is_known() -> None:
    """They are all asked of every engine, but those by text index; each can be made a new text that means the same."""
    root = Path(__file__).resolve().parents[2]
    files = [*(root / "server" / "examples").glob("*.rq"), *(root / "tests" / "competency").glob("*.rq")]
    by_index = [file for file in files if "her2kg:search" in file.read_text("utf-8")]
    assert len(queries.known()) + len(by_index) == len(files) > 150
    assert len(by_index) < 5
    one = queries.known()[0]
    assert one.question(1).queries != one.question(2).queries
    assert one.question(1).key == one.question(2).key


@pytest.mark.parametrize(("name", "value"), [("SIZES", "many"), ("ENGINES", "her2kg,dbpedia")])
def test_a_wrong_plan_is_refused_by_name(name: str, value: str) -> None:
    """With the name of the variable."""
    with pytest.raises(ValueError, match=f"HER2KG_BENCH_{name}"):
        Plan.load({f"HER2KG_BENCH_{name}": value})


def cell(engine: str, **facts: Any) -> dict[str, Any]:
    """A record of a cell."""
    return {
        "data": "some data", "engine": engine, "kind": "point", "clients": 1, "mode": "cold", "round": 0, "items": 2,
        "p50": 1.0, "p95": 2.0, "p99": 3.0, "throughput": 500.0, "outcomes": {"ok": 2}, "statuses": {"200": 2},
        "questions": {"point-name": {"point-name 1": 1.0}},
    } | facts  # fmt: skip


def test_a_ratio_is_that_of_turns_side_by_side(tmp_path: Path) -> None:
    """Where a machine becomes slower in one round, it does for both; only the rounds of both count."""
    with Journal(tmp_path / "records.jsonl") as journal:
        for turn, (ours, theirs) in enumerate(((2.0, 1.0), (10.0, 5.0), (9.0, 3.0), (1.0, math.nan))):
            for name, took in (("her2kg", ours), ("oxigraph", theirs)):
                questions = {"point-name": {"point-name 1": took}} if took == took else {}
                journal.write("cell", **cell(name, round=turn, p50=took, questions=questions))
    found = report.Records(journal.records)
    assert found.p50("her2kg", "oxigraph", kind="point") == 2.0
    assert found.pairs("her2kg", "oxigraph", kind="point") == {"point-name": (3.0, 2.0)}
    assert found.ratio("her2kg", "oxigraph", kind="point") == pytest.approx(2.0)
    assert math.isnan(found.p50("her2kg", "fuseki", kind="point"))


def test_the_page_has_the_figures_of_the_records(tmp_path: Path) -> None:
    """Ratios are theirs by ours; a goal that is missed is said to be; what was not measured has no figure."""
    with Journal(tmp_path / "records.jsonl") as journal:
        journal.write("machine", words="A machine.")
        journal.write("absent", data="some data", engine="fuseki", why="not here")
        for turn, took in enumerate((1.0, 3.0, 2.0)):
            ours = {"point-name": {"point-name 1": took, "point-name 2": 100 * took}}
            journal.write("cell", **cell("her2kg", round=turn, p50=took, questions=ours))
            theirs = {"point-name": {"point-name 1": 0.5, "point-name 3": 100.0}}
            journal.write("cell", **cell("oxigraph", round=turn, p50=0.5, questions=theirs))
            theirs = {"point-name": {"point-name 1": 30.0}}
            journal.write("cell", **cell("rdflib-endpoint", round=turn, p50=30.0, questions=theirs))
        journal.write("cell", **cell("virtuoso", p50=math.nan, questions={}, outcomes={"too long": 2}))
        journal.write(
            "difference", data="some data", key="point-name 1", place=0,
            groups=[
                {"engines": ["her2kg", "oxigraph"], "size": "1 rows", "only": ""},
                {"engines": ["virtuoso"], "size": "2 rows", "only": "?x=1"},
            ],
        )  # fmt: skip
    page = tmp_path / "page.md"
    report.write(journal.records, page)
    text = page.read_text("utf-8")
    assert "| point, cold, 1 | 0.25 × | 15 × | – |" in text
    assert (
        "| cold point queries, p50 within 2 × of Oxigraph: some data | 4.00 × (2 and 0.5 ms) | **no** |"
        in text
    )
    assert "| cold, 5 × ahead of rdflib-endpoint: some data | at least 15 × | yes |" in text
    assert "2 too long" in text
    assert "not here" in text
    assert (
        "| some data | point-name | her2kg, Oxigraph ≠ Virtuoso | 1 rows ≠ 2 rows | 1 | not looked into yet |"
        in text
    )
    assert len((tmp_path / "records.jsonl").read_text("utf-8").splitlines()) == len(journal.records)


def test_reasons_are_of_engines_and_queries_that_there_are() -> None:
    """Each row of the table of known differences."""
    names = {one.name for one in queries.known()} | {one.name for one in queries.templates("mix")} | {"page"}
    assert {engine for engine, _ in report.known_reasons()} <= set(ENGINES)
    assert {query for _, query in report.known_reasons()} <= names
