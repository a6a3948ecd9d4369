"""Measuring side by side: a figure is a median of one run on one machine; what counts are the ratios."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from graph.build.pipeline import build
from graph.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 200


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with what a fresh clone builds."""
    folder = tmp_path_factory.mktemp("bench")
    build(None, folder)
    return folder


@pytest.fixture(scope="session")
def store(home: Path) -> Iterator[EmbeddedStore]:
    """The store of that."""
    with EmbeddedStore(home) as opened:
        yield opened


@pytest.fixture(scope="session")
def median_ms() -> Callable[..., float]:
    """The median time of some work in milliseconds, after a tenth of the rounds to warm up."""

    def measure(work: Callable[[], object], rounds: int = ROUNDS) -> float:
        for _ in range(rounds // 10):
            work()
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        return statistics.median(times) * 1000

    return measure


@pytest.fixture(scope="session")
def table() -> Callable[..., None]:
    """Print figures and their ratios to one of them."""

    def show(title: str, rows: dict[str, float], base: str, unit: str = "ms") -> None:
        print(f"\n{title}")  # noqa: T201
        for name, value in rows.items():
            print(f"  {name:32} {value:10.3f} {unit:3}  {value / rows[base]:7.2f} ×")  # noqa: T201

    return show
