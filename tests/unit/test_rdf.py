"""Statements become the RDF that docs/architecture.md describes, and nothing else."""

from __future__ import annotations

import dataclasses
import hashlib
import random

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from graph.build.bibliography import CREDIT_PROPERTIES
from graph.build.labels import PHRASES, statement_label
from graph.build.rdf import QUALIFIER_PROPERTIES, SOFTWARE, document_triples, run_of, settle_confidence
from graph.build.spans import date_literal
from graph.errors import BuildError
from graph.extract import CitedSource, Credit, Extraction, Minted
from graph.extract.metadata import DATES, PEOPLE
from graph.model import QUALIFIERS, STATEMENT_KINDS, Document, Evidence, Gap, Mention, Span, Statement, Term
from graph.vocab import HER, PREFIXES, evidence_iri, statement_iri, thing

TEXT = "A made-up heading\nElacestrant won approval in January 2023. It is sold as Orserdu. Nothing more is known:"
SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()
DOCUMENT = Document("made-up.txt", TEXT, SHA256)
ELACESTRANT = Term(str(thing("drug", "elacestrant")), "elacestrant")
CONDITION = Term(str(thing("condition", "er-positive-breast-cancer")), "ER-positive breast cancer")
FDA = Term(str(thing("agency", "food-and-drug-administration")), "FDA")
BRAND = Term(str(thing("name-type", "brand")), "brand")


ORGANIZATION = Term(str(thing("organization", "national-cancer-institute")), "National Cancer Institute")
SOURCE = CitedSource(
    (Span(59, 83),),
    title="A page",
    publisher=ORGANIZATION,
    version="4.2024",
    issued="2024-07-03",
    accessed="2025-01",
    url="https://example.org/page",
    identifiers=("doi:10.1000/example",),
)


def credit(name: str, text: str) -> Credit:
    return Credit(name, Term(None, text), Span(0, 17))


def evidence(start: int, end: int) -> Evidence:
    return Evidence(DOCUMENT.id, start, end)


def approval(**changes: object) -> Statement:
    fields: dict[str, object] = {
        "kind": "Approval",
        "subject": ELACESTRANT,
        "object": CONDITION,
        "qualifiers": (("agency", FDA), ("date", Term(None, "2023-01"))),
        "evidence": (evidence(18, 58),),
    }
    return Statement(**(fields | changes))  # type: ignore[arg-type]


def extraction(*statements: Statement, **parts: object) -> Extraction:
    fields: dict[str, object] = {
        "mentions": (),
        "gaps": (),
        "credits": (),
        "sources": (),
        "minted": (),
    } | parts
    return Extraction(document=DOCUMENT, statements=statements, **fields)  # type: ignore[arg-type]


def triples(*statements: Statement, **parts: object) -> list[Triple]:
    return document_triples(extraction(*statements, **parts), lexicon="lexicon")


def turtle(text: str) -> set[Triple]:
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    return {quad.triple for quad in parse(prefixes + text, format=RdfFormat.TURTLE)}


def test_every_qualifier_has_a_property() -> None:
    """The table knows every qualifier of the model, each with a property of its own."""
    assert set(QUALIFIER_PROPERTIES) == set(QUALIFIERS)
    assert len(set(QUALIFIER_PROPERTIES.values())) == len(QUALIFIERS)


def test_every_kind_of_statement_has_phrases() -> None:
    """A statement of any kind can be named, and a negated one is named otherwise."""
    assert set(PHRASES) == set(STATEMENT_KINDS)
    assert all(len(set(phrases)) == 3 for phrases in PHRASES.values())


