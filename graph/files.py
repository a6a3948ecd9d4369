"""Where the data files are, found the same way from a checkout and from an installed wheel.

Every file is read through here, so that a build under another base IRI (`HER2KG_BASE`) sees the
ontology, the shapes, the rules and the queries under that base.
"""

from __future__ import annotations

import os
from functools import reduce
from importlib.resources import files
from importlib.resources.abc import Traversable

CANONICAL_BASE = "https://w3id.org/her2kg/"
"""The base IRI that stands in the files themselves."""

BASE = os.environ.get("HER2KG_BASE") or CANONICAL_BASE
"""The base IRI of everything this process builds and serves; it ends with a slash."""


def rebase(text: str) -> str:
    """`text` of one of our files, with the canonical base replaced by the one in force."""
    return text if BASE == CANONICAL_BASE else text.replace(CANONICAL_BASE, BASE)


def text(package: str, *parts: str) -> str:
    """The text of one data file, e.g. `text("ontology", "her2kg.ttl")`, under the base in force."""
    return rebase(_at(package, parts).read_text("utf-8"))


def listing(package: str, *parts: str, suffix: str) -> list[Traversable]:
    """The files of one folder that end in `suffix`, by name; their text still has the canonical base."""
    return sorted((f for f in _at(package, parts).iterdir() if f.name.endswith(suffix)), key=lambda f: f.name)


def _at(package: str, parts: tuple[str, ...]) -> Traversable:
    # one part a call: a folder without __init__.py is a MultiplexedPath; it takes no more before 3.12
    return reduce(lambda folder, part: folder.joinpath(part), parts, files(package))
