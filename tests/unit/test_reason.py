"""HermiT finds what follows and what cannot be, and says which facts and which evidence it rests on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from graph.errors import BuildError, Inconsistent
from graph.reason import hermit, logical, reason, statement_forms
from graph.reason.culprits import axiom_groups
from graph.vocab import PREFIXES

ONTOLOGY = """
    her2kg:Thing a owl:Class . her2kg:Statement a owl:Class ; owl:disjointWith her2kg:Thing .
    her2kg:Drug a owl:Class ; rdfs:subClassOf her2kg:Thing ; rdfs:label "drug"@en .
    her2kg:Target a owl:Class ; rdfs:subClassOf her2kg:Thing ; rdfs:label "target"@en .
    her2kg:DrugClass a owl:Class ; rdfs:subClassOf her2kg:Thing ; rdfs:label "drug class"@en .
    her2kg:Condition a owl:Class ; rdfs:subClassOf her2kg:Thing ; rdfs:label "condition"@en .
    [] a owl:AllDisjointClasses ;
        owl:members ( her2kg:Drug her2kg:Target her2kg:DrugClass her2kg:Condition ) .
    her2kg:Mechanism a owl:Class ; rdfs:subClassOf her2kg:Statement .
    her2kg:Indication a owl:Class ; rdfs:subClassOf her2kg:Statement .
    her2kg:Negated a owl:Class ; owl:equivalentClass [ a owl:Restriction ;
        owl:onProperty her2kg:polarity ; owl:hasValue polarity:negated ] .
    her2kg:affectsTarget a owl:ObjectProperty ; rdfs:range her2kg:Target .
    her2kg:inhibits a owl:ObjectProperty ; rdfs:subPropertyOf her2kg:affectsTarget ;
        owl:propertyChainAxiom ( her2kg:memberOf her2kg:inhibits ) .
    her2kg:memberOf a owl:ObjectProperty ; rdfs:range her2kg:DrugClass ; owl:inverseOf her2kg:hasMember .
    her2kg:hasMember a owl:ObjectProperty .
    her2kg:treats a owl:ObjectProperty ; rdfs:label "treats"@en ; rdfs:range her2kg:Condition .
    her2kg:combinedWith a owl:ObjectProperty, owl:SymmetricProperty .
    her2kg:subject a owl:ObjectProperty . her2kg:object a owl:ObjectProperty .
    her2kg:polarity a owl:ObjectProperty . her2kg:hasEvidence a owl:ObjectProperty .
    her2kg:date a owl:DatatypeProperty ; rdfs:range xsd:gYearMonth .
    her2kg:hasStatus a owl:ObjectProperty .
    her2kg:Positive a owl:Class ; rdfs:label "HER2-positive condition"@en ;
        owl:disjointWith her2kg:Negative ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf (
            her2kg:Condition
            [ a owl:Restriction ; owl:onProperty her2kg:hasStatus ; owl:hasValue biomarker_status:pos ] ) ] .
    her2kg:Negative a owl:Class ; rdfs:label "HER2-negative condition"@en ;
        owl:equivalentClass [ a owl:Class ; owl:intersectionOf (
            her2kg:Condition
            [ a owl:Restriction ; owl:onProperty her2kg:hasStatus ; owl:hasValue biomarker_status:neg ] ) ] .
    her2kg:Inhibitor a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf (
            her2kg:Drug
            [ a owl:Restriction ; owl:onProperty her2kg:inhibits ; owl:hasValue target:cdk4 ] ) ] .
"""
VOCABULARY = """
    target:cdk4 a owl:NamedIndividual, her2kg:Target ; rdfs:label "CDK4"@en .
    drug_class:k a owl:NamedIndividual, her2kg:DrugClass ; her2kg:inhibits target:cdk4 .
    drug:x a owl:NamedIndividual, her2kg:Drug ; rdfs:label "exdrug"@en ; her2kg:memberOf drug_class:k ;
        her2kg:combinedWith drug:y .
    drug:y a owl:NamedIndividual, her2kg:Drug ; rdfs:label "whydrug"@en .
    condition:c a owl:NamedIndividual, her2kg:Condition ; rdfs:label "sea disease"@en .
