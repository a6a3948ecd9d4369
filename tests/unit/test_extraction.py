"""Extraction as a whole: on any text it ends, invents no place, and says the same twice."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.extract import Extraction, extract, load_lexicon
from graph.extract.lexicon import MENTION_TYPES
from graph.extract.reader import MOST_PLACEHOLDERS
from graph.extract.segments import LONGEST
from graph.model import Document
from graph.vocab import statement_iri

LEXICON = load_lexicon()
SAMPLES = sorted((Path(__file__).resolve().parents[2] / "graph" / "data" / "documents").glob("*.txt"))
NAMES = sorted(name for name, claims in LEXICON.names.items() if not claims[0].exact)
GLUE = [
    *(
        " is ",
        " may be ",
        " can cause ",
        " and ",
        " or ",
        ", ",
        " (",
        ")",
        ". ",
        ".\n",
        ":\n- ",
        "\n- ",
        "? ",
        "; ",
    ),
    *(
        " for ",
        " with ",
        " it ",
        " this cancer ",
        " if ",
        " that ",
        " to ",
        " not ",
        " a ",
        " approved ",
        " 2019 ",
    ),
    *(
        "\u00a0",
        "\u200b",
        "\u00ad",
        "\u0301",
        "\u202e",
        "\ufeff",
        "‹T1›",
        "‹",
        "›",
        "\x1b",
        "İ",
        "\r",
        "\t",
        "“",
        "-",
    ),
]
PROSE = st.lists(st.sampled_from([*NAMES, *GLUE]), max_size=60).map("".join)


def read(text: str) -> Extraction:
    """What a text says."""
    return extract(Document("passage", text, hashlib.sha256(text.encode()).hexdigest()), LEXICON)


def check(text: str) -> None:
    """All that must hold of any extraction."""
    found = read(text)
    size = len(text)
    for mention in found.mentions:
        assert text[mention.span.start : mention.span.end] == mention.surface
        assert mention.type in MENTION_TYPES.values()
    for statement in found.statements:
        assert statement.evidence
        assert 0.5 <= statement.confidence <= 1
        for evidence in statement.evidence:
            assert 0 <= evidence.start < evidence.end <= size
            assert evidence.document == found.document.id
        if statement.kind == "Definition":
            last = statement.evidence[-1]
            assert text[last.start : last.end].strip() == statement.object.label
    for gap in found.gaps:
        assert 0 <= gap.span.start < gap.span.end <= size
    known = set(LEXICON.entries) | {m.iri for m in found.minted}
    for statement in found.statements:
        for term in (statement.subject, statement.object, *(t for _, t in statement.qualifiers)):
            if term.iri and "/id/" in term.iri and "/document/" not in term.iri and "/condition/" in term.iri:
                assert term.iri in known
    assert len({s.digest for s in found.statements}) == len(found.statements)
    again = read(text)
    assert again == found


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(PROSE)
def test_any_words_of_ours_are_read(text: str) -> None:
    """Names and rule words in any order: no error, no place outside the text, the same twice."""
    check(text)


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """Whatever the characters."""
    check(text)


@pytest.mark.parametrize("path", SAMPLES, ids=[p.stem for p in SAMPLES])
def test_a_sample_is_read(path: Path) -> None:
    """And all of it is either a statement's evidence or a gap, but for headings and credits."""
    check(path.read_text("utf-8"))


def test_documents_one_after_another_lose_nothing_of_the_first() -> None:
    """What a text says does not hang on what follows it."""
    first, second = (p.read_text("utf-8") for p in SAMPLES[:2])
    alone = {s.digest for s in read(first).statements if s.kind != "Question"}
    assert alone <= {s.digest for s in read(f"{first}\n\n{second}").statements}
    assert len(alone) > 20


def test_a_repeated_claim_is_one_statement_with_all_its_evidence() -> None:
    """Sorted by place, with the confidence of the most direct."""
    text = "Tamoxifen is old. It can cause hot flashes.\nTamoxifen can cause hot flashes."
    [statement] = [s for s in read(text).statements if s.kind == "Effect"]
    assert [e.start for e in statement.evidence] == [0, 18, 44]
    assert statement.confidence == 1.0


def test_statements_come_in_the_order_of_the_text() -> None:
    """By their first evidence."""
    statements = read(SAMPLES[-1].read_text("utf-8")).statements
    starts = [s.evidence[0].start for s in statements]
    assert starts == sorted(starts)


def test_what_is_not_read_is_a_gap() -> None:
    """A sentence without a statement, a lead-in without its list, a sentence that breaks off."""
    text = "The sky is blue. Such drugs include:\n\nIn fact, an estimated\nTamoxifen can cause hot flashes."
    gaps = [(g.kind, text[g.span.start : g.span.end]) for g in read(text).gaps]
    assert gaps == [
        ("Unread", "The sky is blue."),
        ("MissingContent", "Such drugs include:"),
        ("MissingContent", "In fact, an estimated"),
    ]


def test_a_lead_in_to_questions_is_no_gap() -> None:
    """It says nothing itself; one to other items does."""
    assert read("Here is what to ask:\n- How long does it take?").gaps == ()
    [gap] = read("Here is what to know:\n- The sky.\n- How long does it take?").gaps[:1]
    assert gap.kind == "Unread"


def test_what_the_publisher_says_of_the_text_states_nothing() -> None:
    """Nor is it a gap."""
    found = read("This leaflet says that tamoxifen can cause hot flashes. Read on to learn more.")
    assert (found.statements, found.gaps) == ((), ())


def test_the_title_of_a_cited_work_is_not_what_the_document_mentions() -> None:
    """The one who published it is."""
    found = read("Tamoxifen is old.\n\nAmerican Cancer Society: “Surgery for Metastatic Breast Cancer.”")
    assert {m.surface for m in found.mentions if not m.cited} == {"Tamoxifen", "American Cancer Society"}
    assert {m.surface for m in found.mentions if m.cited} == {"Surgery", "Metastatic Breast Cancer"}


def test_a_name_in_brackets_is_one_of_the_drug_before_it() -> None:
    """As the text has it, whatever else goes by that name."""
    assert {m.iri.rpartition("/")[2] for m in read("Paclitaxel (Abraxane) helps.").mentions} == {"paclitaxel"}
    assert {m.iri.rpartition("/")[2] for m in read("Abraxane helps.").mentions} == {"nab-paclitaxel"}


def test_only_what_statements_use_is_made() -> None:
    """A condition that is only mentioned is not minted."""
    used = read("Olaparib is used for stage II, HER2-low breast cancer.")
    assert [m.label for m in used.minted] == ["HER2-low stage II breast cancer"]
    assert read("Stage II, HER2-low breast cancer is rare.").minted == ()


def test_progress_goes_up_to_the_end() -> None:
    """In steps, not for every sentence."""
    text = "Tamoxifen can cause hot flashes. " * 3000
    told: list[int] = []
    extract(Document("passage", text, "0" * 64), LEXICON, told.append)
    assert told == sorted(told)
    assert told[-1] == len(text)
    assert 3 < len(told) < 20


def test_an_iri_follows_from_the_claim() -> None:
    """The same claim in two documents has one IRI."""
    [one] = read("Tamoxifen can cause hot flashes.").statements
    [other] = read("Hot days are over. Tamoxifen may cause hot flushes.").statements
    assert statement_iri(one.digest) == statement_iri(other.digest)
    assert one.evidence != other.evidence


HOSTILE = {
    "no full stop at all": "surgery may be followed by chemotherapy which can cause nausea and " * 3_750,
    "names and nothing else": "tamoxifen " * 12_500,
    "lists side by side": ("tamoxifen, letrozole, surgery for breast cancer, early cancer or " * 2_500),
    "brackets": "(" * 50_000 + ")" * 50_000,
    "names in brackets": "palbociclib (" * 5_000,
    "states without a cancer": "HER2-negative or " * 7_500,
    "states and cancers": "HER2-negative or ER-positive and stage II breast cancer " * 2_500,
    "abbreviations": "Dr. A " * 25_000,
    "items that break off": "- the\nthe\n" * 12_500,
    "lead-ins": "It may be used for:\n" * 5_000,
    "items of one lead-in": "Tamoxifen may be used for:\n" + "- breast cancer\n" * 5_000,
    "quotation marks": "“" * 75_000,
    "full stops": "." * 75_000,
    "spaces": "It is. " + " " * 125_000 + "so",
    "line ends": "\n" * 125_000 + "It is.",
    "placeholders": "‹T1› may ‹G2› and " * 7_500,
    "a word without end": "x" * 250_000,
    "credits": "reviewed by Aa on " * 7_500,
    "questions": "Why? " * 12_500,
    "what every rule begins with": "it they this these drugs if for with " * 3_750,
    "dependencies": "the choice of treatment depends on age, and stage, " * 2_500,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_text_takes_no_longer_than_its_length(text: str) -> None:
    """At least 15,000 characters a second (prose: 100,000), where anything quadratic would need hours."""
    start = time.process_time()
    found = read(text)
    assert time.process_time() - start < 3 + len(text) / 15_000
    assert all(s.span.end - s.span.start <= LONGEST + 1 for s in found.gaps)


def test_a_passage_of_too_many_names_is_left_alone() -> None:
    """It is a gap: two long lists side by side are no sentence."""
    text = "Tamoxifen can cause nausea" + " tamoxifen" * MOST_PLACEHOLDERS + "."
    found = read(text)
    assert found.statements == ()
    assert [g.kind for g in found.gaps] == ["Unread"]
    assert len(found.mentions) == MOST_PLACEHOLDERS + 2
