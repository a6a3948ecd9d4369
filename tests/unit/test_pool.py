"""The scheduler of queries against a model of it, in whatever order things happen.

The workers here are stand-ins that do what the test says and nothing else, and the clock of the loop goes when
the test says; real workers are in test_worker.py, test_store.py and tests/http/test_live.py. A reply, or the end
of a worker, lies in its socket until the loop reads it: meanwhile time may pass, and anything else may happen.
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from graph.errors import (
    Her2kgError,
    QueryError,
    QueryOutOfMemory,
    QueryTimeout,
    StoreUnavailable,
    TooManyQueries,
)
from graph.store import Limits
from graph.store.pool import EXACT, LATELY, PATIENCE, QUANTUM, SPARE, Pool
from graph.store.processors import HOLD

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

LIMITS = Limits(
    timeout=1.5, workers=2, waiting=4, client_waiting=2, slow=2, parked=3, client_slow=2
)  # small, so that each is reached
CLIENTS = ("ann", "ben", "cleo", "")
"""The last is the program itself, which has no share to keep to."""

KEYS = tuple(b"query %d" % number for number in range(5))
CODES = (0, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGKILL, -signal.SIGTERM)
TINY = 1e-6
KNOWN = b"early 0"
"""What a pool that has long queries from the start knows as long."""


class StillLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock stands still until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self._wrong: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _, context: self._wrong.append(context))

    def time(self) -> float:
        return self.now

    def settle(self) -> None:
        """Do all that is to be done now."""
        while True:
            self.call_soon(self.stop)
            self.run_forever()
            for context in self._wrong:
                raise context.get("exception") or AssertionError(context["message"])
            if not self._ready:
                return

    def go(self, seconds: float) -> Iterator[None]:
        """Let time pass, and stop at each moment at which something happens by itself."""
        self.settle()
        end = self.now + seconds
        while times := [
            timer.when() for timer in self._scheduled if not timer.cancelled() and timer.when() <= end
        ]:
            self.now = max(self.now, min(times))
            self.settle()
            yield
        self.now = end
        self.settle()
        yield


@dataclass(eq=False)
class Snapshot:
    """A snapshot is only compared."""


@dataclass(eq=False)
class Job:
    """A query, and what the model knows of it."""

    client: str
    key: bytes
    deadline: float
    long: bool
    """Whether its query is known to be long: it goes to the slow lane at once."""
    calm: bool = False
    """Whether its client had no long query for a while when it was asked."""
    task: asyncio.Task[Any] | None = None
    worker: StandIn | None = None
    asked: int = 0
    codes: list[int] = field(default_factory=list)
    cancelled: bool = False
    resumed: bool = False

    @property
    def live(self) -> bool:
        return self.task is not None and not self.task.done()


class Processors:
    """Two processors, and where this process is kept."""

    divisible = True
    all, short, long = frozenset((0, 1)), frozenset((0,)), frozenset((1,))

    def __init__(self) -> None:
        self.where = self.all

    def keep_process(self, where: frozenset[int]) -> None:
        assert where != self.where, "it is there already"
        self.where = where


class StandIn:
    """Does what `graph.store.process.Worker` does for the pool, and holds the pool to the rules for that."""

    def __init__(self, model: Machine, snapshot: Snapshot) -> None:
        self.model, self.snapshot = model, snapshot
        self.job: Job | None = None
        self.gave_way = self.unasked = self.suspended = self.finished = self.killed = self.reaped = False
        self.code: int | None = None  # it has died by itself, or of a signal
        self.began = self._base = self._since = 0.0
        self._share = 1.0
        self.where = (
            model.processors.long
            if model.processors.where is model.processors.short
            else model.processors.all
        )

    def attach(self, loop: asyncio.AbstractEventLoop, replied: Callable, ended: Callable) -> None:
        assert loop is self.model.loop
        self._replied, self._ended = replied, ended

    def ask(self, message: bytes) -> None:
        assert self.job is None, "it has a query already"
        assert not self.suspended, "a suspended worker never answers"
        assert not self.killed
        self.job, self.finished = self.model.jobs[int(message)], False
        self.unasked = self.code is not None
        assert self.job.live, "a query that has ended is asked"
        assert self.job.worker is None, "it is asked twice"
        self.job.worker = self
        self.job.asked, self.job.resumed = self.job.asked + 1, False
        self.began = self._since = self.model.loop.now
        self._base, self._share = 0.0, self.model.share
        self.model.turn(self.job)

    def processor_time(self) -> float:
        if self.job is None or self.suspended or self.finished or self.code is not None:
            return self._base
        return self._base + (self.model.loop.now - self._since) * self._share

    def load(self) -> None:
        """The processor is shared otherwise from now on."""
        self._base = self.processor_time()
        self._since, self._share = self.model.loop.now, self.model.share

    @property
    def slow(self) -> bool:
        """Whether the pool has its query in the slow lane."""
        return self.job is not None and self.model.pool._running[self].slow  # type: ignore[index]

    def give_way(self) -> None:
        assert not self.killed, "it is slowed after its end"
        assert self.job is not None, "it has replied"
        assert self.slow, "a short query gives way to nobody"
        assert not self.gave_way, "it does so twice"
        assert self.processor_time() >= PATIENCE - EXACT - TINY
        self.gave_way = True

    def run_on(self, where: frozenset[int]) -> None:
        assert not self.killed
        self.where = where

    def suspend(self) -> None:
        assert not self.killed
        assert self.job is not None
        assert not self.suspended
        self.load()
        self.suspended = True

    def resume(self) -> None:
        assert not self.killed, "a worker is resumed after its end"
        assert self.suspended
        self.suspended, self._since = False, self.model.loop.now
        if self.job is not None:
            self.job.resumed = True
            self.model.turn(self.job)

    def kill(self) -> None:
        assert not self.killed, "it is killed twice"
        self.killed = True
        self._leave()

    def reap(self) -> int:
        assert self.killed
        assert self.code is not None, "the loop would wait for it"
        assert not self.reaped
        self.reaped = True
        return self.code

    def alive(self) -> bool:
        return self.code is None and not self.killed

    @property
    def unread(self) -> bool:
        """Whether there is something for the loop to read."""
        return not self.killed and (self.finished or self.code is not None)

    def read(self) -> None:
        """The loop reads what the worker has written, or that it has ended."""
        if not self.finished:
            assert self.code is not None
            job = self.job
            if job is not None:
                job.codes.append(self.code)
                job.long = job.key in self.model.dear  # it may be asked once more, as what it is known for
            self._ended(self)
            return
        job = self.job
        assert job is not None
        self._leave()
        self.finished = False
        self._replied(self, ({"of": self.model.jobs.index(job)}, b""))

    def _leave(self) -> None:
        if self.job is not None:
            if self.gave_way:
                self.model.endured = self.model.loop.now
            self.job.worker = None
            self.job = None


class Machine(RuleBasedStateMachine):
    """What may happen to a pool, and what must be so after each step."""

    @initialize(workers=st.integers(1, LIMITS.workers), long=st.integers(0, LIMITS.slow))
    def start(self, workers: int, long: int) -> None:
        """Some workers, and some long queries already on their way."""
        self.loop = StillLoop()
        self.jobs: list[Job] = []
        self.share = 1.0
        self.all: list[StandIn] = []
        self.buried: list[StandIn] = []
        self.wanted = 0
        self.passed: dict[tuple[bool, str], Counter[str]] = {}
        self.queued: list[Job] = []
        self.closed = False
        self.current = Snapshot()
        self.processors = Processors()
        self.endured = -HOLD  # when a query last went on and on
        self.pool = Pool(
            self.loop, LIMITS, wanted=self._want, buried=self.buried.append, processors=self.processors
        )  # type: ignore[arg-type]
        for _ in range(workers):
            self.pool.add(self._fresh(self.current))
        for number in range(long):
            self._take_a_long_one(f"early {number}")
        self.missed = self.pool.missing

    def _want(self) -> None:
        self.wanted += 1

    def _fresh(self, snapshot: Snapshot) -> Any:
        self.all.append(StandIn(self, snapshot))
        return self.all[-1]

    # -- what the model knows

    def here(self) -> list[StandIn]:
        """The workers the pool must know of."""
        return [worker for worker in self.all if not worker.killed]

    def fast(self) -> list[StandIn]:
        """The workers that have a short query on the current data."""
        return [w for w in self.here() if w.job and not w.slow and w.snapshot is self.current]

    def idle(self) -> list[StandIn]:
        return [worker for worker in self.here() if worker.job is None]

    def waiting(self, *, long: bool) -> list[Job]:
        """The queries that have no worker, of one lane."""
        return [job for job in self.jobs if job.live and job.worker is None and job.long == long]

    def suspended(self) -> list[Job]:
        return [worker.job for worker in self.here() if worker.suspended and worker.job is not None]

    def slow(self) -> list[StandIn]:
        """The workers that go on with a long query."""
        return [worker for worker in self.here() if worker.slow and not worker.suspended]

    def learn(self, job: Job) -> None:
        """A query that is in the slow lane now has been found out to be long."""
        job.long = job.long or (job.worker is not None and job.worker.slow)

    @property
    def dear(self) -> Collection[bytes]:
        """The queries that the pool knows as long; what becomes known when has tests of its own, below."""
        return self.pool._dear

    def short_lately(self, client: str) -> bool:
        """Whether a client had no long query for a while."""
        return self.pool._short_lately(client)

    def turn(self, job: Job) -> None:
        """A query's turn has come: no other client that waits and could be served may be passed over twice."""
        self.learn(job)
        self.open = len(self.fast()) <= LIMITS.workers and len(self.idle()) >= SPARE  # before it had its turn
        idle = job.asked and len(self.idle()) > SPARE
        for client in {other.client for other in self.queued if self._waits(other, job, able=bool(idle))} - {
            job.client
        }:
            counted = self.passed.setdefault((job.long, client), Counter())
            counted[job.client] += 1
            assert counted[job.client] <= 1, f"{client!r} waits while {job.client!r} has its second turn"
        self.passed.pop((job.long, job.client), None)

    def _waits(self, other: Job, job: Job, *, able: bool) -> bool:
        """Whether a query waits where another has waited, and could be served as well."""
        if other.cancelled or not other.live or other.deadline <= self.loop.now or other.long != job.long:
            return False
        if not job.long and not self.short_lately(other.client):
            return self.open
        return other.worker.suspended if other.worker is not None else able or not job.resumed

    @invariant()
    def who_waits_is_noted(self) -> None:
        """For the next step, in which what waits by then may get its turn."""
        parked = self.suspended()
        for job in [*parked, *self._running_long()]:
            self.learn(job)
        self.queued = [*self.waiting(long=False), *self.waiting(long=True), *parked]
        lines = {(job.long, job.client) for job in self.queued}
        self.passed = {line: counted for line, counted in self.passed.items() if line in lines}

    # -- what happens

    @precondition(lambda self: not self.closed)
    @rule(
        client=st.sampled_from(CLIENTS),
        key=st.sampled_from(KEYS),
        seconds=st.sampled_from([1.5, 1.5, 0.5, 0.01, 0.0]),
    )
    def submit(self, client: str, key: bytes, seconds: float) -> None:
        job = Job(client, key, self.loop.now + seconds, key in self.dear, self.short_lately(client))
        held = Counter(other.client for other in self.waiting(long=False))
        longs = Counter(other.client for other in [*self.waiting(long=True), *self._running_long()])
        parked = len(self.waiting(long=True)) + len(self.suspended())
        self.jobs.append(job)
        message = b"%d" % (len(self.jobs) - 1)
        job.task = self.loop.create_task(self._outcome(job, message))
        self.loop.settle()
        error = job.task.done() and job.task.result()
        if isinstance(error, TooManyQueries):
            counted, limit = (longs, LIMITS.client_slow) if job.long else (held, LIMITS.client_waiting)
            assert client
            assert counted[client] >= limit, "refused without a reason"
        elif isinstance(error, StoreUnavailable) and seconds:
            assert parked >= LIMITS.parked if job.long else held.total() >= LIMITS.waiting, (
                "refused without a reason"
            )

    async def _outcome(self, job: Job, message: bytes) -> Any:
        """What comes of a query: a reply, or the error in its stead."""
        try:
            return await self.pool.run(message, job.key, job.client, job.deadline)
        except Her2kgError as error:
            return error

    def _running_long(self) -> list[Job]:
        return [worker.job for worker in self.here() if worker.slow and worker.job is not None]

    @precondition(lambda self: any(w.job and not w.suspended and not w.unread for w in self.here()))
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        """A worker has written its reply; the loop has not read it."""
        busy = [w for w in self.here() if w.job and not w.suspended and not w.unread]
        worker = data.draw(st.sampled_from(busy))
        worker.load()
        worker.finished = True

    @precondition(lambda self: any(worker.code is None for worker in self.here()))
    @rule(data=st.data(), code=st.sampled_from(CODES))
    def die(self, data: st.DataObject, code: int) -> None:
        """A worker is dead; the loop has not heard of it."""
        worker = data.draw(st.sampled_from([worker for worker in self.here() if worker.code is None]))
        worker.load()
        worker.code = code

    @precondition(lambda self: any(worker.unread for worker in self.here()))
    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        """The loop reads what one worker has for it."""
        data.draw(st.sampled_from([worker for worker in self.here() if worker.unread])).read()
        self.loop.settle()

    @rule(
        seconds=st.sampled_from([0.001, QUANTUM / 2, QUANTUM - 0.0005, QUANTUM, QUANTUM, 0.7, HOLD, LATELY])
    )
    def wait(self, seconds: float) -> None:
        for _ in self.loop.go(seconds):
            self._timers()

    @rule(share=st.sampled_from([0.0, 0.3, 1.0]))
    def load(self, share: float) -> None:
        """The processor has more or less to do for others."""
        self.share = share
        for worker in self.all:
            worker.load()

    @precondition(lambda self: any(job.live for job in self.jobs))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from([job for job in self.jobs if job.live]))
        assert job.task is not None
        job.cancelled = job.task.cancel()
        self.loop.settle()
        assert job.task.done()

    @precondition(lambda self: self.pool.missing > 0)
    @rule(old=st.booleans())
    def add(self, old: bool) -> None:
        """A worker that was started has come up, maybe on what was current when it was."""
        worker = self._fresh(Snapshot() if old else self.current)
        self.pool.add(worker)
        assert worker.killed == old
        self.loop.settle()

    @precondition(lambda self: not self.closed)
    @rule(count=st.integers(0, LIMITS.workers))
    def follow(self, count: int) -> None:
        """A new snapshot, with as many workers as came up."""
        self.current = Snapshot()
        idle = self.idle()
        self.pool.follow(self.current, [self._fresh(self.current) for _ in range(count)])  # type: ignore[arg-type]
        self.loop.settle()
        assert all(worker.killed for worker in idle)
        self.missed = self.pool.missing  # the store looks for what is missing by itself then

    @precondition(lambda self: not self.closed and len(self.jobs) > 6)
    @rule()
    def close(self) -> None:
        self.pool.close()
        self.closed = True
        self.loop.settle()
        assert not any(job.live for job in self.jobs), "a query is left without an answer"
        assert self.here() == []
        with pytest.raises(StoreUnavailable):
            self.loop.run_until_complete(self.pool.run(b"", b"", "", self.loop.now + 1))

    # -- what must be so

    def _timers(self) -> None:
        """At no moment does a short query have more than its quantum."""
        for worker in self.here():
            if worker.job:
                self.learn(worker.job)
                if not worker.slow and worker.code is None and not worker.finished:
                    assert worker.processor_time() <= QUANTUM + TINY

    @invariant()
    def every_query_is_in_one_place(self) -> None:
        asked = [worker.job for worker in self.here() if worker.job is not None]
        assert len(asked) == len(set(asked))
        assert all(job.live for job in asked), "a worker works for nobody"
        assert self.pool.busy == len(asked)
        idle = len(self.waiting(long=False)) + len(self.waiting(long=True))
        assert self.pool.waiting == idle + len(self.suspended())

    @invariant()
    def no_query_outlives_its_deadline(self) -> None:
        late = [job for job in self.jobs if job.live and job.deadline < self.loop.now - TINY]
        assert late == []

    @invariant()
    def every_end_has_its_reason(self) -> None:
        for number, job in enumerate(self.jobs):
            if job.live or job.task is None:
                continue
            if job.task.cancelled():
                assert job.cancelled
            elif isinstance(error := job.task.result(), tuple):
                snapshot, (header, _) = error
                assert header == {"of": number}
                assert isinstance(snapshot, Snapshot)
            elif isinstance(error, QueryTimeout):
                assert job.asked
                assert self.loop.now >= job.deadline - TINY
            elif isinstance(error, QueryOutOfMemory):
                assert -signal.SIGABRT in job.codes
            elif isinstance(error, TooManyQueries):
                assert job.client
            elif isinstance(error, QueryError):
                assert -signal.SIGSEGV in job.codes
            else:
                assert isinstance(error, StoreUnavailable)

    @invariant()
    def the_workers_are_counted(self) -> None:
        assert set(self.pool.workers()) == set(self.here())
        assert len(self.pool.workers()) == len(self.here())
        here = len(self.fast()) + len(self.idle())
        assert self.pool.missing == (0 if self.closed else max(0, LIMITS.workers + SPARE - here))
        if self.pool.missing > self.missed:
            assert self.wanted, "nobody was told that a worker is missing"
        self.missed, self.wanted = self.pool.missing, 0

    @invariant()
    def who_is_killed_is_buried_once(self) -> None:
        gone = [worker for worker in self.all if worker.killed and not worker.reaped]
        assert Counter(map(id, self.buried)) == Counter(map(id, gone))

    @invariant()
    def limits_are_kept(self) -> None:
        assert len(self.slow()) <= LIMITS.slow
        assert len(self.fast()) <= LIMITS.workers + SPARE
        assert len(self.waiting(long=False)) <= LIMITS.waiting + LIMITS.workers  # those whose worker was lost
        held = Counter(job.client for job in [*self.waiting(long=True), *self._running_long()] if job.client)
        assert all(count <= LIMITS.client_slow for count in held.values())

    @invariant()
    def no_worker_is_idle_that_is_waited_for(self) -> None:
        idle, fast = len(self.idle()), len(self.fast())
        for job in self.waiting(long=False):
            assert not (idle > SPARE and fast < LIMITS.workers), "a short query waits beside an idle worker"
            if job.calm and self.short_lately(
                job.client
            ):  # if it became so while it waits, the next event tells
                assert not (idle and fast < LIMITS.workers + SPARE), "the spare worker is withheld"
        if len(self.slow()) < LIMITS.slow:
            assert self.suspended() == [], "a long query is suspended though there is room"
            assert not (idle > SPARE and self.waiting(long=True)), "a long query waits beside an idle worker"

    @invariant()
    def long_queries_are_kept_apart(self) -> None:
        """As long as one goes on and on, and a while longer."""
        those = self.processors
        lasts = any(worker.gave_way and worker.job for worker in self.here())
        divided = not self.closed and (lasts or self.loop.now < self.endured + HOLD)
        assert those.where == (those.short if divided else those.all)
        for worker in self.here():
            assert worker.where == (those.all if not divided else those.long if worker.slow else those.short)

    @invariant()
    def idle_workers_are_few_and_of_use(self) -> None:
        assert len(self.idle()) <= LIMITS.workers + LIMITS.slow
        assert not any(w.gave_way or w.snapshot is not self.current for w in self.idle())

    def teardown(self) -> None:
        """In the end every query has ended, and the pool is as good as new."""
        if not hasattr(self, "pool"):
            return
        for _ in self.loop.go(LIMITS.timeout * 2):
            pass
        for worker in self.here():
            while worker.unread:
                worker.read()
        self.loop.settle()
        assert not any(job.live for job in self.jobs)
        assert self.pool.busy == self.pool.waiting == 0
        if not self.closed:
            while self.pool.missing > 0:
                self.pool.add(self._fresh(self.current))
            for number in range(LIMITS.slow):
                self._take_a_long_one(f"new {number}")
        self.pool.close()
        self.loop.settle()
        assert self.here() == []
        self.loop.close()

    def _take_a_long_one(self, client: str) -> None:
        """A query that is found out to be long gets a place in the slow lane, where none is taken."""
        self.share = 1.0
        job = self.ask(client, client.encode())
        for _ in self.loop.go(2 * QUANTUM):
            self._timers()
        assert job.worker is not None
        assert job.worker.slow
        assert not job.worker.suspended
        self.refill()

    # -- what the tests below do by hand

    def ask(self, client: str, key: bytes) -> Job:
        """A query, on its way."""
        job = Job(client, key, self.loop.now + LIMITS.timeout, key in self.dear)
        self.jobs.append(job)
        job.task = self.loop.create_task(self._outcome(job, b"%d" % (len(self.jobs) - 1)))
        self.loop.settle()
        self.who_waits_is_noted()
        return job

    def refill(self) -> None:
        """As many workers as there should be."""
        while self.pool.missing > 0:
            self.pool.add(self._fresh(self.current))
        self.loop.settle()

    def finish_and_read(self, job: Job) -> None:
        """A query is answered."""
        assert job.worker is not None
        worker = job.worker
        worker.finished = True
        worker.read()
        self.loop.settle()
        self.who_waits_is_noted()

    def give_up(self, job: Job | None) -> None:
        """A client goes away."""
        assert job is not None
        assert job.task is not None
        job.cancelled = job.task.cancel()
        self.loop.settle()
        self.who_waits_is_noted()

    def check(self) -> None:
        """All that must be so."""
        self.every_query_is_in_one_place()
        self.the_workers_are_counted()
        self.who_is_killed_is_buried_once()
        self.limits_are_kept()
        self.no_worker_is_idle_that_is_waited_for()
        self.idle_workers_are_few_and_of_use()
        self.long_queries_are_kept_apart()


