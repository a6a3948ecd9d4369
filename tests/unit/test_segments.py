"""Cutting a text: headings, sentences, items with their lead-in, questions, credits, and what breaks off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.extract.segments import LONGEST, segment


def kinds(text: str) -> list[tuple[str, str]]:
    """Kind and text of every segment."""
    return [(s.kind, text[s.span.start : s.span.end]) for s in segment(text)]


CASES = {
    "one sentence a line": ("One is here.\nTwo is here.", ["sentence", "sentence"]),
    "two sentences a line": ("One is here. Two is here.", ["sentence", "sentence"]),
    "closing quotes belong to the sentence": ("He said “yes.” She left.", ["sentence", "sentence"]),
    "a heading": ("Hormone therapy\nIt helps.", ["heading", "sentence"]),
    "a heading with a colon inside": ("Surgery: what to expect\nIt helps.", ["heading", "sentence"]),
    "no heading: it begins small": ("and so on\nIt helps.", ["sentence", "sentence"]),
    "no heading: it is long": (f"{'Word ' * 15}\nIt helps.", ["sentence", "sentence"]),
    "a lead-in and its items": ("These are:\n- one\n- two", ["lead_in", "item", "item"]),
    "numbered items": ("These are:\n1. one\n2) two", ["lead_in", "item", "item"]),
    "bullets of other kinds": ("These are:\n• one\n* two\n▪ three", ["lead_in", "item", "item", "item"]),
    "a question": ("How long does it take?", ["question"]),
    "a question in quotes": ("“How long does it take?”", ["question"]),
    "a question among items": ("Ask:\n- How long does it take?", ["lead_in", "question"]),
    "credits": (
        "© 2019 Somebody\nReviewed by Some One, MD\nSources: a book.\nLast updated: May 1, 2020",
        ["credit"] * 4,
    ),
    "a cited source": ("American Society: “Title of a page.”", ["credit"]),
    "what the publisher says of the text": (
        (
            "Keep reading to find out more.\nThis leaflet is not medical advice.\nClick here to print.\n"
            "We use what you read: see our privacy policy."
        ),
        ["boilerplate"] * 4,
    ),
    "words that open boilerplate elsewhere": ("Skip one dose.\nRead the label.", ["sentence", "sentence"]),
    "a ruler is nothing": ("One is here.\n-----\n* * *\nTwo is here.", ["sentence", "sentence"]),
    "an abbreviation ends no sentence": ("Dr. Smith e.g. Sees the U.S. Army.", ["sentence"]),
    "an initial ends no sentence": ("Laura J. Martin came.", ["sentence"]),
    "old line ends": ("One is here.\r\nTwo is here.\rThree is here.", ["sentence"] * 3),
    "nothing": (" \n\t\r\n ", []),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=list(CASES))
def test_a_text_is_cut_where_a_reader_would(text: str, expected: list[str]) -> None:
    """The kinds of the segments, in order."""
    assert [kind for kind, _ in kinds(text)] == expected


def test_items_know_their_lead_in_and_section() -> None:
    """By their place in the list of segments; a paragraph after the list knows none."""
    found = segment("Heading\nThese are:\n- one\n- two\nAn end.")
    assert [s.lead_in for s in found] == [None, None, 1, 1, None]
    assert [s.section for s in found] == [None, 0, 0, 0, 0]


def test_only_an_items_first_sentence_continues_the_lead_in() -> None:
    """The second is a sentence of its own."""
    found = segment("These are:\n- One is here. It is blue.")
    assert [s.first for s in found] == [True, True, False]


def test_an_item_broken_over_two_lines_is_one() -> None:
    """Scrapers break at a link: the line after "the" goes on."""
    assert kinds("See:\n- the\nGreat Society and more") == [
        ("lead_in", "See:"),
        ("item", "the\nGreat Society and more"),
    ]


def test_a_sentence_of_hard_wrapped_text_goes_on_in_the_next_line() -> None:
    """A line that begins in lower case, or follows a comma, belongs to the sentence before it."""
    text = (
        "It may be suitable for HR-positive,\r\nHER2-negative cancer that\r\nhas spread. Stop.\n\nand\nMore."
    )
    found = [text[s.span.start : s.span.end] for s in segment(text)]
    assert found == [
        "It may be suitable for HR-positive,\r\nHER2-negative cancer that\r\nhas spread.",
        "Stop.",
        "and",
        "More.",
    ]


def test_two_items_on_one_line_are_two() -> None:
    """A bullet that lost its line break."""
    assert [text for _, text in kinds("See:\n- the Society - The Forum")] == [
        "See:",
        "the Society",
        "The Forum",
    ]


@pytest.mark.parametrize("text", ["In fact, an estimated", "You", "According to the"])
def test_a_sentence_that_breaks_off_is_truncated(text: str) -> None:
    """And no heading."""
    [broken] = segment(text) if text != "You" else segment("It helps. You")[1:]
    assert (broken.kind, broken.truncated) == ("sentence", True)


def test_items_after_a_truncated_sentence_hang_on_it() -> None:
    """So that their lead-in is known to be lost."""
    found = segment("It helps. You\n- before surgery\n- after it")
    assert [s.lead_in for s in found] == [None, None, 1, 1]


def test_a_long_stretch_is_cut_between_words() -> None:
    """No segment is longer than the limit, no word is lost, and no piece counts as broken off but the last."""
    text = "word, " * LONGEST
    found = segment(text)
    assert all(s.span.end - s.span.start <= LONGEST for s in found)
    assert "".join(text[s.span.start : s.span.end] for s in found).replace(" ", "") == "word," * LONGEST
    assert not any(s.truncated for s in found[:-1])


def test_a_word_that_never_ends_is_cut_too() -> None:
    """There is no better place."""
    found = segment("x" * (3 * LONGEST))
    assert sum(s.span.end - s.span.start for s in found) == 3 * LONGEST
    assert max(s.span.end - s.span.start for s in found) <= LONGEST + 1


@given(
    st.text(
        alphabet=st.sampled_from("aB1 .?!:;,-•\n\r\t“”()\u00a0\u200b\ufeff\u00ad\u0301\u05d0"), max_size=200
    )
)
def test_segments_are_in_order_and_lose_nothing(text: str) -> None:
    """They do not overlap, and every letter and digit is in one, but for the numbers of numbered items."""
    found = segment(text)
    ends = [0]
    for part in found:
        assert ends[-1] <= part.span.start < part.span.end <= len(text)
        ends.append(part.span.end)
    kept = {i for s in found for i in range(s.span.start, s.span.end)}
    assert not [i for i, c in enumerate(text) if c.isalpha() and i not in kept]
