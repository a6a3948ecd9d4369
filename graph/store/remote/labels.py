"""The text index of a remote store: made here, of the names and definitions there, once a version."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from graph.errors import StoreUnavailable
from graph.store import search
from graph.store.remote.layout import UNION
from graph.store.remote.service import Question
from graph.store.search import COLUMNS, TextIndex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.store.remote.service import Body, Service

KEPT: Final = 3
"""Indexes that are kept: of the version served, and of those before it."""

MAX_BYTES: Final = 1 << 30
NAMES: Final = "CONSTRUCT {{ ?thing <{name}> ?text }} WHERE {{ ?thing <{name}> ?text }}"


async def index(service: Service, home: Path, version: str, seconds: float) -> TextIndex:
    """The index of a version, from the folder `home` or else made anew; StoreUnavailable when the names are
    cut off.
    """
    path = home / f"{version}.sqlite"
    if not path.is_file():
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        bodies = []
        for name in COLUMNS:
            query = NAMES.format(name=name)
            bodies.append(await service.ask(Question(query, "graph", (UNION,), (), deadline, MAX_BYTES)))
        try:
            await loop.run_in_executor(None, _built, path, bodies)
        except SyntaxError as error:
            raise StoreUnavailable(
                "The names in the remote store cannot be read.", mend="Try again later."
            ) from error
    return TextIndex(path)


def _built(path: Path, bodies: Iterable[Body]) -> None:
    quads = []
    for body in bodies:
        triples = [*ox.parse(body.content, ox.RdfFormat.N_TRIPLES)]
        if body.rows is not None and len(triples) >= body.rows:
            raise StoreUnavailable(
                f"The remote store gives {body.rows:,} rows at most, and has more names than that.",
                mend="Whoever runs it: raise that limit.",
            )
        quads += triples
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".tmp-") as folder:
        fresh = Path(folder) / path.name
        search.build(fresh, quads)
        fresh.replace(path)
    known = sorted(path.parent.glob("*.sqlite"), key=lambda file: file.stat().st_mtime)
    for old in known[:-KEPT]:
        old.unlink(missing_ok=True)
