"""Lookups: what counts as one, and that the index answers as the engine does."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph.files import BASE
from graph.store import JSON, index
from graph.store.index import MOST, MOST_TEXT, Index
from graph.vocab import PREFIXES

X = "http://example.org/"
IRIS = [f"{X}{name}" for name in ("a", "b", "c-1", "d_2")]
VARIABLES = ["?s", "$o", "?Name_1", "?p"]
SPACES = st.sampled_from([" ", "\n", "\t ", " # a } comment\n", "\r\n#\n"])


def answers(quads: list[ox.Quad]) -> tuple[ox.Store, Index]:
    store = ox.Store()
    store.extend(quads)
    return store, Index(store, "0" * 12)


def by_engine(store: ox.Store, query: str) -> bytes | None:
    """What the engine answers as a worker asks it; None for what it refuses."""
    try:
        result = store.query(query, base_iri=BASE, prefixes=PREFIXES)
    except SyntaxError:
        return None
    if isinstance(result, ox.QueryTriples):
        return None
    body = result.serialize(None, ox.QueryResultsFormat.JSON)
    assert isinstance(body, bytes)
    return body


literals = st.one_of(
    st.builds(ox.Literal, st.text(st.characters(exclude_categories=["Cs"]), max_size=8)),
    st.builds(lambda text, tag: ox.Literal(text, language=tag), st.text("aé\"\\\n\x7f\x1f/", max_size=4),
              st.sampled_from(["en", "de-AT"])),
    st.builds(lambda number: ox.Literal(number), st.integers(-5, 5) | st.booleans()),
    st.just(ox.Literal("01", datatype=ox.NamedNode(f"{PREFIXES['xsd']}integer"))),
)  # fmt: skip
nodes = st.sampled_from([ox.NamedNode(iri) for iri in [*IRIS, f"{PREFIXES['rdf']}type"]])
quads = st.builds(
    ox.Quad,
    nodes | st.just(ox.BlankNode("b0")),
    nodes,
    nodes | literals | st.just(ox.BlankNode("b1")),
    st.sampled_from([ox.DefaultGraph(), ox.DefaultGraph(), ox.NamedNode(f"{X}graph")]),
)


@st.composite
def lookups(draw: st.DrawFn) -> str:
    """Queries that are lookups mostly: some have a variable twice, or one that is projected twice."""
    term = st.sampled_from([*VARIABLES, *(f"<{iri}>" for iri in IRIS), "x:a", "x:c-1", "rdf:type"])
    space = lambda: draw(SPACES)  # noqa: E731
    wanted = draw(st.lists(st.sampled_from(VARIABLES), min_size=1, max_size=3) | st.just(["*"]))
    head = draw(st.sampled_from(["SELECT", "select", "SELECT DISTINCT", "ASK"]))
    parts = ["PREFIX x: <http://example.org/>", space()] if draw(st.booleans()) else []
    parts += [head, space()]
    if head != "ASK":
        parts += [part for name in wanted for part in (name, space())]
    parts += draw(st.sampled_from([[], ["WHERE"], ["where "]]))
    parts += ["{", draw(term), space(), draw(term | st.just("a")), space(), draw(term)]
    parts += [space(), draw(st.sampled_from(["", ".", ". "])), "}"]
    parts += draw(st.sampled_from([[], [], [" LIMIT 0"], ["limit 2"], [" LIMIT 1000 # all"]]))
    return "".join(parts)


@given(st.lists(quads, max_size=12), lookups())
@example([], "SELECT * { <http://example.org/a> a <http://example.org/b> }")
def test_a_lookup_has_the_bytes_that_the_engine_gives(data: list[ox.Quad], query: str) -> None:
    store, it = answers(data)
    found = it.answer(query)
    if found is not None:
        assert found.body == by_engine(store, query)
        assert found.media_type == JSON
        assert found.form == ("ask" if found.rows is None else "select")


@given(st.lists(quads, min_size=1, max_size=6))
def test_every_kind_of_term_is_written_as_the_engine_writes_it(data: list[ox.Quad]) -> None:
    store, it = answers(data)
    found = it.answer("SELECT * { ?s ?p ?o }")
    assert found is not None
    assert found.body == by_engine(store, "SELECT * { ?s ?p ?o }")


NEARLY = [
    "SELECT ?s { ?s ?p <http://example.org/x/../a> }",
    "SELECT ?s { ?s ?p <http://example.org/./a> }",
    "SELECT ?s { ?s ?p <http://example.org/%> }",
    "SELECT ?s { ?s ?p <http://[::/> }",
    "SELECT ?s { ?s ?p x:a.}",
    "SELECT ?s { ?s ?p x:a.b }",
    "SELECT ?s { ?s ?p <a> }",
    "SELECT\x0b?s { ?s ?p ?o }",
    "SELECT ?s {\xa0?s ?p ?o }",
    "SELECT ?s { ?s ?p ?o }\x0c",
    "SELECT ?é { ?s ?p ?é }",
    "SELECT ?s { ?s ?p ?o·1 }",
    "PREFIX y: <a b> SELECT ?s { ?s ?p ?o }",
    "PREFIX y: <http://example.org/%> SELECT ?s { ?s ?p ?o }",
    "PREFIX y: <relative> SELECT ?s { ?s ?p ?o }",
    "PREFIX x: <http://example.org/b> PREFIX x: <http://example.org/> SELECT ?s { ?s ?p x:a }",
    "PREFIX : <http://example.org/> SELECT ?s { ?s ?p :a }",
    "PREFIX x : <http://example.org/> SELECT ?s { ?s ?p x:a }",
    "PREFIX x: <http://example.org/> # PREFIX x: <http://example.org/b/>\nSELECT ?o { x:a x:a ?o }",
    "PREFIX x: <http://example.org/> # PREFIX zz: <http://example.org/>\nSELECT ?o { zz:a x:a ?o }",
    "PREFIX # x: <http://example.org/b/>\n x: # <\n <http://example.org/> SELECT ?o { x:a x:a ?o }",
    "# PREFIX x: <http://example.org/b/>\nPREFIX x: <http://example.org/> SELECT ?o { x:a x:a ?o }",
    "\u017fELECT * { ?s ?p ?o }",
    "A\u017fK { ?s ?p ?o }",
    "AS\u212a { ?s ?p ?o }",
    "SELECT D\u0131STINCT * { ?s ?p ?o }",
    "SELECT * { ?s ?p ?o } L\u0130MIT 1",
    "PREF\u0131X y: <http://example.org/> SELECT ?o { y:a y:a ?o }",
    "SELECT * { ?s ?p ?o } LIMIT \u0661",
    "SELECT?s { ?s ?p ?o }",
    "SELECT ?s?o { ?s ?p ?o }",
    "SELECT ?s # ?p\n { ?s ?p ?o }",
    "ASK # { ?s ?p ?o }",
    "ASK # { ?s ?p ?o }\n{ ?o ?p ?s }",
    "ASK { # { ?s ?p ?o }\n ?o ?p ?s }",
    "SELECT * # {\n{ ?s ?p ?o }",
    "ASK { ?s ?p ?o } LIMIT 0",
    "ASK { ?s ?p ?o } LIMIT 1",
    "SELECT ?s { ?s ?p ?o } LIMIT 007",
    "SELECT ?s { ?s ?p ?o } LIMIT -1",
    "SELECT * { x:a x:a x:a }",
    "SELECT ?q { x:a x:a ?o }",
    "SELECT ?s { ?s A ?o }",
    "SELECT ?s { ?s ?p a }",
    "SELECT * WHERE{ ?s ?p ?o }",
    "SELECT * WHERE WHERE { ?s ?p ?o }",
    "SELECT DISTINCT DISTINCT ?s { ?s ?p ?o }",
    "SELECT ?s { _:b ?p ?s }",
]


def test_half_a_character_is_left_to_the_engine() -> None:
    """Which refuses it, even in a comment."""
    for query in ("ASK # \ud800\n{ ?s ?p ?o }", "ASK { ?s ?p ?o } # \udfff"):
        assert index.read(query) is None
        assert index.read(query.replace("\ud800", "").replace("\udfff", "")) is not None


@pytest.mark.parametrize("query", NEARLY)
def test_what_looks_like_a_lookup_is_answered_as_by_the_engine_or_not_at_all(query: str) -> None:
    compare(query if "PREFIX" in query else f"PREFIX x: <{X}> {query}")


@given(
    lookups(),
    st.integers(0, 200),
    st.integers(0, 3),
    st.text(
        st.sampled_from("?$<>{}[]()#.;,:\\\"'*/|^ \n\tax0é·-_\x0b\xa0") | st.characters(codec="utf-8"),
        max_size=3,
    ),
)
def test_a_lookup_with_a_fault_is_answered_as_the_engine_does_or_not_at_all(
    query: str, at: int, cut: int, put: str
) -> None:
    compare(query[:at] + put + query[at + cut :])


def compare(query: str) -> None:
    """Hold that a query is left alone, or answered as by the engine."""
    some = [ox.NamedNode(iri) for iri in IRIS]
    store, it = answers([ox.Quad(s, p, o) for s in some for p in some for o in some[:2]])
    if (found := it.answer(query)) is not None:
        assert found.body == by_engine(store, query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?o { <http://example.org/a> rdfs:label ?o }",
        "prefix x:<http://example.org/>select*{ x:a ?p ?o }".replace("select*", "select * "),
        "SELECT DISTINCT ?type WHERE { her2kg:Drug a ?type . } LIMIT 5",
        "ASK { her2kg:Drug a ?type }",
        "SELECT ?o { <http://example.org/a> rdfs:label ?o }\n# a comment, with SERVICE and { brackets",
    ],
)
def test_these_are_lookups(query: str) -> None:
    _, it = answers([])
    assert it.answer(query) is not None


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?o { <http://example.org/a> rdfs:label ?o . ?o ?p ?q }",
        "SELECT ?o { <http://example.org/a> rdfs:label ?o } ORDER BY ?o",
        "SELECT ?o { <http://example.org/a> rdfs:label ?o } OFFSET 1",
        "SELECT ?o FROM <http://example.org/g> { <http://example.org/a> rdfs:label ?o }",
        "SELECT ?o { GRAPH ?g { <http://example.org/a> rdfs:label ?o } }",
        "SELECT ?o { <http://example.org/a> rdfs:label+ ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT ?o { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT ?o { <http://example.org/\\u0061> rdfs:label ?o }",
        "SELECT ?s { ?s ?p ?s }",
        "SELECT DISTINCT ?s { ?s ?p ?o }",
        "SELECT ?s { ?s her2kg:search ?o }",
        "SELECT ?s { ?s nobody:knows ?o }",
        "SELECT ?s { ?s <relative> ?o }",
        "SELECT ?s { ?s ?p ?o }" + " " * index.LONGEST,
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DESCRIBE <http://example.org/a>",
        "",
    ],
)
def test_these_are_left_to_a_worker(query: str) -> None:
    _, it = answers([])
    assert it.answer(query) is None


def test_reading_stops_where_an_answer_is_large() -> None:
    a, p = ox.NamedNode(IRIS[0]), ox.NamedNode(IRIS[1])
    store, it = answers([ox.Quad(a, p, ox.Literal(str(n))) for n in range(MOST)])
    query = f"SELECT ?o {{ <{a.value}> ?p ?o }}"
    found = it.answer(query)
    assert found is not None
    assert found.rows == MOST
    store.add(ox.Quad(a, p, ox.Literal("one more")))
    assert it.answer(query) is None
    assert it.answer(f"{query} LIMIT {MOST + 1}") is None
    assert (some := it.answer(f"{query} LIMIT {MOST}")) is not None
    assert some.rows == MOST
    assert it.answer(f"ASK {{ <{a.value}> ?p ?o }}") is not None


def test_reading_stops_where_a_text_is_long() -> None:
    a, p = ox.NamedNode(IRIS[0]), ox.NamedNode(IRIS[1])
    query = f"SELECT ?o {{ <{a.value}> ?p ?o }}"
    _, short = answers([ox.Quad(a, p, ox.Literal("x" * (MOST_TEXT - 100)))])
    _, long = answers([ox.Quad(a, p, ox.Literal("x" * (MOST_TEXT + 1)))])
    assert short.answer(query) is not None
    for wanted in ("?o", "?p", "?q"):
        assert long.answer(query.replace("?o", wanted, 1)) is None
