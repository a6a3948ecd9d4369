"""The graph answers what it was made to answer, and the reasoner files things where they belong.

`competency/NN-name.rq` is a question, `NN-name.csv` its expected rows, and `NN-name.none.rq` a twin that must
return nothing. A table's header names the variables, sorted; a value is a literal's text, or an IRI without its
base: `drug/palbociclib` for a thing, `document/…` for a document, `graph/document/…` for a graph, and
`her2kg:Approval` for a term. Rows are a bag: their order does not count. All questions are asked of the released
data of the two source documents, by their graphs, so that the samples may change.

`docs/competency.md` lists the questions; `--golden-update` writes its table anew.

`competency/entailments.csv` has, for each defined class, an individual that falls in and one that must not, by
the same short names; `competency/examples.ttl` has those that neither vocabulary nor documents have.
"""

from __future__ import annotations

import csv
import re
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from rdflib import OWL, RDF, RDFS

from graph.build.sources import load_sources
from graph.files import BASE
from graph.reason import reason
from graph.store import Node, select
from graph.store.embedded import EmbeddedStore
from graph.vocab import HER

FOLDER = Path(__file__).parent / "competency"
DOCUMENTATION = Path(__file__).parents[1] / "docs" / "competency.md"
TABLE_STARTS = "<!-- written by `pytest tests/test_competency.py --golden-update` -->\n"
TWINS = sorted(FOLDER.glob("*.none.rq"))
QUESTIONS = sorted(set(FOLDER.glob("*.rq")) - set(TWINS))
SECONDS = 1.0
"""What a question may take."""

TERMS = str(HER._NS)
SUMMARY = re.compile(r"\A#\+ summary: (?P<question>.+\?)$", re.MULTILINE)
PREFIX = re.compile(r"^PREFIX (\w+): <(.+)>\n", re.MULTILINE)
NAME = re.compile(r"(?<![\w<?/])(\w+):([A-Za-z0-9][\w-]*)")
TYPE = NamedNode(RDF.type)
ACROSS_KINDS = {"Therapy"}
"""Classes that take in whole kinds of things, so that what is outside is of another kind."""


class Entailment(NamedTuple):
    """A defined class, an individual that must fall in, and one that must not."""

    name: str
    inside: str
    outside: str


def short(term: Node | BlankNode) -> str:
    """A term as the tables have it."""
    if isinstance(term, NamedNode):
        if term.value.startswith(TERMS):
            return "her2kg:" + term.value.removeprefix(TERMS)
        return term.value.removeprefix(BASE).removeprefix("id/")
    assert isinstance(term, Literal), f"{term} is a blank node"
    return term.value


def question(path: Path) -> str:
    """What a query asks, in plain words."""
    found = SUMMARY.match(path.read_text("utf-8"))
    assert found, f"{path.name} begins with no `#+ summary:` line that ends in a question mark"
    return found["question"]


