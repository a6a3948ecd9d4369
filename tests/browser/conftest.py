"""A site that is built and served by the commands, and Debian's Chromium to look at it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.serving import her2kg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = Path(os.environ.get("HER2KG_CHROMIUM") or "/usr/bin/chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder drives the browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser; where there is none the tests are skipped, in continuous integration they fail."""
    if not CHROMIUM.is_file():
        reason = f"no Chromium at {CHROMIUM} (HER2KG_CHROMIUM says where it is)"
        (pytest.fail if os.environ.get("HER2KG_CI") else pytest.skip)(reason)
    return CHROMIUM


@pytest.fixture(scope="session")
def site(chromium: Path, built: Path) -> Iterator[str]:
    """The address of `her2kg serve` over what `her2kg build` made of the samples; it ends when told to."""
    with her2kg(built) as server:
        yield server.address.rstrip("/")


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """One Chromium for all tests of a file: as long as it is there, no event loop can run in this thread."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(params=["light"])
def tab(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """A page of the browser; when the test ends, nothing may have gone wrong in it or left the site."""
    context = browser.new_context(
        base_url=site, viewport={"width": 1280, "height": 900}, color_scheme=request.param
    )
    opened = context.new_page()
    faults: list[str] = []
    hosts: set[str] = set()
    opened.on("console", lambda message: faults.append(message.text) if message.type != "log" else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda sent: hosts.add(urlsplit(sent.url).netloc))
    opened.set_default_timeout(15_000)
    yield opened
    context.close()
    expected = re.compile(r"Failed to load resource: .* status of 40[04]")
    assert [fault for fault in faults if not expected.match(fault)] == []
    assert hosts <= {urlsplit(site).netloc}
