"""The checks of `ontology/checks`: each passes on the ontology and its vocabulary, and each catches something."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from graph import files

EXAMPLES = Path(__file__).resolve().parent.parent / "data" / "checks"
CHECKS = {
    file.name.removesuffix(".rq"): file.name for file in files.listing("ontology", "checks", suffix=".rq")
}

ROBOT = {
    "annotation_whitespace", "deprecated_boolean_datatype", "deprecated_class_reference",
    "deprecated_property_reference", "duplicate_definition", "duplicate_exact_synonym", "duplicate_label",
    "duplicate_label_synonym", "duplicate_scoped_synonym", "equivalent_pair",
    "equivalent_class_axiom_no_genus", "illegal_use_of_built_in_vocabulary", "invalid_xref",
    "label_formatting", "label_whitespace", "lowercase_definition", "missing_definition", "missing_label",
    "missing_obsolete_label", "missing_ontology_description", "missing_ontology_license",
    "missing_ontology_title", "missing_superclass", "misused_obsolete_label", "misused_replaced_by",
    "multiple_definitions", "multiple_equivalent_class_definitions", "multiple_equivalent_classes",
    "multiple_labels",
}  # fmt: skip
"""The rules of `robot report` that have a check of the same name."""


def loaded(*texts: str) -> ox.Store:
    store = ox.Store()
    for text in texts:
        store.load(text.encode(), format=ox.RdfFormat.TURTLE)
    return store


@cache
def sources() -> ox.Store:
    return loaded(
        files.text("ontology", "her2kg.ttl"),
        *(
            files.text("ontology", "vocabulary", file.name)
            for file in files.listing("ontology", "vocabulary", suffix=".ttl")
        ),
    )


@cache
def query(name: str) -> str:
    return files.text("ontology", "checks", CHECKS[name])


def failures(name: str, store: ox.Store) -> list[str]:
    """The rows of a check, each as the text of its terms."""
    found = store.query(query(name))
    assert isinstance(found, ox.QuerySolutions)
    return [" ".join(str(term) for term in row) for row in found]


def test_checks_and_examples_are_all_there() -> None:
    """A check that is lost, or has no example, would pass in silence."""
    assert len(CHECKS) == 54
    assert {file.stem for file in EXAMPLES.glob("*.ttl")} == set(CHECKS)
    assert set(CHECKS) >= ROBOT


@pytest.mark.parametrize("name", CHECKS)
def test_check_says_what_it_is_for(name: str) -> None:
    """A failing check is read by somebody who did not write it."""
    text = query(name)
    assert re.search(r"^#\+ summary: [A-Z].{20,}\.$", text, re.MULTILINE)
    assert re.search(r"^#\+ covers: \S+ .+$", text, re.MULTILINE)
    assert name not in ROBOT or f"ROBOT {name}" in text


@pytest.mark.parametrize("name", CHECKS)
def test_ontology_and_vocabulary_pass(name: str) -> None:
    """Every row is a fault: of the ontology, or of the check, which then says why it makes an exception."""
    assert failures(name, sources()) == []


@pytest.mark.parametrize("name", CHECKS)
def test_check_alone_rejects_its_example(name: str) -> None:
    """No check is vacuous, and none does another's work."""
    store = loaded(files.rebase((EXAMPLES / f"{name}.ttl").read_text("utf-8")))
    assert {check for check in CHECKS if failures(check, store)} == {name}
