"""The application as it is served: the endpoint in the event loop, everything else by Flask.

A query for a program goes straight to the store's workers, and back, without a thread; what was answered
before is answered from the cache, before anything else is read. A client that goes away ends its query. Pages
are Flask's, in threads.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

from graph.errors import Her2kgError
from server.bridge import call
from server.connection import CutError
from server.metrics import Serving, Tally
from server.negotiation import HTML, PROBLEM, choose
from server.proxies import Proxies, Reader
from server.sending import LARGE, Room, stream
from server.sparql.cache import Cache
from server.sparql.endpoint import awaited, prepared, published
from server.sparql.protocol import Request
from server.sparql.reply import Reply, broken, compressed, conditional, failed, has, preflight
from server.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable

    from flask import Flask

    from graph.store import Store
    from server.connection import Connection
    from server.journal import Journal
    from server.reading import Incoming
    from server.sparql.protocol import Question

    Work = Coroutine[object, object, None]
    """What is left to do for an answer."""

log = logging.getLogger(__name__)

ENDPOINT: Final = re.compile(r"/sparql|/release/([!-.0-~]+)/sparql")
NO_PROXIES: Final = Proxies()
THREADS: Final = 32
"""Pages made at a time; they wait for query workers mostly."""

WATCHED: Final = frozenset({"/health", "/metrics"})
"""What is answered by threads of its own, however many pages wait for an answer."""

AT_ONCE: Final = 1 << 18
"""Bytes of an answer that are compressed in the loop; more are compressed beside it."""


class Application:
    """Answers the requests of all connections, in one event loop; see `server.connection.Handler`.

    `make_store` and `make_app` are called by `open`.
    """

    def __init__(
        self,
        make_store: Callable[[asyncio.AbstractEventLoop], Store],
        make_app: Callable[[Store], Flask],
        *,
        proxies: Proxies = NO_PROXIES,
        journal: Journal | None = None,
        room: int = 1 << 30,
    ) -> None:
        self._make_store, self._make_app = make_store, make_app
        self._reader, self._journal = Reader(proxies) if proxies else None, journal
        self._cache, self._tally = Cache(), Tally(self._serving)
        self._room = Room(room)
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(THREADS, "her2kg-page")
        self._watchers = ThreadPoolExecutor(2, "her2kg-watch")

    def open(self, loop: asyncio.AbstractEventLoop) -> Store:
        """Open the store, in the thread that runs the loop; raises what keeps it from opening."""
        self._loop = loop
        loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="her2kg-help"))
        if self._journal is not None:
            self._journal.start()
        self._store = self._make_store(loop)
        self._app = self._make_app(self._store)
        self._app.extensions["cache"] = self._cache
        self._app.extensions["tally"] = self._tally
        return self._store

    def close(self) -> None:
        """Leave what is being answered, and end every query worker."""
        for task in self._tasks:
            task.cancel()
        self._store.close()
        for threads in (self._threads, self._watchers):
            threads.shutdown(wait=False, cancel_futures=True)
        if self._journal is not None:
            self._journal.close()

    def serve(self, request: Incoming, connection: Connection) -> None:
        """Answer a request, and note how that went: at once if nothing has to be waited for."""
        visit = Visit(request, connection, self._reader)
        self._running += 1
        endpoint = ENDPOINT.fullmatch(visit.path)
        try:
            work = self._page(visit) if endpoint is None else self._ask(visit, endpoint[1])
        except Exception as error:
            self._fault(visit, error)
            work = None
        if work is None:
            self._ended(visit)
            return
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(partial(self._done, visit))
        connection.gone = task.cancel

    def refuse(self, request: Incoming, connection: Connection, error: Her2kgError) -> None:
        """Answer what is no request."""
        visit = Visit(request, connection, self._reader)
        self._running += 1
        self._send(visit, failed(error))
        self._ended(visit)

    def _done(self, visit: Visit, task: asyncio.Task[None]) -> None:
        """What had to be waited for has ended; if it was cancelled, nobody waits for it any more."""
        self._tasks.discard(task)
        if task.cancelled():
            visit.outcome = "gone"
        elif (error := task.exception()) is not None:
            self._fault(visit, error)
        self._ended(visit)

    def _fault(self, visit: Visit, error: BaseException) -> None:
        """A fault of ours: told, or the answer is cut."""
        log.error("%s %s failed", visit.method, visit.path, exc_info=error, extra={"request": visit.id})
        if visit.status:
            visit.connection.abort()
        else:
            self._send(visit, broken(visit.id))
        visit.outcome = "error"

    def _ended(self, visit: Visit) -> None:
        self._running -= 1
        visit.end()
        self._tally.count(visit)
        if self._journal is not None:
            self._journal.note(visit)

    def _serving(self) -> Serving:
        """How this process is doing, for `/metrics`."""
        cache, journal = self._cache, self._journal
        return Serving(
            running=self._running,
            cache_entries=len(cache),
            cache_bytes=cache.bytes,
            cache_hits=cache.hits,
            cache_misses=cache.misses,
            held=self._room.used,
            dropped=journal.dropped if journal is not None else 0,
        )

    def _ask(self, visit: Visit, release: str | None) -> Work | None:
        """Answer a query; what is left to do where it must be waited for, or is for Flask to answer."""
        request = visit.request
        headers, method, query_string, body = request.headers, request.method, request.query_string, b""
        accept, encoding = headers.get("accept"), headers.get("accept-encoding")
        key: Hashable = (release, query_string, accept, encoding)
        version = self._store.manifest().version
        self._cache.at(version)
        if method == "OPTIONS":
            self._send(visit, preflight())
            return None
        if method == "POST":
            if choose(accept, [PROBLEM, HTML]) == HTML:
                return self._page(visit)
            body = request.body
            digest = hashlib.blake2b(body, digest_size=16).digest()
            key = (release, query_string, accept, encoding, headers.get("content-type"), digest)
        elif method not in {"GET", "HEAD"}:
            return self._page(visit)
        if (known := self._cache.get(key)) is not None:
            self._send(visit, known)
            visit.outcome = "cached"
            return None
        site = f"{visit.scheme}://{visit.host or 'localhost'}"
        asked = Request(method, query_string, headers, body, visit.client, site, visit.path, release)
        try:
            question, reply = prepared(self._store, asked)
        except Her2kgError as error:
            return self._failed(visit, error)
        if question.html:
            return self._page(visit)
        if reply is None:
            visit.asked(question.query)
            return self._wait(visit, asked, question, key, version)
        reply = compressed(reply, encoding)  # it was looked up, and is small
        self._cache.put(key, reply, version)
        self._send(visit, reply)
        return None

    def _failed(self, visit: Visit, error: Her2kgError) -> Work | None:
        """Say what is wrong: here for a program, by Flask for a person."""
        if choose(visit.request.headers.get("accept"), [PROBLEM, HTML]) == HTML:
            return self._page(visit)
        self._send(visit, failed(error))
        return None

    async def _wait(
        self, visit: Visit, asked: Request, question: Question, key: Hashable, version: str
    ) -> None:
        """Send the reply when there is one."""
        try:
            reply = await awaited(self._store, asked, question)
        except Her2kgError as error:
            if (page := self._failed(visit, error)) is not None:
                await page
            return
        await self._deliver(visit, reply, key, version)

    async def _deliver(self, visit: Visit, reply: Reply, key: Hashable, version: str) -> None:
        """Send a reply, keep it if it may be asked for again; a large one counts as long as it is here.

        `version` is the one that was served when it was asked for: if it is another now, nothing is kept.
        """
        size = len(reply.body)
        large = size >= LARGE and visit.method != "HEAD"
        if large:
            try:
                self._room.take(size)
            except Her2kgError as error:
                self._send(visit, failed(error))
                return
        try:
            reply = await self._encoded(reply, visit.request.headers.get("accept-encoding"))
            self._cache.put(key, reply, version)
            if large and len(reply.body) >= LARGE:
                await self._stream(visit, reply)
            else:
                self._send(visit, reply)
        finally:
            if large:
                self._room.give(size)

    async def _encoded(self, reply: Reply, accept_encoding: str | None) -> Reply:
        if len(reply.body) <= AT_ONCE:
            return compressed(reply, accept_encoding)
        return await self._loop.run_in_executor(self._threads, compressed, reply, accept_encoding)

    def _send(self, visit: Visit, reply: Reply) -> None:
        """Send what is in memory; 304 where the client has it already."""
        visit.query, visit.outcome, visit.rows = reply.query or visit.query, reply.outcome, reply.rows
        request = visit.request
        if reply.etag is not None and conditional(request.headers):
            asked = Request(request.method, b"", request.headers)
            if asked.reads and has(asked, reply.etag, published(self._store.manifest().created)):
                visit.respond(304, reply.headers, own=reply.own[:1])
                return
        visit.respond(reply.status, reply.headers, reply.body[:], len(reply.body), reply.own)

    async def _stream(self, visit: Visit, reply: Reply) -> None:
        """Send what is large, as the client takes it."""
        visit.outcome, visit.rows = reply.outcome, reply.rows
        try:
            await stream(visit, reply)
        except CutError as cut:
            visit.outcome = str(cut)

    async def _page(self, visit: Visit) -> None:
        """Have Flask answer."""
        threads = self._watchers if visit.path in WATCHED else self._threads
        status, fields, content, length = await self._loop.run_in_executor(threads, call, self._app, visit)
        if len(content) < LARGE or visit.method == "HEAD":
            visit.respond(status, (), content, length, fields)
        else:
            await self._stream(visit, Reply(status, fields, content, outcome=visit.outcome, rows=visit.rows))
