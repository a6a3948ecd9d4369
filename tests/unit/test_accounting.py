"""Nothing that a document says is passed over in silence: each segment states something, is a gap, or can state nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from graph.extract import Extraction, extract, load_lexicon, read_document
from graph.extract.segments import Segment, segment

SAMPLES: Final = sorted((Path(__file__).resolve().parents[2] / "graph" / "data" / "documents").glob("*.txt"))
FACTLESS: Final = ("heading", "boilerplate", "question", "credit")
"""The kinds of segments that need not state anything."""


def unaccounted(extraction: Extraction) -> list[Segment]:
    """The segments that hold no evidence of any statement, are no gap, and are of a kind that may state something."""
    segments = segment(extraction.document.text)
    evidence = [e for s in extraction.statements for e in s.evidence]
    gaps = {gap.span for gap in extraction.gaps}
    # what only announces questions is one with them
    asking = {s.lead_in for s in segments if s.kind == "question"} - {
        s.lead_in for s in segments if s.kind != "question"
    }
    return [
        part
        for number, part in enumerate(segments)
        if part.kind not in FACTLESS
        and part.span not in gaps
        and number not in asking
        and not any(e.start < part.span.end and part.span.start < e.end for e in evidence)
    ]


def test_five_samples_are_read() -> None:
    """So that the next test is of something."""
    assert len(SAMPLES) == 5


@pytest.mark.parametrize("path", SAMPLES, ids=[p.stem for p in SAMPLES])
def test_every_segment_of_a_sample_is_accounted_for(path: Path) -> None:
    """A statement's evidence lies in it, it is a gap, or its kind carries no facts."""
    assert unaccounted(extract(read_document(path), load_lexicon())) == []


def test_every_segment_of_the_source_documents_is_accounted_for(shared_documents: list[Path]) -> None:
    """The same of the two documents the graph is first built from."""
    lexicon = load_lexicon()
    assert len(shared_documents) == 2
    for path in shared_documents:
        assert unaccounted(extract(read_document(path), lexicon)) == [], path.name


def test_a_gap_is_where_nothing_was_read(shared_documents: list[Path]) -> None:
    """An `Unread` segment holds no evidence: the work list of a curator has no false entries."""
    lexicon = load_lexicon()
    for path in (*shared_documents, *SAMPLES):
        extraction = extract(read_document(path), lexicon)
        evidence = {(e.start, e.end) for s in extraction.statements for e in s.evidence}
        unread = {(g.span.start, g.span.end) for g in extraction.gaps if g.kind == "Unread"}
        assert unread & evidence == set(), path.name
