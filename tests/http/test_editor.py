"""What the query editor asks the server: the terms of the data, and whether a query can be read."""

from __future__ import annotations

import html
import re
import time
from typing import TYPE_CHECKING

import pytest

from server import editor
from server.gallery import decorators, gallery

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from graph.store.embedded import EmbeddedStore

HER = "https://w3id.org/her2kg/ontology/"


def checked(client: FlaskClient, query: str | bytes) -> TestResponse:
    """The answer to a query that is to be checked."""
    return client.post("/sparql/check", data=query, content_type="application/sparql-query")


def test_every_class_and_property_is_listed_with_its_label_and_count(client: FlaskClient) -> None:
    """What the data use comes first, by how often; the prefixes are there to shorten it."""
    listing = client.get("/sparql/terms").json
    terms = {term["iri"]: term for term in listing["terms"]}
    assert terms[HER + "Drug"] | {"count": 0} == {
        "iri": HER + "Drug",
        "label": "drug",
        "kind": "class",
        "count": 0,
    }
    assert terms[HER + "Drug"]["count"] > 0
    assert terms["http://www.w3.org/2000/01/rdf-schema#label"]["kind"] == "property"
    for kind in ("class", "property"):
        counts = [term["count"] for term in listing["terms"] if term["kind"] == kind]
        assert counts == sorted(counts, reverse=True)
    assert listing["prefixes"]["her2kg"] == HER
    assert listing["base"] == "https://w3id.org/her2kg/"


def test_things_are_found_by_how_their_names_begin(client: FlaskClient) -> None:
    """Each with its label, what it is, and how many triples name it; terms of the ontology are not among them."""
    found = client.get("/sparql/terms?q=elac").json["terms"]
    assert [(term["label"], term["kind"], term["type"]) for term in found] == [
        ("elacestrant", "individual", "drug")
    ]
    assert found[0]["count"] > 0
    assert client.get("/sparql/terms?q=elac&kind=condition").json["terms"] == []
    assert client.get("/sparql/terms?q=qqqq").json["terms"] == []


def test_a_kind_is_listed_from_its_beginning(client: FlaskClient) -> None:
    """Whoever has typed a prefix and no more is shown the first things of it."""
    found = client.get("/sparql/terms?kind=drug").json["terms"]
    labels = [term["label"] for term in found]
    assert "elacestrant" in labels
    assert labels == sorted(labels)
    refused = client.get("/sparql/terms?kind=nonsense")
    assert refused.status_code == 400
    assert "drug" in refused.json["mend"]


@pytest.mark.parametrize("path", ["/sparql/terms", "/sparql/terms?q=elac", "/sparql/terms?kind=drug"])
def test_a_listing_is_not_sent_twice(client: FlaskClient, path: str) -> None:
    """Its validator changes with the data and with what was asked."""
    first = client.get(path)
    tag = first.headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert client.get("/sparql/terms?q=x", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    "text", ["%", '"', "a" * 10_000, "\x00", "\ud800".encode("utf-8", "surrogatepass"), "' OR 1"]
)
def test_any_text_may_be_searched_for(client: FlaskClient, text: str | bytes) -> None:
    """What no name begins with is not found, and that is all."""
    response = client.get("/sparql/terms", query_string={"q": text})
    assert response.status_code == 200
    assert "terms" in response.json


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o }",
        "ASK { ?drug a her2kg:Drug }",
        "DESCRIBE drug:elacestrant",
        "CONSTRUCT WHERE { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s ORDER BY ?n",
        "SELECT * FROM <https://w3id.org/her2kg/graph/vocabulary> { ?s ?p ?o }",
    ],
)
def test_a_sound_query_is_called_so(client: FlaskClient, query: str) -> None:
    """Every form passes."""
    assert checked(client, query).json == {"ok": True}


@pytest.mark.parametrize(
    ("query", "line", "column", "detail"),
    [
        ("SELECT * {\n  ?s nope:p ?o\n}", 2, 6, "nope:"),
        ("SELECT * {\n  ?s ?p ?o .\n  SERVICE <http://example.org/> {}\n}", 3, 3, "SERVICE"),
        ("INSERT DATA { <x:s> <x:p> 1 }", 1, 1, "INSERT"),
        ("SELECT * { ?s ?p ?o } ORDER ?s", 1, None, "understood"),
        ("", None, None, "understood"),
    ],
)
def test_a_fault_is_told_with_its_place(
    client: FlaskClient, query: str, line: int | None, column: int | None, detail: str
) -> None:
    """Line and column count from 1; the words are those that running it would give."""
    verdict = checked(client, query).json
    assert verdict["ok"] is False
    assert detail in verdict["detail"]
    if line:
        assert verdict["line"] == line
    if column:
        assert verdict["column"] == column


