"""The store of any SPARQL 1.1 service: asked by the protocol, published to by the Graph Store Protocol.

An answer is given only if the same publication stood in the service before and after it was computed: each
has an identifier of its own, which is taken away first and written last (`graph.store.remote.layout`).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, Unpack

from graph.errors import Her2kgError, NotFound, QueryError, QueryRefused, QueryTimeout, StoreUnavailable
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
    guard,
    replies,
    textquery,
)
from graph.store.remote import labels, layout, results, rewriting
from graph.store.remote.credentials import credentials
from graph.store.remote.gate import Gate
from graph.store.remote.joined import Joined
from graph.store.remote.parser import Parser
from graph.store.remote.service import Question, Service, client
from graph.store.search import TextIndex
from graph.vocab import NAMED_ONLY, PREFIXES

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from pathlib import Path


log = logging.getLogger(__name__)

T = TypeVar("T")

LOOK_SECONDS: Final = 1.0
"""How often the store looks for another publication, and whether the service is there."""

LOOK_TIMEOUT: Final = 10.0
STATE_BYTES: Final = 64 * 1024
OWN_SECONDS: Final = 300.0
"""What reading the manifest and the names of a publication may take."""

REMEMBERED: Final = 8192
"""Queries up to this many characters are checked once and remembered."""

RESULT_BYTES: Final = 64 * 1024 * 1024
"""A result is read whole and written anew in this process: it may be a quarter of what a query worker may
make.
"""

TRIES: Final = 2
"""A query whose publication was replaced while it was answered is asked once more."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication that was found whole: its identifier, manifest and text index, and the graphs of its
    dataset.
    """

    identifier: str
    manifest: Manifest
    text: TextIndex
    graphs: frozenset[str]


class RemoteStore:
    """A `graph.store.Store` over a SPARQL service at `url`; `home` is where its text index and its parser are
    kept.

    `query` may be called by any thread but that of `loop`, the event loop that answers come to; without one,
    the store makes and runs its own. A new publication is taken up within a second or so, and a service that
    was away is used again as soon as it is there. Raises StoreUnavailable when the service is away at first,
    or has nothing whole.
    """

    def __init__(
        self,
        url: str,
        home: Path,
        limits: Limits | None = None,
        *,
        user: str = "",
        password: str = "",
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._url = url
        self._home = home / "remote"
        self._limits = replace(limits or Limits(), endpoints=())  # a remote store calls no third service
        self._max_bytes = min(self._limits.result_bytes, RESULT_BYTES)
        self._auth = credentials(user, password)
        self._gate = Gate(self._limits)
        self._inspect = lru_cache(maxsize=256)(self._inspected)
        self._problem: tuple[Her2kgError, str] | None = None  # and since when
        self._publication = _apart(self._first)
        self._confirming = Joined(self._identifier)
        self._renewing = Joined(self._taken)
        self._closed = False
        self._thread: threading.Thread | None = None
        if loop is None:
            loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=loop.run_forever, name="her2kg-remote", daemon=True)
        self._loop = loop
        self._loop_thread = threading.get_ident() if self._thread is None else None
        self._service = Service(url, client(self._auth, self._gate.slots + 4))
        self._service.dialect, self._service.limit = self._found
        self._looking: asyncio.Task[None] | None = None
        if self._thread is None:
            self._parser = Parser(loop)
        else:  # a store that is made for a loop is made by the thread that runs it
            self._thread.start()
            self._parser = asyncio.run_coroutine_threadsafe(_parser(loop), loop).result()
        loop.call_soon_threadsafe(self._begin)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def limits(self) -> Limits:
        """What a query may use."""
        return self._limits

    async def answer(self, query: str, **options: Unpack[Options]) -> Answer:
        """Answer a query within the limits, from one publication, completely; see `graph.store.Store`."""
        deadline = self._loop.time() + self._limits.timeout
        if self._closed:
            raise StoreUnavailable("The store has been closed.")
        if len(query) <= REMEMBERED:
            inspection = self._inspect(query)
        else:
            inspection = await self._loop.run_in_executor(None, self._inspected, query)
        for _ in range(TRIES):
            publication = self._require()
            _require_current(publication.manifest, options.get("release"))
            answer = await self._answered(query, inspection.graphs, publication, deadline, options)
            if answer is not None:
                return answer
        raise StoreUnavailable(
            "The data were replaced while the query was answered, twice.", mend="Try again."
        )

    def look_up(self, query: str, release: str | None = None) -> Answer | None:  # noqa: ARG002
        """None: everything is asked of the service."""
        return None

    def query(self, query: str, **options: Unpack[Options]) -> Answer:
        """Do what `answer` does, for a caller in any thread but that of the event loop."""
        if self._closed:
            raise StoreUnavailable("The store has been closed.")
        return asyncio.run_coroutine_threadsafe(self.answer(query, **options), self._loop).result()

    def search(self, text: str, *, kind: str | None = None, limit: int = 20, offset: int = 0) -> Hits:
        """Find things by name or definition; see `graph.store.Store`."""
        return self._publication.text.search(text, kind=kind, limit=limit, offset=offset)

    def manifest(self, release: str | None = None) -> Manifest:
        """The manifest of the publication that was found last; there is no other here."""
        _require_current(self._publication.manifest, release)
        return self._publication.manifest

    def health(self) -> Health:
        """Whether the service answers, and since when not."""
        problem = self._problem
        return Health(
            status="down" if problem else "ok",
            version=self._publication.manifest.version,
            workers=0 if problem else self._gate.slots,
            busy=self._gate.busy,
            waiting=self._gate.waiting,
            network="remote",
            memory="remote",
            problem=f"{problem[0]} (Since {problem[1]}.)" if problem else "",
        )

    def close(self) -> None:
        """Give up all queries, and close the connections."""
        self._closed = True
        if threading.get_ident() == self._loop_thread:
            self._stop()
            self._parser.close()
        elif self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        else:
            self._parser.close()
        if self._thread is not None and self._thread.ident is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    # -- one query

    async def _answered(
        self,
        query: str,
        graphs: Sequence[guard.GraphName],
        publication: Publication,
        deadline: float,
        options: Options,
    ) -> Answer | None:
        """The answer from a publication; None when another one has taken its place meanwhile."""
        default, named = _dataset(publication, graphs, options)
        if len(default) > 1 and not self._service.dialect.merges:
            raise QueryRefused(
                f"{self._service.dialect.name}, which has the data, would count a triple of several default "
                "graphs several times.",
                mend="Name one default graph, or none to ask all of them, or use GRAPH.",
            )
        rewriting.require_portable(query)
        plain = rewriting.without_comments(rewriting.without_dataset(query))
        if textquery.may_search(plain):
            plain = await self._loop.run_in_executor(
                None, textquery.expanded, plain, _finder(publication.text)
            )
        client_ = options.get("client", "")
        try:
            await self._parser.check(plain, client_)
        except QueryTimeout:
            raise replies.overrun(self._limits) from None
        form = rewriting.form(plain)
        media_type = options.get("triples", TURTLE) if form == "graph" else options.get("solutions", JSON)
        if media_type is None:
            raise replies.failure({"error": "format", "form": form}, query, self._limits)
        bound = rewriting.bound(plain, options.get("bindings", {}))
        text = rewriting.declared(rewriting.confined(bound.query, named))
        columns = bound.columns if form == "select" else {}
        try:
            async with self._gate.turn(client_, deadline):
                body = await self._service.ask(
                    Question(text, form, default, named, deadline, self._max_bytes)
                )
            content, number = await self._loop.run_in_executor(
                None, results.converted, body, form, media_type, columns, self._max_bytes
            )
            async with asyncio.timeout_at(deadline):
                if await self._confirming.ask() != publication.identifier:
                    await self._renewed()
                    return None
        except (QueryTimeout, TimeoutError):
            raise replies.overrun(self._limits) from None
        return Answer(form, media_type, content, publication.manifest.version, number)

    def _require(self) -> Publication:
        if self._problem is not None:
            error = self._problem[0]
            raise StoreUnavailable(error.what, where=error.where, mend=error.mend)
        return self._publication

    def _inspected(self, query: str) -> guard.Inspection:
        return guard.inspect(query, prefixes=PREFIXES, base=BASE, max_bytes=self._limits.query_bytes)

    async def _identifier(self) -> str:
        return (await state(self._service, self._limits.timeout)).require()

    # -- following what is published

    def _begin(self) -> None:
        if not self._closed:
            self._looking = self._loop.create_task(self._look())

    async def _look(self) -> None:
        """Look for another publication, or whether the service is back, again and again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                async with asyncio.timeout(LOOK_TIMEOUT):
                    identifier = await self._identifier()
                if identifier != self._publication.identifier:
                    await self._renewed()
                elif self._problem is not None:
                    await learn(self._service)
                self._recovered()
            except (TimeoutError, QueryTimeout):  # it is slow: queries have deadlines of their own
                log.warning("the remote store has not said within %g s what it has", LOOK_TIMEOUT)
            except Her2kgError as error:
                self._failed(error)
            except Exception:
                log.exception("looking at the remote store failed")

    def _failed(self, error: Her2kgError) -> None:
        since = self._problem[1] if self._problem else datetime.now(UTC).isoformat(timespec="seconds")
        if self._problem is None or str(self._problem[0]) != str(error):
            log.error("%s: %s", self._url, error)
        self._problem = (error, since)

    def _recovered(self) -> None:
        if self._problem is not None:
            log.warning("%s answers again", self._url)
        self._problem = None

    async def _renewed(self) -> None:
        """Take up the publication that is there now; whoever asks meanwhile waits for the same."""
        self._publication = await self._renewing.ask()

    async def _taken(self) -> Publication:
        return await taken(self._service, self._home)

    async def _first(self) -> Publication:
        service = Service(self._url, client(self._auth, 2))
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            publication = await taken(service, self._home)
            self._found = service.dialect, service.limit
            return publication
        finally:
            await service.aclose()

    def _stop(self) -> list[asyncio.Task[Any]]:
        tasks: list[asyncio.Task[Any]] = [*self._confirming.cancel(), *self._renewing.cancel()]
        if self._looking is not None:
            self._looking.cancel()
            tasks.append(self._looking)
        return tasks

    async def _end(self) -> None:
        tasks = self._stop()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._service.aclose()
        self._parser.close()


