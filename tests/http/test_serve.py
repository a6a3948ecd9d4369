"""`her2kg serve` starts when it can, says why when it cannot, and leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.http.serving import descendants
from tests.serving import HER2KG, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o . FILTER(?a != ?z) }"

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks for processes in /proc")


def running(pids: set[int]) -> set[int]:
    """Those that have not ended; a zombie has."""
    found = set()
    for pid in pids:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                found.add(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def explained(address: str) -> None:
    """Have a query explained: that starts one more process."""
    plan = httpx.get(address + "sparql/explain", params={"query": "ASK {}", "format": "json"}, timeout=30)
    assert plan.json()["algebra"] is not None


@pytest.fixture
def server(small_home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running server and the address it printed."""
    arguments = ["--home", str(small_home), "--port", str(free_port()), "--query-timeout", "20"]
    process = subprocess.Popen([*HER2KG, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        address = re.search(r"http://\S+/", line)
        assert address, line
        yield process, address[0]
    finally:
        left = descendants(process.pid)
        process.kill()
        process.communicate()
        for pid in running(left):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_and_all_it_started(
    server: tuple[subprocess.Popen[str], str], how: signal.Signals
) -> None:
    """Even in the middle of a query; nothing is left, and the port is free again."""
    process, address = server
    answer = httpx.get(address + "sparql", params={"query": "ASK { drug:palbociclib a her2kg:Drug }"})
    assert answer.json()["boolean"] is True
    explained(address)
    everything = descendants(process.pid)
    assert len(everything) >= 4  # the server, two query workers, the reader of queries
    with httpx.Client() as client, pytest.raises(httpx.HTTPError):
        client.get(address + "sparql", params={"query": CROSS}, timeout=0.5)
    process.send_signal(how)
    assert process.wait(15) == 0
    deadline = time.monotonic() + 5
    while running(everything):
        assert time.monotonic() < deadline
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_a_killed_server_leaves_no_query_workers(server: tuple[subprocess.Popen[str], str]) -> None:
    """Killing (kill -9) the server: what it started ends with it."""
    process, address = server
    explained(address)
    everything = descendants(process.pid)
    process.kill()
    assert process.wait(15) == -signal.SIGKILL
    deadline = time.monotonic() + 5
    while running(everything):
        assert time.monotonic() < deadline


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*HER2KG, *arguments], capture_output=True, text=True, timeout=60, check=False)


def test_a_port_in_use_is_told(small_home: Path) -> None:
    """Exit code 1 and the way out; no trace."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run("--home", str(small_home), "--port", str(port))
    assert result.returncode == 1
    assert f"Port {port}" in result.stderr
    assert "--port" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--port", "99999"], 2, "65535"),
        (["--host", "192.0.2.1"], 2, "192.0.2.1"),
        (["--documents", "/nowhere/at/all"], 2, "folder"),
        (["--store-url", "ftp://127.0.0.1/"], 2, "http or https"),
        (["--no-such-flag"], 2, "no-such-flag"),
    ],
)
def test_wrong_usage_is_told(small_home: Path, arguments: list[str], code: int, says: str) -> None:
    """Exit code 2, with the flag and what is wanted."""
    result = run(
        "--home",
        str(small_home),
        *(["--port", str(free_port())] if "--port" not in arguments else []),
        *arguments,
    )
    assert result.returncode == code
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_nothing_published_and_a_damaged_snapshot_are_told(tmp_path: Path) -> None:
    """Exit code 1 and the command that mends it."""
    for pointer in (None, "000000000000\n"):
        if pointer:
            (tmp_path / "current").write_text(pointer, "utf-8")
        result = run("--home", str(tmp_path), "--port", str(free_port()))
        assert result.returncode == 1
        assert "her2kg build" in result.stderr
        assert "Traceback" not in result.stderr
