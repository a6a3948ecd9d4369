"""Where the W3C's suite is, and the engines that are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.suite import Suite

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def suite(shared: Path) -> Suite:
    """The SPARQL 1.1 tests."""
    return Suite(shared / "w3c" / "sparql" / "sparql11")
