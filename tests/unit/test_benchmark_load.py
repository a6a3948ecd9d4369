"""The benchmarks' own measure: figures, the reading of responses, and that a cut or a wrong answer is found."""

from __future__ import annotations

import math
import socket
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import load
from tests.benchmarks.compare import Answer, difference, read
from tests.benchmarks.journal import figures, geometric

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = b"Content-Type: application/sparql-results+json\r\n"
ONE = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"one"}}]}}'


def whole(body: bytes, *, status: bytes = b"200 OK", head: bytes = b"") -> bytes:
    """A response with its length."""
    return b"HTTP/1.1 " + status + b"\r\n" + JSON + head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(*parts: bytes, ended: bool = True) -> bytes:
    """A response in chunks."""
    body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return (
        b"HTTP/1.1 200 OK\r\n"
        + JSON
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + body
        + (b"0\r\n\r\n" if ended else b"")
    )


@contextmanager
def server(*responses: bytes, then_close: bool = True, piece: int = 1 << 20) -> Iterator[tuple[str, int]]:
    """A server that sends these bytes to the requests of its connections in turn, and closes after each if told so."""
    left = list(responses)
    done = threading.Event()

    def serve(listening: socket.socket) -> None:
        while left:
            connection, _ = listening.accept()
            with connection:
                while left and connection.recv(1 << 16):
                    response = left.pop(0)
                    for start in range(0, len(response), piece):
                        connection.sendall(response[start : start + piece])
                    if then_close:
                        break
                if not then_close:
                    done.wait(20)

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[:2]
        finally:
            done.set()


def seen(*responses: bytes, limit: float = 20, then_close: bool = True, piece: int = 1 << 20) -> load.Tally:
    """What a client sees that asks as often as there are responses."""
    items = [load.Item(f"q{number}", (b"GET / HTTP/1.1\r\n\r\n",)) for number in range(len(responses))]
    with server(*responses, then_close=then_close, piece=piece) as address:
        return load.run(address, [items], 60, limit=limit, repeat=False)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([5.0], 0.99, 5.0),
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([*map(float, range(1, 101))], 0.5, 50.0),
        ([*map(float, range(1, 101))], 0.99, 99.0),
        ([*map(float, range(1, 101))], 1.0, 100.0),
        ([1.0, 2.0], 0.0, 1.0),
    ],
)
def test_a_percentile_is_one_of_the_values(values: list[float], share: float, expected: float) -> None:
    """The smallest that so large a share of the values does not exceed."""
    assert load.percentile(values, share) == expected


def test_no_values_have_no_figures() -> None:
    """What was not measured is not a number, and no zero."""
    assert math.isnan(load.percentile([], 0.5))
    assert math.isnan(geometric([]))
    assert geometric([1.0, 4.0]) == pytest.approx(2.0)


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    "response",
    [
        whole(ONE),
        chunked(ONE),
        chunked(ONE[:10], ONE[10:]),
        chunked(*(bytes([byte]) for byte in ONE)),
        b"HTTP/1.1 200 OK\r\n" + JSON + b"\r\n" + ONE,
        b"HTTP/1.0 200 OK\r\ncontent-type: application/sparql-results+json\r\n\r\n" + ONE,
    ],
    ids=["length", "one chunk", "two chunks", "many chunks", "until the end", "HTTP/1.0"],
)
def test_a_response_is_read_whole_however_it_comes(response: bytes, piece: int) -> None:
    """With a length, in chunks, until the connection ends; in pieces of any size."""
    tally = seen(response, piece=piece)
    assert tally.outcomes == {"ok": 1}
    assert tally.answers == {("q0", 0): ONE}
    assert tally.samples[0][1] > 0


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (whole(ONE)[:-1], "cut"),
        (whole(ONE)[: -len(ONE)], "cut"),
        (chunked(ONE, ended=False), "cut"),
        (chunked(ONE[:-5])[:-3], "cut"),
        (chunked(ONE[:-2]), "cut"),
        (whole(ONE[:-2]), "cut"),
        (whole(b""), "cut"),
        (whole(ONE, head=b"X-SQL-State: S1TAT\r\n"), "cut"),
        (b"HTTP/1.1 200 OK\r\n" + JSON + b"\r\n" + ONE[:20], "cut"),
        (whole(b"{}", status=b"503 Service Unavailable"), "refused"),
        (whole(b"{}", status=b"400 Bad Request"), "refused"),
        (whole(b"{}", status=b"503 Service Unavailable")[:-1], "broken"),
        (b"HTTP/1.1 20", "broken"),
        (b"nonsense\r\n\r\n", "broken"),
        (b"", "broken"),
    ],
)
def test_what_is_not_an_answer_is_known_as_such(response: bytes, expected: str) -> None:
    """HTTP 200 with a part of an answer is cut; an error in words is refused; a connection that just ends is broken."""
    tally = seen(response)
    assert tally.outcomes == {expected: 1}
    assert tally.times == []


