"""The home page and the lists."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient


def test_the_home_page_tells_what_there_is(page: Callable) -> None:
    """Figures are those of the snapshot, statements are counted by kind, the largest first."""
    home = page("/")
    assert "Documents 2 Statements 7 Drugs 2 Conditions 2" in home.text
    assert "indication 4 approval 1" in home.text
    assert "not medical advice" in home.text


def test_the_example_question_is_one_click_away_and_runs(page: Callable) -> None:
    """The link of the home page opens the query page with a result, not an error."""
    address = next(link for link in page("/").links if link.startswith("/sparql?query="))
    assert "ESR1" in parse_qs(urlsplit(address).query)["query"][0]
    asked = page(address)
    assert "error-title" not in asked.ids
    assert "No solution" in asked.text


def test_every_link_of_the_home_page_leads_somewhere(page: Callable, client: FlaskClient) -> None:
    """No internal address of the home page answers with an error."""
    links = [link for link in page("/").links if link.startswith("/")]
    assert len(links) > 15
    assert {link: client.get(link).status_code for link in links if client.get(link).status_code >= 400} == {}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("drug", "palbociclib 4 A drug that stops cells from dividing."),
        ("condition", "HER2-negative breast cancer 3"),
        ("document", "A text that is not here"),
        ("indication", "negated chemotherapy is not used for every <cancer> & more"),
        (
            "approval",
            "is approved for HER2-negative breast cancer by Food and Drug Administration dated January 2023",
        ),
        ("regimen", "There are none."),
        ("support", "No document states anything of this kind."),
    ],
)
def test_every_kind_can_be_browsed(page: Callable, kind: str, words: str) -> None:
    """Things and statements have lists; an empty one says so."""
    assert words in page(f"/browse/{kind}").text


def test_a_kind_that_is_none_is_not_found(page: Callable) -> None:
    """The page says what was asked for, escaped."""
    assert "<script>" in page("/browse/<script>", 404).text


def test_a_list_goes_on_after_a_name(page: Callable) -> None:
    """`after` leaves out what stands before it."""
    shown = page("/browse/drug?after=elacestrant zzz").text
    assert "palbociclib" in shown
    assert "elacestrant" not in shown
