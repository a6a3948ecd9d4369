"""Names of things: 303, pages, data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from graph.store import Answer
    from graph.store.embedded import EmbeddedStore

DRUG = "/page/drug/palbociclib"


@pytest.mark.parametrize(
    ("accept", "location"),
    [
        ("text/html,*/*;q=0.8", "/page/drug/palbociclib"),
        ("*/*", "/page/drug/palbociclib"),
        (None, "/page/drug/palbociclib"),
        ("text/turtle", "/data/drug/palbociclib.ttl"),
        ("application/ld+json", "/data/drug/palbociclib.jsonld"),
        ("application/n-triples", "/data/drug/palbociclib.nt"),
        ("application/rdf+xml;q=0.9, text/html;q=0.1", "/data/drug/palbociclib.rdf"),
    ],
)
def test_a_name_answers_303_by_what_is_accepted(
    program: FlaskClient, accept: str | None, location: str
) -> None:
    """A browser gets the page, a program the data it asks for."""
    response = program.get("/id/drug/palbociclib", headers={"Accept": accept} if accept else {})
    assert (response.status_code, response.location) == (303, location)
    assert "Accept" in response.headers["Vary"]


def test_a_format_there_is_not_is_not_acceptable(program: FlaskClient) -> None:
    """406, as a problem a program can read."""
    response = program.get("/id/drug/palbociclib", headers={"Accept": "image/png"})
    assert response.status_code == 406


def test_a_document_s_name_leads_to_its_page(client: FlaskClient) -> None:
    """Documents and evidence are read at `/document/…`."""
    assert client.get("/id/document/2222222222222222").location == "/document/2222222222222222"
    evidence = "/id/evidence/2222222222222222-25000-25090"
    assert client.get(evidence).location == "/document/2222222222222222?part=1#e-25000-25090"


def test_the_page_has_names_types_and_identifiers(page: Callable) -> None:
    """What the vocabulary says stands apart from what is derived; spellings of the lexicon are not shown."""
    shown = page(DRUG)
    assert "Ibrance brand, derived" in shown.text
    assert "PD-0332991 synonym" in shown.text
    assert "A drug that stops cells from dividing." in shown.text
    assert "palbo-spelling" not in shown.text
    assert "https://bioregistry.io/drugbank:DB09073" in shown.links
    assert "not a curie" in shown.text
    assert not [link for link in shown.links if "not a curie" in link]


def test_facts_are_sentences_with_their_evidence(page: Callable) -> None:
    """Each statement reads as a sentence, its quote and its place are there, from both documents."""
    shown = page(DRUG)
    assert "palbociclib is used for HER2-negative breast cancer" in shown.text
    assert "Palbociclib (Ibrance) is used for HR-positive, HER2-negative breast cancer" in shown.text
    assert "/document/d5a0fd86c5bb0283#e-36-111" in shown.links
    assert "Text not held here. A text that is not here, characters 0–40" in shown.text
    assert "palbociclib is sold as Ibrance" in shown.text
    assert "palbociclib inhibits CDK4" in shown.text


def test_how_sure_a_source_was_is_in_words(page: Callable) -> None:
    """Possible and negated statements say so without colour."""
    text = page(DRUG).text
    assert "possible palbociclib may be used for HER2-negative breast cancer setting before surgery" in text
    denied = page("/page/treatment/chemotherapy").text
    assert "negated chemotherapy is not used for every <cancer> & more" in denied


def test_types_asserted_and_inferred_are_told_apart(page: Callable) -> None:
    """A type only the reasoner gives is marked."""
    assert "condition HER2-negative condition inferred" in page("/page/condition/her2-negative").text


def test_links_that_come_in_are_shown(page: Callable) -> None:
    """A class lists its members, a drug the documents that mention it, a condition what is derived of it."""
    assert "is “member of” of palbociclib" in page("/page/drug-class/cdk4-6-inhibitor").text
    assert "Mentioned in A text for the tests" in page(DRUG).text
    assert "is “treats” of palbociclib" in page("/page/condition/her2-negative").text


def test_a_statement_has_a_page(page: Callable) -> None:
    """The statement's page has the sentence, all its evidence and how it was said."""
    text = page("/page/statement/aaaaaaaaaaaaaaaa").text
    assert "palbociclib is used for HER2-negative breast cancer" in text
    assert "Evidence 2" in text
    assert "modality asserted" in text