def test_what_is_not_utf_8_or_very_long_is_said_so(client: FlaskClient) -> None:
    """Neither is an error of the server, and a long query is not refused: it can be run."""
    assert checked(client, b"SELECT * { ?s ?p '\xff' }").json["ok"] is False
    assert checked(client, "# " + "x" * 70_000).json["ok"] is None


BLOW_UP = " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(100)))} }}" for n in range(5))


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * {{ {BLOW_UP} }}",
        f"SELECT * {{ {BLOW_UP} }} ORDER BY ?v1",
        "SELECT * { ?s (her2kg:a|!her2kg:a)* ?o . ?o (her2kg:a|!her2kg:a)* ?s }",
        "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a",
        "SELECT * { FILTER(" + "!" * 60_000 + "1) }",
        "SELECT * { FILTER(" + "(" * 1900 + "1" + ")" * 1900 + ") }",
        "SELECT * { " + " UNION ".join(["{ ?s ?p ?o }"] * 2000) + " }",
    ],
    ids=["values", "sorted values", "paths", "product", "negations", "brackets", "unions"],
)
def test_a_hostile_query_neither_hangs_nor_ends_the_server(
    client: FlaskClient, store: EmbeddedStore, query: str
) -> None:
    """It is told in the time that queries have, here 2 seconds, and the next query is answered."""
    began = time.monotonic()
    assert checked(client, query).json["ok"] in {True, False, None}
    assert time.monotonic() - began < 10
    assert checked(client, "ASK { ?s ?p ?o }").json == {"ok": True}
    assert store.health().workers >= 1


def bundle(monkeypatch: pytest.MonkeyPatch, folder: Path, **files: str) -> None:
    """Put files where the bundle is looked for."""
    dist = folder / "static" / "dist"
    dist.mkdir(parents=True)
    for name, text in files.items():
        (dist / name.replace("_", ".")).write_text(text, "utf-8")
    monkeypatch.setattr(editor, "files", lambda package: folder)
    editor.stamp.cache_clear()
    monkeypatch.setattr(editor, "stamp", editor.stamp.__wrapped__)


def test_without_a_bundle_the_page_is_a_form_and_keeps_the_strict_policy(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No script is named that is not there, and whoever serves it is told why."""
    bundle(monkeypatch, tmp_path, error_txt="npm could not fetch the packages of the front end.\n")
    response = client.get("/sparql", headers={"Accept": "text/html"})
    assert "<script" not in response.text
    assert "<textarea" in response.text
    assert "nonce" not in response.headers["Content-Security-Policy"]
    assert "npm could not fetch the packages" in editor.notice()


def test_with_a_bundle_only_the_query_page_has_a_policy_with_a_nonce(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The nonce in the page is that of the header, another each time, and the page is not kept."""
    bundle(monkeypatch, tmp_path, stamp="0123456789abcdef")
    pages = [client.get("/sparql", headers={"Accept": "text/html"}) for _ in range(2)]
    nonces = {re.search(r'nonce="([^"]+)"', page.text)[1] for page in pages}
    assert len(nonces) == 2
    for page in pages:
        assert any(f"'nonce-{nonce}'" in page.headers["Content-Security-Policy"] for nonce in nonces)
        assert page.headers["Cache-Control"] == "no-store"
        assert 'src="/static/dist/editor.js?v=0123456789ab"' in page.text
    assert "nonce" not in client.get("/").headers["Content-Security-Policy"]
    assert "nonce" not in client.get("/sparql?query=ASK{}").headers["Content-Security-Policy"]
    assert editor.notice() == ""


def test_the_examples_stand_under_their_topics(client: FlaskClient) -> None:
    """Each is a link that runs it, with its explanation, and needs no script."""
    page = html.unescape(client.get("/sparql", headers={"Accept": "text/html"}).text)
    for topic, examples in gallery().items():
        assert f"{topic} <span" in page
        for example in examples:
            assert example.summary in page
            assert example.explanation in page


def test_a_header_goes_on_in_lines_that_are_indented() -> None:
    """As the explanation of a long example does."""
    query = "#+ summary: One\n#+ explanation: It begins here\n#+   and ends here.\n# no\nASK {}"
    assert decorators(query) == {"summary": "One", "explanation": "It begins here and ends here."}
