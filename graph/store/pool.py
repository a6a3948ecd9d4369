"""Which query runs when: a fast lane for all, a slow lane for those that turn out to be long.

Every query begins in the fast lane, where it is taken at once or clients wait in turn for one of its
`workers` places. One that has had more than a quantum has shown itself as long: it leaves its place to the
next and goes on in the slow lane, with its worker. At most `slow` long queries run at a time; more are
suspended where they are, and go on in turn. A query that was long before begins in the slow lane. One that
goes on and on gets only processor time that nobody else wants, and as long as there is such a one, long
queries are kept to processors of their own. So short queries find a worker and the processor, however many
long ones there are; and long ones are answered too.

A worker that has answered takes the next query of either lane; where one is lacking, it is started. One more
place, and a worker, are for clients that had no long query lately: they need not wait while workers are
started for the others.

All of a pool happens in one event loop: no locks. Workers are started elsewhere, since that blocks.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from graph.errors import Her2kgError, StoreUnavailable, TooManyQueries
from graph.store import replies
from graph.store.processors import Division
from graph.store.queues import FairQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graph.store import Limits
    from graph.store.process import Reply, Worker
    from graph.store.processors import Processors
    from graph.store.snapshots import Snapshot

QUANTUM: Final = 0.02
"""Seconds of processor time after which a query counts as long."""

REMEMBERED: Final = 4096
"""Long queries that are remembered as such."""

TRIES: Final = 2
"""A query whose worker was lost through no fault of the query is asked once more: all queries only read. A
worker that was dead before it had read the query does not count.
"""

PATIENCE: Final = 0.5
"""Seconds of processor time after which a long query goes behind all others. That cannot be taken back, and
ends its worker; starting another takes 0.06 s of processor time.
"""

EXACT: Final = 0.001
"""Seconds of processor time that are not worth another look."""

SPARE: Final = 1
"""Places in the fast lane, and workers, for clients that had no long query lately."""

LATELY: Final = 60.0
"""Seconds for which it is remembered that a client had a long query."""

CLIENTS: Final = 4096
"""Clients of which that is remembered."""

LATER: Final = "Try again later."
CLOSED: Final = "The store has been closed."


@dataclass(eq=False, slots=True)
class Job:
    """A query on its way: `deadline` and `began` are in seconds of the loop's clock.

    The client "" is this program itself, which has no share to keep to.
    """

    message: bytes
    key: bytes
    client: str
    deadline: float
    future: asyncio.Future[tuple[Snapshot, Reply]]
    worker: Worker | None = None
    slow: bool = False
    suspended: bool = False
    ended: bool = False
    began: float = 0.0
    tries: int = TRIES
    timers: list[asyncio.TimerHandle] = field(default_factory=list)


def _has_worker(job: Job) -> bool:
    return job.worker is not None


class Pool:
    """The workers of one event loop, and the queries that run or wait.

    `wanted` is called whenever the fast lane lacks a worker, and `buried` with each worker that was killed,
    to reap it. `processors` are divided between long queries and this process, with all else, while there is
    a query that goes on and on; without them everything runs everywhere.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        limits: Limits,
        *,
        wanted: Callable[[], None],
        buried: Callable[[Worker], None],
        processors: Processors | None = None,
    ) -> None:
        self._loop = loop
        self._limits = limits
        self._wanted = wanted
        self._buried = buried
        self._snapshot: Snapshot | None = None
        self._running: dict[Worker, Job] = {}
        self._fast: set[Worker] = set()  # those on the current snapshot that have a short query
        self._idle: list[Worker] = []
        self._waiting: FairQueue[Job] = FairQueue()
        self._parked: FairQueue[Job] = FairQueue()
        self._dear: OrderedDict[bytes, None] = OrderedDict()
        self._long: dict[str, int] = {}  # how many slow jobs each client has, running or parked
        self._slow_running = 0
        self._lately: OrderedDict[str, float] = OrderedDict()  # when a client's latest long query became so
        self._division = Division(loop, processors, self._all)
        self._closed = False
        self.started = 0
        self.ends = {"killed": 0, "ended": 0, "replaced": 0}  # of workers, see `graph.store.figures`

    @property
    def missing(self) -> int:
        """How many workers the fast lane lacks."""
        if self._closed:
            return 0
        return max(0, self._limits.workers + SPARE - len(self._fast) - len(self._idle))

    @property
    def divided(self) -> bool:
        """Whether long queries have processors of their own at the moment."""
        return self._division.made

    @property
    def busy(self) -> int:
        """How many queries run."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """How many queries wait for a worker, or for their turn in the slow lane."""
        return len(self._waiting) + len(self._parked)

    @property
    def parked(self) -> int:
        """How many of them are long queries."""
        return len(self._parked)

    def workers(self) -> list[Worker]:
        """All workers, of both lanes."""
        return [*self._idle, *self._running]

    def add(self, worker: Worker) -> None:
        """Take a fresh worker."""
        self.started += 1
        if self._closed or (self._snapshot is not None and worker.snapshot is not self._snapshot):
            self._kill(worker)
            return
        self._snapshot = worker.snapshot
        worker.attach(self._loop, self._replied, self._ended)
        self._division.place(worker, long=False)
        self._idle.append(worker)
        self._next()

    def follow(self, snapshot: Snapshot, fresh: list[Worker]) -> None:
        """Go over to another snapshot; queries that run end on the one they began with."""
        self._snapshot = snapshot
        for worker in self._idle:
            self._kill(worker)
        self._idle.clear()
        self._fast.clear()
        for worker in fresh:
            self.add(worker)

    async def run(self, message: bytes, key: bytes, client: str, deadline: float) -> tuple[Snapshot, Reply]:
        """The reply of a worker, and the snapshot it has open; cancelling ends the work.

        `key` is what the query is remembered by.
        """
        if self._closed:
            raise StoreUnavailable(CLOSED)
        job = Job(message, key, client, deadline, self._loop.create_future())
        self._admit(job)
        try:
            return await job.future
        except asyncio.CancelledError:
            self._give_up(job, None)
            raise

    def close(self) -> None:
        """End all workers; queries that run or wait are told."""
        self._closed = True
        error = StoreUnavailable(CLOSED)
        for job in [*self._running.values()]:
            self._give_up(job, error)
        for queue in (self._waiting, self._parked):
            while queue:
                self._give_up(queue.pop(), error)
        for worker in self._idle:
            self._kill(worker)
        self._idle.clear()
        self._division.end()

    # -- the fast lane

    def _admit(self, job: Job) -> None:
        if job.key in self._dear:
            self._dear.move_to_end(job.key)
            self._park(job)
        elif self._has_place() or (self._has_spare() and self._short_lately(job.client)):
            self._start(job, self._idle.pop())
        elif len(self._waiting) >= self._limits.waiting:
            raise StoreUnavailable("Too many queries are waiting already.", mend=LATER)
        elif job.client and self._waiting.of(job.client) >= self._limits.client_waiting:
            raise TooManyQueries(
                f"{self._limits.client_waiting} queries of yours are waiting already.",
                mend="Wait for their answers.",
            )
        else:
            self._waiting.push(job)
            job.timers = [self._loop.call_at(job.deadline, self._expire, job)]

    def _has_place(self) -> bool:
        """Whether there are a place and a worker for any client."""
        return len(self._fast) < self._limits.workers and len(self._idle) > SPARE

    def _has_spare(self) -> bool:
        """Whether there are a place and a worker for a client that had no long query lately."""
        return len(self._fast) < self._limits.workers + SPARE and bool(self._idle)

    def _short_lately(self, client: str) -> bool:
        since = self._lately.get(client)
        return since is None or self._loop.time() - since > LATELY

    def _next(self) -> None:
        """Have idle workers take what waits, unless all is to end."""
        if self._closed:
            return
        while self._waiting and self._has_place():
            self._start(self._waiting.pop(), self._idle.pop())
        while self._has_spare() and (job := self._waiting.pop_of(self._short_lately)) is not None:
            self._start(job, self._idle.pop())
        self._unpark()
        if self.missing:
            self._wanted()

    def _start(self, job: Job, worker: Worker) -> None:
        self._quiet(job)
        now = self._loop.time()
        job.worker, job.began = worker, now
        self._running[worker] = job
        if job.slow:
            job.timers = self._slow_timers(job)
            if self.divided:
                self._division.place(worker, long=True)
        else:
            self._fast.add(worker)
            if now + QUANTUM < job.deadline:
                job.timers = [self._loop.call_at(now + QUANTUM, self._overdue, job)]
            else:
                job.timers = [self._loop.call_at(job.deadline, self._expire, job)]
        worker.ask(job.message)

    def _overdue(self, job: Job) -> None:
        """The quantum is over: the query goes on in the slow lane, with its worker."""
        worker = job.worker
        assert worker is not None  # noqa: S101 - it runs
        left = QUANTUM - worker.processor_time()
        if left > EXACT and self._loop.time() + left < job.deadline:  # it has been waiting for the processor
            job.timers = [self._loop.call_later(left, self._overdue, job)]
            return
        self._remember(job.key)
        refusal = self._refusal(job.client)
        if refusal is not None:
            self._give_up(job, refusal)
            return
        self._fast.discard(worker)
        if self.divided:
            self._division.place(worker, long=True)
        self._quiet(job)
        job.timers = self._slow_timers(job)
        self._count(job, 1)
        if self._slow_running < self._limits.slow:
            self._slow_running += 1
        else:
            worker.suspend()
            job.suspended = True
            self._parked.push(job)
        self._next()

    # -- the slow lane

    def _park(self, job: Job) -> None:
        """A query known to be long waits for its turn, which may be at once."""
        refusal = self._refusal(job.client)
        if refusal is not None:
            raise refusal
        self._count(job, 1)
        job.timers = [self._loop.call_at(job.deadline, self._expire, job)]
        self._parked.push(job)
        self._next()

    def _unpark(self) -> None:
        """Have the long queries go on whose turn it is."""
        while self._parked and self._slow_running < self._limits.slow:
            job = self._parked.pop() if len(self._idle) > SPARE else self._parked.pop_where(_has_worker)
            if job is None:
                return
            if job.worker is not None:
                job.suspended = False
                job.worker.resume()
            else:
                self._start(job, self._idle.pop())
            self._slow_running += 1

    def _slow_timers(self, job: Job) -> list[asyncio.TimerHandle]:
        """What becomes of a long query by itself: at some time it gives way to all, at last it ends."""
        return [
            self._loop.call_at(job.deadline, self._expire, job),
            self._loop.call_later(PATIENCE, self._exhausted, job),
        ]

    def _exhausted(self, job: Job) -> None:
        """A long query may have had what it can have before it goes behind all others."""
        worker = job.worker
        assert worker is not None  # noqa: S101 - it runs
        left = PATIENCE - worker.processor_time()
        if left > EXACT:
            job.timers[-1] = self._loop.call_later(left, self._exhausted, job)
        else:
            worker.give_way()
            self._division.begin(worker)

    def _all(self) -> Iterator[tuple[Worker, bool]]:
        """All workers, and whether each has a long query."""
        yield from ((worker, False) for worker in self._idle)
        yield from ((worker, job.slow) for worker, job in self._running.items())

    def _refusal(self, client: str) -> Her2kgError | None:
        if client and self._long.get(client, 0) >= self._limits.client_slow:
            return TooManyQueries(
                f"{self._limits.client_slow} long queries of yours are running or waiting already.",
                mend="Wait for their answers, or ask for less: a short query is answered at once.",
            )
        if len(self._parked) >= self._limits.parked:
            return StoreUnavailable("Too many long queries are running and waiting already.", mend=LATER)
        return None

    def _count(self, job: Job, change: int) -> None:
        """A query enters (1) or leaves (-1) the slow lane."""
        job.slow = change > 0
        if job.slow and job.client:
            self._lately[job.client] = self._loop.time()
            self._lately.move_to_end(job.client)
            if len(self._lately) > CLIENTS:
                self._lately.popitem(last=False)
        count = self._long.get(job.client, 0) + change
        if count:
            self._long[job.client] = count
        else:
            self._long.pop(job.client, None)

    def _remember(self, key: bytes) -> None:
        self._dear[key] = None
        if len(self._dear) > REMEMBERED:
            self._dear.popitem(last=False)

    # -- how a query ends

    def _replied(self, worker: Worker, reply: Reply) -> None:
        job = self._running.pop(worker)
        long = job.slow
        self._quiet(job)
        if job.slow and self._loop.time() - job.began < QUANTUM:
            self._dear.pop(job.key, None)  # it has become short, on other data
        if job.suspended:  # its reply was written before it was stopped
            self._parked.remove(job)
            worker.resume()
        self._settle(job)
        self._fast.discard(worker)
        if self._of_use(worker) and len(self._idle) < self._limits.workers + self._limits.slow:
            if long and self.divided:
                self._division.place(worker, long=False)
            self._idle.append(worker)
        else:
            self._kill(worker)
        if not job.future.done():
            job.future.set_result((worker.snapshot, reply))
        self._next()

    def _ended(self, worker: Worker) -> None:
        """A worker's socket has closed: the child is dead, or nearly."""
        self.ends["ended"] += 1
        worker.kill()
        error = replies.death(worker.reap(), self._limits)
        job = self._running.pop(worker, None)
        self._fast.discard(worker)
        if job is None:
            self._idle.remove(worker)
            self._next()
            return
        self._quiet(job)
        if job.suspended:
            self._parked.remove(job)
        self._settle(job)
        job.worker, job.suspended, job.ended = None, False, False
        job.tries -= not worker.unasked
        if not isinstance(error, replies.LostError):
            self._fail(job, error)
        elif job.tries:
            # more may have ended at the same time
            for idle in [one for one in self._idle if not one.alive()]:
                self._ended(idle)
            try:
                self._admit(job)
            except Her2kgError as refused:
                self._fail(job, refused)
        else:
            self._fail(
                job,
                StoreUnavailable(
                    "The processes that answered the query were ended from outside.", mend="Try again."
                ),
            )
        self._next()

    def _expire(self, job: Job) -> None:
        if job.worker is not None:
            self._give_up(job, replies.overrun(self._limits))
        else:
            busy = "All query workers were busy for the whole time the query had."
            self._give_up(job, StoreUnavailable(busy, mend=LATER))

    def _give_up(self, job: Job, error: Her2kgError | None) -> None:
        """End a query wherever it is; its worker is killed, since nothing else stops it."""
        if job.ended:
            return
        self._quiet(job)
        worker = job.worker
        if worker is not None:
            del self._running[worker]
        if worker is None or job.suspended:
            queue = self._parked if job.slow else self._waiting
            queue.remove(job)
        self._settle(job)
        if worker is not None:
            self._kill(worker, "killed")
            self._fast.discard(worker)
        if error is not None:
            self._fail(job, error)
        self._next()

    def _settle(self, job: Job) -> None:
        """Take a query out of the books."""
        job.ended = True
        if job.slow:
            if job.worker is not None and not job.suspended:
                self._slow_running -= 1
            self._count(job, -1)
        if job.worker is not None:
            self._division.leave(job.worker)

    def _of_use(self, worker: Worker) -> bool:
        """Whether a worker may be asked another query."""
        return worker.snapshot is self._snapshot and not worker.gave_way

    def _kill(self, worker: Worker, why: str = "replaced") -> None:
        self.ends[why] += 1
        worker.kill()
        self._buried(worker)

    @staticmethod
    def _fail(job: Job, error: BaseException) -> None:
        if not job.future.done():
            job.future.set_exception(error)

    @staticmethod
    def _quiet(job: Job) -> None:
        for timer in job.timers:
            timer.cancel()
        job.timers = []
