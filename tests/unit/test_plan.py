"""What is told of a query before it is run: its algebra, figures, warnings; and no query is too much for it."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from graph.errors import NotFound, QueryRefused, TooManyQueries
from graph.files import BASE
from graph.plan import COUNTED as TOLD
from graph.plan import explain
from graph.plan.algebra import understood
from graph.plan.counting import COUNTED
from graph.plan.reader import PROBLEMS, SECONDS, Reader
from graph.store import Limits
from graph.store.embedded import EmbeddedStore
from graph.vocab import PREFIXES
from server.gallery import gallery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """A reader for all tests."""
    with Reader() as opened:
        yield opened


@pytest.fixture(scope="module")
def store(small_home: Path) -> Iterator[EmbeddedStore]:
    """A store over the small dataset."""
    with EmbeddedStore(small_home, Limits(timeout=5, workers=1)) as opened:
        yield opened


def read(query: str) -> dict[str, Any]:
    return understood(query, PREFIXES, BASE)


def told(tree: dict[str, Any]) -> list[str]:
    """The steps as `name: text`, outermost first."""
    text = tree["text"].replace("\n", " | ")
    return [
        f"{tree['name']}: {text}".rstrip(": "),
        *(line for child in tree["children"] for line in told(child)),
    ]


ALGEBRA = {
    "SELECT ?d { ?d a her2kg:Drug }": ["Project: ?d", "BGP", "Triple: ?d a her2kg:Drug"],
    "SELECT DISTINCT ?d { ?d a ?c } ORDER BY DESC(?c) LIMIT 5 OFFSET 2": [
        "Slice",
        "Distinct",
        "Project: ?d",
        "OrderBy: DESC(?c)",
        "BGP",
        "Triple: ?d a ?c",
    ],
    "SELECT ?c (COUNT(?d) AS ?n) { ?d a ?c } GROUP BY ?c HAVING(COUNT(?d) > 1)": [
        "Project: ?c ?n",
        "Extend: COUNT(?d) AS ?n",
        "Filter: COUNT(?d) > 1",
        "Group: ?c | COUNT(?d)",
        "BGP",
        "Triple: ?d a ?c",
    ],
    "ASK { ?d a ?c OPTIONAL { ?d rdfs:label ?l FILTER(LANG(?l) = 'en') } }": [
        "Ask",
        'LeftJoin: LANG(?l) = "en"',
        "BGP",
        "Triple: ?d a ?c",
        "BGP",
        "Triple: ?d rdfs:label ?l",
    ],
    "ASK { { ?a her2kg:kindOf ?b } UNION { ?a her2kg:memberOf ?b } UNION { ?b her2kg:memberOf ?a } }": [
        "Ask",
        "Union",
        "BGP",
        "Triple: ?a her2kg:kindOf ?b",
        "BGP",
        "Triple: ?a her2kg:memberOf ?b",
        "BGP",
        "Triple: ?b her2kg:memberOf ?a",
    ],
    "ASK { ?a a ?b MINUS { ?a her2kg:date ?d } BIND(?b AS ?c) VALUES ?x { 1 2 } }": [
        "Ask",
        "Join",
        "Extend: ?b AS ?c",
        "Minus",
        "BGP",
        "Triple: ?a a ?b",
        "BGP",
        "Triple: ?a her2kg:date ?d",
        "Values: ?x",
    ],
    "ASK { GRAPH ?g { ?s (her2kg:kindOf|^her2kg:memberOf)+/rdfs:label 'x'@en } }": [
        "Ask",
        "Graph: ?g",
        "BGP",
        'Triple: ?s (her2kg:kindOf|^her2kg:memberOf)+/rdfs:label "x"@en',
    ],
    "ASK { ?s ?p ?o FILTER(?o IN (1, 2.5) && !(?o = ?p || ?o + 1 < 3) && NOT EXISTS { ?o a her2kg:Drug }) }": [
        "Ask",
        "Filter: ?o IN (1, 2.5) | !((?o = ?p) || ((?o + 1) < 3)) | NOT EXISTS { … }",
        "BGP",
        "Triple: ?s ?p ?o",
        "NOT EXISTS",
        "BGP",
        "Triple: ?o a her2kg:Drug",
    ],
    "SELECT * { { SELECT ?s { ?s ?p ?o } LIMIT 1 } }": [
        "Project: ?s",
        "Subquery",
        "Slice",
        "Project: ?s",
        "BGP",
        "Triple: ?s ?p ?o",
    ],
    "CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s rdfs:comment ?o } LIMIT 3": [
        "Construct: ?s rdfs:label ?o",
        "Slice",
        "Project: ?o ?s",
        "BGP",
        "Triple: ?s rdfs:comment ?o",
    ],
    "ASK { VALUES ?a { } ?a a ?b }": ["Ask", "Join", "Values", "BGP", "Triple: ?a a ?b"],
    "DESCRIBE drug:palbociclib": ["Describe: drug:palbociclib"],
}


@pytest.mark.parametrize("query", ALGEBRA)
def test_the_algebra_is_told_in_the_words_of_the_query(query: str) -> None:
    """Patterns in the order they were written in, terms with their prefixes, expressions as SPARQL has them."""
    assert told(read(query)["tree"]) == ALGEBRA[query]


WARNED = {
    "SELECT * { ?a a ?b . ?c a ?d } LIMIT 1": {"product", "any-rows"},
    "SELECT * { ?a a ?b . ?c a ?d . ?b rdfs:subClassOf ?d } ORDER BY ?a LIMIT 1": set(),
    "SELECT * { ?a a ?b . ?c a ?d BIND(CONCAT(?a, ?c) AS ?e) } ORDER BY ?a LIMIT 1": set(),
    "SELECT * { ?a a ?b BIND(1 AS ?c) } ORDER BY ?a LIMIT 1": set(),
    "SELECT * { ?a a ?b OPTIONAL { ?c a ?d } } ORDER BY ?a LIMIT 1": {"product"},
    "SELECT * { { ?a a ?b . ?c a ?d } UNION { ?a ?b ?c } } ORDER BY ?a LIMIT 1": {"product"},
    "SELECT ?a { ?a rdfs:subClassOf* ?b } ORDER BY ?a LIMIT 1": {"endless-path"},
    "SELECT ?a { ?a rdfs:subClassOf/rdfs:label ?b } ORDER BY ?a LIMIT 1": set(),
    "SELECT ?a { ?a a ?b }": {"no-limit"},
    "SELECT ?a { ?a a ?b } ORDER BY ?a": {"no-limit", "sorts-all"},
    "SELECT (COUNT(*) AS ?n) { ?a a ?b }": set(),
    "ASK { ?a a ?b }": set(),
    "DESCRIBE drug:palbociclib": set(),
    "SELECT ?a ?nope { ?a a ?b } ORDER BY ?a LIMIT 1": {"never-bound"},
    "SELECT * { ?a a ?b FILTER EXISTS { ?a ?c ?d } } ORDER BY ?a LIMIT 1": set(),
    "ASK { ?a rdfs:label ?l FILTER(REGEX(?l, 'x')) }": {"regex"},
    "ASK { ?a rdfs:label ?l FILTER(REGEX(?l, '^x')) }": set(),
    "ASK { ?a a ?b OPTIONAL { ?a rdfs:label ?l } FILTER(?l = 'x') }": {"optional-filtered"},
    "ASK { ?a a ?b OPTIONAL { ?a rdfs:label ?l } FILTER(!BOUND(?l)) }": set(),
    "ASK { ?a a ?b OPTIONAL { ?a rdfs:label ?l } FILTER(COALESCE(?l, 'x') = 'x') }": set(),
    "ASK { ?a a ?b OPTIONAL { ?a rdfs:label ?l FILTER(?l = 'x') } }": set(),
}


@pytest.mark.parametrize("query", WARNED)
def test_what_is_slow_or_surprising_is_warned_of_and_nothing_else(query: str) -> None:
    """Each warning where it is due; a sound query has none."""
    assert {warning["code"] for warning in read(query)["warnings"]} == WARNED[query]


def test_every_example_is_explained(store: EmbeddedStore, reader: Reader) -> None:
    """None of the queries that users are shown is more than the explanation can draw."""
    examples = [example for queries in gallery().values() for example in queries]
    assert len(examples) >= 40
    for example in examples:
        found = explain(store, reader, example.query, {}, Limits())
        assert found["problem"] == "", example.name
        assert found["algebra"]["words"]


def counts(found: dict[str, Any]) -> list[tuple[str, int | None, str]]:
    def walk(step: dict[str, Any]) -> Iterator[tuple[str, int | None, str]]:
        if count := step.get("count"):
            yield step["text"], count["number"], count["relation"]
        for child in step["children"]:
            yield from walk(child)

    return [*walk(found["algebra"])]


def number(store: EmbeddedStore, query: str) -> int:
    answer = store.query(f"SELECT (COUNT(*) AS ?n) {query}", solutions="text/csv")
    return int(answer.body.split()[1])


def test_patterns_are_counted_as_the_data_have_them(store: EmbeddedStore, reader: Reader) -> None:
    """By themselves, in the graph they are asked of; a path by its properties; a repeated variable as a bound."""
    query = (
        "SELECT * { ?d a her2kg:Drug . ?x ?p ?x . ?d rdfs:subClassOf*/rdfs:label ?l . ?d !rdfs:label ?m "
        "GRAPH <graph/vocabulary> { ?d ^her2kg:subject ?s . [] rdfs:label 'palbociclib'@en } }"
    )
    everything = number(store, "{ ?s ?p ?o }")
    labels = number(store, "{ { ?s rdfs:label ?o } UNION { ?s rdfs:subClassOf ?o } }")
    assert counts(explain(store, reader, query, {}, Limits())) == [
        ("?d a her2kg:Drug", number(store, "{ ?d a her2kg:Drug }"), "exactly"),
        ("?x ?p ?x", everything, "at most"),
        ("?d rdfs:subClassOf*/rdfs:label ?l", labels, "steps"),
        ("?d !(rdfs:label) ?m", None, "unknown"),
        (
            "?d ^her2kg:subject ?s",
            number(store, "{ GRAPH <graph/vocabulary> { ?s her2kg:subject ?d } }"),
            "exactly",
        ),
        (
            '[] rdfs:label "palbociclib"@en',
            number(store, "{ GRAPH <graph/vocabulary> { ?s rdfs:label 'palbociclib'@en } }"),
            "exactly",
        ),
    ]
    assert COUNTED == TOLD


def test_a_pattern_that_nothing_fits_is_told_where_it_empties_the_answer(
    store: EmbeddedStore, reader: Reader
) -> None:
    """A misspelt term is seen before the query is run; within an OPTIONAL it does no harm."""
    misspelt = explain(store, reader, "ASK { ?d a her2kg:Drugg }", {}, Limits())
    assert misspelt["warnings"][0]["code"] == "nothing-fits"
    assert "her2kg:Drugg" in misspelt["warnings"][0]["words"]
    harmless = explain(store, reader, "ASK { ?d a her2kg:Drug OPTIONAL { ?d a her2kg:Drugg } }", {}, Limits())
    assert harmless["warnings"] == []


def test_the_graphs_of_the_query_and_of_the_request_are_counted_in(
    store: EmbeddedStore, reader: Reader
) -> None:
    """FROM, or what the request puts in its place; an unknown graph or release is an error."""
    graph = f"{BASE}graph/vocabulary"
    query = "SELECT * FROM <%s> { ?s ?p ?o }"
    one = explain(store, reader, query % graph, {}, Limits())
    other = explain(store, reader, "SELECT * { ?s ?p ?o }", {"default_graphs": [graph]}, Limits())
    assert one["dataset"]["default"] == other["dataset"]["default"] == [graph]
    figure = number(store, f"{{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
    assert counts(one)[0][1] == counts(other)[0][1] == figure > 0
    with pytest.raises(QueryRefused):
        explain(store, reader, query % "http://example.org/none", {}, Limits())
    with pytest.raises(NotFound):
        explain(store, reader, "ASK {}", {"release": "000000000000"}, Limits())


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("ASK { ?s ?p ?o LATERAL { SELECT * { ?s ?q ?x } LIMIT 1 } }", "syntax"),
        ("ASK { ?s ?p <<( ?a ?b ?c )>> }", "syntax"),
        ("ASK { FILTER(" + "(" * 1900 + "1" + ")" * 1900 + ") }", "deep"),
        ("ASK {" + "{" * 1900 + "}" * 1900 + "}", "deep"),
        ("ASK { ?s ?p " + ",".join(map(str, range(60_000))) + " }", "late"),
    ],
    ids=["lateral", "triple term", "brackets", "groups", "endless"],
)
def test_what_cannot_be_drawn_gets_a_sentence(
    store: EmbeddedStore, reader: Reader, query: str, problem: str
) -> None:
    """Not an error: the engine understands it. It costs seconds at most, and the next query is read."""
    began = time.monotonic()
    found = explain(store, reader, query, {}, Limits())
    assert time.monotonic() - began < SECONDS + 10
    assert found["algebra"] is None
    assert found["problem"] == PROBLEMS[problem]
    assert found["limits"]
    assert explain(store, reader, "ASK { ?s ?p ?o }", {}, Limits())["algebra"] is not None


def test_a_search_is_told_with_what_it_found(store: EmbeddedStore, reader: Reader) -> None:
    """It is a table by the time the engine sees it."""
    found = explain(store, reader, "ASK { (?d ?score) her2kg:search ('palbociclib' 20) }", {}, Limits())
    assert found["searches"] == [
        {"words": "palbociclib", "limit": 20, "found": found["searches"][0]["found"]}
    ]
    assert told(found["algebra"])[1:] == ["Values: ?d ?score"]


def test_the_process_is_replaced_when_it_has_died(reader: Reader) -> None:
    """Killed between two queries, it costs neither of them."""
    assert "tree" in reader.read("ASK {}")
    assert reader._process is not None
    os.kill(reader._process.pid, signal.SIGKILL)
    reader._process.wait()
    assert "tree" in reader.read("ASK {}")


def test_few_may_wait() -> None:
    """Whoever comes when the queue is full is told so, and hears no more than that."""
    slow = "ASK { ?s ?p " + ",".join(map(str, range(60_000))) + " }"
    with Reader(seconds=1) as reader, ThreadPoolExecutor(12) as threads:
        waiting = [threads.submit(reader.read, slow) for _ in range(12)]
        errors = [task.exception() for task in waiting]
    assert sum(error is None for error in errors) == 5
    assert all(isinstance(error, TooManyQueries) for error in errors if error is not None)
