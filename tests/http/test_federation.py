"""SERVICE to endpoints that the operator allows: real ones that answer, and real ones that misbehave."""

from __future__ import annotations

import gzip
import json
import os
import re
import select
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs

import httpx
import pyoxigraph as ox
import pytest

from graph.store.calling import CLIENT_AT_ONCE, MOST_BYTES
from graph.store.federation import MOST_ROWS
from graph.store.snapshots import publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMAND = [sys.executable, "-c", "from server.cli import main; main()", "serve"]
JSON = "application/sparql-results+json"
SECONDS = 6
AWAY = "http://127.0.0.1:1/sparql"
DATA = """
PREFIX drug: <https://w3id.org/her2kg/id/drug/> PREFIX e: <http://example.org/>
drug:palbociclib e:price 12 ; e:note "a \\"quoted\\" note"@en .
drug:elacestrant e:price 7 .
[] e:price 1 .
"""
"""What the endpoint that behaves knows."""


class Other(BaseHTTPRequestHandler):
    """Another endpoint: each path is a way to answer; what it was sent is noted."""

    protocol_version = "HTTP/1.1"
    store: ClassVar[ox.Store] = ox.Store()
    elsewhere: ClassVar[str] = ""
    heard: ClassVar[list[tuple[str, str]]] = []
    ended: ClassVar[threading.Event] = threading.Event()

    def do_POST(self) -> None:
        """Answer as the path says."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.heard.append((self.path, parse_qs(body)["query"][0]))
        try:
            getattr(self, self.path.strip("/"))(parse_qs(body)["query"][0])
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def reply(self, body: bytes, status: int = 200, media_type: str = JSON, **headers: str) -> None:
        """A whole answer."""
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def good(self, query: str) -> None:
        answer = self.store.query(query)
        self.reply(answer.serialize(format=ox.QueryResultsFormat.JSON))

    def redirect(self, _: str) -> None:
        self.reply(b"", 307, Location=self.elsewhere)

    def broken(self, _: str) -> None:
        self.reply(b"no", 500)

    def page(self, _: str) -> None:
        self.reply(b"<html>", media_type="text/html")

    def packed(self, query: str) -> None:
        self.reply(gzip.compress(b" " * 100), Content_Encoding="gzip")

    def cut(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"head": {"vars": []}, "results": {"bindings": []}}')
        self.close_connection = True

    def half(self, _: str) -> None:
        self.reply(b'{"head": {"vars": ["s"]}, "results": {"bindings": [')

    def silence(self, _: str) -> None:
        self.ended.wait(60)

    def trickle(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", JSON)
        self.end_headers()
        while not self.ended.wait(0.1):
            self.wfile.write(b" ")
            self.wfile.flush()

    def endless(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", JSON)
        self.end_headers()
        while not self.ended.is_set():
            self.wfile.write(b" " * 65536)

    def many(self, _: str) -> None:
        rows = [{"s": {"type": "uri", "value": f"x:{n}"}} for n in range(MOST_ROWS + 1)]
        self.reply(json.dumps({"head": {"vars": ["s"]}, "results": {"bindings": rows}}).encode())

    def injects(self, _: str) -> None:
        row = {"s": {"type": "uri", "value": "x:y> ) } SERVICE <http://127.0.0.1/"}}
        self.reply(json.dumps({"head": {"vars": ["s"]}, "results": {"bindings": [row]}}).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


WAYS = [
    name
    for name in vars(Other)
    if not name.startswith(("_", "do_", "log_", "reply")) and callable(vars(Other)[name])
]


@pytest.fixture(scope="module")
def trap() -> Iterator[socket.socket]:
    """Where a redirect leads; nobody may come."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening


@pytest.fixture(scope="module")
def other(trap: socket.socket) -> Iterator[str]:
    """The address of the other endpoints."""
    Other.store.load(DATA.encode(), ox.RdfFormat.TURTLE)
    Other.elsewhere = f"http://127.0.0.1:{trap.getsockname()[1]}/"
    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        Other.ended.set()
        server.shutdown()
        thread.join()


