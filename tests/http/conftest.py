"""The application over a small real snapshot, by Flask's own client."""

from __future__ import annotations

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
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient

SMALL = Path(__file__).resolve().parent.parent / "data" / "small.trig"


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with the small dataset published; to be read only."""
    home = tmp_path_factory.mktemp("home")
    publish(home, ox.serialize(ox.parse(path=str(SMALL)), format=ox.RdfFormat.N_QUADS))
    return home


@pytest.fixture(scope="session")
def store(small_home: Path) -> Iterator[EmbeddedStore]:
    """A store over the small dataset with tight limits."""
    limits = Limits(timeout=2, memory=256, workers=2, result_bytes=1024 * 1024)
    with EmbeddedStore(small_home, limits) as opened:
        yield opened


@pytest.fixture(scope="session")
def app(small_home: Path, store: EmbeddedStore) -> Flask:
    """The application."""
    return create_app(Settings(home=small_home), store)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the application."""
    return app.test_client()
