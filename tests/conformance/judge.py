"""Runs a test of the suite against an endpoint; what is wrong with its answer, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

import httpx
import pyoxigraph as ox

from graph.store.guard import tokens
from tests.conformance import results

if TYPE_CHECKING:
    from tests.conformance.suite import Suite, Test

QUERY: Final = {"Content-Type": "application/sparql-query"}
SOLUTIONS: Final = "application/sparql-results+json"
TRIPLES: Final = "application/n-triples"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
TYPE: Final = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
FORMATS: Final[dict[str, tuple[str, ...]]] = {
    "boolean": ("application/sparql-results+json", "application/sparql-results+xml"),
    "tabular": (
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    ),
    "RDF": ("application/rdf+xml", "text/turtle", "application/n-triples"),
}


def fault(client: httpx.Client, suite: Suite, test: Test, url: str) -> str:
    """What is wrong with the answer to a test; empty when it passes."""
    if test.kind == "ProtocolTest":
        return _protocol(client, suite, test, url)
    if test.kind == "ServiceDescriptionTest":
        return _description(client, test, url)
    if "SyntaxTest" in test.kind:
        return _syntax(client, suite, test, url)
    return _evaluation(client, suite, test, url)


def _post(client: httpx.Client, suite: Suite, test: Test, url: str, accept: str) -> httpx.Response:
    """A query; relative IRIs in it are relative to its file, which the protocol has no word for but BASE."""
    assert test.query is not None
    text = f"BASE <{suite.iri(test.query)}>\n" + test.query.read_text("utf-8")
    return client.post(url, content=text.encode(), headers=QUERY | {"Accept": accept})


def _evaluation(client: httpx.Client, suite: Suite, test: Test, url: str) -> str:
    assert test.query is not None
    assert test.result is not None
    if test.kind == "CSVResultFormatTest":
        answer = _post(client, suite, test, url, "text/csv")
        if not answer.is_success:
            return f"status {answer.status_code}"
        same = results.rows(answer.content) == results.rows(test.result.read_bytes())
        return "" if same else "other rows"
    ordered = orders(test.query.read_text("utf-8"))
    wanted, triples = results.expected(test.result, suite.iri(test.result), ordered=ordered)
    tsv = test.result.suffix == ".tsv"
    accept = TRIPLES if triples else "text/tab-separated-values" if tsv else SOLUTIONS
    answer = _post(client, suite, test, url, accept)
    if not answer.is_success:
        return f"status {answer.status_code}"
    if triples:
        found: bool | ox.Dataset = results.canonical(
            quad.triple for quad in ox.parse(answer.content, ox.RdfFormat.N_TRIPLES)
        )
    else:
        form = ox.QueryResultsFormat.TSV if tsv else ox.QueryResultsFormat.JSON
        found = results.solutions(answer.content, form, ordered=ordered)
    return "" if found == wanted else "another result"


def orders(query: str) -> bool:
    """Whether a query orders its rows: by an ORDER BY of its own, not of a part of it."""
    depth, before = 0, ""
    for token in tokens(query):
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if depth == 0 and (before, token.text.upper()) == ("ORDER", "BY"):
            return True
        before = token.text.upper() if token.kind == "word" else ""
    return False


def _syntax(client: httpx.Client, suite: Suite, test: Test, url: str) -> str:
    answer = _post(client, suite, test, url, f"{SOLUTIONS}, {TRIPLES}")
    good = test.kind.startswith("Positive")
    if answer.status_code == 400 and not good:
        return ""
    if answer.is_success and good:
        return ""
    return f"status {answer.status_code}"


def _protocol(client: httpx.Client, suite: Suite, test: Test, url: str) -> str:
    for exchange in suite.exchanges(test):
        query = urlsplit(exchange.path).query
        answer = client.request(
            exchange.method,
            f"{url}?{query}" if query else url,
            content=exchange.body or None,
            headers=dict(exchange.headers),
        )
        if not (400 <= answer.status_code < 500 if exchange.fails else answer.is_success):
            return f"status {answer.status_code}"
        if exchange.fails:
            continue
        media_type = answer.headers["content-type"].partition(";")[0]
        if exchange.format and media_type not in FORMATS[exchange.format]:
            return f"answered with {media_type}"
        if exchange.boolean is not None:
            form = ox.QueryResultsFormat.from_media_type(media_type)
            assert form is not None
            if bool(ox.parse_query_results(answer.content, form)) != exchange.boolean:  # type: ignore[arg-type]
                return "the wrong truth"
    return ""


def _description(client: httpx.Client, test: Test, url: str) -> str:
    answer = client.get(url, headers={"Accept": "text/turtle"})
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    if not answer.is_success or media_type != "text/turtle":
        return f"status {answer.status_code}, {media_type}"
    triples = [quad.triple for quad in ox.parse(answer.content, ox.RdfFormat.TURTLE, base_iri=url)]
    services = {
        t.subject for t in triples if t.predicate == TYPE and t.object == ox.NamedNode(SD + "Service")
    }
    if test.iri.endswith("returns-rdf"):
        return "" if triples else "no triples"
    if test.iri.endswith("has-endpoint-triple"):
        named = {t.object for t in triples if t.predicate == ox.NamedNode(SD + "endpoint")}
        return "" if ox.NamedNode(url) in named else "no endpoint of this address"
    endpoints = [t for t in triples if t.predicate == ox.NamedNode(SD + "endpoint") and t.subject in services]
    return "" if len(services) == len(endpoints) == 1 else "not one service with one endpoint"


def is_update(suite: Suite, test: Test) -> bool:
    """Whether a protocol test is one of updates."""
    return test.kind == "ProtocolTest" and any(
        "update" in parse_qs(urlsplit(e.path).query, keep_blank_values=True)
        or b"update=" in e.body
        or any("sparql-update" in value for _, value in e.headers)
        for e in suite.exchanges(test)
    )