def serving(home: Path, port: int, allowed: list[str]) -> Iterator[httpx.Client]:
    """A client of a running server."""
    arguments = ["--home", str(home), "--port", str(port), "--query-timeout", str(SECONDS)]
    environment = os.environ | {"HER2KG_FEDERATION": " ".join(allowed)}
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+/", process.stdout.readline())
        assert found
        with httpx.Client(base_url=found[0], timeout=30) as client:
            yield client
    finally:
        process.terminate()
        process.communicate(timeout=20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(small_home: Path, other: str) -> Iterator[httpx.Client]:
    """A server that may call each of the other endpoints, and some that are nowhere."""
    port = other.rpartition(":")[2]
    names = [f"http://{host}:{port}/good" for host in ("localhost", "127.1", "2130706433", "nowhere.invalid")]
    secure = f"https://127.0.0.1:{port}/good"
    yield from serving(small_home, free_port(), [*(f"{other}/{way}" for way in WAYS), *names, AWAY, secure])


def rows(response: httpx.Response) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    found = response.json()["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


def ask(server: httpx.Client, query: str, **headers: str) -> httpx.Response:
    return server.get("/sparql", params={"query": query}, headers={"Accept": JSON, **headers})


PRICED = "{ ?drug <http://example.org/price> ?price FILTER(isIRI(?drug)) }"
FEDERATED = {
    f"SELECT ?label ?price {{ ?drug rdfs:label ?label ; a her2kg:Drug SERVICE <%> {PRICED} }} ORDER BY ?price": [
        {"label": "elacestrant", "price": "7"},
        {"label": "palbociclib", "price": "12"},
    ],
    "SELECT ?price { SERVICE <%> { drug:palbociclib <http://example.org/price> ?price } }": [{"price": "12"}],
    "PREFIX e: <http://example.org/> SELECT ?note { SERVICE <%> { ?d e:note ?note } }": [
        {"note": 'a "quoted" note'}
    ],
    "BASE <http://example.org/> SELECT ?p { SERVICE <%> { drug:elacestrant <price> ?p } }": [{"p": "7"}],
    "SELECT ?label ?price { ?drug a her2kg:Drug ; rdfs:label ?label "
    "OPTIONAL { SERVICE <%> { ?drug <http://example.org/price> ?price FILTER(?price > 10) } } } ORDER BY ?label": [
        {"label": "elacestrant"},
        {"label": "palbociclib", "price": "12"},
    ],
    f"SELECT ?label {{ ?drug a her2kg:Drug ; rdfs:label ?label MINUS {{ SERVICE <%> {PRICED} }} }}": [],
    f"SELECT (COUNT(*) AS ?n) {{ {{ SERVICE <%> {PRICED} }} UNION {{ SERVICE <%> {PRICED} }} }}": [
        {"n": "4"}
    ],
    f"SELECT ?price {{ {{ SELECT ?price {{ SERVICE <%> {PRICED} }} ORDER BY ?price LIMIT 1 }} }}": [
        {"price": "7"}
    ],
    "SELECT ?best { SERVICE <%> { SELECT (MAX(?p) AS ?best) { ?d <http://example.org/price> ?p } } }": [
        {"best": "12"}
    ],
    "SELECT ?a ?b { SERVICE <%> { VALUES (?a ?b) { (1 UNDEF) (UNDEF 2) } } } ORDER BY ?a": [
        {"b": "2"},
        {"a": "1"},
    ],
    "SELECT (1 AS ?one) { SERVICE <%> { } }": [{"one": "1"}],
    "SELECT (1 AS ?one) { SERVICE <%> { <x:a> <x:b> <x:c> } }": [],
    f"SELECT ?label ?price {{ ?drug her2kg:search 'palbociclib' ; a ?c . ?drug rdfs:label ?label SERVICE <%> {PRICED} }}": None,
    f"SELECT DISTINCT ?label {{ ?drug her2kg:search 'palbociclib' . ?drug rdfs:label ?label SERVICE <%> {PRICED} }}": [
        {"label": "palbociclib"}
    ],
}
"""Queries, with `%` for the endpoint, and their rows; None: it is refused for another reason."""


@pytest.mark.parametrize("query", FEDERATED)
def test_what_another_endpoint_knows_is_joined(server: httpx.Client, other: str, query: str) -> None:
    """In each place where a SERVICE may stand, as if the engine had asked it."""
    answer = ask(server, query.replace("%", f"{other}/good"))
    if FEDERATED[query] is None:
        assert answer.status_code == 400
    else:
        assert rows(answer) == FEDERATED[query]


def test_the_command_line_follows_the_same_setting(small_home: Path, other: str) -> None:
    """And calls nobody without it."""
    query = f"SELECT ?price {{ SERVICE <{other}/good> {PRICED} }} ORDER BY ?price"
    command = [*COMMAND[:-1], "query", "--home", str(small_home), query]
    for allowed, status in ((f"{other}/good", 0), ("", 1)):
        environment = os.environ | {"HER2KG_FEDERATION": allowed}
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, env=environment, check=False
        )
        assert done.returncode == status, done.stderr
        assert [json.loads(line)["price"] for line in done.stdout.splitlines()] == [7, 12] * (status == 0)


def test_an_answer_that_rests_on_others_is_not_kept(server: httpx.Client, other: str) -> None:
    """It has no validator, is asked anew each time, and nobody is told that it has not changed."""
    query = f"SELECT ?price {{ SERVICE <{other}/good> {PRICED} }} # kept"
    before = len(Other.heard)
    for condition in ({}, {"If-None-Match": "*"}, {"If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT"}):
        answer = ask(server, query, **condition)
        assert answer.status_code == 200
        assert "etag" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
    assert len(Other.heard) == before + 3


def test_nothing_is_asked_while_a_query_is_only_read(server: httpx.Client, other: str) -> None:
    """The check as one types and the explanation call nobody."""
    query = f"SELECT ?price {{ SERVICE <{other}/good> {PRICED} }}"
    before = len(Other.heard)
    headers = {"Content-Type": "application/sparql-query"}
    assert server.post("/sparql/check", content=query, headers=headers).json() == {"ok": True}
    plan = server.get("/sparql/explain", params={"query": query, "format": "json"}).json()
    assert plan["cache"]["repeatable"] is False
    assert f"{other}/good" in json.dumps(plan["algebra"])
    malformed = query.replace("SELECT", "SELECTT")
    assert ask(server, malformed).status_code == 400
    assert ask(server, query.replace("SELECT ?price", "SELECT ?price FROM <x:none>")).status_code == 400
    assert len(Other.heard) == before


FAILURES = {
    "redirect": (502, "redirects are not followed"),
    "broken": (502, "status 500"),
    "page": (502, "text/html"),
    "packed": (502, "compressed"),
    "cut": (502, "did not answer properly"),
    "half": (502, "whole SPARQL results"),
    "injects": (502, "whole SPARQL results"),
    "silence": (504, "in time"),
    "trickle": (504, "in time"),
}
TOO_MUCH = {"endless": (413, f"{MOST_BYTES:,} bytes"), "many": (413, f"{MOST_ROWS:,} solutions")}


@pytest.mark.parametrize("way", [*FAILURES, *TOO_MUCH])
def test_another_endpoint_that_misbehaves_is_an_error_in_words(
    server: httpx.Client, other: str, trap: socket.socket, way: str
) -> None:
    """Within the deadline of the query, with the address and what was wrong; where it redirects nobody comes."""
    began = time.monotonic()
    answer = ask(server, f"SELECT * {{ SERVICE <{other}/{way}> {{ ?s ?p ?o }} }}")
    assert time.monotonic() - began < SECONDS + 4
    status, words = (FAILURES | TOO_MUCH)[way]
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]
    assert f"{other}/{way}" in answer.json()["detail"]
    assert select.select([trap], [], [], 0)[0] == []


