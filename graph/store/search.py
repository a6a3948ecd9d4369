"""The text index: SQLite FTS5 over names and definitions, built with each snapshot, then read-only."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from graph.errors import SnapshotError
from graph.files import BASE
from graph.store import Hit, Hits
from graph.vocab import HER, KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pyoxigraph import Quad

RDFS_LABEL: Final = "http://www.w3.org/2000/01/rdf-schema#label"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
COLUMNS: Final[dict[str, str]] = {
    RDFS_LABEL: "label",
    SKOS + "altLabel": "names",
    str(HER.brandName): "names",
    str(HER.abbreviation): "names",
    "http://purl.org/dc/terms/title": "names",
    SKOS + "definition": "definition",
}
"""The properties whose values are searched, and the column of the index that each goes to."""

WEIGHTS: Final = "12.0, 6.0, 1.0"
"""How much a word counts in the label, the other names, the definition."""

MAX_TEXT: Final = 256
MAX_WORDS: Final = 12
WORD: Final = re.compile(r"\w+")

SCHEMA: Final = """
CREATE TABLE thing (
    id INTEGER PRIMARY KEY, iri TEXT UNIQUE, kind TEXT, label TEXT, names TEXT, definition TEXT
);
CREATE VIRTUAL TABLE words USING fts5(
    label, names, definition, content='thing', content_rowid='id',
    tokenize="unicode61 remove_diacritics 2", prefix='2 3'
);
"""
FIND: Final = f"""
SELECT thing.iri, thing.kind, thing.label, thing.names, snippet(words, 2, '', '', '…', 16),
    -bm25(words, {WEIGHTS}) AS score
FROM words JOIN thing ON thing.id = words.rowid
WHERE words MATCH :words AND (:kind IS NULL OR thing.kind = :kind)
ORDER BY thing.label = :text COLLATE NOCASE DESC, score DESC, thing.label, thing.iri
LIMIT :limit OFFSET :offset
"""  # noqa: S608 - only the constant weights are filled in
COUNT: Final = """
SELECT count(*) FROM words JOIN thing ON thing.id = words.rowid
WHERE words MATCH :words AND (:kind IS NULL OR thing.kind = :kind)
"""


@dataclass(slots=True)
class Entry:
    """What is found of one thing."""

    label: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    definition: list[str] = field(default_factory=list)


class TextIndex:
    """The index of one snapshot; every search opens the file for itself, so any thread may search."""

    def __init__(self, path: Path) -> None:
        self._uri = f"file:{quote(str(path))}?mode=ro&immutable=1"

    def search(self, text: str, *, kind: str | None = None, limit: int = 20, offset: int = 0) -> Hits:
        """Things whose names or definition have words beginning as those of `text`: all of them, or else any
        of them.
        """
        text = text[:MAX_TEXT].strip()
        prefixes = [f'"{word}"*' for word in WORD.findall(text)[:MAX_WORDS]]
        if not prefixes:
            return Hits(0)
        try:
            with closing(sqlite3.connect(self._uri, uri=True)) as database:
                for operator in (" AND ", " OR "):
                    arguments = {"words": operator.join(prefixes), "kind": kind, "text": text}
                    total = database.execute(COUNT, arguments).fetchone()[0]
                    if total:
                        page = {"limit": max(0, min(limit, 10_000)), "offset": max(0, min(offset, total))}
                        rows = database.execute(FIND, arguments | page).fetchall()
                        return Hits(total, tuple(_hit(row, text) for row in rows))
        except sqlite3.Error as error:
            raise SnapshotError(
                f"The text index cannot be read: {error}.", mend="Run `her2kg build` again."
            ) from error
        return Hits(0)


def build(path: Path, quads: Iterable[Quad]) -> int:
    """Write the index of the quads' things to a new file; how many things it has."""
    entries: dict[str, Entry] = {}
    for quad in quads:
        column, thing, value = COLUMNS.get(quad.predicate.value), quad.subject, quad.object
        if column and isinstance(thing, NamedNode) and isinstance(value, Literal) and kind_of(thing.value):
            values = getattr(entries.setdefault(thing.value, Entry()), column)
            if value.value not in values:
                values.append(value.value)
    rows = (
        (
            iri,
            kind_of(iri),
            min(entry.label),
            "\n".join(sorted(entry.names)),
            "\n".join(sorted(entry.definition)),
        )
        for iri, entry in sorted(entries.items())
        if entry.label
    )
    with closing(sqlite3.connect(path)) as database:
        database.executescript(SCHEMA)
        database.executemany(
            "INSERT INTO thing (iri, kind, label, names, definition) VALUES (?, ?, ?, ?, ?)", rows
        )
        database.execute("INSERT INTO words (words) VALUES ('rebuild')")
        database.execute("INSERT INTO words (words) VALUES ('optimize')")
        database.commit()
        return int(database.execute("SELECT count(*) FROM thing").fetchone()[0])


def kind_of(iri: str) -> str | None:
    """The kind a thing is found under: one of `KINDS`, `document`, `term` for the ontology's; None for the
    rest.
    """
    if not iri.startswith(BASE):
        return None
    room, _, rest = iri[len(BASE) :].partition("/")
    kind = rest.partition("/")[0]
    if room == "id" and (kind in KINDS or kind == "document"):
        return kind
    return "term" if room == "ontology" and rest else None


def _hit(row: tuple[str, str, str, str, str, float], text: str) -> Hit:
    iri, kind, label, names, snippet, score = row
    starts = tuple(word.casefold() for word in WORD.findall(text))
    matched = next((name for name in (label, *names.split("\n")) if _begins(name, starts)), None)
    return Hit(iri, label, kind, matched or snippet or label, score)


def _begins(name: str, starts: tuple[str, ...]) -> bool:
    return any(word.startswith(starts) for word in WORD.findall(name.casefold()))
