"""The embedded store answers completely or with an error, whatever is asked, and goes on answering."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph import errors
from graph.files import BASE
from graph.store import JSON, N_TRIPLES, SOLUTIONS, TRIPLES, TURTLE, Limits, Store, select
from graph.store.embedded import EmbeddedStore
from graph.store.snapshots import open_current, publish

if TYPE_CHECKING:
    from pathlib import Path


PALBOCICLIB = ox.NamedNode(BASE + "id/drug/palbociclib")
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
DIGITS = "".join(f"VALUES ?v{place} {{0 1 2 3 4 5 6 7 8 9}} " for place in range(8))
MORE_DIGITS = DIGITS.replace("?v", "?w")
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o . FILTER(?a != ?z) }"
NAME = "SELECT ?label { drug:palbociclib rdfs:label ?label }"
POINT = "SELECT ?s ?label { ?s rdfs:label ?label }"


def pids(store: EmbeddedStore) -> set[int]:
    return {worker.pid for worker in store._pool.workers()}


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def graph_iri(name: str) -> str:
    return f"{BASE}graph/{name}"


def count(store: Store, query: str) -> int:
    return int(select(store, query)[0]["n"].value)


def test_the_prefixes_of_the_graph_need_not_be_declared(store: EmbeddedStore) -> None:
    """A query may use `her2kg:`, `rdfs:` and the rest at once."""
    assert select(store, "SELECT ?d { ?d a her2kg:Drug } ORDER BY ?d")[1] == {"d": PALBOCICLIB}


def test_a_term_is_bound_as_a_term(store: EmbeddedStore) -> None:
    """A bound term never becomes query text, whatever characters it has."""
    assert select(store, POINT, s=PALBOCICLIB) == [
        {"s": PALBOCICLIB, "label": ox.Literal("palbociclib", language="en")}
    ]
    hostile = ox.Literal('x" } SERVICE <http://127.0.0.1/> { \\ \n')
    assert select(store, POINT, label=hostile) == []
    assert select(store, "SELECT ?label { BIND(1 AS ?one) }", label=hostile) == [{"label": hostile}]


def test_a_bound_variable_that_is_not_projected_is_told(store: EmbeddedStore) -> None:
    """The engine's restriction is an error with the variable's name."""
    with pytest.raises(errors.QueryError, match=r"\?s"):
        select(store, "SELECT ?label { ?s rdfs:label ?label }", s=PALBOCICLIB)


@pytest.mark.parametrize("media_type", SOLUTIONS.values())
def test_solutions_come_in_each_format(store: EmbeddedStore, media_type: str) -> None:
    """SELECT and ASK can be had as JSON, XML, CSV and TSV."""
    answer = store.query(POINT, solutions=media_type, triples=None)
    assert (answer.form, answer.media_type) == ("select", media_type)
    assert b"palbociclib" in answer.body
    assert b"true" in store.query("ASK {}", solutions=media_type).body


@pytest.mark.parametrize("media_type", TRIPLES.values())
def test_triples_come_in_each_format_and_mean_the_same(store: EmbeddedStore, media_type: str) -> None:
    """A DESCRIBE parses back to the same triples from every format."""
    answer = store.query("DESCRIBE drug:palbociclib", triples=media_type)
    assert (answer.form, answer.media_type) == ("graph", media_type)
    parsed = {str(q.triple) for q in ox.parse(answer.body, ox.RdfFormat.from_media_type(media_type))}
    plain = store.query("DESCRIBE drug:palbociclib", triples=TRIPLES["ntriples"]).body
    assert parsed == {str(q.triple) for q in ox.parse(plain, ox.RdfFormat.N_TRIPLES)} != set()


def test_turtle_declares_only_the_prefixes_it_uses(store: EmbeddedStore) -> None:
    """A short description is a short text."""
    body = store.query("CONSTRUCT { ?d a her2kg:Drug } WHERE { ?d a her2kg:Drug }").body.decode()
    assert {line.split()[1] for line in body.splitlines() if line.startswith("@prefix")} == {
        "her2kg:",
        "rdf:",
        "drug:",
    }


def test_a_format_of_the_other_family_is_not_acceptable(store: EmbeddedStore) -> None:
    """Triples cannot be had when only solutions are taken, and the other way round."""
    with pytest.raises(errors.NotAcceptable, match="triples"):
        store.query("DESCRIBE drug:palbociclib", triples=None)
    with pytest.raises(errors.NotAcceptable, match="yes or no"):
        store.query("ASK {}", solutions=None)


def test_a_plain_query_sees_each_triple_once_and_no_metadata(store: EmbeddedStore) -> None:
    """The default graph is the union of all but shapes and meta, without duplicates."""
    assert count(store, "SELECT (COUNT(*) AS ?n) { statement:00000000000000aa her2kg:subject ?s }") == 1
    assert not select(store, "SELECT ?s { ?s a sh:NodeShape }")
    assert select(store, "SELECT ?s { GRAPH graph:shapes { ?s a sh:NodeShape } }")


def test_several_default_graphs_are_merged(store: EmbeddedStore) -> None:
    """A triple that two FROM graphs share is found once, as RDF wants; so by the protocol's parameters."""
    documents = [graph_iri(f"document/{digit * 16}") for digit in "12"]
    froms = " ".join(f"FROM <{iri}>" for iri in documents)
    pattern = "{ statement:00000000000000aa her2kg:subject ?s }"
    assert count(store, f"SELECT (COUNT(*) AS ?n) {froms} {pattern}") == 1
    assert (
        len(select(store, f"SELECT ?g ?s {froms} FROM NAMED graph:meta {{ GRAPH ?g {{ ?s ?p ?o }} }}")) == 1
    )
    answer = store.query(
        f"SELECT (COUNT(*) AS ?n) {pattern}", default_graphs=documents, solutions=SOLUTIONS["csv"]
    )
    assert answer.body.split() == [b"n", b"1"]


