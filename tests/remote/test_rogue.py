"""Whatever a service sends, what comes of it is a whole answer or an error in plain words."""

from __future__ import annotations

import asyncio
import socket

import pytest

from graph.errors import Her2kgError, QueryError, QueryTimeout, QueryTooLarge, StoreUnavailable
from graph.store import JSON, N_TRIPLES, Form
from graph.store.remote.results import converted
from graph.store.remote.service import Service, client
from tests.remote.rogue import Rogue, answer, asked, rogue

ROWS = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}}]}}'
TRIPLES = b"<urn:s> <urn:p> <urn:o> .\n"


def reply(
    body: bytes, media_type: str = JSON, status: str = "200 OK", *fields: str, length: int | None = None
) -> bytes:
    """A response with a length, which may be wrong."""
    head = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", *fields]
    head.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\nTransfer-Encoding: chunked\r\n\r\n"
)
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n\r\n"
VIRTUOSO = "Server: Virtuoso/07.20.3229"
CUT = "X-SQL-State: S1TAT"
LIMITED = "X-SPARQL-MaxRows: 1"

WRONG: list[tuple[str, Form, tuple[bytes, ...], type[Her2kgError], str]] = [
    ("a body cut by the network", "select", (reply(ROWS, length=500),), StoreUnavailable, "partial"),
    ("a body cut by the engine", "select", (reply(ROWS[:-20]),), StoreUnavailable, "no whole result"),
    ("a last chunk that never comes", "select", (CHUNKED + b'5\r\n{"hea\r\n',), StoreUnavailable, "partial"),
    (
        "triples cut in a line",
        "graph",
        (reply(TRIPLES[:-4], N_TRIPLES),),
        StoreUnavailable,
        "no whole result",
    ),
    ("no length", "select", (ENDLESS + ROWS,), StoreUnavailable, "where its answer ends"),
    ("a page", "select", (reply(b"<html>Hello</html>", "text/html"),), StoreUnavailable, "text/html"),
    (
        "a page that says it is JSON",
        "select",
        (reply(b"<html>Hello</html>"),),
        StoreUnavailable,
        "no whole result",
    ),
    ("another format", "select", (reply(b"x\n1\n", "text/csv"),), StoreUnavailable, "text/csv"),
    ("triples for rows", "select", (reply(TRIPLES, N_TRIPLES),), StoreUnavailable, N_TRIPLES),
    ("yes for rows", "select", (reply(b'{"head":{},"boolean":true}'),), StoreUnavailable, "no whole result"),
    (
        "compressed",
        "select",
        (reply(ROWS, JSON, "200 OK", "Content-Encoding: gzip"),),
        StoreUnavailable,
        "ends",
    ),
    ("not HTTP", "select", (b"220 mail.example.org ESMTP\r\n",), StoreUnavailable, "failed"),
    ("nothing at all", "select", (b"",), StoreUnavailable, "failed"),
    (
        "another address",
        "select",
        (reply(b"", "text/html", "302 Found", "Location: http://127.0.0.1:1/"),),
        StoreUnavailable,
        "not followed",
    ),
    ("a password wanted", "select", (reply(b"", "text/html", "401 Unauthorized"),), StoreUnavailable, "let"),
    ("no such address", "select", (reply(b"", "text/html", "404 Not Found"),), StoreUnavailable, "404"),
    ("too busy", "select", (reply(b"", "text/html", "503 Busy"),), StoreUnavailable, "503"),
    ("no content", "select", (reply(b"", JSON, "204 No Content"),), StoreUnavailable, "204"),
    ("a query it does not like", "select", (reply(b"Oh no", "text/plain", "400 Bad"),), QueryError, "Oh no"),
    ("too large for it", "select", (reply(b"", "text/plain", "413 Large"),), QueryTooLarge, "larger"),
    (
        "a time that was over there",
        "select",
        (reply(b"Query timed out", "x/y", "503 X"),),
        QueryTimeout,
        "time",
    ),
    ("a body without end", "select", (CHUNKED + b"fffffff\r\n", Rogue.FLOOD), QueryTooLarge, "100,000 bytes"),
    ("headers without end", "select", (b"HTTP/1.1 200 OK\r\nX: ", Rogue.FLOOD), StoreUnavailable, "failed"),
    ("an answer that never begins", "select", (Rogue.STALL,), QueryTimeout, "time"),
    ("an answer that stops", "select", (CHUNKED + b"1\r\n{\r\n", Rogue.STALL), QueryTimeout, "time"),
    ("part of a result", "select", (reply(ROWS, JSON, "200 OK", VIRTUOSO, CUT),), QueryTimeout, "no partial"),
    (
        "as many rows as it gives",
        "select",
        (reply(ROWS, JSON, "200 OK", VIRTUOSO, LIMITED),),
        QueryTooLarge,
        "1 rows",
    ),
]


