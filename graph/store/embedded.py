"""The store of one machine: the snapshots of a state folder, asked through worker processes."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import queue
import threading
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, Self, Unpack

from graph.errors import Her2kgError, NotFound, QueryError, StoreUnavailable
from graph.files import BASE
from graph.store import (
    JSON,
    TURTLE,
    Answer,
    Health,
    Hits,
    Limits,
    Manifest,
    Options,
    federation,
    guard,
    index,
    replies,
    textquery,
)
from graph.store.calling import Caller
from graph.store.figures import Figures, memory
from graph.store.pool import SPARE, Pool
from graph.store.process import Worker, message
from graph.store.processors import Processors, keep
from graph.store.search import TextIndex
from graph.store.snapshots import VERSION, Snapshot, current_file, open_current, verify
from graph.vocab import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
"""How often the store looks for a newly published snapshot, and for workers to replace."""

REMEMBERED: Final = 8192
"""Queries up to this many characters are checked once and remembered: pages ask the same ones again and
again. Longer ones are checked beside the event loop.
"""


class EmbeddedStore:
    """A `graph.store.Store` over the current snapshot of the state folder `home`.

    Every query runs in a process of a `graph.store.pool.Pool`, under a deadline and a memory limit; a process
    that overruns is killed and replaced. A newly published snapshot is taken up within a second, and queries
    that run end on the old one. `query` may be called by any thread but that of `loop`, the event loop that
    answers come to; without one, the store makes and runs its own. With `rows`, answers tell how many they
    have: that costs a tenth of the time of a large one. SnapshotError if there is nothing to open.
    """

    def __init__(
        self,
        home: Path,
        limits: Limits | None = None,
        *,
        loop: asyncio.AbstractEventLoop | None = None,
        rows: bool = False,
    ) -> None:
        self._home = home
        self._rows = rows
        self._limits = limits or Limits()
        self._stamp = self._look()
        self._snapshot = open_current(home)
        self._text = TextIndex(self._snapshot.text)
        self._graphs = _graph_names(self._snapshot.manifest)
        self._index = index.opened(self._snapshot)
        self._looked_up = 0
        self._problems: dict[str, Her2kgError] = {}  # what keeps a worker or a new snapshot from being used
        self._inspect = lru_cache(maxsize=256)(self._inspected)
        self._others = lru_cache(maxsize=16)(self._opened)
        self._closed = False
        self._thread: threading.Thread | None = None
        if loop is None:
            loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=loop.run_forever, name="her2kg-answers", daemon=True)
        self._loop = loop
        # who makes a store for a loop is the thread that runs it
        self._loop_thread = threading.get_ident() if self._thread is None else None
        self._wake = threading.Event()
        self._dead: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        self._caller = Caller() if self._limits.endpoints else None
        # a process that serves is kept apart from long queries; another program is left where it is
        self._processors = Processors(self._limits.slow) if self._thread is None else None
        self._pool = Pool(
            loop, self._limits, wanted=self._wake.set, buried=self._bury, processors=self._processors
        )
        # one thread starts all workers and lives as long as the store (see `Worker`)
        self._begun = threading.Event()  # the first worker is there, or could not be started
        self._ready = False
        self._keeper = threading.Thread(target=self._keep, name="her2kg-workers", daemon=True)
        self._keeper.start()
        if self._thread is not None:
            self._thread.start()
        self._begun.wait()
        if not self._ready:
            self.close()
            raise next(iter(self._problems.values()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def limits(self) -> Limits:
        """What one query may use."""
        return self._limits

    async def answer(self, query: str, **options: Unpack[Options]) -> Answer:
        """Answer a query within the limits, from one snapshot, completely; see `graph.store.Store`."""
        deadline = self._loop.time() + self._limits.timeout
        called = await self._federated(query) if self._limits.endpoints else None
        if called is not None:
            query = called.query
        if len(query) <= REMEMBERED and guard.plain(query):
            graphs = []
        elif len(query) <= REMEMBERED:
            graphs = self._inspect(query).graphs
        else:
            try:
                async with asyncio.timeout_at(deadline):
                    graphs = (await self._loop.run_in_executor(None, self._inspected, query)).graphs
            except TimeoutError:
                raise replies.overrun(self._limits) from None
        default, named = options.get("default_graphs", ()), options.get("named_graphs", ())
        if default or named:
            graphs = [guard.GraphName(iri, False, 0, 0) for iri in default]
            graphs += [guard.GraphName(iri, True, 0, 0) for iri in named]
        if textquery.may_search(query):
            query = await self._loop.run_in_executor(None, textquery.expanded, query, self._found)
        request: dict[str, Any] = {
            "query": query,
            "solutions": options.get("solutions", JSON),
            "triples": options.get("triples", TURTLE),
            "bindings": {name: str(term) for name, term in options.get("bindings", {}).items()},
        }
        if self._rows:
            request["rows"] = True
        snapshot, known = self._snapshot, self._graphs
        asked = self._of(options.get("release"))
        if asked is not snapshot:
            snapshot = asked
            known = _graph_names(snapshot.manifest)
            request["store"] = str(snapshot.store)
        if graphs:
            guard.require_known(graphs, known)
            request["default_graphs"] = [name.iri for name in graphs if not name.named]
            request["named_graphs"] = [name.iri for name in graphs if name.named]
        if called is not None and self._caller is not None and (request["solutions"] or request["triples"]):
            values = await self._caller.solutions(called, options.get("client", ""), deadline)
            request["query"] = query = called.filled(query, values)
        try:
            sent = message(request)
        except TypeError:
            raise QueryError("The query has half a character in it.", mend="Send it as UTF-8.") from None
        key = hashlib.blake2b(sent, digest_size=16).digest()
        of, (header, body) = await self._pool.run(sent, key, options.get("client", ""), deadline)
        if "error" in header:
            if header["error"] == "syntax" and len(query) <= REMEMBERED:
                self._inspect(query)  # it may know better what is wrong
            raise replies.failure(header, query, self._limits)
        version = snapshot.manifest.version if "store" in request else of.manifest.version
        return Answer(header["form"], header["media_type"], body, version, header.get("rows"))

    def look_up(self, query: str, release: str | None = None) -> Answer | None:
        """The answer to a single triple pattern, straight from the index; see `graph.store.index`."""
        opened, limits = self._index, self._limits
        if opened is None or release not in {None, opened.version} or len(query) > limits.query_bytes:
            return None
        answer = opened.answer(query)
        if answer is None or len(answer.content) > limits.result_bytes:
            return None
        self._looked_up += 1
        return answer

    def query(self, query: str, **options: Unpack[Options]) -> Answer:
        """Do what `answer` does, for a caller in any thread but that of the event loop."""
        if self._closed:
            raise StoreUnavailable("The store has been closed.")
        return asyncio.run_coroutine_threadsafe(self.answer(query, **options), self._loop).result()

    def search(self, text: str, *, kind: str | None = None, limit: int = 20, offset: int = 0) -> Hits:
        """Find things by name or definition; see `graph.store.Store`."""
        return self._text.search(text, kind=kind, limit=limit, offset=offset)

    def manifest(self, release: str | None = None) -> Manifest:
        """The manifest of the snapshot that new queries are answered from, or of another release."""
        return (self._snapshot if release is None else self._of(release)).manifest

    def health(self) -> Health:
        """Whether workers are up, and what holds them in."""
        workers = [worker for worker in self._pool.workers() if worker.alive()]
        problem = " ".join(map(str, self._problems.values()))
        complete = self._pool.missing <= 0 and workers and not problem
        return Health(
            status="ok" if complete else "degraded" if workers else "down",
            version=self._snapshot.manifest.version,
            workers=len(workers),
            busy=self._pool.busy,
            waiting=self._pool.waiting,
            network="denied" if all(worker.network == "denied" for worker in workers) else "open",
            memory="limited" if all(worker.memory == "limited" for worker in workers) else "unlimited",
            problem=problem,
        )

    def figures(self) -> Figures:
        """What became of workers, and what they need."""
        pool = self._pool
        return Figures(
            parked=pool.parked,
            memory=sum(memory(worker.pid) for worker in pool.workers()),
            started=pool.started,
            looked_up=self._looked_up,
            ends={**pool.ends},
        )

    def close(self) -> None:
        """End all workers, those that answer included."""
        self._closed, self._index = True, None
        self._wake.set()
        if threading.get_ident() == self._loop_thread:
            self._pool.close()
        elif self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        elif not self._loop.is_closed():
            self._pool.close()
        self._keeper.join()
        while not self._dead.empty():
            self._dead.get().reap()
        if self._thread is not None and self._thread.ident is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _federated(self, query: str) -> federation.Federated | None:
        """A query that calls other endpoints, ready to be filled; None for any other."""
        if "SERVICE" not in query.upper() or len(query) > self._limits.query_bytes:
            return None
        read = partial(federation.federated, prefixes=PREFIXES, base=BASE)
        return await self._loop.run_in_executor(None, read, query, self._limits.endpoints)

    async def _end(self) -> None:
        self._pool.close()

    def _found(self, words: str, limit: int) -> Hits:
        return self._text.search(words, limit=limit)

    def _bury(self, worker: Worker) -> None:
        self._dead.put(worker)
        self._wake.set()

    def _inspected(self, query: str) -> guard.Inspection:
        return guard.inspect(query, prefixes=PREFIXES, base=BASE, max_bytes=self._limits.query_bytes)

    def _of(self, release: str | None) -> Snapshot:
        """The snapshot that a release is; without one the current one."""
        current = self._snapshot
        return current if release in {None, current.manifest.version} else self._others(release)

    def _opened(self, version: str) -> Snapshot:
        """Another snapshot of the state folder; NotFound where there is none."""
        path = self._home.resolve() / "snapshots" / version
        if not VERSION.fullmatch(version) or not path.is_dir():
            raise NotFound(
                "There is no such release here.",
                where=version[:40],
                mend=f"The current one is {self._snapshot.manifest.version}.",
            )
        return verify(path)

    def _keep(self) -> None:
        """Start workers, reap those that were killed, and look for a new snapshot, until the store closes."""
        while not self._closed:
            self._wake.clear()
            while not self._dead.empty():
                self._dead.get().reap()
            for name, step in (("snapshot", self._follow), ("workers", self._fill)):
                try:
                    step()
                except (Her2kgError, OSError) as error:
                    log.error("%s: %s", name, error)  # noqa: TRY400 - the error says all a reader needs
                    known = error if isinstance(error, Her2kgError) else StoreUnavailable(f"{error}.")
                    self._problems[name] = known
                    self._begun.set()
            self._wake.wait(LOOK_SECONDS)

    def _fill(self) -> None:
        """Start workers until there are as many as there should be."""
        while not self._closed and self._pool.missing > 0:
            worker = self._started(self._snapshot)
            self._problems.pop("workers", None)
            self._ready = True
            self._begun.set()
            self._hand_over(partial(self._pool.add, worker))

    def _started(self, snapshot: Snapshot) -> Worker:
        """A fresh worker; to start it is work too, and not to be in the way of short queries."""
        if self._processors is not None:
            keep(0, self._processors.long if self._pool.divided else self._processors.all)
        return Worker(snapshot, self._limits)

    def _follow(self) -> None:
        """Take up a newly published snapshot: new workers first, so that no query waits for them."""
        stamp = self._look()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        snapshot = open_current(self._home)
        self._problems.pop("snapshot", None)
        if snapshot.path == self._snapshot.path:
            return
        fresh = [self._started(snapshot) for _ in range(self._limits.workers + SPARE)]
        text, triples = TextIndex(snapshot.text), index.opened(snapshot)
        graphs = _graph_names(snapshot.manifest)

        def change() -> None:
            self._snapshot, self._text, self._graphs, self._index = snapshot, text, graphs, triples
            self._others.cache_clear()
            self._pool.follow(snapshot, fresh)

        self._hand_over(change)

    def _hand_over(self, change: Callable[[], None]) -> None:
        """Have the loop make a change, and wait until it is made."""
        done = threading.Event()

        def make() -> None:
            change()
            done.set()

        self._loop.call_soon_threadsafe(make)
        while not done.wait(LOOK_SECONDS) and not self._closed:
            pass

    def _look(self) -> tuple[int, int] | None:
        try:
            status = current_file(self._home).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns


def _graph_names(manifest: Manifest) -> frozenset[str]:
    """The graphs' IRIs; a manifest has those of ours by name, and others as they are."""
    return frozenset(name if ":" in name else f"{BASE}graph/{name}" for name in manifest.graphs)