"""
DOCUMENT = """
    document:0123456789abcdef a owl:NamedIndividual, her2kg:Document ; rdfs:label "Made-up text"@en .
    statement:s a owl:NamedIndividual, her2kg:Indication ; rdfs:label "exdrug: suits sea disease"@en ;
        her2kg:subject drug:x ; her2kg:object condition:c ; her2kg:polarity polarity:affirmed ;
        her2kg:date "2023-01"^^xsd:gYearMonth ; her2kg:hasEvidence evidence:0123456789abcdef-10-90 .
    statement:n a owl:NamedIndividual, her2kg:Indication ; her2kg:subject drug:y ;
        her2kg:object condition:c ; her2kg:polarity polarity:negated .
    statement:m a owl:NamedIndividual, her2kg:Indication ; her2kg:subject drug:x ;
        her2kg:object condition:c ; her2kg:polarity polarity:negated .
    evidence:0123456789abcdef-10-90 a owl:NamedIndividual, her2kg:Evidence .
"""


def turtle(text: str) -> list[Triple]:
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    return [quad.triple for quad in parse(prefixes + text, format=RdfFormat.TURTLE)]


def graphs(ontology: str = "", vocabulary: str = "", inferred: str = "") -> dict[str, list[Triple]]:
    return {
        "ontology": turtle(ONTOLOGY + ontology),
        "vocabulary": turtle(VOCABULARY + vocabulary),
        "document/0123456789abcdef": turtle(DOCUMENT),
        "inferred": turtle(inferred),
    }


@pytest.fixture(scope="module")
def inferred() -> set[Triple]:
    """What HermiT finds in the data of this file."""
    return set(reason(graphs()).triples)


@pytest.mark.parametrize(
    "expected",
    [
        "drug:x her2kg:inhibits target:cdk4 .",  # a chain over memberOf
        "drug:x her2kg:affectsTarget target:cdk4 .",  # a wider property
        "drug:x a her2kg:Inhibitor .",  # a defined class
        "drug:x a her2kg:Thing .",  # a wider class
        "her2kg:Inhibitor rdfs:subClassOf her2kg:Drug .",  # a class that a definition puts under another
        "drug:y her2kg:combinedWith drug:x .",  # a symmetric property
        "drug_class:k her2kg:hasMember drug:x .",  # an inverse property
        "statement:s a her2kg:Statement .",
        "statement:n a her2kg:Negated .",  # a statement's value that a definition names
        "statement:m a her2kg:Negated .",  # also of another statement of the same form
    ],
)
def test_what_follows_is_inferred(inferred: set[Triple], expected: str) -> None:
    """Types and property values that the axioms entail are found."""
    assert set(turtle(expected)) <= inferred


@pytest.mark.parametrize(
    "unexpected",
    [
        "statement:s a her2kg:Negated .",
        "drug:y a her2kg:Inhibitor .",
        "drug:x a her2kg:Drug .",  # was said
        "target:cdk4 her2kg:memberOf drug_class:k .",
        "drug_class:k her2kg:memberOf drug:x .",
        "drug:x a owl:Thing .",
        "her2kg:Inhibitor rdfs:subClassOf her2kg:Thing .",  # it is, but through Drug
        "her2kg:Thing rdfs:subClassOf owl:Thing .",
    ],
)
def test_nothing_else_is_inferred(inferred: set[Triple], unexpected: str) -> None:
    """What does not follow, what was said already and what everything is are left out."""
    assert not set(turtle(unexpected)) & inferred


def test_hermit_finds_the_same_property_values(inferred: set[Triple]) -> None:
    """Every value of a property that HermiT prints was said or is inferred here too, and no fewer things."""
    axioms, assertions = logical(graphs())
    done = hermit._run(("-c", "-O", "-I", "-Y"), [[*axioms, *assertions]], 60)
    hermits = {
        (subject, property_, value)
        for property_, pairs in re.findall(r"^<(\S+)> \(known instances: (.*?) \|", done.stdout, re.MULTILINE)
        for subject, value in re.findall(r"\(<(\S+)>, <(\S+)>\)", pairs)
    }
    ours = {(t.subject.value, t.predicate.value, t.object.value) for t in {*assertions, *inferred}}
    assert len(hermits) > 10
    assert hermits <= ours
    narrower = {(s, p, o) for s, p, o in ours if not p.endswith(("#type", "#subClassOf", "affectsTarget"))}
    assert narrower <= hermits


def test_only_our_classes_and_properties_are_told_of(inferred: set[Triple]) -> None:
    """OWL's own vocabulary does not come back."""
    told = {t.predicate.value for t in inferred} | {t.object.value for t in inferred if "#type" in str(t)}
    assert all(iri.startswith(PREFIXES["her2kg"]) or iri.endswith(("#type", "#subClassOf")) for iri in told)


def test_evidence_dates_and_labels_stay_out() -> None:
    """HermiT is shown what can mean something to it, and no datatype it does not know."""
    _, assertions = logical(graphs())
    shown = "\n".join(map(str, assertions))
    assert "statement/s" in shown
    assert not any(hidden in shown for hidden in ("evidence", "2023-01", "exdrug", "document"))