@pytest.mark.parametrize("begun", [b"", whole(ONE)[:-1]])
def test_a_client_waits_no_longer_than_it_is_told(begun: bytes) -> None:
    """Neither for a response to begin, nor for one to end."""
    tally = seen(begun, limit=0.3, then_close=False)
    assert tally.outcomes == {"too long": 1}


def test_a_kept_connection_is_used_for_all_requests() -> None:
    """A server that never accepts a second connection answers them all."""
    tally = seen(whole(ONE), chunked(ONE), whole(ONE), then_close=False)
    assert tally.outcomes == {"ok": 3}


def test_clients_begin_together_and_are_counted_together() -> None:
    """Eight clients against a server that does nothing; each list is asked again until the time is over."""
    with load.trivial() as address:
        work = [[load.Item("floor", (b"GET / HTTP/1.1\r\n\r\n",))]] * 8
        tally = load.run(address, work, 0.3, limit=10, repeat=True)
    assert tally.outcomes.keys() == {"ok"}
    assert tally.outcomes["ok"] > 8
    assert tally.seconds >= 0.3
    assert figures(tally)["throughput"] == pytest.approx(len(tally.times) / tally.seconds)


def test_an_answer_that_changes_is_noticed() -> None:
    """The same question, asked again, gets another answer."""
    with server(whole(ONE), whole(ONE.replace(b"one", b"two")), then_close=False) as address:
        item = load.Item("q", (b"GET / HTTP/1.1\r\n\r\n",))
        tally = load.run(address, [[item, item]], 60, limit=20, repeat=False)
    assert tally.changed.keys() == {("q", 0)}


def rows(*values: str, kind: str = '"type":"literal"') -> bytes:
    """An answer with these values of ?x."""
    bindings = ",".join(f'{{"x":{{{kind},"value":"{value}"}}}}' for value in values)
    return f'{{"head":{{"vars":["x"]}},"results":{{"bindings":[{bindings}]}}}}'.encode()


INTEGER = '"type":"literal","datatype":"http://www.w3.org/2001/XMLSchema#integer"'
TYPED = '"type":"typed-literal","datatype":"http://www.w3.org/2001/XMLSchema#integer"'
DECIMAL = '"type":"literal","datatype":"http://www.w3.org/2001/XMLSchema#decimal"'
BLANK = '"type":"bnode"'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (rows("a", "b"), rows("b", "a")),
        (rows("01", kind=INTEGER), rows("1", kind=TYPED)),
        (rows("0.9588235294117647050", kind=DECIMAL), rows("0.958823529411764705882353", kind=DECIMAL)),
        (rows("b0", "b1", kind=BLANK), rows("x", "y", kind=BLANK)),
        (b'{"head":{},"boolean":true}', b'{ "boolean" : true, "head" : {} }'),
    ],
)
def test_the_same_answer_is_the_same(one: bytes, other: bytes) -> None:
    """In another order, with other names of blank nodes, other spellings of numbers."""
    assert difference("q", {"a": read(one, "SELECT"), "b": read(other, "SELECT")}) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (rows("a", "a"), rows("a")),
        (rows("a"), rows("A")),
        (rows("1", kind=INTEGER), rows("1")),
        (rows("a"), rows()),
        (rows("a"), rows("a", kind=BLANK)),
        (rows("a"), rows("a", kind='"type":"literal","xml:lang":"en"')),
        (b'{"head":{},"boolean":true}', b'{"head":{},"boolean":false}'),
        (rows("a"), rows("a")[:-3]),
        (rows("0.1234", kind=DECIMAL), rows("0.1235", kind=DECIMAL)),
    ],
)
def test_a_wrong_answer_is_found(one: bytes, other: bytes) -> None:
    """A row more or less, another term, another truth, or something that cannot be read."""
    found = difference("q", {"a": read(one, "SELECT"), "b": read(other, "SELECT"), "c": read(one, "SELECT")})
    assert found is not None
    assert found.groups == (("a", "c"), ("b",))
    assert found.apart == ("b",)


def test_where_half_disagrees_all_are_apart() -> None:
    """Nobody is taken to be right for want of a majority."""
    found = difference("q", {"a": Answer("1", "1 row"), "b": Answer("2", "2 rows")})
    assert found is not None
    assert set(found.apart) == {"a", "b"}


def test_values_that_are_put_together_may_stand_in_any_order() -> None:
    """GROUP_CONCAT may take them as it likes; other texts may not."""
    one, other = rows("a, b"), rows("b, a")
    assert read(one, "SELECT", {"x": ", "}).digest == read(other, "SELECT", {"x": ", "}).digest
    assert read(one, "SELECT").digest != read(other, "SELECT").digest


def test_graphs_are_compared_as_graphs() -> None:
    """Triples in any order, blank nodes under any name."""
    one = b"<x:a> <x:p> _:one .\n_:one <x:q> <x:b> .\n"
    other = b"_:z <x:q> <x:b> .\n<x:a> <x:p> _:z .\n"
    assert read(one, "CONSTRUCT").digest == read(other, "CONSTRUCT").digest
    assert read(one, "CONSTRUCT").digest != read(one[:21], "CONSTRUCT").digest
