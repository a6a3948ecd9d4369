r"""The words without which a pattern cannot match, so that most rules need not be tried on most sentences.

`required(r"foo(?:bar|baz)?\d+ (?:is|are)")` is `({"foo"}, {"is", "are"})`: a text must have one of each set.
The parser knows the syntax that rules use; of what it does not know (`\d`, `[…]`, what must not stand there)
it requires nothing, which is always safe.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Clauses = tuple[frozenset[str], ...]

_GROUP = re.compile(r"\((?:\?(?:P<\w+>|:|=|<=|!|<!))?")
_FORBIDS = ("(?!", "(?<!")
_QUANTIFIER = re.compile(r"(?:[?*+]|\{(?P<least>\d*)(?:,\d*)?\})\??")
_SET = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")


def required(pattern: str) -> Clauses:
    """The sets of literals of which any text that `pattern` matches has one each (conjunctive normal form)."""
    clauses, _ = _alternatives(pattern, 0)
    return tuple(dict.fromkeys(clauses))


@dataclass
class _Branch:
    """One alternative as it is read: the clauses so far, and the run of plain characters being read."""

    clauses: list[frozenset[str]] = field(default_factory=list)
    run: str = ""

    def flush(self) -> None:
        """End the run of plain characters; one character alone is in every text and says nothing."""
        if len(self.run) > 1:
            self.clauses.append(frozenset({self.run}))
        self.run = ""


def _alternatives(pattern: str, position: int) -> tuple[list[frozenset[str]], int]:
    """The clauses of alternatives up to their closing bracket (or the end), and the place after them."""
    branches = [_Branch()]
    while position < len(pattern) and pattern[position] != ")":
        if pattern[position] == "|":
            branches.append(_Branch())
            position += 1
        else:
            position = _item(pattern, position, branches[-1])
    for branch in branches:
        branch.flush()
    if len(branches) == 1:
        return branches[0].clauses, position + 1
    if not all(branch.clauses for branch in branches):
        return [], position + 1
    return [frozenset().union(*(max(b.clauses, key=_worth) for b in branches))], position + 1


def _worth(clause: frozenset[str]) -> tuple[int, int]:
    return min(map(len, clause)), -len(clause)


def _item(pattern: str, position: int, branch: _Branch) -> int:
    """Read one item with its quantifier into `branch`; returns the place after it."""
    plain = ""
    inside: list[frozenset[str]] = []
    if group := _GROUP.match(pattern, position):
        inside, end = _alternatives(pattern, group.end())
        if group[0] in _FORBIDS:
            inside = []
    elif pattern[position] == "[" and (charset := _SET.match(pattern, position)):
        end = charset.end()
    elif pattern[position] == "\\":
        end = position + 2
        plain = "" if pattern[position + 1].isalnum() else pattern[position + 1]
    else:
        end = position + 1
        plain = "" if pattern[position] in ".^$" else pattern[position]
    quantifier = _QUANTIFIER.match(pattern, end)
    if quantifier is None and plain:
        branch.run += plain
        return end
    if quantifier is None and pattern[position:end] in (r"\b", "^", "$"):
        return end
    branch.flush()
    if quantifier is None or quantifier[0][0] == "+" or (quantifier["least"] or "0") != "0":
        branch.clauses += inside
    return quantifier.end() if quantifier else end