@pytest.mark.parametrize("way", FAILURES)
def test_a_failure_that_is_to_be_silent_is_one_empty_solution(
    server: httpx.Client, other: str, trap: socket.socket, way: str
) -> None:
    """As the recommendation has it: the rest of the query is answered."""
    query = f"SELECT ?d {{ ?d a her2kg:Drug SERVICE SILENT <{other}/{way}> {{ ?d ?p ?o }} }}"
    assert len(rows(ask(server, query))) == 2
    assert select.select([trap], [], [], 0)[0] == []


def test_what_is_ours_to_limit_is_never_silent(server: httpx.Client, other: str) -> None:
    """More than is taken, and blank nodes, are errors: nothing else would be a complete answer."""
    for way in TOO_MUCH:
        assert ask(server, f"ASK {{ SERVICE SILENT <{other}/{way}> {{ ?s ?p ?o }} }}").status_code == 413
    blank = f"ASK {{ SERVICE SILENT <{other}/good> {{ ?d <http://example.org/price> ?price }} }}"
    refused = ask(server, blank)
    assert refused.status_code == 400
    assert "blank node" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("127.1", "not public"),
        ("2130706433", "not public"),
        ("nowhere.invalid", "not known"),
    ],
)
def test_a_name_must_stand_for_public_addresses(
    server: httpx.Client, other: str, host: str, words: str
) -> None:
    """A name that stands for this machine is not called, though it is on the list; one that is not known is told."""
    before = len(Other.heard)
    address = f"http://{host}:{other.rpartition(':')[2]}/good"
    answer = ask(server, f"ASK {{ SERVICE <{address}> {{}} }}")
    assert answer.status_code == 502
    assert words in answer.json()["detail"]
    assert len(Other.heard) == before


