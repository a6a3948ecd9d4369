"""What the description counts is what a query counts, and it is the same each time."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF

from graph.build import dcat
from graph.build.census import census
from graph.build.describe import meta_triples
from graph.build.examples import Example, form
from graph.build.mappings import load_mappings
from graph.build.sources import load_sources
from graph.build.void import TARGETS, short
from graph.files import BASE
from graph.vocab import NAMED_ONLY

VOID = "http://rdfs.org/ns/void#"
DATA = Path(__file__).resolve().parents[1] / "data" / "pages.trig"
EXAMPLES = [Example("01-a", "Topic", "Is a < b & c?", "Because.", "#+ summary: x\nASK {}\n")]
TYPE = ox.NamedNode(str(RDF.type))
OWN = {str(OWL.NamedIndividual), str(OWL.Thing)}
OF_OWL = "FILTER(?c != <http://www.w3.org/2002/07/owl#NamedIndividual> && ?c != <http://www.w3.org/2002/07/owl#Thing>)"


@pytest.fixture(scope="module")
def graphs() -> dict[str, list[ox.Triple]]:
    """A small dataset, with the ontology, the shapes and the mappings beside."""
    found: dict[str, list[ox.Triple]] = load_sources()
    for quad in ox.parse(path=str(DATA)):
        found.setdefault(quad.graph_name.value.removeprefix(f"{BASE}graph/"), []).append(quad.triple)
    assert {"ontology", "vocabulary", "inferred", "shapes", "mappings"} <= set(found)
    return {name: list(dict.fromkeys(triples)) for name, triples in found.items() if name != "meta"}


@pytest.fixture(scope="module")
def union(graphs: dict[str, list[ox.Triple]]) -> ox.Store:
    """The default graph, and beside it the types that somebody wrote down."""
    store = ox.Store()
    for name, triples in graphs.items():
        if name not in NAMED_ONLY:
            store.extend(ox.Quad(*triple) for triple in triples)
            if name != "inferred":
                store.extend(ox.Quad(*triple, ox.NamedNode("x:written")) for triple in triples)
    return store


def asked(store: ox.Store, query: str) -> dict[tuple[str, ...] | str, int]:
    """Rows of names and a number `n`, as a table."""
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    names = [variable.value for variable in solutions.variables if variable.value != "n"]
    found: dict[tuple[str, ...] | str, int] = {}
    for row in solutions:
        key = tuple(row[name].value for name in names)
        found[key if len(key) > 1 else key[0]] = int(row["n"].value)
    return found


def number(store: ox.Store, query: str) -> int:
    """The one number `n` that a query gives."""
    return int(next(iter(store.query(query)))["n"].value)


COUNTS = {
    "classes": "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c FILTER(isIRI(?c)) } GROUP BY ?c",
    "of_class": f"SELECT ?c ?p (COUNT(*) AS ?n) {{ ?s a ?c ; ?p ?o FILTER(isIRI(?c)) {OF_OWL} }} GROUP BY ?c ?p",
    "to_class": "SELECT ?c ?p ?d (COUNT(*) AS ?n) { ?s ?p ?o GRAPH <x:written> { ?s a ?c . ?o a ?d } "
    f"FILTER(isIRI(?c) && isIRI(?d)) {OF_OWL} {OF_OWL.replace('?c', '?d')} }} GROUP BY ?c ?p ?d",
}


@pytest.mark.parametrize("what", COUNTS)
def test_counts_are_those_of_a_query(graphs: dict[str, list[ox.Triple]], union: ox.Store, what: str) -> None:
    """By class, by property, and by what a property leads to."""
    expected = asked(union, COUNTS[what])
    assert expected
    assert getattr(census(graphs), what) == expected


def test_datatypes_are_counted_as_they_are_written(graphs: dict[str, list[ox.Triple]]) -> None:
    """Not as the engine has them: it takes every whole number for an xsd:integer."""
    asked_of = {name: triples for name, triples in graphs.items() if name not in NAMED_ONLY}
    written: dict[object, set[ox.NamedNode]] = {}
    for name, triples in asked_of.items():
        for node, predicate, kind in triples:
            if name != "inferred" and predicate == TYPE and getattr(kind, "value", "") not in OWN:
                written.setdefault(node, set()).update({kind} if isinstance(kind, ox.NamedNode) else ())
    expected = Counter(
        (kind.value, triple.predicate.value, triple.object.datatype.value)
        for triple in {triple for triples in asked_of.values() for triple in triples}
        if isinstance(triple.object, ox.Literal)
        for kind in written.get(triple.subject, ())
    )
    assert any(key[2].endswith("#nonNegativeInteger") for key in expected)
    assert census(graphs).to_datatype == expected


def test_sizes_are_those_of_a_query(graphs: dict[str, list[ox.Triple]], union: ox.Store) -> None:
    """Triples, nodes by their place, and each property's share of them."""
    found = census(graphs)
    figures = next(
        iter(
            union.query(
                "SELECT (COUNT(*) AS ?t) (COUNT(DISTINCT ?s) AS ?ss) (COUNT(DISTINCT ?p) AS ?ps) (COUNT(DISTINCT ?o) AS ?os) "
                "{ ?s ?p ?o }"
            )
        )
    )
    size = found.size
    told = (size.triples, size.subjects, size.properties, size.objects)
    assert told == tuple(int(figures[name].value) for name in ("t", "ss", "ps", "os"))
    entities = f'SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), "{BASE}")) }}'
    assert size.entities == number(union, entities)
    assert size.classes == number(union, "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }")
    uses = union.query(
        "SELECT ?p (COUNT(*) AS ?t) (COUNT(DISTINCT ?s) AS ?ss) (COUNT(DISTINCT ?o) AS ?os) { ?s ?p ?o } GROUP BY ?p"
    )
    assert {name: (use.triples, use.subjects, use.objects) for name, use in found.properties.items()} == {
        row["p"].value: tuple(int(row[name].value) for name in ("t", "ss", "os")) for row in uses
    }
    assert {name: own.triples for name, own in found.graphs.items()} == {
        name: len(triples) for name, triples in graphs.items()
    }


