"""A query worker gives up the network and more memory, and does not outlive its server."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.store import Limits
from graph.store.frames import receive, send
from graph.store.pool import SPARE
from graph.store.process import LEAST, Worker, message
from graph.store.snapshots import open_current
from graph.store.worker import Buffer, Lines

CALL_OUT = """
import socket, sys
from graph.store import isolation
assert isolation.deny_network() is True, "not isolated"
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5)
except PermissionError:
    print("denied")
"""

SERVICE = {
    "query": "SELECT * { SERVICE <http://127.0.0.1:%d/sparql> { ?s ?p ?o } }",
    "solutions": "application/sparql-results+json",
    "triples": None,
    "bindings": {},
}
CROSS = "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o FILTER(?a = ?zz) }"


def linux_on_a_known_machine() -> bool:
    return sys.platform == "linux" and os.uname().machine in {"x86_64", "aarch64"}


@pytest.fixture
def listener() -> socket.socket:
    """A server that only listens; whether anybody called is seen by accepting."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.5)
        yield listening


@pytest.mark.skipif(not linux_on_a_known_machine(), reason="the filter is for Linux on x86_64 and aarch64")
def test_no_process_calls_out_after_denying_itself_the_network(listener: socket.socket) -> None:
    """The kernel refuses the socket, and the listener hears nothing."""
    port = str(listener.getsockname()[1])
    process = subprocess.run(
        [sys.executable, "-c", CALL_OUT, port], capture_output=True, text=True, check=True
    )
    assert process.stdout.strip() == "denied"
    with pytest.raises(TimeoutError):
        listener.accept()


@pytest.mark.skipif(not linux_on_a_known_machine(), reason="the filter is for Linux on x86_64 and aarch64")
def test_a_worker_cannot_follow_a_service_even_when_the_guard_is_passed(
    small_home: Path, listener: socket.socket
) -> None:
    """Asked directly, the engine tries to call out and fails; the listener hears nothing."""
    worker = Worker(open_current(small_home), Limits())
    try:
        assert (worker.network, worker.memory) == ("denied", "limited")
        query = SERVICE["query"] % listener.getsockname()[1]
        send(worker._socket, SERVICE | {"query": query})
        answered = receive(worker._socket, deadline=time.monotonic() + 10)
        assert answered is not None
        assert re.search(r"(?i)permission|not permitted", answered[0]["message"])
        with pytest.raises(TimeoutError):
            listener.accept()
    finally:
        worker.kill()
        worker.reap()


def test_a_worker_ends_with_its_server_even_in_a_query(small_home: Path) -> None:
    """When the other end of the socket closes, the worker is gone within seconds, busy or not."""
    worker = Worker(open_current(small_home), Limits())
    send(worker._socket, SERVICE | {"query": CROSS})
    worker._socket.close()
    assert worker._process.wait(10) == 0


def test_a_worker_ends_with_a_server_that_was_killed(small_home: Path) -> None:
    """Killing (kill -9) the process that has the store leaves no worker behind."""
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom graph.store.embedded import EmbeddedStore\n"
        "store = EmbeddedStore(Path(sys.argv[1]))\n"
        "while store._pool.missing: pass\n"
        "print(*[w.pid for w in store._pool.workers()], flush=True)\nsys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(small_home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    pids = [int(pid) for pid in process.stdout.readline().split()]
    assert len(pids) == Limits().workers + SPARE
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 10
    while _alive(pids):
        assert time.monotonic() < deadline