def test_one_kind_of_statements_can_be_picked(page: Callable) -> None:
    """`only` leaves the other kinds out; a kind that is none is passed over."""
    assert "inhibits CDK4" not in page(f"{DRUG}?only=Naming").text
    assert "inhibits CDK4" in page(f"{DRUG}?only=Nonsense").text


@pytest.mark.parametrize(
    ("ending", "media_type", "form"),
    [
        ("ttl", "text/turtle", ox.RdfFormat.TURTLE),
        ("nt", "application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("rdf", "application/rdf+xml", ox.RdfFormat.RDF_XML),
        ("jsonld", "application/ld+json", ox.RdfFormat.JSON_LD),
    ],
)
def test_the_data_is_everything_said_of_a_thing(
    program: FlaskClient, ending: str, media_type: str, form: ox.RdfFormat
) -> None:
    """In each format: the thing, the statements that speak of it, and their evidence."""
    response = program.get(f"/data/drug/palbociclib.{ending}")
    assert (response.status_code, response.mimetype) == (200, media_type)
    subjects = {quad.subject.value.rpartition("/id/")[2] for quad in ox.parse(response.data, format=form)}
    assert {"drug/palbociclib", "statement/aaaaaaaaaaaaaaaa", "statement/dddddddddddddddd"} <= subjects
    assert "evidence/2222222222222222-0-40" in subjects
    assert "statement/ffffffffffffffff" not in subjects


def test_a_document_s_data_has_what_rests_on_it(program: FlaskClient) -> None:
    """The statements of the document and its evidence, none of another."""
    data = program.get("/data/document/2222222222222222.nt").text
    assert "statement/ffffffffffffffff" in data
    assert "statement/eeeeeeeeeeeeeeee" not in data


def test_unchanged_data_is_not_sent_twice(program: FlaskClient) -> None:
    """The ETag of a snapshot answers 304."""
    first = program.get("/data/drug/palbociclib.ttl")
    again = program.get("/data/drug/palbociclib.ttl", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = program.get("/data/drug/palbociclib.nt", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_a_thing_that_is_not_there_suggests_a_search(page: Callable, program: FlaskClient) -> None:
    """404 with the words of the name in the search box; a problem for programs."""
    shown = page("/page/drug/no-such-drug", 404)
    assert [attrs.get("value") for tag, attrs in shown.elements if tag == "input"] == ["no such drug"]
    response = program.get("/data/drug/no-such-drug.ttl")
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "address",
    [
        "/page/drug/..%2f..%2fetc%2fpasswd",
        "/page/drug/%00",
        "/page/drug/a%20b",
        "/page/drug/%3E%20.%20%3Fs%20%3Fp%20%3Fo",
        "/page/drug/%ff%fe",
        "/page/drug/" + "a" * 5000,
        "/page/drug/pälböciclib",
        "/page/drug/%2525",
        "/page/%2e%2e/x",
        "/page/nothing/x",
        "/page/statement/zzzz",
        "/page/evidence/x-1-2",
        "/data/drug/palbociclib.exe",
        "/data/../drug/palbociclib.ttl",
        "/static/../__init__.py",
        "/static/%2e%2e/__init__.py",
        "/page/ontology/..%2fdrug",
        "/page/ontology/Nonsense",
        "/document/../../etc/passwd",
        "/document/zzzz",
        "/document/%22%3E",
    ],
)
def test_hostile_names_are_not_found(client: FlaskClient, address: str) -> None:
    """Whatever stands in the path, the answer is a plain 404 that shows nothing of the machine."""
    response = client.get(address)
    assert response.status_code == 404
    assert "Traceback" not in response.text
    assert "root:" not in response.text


def test_every_page_answers_head(client: FlaskClient) -> None:
    """HEAD has the headers of GET and no body."""
    for address in (
        "/",
        DRUG,
        "/id/drug/palbociclib",
        "/search?q=a",
        "/page/ontology",
        "/document/d5a0fd86c5bb0283",
    ):
        head, full = client.head(address), client.get(address)
        assert (head.status_code, head.data) == (full.status_code, b""), address


def test_a_page_asks_four_queries(
    page: Callable, pages_store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One for each part of it, however many kinds of statements there are."""
    asked: list[str] = []
    query = pages_store.query

    def counted(text: str, **options: Any) -> Answer:
        asked.append(text)
        return query(text, **options)

    monkeypatch.setattr(pages_store, "query", counted)
    page(DRUG)
    assert len(asked) == len(set(asked)) == 4
