"""What a connection makes of what comes, and what it lets go out: whole requests, in bounds, one after the other."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from server import MAX_BODY, connection
from server.connection import Connection, Connections, CutError
from server.reading import MAX_ADDRESS, MAX_FIELDS, MAX_HEADER, MAX_WAITING, Incoming

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from graph.errors import Her2kgError

LARGE = 8 << 20
Answer = tuple[int, dict[str, str], bytes]


class House:
    """Answers with what it was asked; `/later` when `free` is set, `/large` with much, piece by piece."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.asked = asyncio.Event()
        self.served: list[Incoming] = []
        self.refused: list[Her2kgError] = []
        self.gone = 0
        self.cut = ""
        self.tasks: list[asyncio.Task[None]] = []

    def serve(self, request: Incoming, to: Connection) -> None:
        """Answer, now or later."""
        self.served.append(request)
        self.asked.set()
        if request.path == "/later":
            to.gone = self._left
            self._start(self._later(request, to))
        elif request.path == "/large":
            to.begin(200, (), LARGE)
            self._start(self._pieces(to))
        elif request.path == "/some":
            to.respond(200, (), b"x" * (LARGE // 8))
        elif request.path == "/none":
            to.respond(204, (), b"")
        else:
            to.respond(200, (("X-A", "1"),), told(request), 7)

    def refuse(self, request: Incoming, to: Connection, error: Her2kgError) -> None:
        """Say why not."""
        self.refused.append(error)
        to.respond(int(error.status), (), str(error).encode())

    def _left(self) -> None:
        self.gone += 1

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.get_running_loop().create_task(work))

    async def _later(self, request: Incoming, to: Connection) -> None:
        await self.free.wait()
        to.respond(200, (), told(request))

    async def _pieces(self, to: Connection) -> None:
        try:
            for _ in range(LARGE >> 20):
                await to.send(bytes(1 << 20))
            to.end()
        except CutError as error:
            self.cut = str(error)


def told(request: Incoming) -> bytes:
    facts = [
        request.method,
        request.path,
        request.query_string.decode("latin-1"),
        request.body.decode("latin-1"),
    ]
    return json.dumps([*facts, request.authority]).encode()


class Client:
    """The other side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, *pieces: bytes) -> None:
        """Send pieces, each for itself."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0)

    async def hear(self, *, head: bool = False) -> Answer:
        """One answer; status 0 where the connection is closed."""
        try:
            text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0, {}, b""
        first, *lines = text.rstrip("\r\n").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines)
        assert len(fields) == len(lines)
        status = int(first.split(" ")[1])
        length = 0 if head or status in {100, 204, 304} else int(fields["content-length"])
        return status, fields, await self.reader.readexactly(length)

    async def ask(self, *pieces: bytes) -> Answer:
        """Send, and hear one answer."""
        await self.say(*pieces)
        return await self.hear()


class Place:
    """Where clients come to."""

    def __init__(self, house: House, port: int, connections: Connections) -> None:
        self.house, self.port, self.connections = house, port, connections
        self.writers: list[asyncio.StreamWriter] = []

    async def client(self, buffer: int | None = None) -> Client:
        """A client that has come."""
        there = socket.socket()
        if buffer is not None:
            there.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        there.setblocking(False)
        await asyncio.get_running_loop().sock_connect(there, ("127.0.0.1", self.port))
        reader, writer = await asyncio.open_connection(sock=there, limit=1 << 16)
        self.writers.append(writer)
        return Client(reader, writer)


@asynccontextmanager
async def place(patience: float = 30.0, most: int = 100) -> AsyncIterator[Place]:
    """A place that clients can come to."""
    loop, house, connections = asyncio.get_running_loop(), House(), Connections()
    server = await loop.create_server(
        lambda: Connection(house, loop, patience, connections, most), "127.0.0.1", 0
    )
    found = Place(house, server.sockets[0].getsockname()[1], connections)
    try:
        yield found
    finally:
        server.close()
        for writer in found.writers:
            writer.close()
        for one in [*connections]:
            one.abort()
        for task in house.tasks:
            task.cancel()


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """In Python's event loop and in libuv's: they tell of a client that is behind at different moments."""
    for loop in (asyncio.new_event_loop, uvloop.new_event_loop):
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(asyncio.wait_for(work(), 20))


