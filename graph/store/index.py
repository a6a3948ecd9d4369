"""Lookups: queries of a single triple pattern, answered from the index in the server's own process.

Most queries of programs ask for one value of one thing. The index gives it in some hundredths of a
millisecond; the way to a query worker and back takes ten times as long. What is answered here needs no worker
that could be ended: each triple that is read is a row of the answer, nothing is searched, joined, sorted or
computed, and reading stops after `MOST` rows or `MOST_TEXT` characters of values. Whatever is not plainly
such a query, or has a larger answer, is left to a worker, which answers with the same bytes.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from itertools import islice
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

from graph.store import JSON, Answer
from graph.store.textquery import may_search
from graph.vocab import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graph.store.snapshots import Snapshot

log = logging.getLogger(__name__)

LONGEST: Final = 2048
"""Characters of a query that is looked at."""

MOST: Final = 64
"""Rows of an answer."""

MOST_TEXT: Final = 1 << 16
"""Characters of the objects that are read for an answer. The last may be longer: it is read whole before that
is known.
"""

SPACE: Final = r"(?:[ \t\r\n]++|\#[^\r\n\ud800-\udfff]*+)"
IRI: Final = r"""<[A-Za-z][A-Za-z0-9+.\-]*+:[^<>"{}|^`\\\x00-\x20]*+>"""
NAME: Final = r"[A-Za-z][A-Za-z0-9_\-]*+:[A-Za-z0-9_][A-Za-z0-9_\-]*+"
VARIABLE: Final = r"[?$][A-Za-z_][A-Za-z0-9_]*+"
TERM: Final = rf"{VARIABLE}|{IRI}|{NAME}"
PREFIX: Final = rf"(?i:PREFIX){SPACE}++(?P<prefix>[A-Za-z][A-Za-z0-9_\-]*+)?+:{SPACE}*+(?P<iri>{IRI})"
ENDED: Final = r"(?:[ \t\r\n]++|\#[^\r\n\ud800-\udfff]*+[\r\n])"
"""As `SPACE`, but a comment has an end: the `{` behind it is not its own."""

HEAD: Final = re.compile(
    rf"""
    {ENDED}*+ (?P<prologue> (?: {PREFIX.replace(SPACE, ENDED)} {ENDED}*+ )*+ )
    (?: (?i:SELECT) {ENDED}++ (?: (?P<distinct>(?i:DISTINCT)) {ENDED}++ )?+
        (?: \* {ENDED}*+ | (?P<projected> (?: {VARIABLE} {ENDED}++ )++ ) )
      | (?P<ask>(?i:ASK)) {ENDED}*+ )
    (?: (?i:WHERE) {ENDED}*+ )?+
    """,
    re.VERBOSE | re.ASCII,  # else `ſ` would be an S, whatever its case
)
PATTERN: Final = re.compile(
    rf"""
    {SPACE}*+ (?P<subject>{TERM}) {SPACE}++ (?P<predicate>{TERM}|a) {SPACE}++ (?P<object>{TERM}) {SPACE}*+
    (?: \. {SPACE}*+ )?+ \}} {SPACE}*+
    (?: (?i:LIMIT) {SPACE}++ (?P<limit>[0-9]{{1,9}}+) {SPACE}*+ )?+
    """,
    re.VERBOSE | re.ASCII,
)
"""What comes before a query's first `{`, which programs send again and again, and what comes behind it."""

DECLARED: Final = re.compile(rf"{SPACE}|{PREFIX}", re.ASCII)
VARIABLES: Final = re.compile(rf"{SPACE}|[?$](?P<name>[A-Za-z0-9_]++)", re.ASCII)
"""What a prologue and a projection consist of; comments are matched too, so that nothing is found in them."""

TYPE: Final = NamedNode(f"{PREFIXES['rdf']}type")
STRING: Final = f"{PREFIXES['xsd']}string"
DEFAULT: Final = DefaultGraph()
YES: Final = b'{"head":{},"boolean":true}'
NO: Final = b'{"head":{},"boolean":false}'


class Columns(NamedTuple):
    """What an answer shows of each triple: `places` has for each column with values what stands before a
    value in its row, and where in the triple that is; `begin` is the answer up to its first row.
    """

    places: tuple[tuple[str, int], ...]
    begin: str


class Lookup(NamedTuple):
    """A triple pattern, its variables as None, and what is wanted of it; `limit` is the most rows there may
    be.
    """

    pattern: tuple[NamedNode | None, NamedNode | None, NamedNode | None]
    ask: bool
    columns: Columns
    limit: int


class Head(NamedTuple):
    """What a query begins with: its prefixes, and what it wants; `names` is None for all that there are."""

    prefixes: Mapping[str, str]
    ask: bool
    distinct: bool
    names: tuple[str, ...] | None


def read(query: str) -> Lookup | None:
    """The lookup that a query is; None for any other, and for a malformed one."""
    if len(query) > LONGEST or may_search(query):
        return None
    before, _, behind = query.partition("{")
    if (head := _head(before)) is None or (match := PATTERN.fullmatch(behind)) is None:
        return None
    one, two, three, limit = match.groups()
    known = head.prefixes
    try:
        subject, predicate, last = _node(one, known), _node(two, known), _node(three, known)
    except (KeyError, ValueError):
        return None  # the engine says what is wrong, or knows better
    columns = _columns(
        head.names,
        head.distinct,
        one[1:] if subject is None else None,
        two[1:] if predicate is None else None,
        three[1:] if last is None else None,
    )
    if columns is None or (head.ask and limit):
        return None
    return Lookup((subject, predicate, last), head.ask, columns, int(limit) if limit else MOST + 1)


class Index:
    """The triples of a snapshot's default graph; for any thread."""

    def __init__(self, store: Store, version: str) -> None:
        self._store = store
        self.version = version

    def answer(self, query: str) -> Answer | None:
        """The answer to a lookup as SPARQL results in JSON; None for another query, or a large answer."""
        lookup = read(query)
        if lookup is None:
            return None
        try:
            quads = self._store.quads_for_pattern(*lookup.pattern, DEFAULT)
            if lookup.ask:
                return Answer("ask", JSON, YES if next(quads, None) else NO, self.version)
            rows = _rows(islice(quads, min(lookup.limit, MOST + 1)), lookup.columns.places)
        except (OSError, RuntimeError, OverflowError, TypeError):
            return None  # a worker has more room, or says what is wrong
        text = f"{lookup.columns.begin}{','.join(rows)}]}}}}"
        return Answer("select", JSON, text.encode(), self.version, len(rows))


def opened(snapshot: Snapshot) -> Index | None:
    """The index of a snapshot; None where it cannot be opened, which workers say why."""
    try:
        return Index(Store.read_only(str(snapshot.store)), snapshot.manifest.version)
    except (OSError, RuntimeError) as error:
        log.warning("queries of one triple pattern are left to workers: %s", error)
        return None


@lru_cache(maxsize=256)
def _head(text: str) -> Head | None:
    """What a query begins with, up to its first `{`; None for what no lookup begins with."""
    if (match := HEAD.fullmatch(text)) is None:
        return None
    prologue, distinct, projected, ask = match.group("prologue", "distinct", "projected", "ask")
    try:
        prefixes = {**PREFIXES, **_declared(prologue)} if prologue else PREFIXES
    except ValueError:
        return None  # the engine says what is wrong
    return Head(prefixes, bool(ask), bool(distinct), _names(projected))


def _declared(prologue: str) -> dict[str, str]:
    """The prefixes that a query declares; ValueError as of `_node`."""
    return {
        each["prefix"] or "": NamedNode(each["iri"][1:-1]).value
        for each in DECLARED.finditer(prologue)
        if each["iri"]
    }


def _names(projected: str | None) -> tuple[str, ...] | None:
    """The names of the columns that are named; None where none are."""
    if projected is None:
        return None
    return tuple(each["name"] for each in VARIABLES.finditer(projected) if each["name"])


@lru_cache(maxsize=1024)
def _columns(wanted: tuple[str, ...] | None, distinct: bool, *variables: str | None) -> Columns | None:
    """The columns of an answer to a pattern with these variables, `wanted` or all; None where not every
    triple that is read is a row of them: a variable is there twice, a column is, or equal rows count once.
    """
    at = {name: place for place, name in enumerate(variables) if name is not None}
    names = (*sorted(at),) if wanted is None else wanted
    if len(at) < sum(name is not None for name in variables) or len({*names}) < len(names):
        return None
    if distinct and not at.keys() <= {*names}:
        return None
    shown = [name for name in names if name in at]
    places = tuple((f"{',' if number else ''}{quoted(name)}:", at[name]) for number, name in enumerate(shown))
    listed = ",".join(map(quoted, names))
    return Columns(places, f'{{"head":{{"vars":[{listed}]}},"results":{{"bindings":[')


def _node(text: str, prefixes: Mapping[str, str]) -> NamedNode | None:
    """The IRI of a pattern, None for a variable; KeyError for an unknown prefix, ValueError for what is no
    IRI.
    """
    first = text[0]
    if first == "<":
        return NamedNode(text[1:-1])
    if first in "?$":
        return None
    if text == "a":
        return TYPE
    prefix, _, local = text.partition(":")
    return NamedNode(prefixes[prefix] + local)


def _rows(quads: Iterator[Quad], places: Sequence[tuple[str, int]]) -> list[str]:
    """The rows of an answer; OverflowError where there are too many, TypeError for what is no plain term."""
    rows: list[str] = []
    size = 0
    for quad in quads:
        last = quad.object
        size += len(getattr(last, "value", ""))  # it has been read, whether it is wanted or not
        if size > MOST_TEXT or len(rows) == MOST:
            raise OverflowError
        row = ""
        for begin, place in places:
            row += begin + _json(last if place == 2 else quad.predicate if place else quad.subject)
        rows.append(f"{{{row}}}")
    return rows


def _json(term: Any) -> str:
    """A term as SPARQL results in JSON have it; TypeError for one that is no plain term."""
    if isinstance(term, Literal):
        if term.direction is not None:
            raise TypeError
        value = f'{{"type":"literal","value":{quoted(term.value)}'
        if (language := term.language) is not None:
            return f'{value},"xml:lang":{quoted(language)}}}'
        if (datatype := term.datatype.value) != STRING:
            return f'{value},"datatype":{quoted(datatype)}}}'
        return f"{value}}}"
    if isinstance(term, NamedNode):
        return f'{{"type":"uri","value":{quoted(term.value)}}}'
    if isinstance(term, BlankNode):
        return f'{{"type":"bnode","value":{quoted(term.value)}}}'
    raise TypeError
