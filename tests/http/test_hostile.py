"""Nothing that anybody sends takes the service from others, hangs, or shows a fault of ours."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pyoxigraph as ox
import pytest
from prometheus_client.parser import text_string_to_metric_families

from graph.files import BASE
from graph.store.snapshots import publish
from tests.hostile.asking import Came, Cheap, send
from tests.hostile.inputs import DENSE, HTTP, QUERIES, Query, Wire
from tests.http.conftest import SMALL
from tests.http.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE = 4
"""Seconds a query has here."""

GRACE = 10
"""Seconds that a busy machine may take on top."""

CHEAP = 4.0
"""Seconds that a cheap query may take beside the worst, on a machine that runs other things as well."""

PRODUCT = "".join(f"VALUES ?v{place} {{0 1 2 3 4 5 6 7 8 9}} " for place in range(5))
LARGE = f'SELECT ?x {{ {PRODUCT} VALUES ?w {{1 2}} BIND("{"x" * 1000}" AS ?x) }}'
"""200,000 rows: some 210 MB as JSON."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server over the small dataset and a dense graph."""
    home = tmp_path_factory.mktemp("hostile")
    dense = ox.NamedNode(BASE + "graph/dense")
    quads = [*ox.parse(path=str(SMALL))]
    quads += [
        ox.Quad(q.subject, q.predicate, q.object, dense)
        for q in ox.parse(DENSE, format=ox.RdfFormat.N_TRIPLES)
    ]
    publish(home, ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"")
    arguments = ("--query-timeout", str(DEADLINE), "--query-memory", "256", "--result-memory", "256")
    with serving(home, home / "log", *arguments) as running:
        yield running


@pytest.fixture
def endpoint(served: Served) -> str:
    """Where it answers queries."""
    return served.address + "sparql"


def check(came: Came, given: Query | Wire) -> None:
    """An answer that an input may have: in time, whole, and an error in words."""
    assert came.status in given.may, (came.status, came.body[:300])
    assert came.seconds < DEADLINE + GRACE
    assert not came.cut
    assert b"Traceback" not in came.body
    if came.status >= 400 and came.body:
        assert "content-type: application/problem+json" in came.headers
        problem = json.loads(came.body)
        assert problem["status"] == came.status
        assert len(problem["detail"]) > 10


def test_the_inputs_are_all_here() -> None:
    """Each once."""
    names = [given.name for given in (*QUERIES, *HTTP)]
    assert len(names) == len(set(names))
    assert (len(QUERIES), len(HTTP)) == (63, 70)


@pytest.mark.parametrize("given", QUERIES, ids=lambda given: given.name)
def test_a_bad_query_has_an_answer_and_takes_none_from_others(endpoint: str, given: Query) -> None:
    """In time, by a limit or an error in words; and a cheap query is answered all the while."""
    with Cheap(endpoint, CHEAP) as cheap:
        came = send(endpoint, given, DEADLINE + GRACE)
    check(came, given)
    assert not cheap.failed
    assert cheap.slowest < CHEAP


@pytest.mark.parametrize("given", HTTP, ids=lambda given: given.name)
def test_a_bad_request_has_an_answer(endpoint: str, given: Wire) -> None:
    """The status that fits, or a closed connection; never a fault of ours."""
    check(send(endpoint, given, DEADLINE + GRACE), given)


def connected(served: Served, sent: bytes = b"", buffer: int | None = None) -> socket.socket:
    connection = socket.socket()
    if buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.settimeout(60)
    connection.connect(("127.0.0.1", served.port))
    connection.sendall(sent)
    return connection


def held(client: httpx.Client) -> float:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return next(f.samples[0].value for f in families if f.name == "her2kg_results_held_bytes")


def reading(served: Served, query: str) -> socket.socket:
    """A client that has asked for something large and does not read on."""
    asked = httpx.Request("GET", served.address + "sparql", params={"query": query}).url.raw_path
    return connected(served, b"GET " + asked + b" HTTP/1.1\r\nHost: x\r\n\r\n", buffer=4096)


