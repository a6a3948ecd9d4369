"""How many questions a remote store is asked at a time, and whose turn it is."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from graph.errors import StoreUnavailable, TooManyQueries
from graph.store.queues import FairQueue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from graph.store import Limits

LATER: Final = "Try again later."


@dataclass(eq=False, slots=True)
class Waiting:
    """A question that waits for its turn."""

    client: str
    turn: asyncio.Future[None]


class Gate:
    """At most `slots` questions at a time; clients take turns, and none has all of them.

    The client "" is this program itself, which has no share to keep to.
    """

    def __init__(self, limits: Limits) -> None:
        self.slots = limits.workers + limits.slow
        self._limits = limits
        self._share = max(1, self.slots - 2)
        self._running: dict[str, int] = {}
        self._queue: FairQueue[Waiting] = FairQueue()
        self.busy = 0

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)

    @asynccontextmanager
    async def turn(self, client: str, deadline: float) -> AsyncIterator[None]:
        """Hold a slot for the block. Raises StoreUnavailable or TooManyQueries."""
        await self._enter(client, deadline)
        try:
            yield
        finally:
            self._leave(client)

    async def _enter(self, client: str, deadline: float) -> None:
        if self.busy < self.slots and self._may(client) and not self._queue:
            self._take(client)
            return
        if len(self._queue) >= self._limits.waiting:
            raise StoreUnavailable("Too many queries are waiting already.", mend=LATER)
        if client and self._queue.of(client) >= self._limits.client_waiting:
            raise TooManyQueries(
                f"{self._limits.client_waiting} queries of yours are waiting already.",
                mend="Wait for their answers.",
            )
        loop = asyncio.get_running_loop()
        item = Waiting(client, loop.create_future())
        self._queue.push(item)
        self._admit()
        try:
            async with asyncio.timeout_at(deadline):
                await item.turn
        except BaseException as error:
            if not self._queue.remove(item) and not item.turn.cancelled():
                self._leave(client)  # it had its turn just then
            if isinstance(error, TimeoutError):
                busy = "The remote store was busy for the whole time the query had."
                raise StoreUnavailable(busy, mend=LATER) from None
            raise

    def _may(self, client: str) -> bool:
        return not client or self._running.get(client, 0) < self._share

    def _take(self, client: str) -> None:
        self.busy += 1
        self._running[client] = self._running.get(client, 0) + 1

    def _leave(self, client: str) -> None:
        self.busy -= 1
        self._running[client] -= 1
        if not self._running[client]:
            del self._running[client]
        self._admit()

    def _admit(self) -> None:
        """Let in whom there is a slot for; who has his share already does not hold up the others."""
        while self.busy < self.slots:
            item = self._queue.pop_where(lambda waiting: self._may(waiting.client))
            if item is None:
                return
            self._take(item.client)
            item.turn.set_result(None)
