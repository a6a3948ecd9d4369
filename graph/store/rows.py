"""How many rows a result has, counted in its bytes as the engine writes them, without reading it again.

In XML and TSV no value can look like the end of a row. In CSV what is within quotes does not count. In
JSON, which the engine writes without blanks, every row but the first begins with `},{"`; within a string that
can be only at its end, where a comma or a brace follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graph.store import CSV, JSON, TSV, XML

if TYPE_CHECKING:
    from collections.abc import Callable
    from mmap import mmap

    Body = bytes | bytearray | mmap

PIECE: Final = 1 << 20
"""Bytes looked at at a time: a large result is not copied whole."""

BINDINGS: Final = b'"bindings":['
NEXT: Final = b'},{"'
ENDS: Final = (b'},{",', b'},{"}')
"""The end of a string that looks like the beginning of a row."""

EMPTY: Final = b",{}"
"""A row without values, or a piece of a string."""


def count(body: Body, media_type: str) -> int | None:
    """The rows of a SELECT's result; None where that cannot be told: another format, or rows without values
    in a large one.
    """
    number = COUNTS.get(media_type)
    return None if number is None else number(body)


def _xml(body: Body) -> int:
    return _occurrences(body, b"<result>")


def _tsv(body: Body) -> int:
    return _occurrences(body, b"\n") - 1


def _csv(body: Body) -> int:
    lines, quotes = 0, 0
    for at in range(0, len(body), PIECE):
        parts = body[at : at + PIECE].split(b'"')
        lines += sum(part.count(b"\n") for part in parts[quotes % 2 :: 2])
        quotes += len(parts) - 1
    return lines - 1


def _json(body: Body) -> int | None:
    first = body.find(BINDINGS) + len(BINDINGS)
    if body[first : first + 1] != b"{":
        return 0
    if not _occurrences(body, EMPTY):
        return 1 + _occurrences(body, NEXT) - sum(_occurrences(body, end) for end in ENDS)
    if len(body) > PIECE:
        return None
    bare = b"".join(body[:].replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])
    return bare.count(b"},{") + 1


COUNTS: Final[dict[str, Callable[[Body], int | None]]] = {JSON: _json, XML: _xml, CSV: _csv, TSV: _tsv}


def _occurrences(body: Body, what: bytes) -> int:
    """How often something occurs that cannot overlap itself."""
    if len(body) <= PIECE:
        return body[:].count(what)
    more = len(what) - 1
    return sum(body[at : at + PIECE + more].count(what) for at in range(0, len(body), PIECE))
