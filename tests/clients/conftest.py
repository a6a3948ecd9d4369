"""A server that really runs, for clients that no one here wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.store.snapshots import publish
from tests.serving import her2kg

if TYPE_CHECKING:
    from collections.abc import Iterator

TERMS = Path(__file__).with_name("terms.trig")
SMALL = Path(__file__).resolve().parent.parent / "data" / "small.trig"


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an endpoint over the small dataset and `terms.trig`."""
    home = tmp_path_factory.mktemp("clients")
    quads = [*ox.parse(path=str(SMALL)), *ox.parse(path=str(TERMS))]
    publish(home, ox.serialize(quads, format=ox.RdfFormat.N_QUADS))
    with her2kg(home, "--query-timeout", "5") as server:
        yield server.address + "sparql"


@pytest.fixture(scope="session")
def terms() -> dict[str, ox.Literal]:
    """The literals of `terms.trig` by the IRI of what has them."""
    quads = list(ox.parse(path=str(TERMS)))
    found = {quad.subject.value: quad.object for quad in quads if isinstance(quad.object, ox.Literal)}
    assert len(found) == len(quads) - 1 == 21
    return found
