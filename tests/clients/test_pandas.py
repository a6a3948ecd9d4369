"""pandas, which reads a result as CSV straight from its address."""

from __future__ import annotations

import io
import json
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pandas as pd
import pyoxigraph as ox
import pytest

from tests.clients import questions as q

NUMBERS = "SELECT ?i ?d ?f ?t ?x { VALUES (?i ?d ?f ?t ?x) { (1 0.5 1.5e0 true 1) (2 2.25 3e10 false UNDEF) } } ORDER BY ?i"


def address(endpoint: str, query: str, **parameters: str) -> str:
    return f"{endpoint}?{urlencode({'query': query, 'format': 'csv', **parameters})}"


def frame(endpoint: str, query: str, **options: object) -> pd.DataFrame:
    return pd.read_csv(address(endpoint, query), **options)


def test_a_table_straight_from_the_address(endpoint: str) -> None:
    """Its columns are the variables, in their order; by the parameter and by the header."""
    read = frame(endpoint, q.DRUGS)
    assert list(read.columns) == ["drug", "label"]
    assert list(read["drug"]) == [q.ELACESTRANT, q.PALBOCICLIB]
    url = f"{endpoint}?{urlencode({'query': q.DRUGS})}"
    assert pd.read_csv(url, storage_options={"Accept": "text/csv"}).equals(read)


def test_numbers_are_numbers(endpoint: str) -> None:
    """Integers, decimals, doubles and truths have their own types; a missing value is one."""
    read = frame(endpoint, NUMBERS)
    assert [str(kind) for kind in read.dtypes] == ["int64", "float64", "float64", "bool", "float64"]
    assert list(read["d"]) == [0.5, 2.25]
    assert list(read["f"]) == [1.5, 3e10]
    assert list(read["x"].isna()) == [False, True]


def test_counts_and_sums_are_numbers(endpoint: str) -> None:
    """What notebooks ask first: how many of each."""
    read = frame(endpoint, q.GRAPHS).set_index("g")["n"]
    assert str(read.dtype) == "int64"
    assert read[q.TEXTS] == 12


def test_dates_are_dates(endpoint: str) -> None:
    """Where it is told which column has them."""
    query = q.PREFIXES + "SELECT ?o { VALUES ?s { term:date term:instant } ?s rdfs:label ?o } ORDER BY ?s"
    read = pd.to_datetime(frame(endpoint, query)["o"], format="ISO8601", utc=True)
    assert list(read.dt.strftime("%Y-%m-%d")) == ["2023-01-27", "2023-01-27"]


def test_yes_and_no(endpoint: str) -> None:
    """ASK has no table; its CSV is the one word."""
    for query, word in ((q.YES, "true"), (q.NO, "false")):
        with urlopen(address(endpoint, query)) as answer:
            assert answer.read().decode().strip() == word


@pytest.mark.parametrize("query", [q.CONSTRUCT, q.DESCRIBE])
def test_triples_are_no_table(endpoint: str, query: str) -> None:
    """It is said in words, with the formats there are."""
    with pytest.raises(HTTPError) as caught:
        frame(endpoint, query)
    assert caught.value.code == 406
    assert "text/turtle" in json.load(caught.value)["mend"]


def test_a_hundred_thousand_rows(endpoint: str) -> None:
    """All of them, each once, as numbers."""
    read = frame(endpoint, q.LARGE)
    assert len(read) == len(read.drop_duplicates()) == q.ROWS
    assert {str(kind) for kind in read.dtypes} == {"int64"}
    assert int(read.sum().sum()) == 5 * 45 * q.ROWS // 10


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [(q.BROKEN, 400, q.BROKEN_WORDS), (q.endless("pandas"), 504, q.ENDLESS_WORDS)],
)
def test_an_error_is_no_table(endpoint: str, query: str, status: int, words: str) -> None:
    """The client raises what it has, and our words can be read from it."""
    with pytest.raises(HTTPError) as caught:
        frame(endpoint, query)
    assert caught.value.code == status
    assert json.load(caught.value)["detail"].startswith(words)


def test_a_long_query_is_posted(endpoint: str) -> None:
    """By the standard library, as the editor's code does it by requests."""
    posted = Request(endpoint, urlencode({"query": q.LONG}).encode(), {"Accept": "text/csv"})
    with urlopen(posted) as answer:
        assert list(pd.read_csv(io.BytesIO(answer.read()))["label"]) == ["plain"]


def test_every_text_comes_home_as_it_was(endpoint: str, terms: dict[str, ox.Literal]) -> None:
    """Quotes, commas, line ends and every plane of Unicode; CSV has no languages and no datatypes."""
    read = frame(endpoint, q.TERMS, dtype=str, keep_default_na=False)
    assert dict(zip(read["s"], read["o"], strict=True)) == {iri: term.value for iri, term in terms.items()}
    assert list(frame(endpoint, q.SEE_ALSO)["o"]) == [q.IRI]


def test_graphs_by_parameter(endpoint: str) -> None:
    """default-graph-uri chooses what is read."""
    url = address(endpoint, q.EVERYTHING, **{"default-graph-uri": q.TEXTS})
    assert len(pd.read_csv(url)) == 12


def test_text_search(endpoint: str) -> None:
    """With and without the score, which is a number."""
    assert list(frame(endpoint, q.SEARCH)["thing"]) == [q.ELACESTRANT]
    assert str(frame(endpoint, q.SCORED)["score"].dtype) == "float64"