def test_the_description_is_the_same_whatever_the_order(graphs: dict[str, list[ox.Triple]]) -> None:
    """Its version depends on the data alone."""
    turned = {name: triples[::-1] for name, triples in reversed(graphs.items())}
    assert meta_triples(graphs, EXAMPLES) == meta_triples(turned, EXAMPLES)


def test_every_node_of_the_description_has_a_name_of_ours(graphs: dict[str, list[ox.Triple]]) -> None:
    """No blank nodes, and nothing is said of other people's things."""
    subjects = {triple.subject for triple in meta_triples(graphs, EXAMPLES)}
    assert all(isinstance(node, ox.NamedNode) for node in subjects)
    assert [node.value for node in subjects if not node.value.startswith(BASE)] == []


def test_no_two_partitions_share_a_name(graphs: dict[str, list[ox.Triple]]) -> None:
    """Each has one class, property or datatype, and one number of each sort."""
    told = Counter(
        (triple.subject.value, triple.predicate.value)
        for triple in meta_triples(graphs)
        if re.search(r"/void#(class|property)--", triple.subject.value)
        and not triple.predicate.value.endswith("Partition")
    )
    assert len(told) > 1000
    assert {key: number for key, number in told.items() if number > 1} == {}


def test_the_shapes_and_the_description_are_not_counted_in_the_dataset(
    graphs: dict[str, list[ox.Triple]],
) -> None:
    """The default graph has neither."""
    without = {name: triples for name, triples in graphs.items() if name != "shapes"}
    assert census(graphs).size == census(without).size
    assert census(graphs).classes == census(without).classes


def test_an_empty_dataset_has_a_description() -> None:
    """Nothing is counted, and nothing fails."""
    found = census({})
    assert (found.size.triples, found.classes, found.properties) == (0, {}, {})
    assert meta_triples({})


@pytest.mark.parametrize(
    ("iri", "name"),
    [
        (f"{BASE}ontology/Drug", "her2kg:Drug"),
        (f"{BASE}id/drug/palbociclib", "drug:palbociclib"),
        (f"{BASE}ontology/a--b", None),
        (f"{BASE}ontology/", None),
        ("http://example.org/ä?x=<", None),
    ],
)
def test_a_partition_is_named_by_curie_or_digest(iri: str, name: str | None) -> None:
    """What is no plain name gets a digest, which is as unique."""
    assert short(iri) == name if name else re.fullmatch(r"[0-9a-f]{16}", short(iri))


def test_every_target_of_the_mappings_has_a_title_and_its_links_are_counted(
    graphs: dict[str, list[ox.Triple]],
) -> None:
    """The table of titles is that of the file, and the linksets add up to its rows."""
    rows = load_mappings().rows
    assert set(TARGETS) == {row["object_id"].partition(":")[0] for row in rows}
    links = [
        int(triple.object.value)
        for triple in meta_triples(graphs)
        if "/void#linkset--" in triple.subject.value and triple.predicate.value == VOID + "triples"
    ]
    assert sum(links) == len(graphs["mappings"]) == len(rows)
    assert len(links) == len({(row["object_id"].partition(":")[0], row["predicate_id"]) for row in rows})


def test_the_catalogue_says_what_the_citation_says(checkout: Path) -> None:
    """Publisher and licence are those of CITATION.cff and LICENSE."""
    citation = (checkout / "CITATION.cff").read_text("utf-8")
    assert f"- name: {dcat.PUBLISHER}\n" in citation
    assert "the data are CC0-1.0" in citation
    assert "publicdomain/zero/1.0" in dcat.LICENSE


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("SELECT * {}", "select"),
        ("# ask nothing\nPREFIX a: <x:describe> construct {} {}", "construct"),
        ("BASE <x:select>\nASK { }", "ask"),
        ("describe <x:y>", "describe"),
    ],
)
def test_the_form_of_a_query_is_seen(query: str, kind: str) -> None:
    """By its keyword, not by a word in its prologue."""
    assert form(query) == kind


def test_what_is_no_query_has_no_form() -> None:
    """A file without one is a fault of ours."""
    with pytest.raises(ValueError, match="no query"):
        form("# select\nPREFIX x: <y:>")


def test_an_example_is_escaped_for_those_who_show_it_as_html(graphs: dict[str, list[ox.Triple]]) -> None:
    """Its comment is HTML, its query is the text without our header."""
    told = {
        triple.predicate.value.rpartition("#")[2]: triple.object.value
        for triple in meta_triples({}, EXAMPLES)
        if triple.subject.value.endswith("#01-a")
    }
    assert told["comment"] == "Is a &lt; b &amp; c? <br> Because."
    assert told["ask"] == "ASK {}"
