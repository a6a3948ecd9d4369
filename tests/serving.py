"""Servers that really run, for the tests: started on a free port, heard out, and ended by their own process."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

HER2KG: Final = [sys.executable, "-c", "from server.cli import main; main()", "serve"]
HER2KG_READY: Final = re.compile(r"her2kg serves .* at (http://\S+/)")
OXIGRAPH_READY: Final = re.compile(r"[Ll]istening")
START_SECONDS: Final = 60
END_SECONDS: Final = 20
KEPT_LINES: Final = 200


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its `address` ends with a slash."""

    address: str
    process: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid


class Ear:
    """Reads all that a process writes, so that it never waits for a reader; keeps the last lines."""

    def __init__(self, process: subprocess.Popen[str], ready: re.Pattern[str]) -> None:
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self.found: re.Match[str] | None = None
        self._ready, self._process = ready, process
        self._told = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="ear", daemon=True)
        self._thread.start()

    def wait(self) -> re.Match[str]:
        """The line that says the server is ready; AssertionError with what it said instead."""
        self._told.wait(START_SECONDS)
        assert self.found, f"the server did not start: {''.join(self.lines)}"
        return self.found

    def join(self) -> None:
        """Wait until the process has closed what it wrote to."""
        self._thread.join(END_SECONDS)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as written:
            for line in written:
                self.lines.append(line)
                if self.found is None and (found := self._ready.search(line)):
                    self.found = found
                    self._told.set()
        self._told.set()  # it has ended


@contextlib.contextmanager
def her2kg(home: Path, *arguments: str) -> Iterator[Server]:
    """Our server over a state folder, as `her2kg serve` starts it."""
    command = [*HER2KG, "--home", str(home), "--port", str(free_port()), *arguments]
    with _running(command, HER2KG_READY) as (process, ready):
        yield Server(ready[1], process)


@contextlib.contextmanager
def oxigraph() -> Iterator[Server]:
    """Oxigraph's own server from its package, with nothing in it."""
    binary = shutil.which("oxigraph", path=sysconfig.get_path("scripts"))
    assert binary, "the package oxigraph is one of the development dependencies"
    at = f"127.0.0.1:{free_port()}"
    with _running([binary, "serve", "--bind", at], OXIGRAPH_READY) as (process, _):
        yield Server(f"http://{at}/", process)


def free_port() -> int:
    """A port of this machine that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _running(
    command: Sequence[str], ready: re.Pattern[str]
) -> Iterator[tuple[subprocess.Popen[str], re.Match[str]]]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    ear = Ear(process, ready)
    try:
        yield process, ear.wait()
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"the server did not end when told to: {''.join(ear.lines)}") from None
        finally:
            ear.join()
