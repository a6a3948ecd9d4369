"""The mappings to other vocabularies: the form of the file, what it says, and the graph made of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache

import pytest
from pyoxigraph import NamedNode
from rdflib import DCTERMS, RDF, RDFS, SKOS, Graph, URIRef

from graph import files
from graph.build.mappings import FILE, MappingSet, load_mappings, parse_mappings
from graph.build.sources import load_sources
from graph.errors import DataError
from graph.reason import logical
from graph.vocab import HER

JUSTIFICATIONS = {
    "semapv:LexicalMatching", "semapv:ManualMappingCuration", "semapv:MappingChaining",
    "semapv:UnspecifiedMatching",
}  # fmt: skip
LICENCES = {
    "https://creativecommons.org/publicdomain/zero/1.0/",
    "https://creativecommons.org/licenses/by/4.0/",
}
PROVIDERS = {
    f"https://github.com/{repository}"
    for repository in (
        "DiseaseOntology/HumanDiseaseOntology", "biolink/biolink-model", "cBioPortal/oncotree",
        "dhimmel/drugcentral", "dhimmel/entrez-gene", "everycure-org/medi", "monarch-initiative/MAxO",
        "monarch-initiative/mondo",
    )
}  # fmt: skip
"""The repositories whose licence lets their identifiers be published."""

SLOTS = {
    "subject_id", "subject_label", "predicate_id", "object_id", "object_label", "mapping_justification",
    "object_source", "mapping_provider", "license", "see_also", "comment",
}  # fmt: skip
"""The columns of the table: slots of a mapping in SSSOM 1.0, by the `sssom_schema` package."""

NAMES_AND_CODES = {
    RDF.type, RDFS.label, SKOS.altLabel, SKOS.hiddenLabel, SKOS.definition, SKOS.editorialNote,
    DCTERMS.identifier, DCTERMS.source, HER.memberOf, HER.brandName, HER.abbreviation,
}  # fmt: skip
"""What the vocabulary may say of a drug; its uses are for documents to say."""

METADATA = ("mapping_set_id", "mapping_set_version", "license", "subject_source", "curie_map")
SMALL = """#curie_map:
#  a: "https://example.org/a/"
#  skos: "http://www.w3.org/2004/02/skos/core#"
#  semapv: "https://w3id.org/semapv/vocab/"
subject_id\tpredicate_id\tobject_id\tmapping_justification
a:1\tskos:exactMatch\ta:2\tsemapv:ManualMappingCuration
"""
BROKEN = {
    "undeclared prefix": ("a:2", "b:2", "line 6: object_id is “b:2”"),
    "no CURIE": ("a:2", "two", "line 6: object_id is “two”"),
    "not an IRI": ("a:2", "a:2 3", "line 6: object_id is “a:2 3”"),
    "predicate of logic": ("skos:exactMatch", "skos:broader", "line 6: the predicate is skos:broader"),
    "missing cell": ("a:2\tsemapv:ManualMappingCuration", "a:2", "line 6: the row does not have as many"),
    "extra cell": ("a:2", "a:2\ta:3", "line 6: the row does not have as many"),
    "missing column": ("object_id", "object", "line 5: the table has no column object_id"),
    "open quotation": ("a:2", '"a:2', "line 6"),
}


@cache
def mappings() -> MappingSet:
    return load_mappings()


@cache
def described() -> Graph:
    """The ontology and its vocabulary."""
    data = Graph()
    data.parse(data=files.text("ontology", "her2kg.ttl"), format="turtle")
    for file in files.listing("ontology", "vocabulary", suffix=".ttl"):
        data.parse(data=files.rebase(file.read_text("utf-8")), format="turtle")
    return data


def subject(row: dict[str, str]) -> URIRef:
    prefix, _, local = row["subject_id"].partition(":")
    return URIRef(mappings().prefixes[prefix] + local)


def test_metadata_say_what_the_set_is() -> None:
    """A mapping set is found, cited and reused by its metadata block."""
    text = files.text(*FILE)
    assert all(f"\n#{name}:" in text for name in METADATA)
    assert f"#mapping_set_id: {files.BASE}mappings\n" in text
    assert "#license: https://creativecommons.org/publicdomain/zero/1.0/\n" in text


def test_columns_are_slots_of_sssom() -> None:
    """A column of another name would be dropped in silence by those who read the file."""
    assert set(mappings().rows[0]) == SLOTS


def test_rows_are_sorted_and_none_stands_twice() -> None:
    """Two rows about one pair would contradict each other, or say one thing twice."""
    rows = mappings().rows
    assert len(rows) > 900
    assert [r for r, n in Counter((r["subject_id"], r["object_id"]) for r in rows).items() if n > 1] == []
    keys = [(r["subject_id"], r["predicate_id"], r["object_id"]) for r in rows]
    assert keys == sorted(keys)


def test_every_row_names_its_justification_source_and_licence() -> None:
    """A mapping is worth what it rests on, and may be published as its source allows."""
    rows = mappings().rows
    assert {row["mapping_justification"] for row in rows} <= JUSTIFICATIONS
    assert {row["mapping_provider"] for row in rows} == PROVIDERS
    assert {row["license"] for row in rows} == LICENCES
    assert [row for row in rows if not row["see_also"].startswith(row["mapping_provider"])] == []


def test_no_prefix_is_declared_in_vain() -> None:
    """The curie_map has what the table uses and no more."""
    used = {
        row[column].partition(":")[0]
        for row in mappings().rows
        for column in ("subject_id", "predicate_id", "object_id", "mapping_justification", "object_source")
    }
    assert used | {"base"} == set(mappings().prefixes)


def test_every_subject_is_described_under_the_label_the_row_has() -> None:
    """A row about a thing that was renamed or dropped fails here."""
    wrong = [
        row["subject_id"]
        for row in mappings().rows
        if (subject(row), RDF.type, None) not in described()
        or str(described().value(subject(row), RDFS.label)) != row["subject_label"]
    ]
    assert wrong == []


def test_every_identifier_of_the_vocabulary_has_a_row() -> None:
    """What the vocabulary gives as an identifier, the mappings say how exact it is."""
    mapped = {(subject(row), row["object_id"].lower()) for row in mappings().rows}
    said = {(s, str(o).lower()) for s, o in described().subject_objects(DCTERMS.identifier)}
    assert len(said) > 800
    assert said - mapped == set()


def test_drugs_have_names_and_codes_from_a_source_and_no_uses() -> None:
    """Drugs that no document speaks of are known by name: nothing is said of what they are for."""
    drugs = set(described().subjects(RDF.type, HER.Drug))
    assert len(drugs) == 61
    said = {(drug, property_) for drug in drugs for property_ in described().predicates(drug)}
    assert {property_ for _, property_ in said} <= NAMES_AND_CODES
    coded = {drug for drug, property_ in said if property_ in {DCTERMS.identifier, HER.memberOf}}
    assert len(coded) == 56
    assert {drug for drug in coded if (drug, DCTERMS.source) not in said} == set()


def test_exact_matches_are_one_to_one() -> None:
    """If two things were exactly a third, they would be one."""
    exact = [row for row in mappings().rows if row["predicate_id"] == "skos:exactMatch"]
    assert len(exact) > 200
    assert [o for o, n in Counter(row["object_id"] for row in exact).items() if n > 1] == []
    per_source = Counter((row["subject_id"], row["object_source"]) for row in exact)
    assert [pair for pair, n in per_source.items() if n > 1] == []


def test_where_sources_disagree_nothing_is_exact() -> None:
    """A disagreement is kept: a row for each value, none of them preferred."""
    disputed = [row for row in mappings().rows if "DISAGREE" in row["comment"]]
    assert len(disputed) > 20
    assert {row["predicate_id"] for row in disputed} == {"skos:closeMatch"}
    values: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in disputed:
        if " vs " in row["comment"]:
            values[row["subject_id"], row["object_source"]].add(row["object_id"])
    assert len(values) > 5
    assert [pair for pair, found in values.items() if len(found) < 2] == []


def test_graph_has_the_three_parts_of_each_row() -> None:
    """One triple a row, in an order that does not change from build to build."""
    triples = mappings().triples()
    assert len(triples) == len(mappings().rows)
    assert triples == sorted(triples, key=str)
    assert load_sources()["mappings"] == triples


def test_reasoner_is_not_given_the_mappings() -> None:
    """They would cost time and could add nothing: a match is no axiom."""
    graphs = load_sources()
    parts = {name: graphs[name] for name in ("ontology", "vocabulary", "mappings")}
    axioms, assertions = logical(parts)
    given = {triple.predicate for triple in (*axioms, *assertions)}
    assert given.isdisjoint({triple.predicate for triple in graphs["mappings"]})
    del parts["mappings"]
    assert logical(parts) == (axioms, assertions)


def test_curie_becomes_an_iri_by_its_prefix() -> None:
    """The smallest file there can be."""
    (triple,) = parse_mappings(SMALL, where="small").triples()
    assert triple.subject == NamedNode("https://example.org/a/1")
    assert triple.object == NamedNode("https://example.org/a/2")


@pytest.mark.parametrize("case", BROKEN)
def test_broken_file_is_refused_with_its_line(case: str) -> None:
    """Whoever edits the table is told which row to look at."""
    old, new, message = BROKEN[case]
    assert old in SMALL
    with pytest.raises(DataError) as caught:
        parse_mappings(SMALL.replace(old, new), where="small")
    assert message in str(caught.value)
