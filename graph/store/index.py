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

import pyoxigraph as ox

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

TYPE: Final = ox.NamedNode(f"{PREFIXES['rdf']}type")
STRING: Final = f"{PREFIXES['xsd']}string"
DEFAULT: Final = ox.DefaultGraph()
YES: Final = b'{"head":{},"boolean":true}'
NO: Final = b'{"head":{},"boolean":false}'


class Lookup(NamedTuple):
    """A triple pattern, its variables as None, and what is wanted of it.

    `names` are those of the columns, None for an ASK; `places` says where in a triple each column stands
    that has values, with its name as JSON has it. `limit` is the most rows there may be.
    """

    pattern: tuple[ox.NamedNode | None, ox.NamedNode | None, ox.NamedNode | None]
    names: tuple[str, ...] | None
    places: tuple[tuple[str, int], ...]
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
    known, distinct, projected, limit = head.prefixes, head.distinct, head.names, match["limit"]
    pattern: list[ox.NamedNode | None] = []
    at: dict[str, int] = {}
    try:
        for place, text in enumerate(match.group("subject", "predicate", "object")):
            if text[0] in "?$":
                at[text[1:]] = place
                pattern.append(None)
            else:
                pattern.append(_node(text, known))
    except (KeyError, ValueError):
        return None  # the engine says what is wrong, or knows better
    if len(at) < pattern.count(None):
        return None  # with a variable twice, not every triple that is read is a row
    names = None if head.ask else (*sorted(at),) if projected is None else projected
    if names is None:
        if limit:
            return None
    elif len({*names}) < len(names) or (distinct and not at.keys() <= {*names}):
        return None
    places = tuple((f"{quoted(name)}:", at[name]) for name in names or () if name in at)
    return Lookup((pattern[0], pattern[1], pattern[2]), names, places, int(limit) if limit else MOST + 1)


class Index:
    """The triples of a snapshot's default graph; for any thread."""

    def __init__(self, store: ox.Store, version: str) -> None:
        self._store = store
        self.version = version

    def answer(self, query: str) -> Answer | None:
        """The answer to a lookup as SPARQL results in JSON; None for another query, or a large answer."""
        lookup = read(query)
        if lookup is None:
            return None
        try:
            quads = self._store.quads_for_pattern(*lookup.pattern, DEFAULT)
            if lookup.names is None:
                body = YES if next(quads, None) else NO
                return Answer("ask", JSON, body, self.version)
            rows = _rows(islice(quads, min(lookup.limit, MOST + 1)), lookup.places)
        except (OSError, RuntimeError, OverflowError, TypeError):
            return None  # a worker has more room, or says what is wrong
        head = ",".join(map(quoted, lookup.names))
        text = f'{{"head":{{"vars":[{head}]}},"results":{{"bindings":[{",".join(rows)}]}}}}'
        return Answer("select", JSON, text.encode(), self.version, len(rows))


def opened(snapshot: Snapshot) -> Index | None:
    """The index of a snapshot; None where it cannot be opened, which workers say why."""
    try:
        return Index(ox.Store.read_only(str(snapshot.store)), snapshot.manifest.version)
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
        each["prefix"] or "": _node(each["iri"], {}).value
        for each in DECLARED.finditer(prologue)
        if each["iri"]
    }


def _names(projected: str | None) -> tuple[str, ...] | None:
    """The names of the columns that are named; None where none are."""
    if projected is None:
        return None
    return tuple(each["name"] for each in VARIABLES.finditer(projected) if each["name"])


def _node(text: str, prefixes: Mapping[str, str]) -> ox.NamedNode:
    """The IRI of a pattern; KeyError for an unknown prefix, ValueError for what is no IRI."""
    if text == "a":
        return TYPE
    if text[0] == "<":
        return ox.NamedNode(text[1:-1])
    prefix, _, local = text.partition(":")
    return ox.NamedNode(prefixes[prefix] + local)


def _rows(quads: Iterator[ox.Quad], places: Sequence[tuple[str, int]]) -> list[str]:
    """The rows of an answer; OverflowError where there are too many, TypeError for what is no plain term."""
    rows: list[str] = []
    size = 0
    for quad in quads:
        last = quad.object
        size += len(getattr(last, "value", ""))  # it has been read, whether it is wanted or not
        if size > MOST_TEXT or len(rows) == MOST:
            raise OverflowError
        row = ",".join(
            [
                name + _json(last if place == 2 else quad.predicate if place else quad.subject)
                for name, place in places
            ]
        )
        rows.append(f"{{{row}}}")
    return rows


def _json(term: Any) -> str:
    """A term as SPARQL results in JSON have it; TypeError for one that is no plain term."""
    if isinstance(term, ox.NamedNode):
        return f'{{"type":"uri","value":{quoted(term.value)}}}'
    if isinstance(term, ox.BlankNode):
        return f'{{"type":"bnode","value":{quoted(term.value)}}}'
    if not isinstance(term, ox.Literal) or term.direction is not None:
        raise TypeError
    value = f'{{"type":"literal","value":{quoted(term.value)}'
    if term.language is not None:
        return f'{value},"xml:lang":{quoted(term.language)}}}'
    if (datatype := term.datatype.value) != STRING:
        return f'{value},"datatype":{quoted(datatype)}}}'
    return f"{value}}}"