def test_the_dataset_of_the_call_replaces_that_of_the_query(store: EmbeddedStore) -> None:
    """Named graphs that were not asked for are not there."""
    query = "SELECT (COUNT(*) AS ?n) FROM graph:vocabulary { GRAPH ?g { ?s ?p ?o } }"
    assert count(store, query) == 0
    answer = store.query(query, named_graphs=[graph_iri("meta")], solutions=SOLUTIONS["csv"])
    assert answer.body.split() == [b"n", b"1"]


@pytest.mark.parametrize("clause", ["FROM", "FROM NAMED"])
def test_an_unknown_graph_is_refused_with_those_there_are(store: EmbeddedStore, clause: str) -> None:
    """A typo in a graph's name is no empty answer."""
    with pytest.raises(errors.QueryRefused, match="graph/vocabulary") as caught:
        store.query(f"SELECT *\n{clause} graph:nothing {{ ?s ?p ?o }}")
    assert (caught.value.line, caught.value.column) == (2, len(clause) + 2)
    with pytest.raises(errors.QueryRefused):
        store.query("ASK {}", default_graphs=["file:///etc/passwd"])


@pytest.mark.parametrize(
    ("query", "line", "column", "says"),
    [
        ("SELECT *\n{ ?s ?p ?o } LIMIT x", 2, 20, "before “x”"),
        ("SELECT * WHERE ?s", 1, 16, "before “[?]s”"),
        ("SELECT * {?s ?p", 1, 16, "at its end"),
        ("SELECT ?a { ?s ?p ?o } GROUP BY ?s", 1, 35, "variable that is unbound"),
        ("SELECT * { nope:x ?p ?o }", 1, 12, "nope:"),
        ('SELECT * {\n ?s ?p "open }', 2, 8, "does not end"),
        ("", 1, 1, "at its end"),
        ("SELECT * { <http://[> ?p ?o }", 1, 22, "IRI parsing failed"),
    ],
)
def test_a_malformed_query_is_told_with_its_place(
    store: EmbeddedStore, query: str, line: int, column: int, says: str
) -> None:
    """Line and column count from 1 and point at the fault."""
    with pytest.raises(errors.QueryError, match=says) as caught:
        store.query(query)
    assert (caught.value.line, caught.value.column) == (line, column)


