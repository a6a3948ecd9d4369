"""The wheel on its own: beside nothing but the lock, and run from a folder that is not the checkout."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from typing import TYPE_CHECKING

import pytest
from uv import find_uv_bin

if TYPE_CHECKING:
    from pathlib import Path

ROOMS = ("graph", "server", "ontology", "shapes")
TIMEOUT = 600
"""Seconds for one step; far more than any needs, so that a hang is a failure."""


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """The output of a command; a failure shows everything it said."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("HER2KG_", "PYTHON"))
    }
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the pinned hatchling."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=checkout)
    (built,) = folder.glob("her2kg-*.whl")
    return built


@pytest.fixture(scope="module")
def environment(checkout: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a clean environment with the lock and the wheel, in the order the Makefile has."""
    folder = tmp_path_factory.mktemp("clean")
    lock = (checkout / "requirements.lock").read_text("utf-8")
    setuptools = re.search(r"^setuptools==(?:.*\n +)+.*", lock, re.MULTILINE)
    assert setuptools is not None
    first = folder / "setuptools.lock"
    first.write_text(setuptools[0], "utf-8")
    uv, venv = find_uv_bin(), folder / "venv"
    install = (uv, "pip", "install", "--quiet", "--no-build-isolation", "--python", venv / "bin" / "python")
    run(uv, "venv", "--quiet", "--python", sys.executable, venv, cwd=folder)
    run(*install, "--require-hashes", "-r", first, cwd=folder)
    run(*install, "--require-hashes", "-r", checkout / "requirements.lock", cwd=folder)
    run(*install, "--no-deps", wheel, cwd=folder)
    return venv / "bin"


@pytest.fixture(scope="module")
def home(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder that the installed command has built from what the wheel holds."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    run(environment / "her2kg", "build", "--home", elsewhere / "home", cwd=elsewhere)
    return elsewhere / "home"


def test_the_wheel_holds_every_file_of_the_packages(checkout: Path, wheel: Path) -> None:
    """Ontology, shapes, rules, queries, templates and samples travel with the code."""
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    wanted = {
        path.relative_to(checkout).as_posix()
        for room in ROOMS
        for path in (checkout / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    wanted = {name for name in wanted if not name.startswith("server/frontend/")}  # only what it is made into
    assert wanted - inside == set()
    for pattern, at_least in {
        r"ontology/her2kg\.ttl": 1,
        r"ontology/vocabulary/.+\.ttl": 5,
        r"shapes/.+\.ttl": 5,
        r"graph/build/rules/.+\.rq": 5,
        r"graph/data/documents/.+\.txt": 4,
        r"server/templates/.+\.html": 5,
        r"server/queries/.+\.rq": 3,
        r"server/static/dist/(editor\.js|editor\.css|licenses\.txt|stamp)": 4,
    }.items():
        found = [name for name in inside if re.fullmatch(pattern, name)]
        assert len(found) >= at_least, f"{pattern}: {found}"


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    """Tests and tools of the repository stay out, and no other top-level name may shadow somebody's."""
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(ROOMS)


def test_the_installed_command_says_its_version(checkout: Path, environment: Path, tmp_path: Path) -> None:
    """`her2kg --version` is the version of pyproject.toml."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] in run(environment / "her2kg", "--version", cwd=tmp_path)


def test_the_installed_command_builds_and_queries(environment: Path, home: Path, tmp_path: Path) -> None:
    """With the wheel alone a graph is built, and the samples' palbociclib is found in it."""
    query = """PREFIX her2kg: <https://w3id.org/her2kg/ontology/>
        SELECT ?drug WHERE { ?drug a her2kg:Drug ; her2kg:brandName "Ibrance" }"""
    answer = run(environment / "her2kg", "query", "--home", home, "--json", query, cwd=tmp_path)
    assert "https://w3id.org/her2kg/id/drug/palbociclib" in answer
    assert [json.loads(line) for line in answer.splitlines()]