async def _parser(loop: asyncio.AbstractEventLoop) -> Parser:
    return Parser(loop)


async def state(service: Service, seconds: float = LOOK_TIMEOUT) -> layout.State:
    """What a service says of itself."""
    rows = await _own_rows(service, layout.ASK_STATE, STATE_BYTES, seconds)
    return layout.state_of(rows)


async def learn(service: Service) -> None:
    """Find out how many rows the service gives at most, where its engine has a way to say that."""
    if service.dialect.limit_query:
        try:
            found = await _own_rows(service, service.dialect.limit_query, STATE_BYTES, LOOK_TIMEOUT)
        except QueryError:  # this version has not, or this user may not
            return
        limits = [str(row["rows"].value) for row in found if "rows" in row]
        service.limit = next((int(limit) for limit in limits if limit.isdecimal() and int(limit)), None)


async def taken(service: Service, home: Path) -> Publication:
    """The publication that stands in a service, with its text index; StoreUnavailable where none is whole."""
    identifier = (await state(service)).require()
    await learn(service)
    found = await _own_rows(service, layout.ASK_MANIFEST, RESULT_BYTES, OWN_SECONDS)
    if len(found) != 1:
        raise StoreUnavailable("The remote store has no manifest, or several.", mend=layout.AGAIN)
    manifest = layout.manifest_of(str(found[0]["value"].value))
    text = await labels.index(service, home, manifest.version, OWN_SECONDS)
    if (await state(service)).require() != identifier:
        raise StoreUnavailable(
            "The data in the remote store are being replaced.", mend="Try again in a minute."
        )
    return Publication(identifier, manifest, text, frozenset(map(layout.graph_iri, manifest.graphs)))


