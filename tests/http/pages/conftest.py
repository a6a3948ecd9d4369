"""A site over the snapshot of `tests/data/pages.trig`, which holds the text of one of its two documents."""

from __future__ import annotations

import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.store import Limits
from graph.store.embedded import EmbeddedStore
from graph.store.snapshots import publish
from server import create_app
from server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient

DATA = Path(__file__).resolve().parents[2] / "data"
DOCUMENT = "d5a0fd86c5bb0283"
AWAY = "2222222222222222"
BLOCKS = frozenset("dd div dt h1 h2 h3 li p section summary td th".split())  # noqa: SIM905


@pytest.fixture(scope="session")
def pages_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    """A store over the pages' snapshot."""
    home = tmp_path_factory.mktemp("pages-home")
    nquads = ox.serialize(ox.parse(path=str(DATA / "pages.trig")), format=ox.RdfFormat.N_QUADS)
    publish(
        home,
        nquads,
        {
            "statements": {
                DOCUMENT: {"Indication": 3, "Naming": 1, "Mechanism": 1},
                AWAY: {"Indication": 1, "Approval": 1},
            },
            "documents": {
                DOCUMENT: {"name": "pages.txt", "sha256": DOCUMENT, "length": 238, "sample": True},
                AWAY: {"name": "away.txt", "sha256": AWAY, "length": 30_000, "sample": False},
            },
        },
    )
    with EmbeddedStore(home, Limits(timeout=20, memory=512, workers=1)) as opened:
        yield opened


@pytest.fixture(scope="session")
def pages_app(pages_store: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The site, with the folder of texts beside files that are none."""
    folder = tmp_path_factory.mktemp("texts")
    shutil.copy(DATA / "pages.txt", folder)
    (folder / "binary.txt").write_bytes(b"\xff\xfe\x00")
    (folder / "empty.txt").touch()
    (folder / "a-folder").mkdir()
    app = create_app(Settings(documents=folder), pages_store)
    app.testing = True
    return app


@pytest.fixture
def client(pages_app: Flask) -> FlaskClient:
    """A browser's requests."""
    client = pages_app.test_client()
    client.environ_base["HTTP_ACCEPT"] = "text/html,application/xhtml+xml,*/*;q=0.8"
    return client


@pytest.fixture
def program(pages_app: Flask) -> FlaskClient:
    """Requests without an Accept header."""
    return pages_app.test_client()


class Page(HTMLParser):
    """A page as tests look at it: `text` as it is read, `links`, the `ids`, and the `elements` by name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element, its address and its id; a block begins a word."""
        found = dict(attrs)
        if tag in BLOCKS:
            self.words.append(" ")
        self.elements.append((tag, found))
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))
        if found.get("id"):
            self.ids.append(str(found["id"]))

    def handle_data(self, data: str) -> None:
        """Note the words."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """The words of the page, with single spaces."""
        return " ".join("".join(self.words).split())


@pytest.fixture
def page(client: FlaskClient) -> Callable[..., Page]:
    """Open a page and read it; it has the status that is said, 200 if none is."""

    def opened(address: str, status: int = 200) -> Page:
        response = client.get(address)
        assert response.status_code == status, address
        assert response.mimetype == "text/html"
        return Page(response.text)

    return opened
