"""A query as a remote service is to be sent it: what the embedded engine takes as arguments becomes text.

The prefixes a query need not declare are declared, its dataset clauses are taken out (the protocol says
them), graphs that are not in the dataset are out of reach by name too, and bound variables are replaced by
their terms. Lines keep their numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import pyoxigraph as ox

from graph.errors import QueryError, QueryRefused
from graph.files import BASE
from graph.store.guard import TOKEN, decode, position
from graph.store.pieces import Piece
from graph.store.pieces import pieces as pieces_of
from graph.store.remote.layout import NOTHING
from graph.vocab import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from graph.store import Form, Node

FORMS: Final[dict[str, Form]] = {"SELECT": "select", "ASK": "ask", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
FILLERS: Final = {"select": '("" AS ?her2kg_1) ', "group": '("") '}
"""What stands where a query would otherwise select nothing, or group by nothing."""

NATIVE: Final = re.compile(r"(bif|sql|java):", re.IGNORECASE)
"""What begins the IRIs by which engines run functions, procedures and classes of their own."""

CLAUSES: Final[dict[str, str]] = {
    "SELECT": "select",
    "GROUP": "group",
    "ORDER": "order",
    **dict.fromkeys(("WHERE", "FROM", "HAVING", "LIMIT", "OFFSET", "VALUES"), ""),
}
"""Words that begin a part of a query in which a variable is not just a place for a term; and those that end
it.
"""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a text: what is between two offsets becomes something else."""

    at: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A query with terms for its variables: a SELECT gives them no more, so they are to be put back as
    `columns`.
    """

    query: str
    columns: Mapping[str, Node]


def form(query: str) -> Form:
    """What kind of answer a query has; `select` where that cannot be seen."""
    words = (decode(piece.text).upper() for piece in pieces_of(query) if piece.kind == "word")
    return next((FORMS[word] for word in words if word in FORMS), "select")


def require_portable(query: str) -> None:
    """Raise QueryRefused for a query that names a function by which an engine would run code of its own."""
    for piece in pieces_of(query):
        if piece.kind in {"iri", "colon"} and NATIVE.match(decode(piece.text).removeprefix("<")):
            line, column = position(query, piece.at)
            raise QueryRefused("A query may not run what is the engine's own.", line=line, column=column)


def without_comments(query: str) -> str:
    """The query with blanks for its comments: no engine may take something for a query that is none here."""
    edits, at = [], 0
    while match := TOKEN.match(query, at):
        if match.lastgroup == "blank" and match[0].startswith("#"):
            edits.append(_blank(query, at, match.end()))
        at = match.end()
    return _edited(query, edits)


def without_dataset(query: str) -> str:
    """The query without its FROM clauses, with blanks in their place."""
    edits = []
    words: list[Piece] = []
    for piece in pieces_of(query):
        if _word(piece) == "FROM" or (_word(piece) == "NAMED" and words):
            words.append(piece)
        elif words and piece.kind in {"iri", "colon"}:
            edits.append(_blank(query, words[0].at, piece.end))
            words = []
        else:
            words = []
    return _edited(query, edits)


def confined(query: str, named: Collection[str]) -> str:
    """The query with each graph that GRAPH names and the dataset has not got replaced by one that is never
    there.
    """
    edits = []
    pieces, base, known = [*pieces_of(query)], BASE, dict(PREFIXES)
    for place, piece in enumerate(pieces):
        before = _word(pieces[place - 1]) if place else ""
        if piece.kind == "iri" and before == "BASE":
            base = urljoin(base, decode(piece.text[1:-1]))
        elif piece.kind == "iri" and place > 1 and _word(pieces[place - 2]) == "PREFIX":
            known[decode(pieces[place - 1].text).rstrip(":")] = urljoin(base, decode(piece.text[1:-1]))
        elif before == "GRAPH" and piece.kind in {"iri", "colon"}:
            iri = _iri(piece, base, known)
            if iri not in named:
                edits.append(Edit(piece.at, piece.end, f"<{NOTHING}>"))
    return _edited(query, edits)


def declared(query: str) -> str:
    """The query with a declaration of each prefix of ours that it uses and does not declare itself."""
    used: set[str] = set()
    own: set[str] = set()
    relative = based = False
    pieces = [*pieces_of(query)]
    for place, piece in enumerate(pieces):
        before = _word(pieces[place - 1]) if place else ""
        if piece.kind == "colon":
            prefix = decode(piece.text).partition(":")[0]
            (own if before == "PREFIX" else used).add(prefix)
        elif piece.kind == "iri":
            based = based or before == "BASE"
            relative = relative or ABSOLUTE.match(decode(piece.text[1:-1])) is None
    head = [f"BASE <{BASE}> "] if relative and not based else []
    head += [f"PREFIX {name}: <{PREFIXES[name]}> " for name in sorted((used - own) & PREFIXES.keys())]
    return "".join(head) + query


def bound(query: str, bindings: Mapping[str, Node]) -> Bound:
    """The query with its variables replaced by the terms of `bindings`, wherever they stand.

    Raises QueryError for a blank node, and for a variable that the query itself gives a value.
    """
    if not bindings:
        return Bound(query, {})
    if blank := next((name for name, term in bindings.items() if isinstance(term, ox.BlankNode)), None):
        raise QueryError(f"?{blank} cannot be a blank node in a remote store.")
    pieces = [*pieces_of(query)]
    narrowed = _narrowed(pieces, bindings)
    replaced = {name: term for name, term in bindings.items() if name not in narrowed}
    edits = [*_substituted(pieces, {name: str(term) for name, term in replaced.items()})]
    edits += [Edit(at, at, f" VALUES ?{name} {{ {bindings[name]} }}") for name, at in narrowed.items()]
    return Bound(_edited(query, edits), replaced)


def _narrowed(pieces: list[Piece], bindings: Mapping[str, Node]) -> dict[str, int]:
    """The variables to bind that VALUES gives terms to, and the offset of the group in which it does.

    Such a variable keeps its place, and further VALUES narrow it.
    """
    found: dict[str, int] = {}
    groups: list[int] = []
    header = False
    for piece in pieces:
        if _word(piece) == "VALUES":
            header = True
        elif piece.text == "{":
            header = False
            groups.append(piece.end)
        elif piece.text == "}":
            groups = groups[:-1]
        elif header and piece.kind == "variable" and decode(piece.text)[1:] in bindings and groups:
            found[decode(piece.text)[1:]] = groups[-1]
    return found


def _substituted(pieces: list[Piece], terms: Mapping[str, str]) -> Iterator[Edit]:
    """The edits that put terms in the place of variables.

    A variable that is selected or grouped by is left out; where that leaves nothing a filler takes its place.
    """
    levels: list[
        tuple[str, int, int]
    ] = []  # the clause outside of each open brace, its brackets, what it has kept
    clause, brackets, kept = "", 0, 0
    started: Piece | None = None

    def over(at: int) -> Iterator[Edit]:
        """The clause ends before an offset."""
        if clause in FILLERS and not kept:
            yield Edit(at, at, FILLERS[clause])

    for place, piece in enumerate(pieces):
        word = _word(piece)
        before = _word(pieces[place - 1]) if place else ""
        if word in CLAUSES:
            yield from over(piece.at)
            clause, brackets, kept, started = CLAUSES[word], 0, 0, piece
        elif piece.text == "{":
            if clause == "select":
                yield from over(piece.at)
                clause = ""
            levels.append((clause, brackets, kept))
            clause, brackets, kept = "", 0, 0
        elif piece.text == "}":
            yield from over(piece.at)
            clause, brackets, kept = levels.pop() if levels else ("", 0, 0)
        elif piece.kind == "variable" and (name := decode(piece.text)[1:]) in terms and piece.text[0] in "?$":
            if before == "AS":
                raise QueryError(f"?{name} has a value in the query already.")
            if clause in {"select", "group"} and not brackets:
                yield Edit(piece.at, piece.end, "")
            elif place > 1 and pieces[place - 1].text == "(" and _word(pieces[place - 2]) == "BOUND":
                yield Edit(pieces[place - 2].at, pieces[place + 1].end, "(true)")
            else:
                term = terms[name]
                yield Edit(piece.at, piece.end, f"({term})" if clause == "order" and not brackets else term)
        else:
            if not brackets and piece is not started and word not in {"BY", "DISTINCT", "REDUCED"}:
                kept += 1
            brackets += {"(": 1, ")": -1}.get(piece.text, 0)
    yield from over(pieces[-1].end if pieces else 0)


def _iri(piece: Piece, base: str, prefixes: Mapping[str, str]) -> str:
    if piece.kind == "iri":
        return urljoin(base, decode(piece.text[1:-1]))
    prefix, _, local = decode(piece.text).partition(":")
    return prefixes.get(prefix, "") + local.replace("\\", "")


def _word(piece: Piece) -> str:
    return decode(piece.text).upper() if piece.kind == "word" else ""


def _blank(query: str, at: int, end: int) -> Edit:
    return Edit(at, end, re.sub(r"[^\n\r]", " ", query[at:end]))


def _edited(query: str, edits: list[Edit]) -> str:
    parts, at = [], 0
    for edit in sorted(edits, key=lambda edit: edit.at):
        parts += [query[at : edit.at], edit.text]
        at = edit.end
    return "".join([*parts, query[at:]])
