"""SPARQLWrapper, which most notebooks ask endpoints with."""

from __future__ import annotations

import json
import re
from urllib.error import HTTPError

import pyoxigraph as ox
import pytest
import rdflib
from SPARQLWrapper import (
    CSV,
    GET,
    JSON,
    JSONLD,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
)
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, URITooLong

from tests.clients import questions as q

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@pytest.fixture
def client(endpoint: str) -> SPARQLWrapper:
    """A client that asks for JSON, as its manual's first example does."""
    made = SPARQLWrapper(endpoint)
    made.setReturnFormat(JSON)
    return made


def rows(client: SPARQLWrapper, query: str) -> list[dict[str, dict[str, str]]]:
    client.setQuery(query)
    return client.queryAndConvert()["results"]["bindings"]


def test_a_table_by_every_method(client: SPARQLWrapper) -> None:
    """GET, a posted form and a posted query give the same rows, in their order."""
    for method, how in ((GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)):
        client.setMethod(method)
        client.setRequestMethod(how)
        assert [row["label"]["value"] for row in rows(client, q.DRUGS)] == ["elacestrant", "palbociclib"]


def test_a_table_in_every_format(client: SPARQLWrapper) -> None:
    """XML is read by its parser, CSV and TSV are text."""
    client.setQuery(q.DRUGS)
    client.setReturnFormat(XML)
    assert [n.firstChild.data for n in client.queryAndConvert().getElementsByTagName("uri")] == [
        q.ELACESTRANT,
        q.PALBOCICLIB,
    ]
    client.setReturnFormat(CSV)
    assert client.queryAndConvert().decode().splitlines()[1] == f"{q.ELACESTRANT},elacestrant"
    client.setReturnFormat(TSV)
    assert client.queryAndConvert().decode().splitlines()[1] == f'<{q.ELACESTRANT}>\t"elacestrant"@en'


@pytest.mark.parametrize("form", [JSON, XML])
def test_yes_and_no(client: SPARQLWrapper, form: str) -> None:
    """An ASK is a boolean in both formats that have one."""
    client.setReturnFormat(form)
    for query, truth in ((q.YES, True), (q.NO, False)):
        client.setQuery(query)
        answer = client.queryAndConvert()
        found = (
            answer["boolean"] if form == JSON else answer.getElementsByTagName("boolean")[0].firstChild.data
        )
        assert str(found).lower() == str(truth).lower()


@pytest.mark.parametrize("form", [TURTLE, RDFXML, XML, JSONLD])
def test_triples_in_every_format(client: SPARQLWrapper, form: str) -> None:
    """CONSTRUCT and DESCRIBE come as triples that rdflib reads."""
    client.setReturnFormat(form)
    for query, size in ((q.CONSTRUCT, 2), (q.DESCRIBE, 6)):
        client.setQuery(query)
        answer = client.queryAndConvert()
        triples = rdflib.Graph().parse(data=answer, format="turtle") if isinstance(answer, bytes) else answer
        assert len(triples) == size


def test_a_hundred_thousand_rows(client: SPARQLWrapper) -> None:
    """All of them, each once."""
    found = rows(client, q.LARGE)
    assert len({tuple(term["value"] for term in row.values()) for row in found}) == len(found) == q.ROWS


def test_an_error_carries_our_words_and_the_place(client: SPARQLWrapper) -> None:
    """The client's own exception has the problem details in it."""
    client.setQuery(q.BROKEN)
    with pytest.raises(QueryBadFormed, match=re.escape(q.BROKEN_WORDS)) as caught:
        client.query()
    assert '"line": 1, "column": 17' in str(caught.value)


def test_a_deadline_is_an_error(client: SPARQLWrapper) -> None:
    """504, with the limit in words; nothing of the result."""
    client.setQuery(q.endless("SPARQLWrapper"))
    with pytest.raises(HTTPError) as caught:
        client.query()
    assert caught.value.code == 504
    assert json.load(caught.value)["detail"] == q.ENDLESS_WORDS


def test_a_long_query_is_posted(client: SPARQLWrapper) -> None:
    """By GET it is too long for an address, which is the client's own exception."""
    with pytest.raises(URITooLong):
        rows(client, q.LONG)
    client.setMethod(POST)
    assert [row["label"]["value"] for row in rows(client, q.LONG)] == ["plain"]


def test_every_term_comes_home_as_it_was(client: SPARQLWrapper, terms: dict[str, ox.Literal]) -> None:
    """Text, language and datatype of each literal, and an IRI with all that IRIs may have."""
    found = {row["s"]["value"]: row["o"] for row in rows(client, q.TERMS)}
    assert found.keys() == terms.keys()
    for iri, term in terms.items():
        assert found[iri]["value"] == term.value
        assert found[iri].get("xml:lang", "").lower() == (term.language or "").lower()
        plain = term.language or term.datatype.value.endswith("#string")
        assert found[iri].get("datatype") == (None if plain else term.datatype.value)
    assert rows(client, q.SEE_ALSO)[0]["o"] == {"type": "uri", "value": q.IRI}


def test_graphs_by_clause_and_by_parameter(client: SPARQLWrapper) -> None:
    """GRAPH sees each; default-graph-uri and named-graph-uri choose."""
    counted = {row["g"]["value"]: int(row["n"]["value"]) for row in rows(client, q.GRAPHS)}
    assert counted[q.TEXTS] == 12
    client.addDefaultGraph(q.TEXTS)
    assert len(rows(client, q.EVERYTHING)) == 12
    client.resetQuery()
    client.setReturnFormat(JSON)
    client.addNamedGraph(q.VALUES)
    assert [row["g"]["value"] for row in rows(client, q.GRAPHS)] == [q.VALUES]


def test_text_search(client: SPARQLWrapper) -> None:
    """With and without the score."""
    assert [row["thing"]["value"] for row in rows(client, q.SEARCH)] == [q.ELACESTRANT]
    (scored,) = rows(client, q.SCORED)
    assert float(scored["score"]["value"]) > 0