def test_a_document_graph_is_what_the_architecture_says() -> None:
    """Document, statement, evidence, gap, minted thing and run: these triples and no others."""
    quoted = hashlib.sha256(TEXT[18:58].encode()).hexdigest()
    digests = [hashlib.sha256(TEXT[start:end].encode()).hexdigest() for start, end in ((0, 17), (59, 83))]
    mention = Mention(DOCUMENT.id, Span(18, 29), "Elacestrant", "Drug", "elacestrant", str(ELACESTRANT.iri))
    minted = Minted(
        str(CONDITION.iri),
        "condition",
        CONDITION.label,
        (("hasStatus", str(thing("biomarker-status", "er-positive"))),),
    )
    statement = approval()
    run = run_of(DOCUMENT, "lexicon").value
    made = document_triples(
        extraction(
            statement,
            mentions=(mention,),
            gaps=(Gap("MissingContent", DOCUMENT.id, Span(84, 106)),),
            credits=(
                credit("title", "A made-up heading"),
                credit("issued", "2023-02"),
                credit("reviewer", "N. N."),
                credit("modified", "31 February 2023"),
                Credit("publisher", ORGANIZATION, Span(0, 17)),
            ),
            sources=(SOURCE,),
            minted=(minted,),
        ),
        lexicon="lexicon",
        sample=True,
    )
    expected = turtle(f"""
        document:{DOCUMENT.id} a owl:NamedIndividual, her2kg:Document ;
            rdfs:label "A made-up heading"@en ; dcterms:title "A made-up heading"@en ;
            dcterms:issued "2023-02"^^xsd:gYearMonth ; schema:reviewedBy "N. N." ;
            dcterms:modified "31 February 2023" ; dcterms:publisher organization:national-cancer-institute ;
            her2kg:creditedAt evidence:{DOCUMENT.id}-0-17 ; schema:citation source:{SOURCE.digest} ;
            her2kg:sha256 "{SHA256}" ; her2kg:length "{len(TEXT)}"^^xsd:nonNegativeInteger ;
            her2kg:isSample true ; schema:mentions drug:elacestrant ;
            her2kg:hasGap gap:{DOCUMENT.id}-84-106 .
        source:{SOURCE.digest} a owl:NamedIndividual, her2kg:Source ;
            rdfs:label "National Cancer Institute: A page, version 4.2024, 2024-07-03"@en ;
            dcterms:title "A page" ; dcterms:publisher organization:national-cancer-institute ;
            schema:version "4.2024" ; dcterms:issued "2024-07-03"^^xsd:date ; her2kg:accessed "2025-01"^^xsd:gYearMonth ;
            schema:url "https://example.org/page"^^xsd:anyURI ; dcterms:identifier "doi:10.1000/example" ;
            her2kg:citedAt evidence:{DOCUMENT.id}-59-83 .
        evidence:{DOCUMENT.id}-0-17 a owl:NamedIndividual, her2kg:Evidence ;
            oa:hasSource document:{DOCUMENT.id} ; her2kg:sha256 "{digests[0]}" ;
            oa:start "0"^^xsd:nonNegativeInteger ; oa:end "17"^^xsd:nonNegativeInteger .
        evidence:{DOCUMENT.id}-59-83 a owl:NamedIndividual, her2kg:Evidence ;
            oa:hasSource document:{DOCUMENT.id} ; her2kg:sha256 "{digests[1]}" ;
            oa:start "59"^^xsd:nonNegativeInteger ; oa:end "83"^^xsd:nonNegativeInteger .
        gap:{DOCUMENT.id}-84-106 a owl:NamedIndividual, her2kg:MissingContent ;
            oa:hasSource document:{DOCUMENT.id} ;
            oa:start "84"^^xsd:nonNegativeInteger ; oa:end "106"^^xsd:nonNegativeInteger .
        condition:er-positive-breast-cancer a owl:NamedIndividual, her2kg:Condition ;
            rdfs:label "ER-positive breast cancer"@en ;
            her2kg:hasStatus biomarker_status:er-positive .
        statement:{statement.digest} a owl:NamedIndividual, her2kg:Approval ;
            rdfs:label "elacestrant: approved for ER-positive breast cancer (FDA, 2023-01)"@en ;
            her2kg:subject drug:elacestrant ; her2kg:object condition:er-positive-breast-cancer ;
            her2kg:agency agency:food-and-drug-administration ; her2kg:date "2023-01"^^xsd:gYearMonth ;
            her2kg:polarity polarity:affirmed ; her2kg:modality modality:asserted ; her2kg:confidence 1.0 ;
            her2kg:hasEvidence evidence:{DOCUMENT.id}-18-58 ; prov:wasGeneratedBy <{run}> .
        evidence:{DOCUMENT.id}-18-58 a owl:NamedIndividual, her2kg:Evidence ;
            oa:hasSource document:{DOCUMENT.id} ; her2kg:sha256 "{quoted}" ;
            oa:start "18"^^xsd:nonNegativeInteger ; oa:end "58"^^xsd:nonNegativeInteger .
        <{run}> a owl:NamedIndividual, prov:Activity ;
            rdfs:label "her2kg {SOFTWARE} reads document {DOCUMENT.id}"@en ;
            prov:used document:{DOCUMENT.id} ; prov:wasAssociatedWith software:her2kg-{SOFTWARE} .
        software:her2kg-{SOFTWARE} a owl:NamedIndividual, prov:SoftwareAgent ; rdfs:label "her2kg {SOFTWARE}"@en .
    """)
    assert set(made) == expected
    assert len(made) == len(expected)


