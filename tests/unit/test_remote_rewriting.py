"""A query is sent to a remote service as it was meant: prefixes, dataset, terms for variables."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.errors import QueryError, QueryRefused
from graph.files import BASE
from graph.store.remote import rewriting
from graph.store.remote.layout import NOTHING

QUERIES = sorted((Path(__file__).resolve().parents[2] / "server" / "queries").glob("*.rq"))
OWN = ("<bif:", "bif:", "<sq", "<JAVA:", "<java:")
IRI = ox.NamedNode("urn:x")
TEXT = ox.Literal('a"b\n}')


def data() -> ox.Store:
    store = ox.Store()
    store.update('INSERT DATA { <urn:x> <urn:p> 1 , 2 . <urn:y> <urn:p> 3 . <urn:z> <urn:q> "a\\"b\\n}" }')
    return store


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("SELECT * {}", "select"),
        ("# ASK\nPREFIX select: <urn:ask> construct { <urn:select> ?ask 'ASK' } WHERE {}", "graph"),
        ("ASK { { SELECT * {} } }", "ask"),
        ("BASE <urn:x> describe <ASK>", "graph"),
        ("", "select"),
    ],
)
def test_the_form_is_told_by_the_first_word_that_tells(query: str, form: str) -> None:
    """Not by comments, names, variables or strings."""
    assert rewriting.form(query) == form


def test_dataset_clauses_leave_blanks_in_their_place() -> None:
    """So that lines and columns stay."""
    query = "SELECT *\nFROM <urn:a> from named # FROM\n graph:meta\n{ ?from ?p 'FROM <urn:b>' }"
    left = rewriting.without_dataset(query)
    assert left.split() == ["SELECT", "*", "{", "?from", "?p", "'FROM", "<urn:b>'", "}"]
    assert left.count("\n") == query.count("\n")
    assert left.index("{") == query.index("{")


def test_a_graph_that_is_not_in_the_dataset_is_replaced_by_one_that_never_is() -> None:
    """However it is written; what is in the dataset, and variables, stay."""
    query = (
        "PREFIX g: <urn:> { GRAPH g:a {} GRAPH <urn:b> {} graph<urn:a>{} GRAPH graph:meta {} GRAPH ?g {} }"
    )
    confined = rewriting.confined(query, {"urn:a"})
    assert confined == query.replace("<urn:b>", f"<{NOTHING}>").replace("graph:meta", f"<{NOTHING}>")
    assert f"<{NOTHING}>" in rewriting.confined("BASE <urn:x/> ASK { GRAPH <../a> {} }", {BASE + "a"})


@pytest.mark.parametrize(
    "query",
    [
        "ASK { FILTER(<bif:http_get>('http://127.0.0.1/')) }",
        "PREFIX b: <bif:> ASK { FILTER(b:file_to_string('/etc/passwd')) }",
        "ASK { FILTER(bif:now()) }",
        "ASK { FILTER(<sq\\u006C:DB.DBA.X>()) }",
        "ASK { ?x <JAVA:java.lang.Runtime> ?y }",
        "BASE <java:x/> ASK { FILTER(<y>()) }",
    ],
)
def test_what_is_an_engine_s_own_is_refused(query: str) -> None:
    """Functions by which Virtuoso or Jena would run code: with a line and a column."""
    with pytest.raises(QueryRefused) as caught:
        rewriting.require_portable(query)
    assert (caught.value.line, caught.value.column) == (1, query.index(next(filter(query.count, OWN))) + 1)
    rewriting.require_portable("ASK { ?x <urn:bif:x> 'bif:y' , rdfs:label # sql:\n }")


def test_comments_leave_blanks_in_their_place() -> None:
    """Strings and IRIs with the same sign stay."""
    query = "ASK # one\n{ ?x <urn:a#b> '# two' } # three"
    assert rewriting.without_comments(query) == "ASK      \n{ ?x <urn:a#b> '# two' }        "


def test_prefixes_are_declared_where_they_are_missing() -> None:
    """On the first line, so that the others keep their numbers; the query's own go before."""
    text = rewriting.declared("PREFIX rdfs: <urn:mine>\nASK { ?x a her2kg:Drug ; rdfs:label <here> }")
    assert text.startswith(f"BASE <{BASE}> PREFIX her2kg: <{BASE}ontology/> PREFIX rdfs: <urn:mine>\n")
    assert rewriting.declared("ASK { <urn:x> ?p 'her2kg:Drug' }") == "ASK { <urn:x> ?p 'her2kg:Drug' }"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("SELECT ?x ?o { ?x <urn:p> ?o }", ["x"]),
        ("SELECT * { $x <urn:p> ?o FILTER(BOUND(?x)) }", ["x"]),
        ("SELECT ?x { ?x <urn:p> ?o } GROUP BY ?x ORDER BY ?x", ["x"]),
        (
            "SELECT ?x (COUNT(?o) AS ?n) { ?x <urn:p> ?o } GROUP BY ?x HAVING(COUNT(?x) > 0) ORDER BY DESC(?x)",
            ["x"],
        ),
        ("SELECT ?x ?n { { SELECT ?x (COUNT(*) AS ?n) { ?x <urn:p> ?o } GROUP BY ?x } }", ["x"]),
        ("SELECT ?x ?o { { SELECT DISTINCT ?x { ?x ?p ?v } } OPTIONAL { ?x <urn:p> ?o } }", ["x"]),
        ("SELECT ?x ?o { { ?x <urn:p> ?o } UNION { ?o <urn:p> ?x } }", ["x"]),
        ("SELECT ?x ?s { ?s <urn:q> ?t FILTER(?t = ?x || STR(?t) = ?x) }", ["x"]),
        ("SELECT ?x ?o { VALUES (?x ?k) { (<urn:x> 1) (<urn:y> 2) } ?x <urn:p> ?o }", ["x"]),
        ("SELECT ?x ?o { ?o <urn:q> ?t FILTER NOT EXISTS { ?x <urn:nothing> ?o } } LIMIT 5", ["x"]),
    ],
)
@pytest.mark.parametrize("term", [IRI, TEXT], ids=["iri", "text"])
def test_a_bound_query_has_the_solutions_that_the_engine_finds_with_the_terms_bound(
    query: str, names: list[str], term: ox.NamedNode | ox.Literal
) -> None:
    """The columns that were replaced are to be put back with their terms."""
    if isinstance(term, ox.Literal) and "?x <" in query.replace("$", "?") + "?x ?p":
        query = "SELECT ?x ?s { ?s <urn:q> ?x FILTER(STR(?x) = 'never' || ?x = ?x) } ORDER BY ?x"
    bound = rewriting.bound(query, dict.fromkeys(names, term))

    def rows(text: str, columns: dict[str, ox.NamedNode | ox.Literal], **bindings: object) -> list[str]:
        found = data().query(text, **bindings)
        kept = [v.value for v in found.variables if v.value != "her2kg_1"]
        return sorted(
            str(
                sorted(
                    {
                        **{n: str(r[n]) for n in kept if r[n]},
                        **{n: str(t) for n, t in columns.items()},
                    }.items()
                )
            )
            for r in found
        )

    expected = rows(query, {}, substitutions={ox.Variable(name): term for name in names})
    assert rows(bound.query, dict(bound.columns)) == expected


def test_no_bound_variable_is_left_in_what_the_pages_ask() -> None:
    """Every query of the pages can be bound in each of its variables that is projected, and still be read."""
    assert len(QUERIES) == 33
    for path in QUERIES:
        query = path.read_text("utf-8")
        for name in ("node", "kind", "document", "here", "thing", "class_"):
            if f"?{name} " in query and f"AS ?{name})" not in query and f"VALUES ?{name}" not in query:
                text = rewriting.bound(query, {name: IRI}).query
                assert f"?{name} " not in text, path.name
                data().query(text)


def test_what_cannot_be_bound_is_refused() -> None:
    """A blank node has no name elsewhere; what the query computes cannot be given."""
    with pytest.raises(QueryError, match="blank node"):
        rewriting.bound("ASK { ?x ?p ?o }", {"x": ox.BlankNode("b")})
    with pytest.raises(QueryError, match="value in the query"):
        rewriting.bound("SELECT ?x { BIND(1 AS ?x) }", {"x": IRI})
