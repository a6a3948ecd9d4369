"""The inventory of what the source documents state, made by reading them, holds together.

`tests/golden/inventory.tsv` has a row per expected statement and `segments.tsv` what each segment of
the documents is. A note names the slot a careful reader may fill differently, and with what; notes that
start with `new:` give the label of a thing the vocabulary lacks. List items stand without their bullet.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

import pytest
from rdflib import OWL, RDF, Graph

from graph.files import BASE, listing, rebase
from graph.model import STATEMENT_KINDS, Modality, Polarity, Span
from graph.vocab import KINDS

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
THERAPY: Final = ("drug", "drug-class", "treatment")

ARGUMENTS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "Indication": ((*THERAPY, "regimen"), ("condition",)),
    "Approval": (("drug", "regimen"), ("condition",)),
    "Requirement": (THERAPY, ("biomarker-status",)),
    "Mechanism": ((*THERAPY, "target"), ("target",)),
    "Classification": ((*THERAPY, "condition"), ("drug-class", "treatment", "condition")),
    "Naming": (tuple(KINDS), ()),
    "Definition": (("condition", "treatment", "setting", "stage", "extent"), ()),
    "Combination": (THERAPY, THERAPY),
    "Sequence": (THERAPY, THERAPY),
    "Intent": (THERAPY, ("aim",)),
    "Effect": ((*THERAPY, "target"), ("effect",)),
    "Route": (THERAPY, ("route",)),
    "DecisionFactor": (("decision",), ("factor",)),
    "Support": (("organization",), ("service",)),
    "Question": (("document",), ("topic", "treatment")),
}
"""Kind of statement → kinds its subject and its object may have: the table of docs/architecture.md."""

FIGURES: Final = {
    "date": re.compile(r"\d{4}(-\d{2}(-\d{2})?)?"),
    "exclusive": re.compile(r"true|false"),
}
QUALIFIERS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "Indication": {
        "setting": ("setting",),
        "stage": ("stage",),
        "line": ("line",),
        "circumstance": ("circumstance",),
        "intent": ("aim",),
        "quantifier": ("quantifier",),
        "with": THERAPY,
    },
    "Approval": {"agency": ("agency",), "date": (), "status": ("approval-status",), "with": THERAPY},
    "Requirement": {"exclusive": ()},
    "Mechanism": {"action": ("action",), "consequence": ("aim", "effect")},
    "Naming": {"nameType": ("name-type",)},
    "Definition": {
        "definingStatus": ("biomarker-status",),
        "definingStage": ("stage",),
        "definingExtent": ("extent",),
    },
    "Combination": {"regimen": ("regimen",)},
    "Sequence": {"trigger": ("circumstance",)},
    "Intent": {"setting": ("setting",), "circumstance": ("circumstance",), "condition": ("condition",)},
    "Effect": {"frequency": ("frequency",)},
    "DecisionFactor": {"condition": ("condition",)},
    "Support": {"beneficiary": ("condition",)},
}
"""Kind of statement → its qualifiers → the kinds their values may have; none for those in `FIGURES`."""

SEGMENTS: Final = ("states", "question", "heading", "credit", "lead-in", "missing", "nothing")
MUST_STATE: Final = ("states", "question")
MAY_STATE: Final = (*MUST_STATE, "heading", "missing")

DOCUMENTS: Final = ("4669439527995f60", "ceb662d7c5d6fa78")
COUNTS: Final = {
    "Approval": (3, 0),
    "Classification": (24, 9),
    "Combination": (4, 5),
    "DecisionFactor": (18, 10),
    "Definition": (11, 6),
    "Effect": (5, 2),
    "Indication": (66, 12),
    "Intent": (23, 21),
    "Mechanism": (14, 11),
    "Naming": (14, 6),
    "Question": (13, 0),
    "Requirement": (0, 2),
    "Route": (0, 5),
    "Sequence": (2, 3),
    "Support": (6, 0),
}
"""Kind → rows of the first and of the second document."""


@dataclass(frozen=True, slots=True)
class Row:
    """One expected statement, as its line says it."""

    document: str
    evidence: Span
    support: tuple[Span, ...]
    kind: str
    subject: str
    object: str
    qualifiers: tuple[tuple[str, str], ...]
    polarity: str
    modality: str
    note: str


def span(text: str) -> Span:
    """`12-34` as a span."""
    start, end = text.split("-")
    return Span(int(start), int(end))


def table(name: str) -> list[dict[str, str]]:
    """The lines of a file of tab-separated values, by column."""
    with (GOLDEN / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True))


def read(line: dict[str, str]) -> Row:
    """A line of the inventory."""
    qualifiers = (part.partition("=") for part in line["qualifiers"].split(";") if part)
    return Row(
        line["document"],
        Span(int(line["start"]), int(line["end"])),
        tuple(span(part) for part in line["support"].split(";") if part),
        line["kind"],
        line["subject"],
        line["object"],
        tuple((name, value) for name, _, value in qualifiers),
        line["polarity"],
        line["modality"],
        line["note"],
    )


ROWS: Final = [read(line) for line in table("inventory.tsv")]
SEGMENT_OF: Final = {
    (line["document"], Span(int(line["start"]), int(line["end"]))): line["segment"]
    for line in table("segments.tsv")
}


@pytest.fixture(scope="module")
def known() -> frozenset[str]:
    """Every individual of the vocabulary, as kind/slug."""
    data = Graph()
    for file in listing("ontology", "vocabulary", suffix=".ttl"):
        data.parse(data=rebase(file.read_text("utf-8")), format="turtle")
    things = data.subjects(RDF.type, OWL.NamedIndividual)
    return frozenset(str(thing).removeprefix(BASE + "id/") for thing in things)


@pytest.fixture(scope="module")
def texts(shared_documents: list[Path]) -> dict[str, str]:
    """The source documents that the inventory is of, by id."""
    read_bytes = (file.read_bytes() for file in shared_documents)
    found = {hashlib.sha256(content).hexdigest()[:16]: content.decode("utf-8") for content in read_bytes}
    assert set(found) >= set(DOCUMENTS)
    return {document: found[document] for document in DOCUMENTS}


def things(row: Row) -> list[str]:
    """Every kind/slug a row names, save regimens, whose slugs are made of their parts."""
    named = [row.subject] if row.kind != "Question" else []
    named += [row.object] if ARGUMENTS[row.kind][1] else []
    named += [value for name, value in row.qualifiers if name not in FIGURES]
    return [name for name in named if not name.startswith("regimen/")]


def test_every_kind_is_counted() -> None:
    """Each kind of statement has as many rows in each document as were found by reading."""
    counted = Counter((row.kind, row.document) for row in ROWS)
    assert {kind: tuple(counted[kind, document] for document in DOCUMENTS) for kind in COUNTS} == COUNTS
    assert sum(counted.values()) == sum(map(sum, COUNTS.values())) == 295
    assert set(COUNTS) == set(STATEMENT_KINDS) == set(ARGUMENTS)


def test_rows_are_sorted_and_unique() -> None:
    """Rows stand by document and start; no claim is there twice for one place."""
    places = [(row.document, row.evidence) for row in ROWS]
    assert places == sorted(places)
    claims = Counter(
        (r.document, r.evidence, r.kind, r.subject, r.object, r.qualifiers, r.polarity, r.modality)
        for r in ROWS
    )
    assert [claim for claim, times in claims.items() if times > 1] == []
    assert [row for row in ROWS if list(row.qualifiers) != sorted(row.qualifiers)] == []


def test_arguments_fit_the_kind() -> None:
    """Subject and object are of the kinds that the kind of statement takes."""
    for row in ROWS:
        subjects, objects = ARGUMENTS[row.kind]
        assert row.subject.partition("/")[0] in subjects, row
        assert not objects or row.object.partition("/")[0] in objects, row
        assert row.polarity in get_args(Polarity), row
        assert row.modality in get_args(Modality), row
    assert {kind for both in ARGUMENTS.values() for kinds in both for kind in kinds} - {"document"} <= set(
        KINDS
    )


def test_qualifiers_fit_the_kind() -> None:
    """A row has only the qualifiers of its kind, each with a value of the right kind."""
    for row in ROWS:
        for name, value in row.qualifiers:
            assert name in QUALIFIERS.get(row.kind, {}), row
            if name in FIGURES:
                assert FIGURES[name].fullmatch(value), row
            else:
                assert value.partition("/")[0] in QUALIFIERS[row.kind][name], row


def test_things_are_in_the_vocabulary_or_noted_as_new(known: frozenset[str]) -> None:
    """Every slug is an individual of the vocabulary, save those whose rows say that they are new."""
    missing = [(name, row.note) for row in ROWS for name in things(row) if name not in known]
    assert [name for name, note in missing if not note.startswith("new: ")] == []
    assert len(missing) == sum(row.note.startswith("new: ") for row in ROWS) == 2


def test_a_regimen_is_named_by_its_parts() -> None:
    """The slug of a regimen has the slugs of what is combined, sorted."""
    parts: dict[str, set[str]] = {}
    for row in ROWS:
        for name, value in row.qualifiers:
            if name == "regimen":
                both = {row.subject.partition("/")[2], row.object.partition("/")[2]}
                parts.setdefault(value, set()).update(both)
    assert parts.keys() == {"regimen/" + "-".join(sorted(slugs)) for slugs in parts.values()}
    assert len(parts) == 2


def test_questions_are_their_documents() -> None:
    """The subject of a question is the document it stands in."""
    assert {(row.subject, row.document) for row in ROWS if row.kind == "Question"} == {
        (f"document/{DOCUMENTS[0]}", DOCUMENTS[0])
    }


def test_every_segment_is_accounted_for() -> None:
    """Evidence and support are segments; those that state something have rows, and no others have."""
    assert set(SEGMENT_OF.values()) <= set(SEGMENTS)
    assert list(SEGMENT_OF) == sorted(SEGMENT_OF)
    assert len(SEGMENT_OF) == 171
    used = {(row.document, row.evidence) for row in ROWS}
    assert [s for s in used if SEGMENT_OF.get(s) not in MAY_STATE] == []
    assert [s for s, segment in SEGMENT_OF.items() if segment in MUST_STATE and s not in used] == []
    support = [(row.document, span) for row in ROWS for span in row.support]
    assert [s for s in support if s not in SEGMENT_OF] == []


def test_segments_cover_the_documents(texts: dict[str, str]) -> None:
    """Between the segments stand only spaces, line ends and bullets; none overlap."""
    for document, text in texts.items():
        end = 0
        for _, segment in (key for key in SEGMENT_OF if key[0] == document):
            assert end <= segment.start < segment.end, segment
            assert re.fullmatch(r"[\s-]*", text[end : segment.start]), segment
            assert text[segment.start : segment.end] == text[segment.start : segment.end].strip(), segment
            end = segment.end
        assert end == len(text)


def test_names_stand_in_their_evidence(texts: dict[str, str]) -> None:
    """What a Naming says something is called stands in the segment that says so."""
    names = [row for row in ROWS if row.kind == "Naming"]
    lost = [r for r in names if r.object not in texts[r.document][r.evidence.start : r.evidence.end]]
    assert lost == []


def test_definitions_lie_in_evidence_or_support() -> None:
    """The span that defines lies within the segment that defines, or in one it hangs on."""
    definitions = [row for row in ROWS if row.kind == "Definition"]
    outside = [r for r in definitions if not any(span(r.object) in s for s in (r.evidence, *r.support))]
    assert outside == []


def test_no_sentence_is_in_the_files() -> None:
    """The files hold offsets, slugs and names, and only names and notes have spaces."""
    free = {"object", "note"}
    for line in (*table("inventory.tsv"), *table("segments.tsv")):
        assert not any(" " in value for column, value in line.items() if column not in free), line
    assert max(len(row.object.split()) for row in ROWS) <= 4
