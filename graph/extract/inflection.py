"""The regular forms of English that names have in texts: plurals, -ing and -s of verbs, other turns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

_TURNS: Final[dict[str, tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]]] = {
    "aim": (
        (re.compile(r"destroy (.+)"), (r"kill \1",)),
        (re.compile(r"eliminate (.+)"), (r"get rid of \1",)),
        (re.compile(r"stop (.+ from .+ing)"), (r"keep \1",)),
        (re.compile(r"risk of (.+)"), (r"lower the risk of \1", r"reduce the risk of \1")),
        (re.compile(r"lower (the risk of .+)"), (r"reduce \1",)),
        (re.compile(r"remove (.+) as far as possible"), (r"remove as much of \1 as possible",)),
        (re.compile(r"take (.+) out as far as possible"), (r"take out as much of \1 as possible",)),
        (re.compile(r"use (.+)"), (r"better ways to use \1",)),
    ),
    "target": (
        (re.compile(r"binding of (.+) to (.+)"), (r"\1 binding to \2", r"\1 from binding to \2")),
        (re.compile(r"(.+) cell (growth.*|division.*)"), (r"\2 of \1 cells",)),
    ),
    "setting": ((re.compile(r"((?:a|the) main .+)"), (r"as \1",)),),
    "factor": (
        (re.compile(r"(.*)\bthey (.*)\btheir (.*)"), (r"\1you \2your \3",)),
        (re.compile(r"(.*)\bthey've (.*)"), (r"\1you've \2",)),
    ),
}
"""For a kind of thing, other turns that a name of a certain form has: the form, and what it is put as."""

_DETERMINER = re.compile(r"\b(?:the|a|an|your|its|their)\b ")


def variants(name: str, kind: str) -> Iterator[str]:
    """A name and its regular forms in texts: plurals of nouns; for an aim, -ing and other determiners."""
    yield from _forms(name, kind)
    for form, turns in _TURNS.get(kind, ()):
        if match := form.fullmatch(name):
            for turn in turns:
                yield from _forms(match.expand(turn), kind)


def _forms(name: str, kind: str) -> Iterator[str]:
    yield name
    if kind in ("aim", "effect"):
        for verb in (name, _inflect(name, _gerund), _inflect(name, _third_person)):
            yield verb
            if match := _DETERMINER.search(verb):
                for determiner in ("the ", "a ", "your ", "their ", "its ", ""):
                    yield verb[: match.start()] + determiner + verb[match.end() :]
    if kind in (
        "drug-class",
        "treatment",
        "condition",
        "target",
        "effect",
        "service",
        "biomarker",
        "setting",
        "biomarker-status",
    ):
        yield plural(name)


def plural(name: str) -> str:
    """The regular English plural of a noun phrase's last word."""
    if re.search(r"[^aeiou]y$", name):
        return name[:-1] + "ies"
    if re.search(r"(?:s|x|z|ch|sh)$", name):
        return name if name.endswith("s") else name + "es"
    return name + "s"


def _inflect(phrase: str, form: Callable[[str], str]) -> str:
    verb, _, rest = phrase.partition(" ")
    return f"{form(verb)} {rest}" if rest else phrase


def _gerund(verb: str) -> str:
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb):
        return verb + verb[-1] + "ing"
    return verb + "ing"


def _third_person(verb: str) -> str:
    return plural(verb)
