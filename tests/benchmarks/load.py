"""The load: clients that are processes of their own, each asking one question after the other over one connection.

Latency is that of a whole item by `perf_counter`, from the first byte sent to the last one read; what is done with an
answer is done outside of it. Clients run on the cores that the servers run on, the same for every server;
`floor` says what they cost.
"""

from __future__ import annotations

import gc
import itertools
import math
import multiprocessing
import os
import re
import socket
import time
import zlib
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.benchmarks.client import BrokenError, Connection, CutError, Response, TooLongError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection as Pipe

FORK: Final = multiprocessing.get_context("fork")
KEPT: Final = 64 << 20
"""Bytes of answers that one client keeps to be compared."""

INCOMPLETE: Final = re.compile(rb"\r\nx-sql-(state|message):", re.IGNORECASE)
"""How Virtuoso says that what it answers with HTTP 200 is a part of the result."""

GRACE: Final = 30.0
"""Seconds that a client may take beyond its time and its limit, before it is ended."""

OUTCOMES: Final = ("ok", "refused", "cut", "too long", "broken")
"""What comes of a request: an answer; an error that says so; HTTP 200 with a part of an answer; nothing within the
client's limit; a connection that ended before a response began.
"""

STUCK: Final = frozenset(("too long", "broken"))


@dataclass(frozen=True, slots=True)
class Item:
    """What is asked at one go: several requests count as one item, such as those of a page."""

    key: str
    requests: tuple[bytes, ...]


@dataclass(slots=True)
class Tally:
    """What clients have seen: for each item asked its key, seconds and outcome; and answers by key.

    `answers` has the first body of each request (`key` and its place in the item); `changed` are those to which
    another one came later, with both.
    """

    samples: list[tuple[str, float, str]] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    answers: dict[tuple[str, int], bytes] = field(default_factory=dict)
    changed: dict[tuple[str, int], tuple[bytes, bytes]] = field(default_factory=dict)
    seconds: float = 0.0
    kept: int = 0

    def add(self, other: Tally) -> None:
        """Take in what another client has seen at the same time."""
        self.samples += other.samples
        self.statuses += other.statuses
        for place, body in other.answers.items():
            known = self.answers.setdefault(place, body)
            if known != body:
                self.changed[place] = (known, body)
        self.changed |= other.changed
        self.seconds = max(self.seconds, other.seconds)

    @property
    def times(self) -> list[float]:
        """The seconds of the items that were answered."""
        return [seconds for _, seconds, outcome in self.samples if outcome == "ok"]

    @property
    def outcomes(self) -> Counter[str]:
        """How many items had each outcome."""
        return Counter(outcome for _, _, outcome in self.samples)

    @property
    def throughput(self) -> float:
        """Items answered in a second."""
        return len(self.times) / self.seconds if self.seconds else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least `share` (0 to 1) of them do not exceed; NaN without values."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def outcome(response: Response) -> str:
    """What a whole response is: an error in its own words, an answer, or HTTP 200 with a part of one.

    Of JSON only the end is looked at here; the comparison reads it whole.
    """
    if response.status >= 400:
        return "refused"
    if response.status != 200:
        return "broken"
    unfinished = b"json" in response.head and not response.body.rstrip().endswith(b"}")
    return "cut" if unfinished or INCOMPLETE.search(response.head) else "ok"


def ask(connection: Connection, item: Item, tally: Tally) -> None:
    """Ask one item and write down what came."""
    responses: list[Response] = []
    began = time.perf_counter()
    try:
        for message in item.requests:
            responses.append(connection.ask(message))  # noqa: PERF401 - what came before an error is kept
        failure = ""
    except TooLongError:
        failure = "too long"
    except CutError:
        failure = "cut"
    except BrokenError:
        failure = "broken"
    seconds = time.perf_counter() - began
    worst = max((outcome(response) for response in responses), key=OUTCOMES.index, default="ok")
    tally.samples.append((item.key, seconds, failure or worst))
    tally.statuses.update(response.status for response in responses)
    if failure == "broken":
        time.sleep(0.05)  # a server that is down is not asked a hundred thousand times a second
    for number, response in enumerate(responses):
        if response.status == 200 and response.kept:
            _keep(tally, (item.key, number), response.body)


def run(
    address: tuple[str, int],
    work: Sequence[Sequence[Item]],
    seconds: float,
    *,
    limit: float,
    repeat: bool,
    sources: Sequence[str | None] = (),
    pause: float = 0.0,
    kept: int = 1 << 26,
    yielding: bool | None = None,
    stuck: bool = False,
) -> Tally:
    """Ask with as many clients as `work` has lists, for `seconds`, and give back what they have seen together.

    With `repeat` a list begins anew at its end, else the client is done then. `pause` is how long a client rests
    between two items. `sources` are the addresses the clients come from. Clients that are `yielding` get little
    of a processor that others want, as if they were on another machine; with False they go before others. With `stuck` a client is done when it has waited
    in vain.
    """
    with clients(
        address, work, seconds, limit=limit, repeat=repeat, sources=sources, pause=pause, kept=kept,
        yielding=yielding, stuck=stuck,
    ) as started:  # fmt: skip
        return started.gather()


