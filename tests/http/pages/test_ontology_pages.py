"""The ontology's pages: header, trees, search, and a page for each term."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient


def test_the_header_counts_what_there_is(page: Callable) -> None:
    """Terms by type, axioms, and where to download it."""
    shown = page("/page/ontology")
    assert "Classes 5 Object properties 3" in shown.text
    assert "Defined classes 2" in shown.text
    endings = ("ttl", "jsonld", "nt", "rdf")
    assert {f"/data/ontology.{ending}" for ending in endings} <= set(shown.links)


def test_classes_stand_in_a_tree_with_their_use(page: Callable) -> None:
    """A narrower class stands in its wider one, with its number of things and its definition."""
    shown = page("/page/ontology")
    assert re.search(r"thing .*drug 2 A substance given to treat a disease\.", shown.text)
    assert shown.text.index("thing") < shown.text.index("A substance given")
    assert "treats 1" in shown.text


def test_a_search_needs_no_script(page: Callable) -> None:
    """Every word counts, in labels, names and definitions; what is not found is said."""
    found = page("/page/ontology?q=TREAT+disease")
    assert "1 term with" in found.text
    assert "/page/ontology/Drug" in found.links
    assert "/page/ontology/Condition" not in found.links
    assert "2 terms with" in page("/page/ontology?q=condition").text
    assert "No class or property has these words" in page("/page/ontology?q=qqqq").text


def test_a_search_is_shown_as_text(client: FlaskClient) -> None:
    """Markup in a query is escaped wherever the page repeats it."""
    html = client.get("/page/ontology?q=%3Cb%3E%22drug").text
    assert "&lt;b&gt;&#34;drug" in html
    assert "<b>" not in html


def test_a_class_has_its_axioms_and_things(page: Callable) -> None:
    """Manchester Syntax with links, the things of the class, and queries filled in."""
    shown = page("/page/ontology/HER2NegativeCondition")
    assert "EquivalentTo condition and (has status value HER2-negative)" in shown.text
    assert "/page/biomarker-status/her2-negative" in shown.links
    assert "Things of this class 1 HER2-negative breast cancer" in shown.text
    assert any(link.startswith("/sparql?query=") and "HER2NegativeCondition" in link for link in shown.links)


def test_a_class_shows_what_is_around_it(page: Callable) -> None:
    """The path from the root, what is right below, properties of it, and terms whose axioms name it."""
    assert "Right below condition 2 drug 2" in page("/page/ontology/Thing").text
    shown = page("/page/ontology/Condition")
    assert "Ontology thing condition" in shown.text
    assert "Properties of it 1" in shown.text
    assert "Terms whose axioms name it 3 has status HER2-negative condition thing" in shown.text


def test_a_general_axiom_stands_with_the_class_it_ends_in(page: Callable) -> None:
    """An axiom that begins with an expression is told in full."""
    assert "General axioms treats some condition SubClassOf thing" in page("/page/ontology/Thing").text


def test_a_property_shows_its_ends_and_use(page: Callable) -> None:
    """Domain, number of triples, and queries for more."""
    shown = page("/page/ontology/hasStatus")
    assert "Domain condition" in shown.text
    assert "1 triple." in page("/page/ontology/treats").text
    assert "Its most frequent values" in shown.text


@pytest.mark.parametrize("kind", ["class", "property"])
def test_the_queries_of_a_term_run(client: FlaskClient, kind: str) -> None:
    """Each query that a page offers has an answer."""
    html = client.get("/page/ontology/" + {"class": "Drug", "property": "treats"}[kind]).text
    addresses = re.findall(r'href="(/sparql\?query=[^"]+)"', html)
    assert len(addresses) == 3
    for address in addresses:
        assert client.get(address.replace("&amp;", "&"), headers={"Accept": "text/csv"}).status_code == 200


def test_the_ontology_is_read_once_for_a_version(pages_app: Flask, client: FlaskClient) -> None:
    """A second request finds what the first one read."""
    client.get("/page/ontology")
    read = pages_app.extensions["ontology"]
    client.get("/page/ontology/Drug")
    assert pages_app.extensions["ontology"] is read
