"""A remote store that is away, unfinished or replaced gives an error or a whole answer, and is used again by itself."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from graph.errors import NotFound, QueryError, QueryRefused, QueryTimeout, QueryTooLarge, StoreUnavailable
from graph.store import Limits, select
from graph.store.remote import layout
from graph.store.remote.credentials import credentials
from graph.store.remote.publishing import _replace, publish, write_files
from graph.store.remote.store import RemoteStore
from graph.store.snapshots import open_current
from server import create_app
from server.settings import Settings
from tests.engines import virtuoso
from tests.engines.engine import Engine, free_ports
from tests.remote.conftest import ENGINES, LIMITS, put

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
LONG = """SELECT (COUNT(*) AS ?n) {
  ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o
  FILTER(REGEX(STR(?h), STR(?e)) && ?a != ?j && ?d != ?m)
}"""
PATIENCE = 30.0


def until(what: Callable[[], bool]) -> None:
    """Look again and again until something is so."""
    pause, end = threading.Event(), time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, "it has not come to be so"
        pause.wait(0.05)


def counted(store: RemoteStore) -> tuple[str, str]:
    """How many triples an answer counts, and the version it names."""
    answer = store.query(COUNT, solutions="text/csv")
    return answer.version, answer.body.split()[1].decode()


def begin(engine: Engine) -> None:
    """Do what a publication does first, and no more."""

    async def first() -> None:
        async with httpx.AsyncClient(auth=credentials(engine.user, engine.password)) as http:
            await _replace(http, engine.data_url, layout.STATE, layout.begun("broken off", "2026-01-01"))

    asyncio.run(first())


def test_a_publication_that_broke_off_is_seen_and_mended(
    engine: Engine, store: RemoteStore, small_home: Path, tmp_path: Path
) -> None:
    """Nobody gets an answer from it: 503 with Retry-After; publishing again is all it takes."""
    client = create_app(Settings(home=small_home), store).test_client()
    before = counted(store)
    begin(engine)
    with pytest.raises(StoreUnavailable, match="being published"):
        store.query(COUNT)
    until(lambda: "2026-01-01" in store.health().problem)
    told = client.get("/sparql", query_string={"query": "ASK {}"})
    assert (told.status_code, told.headers["Retry-After"]) == (503, "5")
    assert "2026-01-01" in told.json["detail"]
    assert client.get("/page/drug/palbociclib").status_code == 503
    assert client.get("/health").status_code == 503
    with pytest.raises(StoreUnavailable, match="being published"):
        RemoteStore(engine.query_url, tmp_path, LIMITS)
    put(engine, small_home)
    until(lambda: store.health().status == "ok")
    assert counted(store) == before
    assert client.get("/page/drug/palbociclib").status_code == 200


def test_readers_see_one_version_or_the_other_while_it_is_replaced(
    engine: Engine, store: RemoteStore, small_home: Path, built: Path
) -> None:
    """Each answer counts what its version has, or is an error; the new version is taken up without a restart."""
    done = threading.Event()
    seen: set[tuple[str, str]] = set()
    refused: list[str] = []

    def read() -> None:
        while not done.is_set():
            try:
                seen.add(counted(store))
            except StoreUnavailable as error:
                refused.append(str(error))

    whole = {counted(store)}
    auth = credentials(engine.user, engine.password)
    with ThreadPoolExecutor(2) as readers:
        running = [readers.submit(read) for _ in range(2)]
        try:
            for home in (built, small_home):
                snapshot = open_current(home)
                publish(snapshot, engine.query_url, engine.data_url, auth)
                version = snapshot.manifest.version
                until(lambda v=version: store.health().status == "ok" and store.manifest().version == v)
                whole.add(counted(store))
        finally:
            done.set()
        assert all(one.result() is None for one in running)
    assert seen == whole
    assert len(whole) == 2
    assert refused
    assert store.search("palbociclib").total


def test_another_release_is_not_there(store: RemoteStore) -> None:
    """And the error says which one is."""
    assert store.query("ASK {}", release=store.manifest().version).form == "ask"
    with pytest.raises(NotFound, match=store.manifest().version):
        store.query("ASK {}", release="000000000000")


HIDDEN = [
    f"SELECT * {{ GRAPH <{layout.UNION}> {{ ?s ?p ?o }} }}",
    f"SELECT * {{ GRAPH <{layout.STATE}> {{ ?s ?p ?o }} }}",
    f"PREFIX x: <{layout.ROOM}> SELECT * {{ graph x:union {{ ?s ?p ?o }} }}",
    f"BASE <{layout.ROOM}> SELECT * {{ GRAPH <union> {{ ?s ?p ?o }} }}",
    f"SELECT * {{ VALUES ?g {{ <{layout.UNION}> }} GRAPH ?g {{ ?s ?p ?o }} }}",
    f"SELECT * {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), '{layout.ROOM}')) }}",
    f"SELECT * {{ BIND(<{layout.UNION}> AS ?g) GRAPH ?g {{ ?s ?p ?o }} }}",
    "SELECT * { GRAPH <urn:stranger> { ?s ?p ?o } }",
]


@pytest.mark.parametrize("query", HIDDEN)
def test_what_is_not_in_the_dataset_is_out_of_reach(engine: Engine, store: RemoteStore, query: str) -> None:
    """Neither our own room in the service nor what others keep there."""
    with httpx.Client(auth=credentials(engine.user, engine.password)) as http:
        http.post(
            engine.data_url,
            params={"graph": "urn:stranger"},
            content=b"<urn:s> <urn:p> <urn:o> .",
            headers={"Content-Type": "application/n-triples"},
        ).raise_for_status()
    assert select(store, query) == []


CALLS = [
    'DEFINE get:soft "replace" SELECT * FROM <{url}> {{ ?s ?p ?o }}',
    "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * FROM <{url}> {{ ?s ?p ?o }}",
    "SELECT (<bif:http_get>('{url}') AS ?x) {{}}",
    "PREFIX sql: <sql:> SELECT (sql:SPARQL_EVAL('{url}') AS ?x) {{}}",
    "SELECT * {{ GRAPH <{url}> {{ ?s ?p ?o }} }}",
    "DESCRIBE <{url}>",
]


def test_no_query_makes_an_engine_call_elsewhere(store: RemoteStore) -> None:
    """Nobody comes to a listener whose address the queries name in every way there is."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        refused = []
        for call in CALLS:
            try:
                store.query(call.format(url=url))
            except QueryError:
                refused.append(call)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert refused == CALLS[:5]


