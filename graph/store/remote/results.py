"""An answer as a remote service gave it → one as this endpoint gives it: read whole, in the format that was
asked for.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from graph.errors import QueryTooLarge, StoreUnavailable
from graph.store.rows import count
from graph.store.worker import namespaces
from graph.vocab import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.store import Form, Node
    from graph.store.remote.service import Body

YES: Final = b'{"head":{},"boolean":true}'
NO: Final = b'{"head":{},"boolean":false}'
ROW: Final = 10
"""Bytes that a row has at least."""


class Bounded(io.BytesIO):
    """Where a result is written to, up to a limit; past it QueryTooLarge."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, chunk: Any) -> int:
        """Take a chunk."""
        if self.tell() + len(chunk) > self._limit:
            raise QueryTooLarge(
                f"The result is larger than {self._limit:,} bytes; there is no partial result.",
                mend="Ask for it in pieces by ORDER BY, LIMIT and OFFSET.",
            )
        return super().write(chunk)


def converted(
    body: Body, form: Form, media_type: str, columns: Mapping[str, Node], max_bytes: int
) -> tuple[bytes, int | None]:
    """The answer in a format of its family, with `columns` in each row; and how many rows or triples it has,
    where that can be told.

    Raises StoreUnavailable for what is no whole answer, QueryTooLarge for one that was cut or grows over the
    limit.
    """
    written = Bounded(max_bytes)
    number = None
    try:
        if form == "graph":
            number = _triples(body, written, media_type)
        else:
            _solutions(body, form, written, media_type, columns)
    except (SyntaxError, ValueError, KeyError, TypeError) as error:
        raise StoreUnavailable(
            "The remote store's answer is no whole result; there is no partial result.",
            mend="Try again later.",
        ) from error
    content = written.getvalue()
    return content, count(content, media_type) if form == "select" else number


def rows(body: Body) -> list[dict[str, Node]]:
    """The solutions in a JSON result, as terms by their variables.

    StoreUnavailable for what is no whole result.
    """
    try:
        return _rows(body.dialect.mended(body.content))
    except (SyntaxError, ValueError, TypeError) as error:
        raise StoreUnavailable(
            "The remote store's answer is no whole result.", mend="Try again later."
        ) from error


def _rows(content: bytes) -> list[dict[str, Node]]:
    result = ox.parse_query_results(content, ox.QueryResultsFormat.JSON)
    if not isinstance(result, ox.QuerySolutions):
        raise TypeError("yes or no instead of solutions")
    names = [variable.value for variable in result.variables]
    return [{name: term for name in names if (term := row[name]) is not None} for row in result]


def _triples(body: Body, written: Bounded, media_type: str) -> int:
    triples = [quad.triple for quad in ox.parse(body.content, ox.RdfFormat.N_TRIPLES)]
    _require_whole(body, lambda: len(triples))
    triples = sorted(set(triples), key=str)  # the same bytes for the same data, whatever order the engine has
    spaces = namespaces(triples)
    named = {prefix: iri for prefix, iri in PREFIXES.items() if iri in spaces}
    ox.serialize(triples, written, ox.RdfFormat.from_media_type(media_type), prefixes=named)
    return len(triples)


def _solutions(
    body: Body, form: Form, written: Bounded, media_type: str, columns: Mapping[str, Node]
) -> None:
    content = body.dialect.mended(body.content)
    if columns:
        content = _with(content, columns)
    _require_whole(body, lambda: len(_rows(content)))
    result: Any = ox.parse_query_results(content, ox.QueryResultsFormat.JSON)
    if form == "ask" and isinstance(
        result, ox.QuerySolutions
    ):  # Virtuoso gives a row for yes, and none for no
        result = ox.parse_query_results(YES if [*result] else NO, ox.QueryResultsFormat.JSON)
    elif (form == "ask") is not isinstance(result, ox.QueryBoolean):
        raise TypeError("an answer of another kind")
    result.serialize(written, ox.QueryResultsFormat.from_media_type(media_type))


def _require_whole(body: Body, number: Any) -> None:
    """Refuse a result that has as many rows as the engine gives at most."""
    if body.rows is not None and len(body.content) >= body.rows * ROW and number() >= body.rows:
        raise QueryTooLarge(
            f"The remote store gives {body.rows:,} rows at most, and there may be more; "
            "there is no partial result.",
            mend="Ask for it in pieces by ORDER BY, LIMIT and OFFSET.",
        )


def _with(content: bytes, columns: Mapping[str, Node]) -> bytes:
    """A JSON result with a constant column for each of `columns`."""
    record = json.loads(content)
    record["head"]["vars"] = [*columns, *(name for name in record["head"]["vars"] if name not in columns)]
    constants = {name: _json(term) for name, term in columns.items()}
    for row in record["results"]["bindings"]:
        row.update(constants)
    return json.dumps(record).encode()


def _json(term: Node) -> dict[str, str]:
    if isinstance(term, ox.Literal):
        form = {"type": "literal", "value": term.value}
        return form | ({"xml:lang": term.language} if term.language else {"datatype": term.datatype.value})
    return {"type": "uri", "value": str(term.value)}
