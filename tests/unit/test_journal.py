"""The log is one object a line, says what happened and no more, and never holds the server up."""

from __future__ import annotations

import io
import json
import logging
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from server import journal
from server.journal import Journal
from server.reading import Incoming
from server.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Iterator


class Line:
    """A connection on which answers go into nothing."""

    address = "203.0.113.9"

    def respond(self, *_: object) -> bool:
        """Nobody gets it."""
        return True


def visit(status: int = 200, path: str = "/sparql", **fields: str) -> Visit:
    request = Incoming()
    request.method, request.path = "GET", path
    request.headers = {name.replace("_", "-"): value for name, value in fields.items()}
    made = Visit(request, Line(), None)  # type: ignore[arg-type]
    made.respond(status, (), b"12345")
    made.end()
    return made


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging is left as it was found."""
    root = logging.getLogger()
    before = [*root.handlers], root.level
    yield
    root.handlers[:], root.level = before


def lines(level: str, *visits: Visit) -> list[dict[str, Any]]:
    out = io.StringIO()
    written = Journal(level, "json", out)
    written.start()
    for one in visits:
        written.note(one)
    written.close()
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_request_is_one_line_with_its_facts() -> None:
    """Everything an operator asks for first; of the query, the hash."""
    asked = visit(x_request_id="mine-1")
    asked.asked("SELECT * { ?secret ?p ?o }")
    asked.rows = 3
    (line,) = lines("requests", asked)
    assert line.pop("time").endswith("Z")
    assert 0 <= line.pop("ms") < 10_000
    assert len(line.pop("query")) == 16
    assert line == {
        "level": "info",
        "event": "request",
        "request": "mine-1",
        "method": "GET",
        "path": "/sparql",
        "status": 200,
        "outcome": "ok",
        "bytes": 5,
        "rows": 3,
        "client": "203.0.113.9",
    }


@pytest.mark.parametrize(("level", "logged"), [("off", []), ("errors", [500, 503]), ("requests", [200, 404, 500, 503])])  # fmt: skip
def test_a_level_says_which_requests_are_logged(level: str, logged: list[int]) -> None:
    """None, those that failed, or all."""
    found = lines(level, *(visit(status) for status in (200, 404, 500, 503)))
    assert [line["status"] for line in found] == logged


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "a\nb", "é", "<script>", "-a"])
def test_a_request_id_that_will_not_do_is_replaced(name: str) -> None:
    """By one of ours, which no other request has."""
    first, second = visit(x_request_id=name), visit(x_request_id=name)
    assert first.id != second.id
    assert name not in (first.id, second.id)
    assert visit(x_request_id="4bf92f3577b34da6-a3ce929d").id == "4bf92f3577b34da6-a3ce929d"


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_request_can_write_a_line_of_its_own(form: str) -> None:
    """Neither by line breaks in its address nor by what a terminal obeys."""
    out = io.StringIO()
    written = Journal("requests", form, out)
    written.start()
    written.note(visit(path='/\n{"event": "forged"}\x1b[2J\u2028' + "x" * 5000))
    written.close()
    assert out.getvalue().count("\n") == 1
    assert "\x1b" not in out.getvalue()
    assert len(out.getvalue()) < 2000


def test_a_fault_has_its_trace_and_the_request_it_happened_in() -> None:
    """In the log, whatever level requests have."""
    out = io.StringIO()
    written = Journal("off", "json", out)
    written.start()
    try:
        json.loads("inside")
    except ValueError:
        logging.getLogger("server.application").exception("it failed", extra={"request": "r1"})
    written.close()
    (line,) = [json.loads(line) for line in out.getvalue().splitlines()]
    assert (line["level"], line["event"], line["request"]) == ("error", "it failed", "r1")
    assert "JSONDecodeError" in line["exception"]


def test_what_nobody_reads_is_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full pipe holds up the thread that writes, and nothing else; the loss is told once it is read."""
    monkeypatch.setattr(journal, "KEPT", 100)
    reading, writing = os.pipe()
    written = Journal("requests", "json", os.fdopen(writing, "w"))
    written.start()
    asked = visit()
    while written.dropped == 0:
        written.note(asked)
    lost = written.dropped
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.extend(iter(lambda: os.read(reading, 65536), b"")))
    reader.start()
    written.close()
    written._out.close()
    reader.join()
    os.close(reading)
    told = [json.loads(line) for line in b"".join(found).splitlines()]
    assert sum(line["lines"] for line in told if line["event"] == "lines were dropped") == lost
