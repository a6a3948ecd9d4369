"""The regular forms of English that names have in texts: plurals, and for verbs -ing and -s."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_DETERMINER = re.compile(r"\b(?:the|a|an|your|its|their)\b ")


def variants(name: str, kind: str) -> Iterator[str]:
    """A name and its regular forms in texts: plurals of nouns; for an aim, -ing and other determiners."""
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
