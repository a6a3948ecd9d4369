"""`/sparql` speaks the SPARQL 1.1 Protocol to programs and shows a page to people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from graph.files import BASE
from graph.store import SOLUTIONS, TRIPLES
from server.gallery import gallery
from server.sparql.description import W3C_FORMATS
from server.sparql.protocol import FORM, QUERY

if TYPE_CHECKING:
    from flask.testing import FlaskClient

DRUGS = "SELECT ?d ?label { ?d a her2kg:Drug ; rdfs:label ?label } ORDER BY ?label"
DESCRIBE = "DESCRIBE drug:palbociclib"
DIGITS = "".join(f"VALUES ?v{place} {{0 1 2 3 4 5 6 7 8 9}} " for place in range(8))
NESTED = "ASK { FILTER(" + "(" * 10_000 + "1" + ")" * 10_000 + ") }"
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o . FILTER(?a != ?z) }"


def get(client: FlaskClient, query: str | None = None, accept: str | None = None, **parameters: Any) -> Any:
    given = parameters if query is None else {"query": query, **parameters}
    return client.get("/sparql?" + urlencode(given, doseq=True), headers={"Accept": accept} if accept else {})


def labels(response: Any) -> list[str]:
    return [row["label"]["value"] for row in response.json["results"]["bindings"]]


def test_a_query_is_answered_by_get_and_both_kinds_of_post(client: FlaskClient) -> None:
    """The three ways of the protocol give the same answer."""
    by_get = get(client, DRUGS)
    by_form = client.post("/sparql", data={"query": DRUGS})
    direct = client.post(
        "/sparql", data=DRUGS.encode(), content_type="application/sparql-query; charset=UTF-8"
    )
    assert by_get.content_type == "application/sparql-results+json"
    assert labels(by_get) == ["elacestrant", "palbociclib"]
    assert by_get.data == by_form.data == direct.data


@pytest.mark.parametrize("name", SOLUTIONS)
def test_solutions_by_accept_and_by_format_are_the_same(client: FlaskClient, name: str) -> None:
    """Every format of a SELECT, by header and by parameter."""
    accepted, named = get(client, DRUGS, SOLUTIONS[name]), get(client, DRUGS, "text/html", format=name)
    assert accepted.status_code == 200
    assert accepted.content_type.split(";")[0] == SOLUTIONS[name]
    assert accepted.data == named.data != b""


@pytest.mark.parametrize("name", TRIPLES)
def test_triples_by_accept_and_by_format_are_the_same(client: FlaskClient, name: str) -> None:
    """Every format of a DESCRIBE, by header and by parameter; each parses."""
    accepted, named = get(client, DESCRIBE, TRIPLES[name]), get(client, DESCRIBE, "text/html", format=name)
    assert accepted.content_type.split(";")[0] == TRIPLES[name]
    assert accepted.data == named.data
    assert len(list(ox.parse(accepted.data, ox.RdfFormat.from_media_type(TRIPLES[name])))) > 3


def test_head_has_the_headers_and_no_body(client: FlaskClient) -> None:
    """HEAD says what GET would."""
    head, whole = client.head("/sparql?" + urlencode({"query": DRUGS})), get(client, DRUGS)
    assert head.data == b""
    assert (head.status_code, head.content_type, head.headers["ETag"]) == (
        200,
        whole.content_type,
        whole.headers["ETag"],
    )


def test_any_site_may_ask(client: FlaskClient) -> None:
    """CORS holds for answers, errors and the preflight."""
    preflight = client.options(
        "/sparql", headers={"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    for response in (preflight, get(client, DRUGS), get(client, "nonsense")):
        assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_an_answer_is_not_sent_twice(client: FlaskClient) -> None:
    """The validator gives 304, and differs by query and format."""
    first = get(client, DRUGS)
    tag = first.headers["ETag"]
    again = client.get("/sparql?" + urlencode({"query": DRUGS}), headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert "Accept" in first.headers["Vary"]
    assert (
        len({tag, get(client, DRUGS, "text/csv").headers["ETag"], get(client, DRUGS + " ").headers["ETag"]})
        == 3
    )
    for now in ("NOW()", "now ( )", "\\u004eOW()"):
        assert "ETag" not in get(client, f"SELECT ({now} AS ?now) {{}}").headers


def test_the_dataset_can_be_given(client: FlaskClient) -> None:
    """`default-graph-uri` and `named-graph-uri`, in the address or the form, may be given more than once."""
    query = "SELECT (COUNT(*) AS ?n) { statement:00000000000000aa her2kg:subject ?s }"
    documents = [f"{BASE}graph/document/{digit * 16}" for digit in "12"]
    for response in (
        get(client, query, **{"default-graph-uri": documents}),
        client.post("/sparql", data={"query": query, "default-graph-uri": documents}),
        client.post(
            "/sparql?" + urlencode({"default-graph-uri": documents}, doseq=True),
            data=query,
            content_type=QUERY,
        ),
    ):
        assert response.json["results"]["bindings"][0]["n"]["value"] == "1"
    assert get(client, query, **{"default-graph-uri": "http://127.0.0.1/"}).status_code == 400


def test_without_a_query_the_service_describes_itself(client: FlaskClient) -> None:
    """Turtle that names every format and every graph."""
    response = get(client, accept="text/turtle")
    triples = [q.triple for q in ox.parse(response.data, ox.RdfFormat.TURTLE)]
    formats = {t.object.value for t in triples if t.predicate.value.endswith("#resultFormat")}
    graphs = {t.object.value for t in triples if t.predicate.value.endswith("#name")}
    assert len(formats) == len(W3C_FORMATS) == len(SOLUTIONS) + len(TRIPLES)
    assert BASE + "graph/vocabulary" in graphs
    assert get(client).content_type.startswith("text/turtle")


WRONG: list[tuple[str, dict[str, Any], int, str]] = [
    ("no query by POST", {"method": "POST", "data": {"x": "y"}}, 400, "no query"),
    ("an empty query", {"method": "POST", "data": {"query": "  "}}, 400, "no query"),
    ("two queries", {"query_string": "query=ASK{}&query=ASK{}"}, 400, "2 times"),
    (
        "two queries, address and body",
        {"method": "POST", "query_string": "query=ASK{}", "data": "ASK {}", "content_type": QUERY},
        400,
        "another in the body",
    ),
    ("a malformed query", {"query_string": "query=SELEC"}, 400, "understood"),
    ("an update", {"query_string": {"query": "DROP ALL"}}, 400, "no updates"),
    ("an update by the protocol", {"method": "POST", "data": {"update": "DROP ALL"}}, 400, "no updates"),
    (
        "an update as a body",
        {"method": "POST", "data": "DROP ALL", "content_type": "application/sparql-update"},
        400,
        "no updates",
    ),
    ("a call elsewhere", {"query_string": {"query": "ASK { SERVIC\\u0045 <x:y> {} }"}}, 400, "SERVICE"),
    ("a query that is not UTF-8", {"query_string": "query=ASK%7B%ff%7D"}, 400, "UTF-8"),
    (
        "a form that is not UTF-8",
        {"method": "POST", "data": b"query=%ff", "content_type": FORM},
        400,
        "UTF-8",
    ),
    (
        "a body that is not UTF-8",
        {"method": "POST", "data": b"ASK {\n\xff}", "content_type": QUERY},
        400,
        "UTF-8",
    ),
    (
        "another charset",
        {"method": "POST", "data": "ASK {}", "content_type": QUERY + "; charset=latin-1"},
        415,
        "latin-1",
    ),
    ("another type", {"method": "POST", "data": "ASK {}", "content_type": "text/plain"}, 415, "text/plain"),
    ("no type", {"method": "POST", "data": "ASK {}"}, 415, "none"),
    (
        "a file upload",
        {"method": "POST", "data": "x", "content_type": "multipart/form-data; boundary=x"},
        415,
        "multipart",
    ),
    ("a format nobody has", {"query_string": "query=ASK{}&format=docx"}, 400, "docx"),
    ("a format of the other family", {"query_string": "query=ASK{}&format=turtle"}, 406, "yes or no"),
    (
        "nothing acceptable",
        {"query_string": "query=ASK{}", "headers": {"Accept": "image/png"}},
        406,
        "Accept",
    ),
    ("too many parameters", {"query_string": "a=b&" * 300 + "query=ASK{}"}, 400, "parameters"),
    ("a query too large", {"method": "POST", "data": {"query": "ASK {} #" + "x" * 1_100_000}}, 413, "larger"),
    ("a body too large", {"method": "POST", "data": b"x" * 5_000_000, "content_type": QUERY}, 413, "exceed"),
    ("a result too large", {"query_string": {"query": f"SELECT * {{ {DIGITS} }}"}}, 413, "no partial result"),
    ("a query without end", {"query_string": {"query": CROSS}}, 504, "2 seconds"),
    ("endless brackets", {"query_string": {"query": NESTED}}, 400, "nested"),
    ("another method", {"method": "DELETE"}, 405, "method"),
]


@pytest.mark.parametrize(("name", "call", "status", "says"), WRONG, ids=[row[0] for row in WRONG])
def test_what_is_wrong_is_told_as_a_problem(
    client: FlaskClient, name: str, call: dict[str, Any], status: int, says: str
) -> None:
    """Status, title and detail in RFC 9457's form, and the next query is answered."""
    response = client.open("/sparql", **call)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    problem = json.loads(response.data)
    assert problem["status"] == status
    assert problem["title"]
    assert says in problem["detail"] + problem.get("mend", "")
    assert get(client, "ASK {}").json["boolean"] is True