def test_a_client_that_reads_a_byte_a_second_is_cut_off(served: Served, endpoint: str) -> None:
    """After as long as a query may take; until then it holds the answer, and up to a few MB of it twice."""
    with httpx.Client(base_url=served.address, timeout=30) as client, Cheap(endpoint, CHEAP) as cheap:
        slow = reading(served, LARGE + " # slow")
        head = slow.recv(1000)
        assert head.startswith(b"HTTP/1.1 200")
        assert held(client) > 200_000_000
        began = time.monotonic()
        while held(client):
            slow.recv(1)
            assert time.monotonic() - began < DEADLINE + GRACE
        rest = 0
        with slow, contextlib.suppress(ConnectionError):
            while piece := slow.recv(1 << 18):
                rest += len(piece)
        assert rest < 20_000_000  # what the kernels held; the length told says that this is not all
    assert not cheap.failed


def test_large_results_together_have_a_bound(served: Served) -> None:
    """A second one is 503 with a time to come back while the first is being sent; small ones are not meant."""
    with httpx.Client(base_url=served.address, timeout=60) as client:
        slow = reading(served, LARGE + " # first")
        assert slow.recv(1000).startswith(b"HTTP/1.1 200")
        second = client.get("/sparql", params={"query": LARGE + " # second"})
        assert (second.status_code, second.headers["retry-after"]) == (503, "5")
        assert "are being sent already" in second.json()["detail"]
        assert client.get("/sparql", params={"query": "ASK {} # small"}).status_code == 200
        slow.close()
        began = time.monotonic()
        while held(client):
            assert time.monotonic() - began < DEADLINE + GRACE
        third = client.get(
            "/sparql", params={"query": LARGE + " # third"}, headers={"Accept-Encoding": "zstd"}
        )
        assert third.status_code == 200
        assert len(third.json()["results"]["bindings"]) == 200_000


def test_a_body_that_does_not_come_is_waited_for_as_long_as_a_query(served: Served, endpoint: str) -> None:
    """Then 408; others are answered meanwhile."""
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 99\r\n\r\nASK"
    with Cheap(endpoint, CHEAP) as cheap:
        slow = [connected(served, head) for _ in range(100)]
        answers = [connection.recv(65536) for connection in slow]
        for connection in slow:
            connection.close()
    assert all(answer.startswith(b"HTTP/1.1 408") for answer in answers)
    assert all(b"application/problem+json" in answer for answer in answers)
    assert not cheap.failed


def test_a_thousand_connections_that_say_little_or_nothing_hold_up_nobody(
    served: Served, endpoint: str
) -> None:
    """Half a header each, or not a byte."""
    idle = [connected(served, b"GET /sparql HTTP/1.1\r\nX: " if n % 2 else b"") for n in range(1_200)]
    try:
        with Cheap(endpoint, CHEAP) as cheap:
            while cheap.asked < 20:
                threading.Event().wait(0.01)
        assert not cheap.failed
    finally:
        for connection in idle:
            connection.close()


def test_a_connection_that_says_nothing_is_closed(served: Served) -> None:
    """As is one whose header does not end, and one whose request was answered: within half a minute and some."""
    whole = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n"
    idle = [
        connected(served, sent) for sent in (b"", b"GET / HTTP/1.1\r\nHo", b"PRI * HTTP/2.0\r\n\r\n", whole)
    ]
    for connection in idle:
        while connection.recv(65536):
            pass
        connection.close()


def test_pages_that_wait_hold_up_neither_health_nor_metrics(served: Served) -> None:
    """Fifty people ask for a page that takes long."""
    asked = httpx.Request(
        "GET",
        served.address + "sparql",
        params={"query": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"},
    ).url.raw_path
    waiting = [
        connected(served, b"GET " + asked + b" HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n")
        for _ in range(50)
    ]
    try:
        for path in ("health", "metrics"):
            assert httpx.get(served.address + path, timeout=CHEAP).status_code == 200
    finally:
        for connection in waiting:
            connection.close()


def test_all_that_left_no_fault_in_the_log(served: Served, endpoint: str) -> None:
    """Nothing above was a fault of ours, and the server still answers as soon as what was asked has ended."""
    began = time.monotonic()
    while httpx.get(served.address + "health", timeout=CHEAP).json()["waiting"]:
        assert time.monotonic() - began < 3 * DEADLINE + GRACE
    assert send(endpoint, Query("after all", "ASK {}", frozenset()), 10).status == 200
    assert [line for line in served.lines() if line["level"] not in {"info", "warning"}] == []
