"""Comunica, which asks many sources as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pyoxigraph as ox
import pytest

from graph.files import BASE
from tests.clients import questions as q
from tests.clients.node import Talk, lowered, require_packages, talk, term
from tests.serving import oxigraph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Asker = Callable[..., dict[str, Any]]

PRICES = "https://example.org/price"
PRICED = f"""{q.PREFIXES}
SELECT ?label ?price {{ ?drug a her2kg:Drug ; rdfs:label ?label . ?drug <{PRICES}> ?price }} ORDER BY ?label"""


@pytest.fixture(scope="module")
def client() -> Iterator[Talk]:
    """The client, running."""
    require_packages()
    with talk("comunica.js") as talking:
        yield talking


@pytest.fixture(scope="module")
def other() -> Iterator[dict[str, str]]:
    """Another endpoint, as a source: Oxigraph's server, which knows what our drugs cost."""
    with oxigraph() as server:
        turtle = (
            f"<{q.ELACESTRANT}> <{PRICES}> 7 . <{q.PALBOCICLIB}> <{PRICES}> 5 . <{BASE}none> <{PRICES}> 1 ."
        )
        put = httpx.put(
            f"{server.address}store?default", content=turtle, headers={"Content-Type": "text/turtle"}
        )
        assert put.is_success
        yield {"type": "sparql", "value": f"{server.address}query"}


@pytest.fixture
def ours(endpoint: str) -> dict[str, str]:
    """Our endpoint, as a source."""
    return {"type": "sparql", "value": endpoint}


@pytest.fixture
def ask(client: Talk, ours: dict[str, str]) -> Asker:
    """Ask our endpoint alone."""

    def call(query: str, **more: Any) -> dict[str, Any]:
        return client.ask(query=query, sources=[ours], **more)

    return call


def test_every_form_of_query(ask: Asker) -> None:
    """SELECT in its order, ASK, CONSTRUCT and DESCRIBE."""
    assert [term(row["drug"]).value for row in ask(q.DRUGS)["rows"]] == [q.ELACESTRANT, q.PALBOCICLIB]
    assert [ask(query)["boolean"] for query in (q.YES, q.NO)] == [True, False]
    assert [len(ask(query)["triples"]) for query in (q.CONSTRUCT, q.DESCRIBE)] == [2, 6]


def test_it_finds_out_by_itself_that_this_is_an_endpoint(client: Talk, endpoint: str) -> None:
    """From the service description: the address alone is enough."""
    found = client.ask(query=q.DRUGS, sources=[endpoint])
    assert [row["label"]["value"] for row in found["rows"]] == ["elacestrant", "palbociclib"]


def test_two_endpoints_are_asked_as_one(client: Talk, ours: dict[str, str], other: dict[str, str]) -> None:
    """What one has of a drug and what the other has come together."""
    rows = client.ask(query=PRICED, sources=[ours, other])["rows"]
    assert [(term(row["label"]), term(row["price"])) for row in rows] == [
        (ox.Literal("elacestrant", language="en"), ox.Literal(7)),
        (ox.Literal("palbociclib", language="en"), ox.Literal(5)),
    ]


def test_the_pages_of_a_federated_table(client: Talk, ours: dict[str, str], other: dict[str, str]) -> None:
    """LIMIT and OFFSET cut it where they should."""
    pages = [
        client.ask(query=f"{PRICED} LIMIT 1 OFFSET {place}", sources=[ours, other])["rows"]
        for place in range(3)
    ]
    assert [[row["label"]["value"] for row in page] for page in pages] == [
        ["elacestrant"],
        ["palbociclib"],
        [],
    ]


def test_our_linked_data_is_a_source_beside_the_endpoint(
    client: Talk, endpoint: str, other: dict[str, str]
) -> None:
    """The Turtle of one drug, and what the other endpoint says of it."""
    document = endpoint.removesuffix("sparql") + "data/drug/palbociclib.ttl"
    rows = client.ask(query=PRICED, sources=[document, other])["rows"]
    assert [(row["label"]["value"], row["price"]["value"]) for row in rows] == [("palbociclib", "5")]


def test_a_search_is_federated_too(client: Talk, ours: dict[str, str], other: dict[str, str]) -> None:
    """Its triple comes to us as it is."""
    query = f'{q.PREFIXES} SELECT ?price {{ ?drug her2kg:search "elacestrant" . ?drug <{PRICES}> ?price }}'
    rows = client.ask(query=query, sources=[ours, other])["rows"]
    assert [row["price"]["value"] for row in rows] == ["7"]


def test_pages_of_one_table(ask: Asker) -> None:
    """By LIMIT and OFFSET over an order: each row once."""
    query = q.PREFIXES + "SELECT ?s { ?s rdfs:label ?o } ORDER BY ?s"
    whole = [row["s"]["value"] for row in ask(query)["rows"]]
    pages = [ask(f"{query} LIMIT 10 OFFSET {start}")["rows"] for start in range(0, len(whole), 10)]
    assert [row["s"]["value"] for page in pages for row in page] == whole
    assert len(whole) > 30


def test_a_hundred_thousand_rows(ask: Asker) -> None:
    """All of them, each once."""
    assert ask(q.LARGE, only="count") == {"count": q.ROWS, "different": q.ROWS}


def test_an_error_carries_our_words_and_the_place(ask: Asker) -> None:
    """It parses queries itself, so what is left for us to refuse is what is not here."""
    error = ask("SELECT * FROM <https://example.org/none> { ?s ?p ?o }")["error"]
    assert "(HTTP status 400)" in error
    assert "There is no graph <https://example.org/none> here." in error
    assert '"line": 1, "column": 15' in error
    assert "Parse error" in ask(q.BROKEN)["error"]


def test_a_deadline_is_an_error(ask: Asker) -> None:
    """504, with the limit in words; nothing of the result."""
    error = ask(q.endless("Comunica"))["error"]
    assert "(HTTP status 504)" in error
    assert q.ENDLESS_WORDS in error


def test_a_long_query_is_posted(ask: Asker) -> None:
    """As it does by itself."""
    assert [row["label"]["value"] for row in ask(q.LONG)["rows"]] == ["plain"]


def test_every_term_comes_home_as_it_was(ask: Asker, terms: dict[str, ox.Literal]) -> None:
    """Text, language and datatype of each literal, and an IRI with all that IRIs may have."""
    found = {row["s"]["value"]: term(row["o"]) for row in ask(q.TERMS)["rows"]}
    assert found == {iri: lowered(literal) for iri, literal in terms.items()}
    assert ask(q.SEE_ALSO)["rows"][0]["o"]["value"] == q.IRI


def test_graphs_by_clause(ask: Asker) -> None:
    """GRAPH sees each; FROM chooses."""
    counted = {row["g"]["value"]: int(row["n"]["value"]) for row in ask(q.GRAPHS)["rows"]}
    assert counted[q.TEXTS] == 12
    assert len(ask(f"SELECT * FROM <{q.TEXTS}> {{ ?s ?p ?o }}")["rows"]) == 12


def test_text_search(ask: Asker) -> None:
    """With and without the score."""
    assert [row["thing"]["value"] for row in ask(q.SEARCH)["rows"]] == [q.ELACESTRANT]
    assert float(ask(q.SCORED)["rows"][0]["score"]["value"]) > 0