def test_statements_of_one_form_are_shown_once() -> None:
    """Two negated indications are alike, an affirmed one is not."""
    forms = statement_forms(*logical(graphs()))
    assert sorted(len(form) for form in forms) == [1, 2]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (
            {"vocabulary": "drug:x a her2kg:Condition ."},
            [
                "exdrug is a drug (vocabulary)",
                "exdrug is a condition (vocabulary)",
                "nothing is two of these: condition, drug",
            ],
        ),
        (
            {"vocabulary": "condition:c her2kg:hasStatus biomarker_status:pos, biomarker_status:neg ."},
            [
                "hasStatus pos",
                "hasStatus neg",
                "nothing is both HER2-positive condition and HER2-negative condition",
            ],
        ),
    ],
)
def test_a_contradiction_is_told_in_plain_words(parts: dict[str, str], told: list[str]) -> None:
    """The culprits are few, named by their labels, with their source and the axiom they break."""
    with pytest.raises(Inconsistent) as caught:
        reason(graphs(**parts))
    assert 2 <= len(caught.value.culprits) <= 6
    for words in told:
        assert words in caught.value.what


def test_a_contradiction_names_the_evidence_of_a_derived_fact() -> None:
    """What follows from a statement is followed to the statement, the document and the place in it."""
    parts = {
        "inferred": "drug:x her2kg:treats condition:c .",
        "ontology": "her2kg:treats rdfs:domain her2kg:Target .",
    }
    with pytest.raises(Inconsistent) as caught:
        reason(graphs(**parts))
    told = (
        "exdrug treats sea disease (“exdrug: suits sea disease”, "
        "document “Made-up text” 0123456789abcdef, characters 10–90)"
    )
    assert told in caught.value.culprits


def test_a_class_that_can_have_no_instance_is_told() -> None:
    """An axiom that empties a class is a fault even while nothing is in it."""
    axiom = 'her2kg:Odd a owl:Class ; rdfs:label "odd"@en ; rdfs:subClassOf her2kg:Drug, her2kg:Target .'
    with pytest.raises(Inconsistent, match="nothing can ever be a odd"):
        reason(graphs(ontology=axiom))


def test_axioms_that_contradict_each_other_are_told() -> None:
    """Without any assertion at fault, the axioms alone are the culprits."""
    axiom = "her2kg:Drug owl:equivalentClass owl:Thing . her2kg:Target owl:equivalentClass owl:Thing ."
    with pytest.raises(Inconsistent, match="the axioms of the ontology"):
        reason(graphs(ontology=axiom))


def test_axioms_keep_their_blank_nodes() -> None:
    """Every triple of the ontology is in one group, or a declaration."""
    axioms, _ = logical(graphs())
    declared, groups = axiom_groups(axioms)
    assert {*declared, *(triple for group in groups for triple in group)} == set(axioms)


def test_a_deadline_ends_the_reasoner() -> None:
    """A run that takes too long is an error in plain words, and soon."""
    started = time.monotonic()
    with pytest.raises(BuildError, match="did not finish"):
        hermit.classify(turtle(ONTOLOGY), seconds=0.05)
    assert time.monotonic() - started < 10


def test_java_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No stack trace where Java is missing."""
    monkeypatch.setattr(hermit, "_java", lambda: "/nowhere/java")
    with pytest.raises(BuildError, match="Java cannot be started"):
        hermit.classify(turtle(ONTOLOGY), seconds=10)


def test_what_hermit_cannot_read_is_told() -> None:
    """Axioms outside OWL 2 DL are a BuildError with the reasoner's own words."""
    axiom = "her2kg:inhibits a owl:TransitiveProperty, owl:AsymmetricProperty ."
    with pytest.raises(BuildError, match="the reasoner failed"):
        hermit.classify(turtle(ONTOLOGY + axiom), seconds=60)


def test_an_interrupt_ends_java_too(tmp_path: Path) -> None:
    """No process is left over when a build is interrupted."""
    script = tmp_path / "run.py"
    # A Java that never ends and says which process it is.
    java = tmp_path / "java"
    java.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    java.chmod(0o755)
    lines = (
        "from graph.reason import hermit",
        f"hermit._java = lambda: {str(java)!r}",
        "hermit.classify([], seconds=60)",
    )
    script.write_text("\n".join(lines))
    process = subprocess.Popen([sys.executable, str(script)], stderr=subprocess.DEVNULL)
    pid = tmp_path / "pid"
    deadline = time.monotonic() + 30
    while not (pid.exists() and pid.read_text().strip()):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) != 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
