"""The engines start, take a file of N-Quads, answer, and end."""

from __future__ import annotations

import json
import os
import urllib.parse
import urllib.request
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.engines import fuseki, virtuoso
from tests.engines.engine import Engine

QUADS = "".join(f'<urn:s> <urn:p> "{n}" <urn:g{n % 2}> .\n' for n in range(10))
COUNT = "SELECT (COUNT(*) AS ?n) { GRAPH <urn:g1> { ?s <urn:p> ?o } }"
ENGINES = {"virtuoso": virtuoso.running, "fuseki": fuseki.running}


def counted(engine: Engine) -> str:
    address = engine.query_url + "?" + urllib.parse.urlencode({"query": COUNT})
    request = urllib.request.Request(address, headers={"Accept": "application/sparql-results+json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)["results"]["bindings"][0]["n"]["value"]


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_keeps_what_it_loaded(name: str, tmp_path: Path) -> None:
    """It is there after the engine was ended and started again, and no process is left."""
    start = ENGINES[name]
    file = tmp_path / "some.nq"
    file.write_text(QUADS, "utf-8")
    folder = tmp_path / "engine"
    folder.mkdir()
    running: AbstractContextManager[Engine] = start(folder)
    with running as engine:
        engine.load(file)
        assert counted(engine) == "5"
    with pytest.raises(ProcessLookupError):
        os.kill(engine.process, 0)
    with start(folder) as again:
        assert counted(again) == "5"