def table(path: Path) -> tuple[list[str], Counter[tuple[str, ...]]]:
    """The header of a CSV file, and its rows as a bag."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert all(len(row) == len(header) for row in rows), f"{path.name} has a row of another length"
    return header, Counter(map(tuple, rows))


def listed(rows: Counter[tuple[str, ...]]) -> str:
    """Rows as lines of a message."""
    return "\n".join(f"  {', '.join(row)}" for row in sorted(rows.elements())) or "  none"


def entailments() -> list[Entailment]:
    """The table of entailments."""
    header, rows = table(FOLDER / "entailments.csv")
    assert header == ["class", "in", "out"]
    return [Entailment(*row) for row in sorted(rows)]


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[EmbeddedStore]:
    """The store of what a fresh clone builds."""
    with EmbeddedStore(built) as opened:
        yield opened


def asked(store: EmbeddedStore, path: Path) -> list[dict[str, Node]]:
    """The rows of a query, which must come in time."""
    started = time.perf_counter()
    rows = select(store, path.read_text("utf-8"))
    seconds = time.perf_counter() - started
    assert seconds < SECONDS, f"{path.name} took {seconds:.2f} s"
    return rows


def test_there_are_as_many_questions_as_were_written() -> None:
    """None is lost, each has its rows, and no twin or table stands alone."""
    names = {path.stem for path in QUESTIONS}
    assert (len(QUESTIONS), len(TWINS)) == (59, 52)
    assert {path.stem for path in FOLDER.glob("[0-9]*.csv")} == names
    assert {path.name.removesuffix(".none.rq") for path in TWINS} <= names
    assert [path.name[:2] for path in QUESTIONS] == [f"{n:02d}" for n in range(1, len(QUESTIONS) + 1)]


def test_no_question_is_asked_twice() -> None:
    """Each summary is a question of its own."""
    assert [q for q, n in Counter(map(question, [*QUESTIONS, *TWINS])).items() if n > 1] == []


def in_words(path: Path) -> str:
    """A question as a row of the documentation: its number, words, how many rows it has, and its twin."""
    twin = path.with_suffix(".none.rq")
    cells = (path.stem[:2], question(path), table(path.with_suffix(".csv"))[1].total())
    return "| {} | {} | {} | {} |\n".format(*cells, question(twin) if twin in TWINS else "–")


def test_documentation_has_every_question(pytestconfig: pytest.Config) -> None:
    """Its table is what the files say; `--golden-update` writes it anew."""
    text, mark, written = DOCUMENTATION.read_text("utf-8").partition(TABLE_STARTS)
    header = "\n| | Question | Rows | Nothing comes of |\n|---|---|---|---|\n"
    expected = header + "".join(map(in_words, QUESTIONS))
    assert mark, f"docs/{DOCUMENTATION.name} has lost the line after which the table stands"
    if pytestconfig.getoption("--golden-update"):
        DOCUMENTATION.write_text(text + mark + expected, "utf-8")
    else:
        assert written == expected


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_has_the_rows_that_the_documents_state(path: Path, store: EmbeddedStore) -> None:
    """No row is missing and none is there that was not expected."""
    header, expected = table(path.with_suffix(".csv"))
    assert header == sorted(header), f"{path.stem}.csv: the header is not sorted"
    assert expected, f"{path.stem}.csv expects no row: that is for a twin"
    solutions = asked(store, path)
    names = {name for row in solutions for name in row}
    assert names <= set(header), f"{path.name} has variables that its table has not: {names - set(header)}"
    rows = Counter(tuple(short(row[name]) if name in row else "" for name in header) for row in solutions)
    assert rows == expected, (
        f"{question(path)}\nin the order {', '.join(header)}\n"
        f"missing:\n{listed(expected - rows)}\nunexpected:\n{listed(rows - expected)}"
    )


@pytest.mark.parametrize("path", TWINS, ids=lambda path: path.name.removesuffix(".none.rq"))
def test_a_twin_has_no_row(path: Path, store: EmbeddedStore) -> None:
    """What the documents do not state is not there."""
    rows = Counter(tuple(f"{name} {short(term)}" for name, term in row.items()) for row in asked(store, path))
    assert not rows, f"{question(path)}\nunexpected:\n{listed(rows)}"


@pytest.mark.parametrize("path", [*QUESTIONS, *TWINS], ids=lambda path: path.name.removesuffix(".rq"))
def test_a_query_names_only_what_is_there(path: Path, store: EmbeddedStore) -> None:
    """Each thing, term and graph it names is in the data: a slip in a name would empty a twin, not fail it."""
    query = path.read_text("utf-8")
    prefixes = dict(PREFIX.findall(query))
    body = PREFIX.sub("", SUMMARY.sub("", query))
    names = {prefixes[prefix] + local for prefix, local in NAME.findall(body) if prefix in prefixes}
    graphs = set(re.findall(r"<([^<> ]+)>", body))
    assert names or graphs
    ours = {name for name in names if name.startswith(BASE)}
    unknown = {
        name
        for name in ours
        if not select(store, "SELECT * WHERE { ?name ?p ?o } LIMIT 1", name=NamedNode(name))
    }
    assert unknown == set()
    assert graphs <= {f"{BASE}graph/{name}" for name in store.manifest().graphs}


@cache
def defined_classes() -> set[str]:
    """The classes of the ontology that have sufficient conditions, by their names."""
    triples = load_sources()["ontology"]
    equivalent = {t.subject for t in triples if t.predicate == NamedNode(OWL.equivalentClass)}
    implied = {
        t.object
        for t in triples
        if t.predicate == NamedNode(RDFS.subClassOf) and not _is_ours(t.subject) and _is_ours(t.object)
    }
    return {node.value.removeprefix(TERMS) for node in equivalent | implied if isinstance(node, NamedNode)}


def _is_ours(node: object) -> bool:
    return isinstance(node, NamedNode) and node.value.startswith(TERMS)


@pytest.fixture(scope="module")
def types(store: EmbeddedStore) -> dict[str, set[str]]:
    """The types of every individual, asserted and inferred: the build's, and those of the examples."""
    found: dict[str, set[str]] = {}
    for row in select(store, "SELECT ?thing ?type WHERE { ?thing a ?type FILTER(ISIRI(?thing)) }"):
        found.setdefault(short(row["thing"]), set()).add(short(row["type"]))
    body = (FOLDER / "examples.ttl").read_text("utf-8")
    examples = [quad.triple for quad in parse(body, format=RdfFormat.TURTLE)]
    follows = reason({"ontology": load_sources()["ontology"], "examples": examples}).triples
    for triple in [*examples, *follows]:
        name = short_of(triple)
        if triple.predicate == TYPE and "/example-" in name and isinstance(triple.object, NamedNode):
            found.setdefault(name, set()).add(short(triple.object))
    return found


