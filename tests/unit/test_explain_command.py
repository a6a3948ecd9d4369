"""The command line: `her2kg explain`."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pyoxigraph as ox
import pytest
from rich.console import Console

from graph.store.embedded import EmbeddedStore
from graph.store.snapshots import publish
from graph.vocab import PREFIXES
from server.cli import run
from server.commands.explain import tree
from server.explanation import Explainer, triple

DATA = Path(__file__).resolve().parents[1] / "data" / "pages.trig"
TYPE = ("condition:her2-negative", "a", "her2kg:HER2NegativeCondition")
TREATS = ("drug:palbociclib", "her2kg:treats", "condition:her2-negative")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with the pages' dataset published; to be read only."""
    folder = tmp_path_factory.mktemp("home")
    publish(folder, ox.serialize(ox.parse(path=str(DATA)), format=ox.RdfFormat.N_QUADS))
    return folder


def test_a_pipe_gets_one_json_object(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With and without --json: the triple, the rule, and what it follows from."""
    assert run(["explain", *TYPE, "--home", str(home)]) == 0
    plain = capsys.readouterr().out
    assert run(["explain", *TYPE, "--home", str(home), "--json"]) == 0
    assert capsys.readouterr().out == plain
    record = json.loads(plain)
    assert plain.count("\n") == 1
    assert record["record"] == "explanation"
    assert record["rule"] == "cls-int1"
    assert [premise["graphs"] for premise in record["premises"]] == [
        ["ontology"],
        ["vocabulary"],
        ["vocabulary"],
    ]


def test_what_no_single_rule_gives_is_said_to_be_the_reasoners(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the axioms about the class, and claims no proof."""
    prefixes = "\n".join(f"@prefix {name}: <{iri}> ." for name, iri in PREFIXES.items())
    data = f"""{prefixes}
    graph:ontology {{ her2kg:B owl:equivalentClass [ owl:complementOf her2kg:A ] . }}
    graph:vocabulary {{ drug:x a her2kg:C . }}
    graph:inferred {{ drug:x a her2kg:B . }}"""
    publish(tmp_path, ox.serialize(ox.parse(data, format=ox.RdfFormat.TRIG), format=ox.RdfFormat.N_QUADS))
    assert run(["explain", "drug:x", "a", "her2kg:B", "--home", str(tmp_path)]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["rule"] == "reasoner"
    assert [line["text"] for line in record["premises"]] == ["her2kg:B EquivalentTo not her2kg:A"]


def test_a_terminal_gets_a_tree(home: Path) -> None:
    """Each line under the one it gives, each statement with the places it was read at."""
    console = Console(width=160, record=True, file=StringIO())
    with EmbeddedStore(home) as store:
        console.print(tree(Explainer(store).explain(triple(*TREATS))))
    first, *rest = console.export_text().splitlines()
    assert first.startswith("palbociclib treats HER2-negative breast cancer  A therapy treats a condition")
    assert any("statement: " in line for line in rest)
    assert any("document d5a0fd86c5bb0283, characters " in line for line in rest)


@pytest.mark.parametrize(
    ("asked", "code", "told"),
    [
        (("drug:palbociclib", "her2kg:treats", "condition:x"), 1, "neither stated nor does it follow"),
        (("drug:palbociclib", "nobody:treats", "condition:x"), 2, "prefix that is not known here: nobody"),
        (("drug:palbociclib", "treats", "condition:x"), 2, "neither an IRI nor a name with a prefix"),
        (("drug:palbociclib", "a"), 2, "Missing argument 'OBJECT'"),
    ],
)
def test_what_cannot_be_explained_has_its_exit_code(
    home: Path, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], code: int, told: str
) -> None:
    """1 for a triple that is not known, 2 for a name that cannot be read; the message says what and why."""
    assert run(["explain", *asked, "--home", str(home)]) == code
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "named",
    [
        "https://w3id.org/her2kg/id/drug-class/cdk4-6-inhibitor",
        "<https://w3id.org/her2kg/id/drug-class/cdk4-6-inhibitor>",
        "drug_class:cdk4-6-inhibitor",
        "drug-class:cdk4-6-inhibitor",
    ],
)
def test_a_thing_is_named_by_iri_or_prefix(named: str) -> None:
    """All of these are one name."""
    asked = triple("drug:palbociclib", "her2kg:memberOf", named)
    assert asked.object == ox.NamedNode("https://w3id.org/her2kg/id/drug-class/cdk4-6-inhibitor")


@pytest.mark.parametrize(
    ("written", "literal"),
    [
        ('"Ibrance"', ox.Literal("Ibrance")),
        ('"a \\"b\\""@en', ox.Literal('a "b"', language="en")),
        (
            '"2023"^^xsd:gYear',
            ox.Literal("2023", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#gYear")),
        ),
        ('""', ox.Literal("")),
        ('"one\\ntwo é"', ox.Literal("one\ntwo é")),
    ],
)
def test_a_literal_is_read_as_it_is_written(written: str, literal: ox.Literal) -> None:
    """With a language, a datatype, or neither; the form that N-Triples has comes back as the same literal."""
    assert triple("drug:x", "her2kg:brandName", written).object == literal
    assert triple("drug:x", "her2kg:brandName", str(literal)).object == literal
