"""What a document says of itself: title, publisher, reviewer, dates, rights, sources."""

from __future__ import annotations

import pytest

from graph.extract.metadata import read_metadata
from graph.extract.segments import segment

CASES = {
    "a title": ("Living with it\nIt can be done.", [("title", "Living with it")]),
    "no title": ("It can be done.\nLiving with it", []),
    "a reviewer with a date": (
        "Some Site Reference Reviewed by Ann B. Smith, MD on March 5, 2019",
        [("publisher", "Some Site Reference"), ("reviewer", "Ann B. Smith, MD"), ("reviewed", "2019-03-05")],
    ),
    "a reviewer without a date": (
        "Medically reviewed by Ann Smith (a doctor)",
        [("reviewer", "Ann Smith")],
    ),
    "rights": (
        "© 2019 Some Site, LLC. All rights reserved.",
        [("rights", "© 2019 Some Site, LLC. All rights reserved."), ("rightsHolder", "Some Site, LLC")],
    ),
    "labelled lines": (
        "Publisher: Some Site.\nLast updated: 5 May 2020\nRights: CC0 1.0\nPublished: May 2019",
        [
            ("publisher", "Some Site"),
            ("modified", "2020-05-05"),
            ("rights", "CC0 1.0"),
            ("issued", "2019-05"),
        ],
    ),
    "a date as it is where it cannot be read": ("Last updated: some day", [("modified", "some day")]),
    "cited sources": (
        "Some Society: “One page,” “Another: page.”\nSources: Other Society: “A third.”",
        [
            ("source", "Some Society: One page"),
            ("source", "Some Society: Another: page"),
            ("source", "Other Society: A third"),
        ],
    ),
    "nothing": ("It can be done.", []),
    "a quotation that never ends": ("Some Society: “One page", []),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=list(CASES))
def test_a_document_tells_of_itself(text: str, expected: list[tuple[str, str]]) -> None:
    """In the order in which it does."""
    assert list(read_metadata(text, segment(text))) == expected


@pytest.mark.parametrize("unit", ["© 2019 a ", "reviewed by ", "Aaa: “", "“", "copyright copyright "])
def test_a_hostile_credit_takes_no_time(unit: str) -> None:
    """Ten thousand of them are read in linear time: the test suite would hang otherwise."""
    text = unit * 10_000
    assert isinstance(read_metadata(text, segment(text)), tuple)
