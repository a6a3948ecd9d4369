"""Answers that were given already, by the request's own bytes: a hit is answered before anything is read."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Hashable

    from server.sparql.reply import Reply

ENTRY_BYTES: Final = 1 << 20
TOTAL_BYTES: Final = 64 << 20
OVERHEAD: Final = 1024
"""Bytes that an entry costs beside its body, about."""


class Cache:
    """The replies of one snapshot, the least recently used dropped first; for one event loop.

    A reply belongs to the version that was current when it was made: `at` empties the cache when that has
    changed.
    """

    def __init__(self, total: int = TOTAL_BYTES, entry: int = ENTRY_BYTES) -> None:
        self._entries: OrderedDict[Hashable, Reply] = OrderedDict()
        self._version = ""
        self._bytes = 0
        self._total, self._entry = total, entry
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes(self) -> int:
        """What the entries cost, about."""
        return self._bytes

    def at(self, version: str) -> None:
        """The version that is served now."""
        if version != self._version:
            self._entries.clear()
            self._version, self._bytes = version, 0

    def get(self, key: Hashable) -> Reply | None:
        """What was replied to this request before."""
        reply = self._entries.get(key)
        if reply is None:
            self.misses += 1
            return None
        self.hits += 1
        self._entries.move_to_end(key)
        return reply

    def holds(self, *beginning: Hashable) -> bool:
        """Whether there is a reply to a request whose key begins so; to be asked from any thread."""
        length = len(beginning)
        return any(isinstance(key, tuple) and key[:length] == beginning for key in [*self._entries])

    def put(self, key: Hashable, reply: Reply, version: str) -> None:
        """Keep a reply, if it may be kept: whole, repeatable, for all hosts, not too large, and of the
        current version.
        """
        if reply.etag is None or not reply.shared or reply.status != 200 or version != self._version:
            return
        if not isinstance(reply.body, bytes) or len(reply.body) > self._entry:
            return
        if (known := self._entries.pop(key, None)) is not None:
            self._bytes -= len(known.body) + OVERHEAD
        self._entries[key] = reply
        self._bytes += len(reply.body) + OVERHEAD
        while self._bytes > self._total:
            _, dropped = self._entries.popitem(last=False)
            self._bytes -= len(dropped.body) + OVERHEAD