SLOW = {
    "a cross product": CROSS,
    "paths": "SELECT (COUNT(*) AS ?n) { "
    "?a (!<x:1>)* ?b . ?c (!<x:1>)* ?d . ?e (!<x:1>)* ?f . ?g (!<x:1>)* ?h . ?i (!<x:1>)* ?j }",
    "a sum of many": f"SELECT (SUM(?v1 + ?v2) AS ?n) {{ {DIGITS} {MORE_DIGITS} }}",
    "a filter over many": f"SELECT * {{ {DIGITS} {MORE_DIGITS} "
    "FILTER(REGEX(CONCAT(STR(?v1), STR(?w7)), '(a|b)+c')) }",
}


@pytest.mark.parametrize("slow", SLOW)
def test_a_query_without_end_meets_its_deadline_and_the_next_is_answered(
    store: EmbeddedStore, slow: str
) -> None:
    """The deadline holds to a fraction of a second, and costs nobody else anything."""
    began = time.monotonic()
    with pytest.raises(errors.QueryTimeout, match="2 seconds"):
        store.query(SLOW[slow])
    assert 1.9 < time.monotonic() - began < 3.5
    began = time.monotonic()
    assert select(store, POINT, s=PALBOCICLIB)
    assert time.monotonic() - began < 1


GREEDY = {
    "sorting": f"SELECT * {{ {DIGITS} }} ORDER BY ?v1",
    "grouping": f"SELECT (GROUP_CONCAT(STR(?v1)) AS ?all) {{ {DIGITS} {MORE_DIGITS} }} "
    "GROUP BY ?v0 ?v1 ?v2 ?v3 ?v4 ?v5 ?v6 ?v7 ?w1 ?w2",
    "a long string": "SELECT ?d { BIND('x' AS ?x) "
    + "".join(
        f"BIND(CONCAT({','.join([f'?{a}'] * 100)}) AS ?{b}) " for a, b in zip("xabc", "abcd", strict=True)
    )
    + "BIND(CONCAT(?d,?d,?d,?d,?d,?d) AS ?e) }",
    "triples": f"CONSTRUCT {{ ?s <x:p> ?o }} WHERE {{ {DIGITS} BIND(BNODE() AS ?s) BIND(BNODE() AS ?o) }}",
}


@pytest.mark.parametrize("greedy", GREEDY)
def test_a_query_that_needs_too_much_memory_is_ended(store: EmbeddedStore, greedy: str) -> None:
    """Memory without end is an error of its own (or of time), never the end of the server."""
    with pytest.raises((errors.QueryOutOfMemory, errors.QueryTimeout)):
        store.query(GREEDY[greedy])
    assert select(store, POINT, s=PALBOCICLIB)


def test_memory_and_not_time_ends_a_big_sort(small_home: Path) -> None:
    """With time enough, it is the memory limit that holds."""
    with EmbeddedStore(small_home, Limits(timeout=30, memory=128, workers=1)) as tight:
        with pytest.raises(errors.QueryOutOfMemory, match="128 MiB"):
            tight.query(GREEDY["sorting"])
        assert select(tight, POINT, s=PALBOCICLIB)
        assert tight.health().memory == "limited"


def test_a_result_that_is_too_large_is_no_partial_result(store: EmbeddedStore) -> None:
    """The byte limit gives an error and nothing else."""
    with pytest.raises(errors.QueryTooLarge, match="no partial result"):
        store.query(f"SELECT * {{ {DIGITS} }}")


def test_a_graph_that_is_too_large_is_no_partial_graph(small_home: Path) -> None:
    """The byte limit holds for graphs, for what is left of them when each triple stands once."""
    digits = "".join(f"VALUES ?v{place} {{0 1 2 3 4 5 6 7 8 9}} " for place in range(5))
    once = f"CONSTRUCT {{ <x:s> <x:p> ?v0 }} WHERE {{ {digits} }}"
    name = "IRI(CONCAT('x:', STR(?v1), STR(?v2), STR(?v3), STR(?v4)))"
    many = f"CONSTRUCT {{ <x:s> ?p ?v0 }} WHERE {{ {digits} BIND({name} AS ?p) }}"
    with EmbeddedStore(small_home, Limits(workers=1, result_bytes=1 << 16)) as tight:
        for media_type in (N_TRIPLES, TURTLE):
            whole = ox.parse(
                tight.query(once, triples=media_type).body, ox.RdfFormat.from_media_type(media_type)
            )
            assert len([*whole]) == 10
            with pytest.raises(errors.QueryTooLarge, match="no partial result"):
                tight.query(many, triples=media_type)


