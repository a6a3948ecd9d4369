"""rdflib's SPARQLStore: the endpoint as if it were a graph in memory."""

from __future__ import annotations

import json
import re

import pyoxigraph as ox
import pytest
from rdflib import RDF, RDFS, Dataset, Graph, Literal, URIRef
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID, ConjunctiveGraph
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from tests.clients import questions as q

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*deprecated:DeprecationWarning"
)  # rdflib's, of its own parts

DRUG, PALBOCICLIB, ELACESTRANT = URIRef(q.DRUG), URIRef(q.PALBOCICLIB), URIRef(q.ELACESTRANT)


@pytest.fixture(params=["GET", "POST", "POST_FORM"])
def store(endpoint: str, request: pytest.FixtureRequest) -> SPARQLStore:
    """A store by each of its methods."""
    return SPARQLStore(endpoint, method=request.param)


def test_a_table_in_every_format(endpoint: str) -> None:
    """The rows are rdflib's terms; CSV has no kinds of terms, so its rows are texts."""
    for form in ("xml", "json", "tsv"):
        found = Graph(SPARQLStore(endpoint, returnFormat=form)).query(q.DRUGS)
        assert [tuple(row) for row in found] == [
            (ELACESTRANT, Literal("elacestrant", "en")),
            (PALBOCICLIB, Literal("palbociclib", "en")),
        ]
    found = Graph(SPARQLStore(endpoint, returnFormat="csv")).query(q.DRUGS)
    assert [str(row.label) for row in found] == ["elacestrant", "palbociclib"]


def test_yes_and_no(store: SPARQLStore) -> None:
    """An ASK is a truth, and so is whether a triple is there."""
    triples = Graph(store)
    assert triples.query(q.YES).askAnswer is True
    assert triples.query(q.NO).askAnswer is False
    assert (PALBOCICLIB, RDF.type, DRUG) in triples
    assert (PALBOCICLIB, RDF.type, URIRef(q.IRI)) not in triples


def test_triples(store: SPARQLStore) -> None:
    """CONSTRUCT and DESCRIBE give graphs."""
    triples = Graph(store)
    built = triples.query(q.CONSTRUCT).graph
    assert built is not None
    assert set(built) == {
        (ELACESTRANT, RDFS.label, Literal("elacestrant", "en")),
        (PALBOCICLIB, RDFS.label, Literal("palbociclib", "en")),
    }
    described = triples.query(q.DESCRIBE).graph
    assert described is not None
    assert set(described.objects(PALBOCICLIB, RDF.type)) >= {DRUG}


def test_a_graph_is_walked_by_pattern(store: SPARQLStore) -> None:
    """Without a line of SPARQL: by subject, by type, in pieces, by its size."""
    everything = Graph(store)
    assert set(everything.subjects(RDF.type, DRUG)) == {PALBOCICLIB, ELACESTRANT}
    assert everything.value(PALBOCICLIB, RDFS.label) == Literal("palbociclib", "en")
    texts = Graph(store, identifier=URIRef(q.TEXTS))
    assert len(texts) == len(set(texts)) == 12
    assert (PALBOCICLIB, RDF.type, DRUG) not in texts
    texts.LIMIT, texts.OFFSET = 5, 10
    assert len(list(texts)) == 2


def test_a_dataset_sees_every_graph(store: SPARQLStore) -> None:
    """The store knows their names, and they are one where none is named; to list them by `graphs`, rdflib
    would write.
    """
    dataset = Dataset(store, default_union=True)
    assert {URIRef(q.TEXTS), URIRef(q.VALUES), URIRef(q.VOCABULARY)} <= set(store.contexts())
    assert {str(row.g): int(row.n) for row in dataset.query(q.GRAPHS)}[q.TEXTS] == 12
    assert set(dataset.subjects(RDF.type, DRUG)) == {PALBOCICLIB, ELACESTRANT}


def test_a_conjunctive_graph_is_all_graphs_together(store: SPARQLStore) -> None:
    """What older programs use."""
    everything = ConjunctiveGraph(store)
    assert set(everything.subjects(RDF.type, DRUG)) == {PALBOCICLIB, ELACESTRANT}
    found = everything.query(q.DRUGS, initBindings={"label": Literal("palbociclib", "en")})
    assert [row.drug for row in found] == [PALBOCICLIB]


