"""What cannot be true is caught on its way in, with the culprit and its evidence named, and nothing published."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from graph.build import pipeline
from graph.vocab import PREFIXES
from server.cli import run

if TYPE_CHECKING:
    from pathlib import Path

HEADER: Final = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())

TEXT: Final = (
    "In January 1987, the FDA approved elacestrant for ESR1-mutated breast cancer.\n"
    "Palbociclib is used to treat HER2-negative breast cancer.\n"
)
"""A made-up document; the years in this file are made up, too."""

APPROVAL: Final = "elacestrant: approved for ESR1-mutated breast cancer"
INDICATION: Final = "palbociclib: used for HER2-negative breast cancer"

SOURCE: Final = """
document:25ed519825e2836e a owl:NamedIndividual, her2kg:Document ; rdfs:label "An example"@en ;
    her2kg:sha256 "25ed519825e2836ea0231e095ea6d45b63c54808464364710a23daadc24afe74" ;
    her2kg:length "11"^^xsd:nonNegativeInteger .
evidence:25ed519825e2836e-3-10 a owl:NamedIndividual, her2kg:Evidence ;
    oa:hasSource document:25ed519825e2836e ;
    oa:start "3"^^xsd:nonNegativeInteger ; oa:end "10"^^xsd:nonNegativeInteger ;
    her2kg:sha256 "50d858e0985ecc7f60418aaf0cc5ab587f42c2570a884095a9e8ccacd0f6545c" .
statement:0000000000000001 a owl:NamedIndividual, her2kg:Approval ; rdfs:label "the example's claim"@en ;
    her2kg:polarity polarity:affirmed ; her2kg:modality modality:asserted ; her2kg:confidence 1.0 ;
    her2kg:hasEvidence evidence:25ed519825e2836e-3-10 ; prov:wasGeneratedBy run:0123456789abcdef ;
    her2kg:subject drug:madeupib ; her2kg:object condition:made-up-cancer .
"""
FILES: Final = {
    "a HER2-positive and HER2-negative condition": (
        """drug:madeupib a owl:NamedIndividual, her2kg:Drug ; rdfs:label "madeupib"@en .
        condition:made-up-cancer a owl:NamedIndividual, her2kg:Condition ; rdfs:label "made-up cancer"@en ;
            her2kg:hasStatus biomarker_status:her2-positive, biomarker_status:her2-negative .""",
        ["made-up cancer\n", "exclude each other", "her2-positive)", "her2-negative)"],
    ),
    "a drug that is a condition": (
        """drug:madeupib a owl:NamedIndividual, her2kg:Drug, her2kg:Condition ; rdfs:label "madeupib"@en .
        condition:made-up-cancer a owl:NamedIndividual, her2kg:Condition ; rdfs:label "made-up cancer"@en .""",
        ["madeupib\n", "This is condition and drug at once, and nothing can be both"],
    ),
    "an approval before the agency existed": (
        """drug:madeupib a owl:NamedIndividual, her2kg:Drug ; rdfs:label "madeupib"@en .
        condition:made-up-cancer a owl:NamedIndividual, her2kg:Condition ; rdfs:label "made-up cancer"@en .
        agency:made-up-agency a owl:NamedIndividual, her2kg:Agency ; rdfs:label "Made-up Agency"@en ;
            her2kg:establishedIn "1990"^^xsd:gYear .
        statement:0000000000000001 her2kg:agency agency:made-up-agency ;
            her2kg:date "1987-01"^^xsd:gYearMonth .""",
        ["the example's claim\n", "dated 1987-01", "Made-up Agency, was established later, in 1990"],
    ),
}
"""What is wrong → a file that says it, and what the report must tell."""

FIXTURES: Final = {
    "a HER2-positive and HER2-negative condition": (
        "vocabulary",
        "condition:her2-negative-breast-cancer her2kg:hasStatus biomarker_status:her2-positive .",
        ["HER2-negative breast cancer", "exclude each other", "biomarker_status:her2-positive"],
        INDICATION,
    ),
    "a drug that is a condition": (
        "vocabulary",
        "drug:palbociclib a her2kg:Condition .",
        ["palbociclib", "This is condition and drug at once"],
        INDICATION,
    ),
    "an approval before the agency existed": (
        "vocabulary",
        "agency:food-and-drug-administration her2kg:establishedIn '1990'^^xsd:gYear .",
        [APPROVAL, "dated 1987-01", "Food and Drug Administration", "in 1990"],
        APPROVAL,
    ),
    "a derived fact that an axiom forbids": (
        "ontology",
        "her2kg:approvedFor rdfs:domain her2kg:Regimen . her2kg:Drug owl:disjointWith her2kg:Regimen .",
        ["elacestrant approved for ESR1-mutated breast cancer (“" + APPROVAL, "nothing is both"],
        APPROVAL,
    ),
}
"""What is wrong → the graph of the project's own where it is put, what is put there, what the error must tell,
and the claim of the document whose evidence it must show."""


def turtle(text: str) -> list[Triple]:
    """Triples in Turtle, with the project's prefixes."""
    return [quad.triple for quad in parse(HEADER + text, format=RdfFormat.TURTLE)]


@pytest.mark.parametrize("wrong", FILES)
def test_a_file_that_cannot_be_true_is_refused(
    wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`her2kg validate` exits 1, names the culprit, and shows the evidence of the claim about it."""
    text, told = FILES[wrong]
    file = tmp_path / "proposal.ttl"
    file.write_text(HEADER + SOURCE + text, "utf-8")
    assert run(["validate", str(file)]) == 1
    words = capsys.readouterr().out
    for part in (*told, "document 25ed519825e2836e, characters 3–10"):
        assert part in words


def test_the_files_are_in_order_but_for_that(tmp_path: Path) -> None:
    """Without what is wrong, the same claim conforms."""
    text, _ = FILES["an approval before the agency existed"]
    file = tmp_path / "proposal.ttl"
    file.write_text(HEADER + SOURCE + text.replace('"1990"', '"1980"'), "utf-8")
    assert run(["validate", str(file)]) == 0


@pytest.mark.parametrize("wrong", FIXTURES)
def test_a_build_that_cannot_be_true_publishes_nothing(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`her2kg build` exits 1, names the culprit and the document's claim, and leaves no snapshot behind."""
    name, text, told, claim = FIXTURES[wrong]
    sources = pipeline.load_sources

    def flawed() -> dict[str, list[Triple]]:
        found = sources()
        return found | {name: [*found[name], *turtle(text)]}

    monkeypatch.setattr(pipeline, "load_sources", flawed)
    document = tmp_path / "document.txt"
    document.write_text(TEXT, "utf-8")
    home = tmp_path / "home"
    assert run(["build", str(document), "--home", str(home), "--quiet"]) == 1
    words = capsys.readouterr().err
    for part in told:
        assert part in words
    line = 0 if claim == APPROVAL else 1
    start = TEXT.index(TEXT.splitlines()[line])
    places = re.findall(r"document (?:“[^”]*” )?[0-9a-f]{16}, characters (\d+)–(\d+)", words)
    assert any(
        start <= int(first) < int(last) <= start + len(TEXT.splitlines()[line]) for first, last in places
    )
    assert not (home / "current").exists()
    assert "Traceback" not in words
