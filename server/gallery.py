"""The example queries, as people are shown them: files of `server/examples` with what their headers say."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from graph.build.examples import Example
from graph.files import listing, rebase

DECORATOR: Final = re.compile(r"#\+ (?P<name>[a-z]+):\s*(?P<value>.*(?:\n#\+\s{2,}.*)*)")
CONTINUED: Final = re.compile(r"\s*\n#\+\s+")


@cache
def examples() -> tuple[Example, ...]:
    """The examples in the order of the files' names."""
    found = []
    for file in listing("server", "examples", suffix=".rq"):
        query = rebase(file.read_text("utf-8"))
        says = decorators(query)
        found.append(
            Example(
                name=file.name.removesuffix(".rq"),
                topic=says.get("topic", "Queries"),
                summary=says.get("summary", file.name),
                explanation=says.get("explanation", ""),
                query=query,
            )
        )
    return tuple(found)


def gallery() -> dict[str, tuple[Example, ...]]:
    """The examples by topic, both in the order of the files' names."""
    topics: dict[str, list[Example]] = {}
    for example in examples():
        topics.setdefault(example.topic, []).append(example)
    return {topic: tuple(examples) for topic, examples in topics.items()}


def decorators(query: str) -> dict[str, str]:
    """The `#+ name: value` lines of a query's header; a value goes on in lines that are indented."""
    return {found["name"]: CONTINUED.sub(" ", found["value"]).strip() for found in DECORATOR.finditer(query)}
