"""`python -m tests.benchmarks.prepare`: make the data and have each engine take them in, so that a run finds them there."""

from __future__ import annotations

from tests.benchmarks.data import dataset
from tests.benchmarks.engines import CannotError, prepare
from tests.benchmarks.peers import say
from tests.benchmarks.plan import Plan


def main() -> None:
    """Prepare all that the plan measures."""
    plan = Plan.load()
    for size in (None, *plan.sizes):
        say(f"{size:,} triples" if size else "the published graph")
        data = dataset(plan, size)
        for name in plan.engines:
            try:
                say(f"  {name}: {prepare(name, data, plan)}")
            except CannotError as error:
                say(f"  {name} cannot: {error}")


if __name__ == "__main__":
    main()
