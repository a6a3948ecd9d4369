"""Axioms and class expressions in Manchester Syntax: every construct, parentheses, hostile input, the ontology."""

from __future__ import annotations

import time

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF

from graph import files
from graph.lookup import LONGEST, Lookup, curie
from graph.manchester import BETWEEN, CHARACTERISTICS, DEEPEST, MORE, SETS, Manchester, written

PREFIXES = """
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
LABELS = {f"http://example.org/{name}": name for name in "A B C a b p q r d".split()}  # noqa: SIM905

EXPRESSIONS = {
    "A": ":A",
    "xsd:decimal": "xsd:decimal",
    "<http://example.org/other>": ":other",
    "A and B and C": "[ owl:intersectionOf ( :A :B :C ) ]",
    "A or B": "[ owl:unionOf ( :A :B ) ]",
    "A and (B or C)": "[ owl:intersectionOf ( :A [ owl:unionOf ( :B :C ) ] ) ]",
    "(A and B) or C": "[ owl:unionOf ( [ owl:intersectionOf ( :A :B ) ] :C ) ]",
    "not A": "[ owl:complementOf :A ]",
    "A and not B": "[ owl:intersectionOf ( :A [ owl:complementOf :B ] ) ]",
    "not (A or B)": "[ owl:complementOf [ owl:unionOf ( :A :B ) ] ]",
    "not (p some A)": "[ owl:complementOf [ owl:onProperty :p ; owl:someValuesFrom :A ] ]",
    "(not A and B) or C": "[ owl:unionOf ( [ owl:intersectionOf ( [ owl:complementOf :A ] :B ) ] :C ) ]",
    "p some A": "[ owl:onProperty :p ; owl:someValuesFrom :A ]",
    "p only (A or B)": "[ owl:onProperty :p ; owl:allValuesFrom [ owl:unionOf ( :A :B ) ] ]",
    "p some (q some A)": (
        "[ owl:onProperty :p ; owl:someValuesFrom [ owl:onProperty :q ; owl:someValuesFrom :A ] ]"
    ),
    "p value a": "[ owl:onProperty :p ; owl:hasValue :a ]",
    'd value "x \\"y\\""@en': '[ owl:onProperty :d ; owl:hasValue "x \\"y\\""@en ]',
    'd value "2023"^^xsd:gYear': '[ owl:onProperty :d ; owl:hasValue "2023"^^xsd:gYear ]',
    "d value 1.5": "[ owl:onProperty :d ; owl:hasValue 1.5 ]",
    "p min 2": '[ owl:onProperty :p ; owl:minCardinality "2"^^xsd:nonNegativeInteger ]',
    "p max 1 (A and B)": (
        "[ owl:onProperty :p ; owl:maxQualifiedCardinality 1 ; owl:onClass [ owl:intersectionOf ( :A :B ) ] ]"
    ),
    "d exactly 1 xsd:string": (
        "[ owl:onProperty :d ; owl:qualifiedCardinality 1 ; owl:onDataRange xsd:string ]"
    ),
    "p Self": "[ owl:onProperty :p ; owl:hasSelf true ]",
    "inverse p some A": "[ owl:onProperty [ owl:inverseOf :p ] ; owl:someValuesFrom :A ]",
    "{a, b}": "[ owl:oneOf ( :a :b ) ]",
    "{a} or {b}": "[ owl:unionOf ( [ owl:oneOf ( :a ) ] [ owl:oneOf ( :b ) ] ) ]",
    "A and ({a} or (p some {b}))": (
        "[ owl:intersectionOf ( :A [ owl:unionOf ("
        " [ owl:oneOf ( :a ) ] [ owl:onProperty :p ; owl:someValuesFrom [ owl:oneOf ( :b ) ] ] ) ] ) ]"
    ),
    "xsd:integer[>= 0, < 10]": (
        "[ owl:onDatatype xsd:integer ;"
        " owl:withRestrictions ( [ xsd:minInclusive 0 ] [ xsd:maxExclusive 10 ] ) ]"
    ),
    'd some xsd:string[pattern "[A-Z]+"]': (
        "[ owl:onProperty :d ; owl:someValuesFrom"
        ' [ owl:onDatatype xsd:string ; owl:withRestrictions ( [ xsd:pattern "[A-Z]+" ] ) ] ]'
    ),
    "not xsd:string": "[ owl:datatypeComplementOf xsd:string ]",
    "p o q o inverse r": "( :p :q [ owl:inverseOf :r ] )",
}
AXIOMS = {
    "A SubClassOf p some B": ":A rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :B ]",
    "A EquivalentTo B": ":A owl:equivalentClass :B",
    "A DisjointWith B": ":A owl:disjointWith :B",
    "A DisjointUnionOf B, C": ":A owl:disjointUnionOf ( :B :C )",
    "A HasKey p, d": ":A owl:hasKey ( :p :d )",
    "A and B SubClassOf C": "[] owl:intersectionOf ( :A :B ) ; rdfs:subClassOf :C",
    "p Domain A or B": ":p rdfs:domain [ owl:unionOf ( :A :B ) ]",
    "p SubPropertyOf q": ":p rdfs:subPropertyOf :q",
    "p InverseOf q": ":p owl:inverseOf :q",
    "p o q SubPropertyOf r": ":r owl:propertyChainAxiom ( :p :q )",
    "Transitive: p": ":p a owl:TransitiveProperty",
    "InverseFunctional: p": ":p a owl:InverseFunctionalProperty",
    "DisjointClasses: A, B, C": "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C )",
    "DifferentIndividuals: a, b": "[] a owl:AllDifferent ; owl:distinctMembers ( :a :b )",
    "a Type A": ":a a :A",
    "a p b": ":a :p :b",
    "a d 5": ":a :d 5",
}


def read(turtle: str) -> tuple[Manchester, list[ox.Triple]]:
    """A reader of some Turtle, and its triples."""
    triples = list(ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE))
    return Manchester(Lookup(triples, LABELS)), triples


@pytest.mark.parametrize(("text", "turtle"), EXPRESSIONS.items(), ids=EXPRESSIONS)
def test_an_expression_is_written_as_the_syntax_wants(text: str, turtle: str) -> None:
    """Each construct of OWL 2, with parentheses exactly where they are wanted."""
    reader, triples = read(f":x :is {turtle} .")
    node = next(triple.object for triple in triples if triple.predicate.value.endswith("/is"))
    assert written(reader.expression(node)) == text


@pytest.mark.parametrize(("text", "turtle"), AXIOMS.items(), ids=AXIOMS)
def test_an_axiom_is_written_on_one_line(text: str, turtle: str) -> None:
    """Axioms between names, of properties, about lists, general ones, and facts."""
    reader, triples = read(f"{turtle} .")
    known = {*BETWEEN, *(f"http://example.org/{name}" for name in "pd")}
    begins = [
        triple
        for triple in triples
        if triple.predicate.value in known and (triple.subject not in {t.object for t in triples})
    ]
    assert [written(reader.axiom(t.subject, t.predicate.value, t.object)) for t in begins] == [text]


def test_labels_with_spaces_are_quoted_in_the_syntax_and_whole_in_the_pieces() -> None:
    """A page links the label; the syntax quotes it, and an apostrophe in it."""
    iri = "http://example.org/x"
    reader = Manchester(Lookup([], {iri: "Paget's disease"}))
    (piece,) = reader.expression(ox.NamedNode(iri))
    assert (piece.text, piece.role, piece.iri) == ("Paget's disease", "term", iri)
    assert written([piece]) == r"'Paget\'s disease'"


def test_a_label_that_is_a_keyword_changes_nothing() -> None:
    """Whether parentheses are needed is told from the triples, not from the words."""
    reader, triples = read(
        ':x :is [ owl:unionOf ( [ owl:intersectionOf ( :A :B ) ] :C ) ] . :A rdfs:label "not" .'
    )
    node = next(triple.object for triple in triples if triple.predicate.value.endswith("/is"))
    assert written(reader.expression(node)) == "(not and B) or C"


def test_a_curie_is_made_with_the_longest_prefix() -> None:
    """`drug-class` is not read as something of `id`; a namespace itself has no short form."""
    assert curie("https://w3id.org/her2kg/id/drug-class/x") == "drug_class:x"
    assert curie("https://w3id.org/her2kg/ontology/") == "<https://w3id.org/her2kg/ontology/>"


HOSTILE = {
    "itself as its operand": "_:x owl:complementOf _:x .",
    "itself as its filler": "_:x owl:onProperty :p ; owl:someValuesFrom _:x .",
    "itself as its property": "_:x owl:onProperty _:x ; owl:someValuesFrom :A .",
    "a circular list": "_:x owl:unionOf _:l . _:l rdf:first :A ; rdf:rest _:l .",
    "a list without an end": "_:x owl:unionOf _:l . _:l rdf:first :A .",
    "a list of itself": "_:x owl:unionOf _:l . _:l rdf:first _:x, _:l ; rdf:rest _:l .",
    "a literal for a list": '_:x owl:oneOf "no list" .',
    "an empty list": "_:x owl:intersectionOf () .",
    "a restriction of nothing": "_:x owl:onProperty :p .",
    "facets without a list": "_:x owl:onDatatype xsd:integer .",
    "nothing known": "_:x :p :A .",
}


@pytest.mark.parametrize("turtle", HOSTILE.values(), ids=HOSTILE)
def test_what_makes_no_sense_is_cut_off(turtle: str) -> None:
    """Circles, broken lists and half expressions give a text of bounded length, and no error."""
    triples = list(ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE))
    node = next(t.subject for t in triples if t.predicate.value != str(RDF.first))
    pieces = Manchester(Lookup(triples, LABELS)).expression(node)
    assert 0 < len(pieces) <= 5 * (DEEPEST + 1)


def test_a_text_is_bounded_where_each_level_doubles_it() -> None:
    """1,000 levels of a pair, whose text has 2**1000 names, take no time and end in an ellipsis."""
    pair = ox.NamedNode(str(OWL.unionOf))
    first, rest = ox.NamedNode(str(RDF.first)), ox.NamedNode(str(RDF.rest))
    levels = [ox.BlankNode() for _ in range(1_000)]
    triples = []
    for level, deeper in zip(levels, [*levels[1:], ox.NamedNode("http://example.org/A")], strict=True):
        one, two = ox.BlankNode(), ox.BlankNode()
        triples += [
            ox.Triple(level, pair, one),
            ox.Triple(one, first, deeper),
            ox.Triple(one, rest, two),
            ox.Triple(two, first, deeper),
        ]
    started = time.process_time()
    pieces = Manchester(Lookup(triples)).expression(levels[0])
    assert time.process_time() - started < 1
    assert len(pieces) <= LONGEST + 2
    assert pieces[-1] == MORE


def test_every_axiom_of_the_ontology_can_be_written() -> None:
    """No axiom of ours has a part that is not understood; all that it names has a label or a prefix."""
    triples = list(ox.parse(files.text("ontology", "her2kg.ttl"), format=ox.RdfFormat.TURTLE))
    reader = Manchester(Lookup(triples))
    axioms = [
        reader.axiom(t.subject, t.predicate.value, t.object)
        for t in triples
        if (t.predicate.value in BETWEEN and t.predicate.value != str(RDF.type))
        or (isinstance(t.object, ox.NamedNode) and t.object.value in SETS | CHARACTERISTICS)
    ]
    assert len(axioms) > 300
    assert [written(pieces) for pieces in axioms if MORE in pieces or "<" in written(pieces)] == []
