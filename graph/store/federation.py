"""SERVICE: the groups of a query that other endpoints answer, where the operator allows these.

The engine never calls out. Each `SERVICE <endpoint> { … }` whose endpoint is on the list is asked before the
query is (`graph.store.calling`), and its solutions take its place as VALUES. A SERVICE is evaluated by itself
and then joined, so the result is the same. Where that would not hold, it is refused: within EXISTS or
LATERAL, which fix the variables of the outside, and within another SERVICE. What is not on the list, or is a
variable, is refused by `graph.store.guard`, as if there were no list.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import pyoxigraph as ox

from graph.errors import QueryRefused, QueryTooLarge, ServiceFailed
from graph.store.guard import decode, fault, position
from graph.store.pieces import pieces

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from graph.store.pieces import Piece

MOST_CALLS: Final = 8
"""Endpoints' groups that one query may have."""

MOST_ROWS: Final = 10_000
"""Solutions that one of them may give."""

FIXED: Final = {"EXISTS", "LATERAL"}
"""What fixes the variables of a group to the values that they have outside."""

FORMS: Final = {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}
LESS: Final = "Ask it for less: bind more terms within the SERVICE, or put a SELECT with LIMIT there."
HOW: Final = "Write SERVICE <address> { … }."


@dataclass(frozen=True, slots=True)
class Call:
    """A group that `endpoint` is to answer: the `query` to send it, and the group's `variables`.

    `silent` is whether its failing counts as one solution without variables. `mark` stands in its place.
    """

    endpoint: str
    silent: bool
    query: str
    variables: frozenset[str]
    mark: str


@dataclass(frozen=True, slots=True)
class Federated:
    """A query with a mark for each group that another endpoint answers; it can be read as it is."""

    query: str
    calls: tuple[Call, ...]

    def filled(self, query: str, values: Mapping[str, str]) -> str:
        """The query, or what it has become since, with the solutions of each call in place of its mark."""
        for call in self.calls:
            query = query.replace(call.mark, values[call.mark], 1)
        return query


def calls_out(query: str) -> bool:
    """Whether a query has a SERVICE, outside strings, comments and names."""
    return "SERVICE" in query.upper() and any(_is_service(piece) for piece in pieces(query))


def federated(
    query: str, allowed: Collection[str], *, prefixes: Mapping[str, str], base: str
) -> Federated | None:
    """The query with marks; None where it calls no endpoint that is `allowed`.

    `prefixes` and `base` are those in force when the query declares none. Raises QueryRefused for a SERVICE
    that cannot be followed, QueryError for one that is malformed.
    """
    if not query.isascii() and any("\ud800" <= character <= "\udfff" for character in query):
        return None  # half a character: whoever reads the query next says so
    reading = _Reading(query, allowed, prefixes, base)
    parts, calls, at = [], [], 0
    for call, start, end in reading.calls():
        # the line breaks stay, so that errors keep their line
        parts += [query[at:start], call.mark, "\n" * query.count("\n", start, end)]
        calls.append(call)
        at = end
    if not calls:
        return None
    return Federated("".join([*parts, query[at:]]), tuple(calls))


def values(call: Call, answer: bytes) -> str:
    """The VALUES that a SELECT's answer in SPARQL JSON stands for.

    Raises ServiceFailed for what is no such answer, QueryTooLarge for too many solutions.
    """
    try:
        result = ox.parse_query_results(answer, ox.QueryResultsFormat.JSON)
        if not isinstance(result, ox.QuerySolutions):
            raise ServiceFailed(f"<{call.endpoint}> answered yes or no instead of solutions.")
        names = [variable.value for variable in result.variables]
        rows: list[str] = []
        for row in result:
            if len(rows) == MOST_ROWS:
                raise QueryTooLarge(
                    f"<{call.endpoint}> has more than {MOST_ROWS:,} solutions for its part of the query.",
                    mend=LESS,
                )
            rows.append(f"({' '.join(_written(row[name], name, call) for name in names)})")
    except (SyntaxError, ValueError) as error:
        raise ServiceFailed(
            f"<{call.endpoint}> did not answer with whole SPARQL results in JSON: {error}."
        ) from None
    if strange := sorted(set(names) - call.variables):
        raise ServiceFailed(f"<{call.endpoint}> answered ?{strange[0][:40]}, which it was not asked for.")
    return f"VALUES ({' '.join(f'?{name}' for name in names)}) {{ {' '.join(rows)} }}"


NOTHING: Final = "VALUES () { () }"
"""One solution without variables: what a SERVICE SILENT that fails stands for."""


def _written(term: object, name: str, call: Call) -> str:
    if term is None:
        return "UNDEF"
    if isinstance(term, ox.NamedNode | ox.Literal):
        return str(term)
    if isinstance(term, ox.Triple):
        raise QueryRefused(f"<{call.endpoint}> answered with a triple for ?{name}, which is not supported.")
    raise QueryRefused(
        f"<{call.endpoint}> answered with a blank node for ?{name}, which means nothing outside that answer.",
        mend=f"Put a SELECT without ?{name} into the SERVICE, or FILTER(isIRI(?{name})).",
    )