def get(
    path: str = "/", *fields: str, method: str = "GET", version: str = "1.1", host: str = "Host: x"
) -> bytes:
    lines = [f"{method} {path} HTTP/{version}", *([host] if host else []), *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def post(body: bytes, *, chunks: int = 0) -> bytes:
    if not chunks:
        return get("/", f"Content-Length: {len(body)}", method="POST") + body
    parts = [body[at : at + chunks] for at in range(0, len(body), chunks)]
    coded = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return get("/", "Transfer-Encoding: chunked", method="POST") + coded + b"0\r\nAfter: all\r\n\r\n"


CHUNKED = get("/", "Transfer-Encoding: chunked", method="POST")
requests = st.one_of(
    st.builds(get, st.sampled_from(["/a?b=c", "/%C3%A9", "/later", "http://other:1/p?q"])),
    st.builds(post, st.binary(max_size=40), chunks=st.integers(0, 7)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(requests, min_size=1, max_size=5), st.data())
def test_however_it_is_cut_the_same_requests_come_in_their_order(
    asked: list[bytes], data: st.DataObject
) -> None:
    """And the answers, even if a later one could be given before an earlier one."""
    whole = b"".join(asked)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True) if a < b]

    async def work() -> None:
        async with place() as there:
            there.house.free.set()
            alone = [(await (await there.client()).ask(one))[2] for one in asked]
            there.house.free.clear()
            client = await there.client()
            await client.say(*pieces)
            there.house.free.set()
            assert [(await client.hear())[2] for _ in asked] == alone

    run(work)