class TestPool(Machine.TestCase):
    """Every order in which things happen, as far as it is tried."""

    settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


def machine(*, long: int) -> Machine:
    """A full pool with some long queries on their way."""
    made = Machine()
    made.start(workers=LIMITS.workers, long=long)
    return made


def test_a_reply_that_was_written_before_its_worker_was_stopped_counts() -> None:
    """The query leaves the line of those that wait, and its worker can be asked again."""
    pool = machine(long=LIMITS.slow)
    job = pool.ask("ann", b"a")
    for _ in pool.loop.go(QUANTUM - 0.0005):
        pass
    assert job.worker is not None
    worker = job.worker
    worker.load()
    worker.finished = True
    for _ in pool.loop.go(QUANTUM):
        pass
    assert worker.suspended
    worker.read()
    pool.loop.settle()
    assert not job.live
    assert not worker.suspended
    pool.refill()
    pool.check()
    pool.teardown()


def test_closing_leaves_no_query_that_was_about_to_begin() -> None:
    """One that waited for a place in the slow lane gets none from those that are ended."""
    pool = machine(long=LIMITS.slow)
    waiting = pool.ask("ann", KNOWN)
    assert waiting.worker is None
    pool.close()
    pool.check()
    pool.teardown()


def test_a_long_query_without_a_worker_does_not_hold_up_one_that_has_its_own() -> None:
    """Where no worker is free, the next that can go on goes on; the other keeps its turn."""
    pool = machine(long=LIMITS.slow)
    waiting = pool.ask("ann", KNOWN)
    stopped = pool.ask("ben", b"another")
    for _ in pool.loop.go(2 * QUANTUM):
        pass
    assert stopped.worker is not None
    assert stopped.worker.suspended
    pool.refill()
    short = [pool.ask("cleo", b"short") for _ in range(LIMITS.workers)]
    pool.give_up(pool.slow()[0].job)
    assert not stopped.worker.suspended
    assert waiting.worker is None
    pool.check()
    pool.finish_and_read(short[0])
    pool.give_up(stopped)
    assert waiting.worker is not None
    pool.check()
    pool.teardown()


