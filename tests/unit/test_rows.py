"""The rows of a result are counted in its bytes, as the engine writes them."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.store import CSV, JSON, SOLUTIONS, TSV, XML, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

TRAPS = (
    "},{",
    '},{"',
    ",{}",
    '{"',
    "}",
    "\n",
    "\r\n",
    '"',
    '""',
    "\\",
    "\\\\",
    '\\"',
    "<result>",
    '"bindings":[',
    "",
)
"""What may look like the beginning or the end of a row, or of a value."""

texts = st.lists(st.sampled_from((*TRAPS, "a", "é")), max_size=4).map("".join)
tables = st.integers(0, 3).flatmap(
    lambda width: st.lists(st.lists(st.none() | texts, min_size=width, max_size=width), max_size=6)
)


def written(table: Sequence[Sequence[str | None]], media_type: str) -> bytes:
    """What the engine writes for a table of literals, as wide as its first row."""
    width = len(table[0]) if table else 1
    names = " ".join(f"?v{column}" for column in range(width))
    values = " ".join(
        f"({' '.join('UNDEF' if text is None else str(ox.Literal(text)) for text in row)})" for row in table
    )
    found = ox.Store().query(f"SELECT * {{ VALUES ({names}) {{ {values} }} }}")
    assert isinstance(found, ox.QuerySolutions)
    body = found.serialize(format=ox.QueryResultsFormat.from_media_type(media_type))
    assert body is not None
    return body


@pytest.mark.parametrize("media_type", SOLUTIONS.values())
@given(table=tables)
def test_every_row_is_counted_once(media_type: str, table: list[list[str | None]]) -> None:
    """Whatever stands in it, and where nothing does."""
    assert rows.count(written(table, media_type), media_type) == len(table)


@pytest.mark.parametrize("media_type", SOLUTIONS.values())
@given(table=tables, piece=st.integers(1, 30))
def test_a_large_result_is_counted_piece_by_piece(
    media_type: str, table: list[list[str | None]], piece: int
) -> None:
    """The same, wherever a piece ends; rows without values in JSON are the exception, and are not guessed."""
    body = written(table, media_type)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "PIECE", piece)
        counted = rows.count(body, media_type)
    assert counted == len(table) or (counted is None and media_type == JSON and b",{}" in body)


@pytest.mark.parametrize("media_type", [JSON, XML, CSV, TSV])
def test_a_result_in_mapped_memory_is_counted_too(media_type: str) -> None:
    """As the worker has it when it is large."""
    body = written([["},{"], ["b"]], media_type)
    with mmap.mmap(-1, len(body)) as mapped:
        mapped[:] = body
        assert rows.count(mapped, media_type) == 2


def test_a_graph_is_not_counted() -> None:
    """Its triples are known without looking."""
    assert rows.count(b"", "text/turtle") is None
