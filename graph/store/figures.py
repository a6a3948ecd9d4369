"""What a store with workers of its own can tell of them, for whoever watches it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

PAGE: Final = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts since the start, but for `parked` (long queries that wait now) and `memory` (bytes now).

    Workers were `started`; in `ends` some were `killed` over a query that overran or that nobody waited for
    any more, some `ended` by themselves, after a large query or by a fault, some were `replaced`: not needed
    any more, or on older data. `looked_up` are the queries that needed no worker.
    """

    parked: int
    memory: int
    started: int
    looked_up: int
    ends: dict[str, int]


@runtime_checkable
class Measured(Protocol):
    """A store that counts."""

    def figures(self) -> Figures:
        """The figures at the moment."""
        ...


def memory(pid: int) -> int:
    """Bytes of resident memory of a process; 0 where that cannot be told."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * PAGE
    except (OSError, ValueError, IndexError):
        return 0
