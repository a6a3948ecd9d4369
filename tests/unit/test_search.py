"""The text search finds things by any of their names, best first, and no text is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.files import BASE
from graph.store.search import TextIndex
from graph.store.snapshots import open_current

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def index(small_home: Path) -> TextIndex:
    """The index of the small snapshot."""
    return TextIndex(open_current(small_home).text)


@pytest.mark.parametrize(
    ("text", "slug", "kind", "matched"),
    [
        ("palbociclib", "id/drug/palbociclib", "drug", "palbociclib"),
        ("PALBO", "id/drug/palbociclib", "drug", "palbociclib"),
        ("ibrance", "id/drug/palbociclib", "drug", "Ibrance"),
        ("cells dividing", "id/drug/palbociclib", "drug", "A drug that stops cells from dividing."),
        ("CDK4/6", "id/drug-class/cdk4-6-inhibitor", "drug-class", "CDK4/6 inhibitor"),
        ("second text", "id/document/2222222222222222", "document", "A second text"),
        ("indication", "ontology/Indication", "term", "indication"),
    ],
)
def test_a_thing_is_found_by_its_names(
    index: TextIndex, text: str, slug: str, kind: str, matched: str
) -> None:
    """By label, beginning of a word, brand, synonym or definition; the first hit says what matched."""
    hit = index.search(text).hits[0]
    assert (hit.iri, hit.kind, hit.matched) == (BASE + slug, kind, matched)


def test_a_label_goes_before_a_definition(index: TextIndex) -> None:
    """What is called so comes before what is only described so."""
    labels = [hit.label for hit in index.search("drug").hits]
    assert labels[0] == "drug"
    assert "palbociclib" in labels[1:]


def test_all_words_are_wanted_and_any_will_do(index: TextIndex) -> None:
    """Words that no thing has together still find things that have one."""
    assert [hit.label for hit in index.search("breast cancer").hits] == ["breast cancer"]
    assert {hit.label for hit in index.search("palbociclib elacestrant").hits} == {
        "palbociclib",
        "elacestrant",
    }


def test_a_kind_narrows_and_pages_count_the_whole(index: TextIndex) -> None:
    """`total` is of all hits, whichever page is given."""
    everything = index.search("c")
    assert everything.total > len(index.search("c", limit=1).hits) == 1
    assert index.search("c", limit=1, offset=1).hits == everything.hits[1:2]
    assert index.search("c", limit=-1).hits == index.search("c", offset=9999).hits == ()
    assert {hit.kind for hit in index.search("c", kind="target").hits} == {"target"}
    assert index.search("c", kind="nothing").total == 0


def test_statements_shapes_and_metadata_are_not_found(index: TextIndex) -> None:
    """Only things, documents and terms of the ontology are searched."""
    assert {hit.kind for hit in index.search("palbociclib").hits} == {"drug"}
    assert index.search("metadata").total == 0


@pytest.mark.parametrize("text", ["", "   ", "-", '"', '""*', "*", "()", "\0", "^", "🙂"])
def test_a_text_without_words_finds_nothing(index: TextIndex, text: str) -> None:
    """Nothing to look for, nothing found, no error."""
    assert index.search(text).hits == ()


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_is_an_error(index: TextIndex, text: str) -> None:
    """Whatever is typed is searched for."""
    found = index.search(text)
    assert found.total >= len(found.hits)


@pytest.mark.parametrize(
    "text", ["x OR y", "NEAR(a b)", 'a" OR "b', "label:palbociclib", "a NOT b", "{label}: a", "'; --"]
)
def test_the_index_s_own_language_is_only_words(index: TextIndex, text: str) -> None:
    """Operators and quotes of FTS5 mean nothing in a user's text."""
    index.search(text)
    assert index.search(text + " palbociclib").total >= 1