def test_a_query_text_that_is_too_large_is_told(store: EmbeddedStore) -> None:
    """The limit counts bytes, not characters."""
    with pytest.raises(errors.QueryTooLarge):
        store.query("ASK { ?s ?p '" + "é" * 600_000 + "' }")


NESTED = {
    "brackets": "ASK { FILTER(" + "(" * 10_000 + "1" + ")" * 10_000 + ") }",
    "groups": "ASK " + "{" * 10_000 + "}" * 10_000,
    "signs": "ASK { FILTER(" + "!" * 300_000 + "1) }",
    "paths": "ASK { ?s " + "^" * 10 + "(" * 5_000 + "<x:p>" + ")" * 5_000 + " ?o }",
    "lists": "ASK { ?s ?p " + "(" * 10_000 + ")" * 10_000 + " }",
}


@pytest.mark.parametrize("nested", NESTED)
def test_a_deeply_nested_query_is_the_query_s_fault(store: EmbeddedStore, nested: str) -> None:
    """Neither the server nor other queries notice when the parser's stack overflows."""
    with pytest.raises(errors.QueryError):
        store.query(NESTED[nested])
    assert select(store, POINT, s=PALBOCICLIB)


def test_a_killed_worker_is_replaced_unnoticed(store: EmbeddedStore) -> None:
    """Killing (kill -9) every worker between two queries costs no query its answer."""
    before = pids(store)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    for _ in range(5):
        assert select(store, POINT, s=PALBOCICLIB)
    assert not before & pids(store)


def test_half_a_character_in_a_query_is_told(store: EmbeddedStore) -> None:
    """A lone surrogate stands for nothing and can be sent to nobody."""
    with pytest.raises(errors.QueryError, match="half a character"):
        store.query("ASK { ?s ?p '\ud800' }")


def test_a_worker_killed_in_the_middle_of_a_query_is_told(small_home: Path) -> None:
    """A query that is lost twice is an error in words, within its deadline."""
    with EmbeddedStore(small_home, Limits(timeout=20, workers=1)) as lonely:
        stop = threading.Event()

        def kill_the_busy() -> None:
            while not stop.wait(0.02):
                if lonely.health().busy:
                    for pid in pids(lonely):
                        with contextlib.suppress(ProcessLookupError):  # it has been reaped meanwhile
                            os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=kill_the_busy)
        killer.start()
        try:
            with pytest.raises(errors.StoreUnavailable, match="ended from outside"):
                lonely.query(CROSS)
        finally:
            stop.set()
            killer.join()


def test_many_threads_ask_at_once(store: EmbeddedStore) -> None:
    """32 threads share two workers; every answer is its own."""
    drugs = {BASE + "id/drug/palbociclib": "palbociclib", BASE + "id/drug/elacestrant": "elacestrant"}

    def ask(number: int) -> bool:
        iri, label = sorted(drugs.items())[number % 2]
        return [row["label"].value for row in select(store, POINT, s=ox.NamedNode(iri))] == [label]

    with ThreadPoolExecutor(32) as threads:
        assert all(threads.map(ask, range(640)))


def test_a_query_waits_for_a_free_worker_no_longer_than_its_deadline(small_home: Path) -> None:
    """When all workers are busy, the answer is that they are, not silence."""
    with (
        EmbeddedStore(small_home, Limits(timeout=1, workers=1, slow=1)) as lonely,
        ThreadPoolExecutor(3) as threads,
    ):
        began = time.monotonic()
        found = [threads.submit(lonely.query, CROSS).exception() for _ in range(1)]
        asked = [threads.submit(lonely.query, CROSS) for _ in range(3)]
        found += [future.exception() for future in asked]
        assert {type(error) for error in found} == {errors.QueryTimeout, errors.StoreUnavailable}
        assert time.monotonic() - began < 4


