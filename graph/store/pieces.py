"""The tokens of a query with their places, for what is rewritten before the engine reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from graph.store.guard import TOKEN, WORD

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBER: Final = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A token that is no blank: `kind` is a group of `graph.store.guard.TOKEN`, `word` or `number`; `at` and
    `end` are offsets.
    """

    kind: str
    text: str
    at: int
    end: int


def pieces(query: str) -> Iterator[Piece]:
    """The tokens of a query in order, without blanks and comments."""
    at = 0
    while match := TOKEN.match(query, at):
        kind = match.lastgroup or "other"
        if digits := NUMBER.match(query, at):  # the guard, which has no use for numbers, has single digits
            match, kind = digits, "number"
        at = match.end()
        if kind == "blank":
            continue
        if kind == "words":
            for word in WORD.finditer(query, match.start(), match.end()):
                yield Piece("word", word[0], word.start(), word.end())
            continue
        text = match[0]
        if kind == "colon" and text.endswith("."):  # a full stop is no part of a name
            stop = len(text.rstrip("."))
            yield Piece(kind, text[:stop], match.start(), match.start() + stop)
            at = match.start() + stop
            continue
        yield Piece(kind, text, match.start(), at)
