"""What a document says of itself: title, publisher, people, dates, rights, and the sources it cites.

`tests/golden/metadata/*.txt` are texts in our own words, and the `.json` beside each is what they tell.
"""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from graph.extract import CitedSource, Lexicon, load_lexicon
from graph.extract.given_dates import iso_date
from graph.extract.metadata import Metadata, read_metadata
from graph.extract.segments import segment
from graph.model import Span, Term

FOLDER = Path(__file__).resolve().parent.parent / "golden" / "metadata"
TEXTS = sorted(FOLDER.glob("*.txt"))

CASES = {
    "a title": ("Living with it\nIt can be done.", [("title", "Living with it")]),
    "a section is no title": ("It can be done.\nLiving with it", []),
    "a reviewer with a date": (
        "Some Site Reference Reviewed by Ann B. Smith, MD on March 5, 2019",
        [("publisher", "Some Site Reference"), ("reviewer", "Ann B. Smith, MD"), ("reviewed", "2019-03-05")],
    ),
    "a reviewer without a date": ("Medically reviewed by Ann Smith (a doctor)", [("reviewer", "Ann Smith")]),
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
    "nothing": ("It can be done.", []),
    "a quotation that never ends": ("Some Society: “One page", []),
}
DATES = {
    "March 5, 2019": "2019-03-05",
    "5 March 2019": "2019-03-05",
    "5th Mar. 2019": "2019-03-05",
    "2019 Mar 5": "2019-03-05",
    "2019/3/5": "2019-03-05",
    "Sept 2020": "2020-09",
    "2020-09": "2020-09",
    "2019": "2019",
    "29 February 2024": "2024-02-29",
    "29 February 2023": None,
    "31 February 2024": None,
    "2024-13-45": None,
    "2024-00": None,
    "3/4/2024": None,
    "some day": None,
    "": None,
}


@cache
def lexicon() -> Lexicon:
    return load_lexicon()


def read(text: str) -> Metadata:
    return read_metadata(text, segment(text), lexicon())


def told(text: str) -> list[list[Any]]:
    """Credits and sources as JSON has them, each with the places where it stands."""
    metadata = read(text)
    rows: list[list[Any]] = [[c.name, shown(c.value), [[c.span.start, c.span.end]]] for c in metadata.credits]
    return rows + [
        ["source", parts(source), [[s.start, s.end] for s in source.spans]] for source in metadata.sources
    ]


def shown(term: Term) -> str:
    return term.label if term.iri is None else term.iri.partition("/id/")[2]


def parts(source: CitedSource) -> dict[str, Any]:
    """The fields that are said."""
    said = {field.name: getattr(source, field.name) for field in fields(source) if field.name != "spans"}
    return {
        name: shown(value) if isinstance(value, Term) else list(value) if isinstance(value, tuple) else value
        for name, value in said.items()
        if value
    }


def test_every_text_has_what_it_tells() -> None:
    """None is lost."""
    assert len(TEXTS) == 11
    assert {path.stem for path in TEXTS} == {path.stem for path in FOLDER.glob("*.json")}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_text_tells_this_and_nothing_else(path: Path, request: pytest.FixtureRequest) -> None:
    """Credits and sources in the order of the text, with the places where they stand."""
    found = told(path.read_text("utf-8"))
    if request.config.getoption("--golden-update"):
        path.with_suffix(".json").write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert found == json.loads(path.with_suffix(".json").read_text("utf-8"))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_what_is_told_stands_at_its_place(path: Path) -> None:
    """The title of a source is found in one of its spans, and every span is inside the text."""
    text = path.read_text("utf-8")
    for source in read(text).sources:
        spans = [" ".join(text[span.start : span.end].split()) for span in source.spans]
        assert all(0 <= span.start < span.end <= len(text) for span in source.spans)
        assert any((source.title or source.label) in words for words in spans)


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=list(CASES))
def test_a_document_tells_of_itself(text: str, expected: list[tuple[str, str]]) -> None:
    """In the order in which it does."""
    assert [(credit.name, credit.value.label) for credit in read(text).credits] == expected
    assert read(text).sources == ()


@pytest.mark.parametrize(("words", "day"), DATES.items())
def test_a_date_is_a_day_of_the_calendar_or_none(words: str, day: str | None) -> None:
    """As precise as it was said; what has two readings, or none, is not guessed."""
    assert iso_date(words) == day


def test_an_organization_of_the_vocabulary_is_named_by_its_iri() -> None:
    """Whatever the name the text has for it; another one stays as it is said."""
    known, other = read("Publisher: the NCI\nPublisher: Some Site").credits
    assert (known.value.iri or "").endswith("/id/organization/national-cancer-institute")
    assert other.value == Term(None, "Some Site")


def test_a_reference_is_not_read_for_what_it_says() -> None:
    """The title of a cited work is no statement of the document that cites it."""
    text = "Sources\n1. Some Society. Palbociclib treats breast cancer. 2020."
    segments = segment(text)
    places = read_metadata(text, segments, lexicon()).places
    assert {text[s.span.start : s.span.end] for n, s in enumerate(segments) if n not in places} == set()


def test_a_source_cited_twice_is_one_source_with_both_places() -> None:
    """It is told once."""
    line = "Some Society. One page. 2020.\n"
    [source] = read(f"Sources\n- {line}- {line}").sources
    assert source.spans == (Span(10, 39), Span(42, 71))


UNITS = (
    *(
        "© 2019 a ",
        "reviewed by ",
        "Aaa: “",
        "“",
        "copyright copyright ",
        "Sources: ",
        "version 1. ",
        "A B, ",
    ),
    *(
        "2020 Jan 1 - ",
        "Updated on 1 May 2020 — ",
        "by a, MD ",
        "\u202eabc ",
        "1. 2020 ",
        "10.1000/",
        "(2020) ",
    ),
)


@pytest.mark.parametrize("head", ["", "Sources\n"])
@pytest.mark.parametrize("unit", UNITS)
def test_a_hostile_credit_takes_no_time(unit: str, head: str) -> None:
    """Ten thousand of them are read in linear time: the test suite would hang otherwise."""
    assert isinstance(read(head + unit * 10_000), Metadata)


def test_a_long_list_of_sources_is_read_whole() -> None:
    """Each of two thousand entries is a source, and none is lost."""
    entries = "".join(f"- Some Society. Page {number}. Accessed 2 May 2023.\n" for number in range(2_000))
    assert len(read(f"Sources\n{entries}").sources) == 2_000