def test_more_long_queries_than_may_wait_are_sent_away_and_short_ones_are_not(small_home: Path) -> None:
    """One runs, one is suspended, the third is told at once; a short query is answered meanwhile."""
    limits = Limits(timeout=3, workers=1, slow=1, parked=1)
    with EmbeddedStore(small_home, limits) as lonely, ThreadPoolExecutor(3) as threads:
        asked = [threads.submit(lonely.query, CROSS) for _ in range(3)]
        while not any(future.done() for future in asked):
            assert lonely.query("ASK {}").form == "ask"
        told = [str(future.exception()) for future in asked]
    assert sum("Too many long queries" in text for text in told) == 1
    assert sum("stopped after 3 seconds" in text or "busy for the whole time" in text for text in told) == 2


def test_a_new_snapshot_is_taken_up_and_the_old_one_pinned(tmp_path: Path, small_nquads: bytes) -> None:
    """New queries see the new version within seconds; each answer says which version it is of."""
    first = publish(tmp_path, small_nquads)
    with EmbeddedStore(tmp_path, Limits(timeout=5)) as followed:
        old = pids(followed)
        assert followed.query("ASK {}").version == first.version
        extra = f'<{BASE}id/drug/new> {LABEL} "new"@en <{graph_iri("vocabulary")}> .\n'
        second = publish(tmp_path, small_nquads + extra.encode())
        deadline = time.monotonic() + 10
        while followed.query("ASK {}").version != second.version:
            assert time.monotonic() < deadline
        assert followed.manifest() == followed.manifest(second.version) == second
        assert followed.manifest(first.version) == first
        with pytest.raises(errors.NotFound, match="no such release"):
            followed.manifest("0" * 12)
        assert select(followed, POINT, s=ox.NamedNode(BASE + "id/drug/new"))
        assert followed.search("new").total == 1
        while any(map(running, old)):
            assert time.monotonic() < deadline


def test_a_lookup_needs_no_worker(small_home: Path) -> None:
    """It is answered while no worker can answer, with what one would give."""
    with EmbeddedStore(small_home, Limits(timeout=1)) as stuck:
        asked = stuck.query(NAME)
        for worker in stuck._pool.workers():
            worker.suspend()
        assert stuck.look_up(NAME) == asked._replace(rows=1)
        with pytest.raises(errors.QueryTimeout):
            stuck.query(NAME)


def test_what_a_lookup_does_not_know_is_left_to_a_worker(store: EmbeddedStore, small_home: Path) -> None:
    """Other releases, and what a limit refuses."""
    assert store.look_up(NAME, "0" * 12) is None
    assert store.look_up(NAME, store.manifest().version) is not None
    for limits in (Limits(query_bytes=len(NAME) - 1), Limits(result_bytes=50)):
        with EmbeddedStore(small_home, limits) as small:
            assert small.look_up(NAME) is None


def test_a_lookup_follows_a_new_snapshot(tmp_path: Path, small_nquads: bytes) -> None:
    """With the version, the index is another."""
    publish(tmp_path, small_nquads)
    with EmbeddedStore(tmp_path) as followed:
        extra = f'<{PALBOCICLIB.value}> {LABEL} "new"@en <{graph_iri("vocabulary")}> .\n'
        second = publish(tmp_path, small_nquads + extra.encode())
        deadline = time.monotonic() + 10
        while (found := followed.look_up(NAME)) is None or found.version != second.version:
            assert time.monotonic() < deadline
        assert found.rows == 2


def test_a_damaged_new_snapshot_leaves_the_old_one_served(tmp_path: Path, small_nquads: bytes) -> None:
    """A pointer to nothing is reported by health, and queries go on."""
    publish(tmp_path, small_nquads)
    with EmbeddedStore(tmp_path, Limits(timeout=5)) as followed:
        (tmp_path / "current").write_text("000000000000\n", "utf-8")
        deadline = time.monotonic() + 10
        while not followed.health().problem:
            assert time.monotonic() < deadline
        assert followed.health().status == "degraded"
        assert select(followed, POINT, s=PALBOCICLIB)


def test_a_damaged_store_is_told_at_the_start(tmp_path: Path, small_nquads: bytes) -> None:
    """Damage that sizes do not show is a SnapshotError too, and no worker is left."""
    publish(tmp_path, small_nquads)
    folder = open_current(tmp_path).store
    for name in ("CURRENT", *(file.name for file in folder.glob("MANIFEST-*"))):
        (folder / name).write_bytes(b"\0" * (folder / name).stat().st_size)
    with pytest.raises(errors.SnapshotError, match="her2kg build"):
        EmbeddedStore(tmp_path)