@pytest.mark.skipif(sys.platform != "linux", reason="skipped: elsewhere the system does not tell")
@pytest.mark.parametrize("when", ["before", "unread", "read"])
def test_a_worker_that_ended_before_it_read_its_query_is_known(small_home: Path, when: str) -> None:
    """Dead before it was asked; asked, and dead before it looked; dead over the query."""
    loop = asyncio.new_event_loop()
    worker = Worker(open_current(small_home), Limits())
    ended: list[bool] = []

    def end(gone: Worker) -> None:
        ended.append(gone.unasked)
        gone.kill()
        loop.stop()

    try:
        worker.attach(loop, lambda *_: None, end)
        if when == "unread":
            worker.suspend()
        if when == "before":
            os.kill(worker.pid, signal.SIGKILL)
            while worker.alive():
                pass
        worker.ask(message(SERVICE | {"query": CROSS}))
        if when == "read":
            while worker.processor_time() < 0.05:
                pass
        if when != "before":
            os.kill(worker.pid, signal.SIGKILL)
        loop.call_later(10, loop.stop)
        loop.run_forever()
        assert ended == [when != "read"]
    finally:
        if not ended:
            worker.kill()
        worker.reap()
        loop.close()


@pytest.mark.skipif(sys.platform != "linux", reason="skipped: whose processors are Linux's to give")
def test_a_worker_that_gives_way_goes_behind_all_others(small_home: Path) -> None:
    """It gets the lowest priority; where it runs is another matter."""
    worker = Worker(open_current(small_home), Limits())
    try:
        assert not worker.gave_way
        worker.give_way()
        assert worker.gave_way
        assert os.getpriority(os.PRIO_PROCESS, worker.pid) == LEAST
        last = frozenset((max(os.sched_getaffinity(0)),))
        for where in (last, frozenset(os.sched_getaffinity(0))):
            worker.run_on(where)
            assert os.sched_getaffinity(worker.pid) == where
    finally:
        worker.kill()
        worker.reap()


def _alive(pids: list[int]) -> list[int]:
    """Those that run; a zombie that nobody reaps does not."""
    found = []
    for pid in pids:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                found.append(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


@pytest.mark.parametrize("end", ["reply", "death"])
def test_what_becomes_of_a_query_is_heard_once(small_home: Path, end: str) -> None:
    """A reply, or the end of the worker."""
    loop = asyncio.new_event_loop()
    worker = Worker(open_current(small_home), Limits())
    heard: list[str] = []
    try:
        worker.attach(
            loop, lambda *_: heard.append("reply"), lambda ended: (heard.append("death"), ended.kill())
        )
        worker.ask(message(SERVICE | {"query": "ASK {}" if end == "reply" else CROSS}))
        if end == "death":
            os.kill(worker.pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while not heard and time.monotonic() < deadline:
            loop.call_later(0.01, loop.stop)
            loop.run_forever()
        loop.call_soon(loop.stop)
        loop.run_forever()
        assert heard == [end]
    finally:
        worker.kill()
        worker.reap()
        loop.close()


def test_frames_come_through_whole_and_late_ones_time_out() -> None:
    """A large body arrives as it was sent; a half message is an end, no message a timeout."""
    one, other = socket.socketpair()
    with one, other:
        body = os.urandom(100_000)
        send(one, {"a": "ü"}, body)
        assert receive(other) == ({"a": "ü"}, body)
        with pytest.raises(TimeoutError):
            receive(other, deadline=time.monotonic() + 0.05)
        one.sendall(b"\0\0\0\x05\0\0\0\0ab")
        one.close()
        assert receive(other) is None


@given(st.lists(st.binary(max_size=6).filter(lambda line: b"\n" not in line)), st.data())
def test_lines_are_the_same_however_they_come(lines: list[bytes], data: st.DataObject) -> None:
    """Each once and in order, whatever pieces they come in."""
    text = b"".join(line + b"\n" for line in lines)
    taken, at = Lines(), 0
    while at < len(text):
        size = data.draw(st.integers(1, len(text) - at))
        assert taken.write(text[at : at + size]) == size
        at += size
    buffer = Buffer(1 << 20)
    taken.give(buffer)
    assert bytes(buffer.whole()) == b"".join(line + b"\n" for line in sorted(set(lines)))
    assert len(taken) == len(set(lines))
