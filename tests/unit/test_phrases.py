"""Phrases: names put together into conditions, lists, dates, and the facts told within a noun phrase."""

from __future__ import annotations

import pytest

from graph.extract import load_lexicon
from graph.extract.conditions import Conditions
from graph.extract.lexicon import level, longest
from graph.extract.phrases import build_phrases
from graph.extract.reading import Reading

LEXICON = load_lexicon()


def read(text: str) -> Reading:
    """A text as the rules would read it, all names counted."""
    reading = Reading.of(level(text), 0, longest(LEXICON.find(text)))
    build_phrases(reading, text, Conditions(LEXICON))
    return reading


def slugs(text: str, family: str) -> list[str]:
    """What the phrases of a family that are left in the text stand for."""
    reading = read(text)
    return [
        entry.iri.rpartition("/")[2] or entry.label
        for number, phrase in enumerate(reading.phrases)
        if phrase.family == family and f"‹{family}{number}›" in reading.text
        for entry in phrase.entries
    ]


CONDITIONS = {
    "a state before": ("HER2-negative breast cancer", ["her2-negative-breast-cancer"]),
    "states joined by a slash": (
        "HR-positive/HER2-negative breast cancer",
        ["hormone-receptor-positive-her2-negative-breast-cancer"],
    ),
    "states in any order": (
        "HER2-negative and HR-positive breast cancer",
        ["hormone-receptor-positive-her2-negative-breast-cancer"],
    ),
    "a state after": ("breast cancer that is HER2-negative", ["her2-negative-breast-cancer"]),
    "states on both sides": (
        "ER-positive, HER2-negative breast cancer that has an ESR1 mutation",
        ["er-positive-her2-negative-esr1-mutated-breast-cancer"],
    ),
    "a tumor is a cancer": ("tumors with a BRCA mutation", ["brca-mutated-cancer"]),
    "a mutation alone, after for": ("olaparib, for a BRCA mutation.", ["brca-mutated-cancer"]),
    "alternatives by or": (
        "ER-positive or PR-positive breast cancer",
        ["estrogen-receptor-positive-breast-cancer", "progesterone-receptor-positive-breast-cancer"],
    ),
    "alternatives that exclude each other": (
        "HER2-positive and HER2-negative breast cancer",
        ["her2-positive-breast-cancer", "her2-negative-breast-cancer"],
    ),
    "stages are alternatives": (
        "stage II and III breast cancer",
        ["stage-ii-breast-cancer", "stage-iii-breast-cancer"],
    ),
    "extents are alternatives": (
        "locally advanced and metastatic breast cancer",
        ["locally-advanced-breast-cancer", "metastatic-breast-cancer"],
    ),
    "extents that go together": ("early, high-risk breast cancer", ["early-high-risk-breast-cancer"]),
    "a contradiction is no condition": ("triple-negative breast cancer with HER2-positive cells", None),
    "a state of the next noun": (
        "Early breast cancer is stage I breast cancer",
        ["early-breast-cancer", "stage-i-breast-cancer"],
    ),
    "other types": (
        "HER2-positive breast cancer and other types of breast cancer",
        ["her2-positive-breast-cancer", "other-types-of-breast-cancer"],
    ),
    "genes that share a word": (
        "advanced breast cancer with a PIK3CA, AKT1, or PTEN alteration",
        [
            "pik3ca-altered-advanced-breast-cancer",
            "akt1-altered-advanced-breast-cancer",
            "pten-altered-advanced-breast-cancer",
        ],
    ),
}


@pytest.mark.parametrize(("text", "expected"), CONDITIONS.values(), ids=list(CONDITIONS))
def test_a_description_becomes_a_condition(text: str, expected: list[str] | None) -> None:
    """The vocabulary's, or one made of what is said."""
    found = slugs(text, "C")
    assert found == expected if expected is not None else found == ["triple-negative-breast-cancer"]


LISTS = {
    "commas": ("surgery, chemotherapy, and hormone therapy", ["surgery", "chemotherapy", "hormone-therapy"]),
    "once each": ("surgery, surgery and chemotherapy", ["surgery", "chemotherapy"]),
    "or": ("surgery or chemotherapy", ["surgery", "chemotherapy"]),
    "semicolons": ("surgery; chemotherapy", ["surgery", "chemotherapy"]),
    "such as": ("taxanes such as paclitaxel", ["taxane", "paclitaxel"]),
    "an apposition": ("the mTOR inhibitor everolimus", ["everolimus"]),
    "an apposition of several": ("the PI3K inhibitors alpelisib and inavolisib", ["alpelisib", "inavolisib"]),
}


