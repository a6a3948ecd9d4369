"""Content negotiation takes what the client wants most, of what there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import UsageError
from graph.store import CSV, JSON, JSON_LD, N_TRIPLES, RDF_XML, SOLUTIONS, TRIPLES, TSV, TURTLE, XML
from server.negotiation import FORMATS, HTML, choose
from server.sparql.protocol import formats

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
EVERYTHING = [*SOLUTIONS.values(), *TRIPLES.values(), HTML]


@pytest.mark.parametrize(
    ("accept", "solutions", "triples", "everything"),
    [
        (None, JSON, TURTLE, JSON),
        ("", JSON, TURTLE, JSON),
        ("*/*", JSON, TURTLE, JSON),
        (CHROME, XML, RDF_XML, HTML),
        ("text/csv", CSV, None, CSV),
        ("text/csv;q=0.5, text/tab-separated-values", TSV, None, TSV),
        ("text/*", CSV, TURTLE, CSV),
        ("application/json", JSON, JSON_LD, JSON),
        ("application/xml", XML, RDF_XML, XML),
        ("text/plain", None, N_TRIPLES, N_TRIPLES),
        ("text/turtle, application/sparql-results+json", JSON, TURTLE, JSON),
        ("TEXT/CSV ; Q=1", CSV, None, CSV),
        ("*/*, application/sparql-results+json;q=0", XML, TURTLE, XML),
        ("image/png", None, None, None),
        ("text/csv;q=0", None, None, None),
        ("text/csv;q=nonsense, text/turtle", None, TURTLE, TURTLE),
        ("application/*;q=0.3, text/csv;q=0.2", JSON, N_TRIPLES, JSON),
        (";;;,,,", JSON, TURTLE, JSON),
    ],
)
def test_the_best_offer_is_chosen(
    accept: str | None, solutions: str | None, triples: str | None, everything: str | None
) -> None:
    """Quality first, then how closely a range names the offer, then the server's order."""
    assert choose(accept, [*SOLUTIONS.values()]) == solutions
    assert choose(accept, [*TRIPLES.values()]) == triples
    assert choose(accept, EVERYTHING) == everything


@pytest.mark.parametrize("media_type", EVERYTHING)
def test_each_format_can_be_had_by_its_own_name(media_type: str) -> None:
    """Every offer has an Accept header that chooses it, and a short name."""
    assert choose(f"{media_type}, */*;q=0.1", EVERYTHING) == media_type
    assert media_type in FORMATS.values()


@pytest.mark.parametrize(
    ("names", "solutions", "triples"),
    [
        (("json",), JSON, JSON_LD),
        (("xml",), XML, RDF_XML),
        (("rdf+xml", "application/rdf+xml"), None, RDF_XML),
        (("json-ld", "application/ld+json,application/x-json+ld"), None, JSON_LD),
        (("tsv", "text/tab-separated-values"), TSV, None),
        (("n3",), None, TURTLE),
        (("csv", "turtle"), CSV, TURTLE),
        (("csv", "", " "), CSV, None),
        (("application/json",), JSON, JSON_LD),
        ((), JSON, TURTLE),
    ],
)
def test_a_format_may_have_several_names(
    names: tuple[str, ...], solutions: str | None, triples: str | None
) -> None:
    """As SPARQLWrapper and others send it: twice, as a list, by names of other endpoints."""
    assert formats(names, None) == (solutions, triples, False)


@pytest.mark.parametrize(
    "names", [("csv", "tsv"), ("json,xml",), ("html", "csv"), ("docx",), ("csv", "docx")]
)
def test_formats_that_contradict_each_other_are_refused(names: tuple[str, ...]) -> None:
    """And one that nobody has."""
    with pytest.raises(UsageError):
        formats(names, None)


@given(st.text(max_size=200))
def test_no_header_is_an_error(accept: str) -> None:
    """Whatever stands in the header, the answer is an offer or none."""
    assert choose(accept, EVERYTHING) in {*EVERYTHING, None}
