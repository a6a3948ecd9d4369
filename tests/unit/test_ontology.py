"""The ontology and its vocabulary: complete, closed, consistent, and placing things where they belong."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache
from itertools import combinations

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from graph import files
from graph.extract.lexicon import FAMILIES, level
from graph.reason import logical, reason
from graph.reason.hermit import first_contradiction
from graph.vocab import HER, KINDS, PREFIXES, slug, thing

OURS = str(HER._NS)
THINGS = files.BASE + "id/"
VOCABULARY = [file.name for file in files.listing("ontology", "vocabulary", suffix=".ttl")]
TERM_TYPES = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
FIXED_VALUES = {
    HER.Polarity, HER.Modality, HER.Action, HER.NameType, HER.ApprovalStatus, HER.Quantifier, HER.Frequency
}  # fmt: skip
AT_LEAST = {
    "drug": 61, "drug-class": 31, "target": 47, "biomarker": 11, "biomarker-status": 22, "condition": 47,
    "treatment": 41, "stage": 5, "extent": 7, "agency": 3, "organization": 8, "polarity": 2, "modality": 5,
    "action": 12, "name-type": 3, "approval-status": 3, "quantifier": 8, "frequency": 3,
}  # fmt: skip
CURIE = re.compile(
    r"(atc|cas|chebi|chembl|doid|drugbank|drugcentral|ensembl|gtopdb|hgnc|inchikey|maxo|mesh|mondo|ncbigene|ncit"
    r"|omim|oncotree|pubchem\.compound|rxnorm|umls|unii):[A-Za-z0-9-]+"
)
CONTRADICTIONS = [
    ("er-positive", "er-negative"), ("pr-positive", "pr-negative"), ("hr-positive", "hr-negative"),
    ("er-positive", "hr-negative"), ("her2-positive", "her2-negative"), ("her2-positive", "her2-low"),
    ("brca-mutated", "brca-unmutated"), ("pd-l1-positive", "pd-l1-negative"),
]  # fmt: skip


@cache
def ontology() -> Graph:
    return Graph().parse(data=files.text("ontology", "her2kg.ttl"), format="turtle")


@cache
def vocabulary() -> Graph:
    triples = Graph()
    for name in VOCABULARY:
        triples.parse(data=files.text("ontology", "vocabulary", name), format="turtle")
    return triples


def terms() -> list[URIRef]:
    """Every class and property of ours that the ontology declares."""
    declared = {s for type_ in TERM_TYPES for s in ontology().subjects(RDF.type, type_)}
    return sorted(s for s in declared if isinstance(s, URIRef) and s.startswith(OURS))


def individuals() -> list[URIRef]:
    """Every individual the vocabulary declares."""
    return sorted(s for s in vocabulary().subjects(RDF.type, OWL.NamedIndividual) if isinstance(s, URIRef))


def of_individuals(predicate: URIRef) -> list[tuple[URIRef, Node]]:
    """Subject and object of every triple of the vocabulary with that predicate."""
    return [(s, o) for s, o in vocabulary().subject_objects(predicate) if isinstance(s, URIRef)]


def kind_of(iri: URIRef) -> str:
    return iri.removeprefix(THINGS).partition("/")[0]


def raw(*parts: str) -> list[Triple]:
    return [q.triple for q in parse(files.text(*parts), format=RdfFormat.TURTLE)]


@cache
def raw_graphs() -> dict[str, list[Triple]]:
    return {
        "ontology": raw("ontology", "her2kg.ttl"),
        "vocabulary": [t for name in VOCABULARY for t in raw("ontology", "vocabulary", name)],
    }


def described(kind: str, name: str, *facts: tuple[URIRef, URIRef]) -> list[Triple]:
    """A new individual, as a document's graph would describe it."""
    node = NamedNode(thing(kind, name))
    type_ = NamedNode(RDF.type)
    return [
        Triple(node, type_, NamedNode(OWL.NamedIndividual)),
        Triple(node, type_, NamedNode(KINDS[kind])),
        *(Triple(node, NamedNode(p), NamedNode(o)) for p, o in facts),
    ]