def test_a_graph_has_its_triples_once_and_in_order(store: EmbeddedStore) -> None:
    """N-Triples are sorted lines, each there once, and the same graph as in every other format."""
    query = (
        "CONSTRUCT { ?s her2kg:says ?o } "
        "{ VALUES ?s { <x:b> <x:a> <x:aa> } VALUES ?n { 1 2 } "
        "VALUES ?o { 'two\\nlines\\r' 'é' '🧬' 'b'@en-GB 'b'@en 'b' 1 } }"
    )
    lines = store.query(query, triples=N_TRIPLES).body.decode().removesuffix("\n").split("\n")
    assert len(lines) == 21
    assert lines == sorted(set(lines))
    triples = set(ox.parse("\n".join(lines).encode(), ox.RdfFormat.N_TRIPLES))
    for media_type in TRIPLES.values():
        body = store.query(query, triples=media_type).body
        form = ox.RdfFormat.from_media_type(media_type)
        assert {quad.triple for quad in ox.parse(body, form)} == {quad.triple for quad in triples}, media_type
    assert store.query("CONSTRUCT WHERE { <x:no> <x:no> <x:no> }", triples=N_TRIPLES).body == b""


def test_a_long_literal_costs_what_its_bytes_do(small_home: Path) -> None:
    """A line of 16 MB comes in two thousand pieces, and they are not put together anew with each."""
    doubled = "".join(f"BIND(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1}) " for n in range(24))
    query = f"CONSTRUCT {{ <x:s> <x:p> ?v24 }} {{ BIND('a' AS ?v0) {doubled} }}"
    with EmbeddedStore(small_home, Limits(workers=1, timeout=5)) as brief:
        assert len(brief.query(query, triples=N_TRIPLES).body) == len('<x:s> <x:p> "" .\n') + (1 << 24)


def test_rows_are_told_by_a_store_that_counts_them(small_home: Path) -> None:
    """Of a small and of a large answer, of a graph by its triples; truth values have none."""
    digits = "".join(f"VALUES ?v{place} {{0 1 2 3 4 5 6 7 8 9}} " for place in range(4))
    with EmbeddedStore(small_home, Limits(workers=1), rows=True) as counting:
        for media_type in SOLUTIONS.values():
            assert counting.query(POINT, bindings={"s": PALBOCICLIB}, solutions=media_type).rows == 1
            large = counting.query(f"SELECT * {{ {digits} }}", solutions=media_type)
            assert large.rows == 10_000
        assert not isinstance(counting.query(f"SELECT * {{ {digits} }}").content, bytes), "it is handed over"
        graph = "CONSTRUCT { ?a a her2kg:Drug } { VALUES ?a { her2kg:x her2kg:y } VALUES ?b { 1 2 } }"
        for media_type in TRIPLES.values():
            assert counting.query(graph, triples=media_type).rows == 2
        assert counting.query("ASK {}").rows is None


def test_closing_ends_every_worker_even_a_busy_one(small_home: Path) -> None:
    """Nothing is left running, and the query that ran is told."""
    closing = EmbeddedStore(small_home, Limits(timeout=30))
    started = threading.Event()
    found: list[BaseException] = []

    def ask() -> None:
        started.set()
        try:
            closing.query(CROSS)
        except errors.Her2kgError as error:
            found.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    started.wait()
    while not closing.health().busy:
        assert asking.is_alive()
    all_pids = pids(closing)
    closing.close()
    asking.join(5)
    assert not asking.is_alive()
    assert [type(error) for error in found] == [errors.StoreUnavailable]
    assert not any(map(running, all_pids))
    with pytest.raises(errors.StoreUnavailable, match="closed"):
        closing.query("ASK {}")


def test_json_is_the_default_format(store: EmbeddedStore) -> None:
    """Without a wish, solutions come as JSON and say their version."""
    answer = store.query("ASK {}")
    assert (answer.media_type, answer.version) == (JSON, store.manifest().version)