def test_order_of_records_does_not_matter() -> None:
    """The same records in any order give the same list of triples."""
    statements = [approval(), approval(polarity="negated"), approval(kind="Indication", qualifiers=())]
    first = triples(*statements)
    for seed in range(5):
        random.Random(seed).shuffle(statements)
        assert triples(*statements) == first


def test_a_run_is_known_by_document_and_lexicon() -> None:
    """Another lexicon or another document is another run."""
    other = Document("made-up.txt", "Other.", hashlib.sha256(b"Other.").hexdigest())
    runs = {run_of(DOCUMENT, "lexicon"), run_of(DOCUMENT, "another"), run_of(other, "lexicon")}
    assert len(runs) == 3


def test_a_quoted_text_never_enters_the_triples() -> None:
    """A definition is the span that defines: its place and digest, not its words."""
    words = TEXT[18:58]
    definition = approval(
        kind="Definition",
        subject=CONDITION,
        object=Term(None, words),
        qualifiers=(),
        evidence=(evidence(0, 17), evidence(18, 58)),
    )
    made = triples(definition)
    node = NamedNode(statement_iri(definition.digest))
    definiens = NamedNode(evidence_iri(DOCUMENT.id, 18, 58))
    assert Triple(node, NamedNode(HER.definiens), definiens) in made
    assert not any(triple.predicate == NamedNode(HER.object) for triple in made)
    assert not any(words in str(triple) for triple in made)


def test_a_naming_has_a_name_and_no_object() -> None:
    """A brand name is a literal of `her2kg:name`, with its type."""
    naming = approval(kind="Naming", object=Term(None, "Orserdu"), qualifiers=(("nameType", BRAND),))
    made = triples(naming)
    node = NamedNode(statement_iri(naming.digest))
    assert Triple(node, NamedNode(HER.name), Literal("Orserdu")) in made
    assert Triple(node, NamedNode(HER.nameType), NamedNode(str(BRAND.iri))) in made
    assert not any(triple.predicate == NamedNode(HER.object) for triple in made)


def test_a_claim_made_twice_is_one_statement_with_both_pieces_of_evidence() -> None:
    """Its confidence is that of the more direct place."""
    weak = approval(confidence=0.6, evidence=(evidence(59, 83),))
    made = triples(weak, approval(confidence=0.9))
    values = {
        p: [t.object for t in made if t.predicate == NamedNode(p)] for p in (HER.confidence, HER.hasEvidence)
    }
    assert [literal.value for literal in values[HER.confidence]] == ["0.9"]
    assert len(values[HER.hasEvidence]) == 2