def test_a_client_that_could_not_be_served_keeps_its_turn() -> None:
    """Looking in vain for a worker changes nobody's place."""
    pool = machine(long=LIMITS.slow)
    line = [pool.ask(client, KNOWN) for client in ("ann", "ben", "ann")]
    short = [pool.ask("cleo", b"short") for _ in range(LIMITS.workers)]
    pool.give_up(pool.slow()[0].job)  # there is room, and no worker
    assert all(job.worker is None for job in line)
    pool.finish_and_read(short[0])
    assert [job.worker is not None for job in line] == [True, False, False]
    pool.give_up(line[0])
    pool.finish_and_read(short[1])
    assert line[1].worker is not None
    pool.teardown()


def test_a_worker_that_gave_way_is_not_asked_again() -> None:
    """It goes behind all others for good; one whose query was long, but not that long, is as good as new."""
    pool = machine(long=0)
    for seconds, spent in ((PATIENCE / 2, False), (PATIENCE * 2, True)):
        job = pool.ask("ann", b"%f" % seconds)
        for _ in pool.loop.go(seconds):
            pass
        worker = job.worker
        assert worker is not None
        assert worker.slow
        pool.finish_and_read(job)
        assert worker.gave_way == worker.killed == spent
        assert (worker in pool.idle()) == (not spent)
        pool.refill()
        pool.check()
    pool.teardown()


