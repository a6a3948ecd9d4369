"""What an operator sees of a running server: ids, log, metrics, and who asks behind a proxy."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.http.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o FILTER(?a != ?z) }"
BROWSER = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def served(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that logs all requests and has one proxy before it."""
    log = tmp_path_factory.mktemp("operation") / "log"
    arguments = ("--query-timeout", "8", "--log", "requests", "--proxies", "1")
    with serving(small_home, log, *arguments) as running:
        yield running


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=served.address, timeout=20) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/sparql?query=ASK{}", {}, 200),
        ("HEAD", "/sparql?query=ASK{}", {}, 200),
        ("GET", "/sparql?query=ASK{}", {"If-None-Match": "*"}, 304),
        ("OPTIONS", "/sparql", {}, 204),
        ("GET", "/sparql?query=ASK", {}, 400),
        ("GET", "/sparql?query=ASK{}", {"Accept": "image/png"}, 406),
        ("POST", "/sparql", {"Content-Type": "text/x"}, 415),
        ("GET", "/release/0/sparql?query=ASK{}", {}, 404),
        ("GET", "/", BROWSER, 200),
        ("GET", "/nowhere", BROWSER, 404),
        ("DELETE", "/sparql", {}, 405),
        ("GET", "/health", {}, 200),
    ],
)
def test_every_answer_has_the_id_of_its_request(
    client: httpx.Client, served: Served, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    """The client's own or one of ours, and the log has it with the same status."""
    for given in ({}, {"X-Request-Id": f"t-{method}-{status}-{len(path)}"}):
        answer = client.request(method, path, headers=headers | given)
        assert answer.status_code == status
        name = answer.headers["x-request-id"]
        assert name == given.get("X-Request-Id", name)
        line = served.line(lambda line, name=name: line["request"] == name)
        assert (line["method"], line["status"]) == (method, status)


def test_one_query_has_one_hash_however_it_is_sent(client: httpx.Client, served: Served) -> None:
    """By address, form or body, for a program or for a person, answered or from the cache; the text is not logged."""
    query = "SELECT ?unmistakable { ?unmistakable a her2kg:Drug } # hash"
    direct = {"Content-Type": "application/sparql-query"}
    answers = [
        client.get("/sparql", params={"query": query}),
        client.get("/sparql", params={"query": query}),
        client.post("/sparql", data={"query": query}),
        client.post("/sparql", content=query, headers=direct),
        client.get("/sparql", params={"query": query}, headers=BROWSER),
    ]
    names = [answer.headers["x-request-id"] for answer in answers]
    found = [served.line(lambda line, name=name: line["request"] == name) for name in names]
    assert len({line["query"] for line in found}) == 1
    assert {line["rows"] for line in found} == {len(answers[0].json()["results"]["bindings"])}
    assert [line["outcome"] for line in found] == ["ok", "cached", "ok", "ok", "ok"]
    assert [line["bytes"] for line in found] == [int(answer.headers["content-length"]) for answer in answers]
    assert "unmistakable" not in served.log.read_text("utf-8")


@pytest.mark.parametrize(
    ("query", "status", "outcome"),
    [
        ("ASK", 400, "syntax"),
        ("ASK { SERVICE <http://127.0.0.1/> {} }", 400, "refused"),
        (ENDLESS, 504, "timeout"),
        ("ASK {} #" + "x" * 1_100_000, 413, "too_large"),
    ],
)
def test_the_log_says_how_a_request_ended(
    client: httpx.Client, served: Served, query: str, status: int, outcome: str
) -> None:
    """For a program and on the page alike, and the counters have it."""
    for headers in ({}, BROWSER):
        answer = client.post("/sparql", data={"query": query}, headers=headers)
        name = answer.headers["x-request-id"]
        line = served.line(lambda line, name=name: line["request"] == name)
        assert (answer.status_code, line["status"], line["outcome"]) == (status, status, outcome)
    counted = [
        sample
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
        if sample.name == "her2kg_requests_total"
    ]
    wanted = {"route": "sparql", "method": "POST", "status": str(status), "outcome": outcome}
    assert [sample.value for sample in counted if sample.labels == wanted] >= [2]


def test_a_client_that_goes_away_is_logged_as_gone(client: httpx.Client, served: Served) -> None:
    """With no status: nobody was there to be told."""
    with pytest.raises(httpx.ReadTimeout):
        client.get("/sparql", params={"query": ENDLESS}, headers={"X-Request-Id": "gone"}, timeout=0.5)
    line = served.line(lambda line: line["request"] == "gone")
    assert (line["status"], line["outcome"]) == (0, "gone")


def test_the_client_is_the_one_before_the_proxy(client: httpx.Client, served: Served) -> None:
    """What it claims of itself is not believed."""
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Request-Id": "forwarded"}
    client.get("/health", headers=headers)
    assert served.line(lambda line: line["request"] == "forwarded")["client"] == "203.0.113.9"


def test_clients_behind_one_proxy_have_a_share_each(served: Served) -> None:
    """One of them has all the long queries it may have; the other's are taken all the same."""

    def hang(number: int, address: str) -> int:
        forwarded = {"X-Forwarded-For": f"198.51.100.{number}, {address}"}
        with httpx.Client(base_url=served.address, timeout=20) as other:
            return other.get("/sparql", params={"query": ENDLESS}, headers=forwarded).status_code

    assert hang(0, "203.0.113.0") == 504  # it is known as long from now on, and counted as such at once
    with ThreadPoolExecutor(14) as threads:
        greedy = [threads.submit(hang, number, "203.0.113.1") for number in range(12)]
        modest = [threads.submit(hang, number, "203.0.113.2") for number in range(2)]
        assert [one.result() for one in greedy].count(429) == 4
        assert {one.result() for one in modest} <= {503, 504}  # their time was up, while they ran or waited


def test_the_address_in_the_description_is_the_one_that_was_asked(client: httpx.Client) -> None:
    """As the proxy says; and nobody else gets to see what one client was told."""
    plain = re.escape(f"<{str(client.base_url).rstrip('/')}/sparql>")
    headers = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "kg.example",
    }
    for _ in range(2):
        assert "<https://kg.example/sparql>" in client.get("/sparql", headers=headers).text
        assert re.search(plain, client.get("/sparql").text)
    page = client.get("/id/drug/palbociclib", headers=headers | BROWSER)
    assert page.headers["location"].startswith(("/", "https://kg.example/"))


def test_without_proxies_nobody_is_believed(small_home: Path, tmp_path: Path) -> None:
    """The default: neither the client's address nor the host is taken from what a request forwards."""
    with serving(small_home, tmp_path / "log", "--log", "requests") as running:
        forwarded = {
            "X-Forwarded-For": "203.0.113.9",
            "X-Forwarded-Host": "evil.example",
            "Forwarded": "for=203.0.113.9;host=evil.example",
            "X-Request-Id": "alone",
        }
        answer = httpx.get(running.address + "sparql", headers=forwarded)
        assert "evil.example" not in answer.text
        assert running.line(lambda line: line["request"] == "alone")["client"] == "127.0.0.1"