def short_of(triple: Triple) -> str:
    """The subject of a triple as the tables have it; empty for a blank node."""
    return short(triple.subject) if isinstance(triple.subject, NamedNode) else ""


def test_every_defined_class_has_its_entailments() -> None:
    """The table and the ontology have the same classes, each once."""
    names = [row.name for row in entailments()]
    assert set(names) == defined_classes()
    assert len(names) == len(set(names)) == 81


@pytest.mark.parametrize("row", entailments(), ids=lambda row: row.name)
def test_a_defined_class_takes_in_and_leaves_out(row: Entailment, types: dict[str, set[str]]) -> None:
    """The one falls in, and the other, which there is and which is of the same kind, does not."""
    class_ = f"her2kg:{row.name}"
    assert row.inside in types, f"there is no {row.inside}"
    assert row.outside in types, f"there is no {row.outside}"
    same_kind = row.inside.split("/")[0] == row.outside.split("/")[0]
    assert same_kind is (row.name not in ACROSS_KINDS)
    assert class_ in types[row.inside], f"{row.inside} is {sorted(types[row.inside])}"
    assert class_ not in types[row.outside], f"{row.outside} is {sorted(types[row.outside])}"


def test_membership_of_defined_classes_is_inferred_only(store: EmbeddedStore) -> None:
    """No vocabulary and no document says of an individual that it falls into a defined class."""
    query = "SELECT ?where ?thing ?type WHERE { GRAPH ?where { ?thing a ?type } FILTER(ISIRI(?thing)) }"
    asserted = {
        (short(row["thing"]), short(row["type"]))
        for row in select(store, query)
        if short(row["where"]) not in {"graph/inferred", "graph/shapes", "graph/meta"}
    }
    defined = {f"her2kg:{name}" for name in defined_classes()}
    assert {pair for pair in asserted if pair[1] in defined} == set()
