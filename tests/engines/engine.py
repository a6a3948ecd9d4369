"""What an engine that runs is known by, and starting and ending its process."""

from __future__ import annotations

import queue
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60.0
END_SECONDS = 30.0
TRIES = 3
"""A port that was free may be taken by the time the engine wants it: it is then started with others."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A SPARQL 1.1 service that runs: `data_url` speaks the Graph Store Protocol (`?graph=`, `?default`).

    `user` and `password` are for writing, empty where the service takes anybody; the password is for digest or basic
    authentication, as the service asks. `load` takes a file of N-Quads by the engine's quickest way, and is done when
    the file is.
    """

    name: str
    query_url: str
    data_url: str
    load: Callable[[Path], None]
    process: int
    user: str = ""
    password: str = ""


class FailedError(Exception):
    """The engine ended before it was ready, or was not ready in time; the message has what it said."""


@contextmanager
def process(
    command: Sequence[str | Path], says: str, cwd: Path, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], re.Match[str]]]:
    """A process from the line of its output that matches `says` until the block is left; and that match."""
    running = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert running.stdout is not None
        for line in running.stdout:
            lines.put(line)
        lines.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    said: list[str] = []
    try:
        while True:
            try:
                line = lines.get(timeout=START_SECONDS)
            except queue.Empty:
                line = None
            if line is None:
                raise FailedError("".join(said[-40:]))
            said.append(line)
            if found := re.search(says, line):
                break
        yield running, found
    finally:
        end(running)
        reader.join()
        assert running.stdout is not None
        running.stdout.close()


def end(running: subprocess.Popen[str]) -> None:
    """End a process in order, or else at once."""
    if running.poll() is None:
        running.terminate()
    try:
        running.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


def free_ports(number: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens at now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def beside(file: Path, folder: Path) -> Path:
    """The file under its name in a folder the engine may read: the same file, or a copy from another disk."""
    target = folder / file.name
    if target.exists() and target.samefile(file):
        return target
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(file)
    except OSError:
        shutil.copyfile(file, target)
    return target
