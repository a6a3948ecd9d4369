"""Large answers on their way out: no faster than the client takes them, no longer than it takes any, and all
of them within a bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graph.errors import StoreUnavailable

if TYPE_CHECKING:
    from server.sparql.reply import Reply
    from server.visits import Visit

LARGE: Final = 1 << 20
"""Bytes from which on an answer is counted and sent in this way."""

PIECE: Final = 1 << 20
"""Bytes that a client must take in the time it has for that: one that takes fewer is cut off."""


class Room:
    """The bytes that all large answers together may take while they are sent; for one event loop."""

    def __init__(self, total: int) -> None:
        self.total, self.used = total, 0

    def take(self, size: int) -> None:
        """Count an answer in; StoreUnavailable where it would be too much beside others."""
        if self.used and self.used + size > self.total:
            raise StoreUnavailable(
                f"Large results of {self.used:,} bytes are being sent already; with {size:,} bytes more it "
                f"would be more than the {self.total:,} bytes there are for that.",
                mend="Try again later, or ask for it in pieces by ORDER BY, LIMIT and OFFSET.",
            )
        self.used += size

    def give(self, size: int) -> None:
        """Count it out."""
        self.used -= size


async def stream(visit: Visit, reply: Reply) -> None:
    """Send a large reply; its length goes first, so that a connection which breaks is seen to.

    Returns when the client has nearly all, or raises `server.connection.CutError`.
    """
    size = len(reply.body)
    visit.begin(reply.status, (*reply.headers, *reply.own), size)
    for start in range(0, size, PIECE):
        piece = reply.body[start : start + PIECE]
        await visit.connection.send(piece)
        visit.length += len(piece)
    visit.connection.end()