def test_every_term_the_code_names_is_declared() -> None:
    """A typo in `HER`, or a term missing from the ontology, fails here."""
    named = {getattr(HER, name) for name in HER.__annotations__ if not name.startswith("_")}
    assert len(named) > 100
    assert named - set(terms()) == set()


def test_every_term_has_one_label_and_one_definition() -> None:
    """Pages and messages show nothing but labels; a term without a definition means nothing."""
    assert len(terms()) > 150
    for predicate in (RDFS.label, SKOS.definition):
        said = {term: list(ontology().objects(term, predicate)) for term in terms()}
        assert {t: v for t, v in said.items() if [getattr(o, "language", None) for o in v] != ["en"]} == {}


def test_terms_of_one_type_have_different_labels() -> None:
    """Two classes, or two properties, with one label could not be told apart on a page."""
    for type_ in (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty):
        labels = Counter(
            str(ontology().value(t, RDFS.label)) for t in terms() if (t, RDF.type, type_) in ontology()
        )
        assert [label for label, count in labels.items() if count > 1] == []


def test_no_term_of_others_is_said_to_be_equivalent() -> None:
    """What others mean by their terms is theirs to say: skos:closeMatch at most."""
    foreign = {
        o
        for p in (OWL.equivalentClass, OWL.equivalentProperty, OWL.sameAs)
        for o in ontology().objects(None, p)
    }
    assert {o for o in foreign if isinstance(o, URIRef) and not o.startswith(OURS)} == set()


def test_header_says_version_licence_and_creator() -> None:
    """A release is cited by its version IRI."""
    header = URIRef(files.BASE + "ontology")
    assert (header, RDF.type, OWL.Ontology) in ontology()
    assert str(ontology().value(header, OWL.versionIRI)).startswith(files.BASE + "ontology/")
    for predicate in (OWL.versionInfo, DCTERMS.title, DCTERMS.description, DCTERMS.license, DCTERMS.creator):
        assert ontology().value(header, predicate) is not None


def test_kinds_of_things_exclude_each_other() -> None:
    """Every two kinds of things are disjoint, save that a regimen is a treatment."""
    apart: set[frozenset[Node]] = set()
    for axiom in ontology().subjects(RDF.type, OWL.AllDisjointClasses):
        for members in ontology().objects(axiom, OWL.members):
            apart |= {frozenset(pair) for pair in combinations(Collection(ontology(), members), 2)}
    kinds = set(KINDS.values()) - FIXED_VALUES - {HER.Regimen}
    assert {pair for pair in map(frozenset, combinations(kinds, 2)) if pair not in apart} == set()
    assert (HER.Regimen, RDFS.subClassOf, HER.Treatment) in ontology()


@pytest.mark.parametrize("name", VOCABULARY)
def test_file_declares_only_prefixes_it_uses(name: str) -> None:
    """A prefix that nothing uses misleads whoever edits the file."""
    text = files.text("ontology", "vocabulary", name)
    declared = dict(re.findall(r"^@prefix ([\w]+): <([^>]+)> \.$", text, re.MULTILINE))
    body = re.sub(r"^@prefix.*$", "", text, flags=re.MULTILINE)
    assert {p for p in declared if not re.search(rf"\b{p}:", body)} == set()
    assert {p: iri for p, iri in declared.items() if PREFIXES.get(p) != iri} == {}


@pytest.mark.parametrize(("kind", "count"), AT_LEAST.items())
def test_kind_has_its_individuals(kind: str, count: int) -> None:
    """Nothing that was once in the vocabulary is lost unnoticed."""
    assert sum(1 for i in individuals() if kind_of(i) == kind) >= count


def test_every_subject_is_a_declared_individual_of_the_kind_its_iri_says() -> None:
    """OWL 2 DL wants the declaration; pages want the kind."""
    assert set(vocabulary().subjects()) == set(individuals())
    types = {i: set(vocabulary().objects(i, RDF.type)) - {OWL.NamedIndividual} for i in individuals()}
    assert {i: t for i, t in types.items() if t != {KINDS[kind_of(i)]}} == {}


