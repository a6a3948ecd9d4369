"""The measuring of all engines on the same data: in short turns, so that what disturbs the machine disturbs all."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from tests.benchmarks import compare, load, queries
from tests.benchmarks.data import dataset
from tests.benchmarks.engines import KINDS, CannotError, Server, alive, memory, prepared_seconds, serving
from tests.benchmarks.journal import Journal, figures
from tests.benchmarks.load import percentile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tests.benchmarks.data import Data
    from tests.benchmarks.load import Item, Tally
    from tests.benchmarks.plan import Plan
    from tests.benchmarks.queries import Question

STUCK: Final = 3
"""How many questions an engine may leave without an answer before it is asked no more of them."""

FASTEST: Final = 7000
"""Items a second that one client, or twice that all together, may need at most: so many are made beforehand."""

PASSES: Final = 6
RESTARTS: Final = 6
"""How often an engine is started anew over one dataset before it is given up."""

T = TypeVar("T")


def say(text: str) -> None:
    """Tell whoever waits how far it is."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {text}\n")
    sys.stderr.flush()


class Fleet:
    """The engines that run over one dataset, each in its own process; those that cannot are named with the reason."""

    def __init__(self, data: Data, plan: Plan, names: Iterable[str], journal: Journal) -> None:
        self._data, self._plan, self._journal = data, plan, journal
        self._stacks: dict[str, ExitStack] = {}
        self.servers: dict[str, Server] = {}
        self._peaks: dict[str, int] = {}
        self._restarts: Counter[str] = Counter()
        self._names = tuple(names)

    def __enter__(self) -> Fleet:
        try:
            for name in self._names:
                self._begin(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _begin(self, name: str) -> None:
        data, plan = self._data, self._plan
        say(f"{data.name}: {name} takes in the data and starts")
        try:
            self._start(name)
        except CannotError as error:
            self._give_up(name, str(error))
            return
        server = self.servers[name]
        self._journal.write(
            "engine", data=data.name, engine=name, version=KINDS[name].version(), says=KINDS[name].says,
            prepared=prepared_seconds(name, data, plan), started=server.loaded, memory=memory(server.pid),
        )  # fmt: skip

    def __exit__(self, *_: object) -> None:
        for name, stack in self._stacks.items():
            self._journal.write("memory", data=self._data.name, engine=name, peak=self._peaks.get(name, 0))
            stack.close()

    def _start(self, name: str) -> None:
        stack = ExitStack()
        self.servers[name] = stack.enter_context(serving(name, self._data, self._plan))
        self._stacks[name] = stack

    def _give_up(self, name: str, why: str) -> None:
        self._journal.write("absent", data=self._data.name, engine=name, why=why)
        say(f"{self._data.name}: {name} could not be measured: {why}")

    def ready(self, name: str) -> bool:
        """Whether an engine answers the simplest question; one that does not is started anew, a few times."""
        while name in self.servers:
            if healthy(self.servers[name], self._plan.limit + 2):
                return True
            say(f"{name} does not answer any more and is started anew")
            self._journal.write("restarted", data=self._data.name, engine=name)
            self._stacks.pop(name).close()
            del self.servers[name]
            self._restarts[name] += 1
            if self._restarts[name] > RESTARTS:
                self._give_up(name, f"it had to be started anew {RESTARTS} times")
                break
            try:
                self._start(name)
            except CannotError as error:
                self._give_up(name, str(error))
        return False

    def note_memory(self) -> None:
        """Look at what all of them hold at the moment."""
        for name, server in self.servers.items():
            self._peaks[name] = max(self._peaks.get(name, 0), memory(server.pid))


def healthy(server: Server, limit: float) -> bool:
    """Whether a server answers the simplest question in time."""
    if not alive(server.pid):
        return False
    item = load.Item(
        "healthy", (queries.get(f"{server.path}ASK%20%7B%7D".encode(), "application/sparql-results+json"),)
    )
    return bool(load.run(server.address, [[item]], limit, limit=limit, repeat=False).times)


@dataclass(slots=True)
class Asked:
    """The questions of which each engine gave an answer, and the answers: by engine, key and place."""

    answered: dict[str, set[str]] = field(default_factory=dict)
    answers: dict[str, dict[tuple[str, int], bytes]] = field(default_factory=dict)


def ask_once(
    fleet: Fleet, plan: Plan, questions: Mapping[str, Question], journal: Journal, data: Data
) -> Asked:
    """Ask every engine every question once, one after the other, within `plan.once` seconds.

    What the first engine answered soonest the others are asked first: some servers answer nothing else while they are
    at work on a query that they cannot do, and after a few of those they are asked no more.
    """
    asked = Asked()
    order = [*questions.values()]
    for name in [*fleet.servers]:
        until = time.monotonic() + plan.once
        left, stuck = order, 0
        asked.answered[name], asked.answers[name] = set(), {}
        outcomes: dict[str, list[str]] = {}
        times: dict[str, float] = {}
        while left and stuck < STUCK and time.monotonic() < until and fleet.ready(name):
            server = fleet.servers[name]
            tally = _until_stuck(server, [question.item(server.path) for question in left], plan, until)
            for key, seconds, outcome in tally.samples:
                times[key] = seconds
                outcomes.setdefault(outcome, []).append(key)
                if outcome == "ok":
                    asked.answered[name].add(key)
            stuck += bool(tally.outcomes["too long"] or tally.outcomes["broken"])
            asked.answers[name] |= tally.answers
            left = left[max(1, len(tally.samples)) :]
        outcomes["not asked"] = [question.key for question in left]
        if len(asked.answers) == 1:
            order = sorted(order, key=lambda question: times.get(question.key, plan.limit))
        journal.write(
            "asked", data=data.name, engine=name,
            outcomes={outcome: len(keys) for outcome, keys in outcomes.items() if keys},
            not_answered={outcome: keys for outcome, keys in outcomes.items() if outcome != "ok" and keys},
        )  # fmt: skip
    return asked


def _until_stuck(server: Server, items: Sequence[Item], plan: Plan, until: float) -> Tally:
    """What comes of items in turn, up to the first that is not answered in time."""
    seen = load.Tally()
    for first in range(0, len(items), 20):
        left = until - time.monotonic()
        if left <= 0:
            break
        limit = min(plan.limit, left + 1)
        tally = load.run(
            server.address, [items[first : first + 20]], left, limit=limit, repeat=False, stuck=True
        )
        seen.add(tally)
        if tally.outcomes["too long"] or tally.outcomes["broken"]:
            break
    return seen


def judge(
    asked: Asked, forms: Mapping[str, tuple[str, dict[str, str]]], journal: Journal, data: Data
) -> None:
    """Compare the answers; `forms` has the form of each question's query, and what GROUP_CONCAT fills."""
    compared = 0
    apart: dict[str, int] = dict.fromkeys(asked.answers, 0)
    places = {place for answers in asked.answers.values() for place in answers}
    for key, place in sorted(places):
        form, concatenated = forms[key]
        if form == "DESCRIBE":
            continue
        read = {
            name: compare.read(answers[key, place], form, concatenated)
            for name, answers in asked.answers.items()
            if (key, place) in answers and key in asked.answered[name]
        }
        compared += len(read) > 1
        found = compare.difference(key, read)
        if found is None:
            continue
        for name in found.apart:
            apart[name] += 1
        journal.write(
            "difference", data=data.name, key=key, place=place,
            groups=[
                {"engines": group, "size": size, "only": sample[:400]}
                for group, size, sample in zip(found.groups, found.rows, found.samples, strict=True)
            ],
        )  # fmt: skip
    journal.write("compared", data=data.name, answers=compared, apart=apart)


def measure_known(plan: Plan, journal: Journal) -> None:
    """The published graph with the queries that users are shown and the competency questions."""
    data = dataset(plan)
    with Fleet(data, plan, plan.engines, journal) as fleet:
        all_known = {one.name: one for one in queries.known()}
        asked = ask_once(
            fleet, plan, {name: one.question() for name, one in all_known.items()}, journal, data
        )
        forms = {name: (one.form, queries.concatenated(one.text)) for name, one in all_known.items()}
        judge(asked, forms, journal, data)
        number = 1
        for turn in range(plan.rounds):
            for clients in plan.clients:
                for mode in ("cold", "warm"):
                    first, number = number, number + PASSES * clients
                    for name in _turned([*fleet.servers], turn):
                        if not fleet.ready(name):
                            continue
                        server = fleet.servers[name]
                        mine = [all_known[key] for key in sorted(asked.answered[name])]
                        if mode == "cold":
                            work = [
                                [
                                    one.question(first + client * PASSES + again).item(server.path)
                                    for again in range(PASSES)
                                    for one in _turned(mine, client * len(mine) // clients)
                                ]
                                for client in range(clients)
                            ]
                        else:
                            items = [one.question().item(server.path) for one in mine]
                            work = [
                                _turned(items, client * len(items) // clients) for client in range(clients)
                            ]
                            load.run(server.address, [items], plan.whole, limit=plan.limit, repeat=False)
                        tally = load.run(
                            server.address, work, plan.whole, limit=plan.limit, repeat=mode == "warm"
                        )
                        journal.write(
                            "cell", data=data.name, engine=name, kind="known", clients=clients, mode=mode, round=turn,
                            **figures(tally),
                        )  # fmt: skip
                    fleet.note_memory()
            say(f"{data.name}: round {turn + 1} of {plan.rounds} is done")


def measure_mix(plan: Plan, size: int, journal: Journal) -> None:
    """The graph of a size with the mix of queries."""
    say(f"{size:,} triples: the data are made, if they are not in {plan.cache}")
    data = dataset(plan, size)
    mix = queries.Mix(data)
    with Fleet(data, plan, plan.engines, journal) as fleet:
        number = _compare_mix(fleet, plan, mix, journal, data)
        hopeless: set[tuple[str, str, int]] = set()
        for turn in range(plan.rounds):
            for kind in queries.KINDS:
                for clients in plan.clients:
                    wanted = int(FASTEST * plan.cell * (1 if clients == 1 else 2 / clients))
                    first, number = number, number + wanted * clients
                    cold = [
                        [mix.question(kind, first + client + clients * n) for n in range(wanted)]
                        for client in range(clients)
                    ]
                    warm = [[mix.question(kind, n * 3 + 1) for n in range(queries.WARM)]] * clients
                    for mode, asked in (("cold", cold), ("warm", warm)):
                        for name in _turned([*fleet.servers], turn):
                            if (
                                not queries.is_for(kind, name)
                                or (name, kind, clients) in hopeless
                                or not fleet.ready(name)
                            ):
                                continue
                            server = fleet.servers[name]
                            work = [[question.item(server.path) for question in part] for part in asked]
                            if mode == "warm":
                                load.run(server.address, work[:1], plan.cell, limit=plan.limit, repeat=False)
                            tally = load.run(
                                server.address, work, plan.cell, limit=plan.limit, repeat=mode == "warm"
                            )
                            journal.write(
                                "cell", data=data.name, engine=name, kind=kind, clients=clients, mode=mode,
                                round=turn, **figures(tally, queries.template_of),
                            )  # fmt: skip
                            hopeless |= _hopeless(plan, name, kind, clients, tally)
            fleet.note_memory()
            say(f"{data.name}: round {turn + 1} of {plan.rounds} is done")


def _hopeless(plan: Plan, name: str, kind: str, clients: int, tally: Tally) -> set[tuple[str, str, int]]:
    """What an engine is not to be asked any more, after it was so slow: it would only hold up the others."""
    if not tally.times:
        return {(name, kind, more) for more in plan.clients if more >= clients}
    together = percentile(tally.times, 0.5) / (os.cpu_count() or 1)
    return {(name, kind, more) for more in plan.clients if more > clients and together * more > plan.limit}


def _compare_mix(fleet: Fleet, plan: Plan, mix: queries.Mix, journal: Journal, data: Data) -> int:
    """Ask some questions of each kind of every engine and compare; the first number that was not used."""
    kinds = [kind for kind in queries.KINDS if queries.is_for(kind, "oxigraph")]
    chosen = [mix.question(kind, number * 3 + 1) for number in range(plan.compared) for kind in kinds]
    questions = {question.key: question for question in chosen}
    asked = ask_once(fleet, plan, questions, journal, data)
    judge(asked, dict.fromkeys(questions, ("SELECT", {})), journal, data)
    return plan.compared * 3 + 1


def measure_floor(plan: Plan, journal: Journal) -> None:
    """What the clients themselves cost, seen against a server that does nothing."""
    question = queries.get(b"/sparql?query=ASK%20%7B%7D", "application/sparql-results+json")
    with load.trivial() as address:
        for clients in plan.clients:
            for turn in range(plan.rounds):
                work = [[load.Item("floor", (question,))]] * clients
                tally = load.run(address, work, plan.cell, limit=plan.limit, repeat=True)
                journal.write("floor", clients=clients, round=turn, **figures(tally))


def _turned(values: list[T], by: int) -> list[T]:
    """The same values, beginning elsewhere."""
    by = by % len(values) if values else 0
    return values[by:] + values[:by]
