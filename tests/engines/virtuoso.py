"""Virtuoso, as Debian's `virtuoso-opensource-7-bin` has it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engines.engine import TRIES, Engine, FailedError, beside, free_ports, process

USER = PASSWORD = "dba"
"""Whom a new database knows; it listens at 127.0.0.1 alone."""

LOAD_SECONDS = 3600.0
CONFIGURATION: dict[str, dict[str, str | int]] = {
    "Database": {
        "DatabaseFile": "virtuoso.db",
        "ErrorLogFile": "virtuoso.log",
        "LockFile": "virtuoso.lck",
        "TransactionFile": "virtuoso.trx",
        "xa_persistent_file": "virtuoso.pxa",
        "MaxCheckpointRemap": 2000,
    },
    "TempDatabase": {"DatabaseFile": "virtuoso-temp.db", "TransactionFile": "virtuoso-temp.trx"},
    "Parameters": {
        "ServerThreads": 40,
        "NumberOfBuffers": 20_000,  # of 8 KiB
        "MaxDirtyBuffers": 15_000,
        "DefaultIsolation": 2,
        "ThreadsPerQuery": 2,
        "DirsAllowed": ".",
    },
    "HTTPServer": {"ServerThreads": 30},
    "SPARQL": {},
}


@contextmanager
def running(
    folder: Path, settings: Mapping[str, Mapping[str, str | int]] | None = None, *, port: int | None = None
) -> Iterator[Engine]:
    """Virtuoso over the data in `folder` (an empty one at first) until the block is left.

    `settings` are sections of `virtuoso.ini` that go before those above: `{"SPARQL": {"ResultSetMaxRows": 100}}`.
    `port` is that of HTTP; without one a free one is taken.
    """
    program = shutil.which("virtuoso-t")
    if program is None:
        pytest.skip("skipped: Virtuoso is not here (Debian: virtuoso-opensource-7-bin)")
    for tries_left in reversed(range(TRIES)):
        sql, http = free_ports(2)
        http = port or http
        ports = {
            "Parameters": {"ServerPort": f"127.0.0.1:{sql}"},
            "HTTPServer": {"ServerPort": f"127.0.0.1:{http}"},
        }
        text = _written(CONFIGURATION, ports, settings or {})
        (folder / "virtuoso.ini").write_text(text, "utf-8")
        command = [program, "+foreground", "+configfile", "virtuoso.ini"]
        opened = process(command, r"\bServer online at ", folder)
        try:
            server, _ = opened.__enter__()
        except FailedError:
            (folder / "virtuoso.lck").unlink(missing_ok=True)
            if not tries_left:
                raise
            continue
        break
    address = f"127.0.0.1:{sql}"
    base = f"http://127.0.0.1:{http}"
    try:
        yield Engine(
            name="virtuoso",
            query_url=f"{base}/sparql",
            data_url=f"{base}/sparql-graph-crud-auth",
            load=lambda file: load(address, folder, file),
            process=server.pid,
            user=USER,
            password=PASSWORD,
        )
    finally:
        opened.__exit__(None, None, None)


def load(address: str, folder: Path, file: Path) -> None:
    """Have the bulk loader take a file of N-Quads (`.nq`), and keep what it loaded."""
    beside(file, folder)
    said = statements(
        address,
        "delete from DB.DBA.load_list",
        f"ld_dir ('.', '{file.name}', 'urn:her2kg:none')",
        "rdf_loader_run ()",
        "checkpoint",
        "select concat ('state ', cast (ll_state as varchar), ' ', coalesce (ll_error, 'done')) from DB.DBA.load_list",
    )
    assert "state 2 done" in said, said


def statements(address: str, *sql: str) -> str:
    """What the database says to SQL statements at its own port."""
    done = subprocess.run(
        [
            "isql-vt",
            address,
            USER,
            PASSWORD,
            "VERBOSE=OFF",
            "BANNER=OFF",
            "PROMPT=OFF",
            f"exec={'; '.join(sql)};",
        ],
        capture_output=True,
        text=True,
        timeout=LOAD_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _written(*parts: Mapping[str, Mapping[str, str | int]]) -> str:
    sections: dict[str, dict[str, str | int]] = {}
    for part in parts:
        for name, values in part.items():
            sections.setdefault(name, {}).update(values)
    return "".join(
        f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())
        for name, values in sections.items()
    )
