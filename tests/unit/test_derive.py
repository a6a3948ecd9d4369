"""Every rule derives its plain triple from an affirmed statement, and none from a negated or weaker one."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from graph.build.derive import Rule, derive, load_rules
from graph.errors import BuildError
from graph.vocab import PREFIXES


class Case(NamedTuple):
    """What a rule reads beside polarity and modality, what it makes, and the modalities it accepts."""

    statement: str
    derived: str
    modalities: frozenset[str] = frozenset({"asserted"})


CASES = {
    "abbreviation": Case(
        'a her2kg:Naming ; her2kg:subject target:her2 ; her2kg:name "HER2" ; '
        "her2kg:nameType name_type:abbreviation",
        'target:her2 her2kg:abbreviation "HER2"@en',
    ),
    "acts-on": Case(
        "a her2kg:Mechanism ; her2kg:subject drug:x ; her2kg:object target:cdk4 ; her2kg:action action:inhibits",
        "drug:x her2kg:inhibits target:cdk4",
    ),
    "approved-for": Case(
        "a her2kg:Approval ; her2kg:subject drug:x ; her2kg:object condition:c",
        "drug:x her2kg:approvedFor condition:c",
    ),
    "brand-name": Case(
        'a her2kg:Naming ; her2kg:subject drug:x ; her2kg:name "X®" ; her2kg:nameType name_type:brand',
        'drug:x her2kg:brandName "X®"',
    ),
    "combined-with": Case(
        "a her2kg:Combination ; her2kg:subject drug:x ; her2kg:object drug:y",
        "drug:x her2kg:combinedWith drug:y",
    ),
    "depends-on": Case(
        "a her2kg:DecisionFactor ; her2kg:subject decision:d ; her2kg:object factor:age",
        "decision:d her2kg:dependsOn factor:age",
    ),
    "has-aim": Case(
        "a her2kg:Intent ; her2kg:subject drug:x ; her2kg:object aim:cure", "drug:x her2kg:hasAim aim:cure"
    ),
    "has-effect": Case(
        "a her2kg:Effect ; her2kg:subject drug:x ; her2kg:object effect:nausea",
        "drug:x her2kg:hasEffect effect:nausea",
    ),
    "has-route": Case(
        "a her2kg:Route ; her2kg:subject drug:x ; her2kg:object route:oral",
        "drug:x her2kg:hasRoute route:oral",
    ),
    "kind-of": Case(
        "a her2kg:Classification ; her2kg:subject treatment:t ; her2kg:object treatment:u",
        "treatment:t her2kg:kindOf treatment:u",
    ),
    "may-treat": Case(
        "a her2kg:Indication ; her2kg:subject drug:x ; her2kg:object condition:c",
        "drug:x her2kg:mayTreat condition:c",
        frozenset({"possible", "conditional"}),
    ),
    "member-of": Case(
        "a her2kg:Classification ; her2kg:subject drug:x ; her2kg:object drug_class:k",
        "drug:x her2kg:memberOf drug_class:k",
    ),
    "offers": Case(
        "a her2kg:Support ; her2kg:subject organization:o ; her2kg:object service:s",
        "organization:o her2kg:offers service:s",
    ),
    "requires": Case(
        "a her2kg:Requirement ; her2kg:subject drug:x ; her2kg:object biomarker_status:er-positive",
        "drug:x her2kg:requires biomarker_status:er-positive",
    ),
    "synonym": Case(
        'a her2kg:Naming ; her2kg:subject drug:x ; her2kg:name "ex" ; her2kg:nameType name_type:synonym',
        'drug:x skos:altLabel "ex"@en',
    ),
    "treats": Case(
        "a her2kg:Indication ; her2kg:subject drug:x ; her2kg:object condition:c",
        "drug:x her2kg:treats condition:c",
    ),
    "used-in": Case(
        "a her2kg:Intent ; her2kg:subject drug:x ; her2kg:setting setting:before-surgery",
        "drug:x her2kg:usedIn setting:before-surgery",
        frozenset({"asserted", "possible", "conditional"}),
    ),
}
MODALITIES = ("asserted", "possible", "conditional", "investigational", "withdrawn")
THINGS = (
    "drug_class:k a her2kg:DrugClass . treatment:t a her2kg:Treatment . treatment:u a her2kg:Treatment . "
    "drug_class:pain a her2kg:DrugClass ."
)
RULES = {rule.name: rule for rule in load_rules()}


def turtle(text: str) -> set[Triple]:
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    return {quad.triple for quad in parse(prefixes + text, format=RdfFormat.TURTLE)}


def run(statements: str, *names: str) -> set[Triple]:
    rules = [RULES[name] for name in names] if names else None
    return set(derive(turtle(f"{THINGS} {statements}"), rules))


def said(case: Case, polarity: str, modality: str) -> str:
    return f"statement:s {case.statement} ; her2kg:polarity polarity:{polarity} ; her2kg:modality modality:{modality} ."


def test_every_rule_has_a_case() -> None:
    """A rule nobody tries here is a fault of this file."""
    assert len(RULES) == 17
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_what_it_does(name: str) -> None:
    """The first line of a rule's file is a summary, a sentence."""
    assert RULES[name].summary.endswith(".")