@pytest.mark.parametrize(("name", "form", "script", "error", "says"), WRONG, ids=[row[0] for row in WRONG])
def test_what_is_wrong_is_told(
    name: str, form: Form, script: tuple[bytes, ...], error: type[Her2kgError], says: str
) -> None:
    """The right error, soon, and never a part of an answer."""
    with pytest.raises(error, match=says):
        converted(answer(form, script)[1], form, N_TRIPLES if form == "graph" else JSON, {}, 100_000)


def test_nothing_but_reading_is_retried_and_not_for_ever() -> None:
    """A connection that closes before an answer begins is tried once more."""
    one, body = answer("select", (b"",), (reply(ROWS),))
    assert body.content == ROWS
    assert len(one.requests) == 2
    with pytest.raises(StoreUnavailable):
        answer("select", (b"",), (b"",), (reply(ROWS),))


def test_a_closed_port_is_told_at_once() -> None:
    """In words, without a stack of causes."""

    async def ask(port: int) -> None:
        async with client(None, 1) as http:
            await Service(f"http://127.0.0.1:{port}/", http).ask(asked())

    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    with pytest.raises(StoreUnavailable, match="does not answer"):
        asyncio.run(ask(port))


def test_who_stops_waiting_closes_the_connection() -> None:
    """So that the engine can stop too."""

    async def go() -> bool:
        async with rogue((Rogue.STALL,)) as (one, service):
            question = asked()
            task = asyncio.create_task(service.ask(question))
            while not one.requests:
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            await asyncio.wait_for(one.left.wait(), 5)
            return task.cancelled()

    assert asyncio.run(go())


def test_yes_as_a_row_and_blank_nodes_with_strange_names_are_understood() -> None:
    """What Virtuoso sends; the same words within a literal stay as they are."""
    row = reply(ROWS.replace(b'"x"', b'"__ASK_RETVAL"'), JSON, "200 OK", VIRTUOSO)
    yes = converted(answer("ask", (row,))[1], "ask", JSON, {}, 1000)[0]
    none = reply(b'{"head":{"vars":["__ASK_RETVAL"]},"results":{"bindings":[]}}', JSON, "200 OK", VIRTUOSO)
    no = converted(answer("ask", (none,))[1], "ask", JSON, {}, 1000)[0]
    assert (b"true" in yes, b"false" in no) == (True, True)
    blank = (
        b'{"head":{"vars":["x","y"]},"results":{"bindings":[{"x":{"type": "bnode", "value": "nodeID://b1"},'
        b'"y":{"type":"literal","value":"\\"type\\": \\"bnode\\", \\"value\\": \\"nodeID://b1\\""}}]}}'
    )
    told, number = converted(
        answer("select", (reply(blank, JSON, "200 OK", VIRTUOSO),))[1], "select", JSON, {}, 1000
    )
    assert number == 1
    assert b'"value":"b1"' in told
    assert b"nodeID://b1" in told