def test_a_query_that_was_read_twice_is_given_up() -> None:
    """It may be what its workers are ended for; one that ended before is no try."""
    pool = machine(long=0)
    pool.refill()
    job = pool.ask("ann", b"a")
    for unasked in (True, False, True, True, False):
        assert job.live
        assert job.worker is not None
        job.worker.code, job.worker.unasked = -signal.SIGKILL, unasked
        job.worker.read()
        pool.loop.settle()
        pool.refill()
    assert not job.live
    pool.check()
    pool.teardown()


def test_a_query_is_asked_once_more_of_a_worker_that_lives() -> None:
    """However many have ended at the same time, unnoticed."""
    pool = machine(long=0)
    for number in range(LIMITS.slow + LIMITS.parked):
        pool.ask(CLIENTS[number % 3], b"%d" % number)
        for _ in pool.loop.go(2 * QUANTUM):
            pass
        pool.refill()
    for job in [job for job in pool.jobs if job.live]:
        pool.finish_and_read(job)
    idle = pool.idle()
    assert len(idle) == LIMITS.workers + LIMITS.slow
    for worker in idle:
        worker.code = -signal.SIGKILL
    job = pool.ask("ann", b"a")
    assert job.worker is not None
    job.worker.read()
    pool.loop.settle()
    assert job.live
    pool.refill()
    assert job.worker is not None
    pool.finish_and_read(job)
    assert not job.live
    pool.check()
    pool.teardown()


