"""Conditions: found by their features, made of them where the vocabulary has none, never contradicting themselves."""

from __future__ import annotations

from itertools import permutations

import pytest

from graph.extract import load_lexicon
from graph.extract.conditions import CANCER, Conditions
from graph.extract.lexicon import Entry
from graph.vocab import thing

LEXICON = load_lexicon()


def entry(kind: str, slug: str) -> Entry:
    """A thing of the vocabulary."""
    return LEXICON.entries[str(thing(kind, slug))]


def status(slug: str) -> Entry:
    """A biomarker status of the vocabulary."""
    return entry("biomarker-status", slug)


BREAST = entry("condition", "breast-cancer")


@pytest.fixture
def conditions() -> Conditions:
    """A finder that has made nothing yet."""
    return Conditions(LEXICON)


def test_a_condition_of_the_vocabulary_is_found_by_its_features(conditions: Conditions) -> None:
    """From the disease and its states, or from a narrower condition and the rest."""
    both = conditions.resolve(BREAST, [status("hr-positive"), status("her2-negative")])
    assert both == entry("condition", "hormone-receptor-positive-her2-negative-breast-cancer")
    narrower = conditions.resolve(entry("condition", "her2-negative-breast-cancer"), [status("hr-positive")])
    assert narrower == both
    assert conditions.minted == {}


def test_every_condition_with_states_is_found_by_them(conditions: Conditions) -> None:
    """Or by another of the vocabulary that has the same features."""
    for condition in LEXICON.entries.values():
        if condition.kind != "condition" or not conditions.states(condition):
            continue
        features = conditions.features(condition)
        found = conditions.resolve(LEXICON.entries[features.base], conditions.states(condition))
        assert found is not None
        assert conditions.features(found) == features
    assert conditions.minted == {}


def test_what_the_vocabulary_lacks_is_made_the_same_in_any_order() -> None:
    """One IRI and one label for one set of features."""
    states = [
        status("pik3ca-mutated"),
        status("her2-negative"),
        status("er-positive"),
        entry("stage", "stage-iv"),
    ]
    made = {Conditions(LEXICON).resolve(BREAST, order) for order in permutations(states)}
    assert len(made) == 1
    [one] = made
    assert one is not None
    assert one.iri == str(
        thing("condition", "er-positive-her2-negative-pik3ca-mutated-stage-iv-breast-cancer")
    )


def test_what_is_made_says_its_features(conditions: Conditions) -> None:
    """As triples: the disease, its statuses, stage and extent."""
    made = conditions.resolve(BREAST, [status("pik3ca-mutated"), entry("extent", "metastatic")])
    assert made is not None
    assert set(conditions.minted[made.iri].triples) == {
        ("kindOf", BREAST.iri),
        ("hasStatus", status("pik3ca-mutated").iri),
        ("hasExtent", entry("extent", "metastatic").iri),
    }
    assert conditions.features(made).base == BREAST.iri
    further = conditions.resolve(made, [status("her2-negative")])
    assert further is not None
    assert len(conditions.features(further).said) == 3


APART = {
    "opposite statuses": ["her2-positive", "her2-negative"],
    "opposite one way only": ["her2-low", "her2-positive"],
    "opposite by what is implied": ["er-positive", "hr-negative"],
}


@pytest.mark.parametrize("names", APART.values(), ids=list(APART))
def test_a_contradiction_is_no_condition(conditions: Conditions, names: list[str]) -> None:
    """In either order, and nothing is made of it."""
    for order in permutations(names):
        assert conditions.resolve(BREAST, [status(n) for n in order]) is None
    assert conditions.minted == {}


def test_a_condition_has_one_stage_and_is_not_early_and_metastatic(conditions: Conditions) -> None:
    """Early and high-risk go together."""
    assert conditions.resolve(BREAST, [entry("stage", "stage-i"), entry("stage", "stage-iv")]) is None
    assert conditions.resolve(BREAST, [entry("extent", "early"), entry("extent", "metastatic")]) is None
    assert conditions.resolve(BREAST, [entry("extent", "early"), entry("extent", "high-risk")]) is not None


def test_the_vocabulary_contradicts_itself_nowhere(conditions: Conditions) -> None:
    """Every condition's own states can be had together."""
    for condition in LEXICON.entries.values():
        assert conditions.compatible(s.iri for s in conditions.states(condition)), condition.label


def test_a_condition_with_fewer_states_is_wider(conditions: Conditions) -> None:
    """So is a disease that is not told apart; nothing is wider than itself."""
    entries = {
        iri.rpartition("/")[2]: e for iri, e in conditions.lexicon.entries.items() if "/condition/" in iri
    }
    breast, negative = entries["breast-cancer"], entries["her2-negative-breast-cancer"]
    assert conditions.wider(breast, negative)
    assert conditions.wider(entries["cancer"], negative)
    assert not conditions.wider(negative, breast)
    assert not conditions.wider(negative, negative)
    assert not conditions.wider(entries["her2-positive-breast-cancer"], negative)


def test_a_phrase_before_a_name_is_kept_as_it_is_said(conditions: Conditions) -> None:
    """What is said of "other types of breast cancer" is said of a condition of its own."""
    other = conditions.variant("other types of", BREAST)
    assert other.iri == str(thing("condition", "other-types-of-breast-cancer"))
    assert conditions.minted[other.iri].triples == (("kindOf", BREAST.iri),)


def test_a_biomarkers_status_is_found_by_what_it_says(conditions: Conditions) -> None:
    """Positive or negative; None where the vocabulary has no such status."""
    receptor = entry("biomarker", "estrogen-receptor")
    assert conditions.status(receptor, "positive") == status("er-positive")
    assert conditions.status(receptor, "negative") == status("er-negative")
    assert conditions.status(receptor, "purple") is None
    assert conditions.states(receptor) == []


def test_the_disease_is_the_nearest_without_states(conditions: Conditions) -> None:
    """Of triple-negative breast cancer it is breast cancer; of what has no wider one, itself."""
    assert conditions.features(entry("condition", "triple-negative-breast-cancer")).base == BREAST.iri
    assert conditions.features(LEXICON.entries[CANCER]).base == CANCER
