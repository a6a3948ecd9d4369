"""fetch-sparql-endpoint, on which other libraries of JavaScript stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from tests.clients import questions as q
from tests.clients.node import Talk, lowered, require_packages, talk, term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Asker = Callable[..., dict[str, Any]]

WAYS: list[dict[str, Any]] = [{}, {"method": "GET"}, {"directPost": True}]
"""A posted form, an address, a posted query."""


@pytest.fixture(scope="module")
def client() -> Iterator[Talk]:
    """The client, running."""
    require_packages()
    with talk("fetcher.js") as talking:
        yield talking


@pytest.fixture
def ask(client: Talk, endpoint: str) -> Asker:
    """Ask for a table, a truth or triples."""

    def call(query: str, form: str = "select", **more: Any) -> dict[str, Any]:
        return client.ask(query=query, endpoint=endpoint, form=form, options={}, **more)

    return call


@pytest.mark.parametrize("options", WAYS, ids=["form", "address", "body"])
def test_every_form_of_query_by_every_method(client: Talk, endpoint: str, options: dict[str, Any]) -> None:
    """SELECT in its order, ASK, CONSTRUCT and DESCRIBE."""

    def call(query: str, form: str) -> dict[str, Any]:
        return client.ask(query=query, endpoint=endpoint, form=form, options=options)

    assert [term(row["drug"]).value for row in call(q.DRUGS, "select")["rows"]] == [
        q.ELACESTRANT,
        q.PALBOCICLIB,
    ]
    assert [call(query, "ask")["boolean"] for query in (q.YES, q.NO)] == [True, False]
    assert [len(call(query, "graph")["triples"]) for query in (q.CONSTRUCT, q.DESCRIBE)] == [2, 6]


def test_a_hundred_thousand_rows(ask: Asker) -> None:
    """All of them, each once."""
    assert ask(q.LARGE, only="count") == {"count": q.ROWS, "different": q.ROWS}


def test_an_error_carries_our_words_and_the_place(ask: Asker) -> None:
    """The client's own error has the problem details in it."""
    error = ask(q.BROKEN)["error"]
    assert "(HTTP status 400)" in error
    assert q.BROKEN_WORDS in error
    assert '"line": 1, "column": 17' in error


def test_a_deadline_is_an_error(ask: Asker) -> None:
    """504, with the limit in words; nothing of the result."""
    error = ask(q.endless("fetch-sparql-endpoint"))["error"]
    assert "(HTTP status 504)" in error
    assert q.ENDLESS_WORDS in error


def test_a_long_query_is_posted(client: Talk, ask: Asker, endpoint: str) -> None:
    """As it does by itself; told to use GET, it says what the address was."""
    assert [row["label"]["value"] for row in ask(q.LONG)["rows"]] == ["plain"]
    by_get = client.ask(query=q.LONG, endpoint=endpoint, form="select", options={"method": "GET"})
    assert "(HTTP status 414)" in by_get["error"]


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