@dataclass(frozen=True, slots=True)
class Clients:
    """Clients that are at work."""

    processes: list[multiprocessing.process.BaseProcess]
    pipes: list[Pipe]
    patience: float

    def gather(self) -> Tally:
        """Wait until all are done; what they have seen."""
        tally = Tally()
        until = time.monotonic() + self.patience
        for pipe in self.pipes:
            if not pipe.poll(max(0.0, until - time.monotonic())):
                raise TimeoutError("a client of the benchmark does not come to an end")
            tally.add(pipe.recv())
        return tally


@contextmanager
def clients(
    address: tuple[str, int],
    work: Sequence[Sequence[Item]],
    seconds: float,
    *,
    limit: float,
    repeat: bool,
    sources: Sequence[str | None] = (),
    pause: float = 0.0,
    kept: int = 1 << 26,
    yielding: bool | None = None,
    stuck: bool = False,
) -> Iterator[Clients]:
    """Start clients, all at one moment, as `run` does; they are ended with the block."""
    start = FORK.Barrier(len(work))
    processes, pipes = [], []
    for number, items in enumerate(work):
        ours, theirs = FORK.Pipe(duplex=False)
        source = sources[number % len(sources)] if sources else None
        connection = Connection(address, limit=limit, source=source, kept=kept)
        arguments = (theirs, start, connection, items, seconds, repeat, pause, yielding, stuck)
        process = FORK.Process(target=_client, args=arguments, daemon=True)
        process.start()
        theirs.close()
        processes.append(process)
        pipes.append(ours)
    try:
        yield Clients(processes, pipes, seconds + limit + GRACE)
    finally:
        for process, pipe in zip(processes, pipes, strict=True):
            pipe.close()
            process.join(1)
            if process.is_alive():
                process.kill()
                process.join()


def _client(
    pipe: Pipe,
    start: object,
    connection: Connection,
    items: Sequence[Item],
    seconds: float,
    repeat: bool,
    pause: float,
    yielding: bool | None,
    stuck: bool,
) -> None:
    gc.freeze()
    gc.disable()
    with suppress(OSError):  # only the administrator may go before others
        if yielding is True:
            os.setpriority(os.PRIO_PROCESS, 0, 19)
        elif yielding is False:
            os.setpriority(os.PRIO_PROCESS, 0, -10)
    tally = Tally()
    with suppress(BrokenError):
        connection.open()
    start.wait(GRACE)  # type: ignore[attr-defined]
    began = time.perf_counter()
    until = began + seconds
    for item in itertools.cycle(items) if repeat else items:
        if time.perf_counter() >= until:
            break
        ask(connection, item, tally)
        if stuck and tally.samples[-1][2] in STUCK:
            break
        if pause:
            time.sleep(pause)
    tally.seconds = time.perf_counter() - began
    with suppress(BrokenPipeError):
        pipe.send(tally)
    os._exit(0)  # nothing of the parent's is to be tidied up here


def _keep(tally: Tally, place: tuple[str, int], body: bytes) -> None:
    known = tally.answers.get(place)
    if known is None:
        if tally.kept < KEPT:
            tally.answers[place] = body
            tally.kept += len(body)
    elif known != body and zlib.crc32(known) != zlib.crc32(body):
        tally.changed[place] = (known, body)


@contextmanager
def trivial(body: bytes = b'{"head":{"vars":[]},"results":{"bindings":[]}}') -> Iterator[tuple[str, int]]:
    """A server that reads a request and sends one and the same answer: what is measured of it is the load's own cost."""
    listening = socket.create_server(("127.0.0.1", 0))
    message = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    process = FORK.Process(target=_serve_trivially, args=(listening, message), daemon=True)
    process.start()
    address = listening.getsockname()[:2]
    listening.close()
    try:
        yield address
    finally:
        process.kill()
        process.join()


def _serve_trivially(listening: socket.socket, message: bytes) -> None:
    import selectors

    waiting = selectors.DefaultSelector()
    waiting.register(listening, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fileobj is listening:
                connected, _ = listening.accept()
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                waiting.register(connected, selectors.EVENT_READ)
            elif key.fileobj.recv(1 << 16):  # type: ignore[union-attr]
                key.fileobj.sendall(message)  # type: ignore[union-attr]
            else:
                waiting.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]
