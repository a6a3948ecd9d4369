"""`her2kg:search` in a query is replaced by what the text index finds, or refused in words."""

from __future__ import annotations

import pytest

from graph.errors import QueryError
from graph.store import Hit, Hits
from graph.store.textquery import HITS, SEARCH, expanded

FOUND = Hits(2, (Hit("x:a", "a", "drug", "a", 2.5), Hit("x:b", "b", "drug", "b", 1.0)))


def run(query: str) -> tuple[str, list[tuple[str, int]]]:
    """The expanded query, and what the index was asked."""
    asked: list[tuple[str, int]] = []

    def find(words: str, limit: int) -> Hits:
        asked.append((words, limit))
        return FOUND

    return expanded(query, find), asked


WRITTEN = {
    '?d her2kg:search "one"': ("VALUES (?d) { (<x:a>) (<x:b>) }", ("one", HITS)),
    "?d her2kg:search 'one'": ("VALUES (?d) { (<x:a>) (<x:b>) }", ("one", HITS)),
    '?d her2kg:search "one"@en': ("VALUES (?d) { (<x:a>) (<x:b>) }", ("one", HITS)),
    '?d her2kg:search ("one")': ("VALUES (?d) { (<x:a>) (<x:b>) }", ("one", HITS)),
    '?d her2kg:search ("one two" 7)': ("VALUES (?d) { (<x:a>) (<x:b>) }", ("one two", 7)),
    '?d her2kg:search ("one" 50)': ("VALUES (?d) { (<x:a>) (<x:b>) }", ("one", 50)),
    '?d her2kg:search "one"^^<http://www.w3.org/2001/XMLSchema#string>': (
        "VALUES (?d) { (<x:a>) (<x:b>) }",
        ("one", HITS),
    ),
    "?d her2kg:search 'one'^^xsd:string": ("VALUES (?d) { (<x:a>) (<x:b>) }", ("one", HITS)),
    '?d her2kg:search ("one two" 1250)': ("VALUES (?d) { (<x:a>) (<x:b>) }", ("one two", 1250)),
    '(?d) her2kg:search "one"': ("VALUES (?d) { (<x:a>) (<x:b>) }", ("one", HITS)),
    '(?d ?s) her2kg:search "one"': (
        "VALUES (?d ?s) { (<x:a> 2.500000) (<x:b> 1.000000) }",
        ("one", HITS),
    ),
    f'?d <{SEARCH}> "one"': ("VALUES (?d) { (<x:a>) (<x:b>) }", ("one", HITS)),
    '?d her2kg:sea\\u0072ch "o\\u006Ee"': ("VALUES (?d) { (<x:a>) (<x:b>) }", ("one", HITS)),
    '?d her2kg:search """a "b" \\n"""': ("VALUES (?d) { (<x:a>) (<x:b>) }", ('a "b" \n', HITS)),
}


@pytest.mark.parametrize("triple", WRITTEN)
def test_a_search_becomes_values(triple: str) -> None:
    """In each way it may be written; what is around it stays as it is."""
    query, asked = run(f"SELECT * {{ ?d a ?c . {triple} . FILTER(?d != ?c) }}")
    values, call = WRITTEN[triple]
    assert query == f"SELECT * {{ ?d a ?c . {values} . FILTER(?d != ?c) }}"
    assert asked == [call]


def test_a_declared_prefix_counts_and_lines_stay() -> None:
    """The property may have any prefix; errors after a search keep their line."""
    text = f'PREFIX t: <{SEARCH[:-6]}>\nSELECT * {{\n  ?d\n    t:search\n    "one" .\n  ?d ?p ?o }}'
    query, asked = run(text)
    assert asked == [("one", HITS)]
    assert query.count("\n") == text.count("\n")
    assert query.split("\n")[-1] == text.split("\n")[-1]


@pytest.mark.parametrize(
    "query",
    [
        'ASK { ?s ?p "her2kg:search" }',
        "ASK { ?s ?p ?o } # ?d her2kg:search 'x'",
        "ASK { ?search ?p ?o }",
        "PREFIX her2kg: <x:> ASK { ?s her2kg:search 'x' }",
        "ASK { ?s her2kg:searching 'x' }",
    ],
)
def test_what_is_no_search_stays(query: str) -> None:
    """The word in a string, a comment, a variable, or under another prefix."""
    assert run(query) == (query, [])


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ("ASK { ?d a ?c ; her2kg:search 'x' }", 17),
        ("ASK { ?d her2kg:search 'x' ; a ?c }", 10),
        ("ASK { ?d her2kg:search 'x' , 'y' }", 10),
        ("ASK { ?d her2kg:search ?words }", 10),
        ("ASK { ?d her2kg:search ('x' 0) }", 10),
        ("ASK { ?d her2kg:search ('x' 99999999999) }", 10),
        ("ASK { ?d her2kg:search ('x' ?n) }", 10),
        ("ASK { ?d her2kg:search ('x' 1 0) }", 10),
        ("ASK { ?d her2kg:search ('x' 1.5) }", 10),
        ("ASK { ?d her2kg:search 'x'^^xsd:integer }", 10),
        ("ASK { (?a ?b ?c) her2kg:search 'x' }", 18),
        ("ASK { drug:palbociclib her2kg:search 'x' }", 24),
        ("ASK { ?d her2kg:search|^rdfs:label 'x' }", 10),
        ("ASK { ?d her2kg:search|rdfs:label 'x' }", 10),
        ("ASK { ?d ^her2kg:search 'x' }", 11),
        ("ASK { her2kg:search", 7),
    ],
)
def test_a_search_that_cannot_be_followed_is_refused(query: str, column: int) -> None:
    """With its place, and how to write it."""
    with pytest.raises(QueryError) as refused:
        run(query)
    assert (refused.value.line, refused.value.column) == (1, column)
    assert "her2kg:search" in refused.value.mend
