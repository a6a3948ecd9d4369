"""The vocabulary names things; it does not repeat the sentences of the documents the graph is built from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest

from graph.files import listing, text

LONGEST_SHARED: Final = 5
"""So many words in a row may be the same: a name of that length is hardly avoidable ("breast cancer that is …")."""

_WORD = re.compile(r"[a-z0-9'-]+")


def words(prose: str) -> list[str]:
    """The words of a text, in lower case."""
    return _WORD.findall(prose.lower().replace("’", "'"))


def runs(prose: str, length: int = LONGEST_SHARED + 1) -> set[tuple[str, ...]]:
    """Every run of so many words."""
    found = words(prose)
    return {tuple(found[i : i + length]) for i in range(len(found) - length + 1)}


FILES: Final = [file.name for file in listing("ontology", "vocabulary", suffix=".ttl")]


@pytest.fixture(scope="module")
def said(shared_documents: list[Path]) -> set[tuple[str, ...]]:
    """The runs of words of the source documents."""
    return {run for path in shared_documents for run in runs(path.read_text("utf-8"))}


def test_a_run_is_found_whatever_its_case_and_marks() -> None:
    """Else the next test would find nothing, whatever the vocabulary says."""
    assert runs("One, two; THREE four’s five-six seven.") == {
        ("one", "two", "three", "four's", "five-six", "seven")
    }
    assert runs("One two three four five.") == set()


@pytest.mark.parametrize("name", FILES)
def test_no_name_or_definition_repeats_a_document(name: str, said: set[tuple[str, ...]]) -> None:
    """Labels, synonyms, hidden labels and definitions share no six words in a row with a source document."""
    literals = {
        triple.object.value
        for triple in ox.parse(text("ontology", "vocabulary", name), format=ox.RdfFormat.TURTLE)
        if isinstance(triple.object, ox.Literal)
    }
    assert literals
    assert len(said) > 1000
    assert {literal for literal in literals if runs(literal) & said} == set()


def test_no_passage_of_a_golden_file_is_one_of_a_document(
    checkout: Path, shared_documents: list[Path]
) -> None:
    """The passages are in our own words: they share no nine words in a row with a source document."""
    limit = 9
    theirs = {run for path in shared_documents for run in runs(path.read_text("utf-8"), limit)}
    files = sorted((checkout / "tests" / "golden" / "rules").glob("*.txt"))
    assert len(files) >= 15
    for path in files:
        assert {
            run for line in path.read_text("utf-8").splitlines() for run in runs(line, limit)
        } & theirs == set()


def test_every_file_of_the_vocabulary_is_looked_at() -> None:
    """All of them, so that a new one is too."""
    assert len(FILES) >= 20
