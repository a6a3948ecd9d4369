"""Things named by what they do are read as those things, and what the name says of them is kept."""

from __future__ import annotations

import hashlib
from typing import Final

import pytest

from graph.extract import extract, load_lexicon
from graph.model import Document, Statement

LEXICON: Final = load_lexicon()


def said(text: str, kind: str) -> list[Statement]:
    """The statements of one kind that a text makes."""
    document = Document("passage", text, hashlib.sha256(text.encode()).hexdigest())
    return [s for s in extract(document, LEXICON).statements if s.kind == kind]


@pytest.mark.parametrize("words", ["target", "treat cancer by targeting", "attack the cancer by targeting"])
def test_drugs_told_by_their_target_are_the_class_that_acts_on_it(words: str) -> None:
    """The class and what it targets, however the fight against the cancer is put."""
    found = said(
        f"The HER2 protein makes cells grow. Drugs that {words} this protein are common.", "Mechanism"
    )
    targeted = [(s.subject.label, s.object.label) for s in found if s.subject.label.endswith("drug")]
    assert targeted == [("HER2-targeting drug", "HER2 protein")]


@pytest.mark.parametrize(
    "text",
    [
        "Drugs that target this protein are common.",
        "Estrogen makes cells grow. Drugs that target this protein are common.",
        "Keratin makes nails hard. Medicines that target keratin are common.",
    ],
)
def test_a_target_that_no_one_class_acts_on_names_no_drugs(text: str) -> None:
    """Nothing spoken of before, a target of several classes or of none: no class is guessed."""
    assert [s for s in said(text, "Mechanism") if "target" in str(s.qualifiers)] == []


def test_an_aim_in_a_name_is_put_as_the_sentence_puts_the_rest() -> None:
    """Both aims hang on the circumstance, and the indication has both."""
    text = (
        "HER2-negative breast cancer can reach other organs. Your doctor may suggest drugs to strengthen bones "
        "and ease pain if the cancer has spread to the bones."
    )
    aims = said(text, "Intent")
    assert {s.object.label for s in aims} == {"strengthen the bones", "ease pain"}
    assert {s.modality for s in aims} == {"conditional"}
    assert all(any(name == "circumstance" for name, _ in s.qualifiers) for s in aims)
    (given,) = said(text, "Indication")
    assert {t.label for name, t in given.qualifiers if name == "intent"} == {
        "strengthen the bones",
        "ease pain",
    }


@pytest.mark.parametrize("ending", ["-positive cancer", "-negative tumors"])
def test_a_short_name_before_the_long_one_names_the_biomarker(ending: str) -> None:
    """The biomarker, not its status, has the abbreviation."""
    found = said(f"It is called PR (progesterone receptor){ending}.", "Naming")
    assert [(s.subject.label, s.object.label) for s in found] == [("progesterone receptor", "PR")]
