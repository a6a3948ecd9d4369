"""How sure a sentence is: negation, hedging, conditions and quantity, read in the stretch a rule matched.

Only that stretch counts. A circumstance ("surgery is not an option") is a placeholder by then, so its "not"
does not negate the treatment it speaks of, which is what scope-by-distance methods such as ConText get wrong.
"""

from __future__ import annotations

import re
from typing import Final

from graph.model import Modality, Polarity

_NEGATION = re.compile(r"\b(?:no|not|never|cannot|neither|nor|nothing)\b(?! only)|n't\b")
_HEDGE = re.compile(
    r"\b(?:may|might|can|could|potential(?:ly)?|possibl[ey]|perhaps|maybe|an option|one option|"
    r"options?,? too|suggests?|consider(?:ed)?|sometimes)\b"
)
# "works best when given with" says how it is given, not on what it hangs
_CONDITION = re.compile(r"\b(?:if|unless|(?<!best )when|depending on)\b")
_TRIAL = re.compile(r"\b(?:being (?:tested|studied)|under study|investigational|in (?:clinical )?trials)\b")
_WITHDRAWN = re.compile(r"\b(?:withdr[ae]wn?|revoked|no longer approved)\b")

QUANTIFIERS: Final[dict[str, str]] = {
    "most": "most",
    "many": "many",
    "several": "several",
    "some": "some",
    "certain": "some",
    "often": "often",
    "typically": "typically",
    "usually": "typically",
    "sometimes": "sometimes",
    "all": "all",
    "everyone": "all",
    "every": "all",
}
"""Words of quantity, and the slug of the `quantifier` each stands for."""

_QUANTIFIER = re.compile(rf"\b(?:{'|'.join(QUANTIFIERS)})\b")

FREQUENCIES: Final[dict[str, str]] = {
    "always": "always",
    "often": "often",
    "commonly": "often",
    "may": "may",
    "can": "may",
    "might": "may",
    "possible": "may",
    "sometimes": "may",
}
"""Words of frequency, and the slug of the `frequency` each stands for."""

_FREQUENCY = re.compile(rf"\b(?:{'|'.join(FREQUENCIES)})\b")


_IN_MANY = re.compile(r"\b(?:for|in) (?:many|most) (?:women|people|patients|men)\b")


def in_many(text: str) -> bool:
    """Whether the sentence so far says that it is so with many people, which is how often it happens."""
    return bool(_IN_MANY.search(text))


def polarity(text: str) -> Polarity:
    """Whether the stretch denies what it says."""
    return "negated" if _NEGATION.search(text) else "affirmed"


def modality(text: str, *, conditional: bool = False) -> Modality:
    """How the stretch puts it; `conditional` where it hangs on a circumstance."""
    if _WITHDRAWN.search(text):
        return "withdrawn"
    if _TRIAL.search(text):
        return "investigational"
    if conditional or _CONDITION.search(text):
        return "conditional"
    return "possible" if _HEDGE.search(text) else "asserted"


def quantifier(text: str) -> str | None:
    """The slug of the first word of quantity in the stretch."""
    match = _QUANTIFIER.search(text)
    return QUANTIFIERS[match[0]] if match else None


def frequency(text: str) -> str | None:
    """The slug of the first word of frequency in the stretch."""
    match = _FREQUENCY.search(text)
    return FREQUENCIES[match[0]] if match else None
