"""One question to a SPARQL service by its protocol: a whole answer in a well-defined format, or an error."""

from __future__ import annotations

import asyncio
import logging
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import httpx

from graph.errors import Her2kgError, QueryError, QueryTimeout, QueryTooLarge, StoreUnavailable
from graph.store import JSON, N_TRIPLES
from graph.store.remote.dialects import ANY, Dialect, dialect
from graph.store.remote.layout import NOTHING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.store import Form

log = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 5.0
TRIES: Final = 2
"""A question whose connection failed before it was sent, or was closed before anything was answered, is asked
again: it only reads.
"""

LIKE_JSON: Final = frozenset({JSON, "application/json"})
LIKE_N_TRIPLES: Final = frozenset({N_TRIPLES, "text/plain"})
TAKEN: Final = {"select": LIKE_JSON, "ask": LIKE_JSON, "graph": LIKE_N_TRIPLES}
LATER: Final = "Try again later."
SHOWN: Final = 300
"""Characters of an engine's own words that are passed on."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and of which graphs (`everywhere`: of all there are); `deadline` is in seconds of the
    loop's clock.
    """

    query: str
    form: Form
    default: Sequence[str]
    named: Sequence[str]
    deadline: float
    max_bytes: int
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """A whole answer as it came, and what the engine adds to it: the most rows that it gives, if it told."""

    content: bytes
    dialect: Dialect
    rows: int | None


def client(auth: httpx.Auth | None, connections: int) -> httpx.AsyncClient:
    """A client for one event loop: nothing is followed, and neither proxies nor passwords are taken from
    elsewhere.
    """
    return httpx.AsyncClient(
        auth=auth,
        follow_redirects=False,
        trust_env=False,
        verify=ssl.create_default_context(),
        timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        headers={"Accept-Encoding": "identity", "User-Agent": "her2kg"},
    )


class Service:
    """A service at a URL, asked through a client.

    `dialect` is that of the engine, known from its first answer on; `limit` the rows it gives at most, where
    that was found out.
    """

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self._url = url
        self._http = http
        self.dialect = ANY
        self.limit: int | None = None

    async def ask(self, question: Question) -> Body:
        """The answer to a question, whole.

        Raises QueryError for what the engine finds wrong with the query, QueryTimeout, QueryTooLarge, and
        StoreUnavailable for everything that is the service's own fault. Cancelling it closes the connection.
        """
        for left in reversed(range(TRIES)):
            try:
                async with asyncio.timeout_at(question.deadline):
                    return await self._asked(question)
            except TimeoutError:
                raise overran() from None
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if not left:
                    raise away(error) from error
            except httpx.RemoteProtocolError as error:
                if not left or "without sending a response" not in str(error):
                    raise broken(error) from error
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
                raise broken(error) from error
        raise AssertionError  # the last try has raised

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _asked(self, question: Question) -> Body:
        parameters: dict[str, str | list[str]] = {"query": question.query}
        if not question.everywhere:
            parameters["default-graph-uri"] = [*question.default] or [NOTHING]
            parameters["named-graph-uri"] = [*question.named] or [NOTHING]
        if self.dialect.deadline is not None:
            left = question.deadline - asyncio.get_running_loop().time()
            parameters["timeout"] = self.dialect.deadline(left)
        accept = N_TRIPLES if question.form == "graph" else JSON
        request = self._http.build_request("POST", self._url, data=parameters, headers={"Accept": accept})
        response = await self._http.send(request, stream=True)
        try:
            return await self._read(response, question)
        finally:
            await response.aclose()

    async def _read(self, response: httpx.Response, question: Question) -> Body:
        status, headers = response.status_code, response.headers
        if status != HTTPStatus.OK:
            told = b""
            async for piece in response.aiter_raw():
                told += piece
                if len(told) > 64 * SHOWN:
                    break
            raise self._refusal(status, told.decode("utf-8", "replace"), dialect(headers))
        self.dialect = engine = dialect(headers)
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in TAKEN[question.form]:
            raise StoreUnavailable(
                f"The remote store answered with {media_type[:80] or 'no type'} instead of results.",
                mend="Whoever runs this service: HER2KG_STORE_URL must be the address of a SPARQL service.",
            )
        if "content-encoding" in headers or not {"content-length", "transfer-encoding"} & headers.keys():
            raise StoreUnavailable("The remote store does not say where its answer ends.", mend=LATER)
        if engine.cut_header and (state := headers.get(engine.cut_header)):
            if engine.gave_up(state):
                raise overran()
            raise StoreUnavailable(
                f"The remote store gave a part of the answer only ({state[:40]}).", mend=LATER
            )
        pieces, size = [], 0
        async for piece in response.aiter_raw():
            size += len(piece)
            if size > question.max_bytes:
                raise QueryTooLarge(
                    f"The result is larger than {question.max_bytes:,} bytes; there is no partial result.",
                    mend="Ask for it in pieces by ORDER BY, LIMIT and OFFSET.",
                )
            pieces.append(piece)
        named = headers.get(engine.limit_header, "") if engine.limit_header else ""
        limits = [int(named) if named.isdecimal() else None, self.limit, engine.rows]
        rows = min((limit for limit in limits if limit is not None), default=None)
        return Body(b"".join(pieces), engine, rows)

    def _refusal(self, status: int, text: str, engine: Dialect) -> Her2kgError:
        """The error that a status other than 200 stands for."""
        told = " ".join(text.partition("\n\n")[0].split())[:SHOWN]
        log.warning("%s answered %d: %s", self._url, status, told)
        if 300 <= status < 400:
            return StoreUnavailable(
                "The remote store answers from another address, which is not followed.",
                mend="Whoever runs this service: set HER2KG_STORE_URL to that address.",
            )
        if status in {401, 403}:
            return StoreUnavailable(
                "The remote store does not let this service in.",
                mend="Whoever runs it: see HER2KG_STORE_USER and HER2KG_STORE_PASSWORD.",
            )
        if status == 413:
            return QueryTooLarge("The query, or its result, is larger than the remote store allows.")
        if status in {408, 504} or (status >= 500 and engine.gave_up(told)):
            return overran()
        if status == 400 or (status == 500 and engine is not ANY and told.startswith(engine.name)):
            return QueryError(f"The remote store cannot answer this query. It says: {told}")
        return StoreUnavailable(f"The remote store answered with the status {status}.", mend=LATER)


def overran() -> QueryTimeout:
    """The error for a query that ran into its deadline, here or there."""
    return QueryTimeout(
        "The query was stopped when its time was over; there is no partial result.",
        mend="Ask for less: add a LIMIT, bind more terms, or avoid joins without a common variable.",
    )


def away(error: Exception) -> StoreUnavailable:
    """The error for a service that no connection can be made to."""
    return StoreUnavailable(f"The remote store does not answer ({_reason(error)}).", mend=LATER)


def broken(error: Exception) -> StoreUnavailable:
    """The error for a connection that failed in the middle."""
    return StoreUnavailable(
        f"The connection to the remote store failed ({_reason(error)}); there is no partial result.",
        mend=LATER,
    )


def _reason(error: BaseException) -> str:
    """What is at the root of a failed connection, in few words."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text)[:200]