class _Reading:
    """One reading of a query: its declarations, its groups, and the SERVICE patterns in them."""

    def __init__(self, query: str, allowed: Collection[str], prefixes: Mapping[str, str], base: str) -> None:
        self._query, self._allowed, self._base = query, allowed, base
        self._prefixes, self._first = dict(prefixes), base
        self._given = dict(prefixes)  # those that the query need not declare, and does not
        self._declarations: list[str] = []
        self._pieces = [*pieces(query)]
        self._token = f"?her2kg_service_{secrets.token_hex(8)}_"

    def calls(self) -> Iterator[tuple[Call, int, int]]:
        """Each SERVICE that is allowed, with where it begins and ends."""
        found = self._pieces
        place = self._prologue()
        within: list[bool] = []  # for each open brace, whether it is in an EXISTS
        number = 0
        while place < len(found):
            piece = found[place]
            if piece.text == "{" and piece.kind == "open":
                before = found[place - 1].text.upper() if place else ""
                within.append(bool(within and within[-1]) or before in FIXED)
            elif piece.text == "}" and piece.kind == "close" and within:
                within.pop()
            elif _is_service(piece) and (endpoint := self._endpoint(place)) is not None:
                if within and within[-1]:
                    self._refuse(
                        piece, "within EXISTS or LATERAL", "Put the SERVICE outside and compare there."
                    )
                number += 1
                if number > MOST_CALLS:
                    self._refuse(piece, f"more than {MOST_CALLS} times in a query", "Ask in several queries.")
                opening, closing = self._group(place)
                yield self._call(endpoint, place, opening, closing, number), piece.at, found[closing].end
                place = closing
            place += 1

    def _prologue(self) -> int:
        """Read the declarations; the place where they end."""
        found, place = self._pieces, 0
        while place < len(found):
            piece = found[place]
            word = piece.text.upper() if piece.kind == "word" else ""
            if word in FORMS:
                break
            if word == "BASE" and self._kind(place + 1) == "iri":
                self._base = self._resolved(decode(found[place + 1].text[1:-1]))
                self._declare(piece, found[place + 1])
                place += 1
            elif word == "PREFIX" and (self._kind(place + 1), self._kind(place + 2)) == ("colon", "iri"):
                name = decode(found[place + 1].text).rstrip(":")
                self._prefixes[name] = self._resolved(decode(found[place + 2].text[1:-1]))
                self._given.pop(name, None)
                self._declare(piece, found[place + 2])
                place += 2
            place += 1
        return place

    def _declare(self, first: Piece, last: Piece) -> None:
        self._declarations.append(self._query[first.at : last.end])

    def _kind(self, place: int) -> str:
        return self._pieces[place].kind if place < len(self._pieces) else ""

    def _endpoint(self, place: int) -> str | None:
        """The endpoint that a SERVICE names, if it is allowed."""
        place += 2 if self._silent(place) else 1
        kind = self._kind(place)
        if kind not in {"iri", "colon"}:
            return None
        text = decode(self._pieces[place].text)
        if kind == "iri":
            iri = self._resolved(text[1:-1])
        else:
            prefix, _, local = text.partition(":")
            iri = self._prefixes.get(prefix, "") + local.replace("\\", "")
        return iri if iri in self._allowed else None

    def _silent(self, place: int) -> bool:
        return self._kind(place + 1) == "word" and self._pieces[place + 1].text.upper() == "SILENT"

    def _group(self, place: int) -> tuple[int, int]:
        """Where the group of the SERVICE at a place opens and closes."""
        opening = place + (3 if self._silent(place) else 2)
        if self._kind(opening) != "open" or self._pieces[opening].text != "{":
            raise fault(self._query, self._pieces[place].at, "This SERVICE has no group.", HOW)
        depth = 0
        for closing in range(opening, len(self._pieces)):
            piece = self._pieces[closing]
            if closing > opening and _is_service(piece):
                self._refuse(piece, "within another SERVICE", "Ask each endpoint by itself.")
            if piece.kind in {"open", "close"}:
                depth += {"{": 1, "}": -1}.get(piece.text, 0)
            if depth == 0:
                return opening, closing
        raise fault(self._query, self._pieces[place].at, "The group of this SERVICE does not end.", HOW)

    def _call(self, endpoint: str, place: int, opening: int, closing: int, number: int) -> Call:
        inside = self._pieces[opening : closing + 1]
        used = {decode(piece.text).partition(":")[0] for piece in inside if piece.kind == "colon"}
        given = [f"PREFIX {name}: <{iri}>" for name, iri in self._given.items() if name in used]
        body = self._query[inside[0].at : inside[-1].end]
        lines = [f"BASE <{self._first}>", *given, *self._declarations, f"SELECT * WHERE {body}"]
        variables = {decode(p.text)[1:] for p in inside if p.kind == "variable" and p.text[0] in "?$"}
        mark = f"VALUES ({self._token}{number}) {{ }}"
        return Call(endpoint, self._silent(place), "\n".join(lines), frozenset(variables), mark)

    def _resolved(self, iri: str) -> str:
        try:
            return urljoin(self._base, iri)
        except ValueError:  # the engine will say that this is no IRI
            return iri

    def _refuse(self, piece: Piece, where: str, mend: str) -> None:
        line, column = position(self._query, piece.at)
        raise QueryRefused(
            f"SERVICE is not followed {where}, even to an endpoint that may be called.",
            line=line,
            column=column,
            mend=mend,
        )


def _is_service(piece: Piece) -> bool:
    return piece.kind == "word" and decode(piece.text).upper() == "SERVICE"
