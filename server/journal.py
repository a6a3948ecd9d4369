"""The log: one object a line for each request and each event, written beside the event loop.

The loop only notes what happened; a thread of its own puts it into words and writes them, a few times a
second. When it cannot keep up (nobody reads, the disk is full), lines are dropped, counted, and told of.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TextIO

import structlog

if TYPE_CHECKING:
    from server.visits import Visit

LEAST: Final = {"off": 1000, "errors": 500, "requests": 0}
"""The settings of what is logged of requests, and the least status that a request is logged with."""

PAUSE: Final = 0.2
"""Seconds between two writings."""

KEPT: Final = 20_000
"""Lines that wait to be written; what comes then is dropped."""

CLOSING: Final = 1.0
"""Seconds that the last lines have to be written as the server ends."""

LONGEST: Final = 500
"""Characters of an address, or of another value, that a line shows."""

Entry = tuple[Any, ...] | logging.LogRecord


class Journal:
    """Takes visits and log records from any thread, and writes them in one.

    `level` is one of `LEAST`; `form` is `json`, `text`, or `auto`: text on a terminal. `dropped` counts the
    lines that were lost.
    """

    def __init__(self, level: str = "errors", form: str = "auto", out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._from = LEAST[level]
        self._text = form == "text" or (form == "auto" and self._out.isatty())
        self._renderer: Any = (
            structlog.dev.ConsoleRenderer(colors=self._out.isatty(), sort_keys=False)
            if self._text
            else structlog.processors.JSONRenderer()
        )
        self._entries: deque[Entry] = deque()
        self._told = 0
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self.dropped = 0

    def start(self) -> None:
        """Write from now on what is noted, and what the program logs."""
        self._thread = threading.Thread(target=self._write, name="her2kg-journal", daemon=True)
        self._thread.start()
        logging.basicConfig(level=logging.WARNING, handlers=[Handler(self)], force=True)

    def close(self) -> None:
        """Write what is left, as far as somebody reads it."""
        self._end.set()
        if self._thread is not None:
            self._thread.join(CLOSING)

    def note(self, visit: Visit) -> None:
        """A request has ended."""
        if visit.status >= self._from:
            self.put((time.time(), visit.id, visit.method, visit.path, visit.query, visit.status,
                      visit.outcome, visit.seconds, visit.length, visit.rows, visit.client))  # fmt: skip

    def put(self, entry: Entry) -> None:
        """Keep an entry to be written."""
        if len(self._entries) < KEPT:
            self._entries.append(entry)
        else:
            self.dropped += 1

    def _write(self) -> None:
        while True:
            ended = self._end.wait(PAUSE)
            lines = [self._line(self._entries.popleft()) for _ in range(len(self._entries))]
            if self.dropped > self._told:
                lost, self._told = self.dropped - self._told, self.dropped
                lines.append(self._rendered(time.time(), "warning", "lines were dropped", {"lines": lost}))
            if lines:
                text = ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace").decode()
                with suppress(OSError, ValueError):  # nobody reads any more: there is no one to tell
                    self._out.write(text)
                    self._out.flush()
            if ended and not self._entries:
                return

    def _line(self, entry: Entry) -> str:
        if isinstance(entry, logging.LogRecord):
            facts: dict[str, Any] = {"logger": entry.name}
            facts |= {"request": entry.request} if hasattr(entry, "request") else {}
            if entry.exc_info:
                facts["exception"] = "".join(traceback.format_exception(*entry.exc_info)).rstrip()
            return self._rendered(entry.created, entry.levelname.lower(), _said(entry), facts)
        at, name, method, path, query, status, outcome, seconds, length, rows, client = entry
        facts = {"request": name, "method": _shown(method), "path": _shown(path)}
        facts |= {"query": query} if query else {}
        facts |= {"status": status, "outcome": outcome, "ms": round(seconds * 1000, 2), "bytes": length}
        facts |= {"rows": rows} if rows is not None else {}
        level = "info" if status < 500 else "error" if status == 500 else "warning"
        return self._rendered(at, level, "request", facts | {"client": _shown(client)})

    def _rendered(self, at: float, level: str, event: str, facts: dict[str, Any]) -> str:
        moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head = {"timestamp" if self._text else "time": moment, "level": level, "event": event}
        return str(self._renderer(None, level, head | facts))


class Handler(logging.Handler):
    """Gives what the program logs to a journal."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it to be written."""
        self._journal.put(record)


def _said(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # a message whose arguments do not fit is still worth reading
        return str(record.msg)


def _shown(text: str) -> str:
    """A piece of a request as a line may show it: no control characters, and not too long."""
    shown = text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    return shown if len(shown) <= LONGEST else shown[:LONGEST] + "…"
