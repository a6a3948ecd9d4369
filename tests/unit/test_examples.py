"""The queries that users are shown can be taken elsewhere."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "server" / "examples").glob("*.rq"))


def test_there_are_the_examples() -> None:
    """None is lost to the test below."""
    assert len(EXAMPLES) >= 40


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_declares_the_prefixes_it_uses(path: Path) -> None:
    """An engine that knows no prefix of this project can read it."""
    ox.Store().query(path.read_text("utf-8"))