def test_every_individual_has_one_label_unique_within_its_kind() -> None:
    """Two things of one kind with one label could not be told apart."""
    by_kind: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for individual in individuals():
        (label,) = vocabulary().objects(individual, RDFS.label)
        assert isinstance(label, Literal)
        assert label.language == "en", individual
        by_kind[kind_of(individual)][level(str(label))] += 1
    assert [(k, label) for k, labels in by_kind.items() for label, n in labels.items() if n > 1] == []


@pytest.mark.parametrize(
    "kind", ["drug", "drug-class", "target", "biomarker", "biomarker-status", "condition", "treatment"]
)
def test_iri_follows_from_the_label(kind: str) -> None:
    """So that a rule, a curator and the extraction come to the same IRI."""
    of_kind = [i for i in individuals() if kind_of(i) == kind]
    expected = {i: thing(kind, slug(str(vocabulary().value(i, RDFS.label)))) for i in of_kind}
    assert {i: e for i, e in expected.items() if i != e} == {}


def test_nothing_points_at_what_is_not_declared() -> None:
    """A reference to a thing or a term that no file declares is a typo."""
    known = {*individuals(), *terms(), URIRef(files.BASE + "ontology")}
    for triples in (ontology(), vocabulary()):
        used = {
            n for s, p, o in triples for n in (s, p, o) if isinstance(n, URIRef) and n.startswith(files.BASE)
        }
        dangling = {n for n in used - known if not n.startswith(files.BASE + "ontology/0")}
        assert dangling == set()


def test_identifiers_are_curies_and_belong_to_one_thing() -> None:
    """A dereferenceable, comparable form; one identifier on two things would merge them in a mapping."""
    identifiers = [(str(o), s) for s, o in vocabulary().subject_objects(DCTERMS.identifier)]
    assert len(identifiers) > 700
    assert [i for i, _ in identifiers if not CURIE.fullmatch(i)] == []
    assert [i for i, count in Counter(i for i, _ in identifiers).items() if count > 1] == []


def test_whatever_has_an_identifier_names_its_source() -> None:
    """An identifier is published only with the repository in which it was seen."""
    for subject in set(vocabulary().subjects(DCTERMS.identifier)):
        sources = [str(o) for o in vocabulary().objects(subject, DCTERMS.source)]
        assert sources, subject
        assert all(s.startswith("https://github.com/") for s in sources)


def test_class_membership_of_a_drug_names_its_source() -> None:
    """What the vocabulary knows and no document says must be traceable too."""
    members = set(vocabulary().subjects(HER.memberOf))
    assert len(members) > 30
    assert [m for m in members if vocabulary().value(m, DCTERMS.source) is None] == []


def test_definitions_stand_where_readers_need_them() -> None:
    """Everything but a drug says in a sentence what it is."""
    assert [
        i for i in individuals() if kind_of(i) != "drug" and vocabulary().value(i, SKOS.definition) is None
    ] == []


def test_no_two_things_of_a_family_share_a_first_hand_name() -> None:
    """Within a family the lexicon must choose; labels and synonyms leave it no choice to make."""
    named: defaultdict[tuple[str, str], set[URIRef]] = defaultdict(set)
    for predicate in (RDFS.label, SKOS.altLabel, HER.brandName):
        for subject, name in of_individuals(predicate):
            if family := FAMILIES.get(kind_of(subject)):
                named[family, level(str(name))].add(subject)
    assert {key: things for key, things in named.items() if len(things) > 1} == {}


def test_no_two_conditions_say_the_same() -> None:
    """Extraction finds a condition by its statuses, stage and extent: these must point to one."""
    features: defaultdict[frozenset[Node], list[str]] = defaultdict(list)
    for condition in (i for i in individuals() if kind_of(i) == "condition"):
        said = {
            o
            for p in (HER.hasStatus, HER.hasStage, HER.hasExtent)
            for o in vocabulary().objects(condition, p)
        }
        if said:
            features[frozenset(said)].append(condition)
    assert len(features) > 15
    assert [same for same in features.values() if len(same) > 1] == []


def test_every_state_of_a_condition_has_its_defined_class() -> None:
    """A condition is filed by each status, stage and extent that is said of it."""
    looked_at = set(ontology().objects(None, OWL.hasValue))
    states = {i for i in individuals() if kind_of(i) in {"biomarker-status", "stage", "extent"}}
    assert len(states) > 30
    assert states - looked_at == set()


