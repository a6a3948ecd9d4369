"""A small real snapshot, published once, and a store over it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.store import Limits
from graph.store.embedded import EmbeddedStore
from graph.store.snapshots import publish

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL = Path(__file__).resolve().parent.parent / "data" / "small.trig"


@pytest.fixture(scope="session")
def small_nquads() -> bytes:
    """The small dataset as N-Quads."""
    return ox.serialize(ox.parse(path=str(SMALL)), format=ox.RdfFormat.N_QUADS)


@pytest.fixture(scope="session")
def small_home(small_nquads: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with the small dataset published; to be read only."""
    home = tmp_path_factory.mktemp("home")
    publish(home, small_nquads, {"shacl": {"results": 0, "violations": 0, "warnings": 0}})
    return home


@pytest.fixture(scope="session")
def store(small_home: Path) -> Iterator[EmbeddedStore]:
    """A store over the small dataset with tight limits."""
    limits = Limits(timeout=2, memory=256, workers=2, result_bytes=4 * 1024 * 1024)
    with EmbeddedStore(small_home, limits) as opened:
        yield opened
