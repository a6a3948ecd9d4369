"""Whether a query can be read, and where not, by the parser that the embedded store has: its errors are the
same.
"""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from graph.errors import NotAcceptable, QueryError
from graph.files import BASE
from graph.store import Limits
from graph.store.embedded import EmbeddedStore
from graph.store.snapshots import publish

if TYPE_CHECKING:
    import asyncio

REMEMBERED: Final = 1024
LONGEST: Final = 8192
SECONDS: Final = 5.0
SEED: Final = f'<{BASE}> <http://www.w3.org/2000/01/rdf-schema#comment> "for parsing" <{BASE}graph/meta> .\n'
"""A snapshot is never empty; this one has nothing in its default graph."""


class Parser:
    """An embedded store with nothing in it: a query it can read is one it finds nothing with.

    Reading a hostile query can exhaust a stack, or the memory; that happens in a process of its own.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="her2kg-parser-")
        home = Path(self._home.name)
        publish(home, SEED.encode())
        self._store = EmbeddedStore(home, Limits(timeout=SECONDS, memory=256, workers=1), loop=loop)
        self._known: OrderedDict[str, None] = OrderedDict()

    async def check(self, query: str, client: str) -> None:
        """Raise the QueryError for a query that cannot be read.

        Nothing passes that has not been read: raises QueryTimeout or QueryOutOfMemory for what takes too much
        even over nothing, TooManyQueries or StoreUnavailable when it was not the query's turn.
        """
        if query in self._known:
            self._known.move_to_end(query)
            return
        try:
            await self._store.answer(query, solutions=None, triples=None, client=client)
        except NotAcceptable:  # it was read, and nobody wanted its answer
            pass
        except QueryError as error:
            if error.line is not None or "evaluated" not in error.what:
                raise
        if len(query) <= LONGEST:
            self._known[query] = None
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def close(self) -> None:
        """End its process."""
        self._store.close()
        self._home.cleanup()
