"""Real engines with a graph published in them, and the list of what an engine is known to do differently.

`known.tsv` has, by test, what an engine's own faults make fail, with the reason. A test that is listed and passes has
failed: the list says what is so.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from graph.store import Limits
from graph.store.embedded import EmbeddedStore
from graph.store.remote.store import RemoteStore
from graph.store.snapshots import publish
from server import create_app
from server.settings import Settings
from tests.engines import fuseki, virtuoso
from tests.engines.engine import Engine

ENGINES = {"virtuoso": virtuoso.running, "fuseki": fuseki.running}
KNOWN = Path(__file__).with_name("known.tsv")
SMALL = Path(__file__).resolve().parents[1] / "data" / "small.trig"
LIMITS = Limits(timeout=20, memory=256, workers=2, result_bytes=16 * 1024 * 1024)
PUBLISH_SECONDS = 120.0


def known() -> dict[str, str]:
    """The tests that an engine's own faults make fail, and why."""
    with KNOWN.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, delimiter="\t")
    assert header == ["test", "because"]
    return dict(rows)


REASONS = known()
NOT_ASKED = ("a result too large", "a query without end", "test_memory_without_end_is_told")
"""Tests of tests/http that are about query workers: `test_limits.py` has those of a remote engine."""


def name_of(item: pytest.Item) -> str:
    """A test as `known.tsv` has it: its file and its own name."""
    return f"{item.path.stem}::{item.name}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a remote engine is not asked."""
    here = Path(__file__).parent
    left_out = [
        item
        for item in items
        if item.path.is_relative_to(here) and any(name in item.name for name in NOT_ASKED)
    ]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Have a test that is listed fail, and nothing else."""
    reason = REASONS.get(name_of(pyfuncitem))
    if reason is None:
        return (yield)
    try:
        yield
    except Exception:
        return True
    pytest.fail(f"it passes, and is listed in known.tsv: {reason}")


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine with nothing in it."""
    with ENGINES[request.param](tmp_path_factory.mktemp(request.param)) as running:
        yield running


def put(engine: Engine, home: Path) -> None:
    """Publish the snapshot of a state folder in an engine, by the command."""
    command = [Path(sys.executable).with_name("her2kg"), "publish", "--home", home]
    environment = os.environ | {
        "HER2KG_STORE_URL": engine.query_url,
        "HER2KG_STORE_DATA_URL": engine.data_url,
        "HER2KG_STORE_USER": engine.user,
        "HER2KG_STORE_PASSWORD": engine.password,
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PUBLISH_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def full(engine: Engine, built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteStore]:
    """The store over an engine that has what a fresh clone builds."""
    put(engine, built)
    with RemoteStore(engine.query_url, tmp_path_factory.mktemp("full"), LIMITS) as opened:
        yield opened


@pytest.fixture(scope="session")
def embedded(built: Path) -> Iterator[EmbeddedStore]:
    """The same graph, as this machine has it."""
    with EmbeddedStore(built) as opened:
        yield opened


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with the small dataset published; to be read only."""
    home = tmp_path_factory.mktemp("home")
    publish(home, ox.serialize(ox.parse(path=str(SMALL)), format=ox.RdfFormat.N_QUADS))
    return home


@pytest.fixture(scope="module")
def store(
    engine: Engine, small_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RemoteStore]:
    """A store over an engine that has the small dataset, with tight limits."""
    put(engine, small_home)
    limits = Limits(timeout=2, memory=256, workers=2, result_bytes=1024 * 1024)
    with RemoteStore(engine.query_url, tmp_path_factory.mktemp("small"), limits) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(small_home: Path, store: RemoteStore) -> Flask:
    """The application over that store."""
    return create_app(Settings(home=small_home), store)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the application."""
    return app.test_client()
