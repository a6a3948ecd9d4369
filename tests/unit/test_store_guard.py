"""The guard refuses what calls out or writes, wherever it hides, and nothing else."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph.errors import QueryError, QueryRefused
from graph.store.guard import inspect, plain
from graph.vocab import PREFIXES

BASE = "https://example.org/"


def check(query: str) -> list[str]:
    return [name.iri for name in inspect(query, prefixes=PREFIXES, base=BASE, max_bytes=1 << 20).graphs]


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [
        ("ASK { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", 1, 7),
        ("ASK { service silent <http://127.0.0.1/> {} }", 1, 7),
        ("ASK { SERVIC\\u0045 <http://127.0.0.1/> {} }", 1, 7),
        ("ASK { \\U00000053ERVICE <http://127.0.0.1/> {} }", 1, 7),
        ("ASK {\n FILTER EXISTS { { SERVICE ?x {} } } }", 2, 20),
        ("ASK { # SERVICE\n SERVICE<http://127.0.0.1/>{} }", 2, 2),
        ("ASK { ?s ?p true.SERVICE <http://127.0.0.1/> {} }", 1, 18),
        ("ASK { ?s ?p 'a' . SERVICE <x:y> {} ?s ?p 'b' }", 1, 19),
        ("ASK { ?s ?p 1e5SERVICE<x:y>{} }", 1, 14),
        ("LOAD <file:///etc/passwd>", 1, 1),
        ("INSERT DATA { <a:b> <a:b> <a:b> }", 1, 1),
        ("DELETE WHERE { ?s ?p ?o }", 1, 1),
        ("CLEAR ALL", 1, 1),
        ("DROP DEFAULT", 1, 1),
        ("CREATE GRAPH <x:y>", 1, 1),
        ("ADD <a:b> TO <c:d>", 1, 1),
        ("MOVE <a:b> TO <c:d>", 1, 1),
        ("COPY <a:b> TO <c:d>", 1, 1),
        ("WITH <a:b> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", 1, 1),
    ],
)
def test_calls_and_updates_are_refused_with_their_place(query: str, line: int, column: int) -> None:
    """Keywords are found in any case, behind escapes, comments and strings."""
    with pytest.raises(QueryRefused) as caught:
        check(query)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "query",
    [
        "ASK {} # SERVICE <http://127.0.0.1/>",
        "ASK { ?s ?p 'SERVICE <x:y>' }",
        'ASK { ?s ?p "say \\"SERVICE\\"" }',
        'ASK { ?s ?p """one " two "" SERVICE three""" }',
        "ASK { ?s ?p '''it's SERVICE''' }",
        "ASK { ?s ?p 'quote \\u0027 SERVICE' }",
        "ASK { <http://example.org/SERVICE> ?p ?o }",
        "PREFIX load: <http://example.org/> ASK { load:SERVICE load:insert ?add }",
        "ASK { ?SERVICE $load ?delete . _:drop ?p 'x'@with }",
        "SELECT * { ?a ?b ?c FILTER(?a < ?b && ?c > ?d) }",
    ],
)
def test_the_same_words_elsewhere_are_let_through(query: str) -> None:
    """A comment, a string, an IRI, a name or a variable is no keyword."""
    assert check(query) == []


@pytest.mark.parametrize(
    ("query", "graphs"),
    [
        ("ASK FROM <http://a.org/g> {}", ["http://a.org/g"]),
        ("ASK FROM <g> FROM NAMED <h> {}", [BASE + "g", BASE + "h"]),
        ("BASE <http://b.org/x/> ASK from <g> {}", ["http://b.org/x/g"]),
        ("PREFIX g: <http://b.org/> ASK FROM g:one {}", ["http://b.org/one"]),
        ("ASK FROM <http://a.org/\\u0041> {}", ["http://a.org/A"]),
        ("ASK { ?from <x:y> 'FROM <http://a.org/>' }", []),
    ],
)
def test_the_graphs_of_a_query_are_found(query: str, graphs: list[str]) -> None:
    """FROM and FROM NAMED, by IRI or prefixed name, resolved."""
    assert check(query) == graphs


@pytest.mark.parametrize(
    "query", ["ASK { who:x ?p ?o }", "ASK { ?s ?p 'x }", "ASK { ?s ?p '''x' }", "ASK " + "{" * 3000]
)
def test_what_is_certainly_malformed_is_told(query: str) -> None:
    """An undeclared prefix, an open string, endless brackets: an error with a place."""
    with pytest.raises(QueryError) as caught:
        check(query)
    assert caught.value.line == 1


@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "a-",
        "<a",
        "<",
        "\\",
        "'\\'",
        '"""\\"',
        "''a",
        "?",
        "@",
        "_:",
        ":",
        "a\\u0041",
        "\u0378",
        "\ud800",
    ],
)
def test_a_hostile_text_is_read_in_linear_time(piece: str) -> None:
    """No repetition makes the tokenizer slow; half a megabyte takes seconds at most."""
    query = "ASK { ?s ?p " + piece * (200_000 // len(piece))
    began = time.process_time()
    with suppress(QueryError):
        check(query)
    assert time.process_time() - began < 4


WORDS = "SELECT * WHERE { } ?s her2kg:Drug <http://e/x#y> 's' FROM from SERVICE LOAD with <x:g> NAMED # \\".split()  # noqa: SIM905
QUOTES = ("'", '"', "'''", '"""', '"t"', "\\u0022")
ENDS = (" ", "# ", "\n", "\n#", "\n \t# from ", "\r", "\r#", "\u2028", "\x0b", "\f", "\\u000A", "\\U0000000A")
PIECES = (*WORDS, *QUOTES, *ENDS, "\\u0023", "\\u0053ERVICE")
"""What queries are put together from: words that matter, and what begins and ends strings and comments."""


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@example("# a comment\rSERVICE <x:g> { }")
@example("# a comment \\u000A SERVICE <x:g> { }")
@example("SELECT * { ?s ?p '''\n# ''' . SERVICE <x:g> { } }")
@example("SELECT * \\u0023\n# FROM\nFROM <x:g> { }")
def test_what_need_not_be_inspected_has_nothing_to_find(query: str) -> None:
    """A query that is taken as it is names no graph and would not be refused."""
    if plain(query):
        try:
            assert inspect(query, prefixes=PREFIXES, base="http://e/", max_bytes=1000).graphs == []
        except QueryRefused as refused:  # it is a QueryError too
            pytest.fail(f"{query!r}: {refused}")
        except QueryError:
            pass


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("# with a service\nSELECT * { ?s ?p ?o }\n  # from here\n", True),
        ("SELECT * { ?s ?p ?o } # with words behind", False),
        ("# with a service\nSELECT * { ?s ?p ?o \n# }\n SERVICE <x:y> { } }", False),
        ("# from\nSELECT * FROM <x:g> { ?s ?p ?o }", False),
        ('# from\nSELECT * { ?s ?p """\n# from\n""" }', False),
        ("# from \\u000A\nSELECT * { ?s ?p ?o }", False),
        ("# from\rSELECT * { ?s ?p ?o }", True),
        ("SELECT * { ?s ?p ?o }\r# from", False),
    ],
)
def test_comments_are_no_reason_to_inspect(query: str, expected: bool) -> None:
    """As far as it is plain that they are comments, and end where their line does."""
    assert plain(query) is expected
