"""Sends bad inputs to an endpoint, and a cheap query beside them; says what came back."""

from __future__ import annotations

import re
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_from_bytes, urlsplit

from tests.hostile.inputs import QUERY, Query, Wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

HELD: Final = 64 << 20
"""Bytes of an answer that are read; more are taken for a flood."""

HANGS: Final = -1
"""Instead of a status: nothing came in the time there was."""


@dataclass(frozen=True, slots=True)
class Came:
    """What came back: the status (0 that the connection was closed without one, `HANGS`), after how many
    seconds; whether an answer was `cut`: it began well and did not end.
    """

    status: int
    seconds: float
    headers: str = ""
    body: bytes = b""
    cut: bool = False


def send(address: str, given: Query | Wire, patience: float, *, form: bool = False) -> Came:
    """Send an input to an endpoint, and wait for the whole answer; a query by itself, or as a `form`."""
    parts = urlsplit(address)
    host = f"{parts.hostname}:{parts.port}"
    if isinstance(given, Wire):
        return exchange(parts.hostname or "", parts.port or 80, given.bytes_for(host, parts.path), patience)
    text = given.text if isinstance(given.text, bytes) else given.text.encode("utf-8", "surrogatepass")
    if form:
        text = b"query=" + quote_from_bytes(text, safe="").encode()
    kind = "application/x-www-form-urlencoded" if form else QUERY
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nConnection: close\r\n"
    accept = "Accept: application/sparql-results+json, text/turtle;q=0.9, */*;q=0.1\r\n"
    sent = f"{head}{accept}Content-Length: {len(text)}\r\n\r\n".encode() + text
    return exchange(parts.hostname or "", parts.port or 80, sent, patience)


def exchange(host: str, port: int, sent: bytes, patience: float) -> Came:
    """Send bytes and read until the other side has closed."""
    began = time.monotonic()
    until = began + patience
    answer = bytearray()
    ended = "hang"
    with socket.create_connection((host, port), timeout=patience) as connection:
        # what is large is sent beside reading: a server may answer, and close, before it has read all
        sender = threading.Thread(target=_send_all, args=(connection, sent), daemon=True)
        sender.start()
        while (left := until - time.monotonic()) > 0 and len(answer) < HELD:
            connection.settimeout(left)
            try:
                piece = connection.recv(1 << 18)
            except TimeoutError:
                break
            except OSError:
                ended = "reset"
                break
            if not piece:
                ended = "closed"
                break
            answer += piece
            if _complete(answer):
                ended = "closed"
                break
    return _read(bytes(answer), ended, time.monotonic() - began)


def _send_all(connection: socket.socket, sent: bytes) -> None:
    try:
        connection.sendall(sent)
    except OSError:
        return


def _complete(answer: bytearray) -> bool:
    """Whether an answer whose length is given is all there: some servers keep the connection."""
    head, _, body = answer[:65536].partition(b"\r\n\r\n")
    length = re.search(rb"(?i)^content-length: *(\d+)", head, re.MULTILINE)
    return (
        bool(body or b"\r\n\r\n" in answer)
        and length is not None
        and (len(answer) - len(head) - 4 >= int(length[1]))
    )


def _read(answer: bytes, ended: str, seconds: float) -> Came:
    head, _, body = answer.partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/1\.[01] (\d{3})", head)
    if status is None:
        return Came(HANGS if ended == "hang" else 0, seconds)
    headers = head.decode("latin-1").lower()
    if length := re.search(r"^content-length: *(\d+)", headers, re.MULTILINE):
        whole = len(body) >= int(length[1])
    elif "transfer-encoding: chunked" in headers:
        whole = body.endswith(b"0\r\n\r\n")
    else:
        whole = ended == "closed"
    if ended == "hang" and not whole and not body:
        return Came(HANGS, seconds, headers)
    return Came(int(status[1]), seconds, headers, body, cut=not whole)


class Cheap:
    """Asks a cheap query again and again, beside whatever else happens; `failed` and `slowest` tell."""

    def __init__(
        self, address: str, patience: float, ask: Callable[[int], str] = "ASK {{}} # {}".format
    ) -> None:
        self._address, self._patience, self._ask = address, patience, ask
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.asked = 0
        self.failed: list[int] = []
        self.slowest = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(0.05) or not self.asked:
            try:
                came = send(self._address, Query("cheap", self._ask(self.asked), frozenset()), self._patience)
            except OSError:  # it does not even take a connection
                came = Came(0, self._patience)
            self.asked += 1
            self.slowest = max(self.slowest, came.seconds)
            if came.status != 200 or came.cut:
                self.failed.append(came.status)