def test_a_graph_that_is_not_there_is_refused_by_name(store: RemoteStore) -> None:
    """As the embedded store does."""
    with pytest.raises(QueryRefused, match="urn:stranger"):
        store.query("SELECT * FROM <urn:stranger> { ?s ?p ?o }")


def test_a_result_over_the_limit_and_a_query_over_its_time_are_errors(
    engine: Engine, store: RemoteStore, tmp_path: Path
) -> None:
    """With the limit in words."""
    with (
        RemoteStore(engine.query_url, tmp_path, Limits(timeout=20, result_bytes=100_000)) as patient,
        pytest.raises(QueryTooLarge, match="100,000 bytes"),
    ):
        patient.query("SELECT * { ?s ?p ?o . ?a ?b ?c }")
    with pytest.raises(QueryTimeout, match="2 seconds"):
        store.query(LONG)


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_that_comes_back_is_used_again(name: str, small_home: Path, tmp_path: Path) -> None:
    """Meanwhile the store says what is wrong and since when; nothing has to be started again.

    What it has was loaded from files, the last one last.
    """
    data, last = write_files(open_current(small_home), tmp_path / "files")
    folder = tmp_path / "engine"
    folder.mkdir()
    port = free_ports(1)[0]
    with ENGINES[name](folder, port=port) as engine:
        engine.load(data)
        with pytest.raises(StoreUnavailable, match="Nothing has been published"):
            RemoteStore(engine.query_url, tmp_path / "home", LIMITS)
        engine.load(last)
        store = RemoteStore(engine.query_url, tmp_path / "home", LIMITS)
        before = counted(store)
    with store:
        with pytest.raises(StoreUnavailable):
            store.query(COUNT)
        until(lambda: store.health().status == "down")
        assert "Since" in store.health().problem
        with ENGINES[name](folder, port=port):
            until(lambda: store.health().status == "ok")
            assert counted(store) == before


@pytest.fixture(scope="module")
def sparing(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteStore]:
    """Over a Virtuoso that gives a thousand rows at most, for a second at most."""
    limits = {"SPARQL": {"ResultSetMaxRows": 1000, "MaxQueryExecutionTime": 1}}
    with virtuoso.running(tmp_path_factory.mktemp("sparing"), limits) as engine:
        put(engine, small_home)
        with RemoteStore(engine.query_url, tmp_path_factory.mktemp("home"), Limits(timeout=20)) as opened:
            yield opened


@pytest.mark.parametrize("form", ["SELECT *", "CONSTRUCT { ?s ?p ?c }"])
def test_what_virtuoso_cuts_off_is_an_error(sparing: RemoteStore, form: str) -> None:
    """It gives the first rows with the status 200."""
    with pytest.raises(QueryTooLarge, match="1,000 rows"):
        sparing.query(f"{form} {{ ?s ?p ?o . ?a ?b ?c }}")
    assert sparing.query(f"{form} {{ ?s ?p ?o BIND(?o AS ?c) }}").body


def test_what_virtuoso_has_no_time_for_is_an_error(sparing: RemoteStore) -> None:
    """It gives what it has found in that time with the status 200."""
    with pytest.raises(QueryTimeout):
        sparing.query(LONG)