def test_a_query_is_known_as_long_until_it_is_short_again() -> None:
    """It begins in the slow lane then, and its first quick answer ends that."""
    pool = machine(long=0)
    pool.refill()

    def asked(seconds: float) -> bool:
        job = pool.ask("ann", b"a")
        assert job.worker is not None
        began = job.worker.slow
        for _ in pool.loop.go(seconds):
            pass
        pool.finish_and_read(job)
        pool.refill()
        return began

    assert [asked(seconds) for seconds in (0.0, 2 * QUANTUM)] == [False, False]
    assert [asked(seconds) for seconds in (2 * QUANTUM, 0.0)] == [True, True]
    assert asked(0.0) is False
    pool.teardown()


def test_who_had_no_long_query_finds_a_place_beside_those_who_had() -> None:
    """One worker, and one place, are not for clients that had a long query within the last minute."""
    pool = machine(long=0)
    pool.refill()
    long = pool.ask("ann", b"long")
    for _ in pool.loop.go(QUANTUM):
        pass
    pool.finish_and_read(long)
    pool.refill()
    theirs = [pool.ask("ann", b"%d" % number) for number in range(LIMITS.workers + 1)]
    assert [job.worker is not None for job in theirs] == [True] * LIMITS.workers + [False]
    calm = pool.ask("ben", b"short")
    assert calm.worker is not None
    pool.check()
    for job in (theirs[0], calm):
        pool.finish_and_read(job)
    assert theirs[-1].worker is not None
    for job in theirs[1:]:
        pool.finish_and_read(job)
    for _ in pool.loop.go(LATELY + 1):
        pass
    again = [pool.ask("ann", b"%d" % number) for number in range(LIMITS.workers + 1)]
    assert all(job.worker is not None for job in again)
    pool.teardown()


