"""The ontology's pages in a browser: trees by keyboard, the drawing on a telephone, contrast in the dark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

ADDRESSES = {
    "ontology": "/page/ontology",
    "found": "/page/ontology?q=hormone+receptor",
    "class": "/page/ontology/Drug",
    "property": "/page/ontology/inhibits",
}


def test_a_term_is_found_opened_and_left_upwards(tab: Page) -> None:
    """Search, open, and follow the path to what is wider."""
    tab.goto("/page/ontology")
    tab.get_by_label("Find a class or property").fill("triple-negative")
    tab.get_by_role("button", name="Find").click()
    tab.get_by_role("link", name="triple-negative condition").click()
    assert tab.locator("h1").inner_text() == "triple-negative condition"
    assert "and" in tab.locator(".axioms .manchester").first.inner_text()
    tab.locator(".path a").last.click()
    tab.wait_for_url(re.compile(r"/page/ontology/\w+Condition$"))


def test_a_branch_opens_by_keyboard(tab: Page) -> None:
    """Enter on a closed branch shows what is below it."""
    tab.goto("/page/ontology")
    way = tab.locator("summary", has_text="below condition")
    hidden = tab.locator("details", has=way).last.locator("li").first
    assert not hidden.is_visible()
    way.focus()
    tab.keyboard.press("Enter")
    assert hidden.is_visible()


def test_the_drawing_is_there_and_scrolls_in_itself(tab: Page) -> None:
    """On a telephone it keeps its size, is scrolled by keyboard, and its boxes are links."""
    tab.set_viewport_size({"width": 360, "height": 740})
    tab.goto("/page/ontology")
    drawing = tab.locator(".drawing")
    assert drawing.evaluate("node => node.scrollWidth > node.clientWidth")
    drawing.focus()
    tab.keyboard.press("ArrowRight")
    drawing.evaluate(
        "node => new Promise(done => {"
        " const look = () => node.scrollLeft > 0 ? done() : requestAnimationFrame(look); look() })"
    )
    drawing.locator("a", has_text=re.compile("^Statement$")).click()
    tab.wait_for_url(re.compile(r"/page/ontology/Statement$"))


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_every_page_fits_a_telephone(tab: Page, address: str) -> None:
    """At 360 px no page scrolls sideways, also with all branches open."""
    tab.set_viewport_size({"width": 360, "height": 740})
    tab.goto(address)
    tab.evaluate("document.querySelectorAll('details').forEach(branch => { branch.open = true })")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("tab", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_axe_finds_nothing(tab: Page, address: str) -> None:
    """Nor in what is folded, nor in dark mode."""
    tab.goto(address)
    tab.evaluate("document.querySelectorAll('details').forEach(branch => { branch.open = true })")
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(tab).response["violations"]
    assert [(fault["id"], [node["html"][:200] for node in fault["nodes"][:3]]) for fault in found] == []