def test_memory_without_end_is_told(client: FlaskClient) -> None:
    """A memory hog is ended; the answer says so."""
    response = get(client, f"SELECT * {{ {DIGITS} }} ORDER BY ?v1")
    assert response.status_code == 503
    assert "256 MiB" in response.json["detail"]


def test_a_query_s_fault_has_a_line_and_a_column(client: FlaskClient) -> None:
    """For an editor that marks it."""
    problem = get(client, "SELECT *\n{ who:x ?p ?o }").json
    assert (problem["line"], problem["column"]) == (2, 3)


def test_the_page_runs_a_query_and_links_what_it_finds(client: FlaskClient) -> None:
    """A table with labels instead of IRIs, links, and downloads."""
    page = get(client, DRUGS, "text/html").text
    assert ">palbociclib</a>" in page
    assert "/drug/palbociclib" in page
    assert "2 rows" in page
    assert all(f"format={name}" in page for name in SOLUTIONS)


def test_the_page_shows_triples_and_truth(client: FlaskClient) -> None:
    """Turtle for a DESCRIBE, yes or no for an ASK."""
    described = get(client, DESCRIBE, "text/html").text
    assert "her2kg:Drug" in described
    assert all(f"format={name}" in described for name in TRIPLES)
    assert ">Yes<" in get(client, "ASK {}", "text/html").text


def test_the_page_shows_what_is_wrong_and_keeps_the_query(client: FlaskClient) -> None:
    """The status is the error's; the query stands in the form again, and nothing in it is markup."""
    response = get(client, "SELECT *\n{ who:x ?p '<script>alert(1)</script>' }", "text/html")
    assert response.status_code == 400
    assert "Line 2, column 3" in response.text
    assert "<script>" not in response.text
    assert "&lt;script&gt;" in response.text


def test_a_value_that_looks_like_markup_is_text(client: FlaskClient) -> None:
    """No literal or IRI of a result becomes markup or a script link."""
    page = get(client, "SELECT ('<b onclick=x>' AS ?a) (<javascript:alert(1)> AS ?b) {}", "text/html").text
    assert "<b onclick" not in page
    assert 'href="javascript:' not in page


def test_the_page_without_a_query_offers_examples(client: FlaskClient) -> None:
    """Each example of `server/examples` is a link that runs it."""
    page = get(client, accept="text/html")
    assert page.status_code == 200
    shown = [example for examples in gallery().values() for example in examples]
    assert len(shown) >= 40
    assert all(f"{example.summary}</a>" in page.text for example in shown)
    assert "<textarea" in page.text
