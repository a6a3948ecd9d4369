"""The example queries, as people are shown them: files of `server/examples` with what their headers say."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from graph.files import listing, rebase

DECORATOR: Final = re.compile(r"#\+ (?P<name>[a-z]+):\s*(?P<value>.*(?:\n#\+\s{2,}.*)*)")
CONTINUED: Final = re.compile(r"\s*\n#\+\s+")


class Example(NamedTuple):
    """A query of `server/examples`: its `summary` is a question, `topic` the heading it stands under."""

    name: str
    topic: str
    summary: str
    explanation: str
    query: str


@cache
def gallery() -> dict[str, tuple[Example, ...]]:
    """The examples by topic, both in the order of the files' names."""
    topics: dict[str, list[Example]] = {}
    for file in listing("server", "examples", suffix=".rq"):
        query = rebase(file.read_text("utf-8"))
        says = decorators(query)
        example = Example(
            file.name.removesuffix(".rq"),
            says.get("topic", "Queries"),
            says.get("summary", file.name),
            says.get("explanation", ""),
            query,
        )
        topics.setdefault(example.topic, []).append(example)
    return {topic: tuple(examples) for topic, examples in topics.items()}


def decorators(query: str) -> dict[str, str]:
    """The `#+ name: value` lines of a query's header; a value goes on in lines that are indented."""
    return {found["name"]: CONTINUED.sub(" ", found["value"]).strip() for found in DECORATOR.finditer(query)}
