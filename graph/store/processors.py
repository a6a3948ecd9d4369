"""Which processors short and long queries run on, while there are long ones.

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
        for thread in Path("/proc/self/task").iterdir():
            keep(int(thread.name), where)


def several() -> bool:
    """Whether this process may use more than one processor."""
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return own > 1


def keep(thread: int, where: Set) -> None:
    """Have a thread (0: the one that calls) run on these processors; a process is its main thread.

    What it starts runs there too. Nothing happens where the system does not have it so.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.sched_setaffinity(thread, where)
