"""What stands above and below what: a hierarchy of classes or properties as a page shows it."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Link = tuple[str, str]

DEEPEST: Final = 40
"""Levels of a tree; what is deeper stands beside it."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A term in a tree, with what is right below it.

    `inferred` says that it stands here because a reasoner found so; `again` that it stands further up too,
    with its branches.
    """

    iri: str
    inferred: bool = False
    again: bool = False
    below: tuple[Branch, ...] = ()


class Hierarchy:
    """Links from narrower to wider terms, told and inferred, without those that others imply.

    Terms that stand above each other (equivalent ones) keep their links; trees and paths end where they would
    go round.
    """

    def __init__(self, told: Iterable[Link], inferred: Iterable[Link] = ()) -> None:
        self._told = set(told)
        links = {link for link in (*self._told, *inferred) if link[0] != link[1]}
        above: defaultdict[str, set[str]] = defaultdict(set)
        for narrower, wider in links:
            above[narrower].add(wider)
        self._ancestors = {term: _reached(term, above) for term in above}
        self._wider: defaultdict[str, list[str]] = defaultdict(list)
        self._narrower: defaultdict[str, list[str]] = defaultdict(list)
        for narrower, wider in sorted(links):
            if not self._implied(narrower, wider, above[narrower]):
                self._wider[narrower].append(wider)
                self._narrower[wider].append(narrower)

    def _implied(self, narrower: str, wider: str, others: Iterable[str]) -> bool:
        return any(
            wider in self.ancestors(other) and other not in self.ancestors(wider) and narrower != other
            for other in others
            if other != wider
        )

    def ancestors(self, iri: str) -> frozenset[str]:
        """Every wider term, at any distance; the term itself only if it is equivalent to another."""
        return self._ancestors.get(iri, frozenset())

    def wider(self, iri: str) -> Sequence[str]:
        """The terms right above."""
        return self._wider.get(iri, ())

    def narrower(self, iri: str) -> Sequence[str]:
        """The terms right below."""
        return self._narrower.get(iri, ())

    def is_inferred(self, narrower: str, wider: str) -> bool:
        """Whether nobody told of this link."""
        return (narrower, wider) not in self._told

    def path(self, iri: str) -> list[str]:
        """The shortest way down from a term without wider ones to this one, which it ends with."""
        came: dict[str, str] = {}
        waiting = deque([iri])
        while waiting:
            term = waiting.popleft()
            if not self.wider(term):
                break
            for wider in self.wider(term):
                if wider not in came and wider != iri:
                    came[wider] = term
                    waiting.append(wider)
        found = [term]
        while found[-1] != iri:
            found.append(came[found[-1]])
        return found

    def tree(self, terms: Iterable[str], key: Callable[[str], object]) -> tuple[Branch, ...]:
        """All of `terms` as branches, in the order of `key`; the branches below each are given once."""
        ordered = sorted(terms, key=key)  # type: ignore[arg-type]
        known = set(ordered)
        place = {term: n for n, term in enumerate(ordered)}
        opened: set[str] = set()

        def grow(term: str, wider: str | None = None, depth: int = 0) -> Branch:
            inferred = wider is not None and self.is_inferred(term, wider)
            if term in opened:
                return Branch(term, inferred, again=bool(self.narrower(term)))
            opened.add(term)
            below = sorted((t for t in self.narrower(term) if t in known), key=place.__getitem__)
            shown = below if depth < DEEPEST else ()
            return Branch(term, inferred, below=tuple(grow(other, term, depth + 1) for other in shown))

        roots = [term for term in ordered if not known.intersection(self.wider(term))]
        trees = [grow(term) for term in roots]
        trees += [grow(term) for term in ordered if term not in opened]  # in a circle, or too deep
        return tuple(trees)


def _reached(term: str, above: dict[str, set[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(above.get(term, ()))
    while waiting:
        if (one := waiting.pop()) not in found:
            found.add(one)
            waiting.extend(above.get(one, ()))
    return frozenset(found)
