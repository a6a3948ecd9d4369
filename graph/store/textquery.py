"""Text search within SPARQL: `?thing her2kg:search "words"` finds things by the text index.

```sparql
SELECT ?drug ?score { (?drug ?score) her2kg:search ("aromatase inhibitor" 50) . ?drug a her2kg:DrugClass }
```

The subject is a variable, or a list of two: the thing and its score (larger is better). The object is a text
of the query itself, or a list of it and a limit. Such a triple stands alone: no `;` or `,` beside it. It is
replaced by the VALUES that the index gives before the query is asked, so any SPARQL engine can answer it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from graph.store.guard import decode, fault
from graph.store.pieces import Piece, pieces
from graph.vocab import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from graph.store import Hits

SEARCH: Final = PREFIXES["her2kg"] + "search"
"""The property; it stands for a search and for nothing in the data."""

HITS: Final = 1000
"""How many things are found where the query gives no limit."""

MOST: Final = 10_000
STRING: Final = [["^", "^", "xsd:string"], ["^", "^", f"<{PREFIXES['xsd']}string>"]]
JOINS: Final = frozenset(";,^/|")
"""Signs that tie a triple to more than its subject and its object."""

ESCAPES: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
HOW: Final = 'Write ?thing her2kg:search "words" or (?thing ?score) her2kg:search ("words" 100), and no more.'


@dataclass(frozen=True, slots=True)
class Search:
    """A triple that searches, from `at` to `end` of the query."""

    thing: str
    score: str | None
    words: str
    limit: int
    at: int
    end: int


def may_search(query: str) -> bool:
    """Whether a query is worth a closer look."""
    return "search" in query


def expanded(query: str, find: Callable[[str, int], Hits]) -> str:
    """The query with each search replaced by what `find(words, limit)` gives.

    Raises QueryError for a search that is not written as it must be.
    """
    parts, at = [], 0
    for search in searches(query, PREFIXES):
        parts += [query[at : search.at], _values(search, find(search.words, search.limit))]
        parts.append("\n" * query.count("\n", search.at, search.end))  # so that errors keep their line
        at = search.end
    return "".join([*parts, query[at:]])


def searches(query: str, prefixes: Mapping[str, str]) -> Iterator[Search]:
    """The triples of a query that search."""
    found = [*pieces(query)]
    known = dict(prefixes)
    for place, piece in enumerate(found):
        before = found[place - 2].text.upper() if place > 1 else ""
        if piece.kind == "iri" and before == "PREFIX":
            known[found[place - 1].text.rstrip(":")] = decode(piece.text[1:-1])
        elif _names_search(piece, known) and before != "PREFIX":
            yield _read(query, found, place)


def _read(query: str, found: list[Piece], place: int) -> Search:
    predicate = found[place]
    first, variables = _subject(found, place)
    last, words, limit = _object(found, place)
    outside = [found[number] for number in (first - 1, last + 1) if 0 <= number < len(found)]
    joined = any(piece.text in JOINS for piece in outside)
    if not variables or words is None or joined:
        raise fault(query, predicate.at, "This search cannot be understood.", HOW)
    if not 0 < limit <= MOST:
        raise fault(query, predicate.at, f"A search finds 1 to {MOST:,} things, not {limit}.", HOW)
    score = variables[1] if len(variables) > 1 else None
    return Search(variables[0], score, words, limit, found[first].at, found[last].end)


def _subject(found: list[Piece], place: int) -> tuple[int, list[str]]:
    """Where the subject before a place begins, and its variables; none where it is something else."""
    if place > 0 and found[place - 1].kind == "variable":
        return place - 1, [found[place - 1].text]
    texts = [piece.text for piece in found[max(0, place - 4) : place]]
    for length in (3, 4):
        if texts[-length : -length + 1] == ["("] and texts[-1:] == [")"]:
            inner = found[place - length + 1 : place - 1]
            if all(piece.kind == "variable" for piece in inner):
                return place - length, [piece.text for piece in inner]
    return place, []


def _object(found: list[Piece], place: int) -> tuple[int, str | None, int]:
    """Where the object after a place ends, its text and its limit; None for what is no text."""
    after = found[place + 1 : place + 5]
    if after and after[0].kind == "string":
        last = place + 1
        if len(after) > 1 and after[1].text.startswith("@"):
            last += 1
        elif [piece.text for piece in after[1:4]] in STRING:  # as clients write what they have parsed
            last += 3
        return last, _text(after[0].text), HITS
    texts = [piece.text for piece in after]
    if texts[:1] == ["("] and len(after) > 2 and after[1].kind == "string":
        if texts[2] == ")":
            return place + 3, _text(texts[1]), HITS
        if len(texts) > 3 and after[2].kind == "number" and texts[3] == ")":
            return place + 4, _text(texts[1]), int(texts[2][:9])
    return place, None, HITS


def _values(search: Search, hits: Hits) -> str:
    names = f"{search.thing} {search.score}" if search.score else search.thing
    rows = (f"(<{hit.iri}> {hit.score:.6f})" if search.score else f"(<{hit.iri}>)" for hit in hits.hits)
    return f"VALUES ({names}) {{ {' '.join(rows)} }}"


def _names_search(piece: Piece, prefixes: Mapping[str, str]) -> bool:
    if piece.kind == "iri":
        return decode(piece.text[1:-1]) == SEARCH
    prefix, colon, local = decode(piece.text).partition(":")
    return piece.kind == "colon" and bool(colon) and prefixes.get(prefix, "") + local == SEARCH


def _text(literal: str) -> str:
    """The value of a string as SPARQL writes it."""
    quote = literal[:3] if literal[:3] in {'"""', "'''"} else literal[0]
    inner = decode(literal[len(quote) : -len(quote)])
    parts, escaped = [], False
    for character in inner:
        if escaped:
            parts.append(ESCAPES.get(character, character))
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            parts.append(character)
    return "".join(parts)
