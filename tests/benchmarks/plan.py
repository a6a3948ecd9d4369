"""What a run of the benchmarks measures, how large and for how long: read from the environment, in one table."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "HER2KG_BENCH_"
ENGINES: Final = ("her2kg", "oxigraph", "rdflib-endpoint", "virtuoso", "fuseki")
"""The servers that are compared, in the order of the tables."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Times are in seconds. `cell` is how long one engine is asked one kind of query before the next has its turn;
    `limit` is how long a client waits for an answer; `deadline` is what every engine that has such a setting is given
    for a query.
    """

    cache: Path
    sizes: tuple[int, ...] = (1_000_000, 10_000_000)
    engines: tuple[str, ...] = ENGINES
    clients: tuple[int, ...] = (1, 8)
    rounds: int = 6
    """Processors of a machine with other guests change their speed within tenths of a second: many short turns say
    more than few long ones.
    """
    cell: float = 0.4
    whole: float = 2.0
    """The published graph has 166 queries: this is how long an engine has for them in one turn."""
    limit: float = 10.0
    deadline: int = 8
    calm: float = 10.0
    hostile: float = 20.0
    patience: float = 4.0
    """How long clients wait under hostile load beyond the deadline that the engine was given."""
    hostile_size: int = 1_000_000
    hostile_load: bool = False
    """Whether it is hostile load that is measured."""
    once: float = 90.0
    """What an engine has to answer every question once."""
    compared: int = 40
    """How many queries of each kind are asked of every engine to compare the answers."""
    load_seconds: float = 150.0
    """What an engine that keeps its data in memory has for reading them, at each start."""
    quick: bool = False

    @classmethod
    def load(cls, environment: Mapping[str, str] = os.environ) -> Plan:
        """The plan that the environment asks for; ValueError, naming the variable, for what cannot be read.

        `SIZES` (triples, with commas between), `ENGINES`, `CACHE` (a folder) and `QUICK` (1: everything in a few
        minutes, for trying, and the report stays in the cache folder).
        """
        cache = Path(environment.get(PREFIX + "CACHE") or Path(tempfile.gettempdir()) / "her2kg-bench")
        quick = environment.get(PREFIX + "QUICK", "") not in {"", "0"}
        sizes = _numbers(environment, "SIZES", (100_000,) if quick else (1_000_000, 10_000_000))
        engines = tuple(filter(None, environment.get(PREFIX + "ENGINES", "").split(","))) or ENGINES
        if unknown := set(engines) - set(ENGINES):
            raise ValueError(f"{PREFIX}ENGINES names {min(unknown)}; there are {', '.join(ENGINES)}")
        if quick:
            return cls(
                cache, sizes, engines, rounds=1, cell=0.15, whole=0.7, limit=3.0, deadline=2, calm=2.0, hostile=4.0,
                patience=1.0,
                hostile_size=sizes[0], once=10.0, compared=10, load_seconds=30.0, quick=True,
            )  # fmt: skip
        return cls(cache, sizes, engines, hostile_size=sizes[0])


def _numbers(environment: Mapping[str, str], name: str, default: tuple[int, ...]) -> tuple[int, ...]:
    text = environment.get(PREFIX + name) or ""
    if not text:
        return default
    try:
        return tuple(sorted(int(part.replace("_", "")) for part in text.split(",")))
    except ValueError:
        raise ValueError(
            f"{PREFIX}{name} is {text!r}; whole numbers with commas between are wanted"
        ) from None