def test_every_mechanism_of_a_drug_class_has_its_defined_class() -> None:
    """A drug is filed by what its class does to a target, whatever the source calls the class."""
    actions = (HER.inhibits, HER.blocks, HER.degrades, HER.stimulates)
    does = {(p, o) for p in actions for s, o in of_individuals(p) if kind_of(s) == "drug-class"}
    restrictions = set(ontology().subject_objects(OWL.onProperty))
    filed = {(p, ontology().value(restriction, OWL.hasValue)) for restriction, p in restrictions}
    assert len(does) > 10
    assert does - filed == set()


def test_opposite_statuses_belong_to_one_biomarker() -> None:
    """HER2-positive excludes HER2-negative, not ER-positive."""
    pairs = list(vocabulary().subject_objects(HER.oppositeOf))
    assert len(pairs) > 10
    of = vocabulary().value
    assert [(a, b) for a, b in pairs if of(a, HER.statusOf) != of(b, HER.statusOf)] == []


def test_literals_are_english_or_plain() -> None:
    """A name with another language, or an odd datatype, would not be found by the lexicon."""
    literals = {o for o in vocabulary().objects() if isinstance(o, Literal)}
    assert {o.language or str(o.datatype or "").rpartition("#")[2] for o in literals} <= {"en", "", "gYear"}


def test_reasoner_places_drugs_conditions_and_treatments() -> None:
    """The defined classes file individuals by what is said of them, drugs through their class as well."""
    document = [
        *described("drug", "test-drug", (HER.memberOf, thing("drug-class", "cdk4-6-inhibitor"))),
        *described("condition", "test-triple-negative", *(
            (HER.hasStatus, thing("biomarker-status", s))
            for s in ("er-negative", "pr-negative", "her2-negative")
        )),
        *described("condition", "test-luminal", *(
            (HER.hasStatus, thing("biomarker-status", s)) for s in ("pr-positive", "her2-negative")
        )),
        *described("condition", "test-spread", (HER.hasExtent, thing("extent", "metastatic"))),
        *described("treatment", "test-infusion", (HER.kindOf, thing("treatment", "adjuvant-chemotherapy"))),
    ]  # fmt: skip
    found = reason({**raw_graphs(), "document/test": document}).triples
    types = {
        (t.subject.value.rpartition("/")[2], t.object.value.removeprefix(OURS))
        for t in found
        if isinstance(t.subject, NamedNode) and isinstance(t.object, NamedNode)
    }
    for name, class_ in (
        ("test-drug", "CDK46Inhibitor"), ("test-triple-negative", "TripleNegativeCondition"),
        ("test-luminal", "HormoneReceptorPositiveHER2NegativeCondition"),
        ("test-spread", "AdvancedCondition"),
        ("test-infusion", "SystemicTherapy"), ("test-infusion", "ChemotherapyTreatment"),
        ("palbociclib", "CDK46Inhibitor"), ("triple-negative-breast-cancer", "BreastCancer"),
    ):  # fmt: skip
        assert (name, class_) in types
    assert ("test-drug", "AKTInhibitor") not in types
    assert ("test-luminal", "TripleNegativeCondition") not in types
    target = NamedNode(thing("target", "cdk4"))
    assert Triple(NamedNode(thing("drug", "test-drug")), NamedNode(HER.inhibits), target) in found


@pytest.mark.parametrize("statuses", CONTRADICTIONS, ids="+".join)
def test_condition_with_contradicting_statuses_is_inconsistent(statuses: tuple[str, str]) -> None:
    """A build with such a condition must stop; either status alone is fine."""
    facts = [(HER.hasStatus, thing("biomarker-status", s)) for s in statuses]
    biomarkers = raw("ontology", "vocabulary", "biomarkers.ttl")

    def axioms(*said: tuple[URIRef, URIRef]) -> list[Triple]:
        condition = described("condition", "test", *said)
        axioms, assertions = logical(
            {"ontology": raw_graphs()["ontology"], "vocabulary": biomarkers, "document/test": condition}
        )
        return [*axioms, *assertions]

    ontologies = [axioms(facts[0]), axioms(facts[1]), axioms(*facts)]
    assert first_contradiction(ontologies, seconds=120) == 2
