"""What holds of every page: structure, escaping, no outside host; and the ontology's pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.files import listing
from server import facts, urls
from server.filters import coded, highlight, plural, readable, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

ADDRESSES = [
    "/",
    "/browse/drug",
    "/browse/document",
    "/browse/indication",
    "/page/drug/palbociclib",
    "/page/condition/cancer",
    "/page/statement/cccccccccccccccc",
    "/document/d5a0fd86c5bb0283",
    "/document/2222222222222222",
    "/search",
    "/search?q=cancer",
    "/page/ontology",
    "/page/ontology/HER2NegativeCondition",
    "/page/ontology/treats",
    "/page/ontology?q=condition",
    "/page/ontology?q=qqqq",
    "/sparql",
    "/.well-known/void",
    "/.well-known/sparql-examples",
    "/api",
]
DATA = {"application/ld+json"}
"""What stands in a script element and is no script: a browser neither runs nor fetches it."""


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_is_sound(page: Callable, address: str) -> None:
    """One h1, a skip link, a main part, unique ids, anchors that exist; scripts and styles are files of ours."""
    shown = page(address)
    tags = [tag for tag, _ in shown.elements]
    assert (tags.count("h1"), tags.count("main"), tags.count("title")) == (1, 1, 1)
    assert "style" not in tags
    scripts = [
        attributes.get("src") or ""
        for tag, attributes in shown.elements
        if tag == "script" and attributes.get("type") not in DATA
    ]
    assert all(source.startswith("/static/") for source in scripts)
    assert [
        attrs
        for _, attrs in shown.elements
        if "style" in attrs or any(name.startswith("on") for name in attrs)
    ] == []
    assert len(shown.ids) == len(set(shown.ids))
    assert [link for link in shown.links if link.startswith("#") and link[1:] not in shown.ids] == []
    assert shown.links[0] == "#main"
    assert shown.text.count("not medical advice") == 1


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_loads_anything_from_elsewhere(page: Callable, address: str) -> None:
    """Only links lead to other hosts."""
    loaded = [
        attrs.get("src") or attrs.get("href")
        for tag, attrs in page(address).elements
        if tag in {"img", "link", "script", "iframe", "source"}
        and attrs.get("rel") not in {"alternate", "describedby"}
        and attrs.get("type") not in DATA
    ]
    assert loaded
    assert [source for source in loaded if not str(source).startswith("/static/")] == []


def test_labels_are_escaped(client: FlaskClient) -> None:
    """Markup in data is text."""
    html = client.get("/page/condition/cancer").text
    assert "every &lt;cancer&gt; &amp; more" in html
    assert "<cancer>" not in html


def test_the_ontology_s_names_answer_303(program: FlaskClient) -> None:
    """A term leads to its page or to the ontology as data."""
    assert program.get("/ontology/Drug", headers={"Accept": "text/html"}).location == "/page/ontology/Drug"
    assert program.get("/ontology", headers={"Accept": "text/html"}).location == "/page/ontology"
    assert program.get("/ontology/Drug", headers={"Accept": "text/turtle"}).location == "/data/ontology.ttl"
    data = program.get("/data/ontology.ttl")
    assert data.mimetype == "text/turtle"
    assert len(list(ox.parse(data.data, format=ox.RdfFormat.TURTLE))) > 20


def test_every_query_has_a_summary() -> None:
    """The first line of each query says what it asks."""
    found = listing("server", "queries", suffix=".rq")
    assert len(found) >= 15
    assert [file.name for file in found if not file.read_text("utf-8").startswith("#+ summary: ")] == []


def test_every_kind_of_statement_reads_as_a_sentence() -> None:
    """Each kind has its verbs and its heading."""
    from graph.model import STATEMENT_KINDS

    assert set(facts.VERBS) == set(facts.KIND_TITLES) == set(STATEMENT_KINDS)


def test_only_web_addresses_become_links(pages_app: Flask) -> None:
    """Names of ours become paths, http(s) stays, anything else is no link."""
    with pages_app.test_request_context():
        assert urls.page("https://w3id.org/her2kg/id/drug/x") == "/page/drug/x"
        assert urls.page("https://w3id.org/her2kg/ontology/Drug") == "/page/ontology/Drug"
        assert urls.page("https://w3id.org/her2kg/graph/inferred") is None
        assert urls.page("http://example.org/x") == "http://example.org/x"
        assert urls.page("javascript:alert(1)") is None
        assert urls.page('https://w3id.org/her2kg/id/drug/a"b<c>') == "/page/drug/a%22b%3Cc%3E"
        assert urls.resolver("javascript:alert(1)") is None
        assert urls.resolver("chebi:93752") == "https://bioregistry.io/chebi:93752"


def test_words_of_the_templates() -> None:
    """Kinds, dates and marked words as people read them."""
    assert (words("DecisionFactor"), words("drug-class")) == ("decision factor", "drug class")
    assert (plural("drug-class"), plural("agency"), plural("target")) == (
        "Drug classes",
        "Agencies",
        "Targets",
    )
    assert [readable(d) for d in ("2023-01", "2023-01-27", "2023", "2023-13")] == [
        "January 2023",
        "27 January 2023",
        "2023",
        "2023-13",
    ]
    assert highlight("<b>HER2</b>", "her2 (") == "&lt;b&gt;<mark>HER2</mark>&lt;/b&gt;"
    assert coded("the `<b>` of <i>") == "the <code>&lt;b&gt;</code> of &lt;i&gt;"


def test_the_stylesheet_asks_no_other_host(client: FlaskClient) -> None:
    """One stylesheet, nothing imported."""
    css = client.get("/static/her2kg.css").text
    assert not re.search(r"url\(|@import|https?:", css)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        *(("/", 200), ("/id/drug/palbociclib", 303), ("/ontology/Drug", 303), ("/dataset", 303)),
        *(("/data/drug/palbociclib.ttl", 200), ("/search?q=cancer&format=json", 200), ("/health", 200)),
        *(("/data/drug/none.ttl", 404), ("/nothing", 404), ("/sparql/terms", 200), ("/openapi.json", 200)),
    ],
)
def test_scripts_of_other_sites_may_read_it(program: FlaskClient, address: str, status: int) -> None:
    """A browser follows a redirect for them only where the redirect says so, too."""
    response = program.get(address)
    assert response.status_code == status
    assert response.headers.getlist("Access-Control-Allow-Origin") == ["*"]
    assert "ETag" in response.headers["Access-Control-Expose-Headers"]
