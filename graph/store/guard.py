r"""What a query is checked for before a worker sees it: its size, its nesting, and words this endpoint never
follows.

The engine reads queries only, and its processes have no network; this check gives a clear answer, with a line
and a column, instead of a puzzling one. It knows SPARQL's comments, strings, IRIs, prefixed names and
variables, so that a word in one of those is no reason to refuse; words are compared after decoding `\u0045`
and `\U00000045`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from graph.errors import QueryError, QueryRefused, QueryTooLarge

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

REFUSED: Final[dict[str, str]] = {
    "SERVICE": "A query may not call another endpoint.",
    **dict.fromkeys(
        ("LOAD", "INSERT", "DELETE", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"),
        "This endpoint answers queries and takes no updates.",
    ),
}
FORBIDDEN: Final = re.compile("|".join(REFUSED))
"""No keyword or function of the query language contains one of these words, so a word that does is refused.
"""

NOTABLE: Final = (*REFUSED, "FROM", "\\U")
"""A query without any of these, in whatever place, names no graph and asks for nothing that is refused."""

REMARK: Final = re.compile(r"^[ \t]*#[^\n\r]*", re.MULTILINE)
"""A line that is a comment, unless it is within a string of several lines, or an escape ends it sooner."""

MAX_DEPTH: Final = 2_000
"""Brackets within brackets; the engine's parser recurses, and no reader nests that deep."""

ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
CHARACTER: Final = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
TOKEN: Final = re.compile(
    rf"""
      (?P<blank>\s+|\#[^\n\r]*)
    | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|{CHARACTER})*>)
    | (?P<string>\"{{3}}(?:\"{{0,2}}(?:[^"\\]|\\.))*\"{{3}}|'{{3}}(?:'{{0,2}}(?:[^'\\]|\\.))*'{{3}}
               |"(?!"")(?:[^"\\\n\r]|\\.)*"|'(?!'')(?:[^'\\\n\r]|\\.)*')
    | (?P<variable>[?$]\w(?:[\w·]|{CHARACTER})*|@[A-Za-z]+(?:-[A-Za-z0-9]+)*|_:[\w.\-·]+)
    | (?P<name>(?:[^\W\d]|{CHARACTER})(?:[\w.\-·]|{CHARACTER})*)?
      (?P<colon>:(?:[\w:.\-·]|%[0-9A-Fa-f]{{2}}|\\.)*)
    | (?P<words>(?:[^\W\d]|{CHARACTER})(?:[\w.\-·]|{CHARACTER})*)
    | (?P<open>[(\[{{]) | (?P<close>[)\]}}])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
PASSED_OVER: Final = re.compile(r"(?:\s+|#[^\n\r]*|[?$]\w+(?![\w·\\])|[\d,;.!=+*/|^&-]+)+")
"""What cannot matter to the guard, as much as there is of it at once: it may be a million tokens."""

WORD: Final = re.compile(rf"(?:[^\W\d]|{CHARACTER})(?:\w|{CHARACTER})*")


@dataclass(frozen=True, slots=True)
class GraphName:
    """A graph that a FROM or FROM NAMED clause asks for, and where in the query it does."""

    iri: str
    named: bool
    line: int
    column: int


@dataclass(slots=True)
class Inspection:
    """What a query was found to say of its dataset: the graphs of FROM and FROM NAMED, in order."""

    graphs: list[GraphName] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query: `kind` is a group of `TOKEN` (`word` and `pname` for its two kinds of names)."""

    kind: str
    text: str
    at: int


def plain(query: str) -> bool:
    """Whether a query need not be inspected before it is asked: nothing in it could be refused.

    It may be malformed: when the engine says so, inspecting it may say it better.
    """
    raised = query.upper()
    if any(word in raised for word in NOTABLE):
        if "\\U" in raised or '"""' in raised or "'''" in raised:
            return False
        raised = REMARK.sub("", raised)
        if any(word in raised for word in NOTABLE):
            return False
    return query.count("(") + query.count("{") + query.count("[") <= MAX_DEPTH


def inspect(query: str, *, prefixes: Mapping[str, str], base: str, max_bytes: int) -> Inspection:
    """Check a query's text; `prefixes` and `base` are those in force when it declares none.

    Raises QueryTooLarge, QueryRefused, or QueryError for what is certainly malformed.
    """
    if len(query) > max_bytes or len(query.encode("utf-8", "surrogatepass")) > max_bytes:
        raise QueryTooLarge(
            f"The query is larger than {max_bytes:,} bytes.",
            mend="Send several smaller queries, or load the data yourself.",
        )
    found, known, depth = Inspection(), dict(prefixes), 0
    clause: list[str] = []  # the words of a PREFIX, BASE or FROM clause whose name or IRI is still to come
    for token in tokens(query):
        if token.kind == "word":
            word = token.text.upper()
            if forbidden := FORBIDDEN.search(word):
                line, column = position(query, token.at)
                raise QueryRefused(
                    f"{forbidden[0]} is not allowed here. {REFUSED[forbidden[0]]}", line=line, column=column
                )
            clause = [*clause, word] if [*clause, word] == ["FROM", "NAMED"] else [word]
        elif token.kind == "open":
            depth += 1
            if depth > MAX_DEPTH:
                raise fault(query, token.at, "The query is nested too deeply.")
        elif token.kind == "close":
            depth -= 1
        elif token.kind == "pname":
            prefix, _, local = token.text.partition(":")
            if clause == ["PREFIX"]:
                clause = ["PREFIX", prefix]
                continue
            if prefix not in known:
                raise fault(
                    query,
                    token.at,
                    f"The prefix “{prefix}:” is not declared.",
                    f"Begin the query with PREFIX {prefix}: <…>.",
                )
            _graph(found, clause, known[prefix] + local.replace("\\", ""), query, token)
            clause = []
        elif token.kind == "iri":
            if not clause:
                continue
            iri = _resolved(base, decode(token.text[1:-1]))
            if clause == ["BASE"]:
                base = iri
            elif clause[:1] == ["PREFIX"] and len(clause) == 2:
                known[clause[1]] = iri
            _graph(found, clause, iri, query, token)
            clause = []
    return found


def require_known(graphs: Collection[GraphName], available: Collection[str]) -> None:
    """Refuse a query over a graph that the dataset does not have, naming those it has."""
    for name in graphs:
        if name.iri not in available:
            raise QueryRefused(
                f"There is no graph <{name.iri}> here.",
                line=name.line or None,
                column=name.column or None,
                mend="The graphs are " + ", ".join(f"<{iri}>" for iri in sorted(available)) + ".",
            )


def tokens(query: str) -> Iterator[Token]:
    """The pieces of a query that can matter here; comments, strings and variables are passed over."""
    at = 0
    while True:
        if passed := PASSED_OVER.match(query, at):
            at = passed.end()
        if (match := TOKEN.match(query, at)) is None:
            return
        kind = match.lastgroup or "other"
        if kind == "words":
            yield from (
                Token("word", decode(word[0]), word.start()) for word in WORD.finditer(query, at, match.end())
            )
        elif kind == "colon":
            yield Token("pname", decode(match[0].rstrip(".")), at)
        elif kind == "other" and match[0] in "\"'":
            raise fault(query, at, "The string that begins here does not end.")
        elif kind not in {"blank", "string", "variable", "other"}:
            yield Token(kind, match[0], at)
        at = match.end()


def decode(text: str) -> str:
    """A piece of a query with its codepoint escapes replaced; one that stands for no character stays as it
    is.
    """

    def character(escape: re.Match[str]) -> str:
        code = int(escape[1] or escape[2], 16)
        return chr(code) if code < 0x110000 else escape[0]

    return ESCAPE.sub(character, text) if "\\" in text else text


def position(query: str, at: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset in a query."""
    before = query[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def fault(query: str, at: int, what: str, mend: str = "") -> QueryError:
    """The error for what is malformed at an offset of a query."""
    line, column = position(query, at)
    return QueryError(what, line=line, column=column, mend=mend)


def _resolved(base: str, iri: str) -> str:
    try:
        return urljoin(base, iri)
    except ValueError:  # the engine will say that this is no IRI
        return iri


def _graph(found: Inspection, clause: list[str], iri: str, query: str, token: Token) -> None:
    if clause in (["FROM"], ["FROM", "NAMED"]):
        found.graphs.append(GraphName(iri, len(clause) == 2, *position(query, token.at)))
