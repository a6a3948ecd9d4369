"""The servers that the bad inputs are sent to, each really running over the same data, with a time limit for
queries where it knows one.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pyoxigraph as ox

from graph.files import BASE
from graph.store.snapshots import publish
from tests.engines import fuseki as fuseki_engine
from tests.engines import virtuoso as virtuoso_engine
from tests.hostile.inputs import DENSE
from tests.http.serving import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

SMALL: Final = Path(__file__).resolve().parent.parent / "data" / "small.trig"
LIMIT: Final = 5
"""Seconds that a query may take, where a server can be told."""

MEMORY: Final = 4 << 30
"""Bytes of address space that a server without a limit of its own gets, so that the machine lives on."""

READY: Final = 30.0


def quads(graph: str | None) -> bytes:
    """The data as N-Quads: the small dataset in its graphs and a dense graph, or all in one graph."""
    dense = ox.NamedNode(graph or BASE + "graph/dense")
    found = [*ox.parse(path=str(SMALL))]
    if graph is not None:
        found = [ox.Quad(q.subject, q.predicate, q.object, dense) for q in found]
    found += [
        ox.Quad(t.subject, t.predicate, t.object, dense)
        for t in ox.parse(DENSE, format=ox.RdfFormat.N_TRIPLES)
    ]
    return ox.serialize(dict.fromkeys(found), format=ox.RdfFormat.N_QUADS) or b""


def triples() -> bytes:
    """The same as N-Triples."""
    found = (
        ox.Triple(q.subject, q.predicate, q.object)
        for q in ox.parse(quads(None), format=ox.RdfFormat.N_QUADS)
    )
    return ox.serialize(dict.fromkeys(found), format=ox.RdfFormat.N_TRIPLES) or b""


@contextlib.contextmanager
def ours(folder: Path) -> Iterator[str]:
    """Our server."""
    publish(folder, quads(None))
    with serving(folder, folder / "log", "--query-timeout", str(LIMIT)) as running:
        yield running.address + "sparql"


@contextlib.contextmanager
def oxigraph(_: Path) -> Iterator[str]:
    """Oxigraph's own server, from its package."""
    address = f"127.0.0.1:{_free_port()}"
    with _process(
        ["oxigraph", "serve", "--bind", address, "--timeout-s", str(LIMIT)], f"http://{address}/query"
    ):
        headers = {"Content-Type": "application/n-triples"}
        answer = httpx.put(f"http://{address}/store?default", content=triples(), headers=headers)
        answer.raise_for_status()
        yield f"http://{address}/query"


@contextlib.contextmanager
def rdflib_endpoint(folder: Path) -> Iterator[str]:
    """rdflib-endpoint, from its package, over rdflib in memory."""
    file = folder / "data.nt"
    file.write_bytes(triples())
    port = str(_free_port())
    command = ["rdflib-endpoint", "serve", "--host", "127.0.0.1", "--port", port, str(file)]
    with _process(command, f"http://127.0.0.1:{port}/"):
        yield f"http://127.0.0.1:{port}/"


@contextlib.contextmanager
def fuseki(folder: Path) -> Iterator[str]:
    """Apache Jena Fuseki."""
    file = folder / "data.nq"
    file.write_bytes(triples())
    with fuseki_engine.running(folder, timeout=LIMIT * 1000) as engine:
        engine.load(file)
        yield engine.query_url


@contextlib.contextmanager
def virtuoso(folder: Path) -> Iterator[str]:
    """Virtuoso."""
    file = folder / "data.nq"
    file.write_bytes(quads("http://example.org/all"))
    limits = {"SPARQL": {"MaxQueryExecutionTime": LIMIT, "MaxQueryCostEstimationTime": 0}}
    with virtuoso_engine.running(folder, limits) as engine:
        if not (folder / ".loaded").exists():
            engine.load(file)
            (folder / ".loaded").touch()
        yield engine.query_url


PEERS: Final[dict[str, Callable[[Path], AbstractContextManager[str]]]] = {
    "her2kg": ours,
    "Oxigraph": oxigraph,
    "rdflib-endpoint": rdflib_endpoint,
    "Fuseki": fuseki,
    "Virtuoso": virtuoso,
}

BY_FORM: Final = frozenset({"Virtuoso"})
"""Those that never answer a query that is posted by itself; they are asked by a form."""


@contextlib.contextmanager
def _process(command: list[str], url: str) -> Iterator[None]:
    """A program of the environment, from when it answers until the block is left."""
    program = shutil.which(command[0], path=sysconfig.get_path("scripts"))
    assert program, f"{command[0]} is not installed"
    limited = ["prlimit", f"--as={MEMORY}", program, *command[1:]]
    process = subprocess.Popen(limited, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + READY
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(url, params={"query": "ASK {}"}, timeout=5)
                break
        else:
            raise AssertionError(f"{command[0]} did not start")
        yield
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
