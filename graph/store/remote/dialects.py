"""What engines say and want beyond the protocol: how each takes a deadline, and how it says that it cut an
answer.

An engine that is not in the table is asked by the protocol alone; the deadline is kept on this side in any
case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Dialect:
    """One engine: the header that it is known by and what stands in it.

    `deadline` makes the value of the parameter `timeout` from seconds. `overran` is what an error says that
    came of a time limit. Of a result that has more than `rows` rows the engine gives the first ones only;
    `limit_query` asks for a lower limit, and `limit_header` tells of it; `cut_header` says that the answer
    was cut. `merges` says whether several default graphs are one, as they should be, with each triple once.
    `spelling` mends its JSON: quotes within a string are escaped there, so that no literal looks like a
    pattern.
    """

    name: str
    header: str = ""
    known_by: str = ""
    deadline: Callable[[float], str] | None = None
    overran: str = "time(d )?out|timeout"
    rows: int | None = None
    limit_query: str = ""
    limit_header: str = ""
    cut_header: str = ""
    merges: bool = True
    spelling: tuple[tuple[re.Pattern[bytes], bytes], ...] = ()

    def mended(self, content: bytes) -> bytes:
        """A JSON result as it should be spelled."""
        for wrong, right in self.spelling:
            content = wrong.sub(right, content)
        return content

    def gave_up(self, message: str) -> bool:
        """Whether an error came of a limit of time."""
        return re.search(self.overran, message, re.IGNORECASE) is not None


ANY: Final = Dialect("a SPARQL service")
DIALECTS: Final = (
    Dialect(
        "Virtuoso",
        header="server",
        known_by="virtuoso",
        deadline=lambda seconds: str(max(1000, int(seconds * 1000))),
        overran="S1TAT|SR171|killed by SQLCancel|estimated execution time",
        rows=1 << 20,
        limit_query="SELECT (bif:virtuoso_ini_item_value ('SPARQL', 'ResultSetMaxRows') AS ?rows) WHERE {}",
        limit_header="x-sparql-maxrows",
        cut_header="x-sql-state",
        merges=False,
        spelling=(
            (re.compile(rb'("type"\s*:\s*"bnode"\s*,\s*"value"\s*:\s*")nodeID://'), rb"\1"),
            (re.compile(rb'(XMLSchema#boolean"\s*,\s*"value"\s*:\s*")1"'), rb'\1true"'),
            (re.compile(rb'(XMLSchema#boolean"\s*,\s*"value"\s*:\s*")0"'), rb'\1false"'),
        ),
    ),
    Dialect(
        "Fuseki",
        header="fuseki-request-id",
        deadline=lambda seconds: str(max(1, round(seconds))),
        overran="timed out|timeout|cancelled",
    ),
)


def dialect(headers: Mapping[str, str]) -> Dialect:
    """The dialect of the engine that sent these header fields."""
    for one in DIALECTS:
        if (value := headers.get(one.header)) is not None and one.known_by in value.lower():
            return one
    return ANY