def test_long_queries_have_processors_of_their_own_while_one_goes_on_and_on() -> None:
    """Those that are merely long too; and fresh workers, whenever they were started, are where short ones are."""
    pool = machine(long=0)
    pool.refill()
    jobs = {}
    for client, name, seconds in (
        ("ann", "endless", 2 * PATIENCE), ("ann", "long", QUANTUM), ("ben", "short", 0.0)
    ):  # fmt: skip
        jobs[name] = pool.ask(client, name.encode())
        for _ in pool.loop.go(seconds):
            pass
    those = pool.processors
    late = pool._fresh(pool.current)
    assert late.where == those.long
    assert those.where == those.short
    workers = {name: job.worker for name, job in jobs.items()}
    assert {name: worker.where for name, worker in workers.items() if worker} == {
        "endless": those.long, "long": those.long, "short": those.short
    }  # fmt: skip
    pool.finish_and_read(jobs["long"])
    assert workers["long"] is not None
    assert workers["long"].where == those.short
    for name in ("short", "endless"):
        pool.finish_and_read(jobs[name])
    for _ in pool.loop.go(HOLD - QUANTUM):
        pass
    assert those.where == those.short
    for _ in pool.loop.go(QUANTUM + TINY):
        pass
    assert those.where == those.all
    pool.pool.add(late)
    assert late.where == those.all
    pool.check()
    pool.teardown()


def test_closing_has_the_process_run_everywhere_again() -> None:
    """Whatever was going on and on."""
    pool = machine(long=0)
    pool.ask("ann", b"endless")
    for _ in pool.loop.go(2 * PATIENCE):
        pass
    assert pool.processors.where == pool.processors.short
    pool.close()
    assert pool.processors.where == pool.processors.all
    pool.teardown()


def test_no_more_workers_are_kept_than_both_lanes_can_use() -> None:
    """Each suspended query has one; when they end all at once, not all are needed."""
    pool = machine(long=LIMITS.slow)
    for number, client in enumerate(("ann", "ann", "ben")):
        pool.ask(client, b"another %d" % number)
        for _ in pool.loop.go(2 * QUANTUM):
            pass
        pool.refill()
    assert len(pool.here()) == LIMITS.workers + SPARE + LIMITS.slow + LIMITS.parked
    for job in [job for job in pool.jobs if job.live]:
        pool.finish_and_read(job)
    pool.check()
    assert len(pool.idle()) == LIMITS.workers + LIMITS.slow
    pool.teardown()
