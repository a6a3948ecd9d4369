"""The store of one machine: the current snapshot of a state folder, asked through worker processes."""

from __future__ import annotations

import logging
import threading
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self

from graph.errors import Her2kgError, NotAcceptable, QueryError, StoreUnavailable
from graph.files import BASE
from graph.store import JSON, TURTLE, Answer, Health, Hits, Limits, Manifest, guard
from graph.store.process import LostError, Worker
from graph.store.search import TextIndex
from graph.store.snapshots import current_file, open_current
from graph.vocab import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from graph.store import Node

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
"""How often the store looks for a newly published snapshot, and for workers to replace."""

TRIES: Final = 2
"""A query whose worker was lost through no fault of the query is asked once more: all queries only read."""

REMEMBERED: Final = 8192
"""Queries up to this many characters are checked once and remembered: pages ask the same ones again and
again.
"""


class EmbeddedStore:
    """A `graph.store.Store` over the current snapshot of the state folder `home`.

    Every query runs in one of `limits.workers` processes, under a deadline and a memory limit; a process that
    overruns is killed and replaced. A newly published snapshot is taken up within a second, and queries that
    run end on the old one. All methods may be called by any thread. SnapshotError if there is nothing to
    open.
    """

    def __init__(self, home: Path, limits: Limits | None = None) -> None:
        self._home = home
        self._limits = limits or Limits()
        self._stamp = self._look()
        self._snapshot = open_current(home)
        self._text = TextIndex(self._snapshot.text)
        self._workers: set[Worker] = set()
        self._idle: list[Worker] = []
        self._changed = threading.Condition()
        self._wake = threading.Event()
        self._closed = False
        self._waiting = 0
        self._problems: dict[
            str, Her2kgError
        ] = {}  # what keeps workers from starting, or a new snapshot from being used
        self._inspect = lru_cache(maxsize=256)(self._inspected)
        # one thread starts all workers and lives as long as the store (see `Worker`)
        self._keeper = threading.Thread(target=self._keep, name="her2kg-store", daemon=True)
        self._keeper.start()
        with self._changed:
            self._changed.wait_for(lambda: self._workers or self._problems)
        if not self._workers:
            self.close()
            raise next(iter(self._problems.values()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def query(
        self,
        query: str,
        *,
        solutions: str | None = JSON,
        triples: str | None = TURTLE,
        bindings: Mapping[str, Node] | None = None,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Answer:
        """Answer a query within the limits, from one snapshot, completely; see `graph.store.Store`."""
        deadline = time.monotonic() + self._limits.timeout
        inspect = self._inspect if len(query) <= REMEMBERED else self._inspected
        graphs = inspect(query).graphs
        if default_graphs or named_graphs:
            graphs = [guard.GraphName(iri, False, 0, 0) for iri in default_graphs]
            graphs += [guard.GraphName(iri, True, 0, 0) for iri in named_graphs]
        request: dict[str, Any] = {
            "query": query,
            "solutions": solutions,
            "triples": triples,
            "bindings": {name: str(term) for name, term in (bindings or {}).items()},
        }
        if graphs:
            guard.require_known(graphs, {f"{BASE}graph/{name}" for name in self._snapshot.manifest.graphs})
            request["default_graphs"] = [name.iri for name in graphs if not name.named]
            request["named_graphs"] = [name.iri for name in graphs if name.named]
        for _ in range(TRIES):
            try:
                return self._ask(request, deadline)
            except LostError as error:
                log.warning("a query worker was lost: %s", error)
        raise StoreUnavailable(
            "The processes that answered the query were ended from outside.", mend="Try again."
        )

    def search(self, text: str, *, kind: str | None = None, limit: int = 20, offset: int = 0) -> Hits:
        """Find things by name or definition; see `graph.store.Store`."""
        return self._text.search(text, kind=kind, limit=limit, offset=offset)

    def manifest(self) -> Manifest:
        """The manifest of the snapshot that new queries are answered from."""
        return self._snapshot.manifest

    def health(self) -> Health:
        """Whether workers are up, and what holds them in."""
        with self._changed:
            alive = [worker for worker in self._workers if worker.alive()]
            idle = sum(worker.alive() for worker in self._idle)
            problem = " ".join(map(str, self._problems.values()))
        complete = len(alive) >= self._limits.workers and not problem
        return Health(
            status="ok" if complete else "degraded" if alive else "down",
            version=self._snapshot.manifest.version,
            workers=len(alive),
            busy=len(alive) - idle,
            network="denied" if all(worker.network == "denied" for worker in alive) else "open",
            memory="limited" if all(worker.memory == "limited" for worker in alive) else "unlimited",
            problem=problem,
        )

    def close(self) -> None:
        """End all workers, those that answer included."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._wake.set()
        if threading.current_thread() is not self._keeper:
            self._keeper.join()
        with self._changed:
            while self._idle:
                self._drop(self._idle.pop())
            busy = list(self._workers)
        for worker in busy:  # those who wait for their answers give them back
            worker.end()

    def _inspected(self, query: str) -> guard.Inspection:
        return guard.inspect(query, prefixes=PREFIXES, base=BASE, max_bytes=self._limits.query_bytes)

    def _ask(self, request: dict[str, Any], deadline: float) -> Answer:
        worker = self._take(deadline)
        usable = False
        try:
            header, body = worker.ask(request, deadline)
            usable = True
        except (QueryError, NotAcceptable):
            usable = worker.alive()
            raise
        finally:
            self._give_back(worker, usable=usable)
        return Answer(header["form"], header["media_type"], body, worker.snapshot.manifest.version)

    def _take(self, deadline: float) -> Worker:
        with self._changed:
            while not self._closed:
                while self._idle:
                    worker = self._idle.pop()
                    if worker.alive():
                        return worker
                    self._drop(worker)
                if "workers" in self._problems and not self._workers:
                    raise StoreUnavailable(str(self._problems["workers"]))
                if self._waiting >= self._limits.waiting:
                    raise StoreUnavailable("Too many queries are waiting already.", mend="Try again later.")
                self._waiting += 1
                freed = self._changed.wait(deadline - time.monotonic())
                self._waiting -= 1
                if not freed:
                    raise StoreUnavailable(
                        "All query workers were busy for the whole time the query had.",
                        mend="Try again later.",
                    )
        raise StoreUnavailable("The store has been closed.")

    def _give_back(self, worker: Worker, *, usable: bool) -> None:
        with self._changed:
            if usable and not self._closed and worker.snapshot is self._snapshot:
                self._idle.append(worker)
                self._changed.notify()
            else:
                self._drop(worker)

    def _drop(self, worker: Worker) -> None:
        self._workers.discard(worker)
        worker.kill()
        self._wake.set()

    def _keep(self) -> None:
        while not self._closed:
            self._wake.clear()
            for name, step in (("snapshot", self._follow), ("workers", self._fill)):
                try:
                    step()
                except (Her2kgError, OSError) as error:
                    log.error("%s: %s", name, error)  # noqa: TRY400 - the error says all a reader needs
                    with self._changed:
                        self._problems[name] = (
                            error if isinstance(error, Her2kgError) else StoreUnavailable(f"{error}.")
                        )
                        self._changed.notify_all()
            self._wake.wait(LOOK_SECONDS)

    def _fill(self) -> None:
        """Start workers until there are as many as there should be."""
        while not self._closed and len(self._workers) < self._limits.workers:
            worker = Worker(self._snapshot, self._limits)
            with self._changed:
                self._problems.pop("workers", None)
                self._workers.add(worker)
                self._idle.append(worker)
                self._changed.notify()

    def _follow(self) -> None:
        """Take up a newly published snapshot: new workers first, so that no query waits for them."""
        stamp = self._look()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        snapshot = open_current(self._home)
        if snapshot.path == self._snapshot.path:
            self._problems.pop("snapshot", None)
            return
        fresh = [Worker(snapshot, self._limits) for _ in range(self._limits.workers)]
        with self._changed:
            old, self._idle = self._idle, fresh
            self._problems.pop("snapshot", None)
            self._snapshot, self._text = snapshot, TextIndex(snapshot.text)
            self._workers.update(fresh)
            for worker in old:
                self._drop(worker)
            self._changed.notify_all()

    def _look(self) -> tuple[int, int] | None:
        try:
            status = current_file(self._home).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns
