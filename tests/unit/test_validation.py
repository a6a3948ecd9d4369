"""Validation: what a report says, what is checked beside SHACL, and what reading refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import SH

from graph.errors import DataError, UsageError
from graph.model import Evidence
from graph.validate import load_context, load_shapes, reading, validate
from graph.validate.checking import check_files
from graph.validate.reading import format_of, parse_rdf, read_rdf
from graph.validate.report import Report, Result
from graph.vocab import PREFIXES, thing

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
TOPIC = "topic:example a owl:NamedIndividual, her2kg:Topic ; rdfs:label 'example'@en .\n"
DOCUMENT = """
document:25ed519825e2836e a owl:NamedIndividual, her2kg:Document ; rdfs:label "An example"@en ;
    her2kg:length "11"^^xsd:nonNegativeInteger ;
    her2kg:sha256 "25ed519825e2836ea0231e095ea6d45b63c54808464364710a23daadc24afe74" .
"""
SPAN = """
evidence:25ed519825e2836e-{name} a owl:NamedIndividual, her2kg:Evidence ;
    oa:hasSource document:25ed519825e2836e ; oa:start "{start}"^^xsd:nonNegativeInteger ;
    oa:end "{end}"^^xsd:nonNegativeInteger ;
    her2kg:sha256 "50d858e0985ecc7f60418aaf0cc5ab587f42c2570a884095a9e8ccacd0f6545c" .
"""


@pytest.fixture(scope="module")
def context() -> Graph:
    """The ontology and the vocabulary."""
    return load_context()


@pytest.fixture(scope="module")
def shapes() -> Graph:
    """The shapes."""
    return load_shapes()


def turtle(text: str) -> Graph:
    """Triples in Turtle, with the project's prefixes."""
    return parse_rdf((HEADER + text).encode(), ox.RdfFormat.TURTLE, where="example.ttl")


def rules(report: Report) -> list[str]:
    """The rules a report is about, by name."""
    return sorted({result.rule.rpartition("/")[2] for result in report.results})


TEXTS = {"25ed519825e2836e": "An example."}
"""The text of the document that the examples quote."""

RULES_ABOUT_FILES = {
    "UndeclaredTerm": (TOPIC + "topic:example her2kg:subjekt topic:example .", "Use her2kg:subject"),
    "DanglingReference": (TOPIC + "topic:example skos:related drug:palbocilib .", "Use drug:palbociclib"),
    "Untyped": (TOPIC + "drug:nothing skos:note 'nothing' .", "Say what it is"),
    "TwoKinds": (
        "topic:example a owl:NamedIndividual, her2kg:Indication, her2kg:Route .",
        "Keep one of them",
    ),
    "SharedLabel": (
        TOPIC + "topic:other a her2kg:Topic ; rdfs:label 'Example'@en .",
        "If they are one thing",
    ),
    "BeforeAgency": (
        """agency:example her2kg:establishedIn '1990'^^xsd:gYear .
        statement:0000000000000001 her2kg:date '1989'^^xsd:gYear ; her2kg:agency agency:example .""",
        "Correct her2kg:date or her2kg:agency",
    ),
    "AfterDocument": (
        DOCUMENT + SPAN.format(name="3-10", start=3, end=10) + "document:25ed519825e2836e"
        " dcterms:issued '2001'^^xsd:gYear ; dcterms:modified '2002-05'^^xsd:gYearMonth . "
        "statement:0000000000000001 her2kg:date '2002-06-01'^^xsd:date ;"
        " her2kg:hasEvidence evidence:25ed519825e2836e-3-10 .",
        "if it was misread",
    ),
    "DocumentDates": (
        DOCUMENT + "document:25ed519825e2836e dcterms:issued '2001-02'^^xsd:gYearMonth ;"
        " schema:lastReviewed '2000'^^xsd:gYear .",
        "Correct the date that was misread",
    ),
    "WrongLength": (DOCUMENT.replace('"11"', '"12"'), "her2kg:length '11'"),
    "OutsideText": (DOCUMENT + SPAN.format(name="3-12", start=3, end=12), "Correct oa:start and oa:end"),
    "Misquoted": (DOCUMENT + SPAN.format(name="4-10", start=4, end=10), "give her2kg:sha256 '"),
    "BlankNode": (TOPIC + "[] a her2kg:Topic .", "Give it an IRI"),
    "MisnamedSpan": (DOCUMENT + SPAN.format(name="4-9", start=3, end=10), "evidence:25ed519825e2836e-3-10"),
    "MisnamedDocument": (DOCUMENT.replace("document:25ed", "document:0000"), "document:25ed519825e2836e"),
    "SchemaChange": (TOPIC + "her2kg:Topic rdfs:subClassOf her2kg:Drug .", "Remove it"),
    "NothingToCheck": ("<https://example.org/a> skos:note 'nothing' .", "Describe at least one node"),
}
"""Each rule about files → a file that breaks it, and a part of how to mend it."""


