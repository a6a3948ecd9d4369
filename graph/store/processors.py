"""Which processors the server, short and long queries run on.

That a long query comes last at its processor is not enough: whoever wakes on one that is in use may have to
wait for the next tick of its clock, or two (measured: 4 to 8 ms, for an answer that takes 1). So as long as a
query goes on and on, it and all long ones have processors of their own, and short ones, with the server, the
others. Linux only; elsewhere, and on one processor, all run everywhere.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Iterator

    from graph.store.process import Worker

HOLD: Final = 2.0
"""Seconds for which long queries are still kept apart when the last that went on and on has ended: who sends
such queries sends more of them.
"""

Set = frozenset[int]
"""The numbers of some processors."""


class Processors:
    """The processors of this process, and how they are divided: at most half, and at most `long` of them, are
    for long queries.
    """

    def __init__(self, long: int) -> None:
        own = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
        some = min(long, len(own) // 2)
        self.all: Set = frozenset(own)
        self.short: Set = frozenset(own[: len(own) - some])
        self.long: Set = frozenset(own[len(own) - some :])

    @property
    def divisible(self) -> bool:
        """Whether there are processors for both."""
        return bool(self.long)

    def keep_process(self, where: Set) -> None:
        """Have all threads of this process run there."""
        for thread in threads():
            keep(thread, where)


class Division:
    """Whether long queries have processors of their own (`made`), and where each worker runs.

    They have as long as there is a query that goes on and on, and for `HOLD` seconds more. `workers` tells
    all that there are, and whether each has a long query. Without processors that can be divided, nothing
    happens.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        processors: Processors | None,
        workers: Callable[[], Iterable[tuple[Worker, bool]]],
    ) -> None:
        self._loop = loop
        self._processors = processors if processors is not None and processors.divisible else None
        self._workers = workers
        self._enduring: set[Worker] = set()
        self._calm: asyncio.TimerHandle | None = None  # when it is to end
        self.made = False

    def place(self, worker: Worker, *, long: bool) -> None:
        """Have a worker run where its query may."""
        if (those := self._processors) is not None:
            worker.run_on(those.all if not self.made else those.long if long else those.short)

    def begin(self, worker: Worker) -> None:
        """A worker's query goes on and on."""
        self._enduring.add(worker)
        self._change(True)

    def leave(self, worker: Worker) -> None:
        """A worker's query has ended, whichever it was."""
        if worker in self._enduring:
            self._enduring.remove(worker)
            if not self._enduring:
                self._calm = self._loop.call_later(HOLD, self._change, False)

    def end(self) -> None:
        """Have everything run everywhere from now on."""
        self._change(False)

    def _change(self, made: bool) -> None:
        if self._calm is not None:
            self._calm.cancel()
            self._calm = None
        if self._processors is None or made == self.made:
            return
        self.made = made
        self._processors.keep_process(self._processors.short if made else self._processors.all)
        for worker, long in self._workers():
            self.place(worker, long=long)


def threads() -> Iterator[int]:
    """The threads of this process."""
    return (int(thread.name) for thread in Path("/proc/self/task").iterdir())


def keep(thread: int, where: Set) -> None:
    """Have a thread (0: the one that calls) run on these processors; a process is its main thread.

    What it starts runs there too. Nothing happens where the system does not have it so.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.sched_setaffinity(thread, where)