@pytest.mark.parametrize("kind", [Graph, Dataset])
def test_bindings_are_given_beside_the_query(store: SPARQLStore, kind: type[Graph]) -> None:
    """Terms of every kind, several at a time, with prefixes of their own."""
    triples = kind(store)
    bound = triples.query(q.DRUGS, initBindings={"drug": PALBOCICLIB, "label": Literal("palbociclib", "en")})
    assert [tuple(row) for row in bound] == [(PALBOCICLIB, Literal("palbociclib", "en"))]
    assert len(triples.query(q.DRUGS, initBindings={"label": Literal("palbociclib")})) == 0
    own = triples.query(
        "SELECT ?l { ?d mine:label ?l }", initNs={"mine": RDFS}, initBindings={"d": ELACESTRANT}
    )
    assert [row.l for row in own] == [Literal("elacestrant", "en")]


def test_a_hundred_thousand_rows(endpoint: str) -> None:
    """All of them, each once."""
    found = list(Graph(SPARQLStore(endpoint, returnFormat="csv")).query(q.LARGE))
    assert len(set(found)) == len(found) == q.ROWS


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [(q.BROKEN, 400, q.BROKEN_WORDS), (q.endless("rdflib"), 504, q.ENDLESS_WORDS)],
)
def test_an_error_is_the_clients_own_with_our_words_behind_it(
    endpoint: str, query: str, status: int, words: str
) -> None:
    """It says the same of whatever fails; what we said is in the error it came from."""
    with pytest.raises(ValueError, match="something wrong") as caught:
        Graph(SPARQLStore(endpoint)).query(query)
    cause = caught.value.__context__
    assert cause.code == status
    assert re.search(re.escape(words), json.load(cause)["detail"])


def test_an_error_of_a_posted_query_is_no_result(endpoint: str) -> None:
    """The client gives the status in a tuple, as it does with every endpoint."""
    found = Graph(SPARQLStore(endpoint, method="POST")).query(q.BROKEN)
    assert isinstance(found, tuple)
    assert found[0] == 400


def test_a_long_query_is_posted(endpoint: str) -> None:
    """As the store does it when told to."""
    for method in ("POST", "POST_FORM"):
        found = Graph(SPARQLStore(endpoint, method=method)).query(q.LONG)
        assert [str(row.label) for row in found] == ["plain"]


@pytest.mark.parametrize("form", ["xml", "json", "tsv"])
def test_every_term_comes_home_as_it_was(endpoint: str, form: str, terms: dict[str, ox.Literal]) -> None:
    """Text, language and datatype of each literal, in each format that tells them apart."""
    triples = Graph(SPARQLStore(endpoint, returnFormat=form))
    found = {str(row.s): row.o for row in triples.query(q.TERMS)}
    assert found.keys() == terms.keys()
    for iri, term in terms.items():
        language = (term.language or "").lower() or None
        datatype = (
            None if language or term.datatype.value.endswith("#string") else URIRef(term.datatype.value)
        )
        wanted, got = Literal(term.value, lang=language, datatype=datatype), found[iri]
        assert (got.language, got.datatype) == (wanted.language, wanted.datatype)
        assert str(got) == str(wanted) or got.value == wanted.value  # it writes times in its own way
    assert [row.o for row in triples.query(q.SEE_ALSO)] == [URIRef(q.IRI)]


def test_text_search(store: SPARQLStore) -> None:
    """With and without the score."""
    triples = Graph(store)
    assert [row.thing for row in triples.query(q.SEARCH)] == [ELACESTRANT]
    assert [row.score.toPython() > 0 for row in triples.query(q.SCORED)] == [True]


def test_rdflibs_own_name_of_the_default_graph_is_understood(endpoint: str) -> None:
    """A dataset sends it with each query that names no graph."""
    dataset = Dataset(SPARQLStore(endpoint))
    assert dataset.default_graph.identifier == DATASET_DEFAULT_GRAPH_ID
    assert len(dataset.query(q.DRUGS)) == 2