@pytest.mark.parametrize("modality", MODALITIES)
@pytest.mark.parametrize("name", CASES)
def test_an_affirmed_statement_gives_its_triple_in_the_rules_modality_only(name: str, modality: str) -> None:
    """A statement that is not plain assertion never becomes a stronger triple."""
    case = CASES[name]
    expected = turtle(f"{case.derived} .") if modality in case.modalities else set()
    assert run(said(case, "affirmed", modality), name) == expected


@pytest.mark.parametrize("modality", MODALITIES)
@pytest.mark.parametrize("name", CASES)
def test_a_negated_statement_gives_nothing_by_any_rule(name: str, modality: str) -> None:
    """Polarity `negated` never yields a plain triple."""
    assert run(said(CASES[name], "negated", modality)) == set()


@pytest.mark.parametrize("name", CASES)
def test_no_other_rule_reads_a_statement_in_two_ways(name: str) -> None:
    """All rules together make of a statement what its own rule makes of it."""
    case = CASES[name]
    for modality in case.modalities:
        assert run(said(case, "affirmed", modality)) == turtle(f"{case.derived} .")


def test_a_drug_that_a_source_counts_among_a_treatment_is_no_treatment() -> None:
    """Pain medicine may be part of palliative care; as a kind of it, it would have to be a treatment."""
    case = Case("a her2kg:Classification ; her2kg:subject drug_class:pain ; her2kg:object treatment:t", "")
    assert run(said(case, "affirmed", "asserted")) == set()


APPROVAL = (
    "statement:s a her2kg:Approval ; her2kg:subject drug:x ; her2kg:object condition:c ; "
    "her2kg:polarity polarity:affirmed ; her2kg:modality modality:asserted ; "
    'her2kg:agency agency:a ; her2kg:date "2019-03"^^xsd:gYearMonth . '
)
WITHDRAWAL = (
    "statement:w a her2kg:Approval ; her2kg:subject drug:x ; her2kg:object condition:c ; "
    "her2kg:polarity polarity:affirmed ; her2kg:modality modality:asserted ; "
    "her2kg:approvalStatus approval_status:withdrawn "
)


@pytest.mark.parametrize(
    ("withdrawal", "approved"),
    [
        (WITHDRAWAL + ".", False),
        (WITHDRAWAL + '; her2kg:date "2021-08"^^xsd:gYearMonth .', False),
        (WITHDRAWAL + '; her2kg:date "2021"^^xsd:gYear ; her2kg:agency agency:a .', False),
        (WITHDRAWAL + '; her2kg:date "2018-01"^^xsd:gYearMonth .', True),
        (WITHDRAWAL + "; her2kg:agency agency:b .", True),
        (WITHDRAWAL.replace("drug:x", "drug:y") + ".", True),
    ],
)
def test_a_withdrawn_approval_holds_no_longer(withdrawal: str, approved: bool) -> None:
    """An approval ends with a later withdrawal by the same agency, and only then."""
    expected = turtle("drug:x her2kg:approvedFor condition:c .") if approved else set()
    assert run(APPROVAL + withdrawal, "approved-for") == expected


def test_an_action_without_a_property_gives_nothing() -> None:
    """Only actions the ontology has a property for become plain triples."""
    case = CASES["acts-on"]
    assert run(said(case, "affirmed", "asserted").replace("action:inhibits", "action:ponders")) == set()


def test_derived_triples_are_sorted_and_each_once() -> None:
    """Two statements that say the same give one triple, and the order does not depend on the engine."""
    case = CASES["treats"]
    one = said(case, "affirmed", "asserted")
    two = one.replace("statement:s", "statement:t")
    three = one.replace("statement:s", "statement:u").replace("drug:x", "drug:a")
    derived = derive(turtle(one + two + three))
    assert [triple.subject.value.rpartition("/")[2] for triple in derived] == ["a", "x"]


def test_a_rule_that_cannot_be_read_stops_the_build() -> None:
    """The error names the rule's file."""
    for query in ("CONSTRUCT {", "ASK { ?s ?p ?o }"):
        with pytest.raises(BuildError, match="broken"):
            derive([], [Rule("broken", "Broken.", query)])
