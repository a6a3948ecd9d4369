"""Hostile load: eight clients send queries that hang or swell, and one calm client asks cheap questions meanwhile.

The hostile clients get little of a processor that others want and the calm one goes before others, as if all of them were
on other machines: what is measured is how the server deals with them. Every engine is started for this alone and
ended afterwards.
"""

from __future__ import annotations

import re
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

import pyoxigraph as ox

from graph.store.snapshots import open_current
from tests.benchmarks import compare, load, queries
from tests.benchmarks.data import dataset, snapshot
from tests.benchmarks.engines import CannotError, alive, memory, serving
from tests.benchmarks.journal import figures
from tests.benchmarks.peers import healthy, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.data import Data
    from tests.benchmarks.engines import Server
    from tests.benchmarks.journal import Journal
    from tests.benchmarks.load import Tally
    from tests.benchmarks.plan import Plan
    from tests.benchmarks.queries import Question

CLIENTS: Final = 8
PAUSE: Final = 0.004
"""Seconds that the calm client rests between two questions: about two hundred a second."""

HEAD_START: Final = 1.0
KEPT: Final = 1 << 16
FAMILY: Final = tuple(f"127.0.0.{last}" for last in range(2, 2 + CLIENTS))
SOURCES: Final[dict[str, tuple[str, ...]]] = {"one address": FAMILY[:1], "eight addresses": FAMILY}
"""Where the hostile clients come from; the calm one is 127.0.0.1."""

EMPTY: Final = re.compile(rb'"bindings"\s*:\s*\[\s*\]')

CALM_KINDS: Final = ("point", "star")
REPEATED: Final = 8


def measure_hostile(plan: Plan, journal: Journal) -> None:
    """Every engine under hostile load; this project's with clients of one address and of eight."""
    plan = replace(plan, hostile_load=True)
    data = dataset(plan, plan.hostile_size)
    reference = Reference(data, plan)
    for name in plan.engines:
        for where in SOURCES if name == queries.OURS else ("eight addresses",):
            say(f"hostile load, {data.name}: {name}, clients of {where}")
            with ExitStack() as stack:
                try:
                    server = stack.enter_context(serving(name, data, plan))
                except CannotError as error:
                    journal.write("absent", data=f"hostile load, {data.name}", engine=name, why=str(error))
                    continue
                _assault(plan, data, server, where, reference, journal)


class Reference:
    """The right answers, from the engine within this process and without any server."""

    def __init__(self, data: Data, plan: Plan) -> None:
        home = plan.cache / "engines" / queries.OURS / data.folder.name / "home"
        self._store = ox.Store.read_only(
            str((open_current(home) if home.exists() else snapshot(data, home)).store)
        )

    def wrong(self, asked: Sequence[Question], tally: Tally) -> list[str]:
        """The keys of those that were answered, and not rightly."""
        by_key = {question.key: question for question in asked}
        ok = {key for key, _, outcome in tally.samples if outcome == "ok"}
        return [
            key
            for (key, place), body in tally.answers.items()
            if key in ok and compare.read(body, "SELECT").digest != self._right(by_key[key], place)
        ] + [key for key, _ in tally.changed]

    def _right(self, question: Question, place: int) -> str:
        text = unquote_to_bytes(question.queries[place][0]).decode()
        found = self._store.query(text)
        assert isinstance(found, ox.QuerySolutions)
        body = found.serialize(format=ox.QueryResultsFormat.JSON)
        assert body is not None
        return compare.read(body, "SELECT").digest


def _assault(
    plan: Plan, data: Data, server: Server, where: str, reference: Reference, journal: Journal
) -> None:
    mix = queries.Mix(data)
    healthy(server, plan.limit)
    calm_questions = _cheap(mix, 0, plan.calm)
    calm = load.run(
        server.address,
        [[question.item(server.path) for question in calm_questions]],
        plan.calm,
        limit=plan.deadline + plan.patience,
        repeat=True,
        pause=PAUSE,
        yielding=False,
    )
    before = memory(server.pid)
    asked = _cheap(mix, len(calm_questions), plan.hostile)
    bad = [
        [mix.hostile(client + CLIENTS * n).item(server.path) for n in range(1000)]
        for client in range(CLIENTS)
    ]
    peak = 0
    with load.clients(
        server.address, bad, plan.hostile, limit=plan.deadline + plan.patience, repeat=True, sources=SOURCES[where],
        kept=KEPT, yielding=True,
    ) as hostile:  # fmt: skip
        time.sleep(HEAD_START)
        with load.clients(
            server.address,
            [[question.item(server.path) for question in asked]],
            plan.hostile - HEAD_START,
            limit=plan.deadline + plan.patience,
            repeat=True,
            pause=PAUSE,
            yielding=False,
        ) as client:
            until = time.monotonic() + plan.hostile
            while time.monotonic() < until:
                peak = max(peak, memory(server.pid))
                time.sleep(1)
            under = client.gather()
        attackers = _without_empty(hostile.gather())
    survived = alive(server.pid)
    recovered = healthy(server, limit=5.0)
    common = {"data": data.name, "engine": server.name, "where": where}
    for phase, tally, questions in (("calm", calm, calm_questions), ("hostile", under, asked)):
        wrong = reference.wrong(questions, tally)
        repeated = {question.key for question in questions[: 2 * REPEATED : 2]}
        new = load.Tally(samples=[s for s in tally.samples if s[0] not in repeated], seconds=tally.seconds)
        journal.write("calm client", phase=phase, **common, **figures(new), kind="new")
        old = load.Tally(samples=[s for s in tally.samples if s[0] in repeated], seconds=tally.seconds)
        journal.write("calm client", phase=phase, **common, **figures(old), kind="repeated")
        journal.write(
            "calm answers", phase=phase, **common, asked=len(tally.samples), outcomes=dict(tally.outcomes),
            statuses={str(status): count for status, count in tally.statuses.items()}, wrong=len(wrong),
            wrong_keys=wrong[:5],
        )  # fmt: skip
    journal.write(
        "attack", **common, outcomes=dict(attackers.outcomes),
        statuses={str(status): count for status, count in attackers.statuses.items()},
        by_query=_by_query(attackers), survived=survived, recovered=recovered, memory_before=before, memory_peak=peak,
    )  # fmt: skip


def _without_empty(tally: Tally) -> Tally:
    """The same, where an answer without a row counts as cut: every one of the hostile queries has rows."""
    empty = {key for (key, _), body in tally.answers.items() if EMPTY.search(body)}
    tally.samples = [
        (key, seconds, "cut" if outcome == "ok" and key in empty else outcome)
        for key, seconds, outcome in tally.samples
    ]
    return tally


def _cheap(mix: queries.Mix, first: int, seconds: float) -> list[Question]:
    """Turns of a question that is asked again and again and one that is new."""
    again = [mix.question(CALM_KINDS[n % len(CALM_KINDS)], n) for n in range(REPEATED)]
    count = int(seconds / PAUSE) + 1
    found: list[Question] = []
    for number in range(count):
        fresh = mix.question(CALM_KINDS[number % len(CALM_KINDS)], REPEATED + first + number)
        found += [again[number % REPEATED], fresh]
    return found


def _by_query(tally: Tally) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for key, _, outcome in tally.samples:
        counts = found.setdefault(queries.template_of(key), {})
        counts[outcome] = counts.get(outcome, 0) + 1
    return dict(sorted(found.items()))
