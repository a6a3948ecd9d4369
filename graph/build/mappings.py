"""What our terms and things are called elsewhere: the rows of `ontology/mappings.sssom.tsv` as triples.

The file is SSSOM (mapping-commons.github.io/sssom): a metadata block, then a table. Why a row has its
predicate is in the row, and in docs/decisions/0003-mappings.md. The graph has subject, predicate and object.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Triple

from graph import files
from graph.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = ("ontology", "mappings.sssom.tsv")
"""Where the mappings of this version are: a package and a name in it."""

PREDICATES: Final = frozenset({"skos:exactMatch", "skos:closeMatch", "skos:broadMatch"})
"""What a row may say. None of these lets a reasoner conclude anything."""

REQUIRED: Final = ("subject_id", "predicate_id", "object_id", "mapping_justification")
"""The columns that SSSOM asks for in every row."""

_PREFIX: Final = re.compile(r'^#  ([A-Za-z][\w.]*): "([^"]+)"$')
_UNSAFE: Final = re.compile(r'[\x00-\x20<>"{}|\\^`]')


@dataclass(frozen=True, slots=True)
class MappingSet:
    """A file of mappings: its prefixes and its rows, a value for every column."""

    prefixes: Mapping[str, str]
    rows: tuple[Mapping[str, str], ...]

    def triples(self) -> list[Triple]:
        """Subject, predicate and object of each row, sorted."""
        parts = REQUIRED[:3]
        return sorted({Triple(*(self._node(row[part]) for part in parts)) for row in self.rows}, key=str)

    def _node(self, curie: str) -> NamedNode:
        prefix, _, local = curie.partition(":")
        return NamedNode(self.prefixes[prefix] + local)


def load_mappings() -> MappingSet:
    """The mappings of this version, under the base IRI in force."""
    return parse_mappings(files.text(*FILE), where="/".join(FILE))


def parse_mappings(text: str, *, where: str) -> MappingSet:
    """The mappings of an SSSOM text; DataError, with `where` and the line, for what is not in order."""
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    prefixes = {found[1]: found[2] for line in lines[:start] if (found := _PREFIX.match(line))}
    table = csv.DictReader(lines[start:], delimiter="\t", strict=True)
    missing = [name for name in REQUIRED if name not in (table.fieldnames or ())]
    if missing:
        raise DataError(
            f"the table has no column {missing[0]}.",
            where=f"{where}, line {start + 1}",
            mend="A mapping has the columns " + ", ".join(REQUIRED) + ", separated by tabs.",
        )
    rows: list[dict[str, str]] = []
    try:
        for row in table:
            _check_row(row, prefixes, where=f"{where}, line {start + table.line_num}")
            rows.append(row)
    except csv.Error as error:
        raise DataError(
            f"the table cannot be read on from here: {error}.",
            where=f"{where}, line {start + len(rows) + 2}",
            mend="Close every quotation mark, or leave them out.",
        ) from None
    return MappingSet(prefixes, tuple(rows))


def _check_row(row: Mapping[str | None, str | None], prefixes: Mapping[str, str], *, where: str) -> None:
    if None in row or None in row.values():
        raise DataError(
            "the row does not have as many cells as the table has columns.",
            where=where,
            mend="Separate cells by one tab each, empty ones too.",
        )
    for name in REQUIRED:
        curie = row[name] or ""
        prefix, _, local = curie.partition(":")
        if prefix not in prefixes or not local or _UNSAFE.search(local):
            raise DataError(
                f"{name} is “{curie}”, which is not a CURIE with a declared prefix.",
                where=where,
                mend="Write prefix:identifier, and declare the prefix in the curie_map above the table.",
            )
    if row["predicate_id"] not in PREDICATES:
        raise DataError(
            f"the predicate is {row['predicate_id']}.",
            where=where,
            mend="It may be " + ", ".join(sorted(PREDICATES)) + ".",
        )
