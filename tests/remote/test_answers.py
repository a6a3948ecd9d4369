"""A remote engine answers as the embedded store does: questions, examples, and what the pages ask."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.store import N_TRIPLES, Node, select
from graph.store.embedded import EmbeddedStore
from graph.store.remote import rewriting
from graph.store.remote.store import RemoteStore
from server import create_app
from server.settings import Settings
from tests.test_competency import QUESTIONS, TWINS, short, table

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "server" / "examples").glob("*.rq"))
NUMBERS = {"integer", "decimal", "double"}
CONCAT = re.compile(r"\(GROUP_CONCAT\(.*?\) AS \?(\w+)\)")


def plain(term: Node) -> str:
    """A term up to the name of a blank node and the spelling of a number."""
    if isinstance(term, ox.BlankNode):
        return "_:"
    if isinstance(term, ox.Literal) and term.datatype.value.rpartition("#")[2] in NUMBERS:
        return f"{float(term.value):.9g}"
    return str(term)


def words(page: str) -> list[str]:
    """What stands on a page, in no order, up to the names of blank nodes and the spelling of numbers."""
    return sorted(re.sub(r"_:[\w.-]+", "_:", re.sub(r"\b(\d+)\.0\b", r"\1", page)).split())


def bag(rows: list[dict[str, Node]], query: str) -> Counter[tuple[tuple[str, str], ...]]:
    """Solutions in no order; what GROUP_CONCAT made is compared by its words, for it has no order or language."""
    joined = set(CONCAT.findall(query))

    def cells(row: dict[str, Node]) -> Iterator[tuple[str, str]]:
        for name, term in row.items():
            text = " ".join(sorted(re.findall(r"\w+", str(term.value)))) if name in joined else plain(term)
            if text:
                yield name, text

    return Counter(tuple(sorted(cells(row))) for row in rows)


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_competency_question_has_its_rows(path: Path, full: RemoteStore) -> None:
    """The table that the documents' own statements give, on every engine."""
    header, expected = table(path.with_suffix(".csv"))
    rows = select(full, path.read_text("utf-8"))
    assert (
        Counter(tuple(short(row[name]) if name in row else "" for name in header) for row in rows) == expected
    )


@pytest.mark.parametrize("path", TWINS, ids=lambda path: path.name.removesuffix(".none.rq"))
def test_a_twin_has_no_row(path: Path, full: RemoteStore) -> None:
    """What the documents do not state is not there."""
    assert select(full, path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_has_the_answer_of_the_embedded_store(
    path: Path, full: RemoteStore, embedded: EmbeddedStore
) -> None:
    """Row by row, or triple by triple; and it tells how many they are."""
    query = path.read_text("utf-8")
    if rewriting.form(query) == "select":
        found = select(full, query)
        assert bag(found, query) == bag(select(embedded, query), query)
        assert full.query(query).rows == len(found)
        return
    here, there = (store.query(query, triples=N_TRIPLES) for store in (full, embedded))
    if here.form == "ask":
        assert here.body == there.body
        assert here.rows is None
    else:
        bags = [
            Counter(tuple(map(plain, quad.triple)) for quad in ox.parse(answer.body, ox.RdfFormat.N_TRIPLES))
            for answer in (here, there)
        ]
        assert bags[0] == bags[1]
        assert here.rows == sum(bags[0].values())


PAGES = (
    "/",
    "/page/drug/palbociclib",
    "/page/drug-class/aromatase-inhibitor",
    "/page/condition/triple-negative-breast-cancer",
    "/page/treatment/chemotherapy",
    "/page/ontology",
    "/page/ontology/Drug",
    "/browse/drug",
    "/browse/condition",
    "/browse/document",
    "/document/4669439527995f60",
    "/search?q=aromatase",
    "/search?q=palbo&format=json",
    "/data/drug/palbociclib.nt",
    "/data/ontology.nt",
    "/sparql/terms",
    "/sparql/terms?q=palbo",
    "/explain?subject=drug:palbociclib&predicate=a&object=her2kg:CDK46Inhibitor",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_what_it_shows_over_the_embedded_store(
    path: str, full: RemoteStore, embedded: EmbeddedStore, built: Path
) -> None:
    """The same words, and the same status."""
    there, here = (
        create_app(Settings(home=built), store).test_client().get(path) for store in (embedded, full)
    )
    assert there.status_code == here.status_code == 200
    assert words(here.text) == words(there.text)


def test_what_was_compared_is_what_there_is(full: RemoteStore, embedded: EmbeddedStore) -> None:
    """No question, example or version is passed over."""
    assert (len(QUESTIONS), len(TWINS)) == (59, 52)
    assert len(EXAMPLES) >= 40
    assert full.manifest().version == embedded.manifest().version
    assert full.health().status == "ok"