def test_localhost_may_be_written_out(server: httpx.Client, other: str) -> None:
    """The operator has said which machine is meant."""
    address = f"http://localhost:{other.rpartition(':')[2]}/good"
    assert ask(server, f"ASK {{ SERVICE <{address}> {{}} }}").json()["boolean"] is True


@pytest.mark.parametrize("address", [AWAY, "https://127.0.0.1:PORT/good"])
def test_an_endpoint_that_is_away_or_speaks_no_tls_is_told(
    server: httpx.Client, other: str, address: str
) -> None:
    """With its address; silently, it is one solution without variables."""
    address = address.replace("PORT", other.rpartition(":")[2])
    answer = ask(server, f"ASK {{ SERVICE <{address}> {{}} }}")
    assert answer.status_code == 502
    assert address in answer.json()["detail"]
    assert ask(server, f"ASK {{ SERVICE SILENT <{address}> {{}} }}").json()["boolean"] is True


def test_one_client_has_only_so_many_calls_and_the_rest_is_answered(server: httpx.Client, other: str) -> None:
    """Whoever lets other endpoints hang holds up no query that asks none."""
    query = f"ASK {{ SERVICE <{other}/silence> {{ ?s ?p ?o }} }}"
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(ask(server, query).status_code))
        for _ in range(CLIENT_AT_ONCE + 2)
    ]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    assert ask(server, "ASK { ?s ?p ?o } # beside").status_code == 200
    assert time.monotonic() - began < 2
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [429] * 2 + [504] * CLIENT_AT_ONCE


def test_only_who_may_call_says_so(server: httpx.Client, small_home: Path) -> None:
    """The service description has the feature when there is a list, and not without."""
    feature = "BasicFederatedQuery"
    assert feature in server.get("/sparql", headers={"Accept": "text/turtle"}).text
    for client in serving(small_home, free_port(), []):
        assert feature not in client.get("/sparql", headers={"Accept": "text/turtle"}).text


W3C = {
    "01": {"http://example.org/sparql": "data01endpoint.ttl"},
    "02": {
        "http://example1.org/sparql": "data02endpoint1.ttl",
        "http://example2.org/sparql": "data02endpoint2.ttl",
    },
    "04a": {"http://example.org/sparql": "data04endpoint.ttl"},
    "07": {},
}
"""The W3C's tests of SERVICE with the data of their endpoints; the others nest one SERVICE in another, or have a
variable for the endpoint, which is refused.
"""


def test_the_w3c_s_tests_of_service_pass(shared: Path, tmp_path: Path) -> None:
    """Each endpoint is a snapshot of a running her2kg; the addresses in the queries are replaced by theirs."""
    folder = shared / "w3c" / "sparql" / "sparql11" / "service"
    files = {file for endpoints in W3C.values() for file in endpoints.values()}
    own = {number: f"data{number[:2]}.ttl" for number in W3C}
    versions = {}
    for name in sorted(files | {file for file in own.values() if (folder / file).is_file()}):
        quads = ox.serialize(
            (
                ox.Quad(
                    q.subject, q.predicate, q.object, ox.NamedNode("https://w3id.org/her2kg/graph/vocabulary")
                )
                for q in ox.parse(path=str(folder / name), base_iri="http://w3c.test/")
            ),
            format=ox.RdfFormat.N_QUADS,
        )
        versions[name] = publish(tmp_path, quads).version
    port = free_port()
    here = f"http://127.0.0.1:{port}"
    away = f"http://127.0.0.1:{free_port()}/sparql"
    for client in serving(tmp_path, port, [away, *(f"{here}/release/{v}/sparql" for v in versions.values())]):
        for number, endpoints in W3C.items():
            query = (
                (folder / f"service{number}.rq")
                .read_text()
                .replace("http://invalid.endpoint.org/sparql", away)
            )
            for address, file in endpoints.items():
                query = query.replace(f"<{address}>", f"<{here}/release/{versions[file]}/sparql>")
            release = versions.get(own[number], next(iter(versions.values())))
            answer = client.get(
                "/sparql", params={"query": query, "release": release}, headers={"Accept": JSON}
            )
            assert answer.status_code == 200, answer.text
            given = ox.parse_query_results(answer.content, ox.QueryResultsFormat.JSON)
            wanted = ox.parse_query_results(
                path=str(folder / f"service{number[:2]}.srx"), format=ox.QueryResultsFormat.XML
            )
            names = [variable.value for variable in wanted.variables]
            assert sorted(str([row[name] for name in names]) for row in given) == sorted(
                str([row[name] for name in names]) for row in wanted
            ), number