async def _own_rows(service: Service, query: str, max_bytes: int, seconds: float) -> Any:
    deadline = asyncio.get_running_loop().time() + seconds
    return results.rows(
        await service.ask(Question(query, "select", (layout.STATE,), (), deadline, max_bytes))
    )


def _dataset(
    publication: Publication, graphs: Sequence[guard.GraphName], options: Options
) -> tuple[list[str], list[str]]:
    """The default and the named graphs of a query, by their names in the service."""
    default, named = options.get("default_graphs", ()), options.get("named_graphs", ())
    if default or named:
        graphs = [guard.GraphName(iri, False, 0, 0) for iri in default]
        graphs += [guard.GraphName(iri, True, 0, 0) for iri in named]
    if not graphs:
        return [layout.UNION], sorted(publication.graphs)
    guard.require_known(graphs, publication.graphs)
    merged = sorted({name.iri for name in graphs if not name.named})
    if set(merged) == publication.graphs - {layout.GRAPHS + name for name in NAMED_ONLY}:
        merged = [layout.UNION]
    return merged, sorted({name.iri for name in graphs if name.named})


def _finder(text: TextIndex) -> Callable[[str, int], Hits]:
    return lambda words, limit: text.search(words, limit=limit)


def _apart(first: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What a coroutine gives, run in a loop of its own in a thread of its own, while this one waits."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(asyncio.run(first()))
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, name="her2kg-first-look")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


def _require_current(manifest: Manifest, release: str | None) -> None:
    if release is not None and release != manifest.version:
        raise NotFound(
            "A remote store has the current release only.",
            where=release[:40],
            mend=f"That is {manifest.version}.",
        )
