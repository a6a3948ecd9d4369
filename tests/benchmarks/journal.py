"""What was measured: one record a line, in a file and in memory; all tables are made from them."""

from __future__ import annotations

import json
import math
import statistics
from typing import TYPE_CHECKING, Any, Final

from tests.benchmarks.load import Tally, percentile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Record = dict[str, Any]

COMPARED: Final = 1000
"""Questions of a template that are kept one by one."""


class Journal:
    """Records in the order they were made; each has a `record`, the name of its form."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file.open("w", encoding="utf-8")
        self.path = file
        self.records: list[Record] = []

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, record: str, **facts: Any) -> Record:
        """Add a record."""
        made = {"record": record, **facts}
        self.records.append(made)
        self._file.write(json.dumps(made, ensure_ascii=False, default=str) + "\n")
        self._file.flush()
        return made


def figures(tally: Tally, named: Callable[[str], str] = lambda key: key) -> Record:
    """The figures of one cell, times in milliseconds.

    `questions` has the median of each question, of the first `COMPARED` of a template: whoever is faster is
    asked more of them, and things differ in what a question about them costs.
    """
    times = tally.times
    questions: dict[str, dict[str, list[float]]] = {}
    for key, seconds, outcome in tally.samples:
        if outcome == "ok":
            known = questions.setdefault(named(key), {})
            if key in known or len(known) < COMPARED:
                known.setdefault(key, []).append(seconds)
    return {
        "items": len(tally.samples),
        "p50": percentile(times, 0.5) * 1000,
        "p95": percentile(times, 0.95) * 1000,
        "p99": percentile(times, 0.99) * 1000,
        "throughput": tally.throughput,
        "outcomes": dict(tally.outcomes),
        "statuses": {str(status): count for status, count in sorted(tally.statuses.items())},
        "questions": {
            name: {key: statistics.median(values) * 1000 for key, values in known.items()}
            for name, known in sorted(questions.items())
        },
    }


def middle(values: Iterable[float]) -> float:
    """The median of what is a number; NaN where nothing is."""
    known = [value for value in values if not math.isnan(value)]
    return statistics.median(known) if known else math.nan


def geometric(values: Iterable[float]) -> float:
    """The geometric mean, as ratios want it; NaN without values."""
    logs = [math.log(value) for value in values if value > 0 and not math.isnan(value)]
    return math.exp(statistics.fmean(logs)) if logs else math.nan
