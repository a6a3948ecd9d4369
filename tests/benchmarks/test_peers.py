"""The server beside others, in one run on the same data; `docs/benchmarks.md` says how, and has the figures.

`HER2KG_BENCH_QUICK=1` is for trying (a few minutes, small data, and the page stays as it is);
`HER2KG_BENCH_SIZES`, `_ENGINES` and `_CACHE` are told in `plan.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.benchmarks import hostile, peers, report
from tests.benchmarks.journal import Journal
from tests.benchmarks.plan import Plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    """What the environment asks for."""
    return Plan.load()


@pytest.fixture(scope="module")
def journal(plan: Plan) -> Iterator[Journal]:
    """The journal of the run; the tables are made of it at the end, whatever was run."""
    with Journal(plan.cache / ("quick.jsonl" if plan.quick else "figures.jsonl")) as kept:
        kept.write("machine", words=report.machine(plan))
        yield kept
        report.show(kept.records)
        page = plan.cache / "quick.md" if plan.quick else report.PAGE
        report.write(kept.records, page)
        peers.say(f"records: {kept.path}; page: {page}")


def test_what_the_clients_cost(plan: Plan, journal: Journal) -> None:
    """The load can be made faster than any server answers."""
    peers.measure_floor(plan, journal)


def test_the_published_graph(plan: Plan, journal: Journal) -> None:
    """The queries that users are shown and the competency questions, on every engine."""
    peers.measure_known(plan, journal)


def test_larger_graphs(plan: Plan, journal: Journal) -> None:
    """A mix of queries on every engine, for each size."""
    for size in plan.sizes:
        peers.measure_mix(plan, size, journal)


def test_hostile_load(plan: Plan, journal: Journal) -> None:
    """Cheap queries while eight clients send queries that hang or swell."""
    hostile.measure_hostile(plan, journal)
