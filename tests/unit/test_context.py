"""Context: what pronouns and bare headings stand for, from one sentence to the next."""

from __future__ import annotations

import hashlib

import pytest

from graph.extract import extract, load_lexicon
from graph.model import Document, Statement

LEXICON = load_lexicon()


def statements(text: str, kind: str) -> list[Statement]:
    """What a text says, of one kind."""
    document = Document("passage", text, hashlib.sha256(text.encode()).hexdigest())
    return [s for s in extract(document, LEXICON).statements if s.kind == kind]


def subjects(text: str, kind: str) -> set[str]:
    """The labels of the subjects of one kind."""
    return {s.subject.label for s in statements(text, kind)}


SUBJECTS = {
    "it": ("Tamoxifen is old. It can cause hot flashes.", {"tamoxifen"}),
    "they": ("Taxanes are old. They can cause hair loss.", {"taxane"}),
    "it, in the same sentence": ("Tamoxifen helps, and it can cause hot flashes.", {"tamoxifen"}),
    "it, two sentences later": ("Tamoxifen is old. The sky is blue. It can cause hot flashes.", set()),
    "it, after another": ("Tamoxifen is old. Letrozole is new. It can cause joint pain.", {"letrozole"}),
    "these drugs, under a heading": (
        "Chemotherapy\nIt is old. These drugs can cause nausea.",
        {"chemotherapy drug"},
    ),
    "it, with nothing before": ("It can cause hot flashes.", set()),
    "the heading before is gone": (
        "Chemotherapy\nIt is old.\n\nQuestions and answers\nThey can cause nausea.",
        set(),
    ),
}


@pytest.mark.parametrize(("text", "expected"), SUBJECTS.values(), ids=list(SUBJECTS))
def test_a_pronoun_stands_for_the_therapy_before(text: str, expected: set[str]) -> None:
    """And for nothing where that is not plain."""
    assert subjects(text, "Effect") == expected


OBJECTS = {
    "this cancer": (
        "Triple-negative breast cancer is rare. Tamoxifen does not work for this cancer.",
        {"triple-negative breast cancer"},
    ),
    "this cancer, under a heading of another": (
        "Early breast cancer is one.\n\nMetastatic breast cancer\nTamoxifen does not work for this cancer.",
        {"metastatic breast cancer"},
    ),
    "a supposed cancer is not what is spoken of": (
        "On early breast cancer. If it is HR-positive cancer, hope. You may get chemotherapy after surgery.",
        {"early breast cancer"},
    ),
    "a passing cancer of an earlier paragraph is not either": (
        "Early breast cancer is one.\nMetastatic cancer is rare.\nYou may get chemotherapy before surgery.",
        {"early breast cancer"},
    ),
}


@pytest.mark.parametrize(("text", "expected"), OBJECTS.values(), ids=list(OBJECTS))
def test_a_disease_is_the_one_spoken_of(text: str, expected: set[str]) -> None:
    """The nearest that the text is about."""
    assert {s.object.label for s in statements(text, "Indication")} == expected


def test_each_step_of_context_costs_confidence() -> None:
    """A sentence that says it all is sure; a lead-in or a pronoun makes it less so."""
    [plain] = statements("Tamoxifen can cause hot flashes.", "Effect")
    [pronoun] = statements("Tamoxifen is old. It can cause hot flashes.", "Effect")
    [item] = statements("Letrozole can cause:\n- joint pain", "Effect")
    assert plain.confidence == 1.0
    assert pronoun.confidence == 0.85
    assert item.confidence == 0.9


def test_what_a_lost_list_named_is_doubtful() -> None:
    """For "these pills" may be those of the list."""
    text = (
        "Targeted therapy drugs help. You might take:\n\nOnly take these pills if your cancer is HR-positive."
    )
    [requirement] = statements(text, "Requirement")
    assert requirement.confidence == 0.7
    assert requirement.modality == "possible"
    assert "You might take:" in {text[e.start : e.end] for e in requirement.evidence}


def test_a_statement_rests_on_what_its_pronoun_stands_for() -> None:
    """The sentence with the name is evidence too."""
    text = "Tamoxifen is old. It can cause hot flashes."
    [statement] = statements(text, "Effect")
    assert [text[e.start : e.end] for e in statement.evidence] == [
        "Tamoxifen is old.",
        "It can cause hot flashes.",
    ]
