"""Why a triple holds: the page, the same as JSON, and the links to it from the pages of things."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from .conftest import Page

TYPE = ("condition:her2-negative", "a", "her2kg:HER2NegativeCondition")
TREATS = ("drug:palbociclib", "her2kg:treats", "condition:her2-negative")


def address(subject: str, predicate: str, value: str, **more: str) -> str:
    """The address of an explanation."""
    return "/explain?" + urlencode({"subject": subject, "predicate": predicate, "object": value} | more)


def test_an_inferred_type_is_explained_by_axiom_and_facts(page: Callable[..., Page]) -> None:
    """The definition, in readable form, and each fact that it asks for."""
    text = page(address(*TYPE)).text
    assert "Why: HER2-negative breast cancer is a HER2-negative condition" in text
    assert "HER2-negative condition EquivalentTo condition and (has status value HER2-negative)" in text
    assert "HER2-negative breast cancer is a condition stated in vocabulary" in text
    assert "HER2-negative breast cancer has status HER2-negative stated in vocabulary" in text


def test_a_derived_fact_is_explained_by_statements_with_their_evidence(page: Callable[..., Page]) -> None:
    """The statements, with their quotes and a link to the place in the document."""
    found = page(address(*TREATS))
    assert "A therapy treats a condition that a source plainly says it suits." in found.text
    assert any(link.startswith("/page/statement/") for link in found.links)
    assert any("#e-" in link for link in found.links)
    assert any(name == "blockquote" for name, _ in found.elements)


def test_the_explanation_is_to_be_had_as_json(program: FlaskClient) -> None:
    """By Accept and by `format`; statements have their spans."""
    by_header = program.get(address(*TREATS), headers={"Accept": "application/json"})
    by_format = program.get(address(*TREATS, format="json"))
    assert by_header.get_json() == by_format.get_json()
    assert by_header.headers["Vary"] == "Accept"
    record = by_header.get_json()
    assert record["rule"] == "treats"
    assert record["text"] == "palbociclib treats HER2-negative breast cancer"
    assert record["statements"]
    for statement in record["statements"]:
        assert {"document", "start", "end"} == set(statement["evidence"][0])


def test_a_class_is_under_another_by_its_definition(program: FlaskClient) -> None:
    """A subclass that nobody stated is proved, and one that does not follow is not."""
    wider = ("her2kg:HER2NegativeCondition", "rdfs:subClassOf", "her2kg:Thing")
    record = program.get(address(*wider, format="json")).get_json()
    assert record["text"] == "HER2-negative condition SubClassOf thing"
    assert [premise["rule"] for premise in record["premises"]] == ["asserted", "cls-int2"]
    assert program.get(address("her2kg:Thing", "rdfs:subClassOf", "her2kg:Drug")).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        (("drug:palbociclib", "her2kg:treats", "condition:x"), 404, "HER2-negative breast cancer"),
        (("drug:nobody", "a", "her2kg:Drug"), 404, "Nothing at all is known of drug:nobody"),
        (("drug:palbociclib", "her2kg:hasStage", "stage:x"), 404, "nothing is known with “her2kg:hasStage”"),
        (("palbociclib", "a", "her2kg:Drug"), 400, "neither an IRI nor a name with a prefix"),
        (("nobody:palbociclib", "a", "her2kg:Drug"), 400, "prefix that is not known here: nobody"),
        (("drug:palbociclib", "", "her2kg:Drug"), 400, "The predicate of the triple is missing"),
        (('"text"', "a", "her2kg:Drug"), 400, "The subject is neither"),
        (("drug:x", "her2kg:brandName", '"Ibrance"@-'), 400, "The object"),
        (("drug:" + "x" * 3000, "a", "her2kg:Drug"), 400, "longer than 2,000 characters"),
        (("<script>", "a", "her2kg:Drug"), 400, "neither an IRI"),
    ],
)
def test_what_cannot_be_explained_is_a_clear_error(
    client: FlaskClient, asked: tuple[str, str, str], status: int, told: str
) -> None:
    """Not known is 404, with what is known instead; what is no triple is 400; nothing is run or reflected."""
    answer = client.get(address(*asked))
    assert answer.status_code == status
    assert told in unescape(answer.text)
    assert "<script>" not in answer.text


def test_without_a_triple_there_is_a_form(page: Callable[..., Page]) -> None:
    """It names the three fields, and works without script."""
    found = page("/explain")
    fields = [attributes.get("name") for name, attributes in found.elements if name == "input"]
    assert {"subject", "predicate", "object"} <= set(fields)


def test_every_why_on_the_page_of_a_thing_leads_to_its_explanation(page: Callable[..., Page]) -> None:
    """Inferred types, derived facts and derived names have a link each, whose page explains just that."""
    expected = {"drug/palbociclib": {"treats", "brandName"}, "condition/her2-negative": {"a"}}
    for thing, predicates in expected.items():
        links = [link for link in page(f"/page/{thing}").links if link.startswith("/explain")]
        assert {
            parse_qs(urlsplit(link).query)["predicate"][0].rpartition("/")[2] for link in links
        } == predicates
        for link in links:
            assert "Why: " in page(link).text
