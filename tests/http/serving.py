"""A server that really runs and whose log is read, for the tests of operation and of bad inputs."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.serving import END_SECONDS, HER2KG, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOGGED_WITHIN: Final = 10
"""Seconds within which the log has a line; it is written a few times a second."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server's address (ending in a slash), its process id, and the file its log goes to."""

    address: str
    pid: int
    log: Path

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        return int(self.address.rstrip("/").rpartition(":")[2])

    def lines(self) -> list[dict[str, Any]]:
        """What it has logged so far."""
        whole = self.log.read_text("utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def line(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first line that is wanted, as soon as it is written."""
        until = time.monotonic() + LOGGED_WITHIN
        while time.monotonic() < until:
            if found := [line for line in self.lines() if wanted(line)]:
                return found[0]
        raise AssertionError("\n".join(map(str, self.lines()[-10:])))


@contextlib.contextmanager
def serving(home: Path, log: Path, *arguments: str) -> Iterator[Served]:
    """Serve a state folder."""
    command = [*HER2KG, "--home", str(home), "--port", str(free_port()), "--log-format", "json", *arguments]
    with log.open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+/", process.stdout.readline())
        assert found, log.read_text("utf-8")
        yield Served(found[0], process.pid, log)
    finally:
        process.terminate()
        process.communicate(timeout=END_SECONDS)


def descendants(pid: int) -> set[int]:
    """The process and all it has started, directly or not."""
    found = {pid}
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                found |= descendants(int(child))
    return found
