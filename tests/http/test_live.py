"""The endpoint of a server that really runs: what only a socket can show."""

from __future__ import annotations

import gzip
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import zstandard

from graph.files import BASE
from graph.store.processors import Processors
from tests.http.serving import descendants
from tests.serving import her2kg

if TYPE_CHECKING:
    from collections.abc import Iterator

DRUGS = "SELECT ?d ?label { ?d a her2kg:Drug ; rdfs:label ?label } ORDER BY ?label"
DIGITS = "".join(f"VALUES ?v{place} {{0 1 2 3 4 5 6 7 8 9}} " for place in range(5))
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o FILTER(?a != ?z) }"
PLAIN = {"Accept-Encoding": "identity"}
LARGE = f"SELECT * {{ {DIGITS} }}"
"""100,000 rows: some 16 MB as JSON."""


@pytest.fixture(scope="module")
def running(small_home: Path) -> Iterator[tuple[str, int]]:
    """The address of a running server, and its process id."""
    with her2kg(small_home, "--query-timeout", "8") as server:
        yield server.address, server.pid


@pytest.fixture
def server(running: tuple[str, int]) -> str:
    """The address of the running server."""
    return running[0]


@pytest.fixture
def served(running: tuple[str, int]) -> int:
    """The process id of the running server."""
    return running[1]


@pytest.fixture
def client(server: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=server, timeout=20) as client:
        yield client


def ask(client: httpx.Client, query: str, **headers: str) -> httpx.Response:
    return client.get("/sparql", params={"query": query}, headers=headers)


def test_an_answer_is_the_same_from_the_workers_and_from_the_cache(client: httpx.Client) -> None:
    """Twice the same bytes, with the same validator; HEAD has the headers alone."""
    first, second = ask(client, DRUGS), ask(client, DRUGS)
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]
    head = client.head("/sparql", params={"query": DRUGS})
    assert head.content == b""
    assert head.headers["content-length"] == first.headers["content-length"]
    assert head.headers["etag"] == first.headers["etag"]


def test_the_explanation_knows_whether_the_answer_is_in_the_cache(client: httpx.Client) -> None:
    """Of the same address, in whatever format; of what differs each time it never is."""
    json = {"Accept": "application/json"}
    for query, repeatable in ((DRUGS + " # held", True), ("SELECT (NOW() AS ?now) {}", False)):
        for held in (False, repeatable):
            explained = client.get("/sparql/explain", params={"query": query}, headers=json).json()["cache"]
            assert (explained["repeatable"], explained["held"]) == (repeatable, held)
            assert ask(client, query, Accept="text/csv").status_code == 200