def test_what_is_read_is_what_was_sent() -> None:
    """Path decoded, query string not; fields together; a body whole, without what follows chunks."""

    async def work() -> None:
        async with place() as there:
            client = await there.client()
            assert json.loads((await client.ask(get("/%7Ea%2Fb%FF?x=%20+&y#z")))[2]) == [
                *("GET", "/~a/b\udcff", "x=%20+&y#z", "", None)
            ]
            assert json.loads((await client.ask(get("http://other:80/p?q")))[2])[1:] == [
                "/p",
                "q",
                "",
                "other:80",
            ]
            assert json.loads((await client.ask(get("HTTPS://other?q")))[2])[1:] == ["/", "q", "", "other"]
            assert json.loads((await client.ask(get("*", method="OPTIONS")))[2])[:2] == ["OPTIONS", "*"]
            assert json.loads((await client.ask(post(b"abcdefg", chunks=3)))[2])[3] == "abcdefg"
            await client.ask(get("/", "X-A: 1 ", "x-a:\t2", "Accept: \xff", "After: none"))
            headers = there.house.served[-1].headers
            assert headers == {"host": "x", "x-a": "1, 2", "accept": "\xff", "after": "none"}
            assert "after" not in there.house.served[-2].headers

    run(work)


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        (get("/" + "x" * MAX_ADDRESS), 414, "POST"),
        (get("/", *(f"X-{n}: 1" for n in range(MAX_FIELDS))), 431, "fields"),
        (get("/", "X: " + "x" * MAX_HEADER), 431, "bytes"),
        (get("/", "X: " + "x" * (MAX_HEADER + MAX_ADDRESS + 300_000)).rstrip(), 431, "bytes"),
        (get("/", f"Content-Length: {MAX_BODY + 1}", method="POST"), 413, "body"),
        (post(b"x" * (MAX_BODY + 1), chunks=1 << 16), 413, "body"),
        (CHUNKED + b"1;" + b"x" * (MAX_HEADER + MAX_ADDRESS + 600_000), 431, "bytes"),
        (CHUNKED + b"1\r\nx\r\n0\r\nAfter: " + b"x" * (MAX_HEADER + MAX_ADDRESS + 600_000), 431, "bytes"),
        (get("/", "Content-Length: " + "0" * 5000 + "99999999", method="POST"), 413, "body"),
        (get("/", method="BREW"), 400, "HTTP/1.1"),  # it is told as 501 where it is the first of what came
        (get("/", method="G\x01T"), 400, "HTTP/1.1"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "HTTP/1.1"),
        (b"GET /\r\n\r\n", 400, "version"),
        (get("/", version="2.0"), 400, "HTTP/1.1"),
        (get("/", host=""), 400, "Host"),
        (get("/", "Host: y"), 400, "Host"),
        (get("/", "A : b"), 400, "HTTP/1.1"),
        (get("/", "A: b\r\n c"), 400, "HTTP/1.1"),
        (get("/", "Content-Length: 1", "Content-Length: 1", method="POST"), 400, "HTTP/1.1"),
        (get("/", "Content-Length: 3", "Transfer-Encoding: chunked", method="POST"), 400, "HTTP/1.1"),
        (get("/", "Transfer-Encoding: chunked, identity", method="POST"), 400, "HTTP/1.1"),
        (get("/", "Transfer-Encoding: gzip, chunked", method="POST"), 400, "coding"),
        (get("/", "Transfer-Encoding: chunked", method="POST", version="1.0"), 400, "HTTP/1.0"),
        (CHUNKED + b"zz\r\n", 400, "HTTP/1.1"),
        (get("/").replace(b"\r\n", b"\n"), 400, "HTTP/1.1"),
    ],
)  # fmt: skip
def test_what_is_no_request_is_told_and_nothing_is_read_after_it(sent: bytes, status: int, says: str) -> None:
    """After the answer to what came before it; the client gets to read it though it goes on sending."""

    async def work() -> None:
        async with place() as there:
            client = await there.client()
            assert (await client.ask(get("/first")))[0] == 200
            client.writer.write(get("/later") + sent + get("/never"))
            await asyncio.sleep(0.01)
            there.house.free.set()
            assert (await client.hear())[0] == 200
            found, fields, body = await client.hear()
            assert (found, fields["connection"]) == (status, "close")
            assert says in body.decode()
            assert (await client.hear())[0] == 0
            assert [request.path for request in there.house.served] == ["/first", "/later"]

    run(work)


def test_an_unknown_method_is_told_as_such() -> None:
    """Where it can be known to be one: at the beginning of what comes."""

    async def work() -> None:
        async with place() as there:
            for sent, status in (
                (get(method="BREW"), 501),
                (get(method="G\x01T"), 400),
                (b"\x16\x03\x01", 400),
            ):
                assert (await (await there.client()).ask(sent))[0] == status

    run(work)


def test_a_connection_ends_when_either_side_says_so() -> None:
    """By `Connection: close`, or by HTTP/1.0; what comes after that is not read."""

    async def work() -> None:
        async with place() as there:
            for sent, said in (
                (get("/", "Connection: close"), "close"),
                (get("/", version="1.0", host=""), "close"),
                (get("x:1", method="CONNECT"), "close"),
            ):
                client = await there.client()
                status, fields, _ = await client.ask(sent + get("/never"))
                assert (status, fields["connection"]) == (200, said)
                assert (await client.hear())[0] == 0
            client = await there.client()
            for _ in range(2):
                fields = (await client.ask(get("/", "Connection: keep-alive", version="1.0")))[1]
                assert fields["connection"] == "keep-alive"
            assert "connection" not in (await client.ask(get("/")))[1]
            assert "/never" not in {request.path for request in there.house.served}

    run(work)


