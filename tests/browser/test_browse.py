"""What people do with the pages, in a browser, without any script: search, open, read the evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

ADDRESSES = {
    "home": "/",
    "things": "/browse/drug",
    "documents": "/browse/document",
    "statements": "/browse/indication",
    "search": "/search?q=breast+cancer",
    "no hits": "/search?q=qqqq",
    "drug": "/page/drug/palbociclib",
    "condition": "/page/condition/her2-negative-breast-cancer",
    "ontology": "/page/ontology",
    "class": "/page/ontology/TripleNegativeCondition",
    "query page": "/sparql",
    "dataset": "/.well-known/void",
    "examples": "/.well-known/sparql-examples",
    "for programs": "/api",
    "result": "/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%2020",
    "query error": "/sparql?query=SELECT%20*%20%7B%0A%20%3Fs%20%3Fp%20%7D",
    "not found": "/page/drug/no-such-drug",
}


def follow(tab: Page, selector: str) -> None:
    """Click the first link that fits, and be on another page."""
    tab.locator(selector).first.click()
    tab.wait_for_load_state()


def test_a_drug_is_searched_for_opened_and_its_evidence_read(tab: Page) -> None:
    """From the home page to the sentence a statement rests on, marked in its document."""
    tab.goto("/")
    assert tab.locator("h1").count() == 1
    tab.get_by_label("Search for a drug").fill("palbociclib")
    tab.get_by_role("button", name="Search").click()
    tab.get_by_role("link", name="palbociclib", exact=True).click()
    assert tab.locator("h1").inner_text() == "palbociclib"
    source = tab.locator(".sources > li", has_text=re.compile("palbociclib", re.IGNORECASE)).first
    quote = source.locator("blockquote").inner_text()
    assert "palbociclib" in quote.lower()
    source.locator(".cite a").click()
    tab.wait_for_url(re.compile(r"/document/[0-9a-f]{16}.*#e-\d+-\d+$"))
    marked = tab.locator("mark:target")
    assert marked.count() == 1
    assert marked.is_visible()
    shown = " ".join(re.sub(r"\d+", "", marked.inner_text()).split())
    assert " ".join(re.sub(r"\d+", "", quote).split())[:40].split(",")[0] in shown


def test_a_note_of_the_text_leads_to_its_statement(tab: Page) -> None:
    """The numbers in the text are links to the statements beside it, which lead on to their things."""
    tab.goto("/browse/document")
    follow(tab, "tbody th a:has-text('Living with advanced')")
    tab.locator("a.note-ref").first.click()
    noted = tab.locator(".numbered > li:target")
    assert noted.count() == 1
    noted.locator("a.chip").first.click()
    tab.wait_for_url(re.compile(r"/page/"))


def test_the_example_question_has_an_answer(tab: Page) -> None:
    """The question of the home page runs on the query page."""
    tab.goto("/")
    tab.get_by_role("link", name="Ask it in SPARQL").click()
    assert tab.get_by_role("heading", name=re.compile("Result")).is_visible()
    assert "elacestrant" in tab.locator("table.results").inner_text()


def test_everything_can_be_reached_by_keyboard(tab: Page) -> None:
    """The first Tab shows the way past the head; a search and its first hit need no mouse."""
    tab.goto("/")
    tab.keyboard.press("Tab")
    focused = tab.locator(":focus")
    assert focused.inner_text() == "Skip to the content"
    assert focused.bounding_box()["y"] >= 0
    tab.keyboard.press("Enter")
    assert tab.url.endswith("#main")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.id") == "home-q"
    tab.keyboard.type("palbociclib")
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile(r"/search\?q=palbociclib"))
    for _ in range(30):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.className") == "hit":
            break
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile(r"/page/drug/palbociclib"))


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_no_page_scrolls_sideways_on_a_telephone(tab: Page, address: str) -> None:
    """At 360 px wide tables scroll within themselves, the page does not; nor does a text."""
    tab.set_viewport_size({"width": 360, "height": 740})
    tab.goto(address)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    if address == ADDRESSES["documents"]:
        follow(tab, "tbody th a")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_no_page_has_a_fault_of_accessibility(tab: Page, address: str) -> None:
    """Axe finds nothing; nor on a document and a statement."""
    tab.goto(address)
    faults(tab)
    if address == ADDRESSES["documents"]:
        follow(tab, "tbody th a")
        faults(tab)
        follow(tab, ".permalink")
        faults(tab)


@pytest.mark.parametrize("tab", ["dark"], indirect=True)
@pytest.mark.parametrize("name", ["home", "drug", "documents", "query error"])
def test_colours_hold_in_the_dark(tab: Page, name: str) -> None:
    """Axe, which measures contrast, finds nothing in dark mode either."""
    tab.goto(ADDRESSES[name])
    faults(tab)
    if name == "documents":
        follow(tab, "tbody th a")
        faults(tab)


def faults(tab: Page) -> None:
    """Have axe look at the page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(tab).response["violations"]
    assert [(fault["id"], [node["html"][:200] for node in fault["nodes"][:3]]) for fault in found] == [], (
        tab.url
    )


@pytest.mark.parametrize(
    ("address", "folded"), [("/api", ".operation-body"), ("/.well-known/sparql-examples", "details pre")]
)
def test_what_is_folded_is_printed(tab: Page, address: str, folded: str) -> None:
    """Paper cannot be opened; the examples beside the query page are left folded."""
    tab.goto(address)
    assert not tab.locator(folded).first.is_visible()
    tab.emulate_media(media="print")
    assert tab.locator(folded).first.is_visible()
    tab.goto("/sparql")
    assert not tab.locator("#examples details:not([open]) li").first.is_visible()
