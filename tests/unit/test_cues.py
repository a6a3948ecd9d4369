"""Cues: negation, hedging, conditions, trials, withdrawal, quantity and frequency, in the words alone."""

from __future__ import annotations

import pytest

from graph import files
from graph.extract import cues

NEGATED = [
    "is not used",
    "isn't used",
    "will never help",
    "no drug treats",
    "cannot treat",
    "neither works",
    "does nothing to",
]
AFFIRMED = ["is used", "is not only used", "notable", "a note", "nobody knows", "another", "north"]


@pytest.mark.parametrize("words", NEGATED)
def test_words_that_deny(words: str) -> None:
    """Each alone is enough."""
    assert cues.polarity(words) == "negated"


@pytest.mark.parametrize("words", AFFIRMED)
def test_words_that_do_not_deny(words: str) -> None:
    """Words that merely look like it, and "not only"."""
    assert cues.polarity(words) == "affirmed"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("is used", "asserted"),
        ("may be used", "possible"),
        ("is an option", "possible"),
        ("can often help", "possible"),
        ("helps if it works", "conditional"),
        ("may help unless it fails", "conditional"),
        ("is being tested", "investigational"),
        ("may be given in clinical trials", "investigational"),
        ("was withdrawn", "withdrawn"),
        ("is no longer approved, if it ever was", "withdrawn"),
        ("mayor and candid", "asserted"),
        ("gifts", "asserted"),
    ],
)
def test_how_sure_the_words_are(words: str, expected: str) -> None:
    """The strongest cue decides."""
    assert cues.modality(words) == expected


def test_a_circumstance_makes_a_statement_conditional() -> None:
    """Though no "if" is in the words; a withdrawal stays one."""
    assert cues.modality("is used", conditional=True) == "conditional"
    assert cues.modality("was withdrawn", conditional=True) == "withdrawn"


@pytest.mark.parametrize(
    ("words", "quantifier", "frequency"),
    [
        ("most people get it", "most", None),
        ("it is usually given", "typically", None),
        ("it often helps", "often", "often"),
        ("it may help everyone", "all", "may"),
        ("it always helps", None, "always"),
        ("almost allowed", None, None),
    ],
)
def test_words_of_quantity_and_frequency(words: str, quantifier: str | None, frequency: str | None) -> None:
    """The first word counts, and only whole words."""
    assert cues.quantifier(words) == quantifier
    assert cues.frequency(words) == frequency


def test_every_value_is_a_thing_of_the_vocabulary() -> None:
    """A slug that no file has would be an IRI that leads nowhere."""
    text = files.text("ontology", "vocabulary", "values.ttl")
    for kind, table in (("quantifier", cues.QUANTIFIERS), ("frequency", cues.FREQUENCIES)):
        for slug in table.values():
            assert f"{kind}:{slug} a " in text
