"""The application as granian serves it (RSGI): the endpoint in the event loop, everything else by Flask.

A query for a program goes straight to the store's workers, and back, without a thread; what was answered
before is answered from the cache, before anything else is read. A client that goes away ends its query. Pages
are Flask's, in threads.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, cast

from graph.errors import Her2kgError, QueryTooLarge, RequestTimeout
from graph.store.processors import roam
from server import MAX_BODY
from server.bridge import call
from server.metrics import Serving, Tally
from server.negotiation import HTML, PROBLEM, choose
from server.proxies import Proxies, Reader
from server.sending import LARGE, CutError, Room, stream
from server.sparql.cache import Cache
from server.sparql.endpoint import awaited, prepared, published
from server.sparql.protocol import Request
from server.sparql.reply import Reply, broken, compressed, conditional, failed, has, preflight
from server.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from flask import Flask
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

    from graph.store import Store
    from server.journal import Journal
    from server.sparql.protocol import Question

log = logging.getLogger(__name__)

ENDPOINT: Final = re.compile(r"/sparql|/release/([^/]+)/sparql")
NO_PROXIES: Final = Proxies()
THREADS: Final = 32
"""Pages made at a time; they wait for query workers mostly."""

WATCHED: Final = frozenset({"/health", "/metrics"})
"""What is answered by threads of its own, however many pages wait for an answer."""

WATCHED_AFTER: Final = 0.05
"""Seconds after which an answer is worth asking whether anybody still waits for it."""

PIECE: Final = 1 << 18
"""Bytes sent at a time of what is too large to be copied whole, or compressed beside the loop."""


class Application:
    """What granian calls: `make_store` and `make_app` are called in the process that serves, in its loop."""

    def __init__(
        self,
        make_store: Callable[[asyncio.AbstractEventLoop], Store],
        make_app: Callable[[Store], Flask],
        ready: Callable[[Store], None] | None = None,
        *,
        proxies: Proxies = NO_PROXIES,
        journal: Journal | None = None,
        patience: float = 30.0,
        room: int = 1 << 30,
    ) -> None:
        self._make_store, self._make_app, self._ready = make_store, make_app, ready
        self._reader, self._journal = Reader(proxies) if proxies else None, journal
        self._cache, self._tally = Cache(), Tally(self._serving)
        self._patience, self._room = patience, Room(room)
        self._running = 0
        self._threads = ThreadPoolExecutor(THREADS, "her2kg-page", roam)
        self._watchers = ThreadPoolExecutor(2, "her2kg-watch", roam)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open the store; what keeps it from opening is said in words, and ends the process."""
        self._loop = loop
        loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="her2kg-help", initializer=roam))
        if self._journal is not None:
            self._journal.start()
        try:
            self._store = self._make_store(loop)
        except Her2kgError as error:
            print(f"error: {error}", file=sys.stderr)  # noqa: T201 - nobody else can say it any more
            sys.exit(error.exit_code)
        self._app = self._make_app(self._store)
        self._app.extensions["cache"] = self._cache
        self._app.extensions["tally"] = self._tally
        if self._ready is not None:
            self._ready(self._store)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """End every query worker."""
        self._store.close()
        for threads in (self._threads, self._watchers):
            threads.shutdown(wait=False, cancel_futures=True)
        if self._journal is not None:
            self._journal.close()

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request, and note how that went."""
        if scope.proto != "http":
            return
        visit = Visit(scope, protocol, self._reader)
        self._running += 1
        path = ENDPOINT.fullmatch(visit.path)
        try:
            if path is None or not await self._ask(scope, visit, path[1]):
                await self._page(scope, visit)
        except Exception:
            log.exception("%s %s failed", visit.method, visit.path, extra={"request": visit.id})
            if not visit.status:
                self._send(scope, visit, broken(visit.id), scope.headers)
            visit.outcome = "error"
        finally:
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

    async def _ask(self, scope: Scope, protocol: Visit, release: str | None) -> bool:
        """Answer a query; False where it is Flask's to answer, with a page."""
        headers, method, query_string = scope.headers, scope.method, scope.query_string
        accept, encoding = headers.get("accept"), headers.get("accept-encoding")
        key: Hashable = (release, query_string, accept, encoding)
        version = self._store.manifest().version
        self._cache.at(version)
        if method in {"GET", "HEAD"}:
            if (known := self._cache.get(key)) is not None:
                self._send(scope, protocol, known, headers)
                protocol.outcome = "cached"
                return True
            body = b""
        elif method == "OPTIONS":
            self._send(scope, protocol, preflight(), headers)
            return True
        elif method != "POST" or choose(accept, [PROBLEM, HTML]) == HTML:
            return False
        else:
            try:
                body = await self._body(scope, protocol)
            except Her2kgError as error:
                self._send(scope, protocol, failed(error), headers)
                return True
            digest = hashlib.blake2b(body, digest_size=16).digest()
            key = (release, query_string, accept, encoding, headers.get("content-type"), digest)
            if (known := self._cache.get(key)) is not None:
                self._send(scope, protocol, known, headers)
                protocol.outcome = "cached"
                return True
        host = protocol.host or scope.authority or headers.get("host") or "localhost"
        request = Request(
            method=method,
            query_string=query_string.encode("utf-8", "surrogateescape"),
            headers=headers,
            body=body,
            client=protocol.client,
            site=f"{protocol.scheme or scope.scheme}://{host}",
            path=protocol.path,
            release=release,
        )
        try:
            question, reply = prepared(self._store, request)
            protocol.asked(question.query)
            if question.html:
                return False
            if reply is None:
                await self._wait(scope, protocol, request, question, key, version)
            else:
                await self._deliver(scope, protocol, reply, key, version)
        except Her2kgError as error:
            if choose(accept, [PROBLEM, HTML]) == HTML:
                return False
            self._send(scope, protocol, failed(error), headers)
        return True

    async def _wait(
        self, scope: Scope, visit: Visit, request: Request, question: Question, key: Hashable, version: str
    ) -> None:
        """Send the reply when there is one, unless the client goes away."""
        task = cast("asyncio.Task[None]", asyncio.current_task())
        watch = self._loop.call_later(WATCHED_AFTER, self._watch, task, visit)
        try:
            reply = await awaited(self._store, request, question)
            await self._deliver(scope, visit, reply, key, version)
        except asyncio.CancelledError:
            pass  # nobody waits for it any more
        finally:
            watch.cancel()

    async def _deliver(self, scope: Scope, visit: Visit, reply: Reply, key: Hashable, version: str) -> None:
        """Send a reply, keep it if it may be asked for again; a large one counts as long as it is here.

        `version` is the one that was served when it was asked for: if it is another now, nothing is kept.
        """
        reply = reply._replace(query=visit.query)
        headers, size = scope.headers, len(reply.body)
        large = size >= LARGE and visit.method != "HEAD"
        if large:
            try:
                self._room.take(size)
            except Her2kgError as error:
                self._send(scope, visit, failed(error), headers)
                return
        try:
            reply = await self._encoded(reply, headers.get("accept-encoding"))
            self._cache.put(key, reply, version)
            if large and len(reply.body) >= LARGE:
                await self._stream(visit, reply)
            else:
                self._send(scope, visit, reply, headers)
        finally:
            if large:
                self._room.give(size)

    def _watch(self, task: asyncio.Task[Any], protocol: Visit) -> None:
        """End the work when the client goes away."""

        async def wait() -> None:
            await protocol.protocol.client_disconnect()
            task.cancel()

        watching = self._loop.create_task(wait())
        task.add_done_callback(lambda _: watching.cancel())

    async def _encoded(self, reply: Reply, accept_encoding: str | None) -> Reply:
        if len(reply.body) <= PIECE:
            return compressed(reply, accept_encoding)
        return await self._loop.run_in_executor(self._threads, compressed, reply, accept_encoding)

    def _send(self, scope: Scope, protocol: Visit, reply: Reply, headers: Any) -> None:
        """Send what is in memory; 304 where the client has it already."""
        protocol.query, protocol.outcome = reply.query or protocol.query, reply.outcome
        protocol.rows = reply.rows
        if reply.etag is not None and conditional(headers):
            request = Request(scope.method, b"", headers)
            if request.reads and has(request, reply.etag, published(self._store.manifest().created)):
                kept = [header for header in reply.headers if header[0] != "Content-Encoding"]
                protocol.response_empty(304, kept)
                return
        if scope.method == "HEAD":
            protocol.response_empty(reply.status, [*reply.headers, ("Content-Length", str(len(reply.body)))])
        else:
            protocol.response_bytes(reply.status, [*reply.headers], reply.body[:])

    async def _stream(self, visit: Visit, reply: Reply) -> None:
        """Send what is large, as the client takes it."""
        visit.outcome, visit.rows = reply.outcome, reply.rows
        try:
            await stream(visit, reply, self._patience, self._watchers)
        except CutError as cut:
            visit.outcome = str(cut)

    async def _page(self, scope: Scope, protocol: Visit) -> None:
        try:
            body = await self._body(scope, protocol) if scope.method not in {"GET", "HEAD"} else b""
        except Her2kgError as error:
            self._send(scope, protocol, failed(error), scope.headers)
            return
        threads = self._watchers if scope.path in WATCHED else self._threads
        made = self._loop.run_in_executor(threads, call, self._app, scope, body, protocol)
        status, headers, content = await made
        if scope.method == "HEAD" or status in {204, 304}:
            protocol.response_empty(status, headers)
        elif len(content) < LARGE:
            protocol.response_bytes(status, headers, content)
        else:
            await self._stream(
                protocol, Reply(status, (*headers,), content, outcome=protocol.outcome, rows=protocol.rows)
            )

    async def _body(self, scope: Scope, protocol: Visit) -> bytes:
        """The body of a request; QueryTooLarge as soon as it is known to be so, and what comes is not kept.

        RequestTimeout when it takes longer than a query may.
        """
        if protocol.body is not None:
            return protocol.body  # it comes once; a query that a page shows was read before that was known
        length = scope.headers.get("content-length") or "0"
        pieces, size = [], 0
        if not length.isdigit() or int(length) <= MAX_BODY:
            try:
                async with asyncio.timeout(self._patience):
                    async for piece in protocol.protocol:
                        size += len(piece)
                        if size > MAX_BODY:
                            break
                        pieces.append(piece)
            except TimeoutError:
                raise RequestTimeout(
                    f"The request's body had not arrived after {self._patience:g} seconds.",
                    mend="Send it in one go.",
                ) from None
        if size > MAX_BODY or (length.isdigit() and int(length) > MAX_BODY):
            raise QueryTooLarge(
                f"The request's body would exceed {MAX_BODY:,} bytes.", mend="Send several smaller requests."
            )
        protocol.body = b"".join(pieces)
        return protocol.body