@pytest.mark.parametrize("rule", RULES_ABOUT_FILES)
def test_what_shacl_passes_over_is_found(rule: str, context: Graph, shapes: Graph) -> None:
    """A file that breaks a rule beside SHACL is reported, with the way to mend it."""
    text, mend = RULES_ABOUT_FILES[rule]
    parts = {"file": turtle(text)}
    report = check_files(parts, context=context, shapes=shapes, text_of=TEXTS.get)["file"]
    found, *others = [result for result in report.results if result.rule.endswith(f"/{rule}")]
    assert len(others) == (rule == "SharedLabel")
    assert found.severity == ("Warning" if rule in {"AfterDocument", "DocumentDates"} else "Violation")
    assert mend in found.mend
    assert "{?" not in found.message + found.mend


@pytest.mark.parametrize("slot", ["oa:start", "oa:end", "her2kg:length"])
def test_a_blank_node_in_place_of_a_number_is_a_result(slot: str, context: Graph, shapes: Graph) -> None:
    """The engine gives up on one that it is to compare; the file is reported on all the same."""
    text = (DOCUMENT + SPAN.format(name="3-10", start=3, end=10)).replace(f"{slot} ", f"{slot} [], ")
    report = check_files({"file": turtle(text)}, context=context, shapes=shapes)["file"]
    assert {"BlankNode"} < set(rules(report))
    assert any(result.constraint == "Datatype" for result in report.results)


def test_every_rule_about_files_has_an_example(shapes: Graph) -> None:
    """The rules that are checked beside SHACL are the deactivated shapes; each is tried."""
    deactivated = {str(shape).rpartition("/")[2] for shape in shapes.subjects(SH.deactivated)}
    assert deactivated == RULES_ABOUT_FILES.keys() | {"Contradiction"}


def test_a_reference_to_nothing_is_reported_once(context: Graph, shapes: Graph) -> None:
    """SHACL's complaint that the value is of no class would only repeat it."""
    text = "drug:new a owl:NamedIndividual, her2kg:Drug ; rdfs:label 'new'@en ; her2kg:inhibits target:none ."
    report = check_files({"file": turtle(text)}, context=context, shapes=shapes)["file"]
    assert rules(report) == ["DanglingReference"]


def test_a_file_cannot_talk_itself_into_conforming(context: Graph, shapes: Graph) -> None:
    """A subclass declared in the file does not make a topic a target."""
    text = (
        TOPIC
        + """her2kg:Topic rdfs:subClassOf her2kg:Target .
        drug:new a owl:NamedIndividual, her2kg:Drug ; rdfs:label 'new'@en ; her2kg:inhibits topic:example ."""
    )
    report = check_files({"file": turtle(text)}, context=context, shapes=shapes)["file"]
    assert rules(report) == ["SchemaChange", "link-inhibits-value"]


def test_a_file_may_add_to_what_the_vocabulary_has(context: Graph, shapes: Graph) -> None:
    """A synonym for a known drug conforms; a second label in the same language does not."""
    good, bad = (
        "drug:palbociclib skos:altLabel 'another'@en .",
        "drug:palbociclib rdfs:label 'another'@en .",
    )
    reports = check_files({"good": turtle(good)}, context=context, shapes=shapes)
    assert reports["good"].conforms
    reports = check_files({"bad": turtle(bad)}, context=context, shapes=shapes)
    [result] = reports["bad"].results
    assert (result.constraint, result.focus) == ("UniqueLang", str(thing("drug", "palbociclib")))
    assert "“another”@en" in result.value_label


def test_files_are_one_addition(context: Graph, shapes: Graph) -> None:
    """A node of one file may speak of a node of another, and is reported with its own."""
    first = turtle(
        "drug:new a owl:NamedIndividual, her2kg:Drug ; rdfs:label 'new'@en ; her2kg:inhibits target:new ."
    )
    second = turtle("target:new a owl:NamedIndividual, her2kg:Target ; rdfs:label 'new' .")
    reports = check_files({"first": first, "second": second}, context=context, shapes=shapes)
    assert reports["first"].conforms
    assert rules(reports["second"]) == ["Labelled-label"]


def test_a_span_behind_the_end_is_the_spans_fault(shapes: Graph) -> None:
    """The report is about the span, not about the document whose length it was held against."""
    data = turtle(
        DOCUMENT + SPAN.format(name="3-99", start=3, end=99) + SPAN.format(name="3-10", start=3, end=10)
    )
    wrong = URIRef(PREFIXES["evidence"] + "25ed519825e2836e-3-99")
    [result] = validate(data, shapes=shapes, focus=[wrong]).results
    assert (result.focus, result.value) == (str(wrong), "99")
    assert result.evidence == (Evidence("25ed519825e2836e", 3, 99),)
    assert validate(
        data, shapes=shapes, focus=[URIRef(PREFIXES["evidence"] + "25ed519825e2836e-3-10")]
    ).conforms


def test_only_nodes_in_focus_are_checked(shapes: Graph) -> None:
    """With a focus, what is wrong elsewhere is not looked at; with an empty one, nothing is."""
    data = turtle("topic:a a her2kg:Topic . topic:b a her2kg:Topic .")
    focus = URIRef(PREFIXES["topic"] + "a")
    report = validate(data, shapes=shapes, focus=[focus])
    assert {result.focus for result in report.results} == {str(focus)}
    assert report.checked == 1
    assert validate(data, shapes=shapes, focus=[]).results == ()
    assert validate(data, shapes=shapes).checked == len({"a", "b"})


def test_neither_graph_is_changed(shapes: Graph, context: Graph) -> None:
    """A caller may go on using what it passed in."""
    data = turtle(TOPIC)
    before = len(data), len(context), len(shapes)
    validate(data, context=context, shapes=shapes)
    check_files({"file": data}, context=context, shapes=shapes)
    assert (len(data), len(context), len(shapes)) == before


def test_the_same_file_gives_the_same_report(shapes: Graph, context: Graph) -> None:
    """Word for word, whatever order the triples come in, and for nodes without a name too."""
    text = "topic:b a her2kg:Topic . topic:a a her2kg:Topic ; her2kg:hasPart [ a her2kg:Topic ], topic:none ."

    def words() -> str:
        return check_files({"file": turtle(text)}, context=context, shapes=shapes)["file"].words()

    assert words() == words()


RESULT = Result(
    severity="Violation",
    focus="https://example.org/a",
    focus_label="a\x1b[31m thing",
    message="It is wrong.",
    mend="Mend it.",
    rule="https://example.org/rule",
    constraint="MinCount",
    value_label="nothing",
    evidence=(Evidence("25ed519825e2836e", 3, 10),),
)


def test_words_say_what_is_wrong_and_steer_no_terminal() -> None:
    """Everything a reader needs, and no escape sequence from the input."""
    words = Report((RESULT,), checked=2).words()
    for part in (
        "a\ufffd[31m thing",
        "It is wrong.",
        "nothing",
        "Mend it.",
        "example.org/rule",
        "characters 3–10",
    ):
        assert part in words
    assert "\x1b" not in words
    assert words.endswith("It does not conform: 1 violation at 1 node; 2 nodes checked.")


def test_warnings_alone_conform() -> None:
    """Only a violation stops a build."""
    report = Report((replace(RESULT, severity="Warning"),))
    assert (report.conforms, report.violations, report.warnings) == (True, 0, 1)