def test_a_known_answer_is_not_sent_again(client: httpx.Client) -> None:
    """By validator or by date, before and after the answer is cached; not to a POST."""
    tag, date = (ask(client, DRUGS + " # 304").headers[name] for name in ("etag", "last-modified"))
    for headers in ({"If-None-Match": tag}, {"If-None-Match": f'W/{tag}, "x"'}, {"If-Modified-Since": date}):
        answer = ask(client, DRUGS + " # 304", **headers)
        assert (answer.status_code, answer.content) == (304, b"")
    old = {"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}
    assert ask(client, DRUGS + " # 304", **old).status_code == 200
    assert ask(client, DRUGS + " # 304", **{"If-None-Match": '"another"'}).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip;q=0.5, zstd", "zstd"),
        ("zstd;q=0.1, gzip;q=0.9", "gzip"),
        ("br, *;q=0.5", "zstd"),
        ("identity, gzip;q=0.5", None),
        ("gzip;q=0", None),
    ],
)
def test_an_answer_is_compressed_as_the_client_likes(
    client: httpx.Client, accepted: str, coding: str | None
) -> None:
    """The coding it wants most; the content is the same, the validator is not."""
    query = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"
    plain = ask(client, query, **{"Accept-Encoding": "identity"})
    with client.stream(
        "GET", "/sparql", params={"query": query}, headers={"Accept-Encoding": accepted}
    ) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == coding
    decoded = {"gzip": gzip.decompress, "zstd": zstandard.ZstdDecompressor().decompress, None: bytes}[coding](
        raw
    )
    assert decoded == plain.content
    assert (answer.headers["etag"] == plain.headers["etag"]) == (coding is None)
    again = ask(client, query, **{"Accept-Encoding": accepted, "If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_large_answer_has_its_length_before_its_first_byte(client: httpx.Client) -> None:
    """So a connection that breaks cannot look like an answer."""
    with client.stream("GET", "/sparql", params={"query": LARGE, "format": "csv"}, headers=PLAIN) as answer:
        length = int(answer.headers["content-length"])
        body = b"".join(answer.iter_raw())
    assert len(body) == length
    assert body.count(b"\n") == 100_001


def busy(client: httpx.Client) -> int:
    return int(client.get("/health").json()["busy"])


def test_a_client_that_goes_away_frees_its_worker(client: httpx.Client) -> None:
    """Long before the deadline; nobody else notices."""
    with pytest.raises(httpx.ReadTimeout):
        client.get("/sparql", params={"query": ENDLESS}, timeout=0.5)
    began = time.monotonic()
    while busy(client):
        assert time.monotonic() - began < 4
    assert ask(client, "ASK {}").json()["boolean"] is True


def test_short_queries_are_answered_while_long_ones_hang(client: httpx.Client, server: str) -> None:
    """Eight queries without end take no short query's worker."""

    def hang(number: int) -> int:
        with httpx.Client(base_url=server, timeout=20) as other:
            return ask(other, ENDLESS + f" # {number}").status_code

    with ThreadPoolExecutor(8) as threads:
        hanging = [threads.submit(hang, number) for number in range(8)]
        while client.get("/health").json()["waiting"] < 4:
            assert not any(future.done() for future in hanging)
        for number in range(50):
            assert ask(client, f"ASK {{}} # {number}").json()["boolean"] is True
        assert not any(future.done() for future in hanging)
        assert {future.result() for future in hanging} == {504}


@pytest.mark.skipif(len(Processors(4).all) < 2, reason="skipped: one processor cannot be divided")
def test_the_server_keeps_apart_from_a_query_that_goes_on_and_on(client: httpx.Client, served: int) -> None:
    """All its threads leave the processors of long queries, and come back when there is none any more."""
    those = Processors(4)

    def wait_until_at(where: frozenset[int]) -> None:
        until = time.monotonic() + 5
        while True:
            # the one that starts workers may be where they start
            if sum(place != where for place in threads_of(served)) <= 1:
                return
            assert time.monotonic() < until

    wait_until_at(those.all)
    with ThreadPoolExecutor(1) as threads, httpx.Client(base_url=str(client.base_url), timeout=20) as other:
        hanging = threads.submit(ask, other, ENDLESS + " # apart")
        wait_until_at(those.short)
        assert ask(client, "ASK {} # apart").json()["boolean"] is True
        assert not hanging.done()
        assert hanging.result().status_code == 504
    wait_until_at(those.all)


def threads_of(served: int) -> list[frozenset[int]]:
    """Where each thread of the process that has query workers may run."""
    parents, found = set(), []
    for pid in descendants(served):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            if b"graph.store.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                parents.add(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    for task in [task for parent in parents for task in Path(f"/proc/{parent}/task").iterdir()]:
        with suppress(ProcessLookupError):
            found.append(frozenset(os.sched_getaffinity(int(task.name))))
    assert len(found) > 3
    return found


def test_one_client_has_only_so_many_long_queries(client: httpx.Client, server: str) -> None:
    """More are 429 with a time to come back; short ones of the same client are answered."""

    def hang(number: int) -> httpx.Response:
        with httpx.Client(base_url=server, timeout=20) as other:
            return ask(other, ENDLESS + f" # many {number}")

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(hang, range(12)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 4
    assert all(answer.headers["retry-after"].isdigit() for answer in refused)
    assert all("long queries of yours" in answer.json()["detail"] for answer in refused)


def test_a_release_is_asked_by_parameter_and_by_path(client: httpx.Client) -> None:
    """The version served now can be pinned; one that is not there is 404."""
    version = client.get("/health").json()["version"]
    plain = ask(client, DRUGS)
    by_path = client.get(f"/release/{version}/sparql", params={"query": DRUGS})
    by_parameter = client.get("/sparql", params={"query": DRUGS, "release": version})
    assert plain.content == by_path.content == by_parameter.content
    for name in ("000000000000", "..%2F..", "x", "%FF"):
        assert client.get(f"/release/{name}/sparql", params={"query": DRUGS}).status_code == 404
    contradiction = client.get(
        f"/release/{version}/sparql", params={"query": DRUGS, "release": "000000000000"}
    )
    assert contradiction.status_code == 400


def test_five_hundred_connections_are_all_answered(server: str) -> None:
    """Open at once, each with a query, none refused."""
    host, port = server.removeprefix("http://").rstrip("/").split(":")
    asked = f"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    sockets = [socket.create_connection((host, int(port)), timeout=30) for _ in range(500)]
    try:
        for one in sockets:
            one.sendall(asked)
        for one in sockets:
            answer = b""
            while piece := one.recv(65536):
                answer += piece
            assert answer.startswith(b"HTTP/1.1 200")
            assert b'"boolean":true' in answer
    finally:
        for one in sockets:
            one.close()


def test_a_body_of_thirty_megabytes_is_refused_before_it_is_read(client: httpx.Client) -> None:
    """With its length given or not, and the server goes on."""
    body = b"ASK {} #" + b"x" * 30_000_000
    for content in (body, iter([body[start : start + 65536] for start in range(0, len(body), 65536)])):
        try:
            answer = client.post(
                "/sparql", content=content, headers={"Content-Type": "application/sparql-query"}
            )
        except httpx.WriteError:  # the server has answered and closed while we were still sending
            continue
        assert answer.status_code == 413
    assert ask(client, "ASK {}").json()["boolean"] is True


def test_the_description_names_the_address_it_was_asked_at(client: httpx.Client, server: str) -> None:
    """As JSON-LD too; with the count of every graph."""
    for accept in ("text/turtle", "application/ld+json"):
        answer = client.get("/sparql", headers={"Accept": accept})
        assert answer.status_code == 200
        assert f"{server}sparql" in answer.text
        assert BASE + "graph/" in answer.text
        assert "triples" in answer.text


def test_the_description_is_not_that_of_another_host(client: httpx.Client) -> None:
    """What was told to one client under one name is not told to another under another."""
    for host in ("one.example", "two.example"):
        answer = client.get("/sparql", headers={"Host": host, "Accept": "text/turtle"})
        assert f"<http://{host}/sparql>" in answer.text


def test_a_host_that_is_none_is_told(client: httpx.Client) -> None:
    """The description cannot name its address: 400, and the server goes on."""
    for host in ("a<b>c", "[::1", 'x"y'):
        answer = client.get("/sparql", headers={"Host": host, "Accept": "text/turtle"})
        assert answer.status_code == 400
        assert "Host" in answer.json()["mend"]
    assert client.get("/sparql", headers={"Accept": "text/turtle"}).status_code == 200


def test_no_memory_file_is_left_open(client: httpx.Client, served: int) -> None:
    """Large answers give back their memory, by the kernel's own lists of what the server has mapped."""
    for number in range(3):
        asked = {"query": LARGE + f" # {number}", "format": "csv"}
        assert client.get("/sparql", params=asked, headers=PLAIN).status_code == 200
    ask(client, "ASK {}")
    maps = [Path(f"/proc/{pid}/maps").read_text() for pid in descendants(served)]
    assert sum(text.count("memfd:her2kg-result") for text in maps) == 0
