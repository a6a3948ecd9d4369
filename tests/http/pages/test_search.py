"""Text search as a page and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient


def test_a_search_finds_a_drug_by_its_brand(page: Callable) -> None:
    """The hit leads to the page, and the words are marked."""
    shown = page("/search?q=ibrance")
    assert "/page/drug/palbociclib" in shown.links
    assert "mark" in [tag for tag, _ in shown.elements]


def test_a_search_can_be_kept_to_a_kind(page: Callable) -> None:
    """Other kinds are left out; a kind that is none counts as every kind."""
    assert "/page/condition/her2-negative" not in page("/search?q=HER2&kind=biomarker-status").links
    assert "/page/condition/her2-negative" in page("/search?q=HER2&kind=nonsense").links


@pytest.mark.parametrize(
    ("arguments", "headers"),
    [("q=palbociclib&format=json", {}), ("q=palbociclib", {"Accept": "application/json"})],
)
def test_programs_get_json(program: FlaskClient, arguments: str, headers: dict[str, str]) -> None:
    """By parameter or by Accept: the total and the hits with IRI, label, kind and page."""
    found = program.get(f"/search?{arguments}", headers=headers).get_json()
    assert found["total"] >= 1
    assert found["hits"][0] | {"matched": ""} == {
        "iri": "https://w3id.org/her2kg/id/drug/palbociclib",
        "label": "palbociclib",
        "kind": "drug",
        "matched": "",
        "page": "/page/drug/palbociclib",
    }


def test_an_empty_search_shows_how_to_begin(page: Callable) -> None:
    """Without words there is no result and no error."""
    assert "Type a name to begin" in page("/search").text
    assert "Type a name to begin" in page("/search?q=%20%20").text


def test_a_search_without_hits_says_what_to_try(page: Callable) -> None:
    """The words are repeated, escaped."""
    assert "Nothing is called zzzz<qqq>." in page("/search?q=zzzz<qqq>").text


def test_markup_in_a_query_stays_text(client: FlaskClient) -> None:
    """What is typed is never an element of the page."""
    html = client.get("/search", query_string={"q": '"><script>alert(1)</script><img src=x>'}).text
    assert "<script" not in html
    assert "<img src=x" not in html


@pytest.mark.parametrize(
    "text",
    [
        "x" * 20_000,
        "'; DROP TABLE thing; --",
        '"* OR',
        "NEAR(",
        "\x00\x01",
        "ер 乳癌 ﷽",
        "%",
        "🎗️",
        "a" + " b" * 3000,
        "(" * 900,
    ],
)
def test_hostile_queries_are_answered(client: FlaskClient, text: str) -> None:
    """Any text is a search like another."""
    assert client.get("/search", query_string={"q": text}).status_code == 200


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "x", "1.5", ""])
def test_pages_that_are_none_are_answered(client: FlaskClient, number: str) -> None:
    """A page number outside the result is the nearest, or an empty page."""
    assert client.get(f"/search?q=drug&page={number}").status_code == 200
