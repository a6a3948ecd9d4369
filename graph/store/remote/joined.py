"""Asking the same once for all who want to know it as it is after they asked."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


class Joined(Generic[T]):
    """Shared work, one piece at a time: whoever asks is answered by work that begins after he asked."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._work = work
        self._running: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def ask(self) -> T:
        """The outcome; cancelling this leaves the work to the others who wait for it."""
        if self._next is not None:
            task = self._next
        elif self._running is not None and not self._running.done():
            task = self._next = self._task(self._after(self._running))
        else:
            task = self._running = self._task(self._work())
        return await asyncio.shield(task)

    def cancel(self) -> list[asyncio.Task[T]]:
        """Give up all work; the tasks that were at it."""
        tasks = [task for task in (self._running, self._next) if task is not None]
        for task in tasks:
            task.cancel()
        return tasks

    async def _after(self, before: asyncio.Task[T]) -> T:
        await asyncio.wait([before])
        self._running, self._next = self._next, None
        return await self._work()

    @staticmethod
    def _task(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(
            lambda done: done.cancelled() or done.exception()
        )  # somebody may have stopped waiting
        return task