@pytest.mark.parametrize(("text", "expected"), LISTS.values(), ids=list(LISTS))
def test_a_list_is_one_phrase(text: str, expected: list[str]) -> None:
    """With all its things, in order."""
    assert slugs(text, "T") == expected
    assert read(text).text.count("‹") == 1


def test_an_or_makes_alternatives() -> None:
    """But "and" does not."""
    assert read("surgery or chemotherapy").phrases[-1].alternatives
    assert not read("surgery and chemotherapy").phrases[-1].alternatives


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the FDA, in January 2023", ["2023-01"]),
        ("letrozole, on May 3, 2019", ["2019-05-03"]),
        ("letrozole, on February 30, 2019", ["2019-02"]),
        ("the FDA approved it in 2019", ["2019"]),
        ("letrozole in 2019", []),
        ("letrozole, May 19", []),
    ],
)
def test_a_date_goes_as_far_as_it_is_given(text: str, expected: list[str]) -> None:
    """And never names a day that is not."""
    assert slugs(text, "D") == expected


ASIDES = {
    "a brand": ("palbociclib (Ibrance)", [("Naming", "palbociclib", "Ibrance")]),
    "brands": (
        "palbociclib (Ibrance, Other)",
        [("Naming", "palbociclib", "Ibrance"), ("Naming", "palbociclib", "Other")],
    ),
    "an abbreviation": (
        "triple-negative breast cancer (TNBC)",
        [("Naming", "triple-negative breast cancer", "TNBC")],
    ),
    "a synonym after or": (
        "brachytherapy, or internal radiation therapy,",
        [("Naming", "brachytherapy", "internal radiation therapy")],
    ),
    "a synonym after also called": (
        "Hormone therapy, also called endocrine therapy, helps",
        [("Naming", "hormone therapy", "endocrine therapy")],
    ),
    "a class before": ("the mTOR inhibitor everolimus", [("Classification", "everolimus", "mTOR inhibitor")]),
    "examples": ("taxanes like docetaxel", [("Classification", "docetaxel", "taxane")]),
    "a remark is no name": ("palbociclib (see below)", []),
    "a dose is no name": ("palbociclib (125 mg)", []),
    "a therapy that is another": ("surgery, or chemotherapy,", []),
}


@pytest.mark.parametrize(("text", "expected"), ASIDES.values(), ids=list(ASIDES))
def test_a_noun_phrase_tells_facts(text: str, expected: list[tuple[str, str, str]]) -> None:
    """Kind, subject, and the name or the class."""
    found = [
        (a.kind, a.subject.label, a.object if isinstance(a.object, str) else a.object.label)
        for a in read(text).asides
    ]
    assert found == expected


@pytest.mark.parametrize("text", [*(t for t, _ in CONDITIONS.values()), *(t for t, _ in LISTS.values())])
def test_a_phrase_knows_the_raw_words(text: str) -> None:
    """Each character of a reading stands for a stretch of the text, in order."""
    reading = read(f"Then {text}.")
    assert len(reading.text) == len(reading.starts) == len(reading.ends)
    assert reading.starts == sorted(reading.starts)
    assert reading.span(0, len(reading.text)).end == len(f"Then {text}.")
    for number, phrase in enumerate(reading.phrases):
        place = reading.text.find(f"‹{phrase.family}{number}›")
        if place >= 0:
            assert reading.span(place, place + 1) == phrase.span


def test_a_joined_reading_keeps_both_numberings() -> None:
    """A lead-in with many phrases, and an item whose numbers become longer."""
    lead = read("These are " + "; also ".join(["surgery to shrink a tumor"] * 6))
    item = Reading.of("letrozole", 100, longest(LEXICON.find("letrozole")))
    joined = lead.joined(item, " ")
    assert len(joined.text) == len(joined.starts) == len(joined.ends)
    assert joined.phrase(joined.text.rpartition("‹T")[2].rstrip("›")).entries[0].label == "letrozole"
    assert joined.span(len(joined.text) - 1, len(joined.text)) == item.span(0, 3)
