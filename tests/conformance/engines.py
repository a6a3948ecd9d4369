"""The two servers that are asked: this project's, and Oxigraph's own, both really running."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import httpx
import pyoxigraph as ox

from graph.store.snapshots import keep, publish
from tests import serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SMALL: Final = Path(__file__).resolve().parent.parent / "data" / "small.trig"
EMPTY: Final = "http://kasei.us/2009/09/sparql/data/data0.rdf"
"""A graph that the protocol's tests name and that has no triple."""


class Engine(Protocol):
    """A server, and where it answers queries over a dataset."""

    name: str

    def serve(self, quads: Sequence[ox.Quad]) -> str:
        """The address of an endpoint over exactly these quads."""
        ...


class Her2kg:
    """Our server; every dataset is a snapshot of its own, asked by its version."""

    name = "her2kg"

    def __init__(self, home: Path, address: str) -> None:
        self._home, self.address = home, address
        self._known: dict[str, str] = {}

    def serve(self, quads: Sequence[ox.Quad]) -> str:
        """Write the dataset beside those there are."""
        key = "\n".join(sorted(map(str, quads)))
        if key not in self._known:
            self._known[key] = keep(self._home, quads, [EMPTY]).version
        return f"{self.address}release/{self._known[key]}/sparql"


class Oxigraph:
    """Oxigraph's server; its one dataset is replaced."""

    name = "Oxigraph"

    def __init__(self, address: str) -> None:
        self._address = address
        self._client = httpx.Client(timeout=20)

    def serve(self, quads: Sequence[ox.Quad]) -> str:
        """Replace what it has."""
        body = ox.serialize(quads, format=ox.RdfFormat.N_QUADS)
        answer = self._client.put(
            self._address + "store", content=body, headers={"Content-Type": "application/n-quads"}
        )
        assert answer.is_success, answer.text
        return self._address + "query"


@contextlib.contextmanager
def her2kg(folder: Path) -> Iterator[Her2kg]:
    """Our server, as `her2kg serve` starts it."""
    publish(folder, ox.serialize(ox.parse(path=str(SMALL)), format=ox.RdfFormat.N_QUADS) or b"")
    with serving.her2kg(folder) as server:
        yield Her2kg(folder, server.address)


@contextlib.contextmanager
def oxigraph() -> Iterator[Oxigraph]:
    """Oxigraph's own server, from its package."""
    with serving.oxigraph() as server:
        yield Oxigraph(server.address)