def test_an_offer_of_another_protocol_is_passed_over() -> None:
    """The body is read all the same, in whatever pieces it comes; then the connection ends, else it goes on."""
    offer = (
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
    )

    async def work() -> None:
        async with place() as there:
            client = await there.client()
            status, fields, _ = await client.ask(get("/a", *offer) + get("/b"))
            assert (status, "connection" in fields) == (200, False)
            assert (await client.hear())[0] == 200
            assert [request.path for request in there.house.served] == ["/a", "/b"]
            plain = get("/", *offer, "Content-Length: 00007", method="POST") + b"abcdefg"
            chunked = (
                get("/", *offer, "Transfer-Encoding: chunked", method="POST") + b"7\r\nabcdefg\r\n0\r\n\r\n"
            )
            for sent in (plain, chunked):
                for at in (1, len(sent) - 12, len(sent) - 3, len(sent)):
                    client = await there.client()
                    await client.say(sent[:at], sent[at:] + get("/never"))
                    status, fields, body = await client.hear()
                    assert (status, json.loads(body)[3], fields["connection"]) == (200, "abcdefg", "close")
                    assert (await client.hear())[0] == 0
            assert "/never" not in {request.path for request in there.house.served}

    run(work)


def test_only_so_many_requests_may_be_sent_ahead() -> None:
    """They are answered, and then the connection ends; of large ones it is their bytes that count."""

    async def work() -> None:
        async with place() as there:
            client = await there.client()
            await client.say(get("/later") + get("/b") * (MAX_WAITING + 5))
            await asyncio.sleep(0.01)
            there.house.free.set()
            answers = [await client.hear() for _ in range(MAX_WAITING + 1)]
            assert [answer[0] for answer in answers] == [200] * MAX_WAITING + [0]
            assert answers[-2][1]["connection"] == "close"
            there.house.free.clear()
            client = await there.client()
            client.writer.write(get("/later") + post(bytes(MAX_BODY // 2)) * 9)
            while there.house.served[-1].path != "/later":
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            (one,) = [one for one in there.connections if one._current is not None]
            assert one._reader._ahead < 2 * MAX_BODY
            there.house.free.set()
            answers = [await client.hear() for _ in range(4)]
            assert [answer[0] for answer in answers] == [200, 200, 200, 0]

    run(work)


def test_half_a_request_behind_the_last_one_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for, and what is answered before it may take its time."""
    monkeypatch.setattr(connection, "IDLE", 0.2)

    async def work() -> None:
        async with place() as there:
            client = await there.client()
            await client.say(get("/later") + get("/b") * MAX_WAITING + b"GET /x HTTP/1.1\r\nHo")
            await asyncio.sleep(0.6)
            there.house.free.set()
            assert [(await client.hear())[0] for _ in range(MAX_WAITING)] == [200] * MAX_WAITING
            assert there.house.gone == 0

    run(work)


def test_what_comes_behind_the_last_request_takes_no_answer_away() -> None:
    """The connection is closed in two steps: first nothing more is sent, then nothing more is read."""

    async def work() -> None:
        async with place() as there:
            for _ in range(20):
                client = await there.client()
                await client.say(get("/some") + get("/b", "Connection: close"))
                for _ in range(5):
                    await client.say(get("/never"))
                assert [(await client.hear())[0] for _ in range(3)] == [200, 200, 0]

    run(work)


def test_nothing_is_sent_after_the_end() -> None:
    """A client that is told to go is not told to send its body as well."""
    met: list[dict[str, Any]] = []

    async def work() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: met.append(context))
        async with place() as there:
            client = await there.client(buffer=4096)
            await client.say(get("/some") * 8)
            await asyncio.sleep(0.1)
            wants = ("Expect: 100-continue", "Transfer-Encoding: chunked")
            await client.say(get("/", *wants, method="POST") + b"zz\r\n")
            assert [(await client.hear())[0] for _ in range(10)] == [200] * 8 + [400, 0]

    run(work)
    assert met == []


def test_a_body_is_sent_for_when_it_may_come() -> None:
    """By 100, but not before an earlier answer, and not where it will be refused."""

    async def work() -> None:
        async with place() as there:
            client = await there.client()
            wants = "Expect: 100-continue"
            assert (await client.ask(get("/", wants, "Content-Length: 3", method="POST")))[0] == 100
            assert (await client.ask(b"abc"))[2].endswith(b'"abc", null]')
            await client.say(get("/later"), get("/", wants, "Content-Length: 3", method="POST"))
            there.house.free.set()
            assert (await client.hear())[0] == 200
            assert (await client.hear())[0] == 100
            assert (await client.ask(b"abc"))[2].endswith(b'"abc", null]')
            await client.say(get("/some") * 3 + get("/", wants, "Content-Length: 3", method="POST"))
            await asyncio.sleep(0.01)  # the server is held up by what is not read
            assert [(await client.hear())[0] for _ in range(4)] == [200, 200, 200, 100]
            assert (await client.ask(b"abc"))[2].endswith(b'"abc", null]')
            refused = get("/", wants, f"Content-Length: {MAX_BODY + 1}", method="POST")
            assert (await client.ask(refused))[0] == 413
            client = await there.client()
            old = get("/", wants, "Content-Length: 3", method="POST", version="1.0")
            assert (await client.ask(old + b"abc"))[0] == 200

    run(work)


def test_the_header_alone_has_the_length_of_what_it_is_about() -> None:
    """For HEAD; 204 has none."""

    async def work() -> None:
        async with place() as there:
            client = await there.client()
            await client.say(get("/", method="HEAD") + get("/none") + get("/x"))
            _, fields, _ = await client.hear(head=True)
            assert fields["content-length"] == "7"
            assert "content-length" not in (await client.hear())[1]
            status, fields, _ = await client.hear()
            assert status == 200
            assert fields["date"].endswith(" gmt")

    run(work)


def test_a_field_cannot_end_the_header() -> None:
    """Not even by mistake of ours."""

    async def work() -> None:
        async with place() as there:
            client = await there.client()
            await client.say(get("/later"))
            await there.house.asked.wait()
            (one,) = there.connections
            for value in ("a\r\nX: b", "a\nb", "a\rb"):
                with pytest.raises(ValueError, match="several lines"):
                    one.respond(200, (("A", value),), b"")
                with pytest.raises(ValueError, match="several lines"):
                    one.respond(200, (), b"", None, (("A", value),))
            there.house.free.set()
            assert (await client.hear())[0] == 200

    run(work)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", 0),
        (get("/whole"), 0),
        (b"GET / HTTP/1.1\r\nHo", 408),
        (get("/whole") + b"GET / HTTP/1.1\r\nHo", 408),
        (get("/", "Content-Length: 3", method="POST") + b"ab", 408),
    ],
)
def test_what_does_not_come_in_time_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, sent: bytes, status: int
) -> None:
    """A request that has begun is told so; a connection that says nothing is closed."""
    monkeypatch.setattr(connection, "IDLE", 0.2)

    async def work() -> None:
        async with place(patience=0.1) as there:
            client = await there.client()
            await client.say(sent)
            if b"whole" in sent:
                assert (await client.hear())[0] == 200
            assert (await client.hear())[0] == status
            assert (await client.hear())[0] == 0
            client.writer.close()
            await there.connections.none.wait()

    run(work)


@pytest.mark.parametrize("path", ["/large", "/some"])
@pytest.mark.parametrize("more", [b"", get("/"), b"nonsense\r\n", post(b"x")[:-1]])
def test_who_does_not_take_an_answer_is_cut_off(path: str, more: bytes) -> None:
    """Whether it is sent in pieces or at once, and whatever comes meanwhile; nothing of it is kept for ever."""

    async def work() -> None:
        async with place(patience=0.3) as there:
            client = await there.client(buffer=4096)
            await client.say(get(path) * 8)
            while not there.connections:
                await asyncio.sleep(0.01)
            began = asyncio.get_running_loop().time()
            while there.connections:
                with suppress(ConnectionError):
                    await client.say(more)
                await asyncio.sleep(0.1)
            assert asyncio.get_running_loop().time() - began < 3  # however often it says something
            assert there.house.cut == ("slow" if path == "/large" else "")
            assert len(there.house.served) < 8

    run(work)


def test_who_takes_an_answer_slowly_gets_it() -> None:
    """As long as it goes on, whatever comes meanwhile."""

    async def work() -> None:
        async with place(patience=5.0) as there:
            client = await there.client(buffer=65536)
            await client.say(get("/large"), b"GET /next HTTP/1.1\r\n")
            assert (await client.hear())[2] == bytes(LARGE)
            assert (await client.ask(b"Host: x\r\n\r\n"))[0] == 200

    run(work)


def test_an_answer_that_is_the_last_is_taken_slowly_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is closed when all of it has gone out, not before; refused or not."""
    monkeypatch.setattr(connection, "LINGER", 0.2)

    async def work() -> None:
        async with place(patience=5.0) as there:
            for sent in (
                get("/some", version="1.0"),
                get("/some") * 80,
                get("/some") + get("/some") + b"no\r\n\r\n",
            ):
                client = await there.client(buffer=4096)
                client.writer.write(sent)
                await asyncio.sleep(0.5)  # longer than who is refused may go on
                heard = [await client.hear() for _ in range(sent.count(b"GET"))]
                whole = [len(body) for status, _, body in heard if status == 200]
                assert whole == [LARGE // 8] * min(sent.count(b"GET"), MAX_WAITING)
                if sent.endswith(b"no\r\n\r\n"):
                    assert (await client.hear())[0] == 400

    run(work)


def test_what_is_answered_late_has_no_deadline_of_what_came_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A query may take longer than a connection may be idle, after answers that were taken slowly."""
    monkeypatch.setattr(connection, "IDLE", 0.2)

    async def work() -> None:
        async with place(patience=1.0) as there:
            client = await there.client(buffer=4096)
            await client.say(get("/some") * 3 + get("/later"))
            await asyncio.sleep(0.1)
            assert [(await client.hear())[0] for _ in range(3)] == [200] * 3
            await asyncio.sleep(1.5)
            there.house.free.set()
            assert (await client.hear())[0] == 200

    run(work)


def test_a_client_that_goes_away_is_noticed_while_it_waits() -> None:
    """Once, and only if it has not had its answer."""

    async def work() -> None:
        async with place() as there:
            client = await there.client()
            await client.say(get("/later"))
            await there.house.asked.wait()
            client.writer.close()
            while not there.house.gone:
                await asyncio.sleep(0.01)
            there.house.free.set()
            await asyncio.gather(*there.house.tasks)
            client = await there.client()
            assert (await client.ask(get("/later")))[0] == 200
            client.writer.close()
            await there.connections.none.wait()
            assert there.house.gone == 1

    run(work)


def test_more_connections_than_there_may_be_are_told_so() -> None:
    """And there is room again when others have gone."""

    async def work() -> None:
        async with place(most=2) as there:
            first, second = await there.client(), await there.client()
            assert (await first.ask(get()))[0] == (await second.ask(get()))[0] == 200
            third = await there.client()
            status, fields, body = await third.hear()
            assert (status, fields["connection"]) == (503, "close")
            assert b"2 connections" in body
            for client in (second, third):
                client.writer.close()
            while len(there.connections) > 1:
                await asyncio.sleep(0.01)
            assert (await (await there.client()).ask(get()))[0] == 200

    run(work)


def test_the_end_of_the_server_lets_what_was_asked_be_answered() -> None:
    """Others are closed at once."""

    async def work() -> None:
        async with place() as there:
            busy, idle = await there.client(), await there.client()
            await busy.say(get("/later") + get("/never"))
            await there.house.asked.wait()
            await idle.ask(get())
            for one in [*there.connections]:
                one.close()
            assert (await idle.hear())[0] == 0
            there.house.free.set()
            status, fields, _ = await busy.hear()
            assert (status, fields["connection"]) == (200, "close")
            assert (await busy.hear())[0] == 0
            assert not there.connections.none.is_set()
            busy.writer.close()
            idle.writer.close()
            await there.connections.none.wait()

    run(work)