def test_a_claim_of_two_documents_has_one_confidence() -> None:
    """The highest one, in both graphs; other statements keep theirs."""
    sure, unsure = triples(approval(confidence=1.0)), triples(approval(confidence=0.75))
    settled = settle_confidence({"document/a": sure, "document/b": unsure})
    assert settled["document/a"] == sure
    assert settled["document/b"] == sure


@pytest.mark.parametrize(
    ("text", "datatype"),
    [("2023", "gYear"), ("2023-01", "gYearMonth"), ("2023-01-27", "date")],
)
def test_a_date_is_as_precise_as_it_was_said(text: str, datatype: str) -> None:
    """The shape of the text decides the datatype."""
    assert date_literal(text) == Literal(text, datatype=NamedNode(f"{PREFIXES['xsd']}{datatype}"))


@pytest.mark.parametrize(
    "text", ["", "January 2023", "2023-13", "2023-01-32", "23", "2023-1", "2023-01\n", "2023-02-31"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """A statement with such a date stops the build with the statement's name."""
    with pytest.raises(BuildError, match="elacestrant: approved for"):
        triples(approval(qualifiers=(("date", Term(None, text)),)))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"evidence": ()}, "no evidence"),
        ({"evidence": (evidence(10, 10_000),)}, "outside its document"),
        ({"evidence": (evidence(20, 20),)}, "outside its document"),
        ({"evidence": (Evidence("0" * 16, 1, 2),)}, "outside its document"),
        ({"subject": Term(None, "it")}, "no IRI as its subject"),
        ({"object": Term(None, "cancer")}, "no IRI as its object"),
        ({"qualifiers": (("agency", Term(None, "FDA")),)}, "no IRI as its agency"),
    ],
)
def test_a_statement_that_rests_on_nothing_is_refused(changes: dict[str, object], fault: str) -> None:
    """Without evidence in its document, or without a term it needs, a statement stops the build."""
    with pytest.raises(BuildError, match=fault):
        triples(approval(**changes))


def test_a_credit_nobody_knows_is_refused() -> None:
    """A name without a property is a fault, not something to skip."""
    assert "title" in CREDIT_PROPERTIES
    with pytest.raises(BuildError, match="colour"):
        triples(credits=(credit("colour", "blue"),))


def test_every_date_and_part_that_is_read_has_a_property() -> None:
    """What `graph.extract.metadata` can find can be said."""
    assert {*DATES.values(), *PEOPLE.values()} <= set(CREDIT_PROPERTIES)


def test_a_source_of_two_documents_is_one_node() -> None:
    """The same publisher, title and version are the same source; another version is another."""
    other = dataclasses.replace(SOURCE, spans=(Span(0, 17),), accessed="2026")
    assert other.digest == SOURCE.digest
    assert dataclasses.replace(SOURCE, version="5.2024").digest != SOURCE.digest


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({}, "elacestrant: approved for ER-positive breast cancer (FDA, 2023-01)"),
        (
            {"polarity": "negated", "qualifiers": ()},
            "elacestrant: not approved for ER-positive breast cancer",
        ),
        (
            {"kind": "Indication", "modality": "possible", "qualifiers": ()},
            "elacestrant: may suit ER-positive breast cancer",
        ),
        (
            {"kind": "Indication", "modality": "investigational", "qualifiers": ()},
            "elacestrant: suits ER-positive breast cancer (under investigation)",
        ),
        (
            {"kind": "Requirement", "qualifiers": (("exclusive", Term(None, "true")),)},
            "elacestrant: requires ER-positive breast cancer (only)",
        ),
    ],
)
def test_a_label_shows_polarity_and_modality(changes: dict[str, object], label: str) -> None:
    """What is negated or only possible cannot be read as plain assertion."""
    assert statement_label(approval(**changes)) == label
