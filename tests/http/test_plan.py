"""`/sparql/explain` tells programs and people what a query asks, before it is run."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pytest

from graph.store import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

DRUGS = "SELECT ?d ?label { ?d a her2kg:Drug ; rdfs:label ?label } ORDER BY ?label LIMIT 10"
PAGE = {"Accept": "text/html"}


def get(client: FlaskClient, query: str | None, **headers: Any) -> Any:
    given = {"query": query} if query is not None else {}
    return client.get("/sparql/explain", query_string=given, headers=headers)


def test_an_explanation_is_the_same_by_get_and_both_kinds_of_post(client: FlaskClient) -> None:
    """The ways of the protocol; scripts of any site may read it, and nobody keeps it."""
    by_get = get(client, DRUGS, Accept="application/json")
    by_form = client.post("/sparql/explain", data={"query": DRUGS}, headers={"Accept": "application/json"})
    direct = client.post(
        "/sparql/explain",
        data=DRUGS,
        content_type="application/sparql-query",
        headers={"Accept": "application/json"},
    )
    assert by_get.json == by_form.json == direct.json
    assert by_get.headers["Access-Control-Allow-Origin"] == "*"
    assert by_get.headers["Cache-Control"] == "no-store"
    assert (by_get.json["form"], by_get.json["at_most"]) == ("select", 10)


def test_json_by_accept_or_by_format(client: FlaskClient) -> None:
    """A browser gets a page, a program that says nothing too; `format=` goes before."""
    assert get(client, DRUGS, **PAGE).content_type.startswith("text/html")
    named = client.get("/sparql/explain", query_string={"query": DRUGS, "format": "json"}, headers=PAGE)
    assert named.json == get(client, DRUGS, Accept="application/json").json


def test_the_limits_that_apply_are_those_of_the_server(client: FlaskClient) -> None:
    """Each with its figure and unit."""
    limits = {
        limit["name"]: limit["value"]
        for limit in get(client, DRUGS, Accept="application/json").json["limits"]
    }
    assert limits["timeout"] == Limits().timeout
    assert limits["memory"] == Limits().memory
    assert limits["result_bytes"] == Limits().result_bytes


@pytest.mark.parametrize(("query", "repeatable"), [(DRUGS, True), ("SELECT (NOW() AS ?n) {}", False)])
def test_whether_the_answer_is_kept_is_told(client: FlaskClient, query: str, repeatable: bool) -> None:
    """What may differ the next time is not."""
    assert get(client, query, Accept="application/json").json["cache"]["repeatable"] is repeatable


def test_the_page_shows_steps_figures_warnings_and_a_way_back(client: FlaskClient) -> None:
    """All of it without a script."""
    query = "SELECT * { ?d a her2kg:Drug . ?c a her2kg:DrugClass }"
    page = html.unescape(get(client, query, **PAGE).text)
    for shown in ("?d a her2kg:Drug", "triples fit", "Parts without a common variable", "30 seconds", query):
        assert shown in page
    assert '<form method="get" action="/sparql">' in page
    assert "<script" not in page


def test_the_form_has_a_button_that_explains(client: FlaskClient) -> None:
    """It sends what the other button sends, to another address."""
    assert 'formaction="/sparql/explain"' in client.get("/sparql", headers=PAGE).text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT * {\n  ?s nope:p ?o }", 400),
        ("SELECT * { ?s ?p }", 400),
        ("ASK { SERVICE <http://example.org/> {} }", 400),
        ("INSERT DATA { <x:s> <x:p> 1 }", 400),
        ("SELECT * FROM <http://example.org/none> { ?s ?p ?o }", 400),
        ("#" + "x" * (1 << 20), 413),
    ],
)
def test_what_cannot_be_asked_cannot_be_explained(client: FlaskClient, query: str, status: int) -> None:
    """With the same error for a program; a person gets the form with the query and what is wrong with it."""
    to_program = client.post("/sparql/explain", data={"query": query}, headers={"Accept": "application/json"})
    assert to_program.status_code == status
    assert to_program.content_type == "application/problem+json"
    to_person = client.post("/sparql/explain", data={"query": query}, headers=PAGE)
    assert to_person.status_code == status
    assert to_program.json["detail"] in html.unescape(to_person.text)
    assert "<textarea" in to_person.text


def test_without_a_query_it_says_so(client: FlaskClient) -> None:
    """As an error, not as an empty page."""
    assert get(client, None, Accept="application/json").status_code == 400
    assert get(client, "  ", **PAGE).status_code == 400


@pytest.mark.parametrize("release", ["nonsense", "000000000000"])
def test_a_release_that_is_not_there_is_not_found(client: FlaskClient, release: str) -> None:
    """As for the query itself."""
    given = {"query": DRUGS, "release": release, "format": "json"}
    assert client.get("/sparql/explain", query_string=given).status_code == 404


def test_the_form_of_the_json_is_the_documented_one(client: FlaskClient, checkout: Path) -> None:
    """Key by key, in the order of the table."""
    page = (checkout / "docs" / "explain.md").read_text("utf-8").partition("| warning |")[0]
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [
        *get(client, DRUGS, Accept="application/json").json
    ]