UNREADABLE = {
    "empty": (b"", "empty"),
    "only a mark": (b"\xef\xbb\xbf \n", "empty"),
    "binary": (b"PK\x03\x04\0\0", "binary"),
    "UTF-16": ("<a> <b> <c> .".encode("utf-16"), "UTF-16"),
    "Latin-1": (b"# caf\xe9\n", "not in UTF-8"),
    "unfinished": (b"<http://a/a> <http://b/b>", "not Turtle"),
    "relative": (b"<a> <b> <c> .", "not Turtle"),
    "no prefix": (b"a:a b:b c:c .", "prefix"),
    "deep lists": (b"<http://a/a> <http://b/b> " + b"(" * 20_000, "not Turtle"),
    "a triple in a triple": (b"<x:a> <x:b> <<( <x:a> <x:b> <x:c> )>> .", "RDF 1.2"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_says_why(name: str) -> None:
    """Each is a DataError that names the file."""
    body, why = UNREADABLE[name]
    with pytest.raises(DataError, match=why) as caught:
        parse_rdf(body, ox.RdfFormat.TURTLE, where="example.ttl")
    assert caught.value.where.startswith("example.ttl")
    assert caught.value.mend


def test_a_syntax_error_has_line_and_column() -> None:
    """As editors count them."""
    with pytest.raises(DataError) as caught:
        parse_rdf(b"@prefix a: <http://a/> .\na:a b:b 3 .", ox.RdfFormat.TURTLE, where="x.ttl")
    assert caught.value.where == "x.ttl, line 2, column 5"


def test_a_byte_that_is_not_utf8_has_its_place() -> None:
    """Line and byte, so that it can be found."""
    with pytest.raises(DataError) as caught:
        parse_rdf(b"# one\n# caf\xe9\n", ox.RdfFormat.TURTLE, where="x.ttl")
    assert caught.value.where == "x.ttl, line 2, byte 6"


def test_a_large_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its size, before it is parsed."""
    monkeypatch.setattr(reading, "SIZE_LIMIT", 1024**2)
    with pytest.raises(DataError, match="larger than 1 MiB"):
        parse_rdf(b"#" * (1024**2 + 1), ox.RdfFormat.TURTLE, where="x.ttl")


@pytest.mark.parametrize("name", ["a.rdf", "a.owl", "a.jsonld", "a.csv", "a", "folder.ttl/a", ""])
def test_other_formats_are_refused_and_the_four_are_named(name: str) -> None:
    """RDF/XML and JSON-LD with the reason why."""
    with pytest.raises(UsageError) as caught:
        format_of(name)
    assert all(ending in caught.value.mend for ending in (".ttl", ".trig", ".nt", ".nq"))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.ttl", "@prefix x: <x:> . x:s x:p '1'^^<http://www.w3.org/2001/XMLSchema#decimal>, 'y'@en ."),
        ("a.TTL", "\ufeff<x:s> <x:p> '1'^^<http://www.w3.org/2001/XMLSchema#decimal>, 'y'@en ."),
        ("a.trig", "<x:g> { <x:s> <x:p> '1'^^<http://www.w3.org/2001/XMLSchema#decimal>, 'y'@en }"),
        ("a.nt", '<x:s> <x:p> "1"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n<x:s> <x:p> "y"@en .'),
        ("a.nq", '<x:s> <x:p> "1"^^<http://www.w3.org/2001/XMLSchema#decimal> <x:g> .\n<x:s> <x:p> "y"@en .'),
    ],
)
def test_the_four_formats_give_the_same_triples(tmp_path: Path, name: str, body: str) -> None:
    """Of all named graphs together, with literals as they were written."""
    file = tmp_path / name
    file.write_text(body, "utf-8")
    assert {o.n3() for o in read_rdf(file).objects()} == {
        '"1"^^<http://www.w3.org/2001/XMLSchema#decimal>',
        '"y"@en',
    }


def test_a_folder_and_a_missing_file_are_told_apart(tmp_path: Path) -> None:
    """Neither is a stack trace."""
    (tmp_path / "folder.ttl").mkdir()
    with pytest.raises(DataError, match="not a regular file"):
        read_rdf(tmp_path / "folder.ttl")
    with pytest.raises(DataError, match="no such file"):
        read_rdf(tmp_path / "missing.ttl")
