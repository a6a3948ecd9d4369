"""What a rule is: a regular expression over a reading's text, with these shorthands.

| shorthand | is |
|---|---|
| `{T:subject}` | the placeholder of a phrase of family T; its things fill the slot `subject` |
| `{T~:subject}` | the same, or a pronoun for it |
| `{T}` | a placeholder that fills nothing |
| `{may}` | an optional modal verb, with "also", "often" … |
| `…` | a few words without a placeholder, but for those of manner (setting, line, route, circumstance) |
| `……` | any stretch of the sentence |

A slot is `subject`, `object`, a qualifier, or `definiens` and `name`, which take the words themselves.
`states` takes a condition and gives its states as objects; `having` takes a biomarker and `staged` a stage, and
the subject is the object's condition that has it; `genus` takes a condition, and the object is the disease it is
a case of; `effectsOf` takes a therapy, and the subject is the decision about its side effects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from graph.extract.rules.literals import Clauses, required
from graph.model import Modality, Polarity

_PRONOUNS: Final = {
    "T": (
        r"(?:it|they|them|this|that treatment|this (?:treatment|therapy|drug)|many drugs|"
        r"the drugs for this treatment|these (?:drugs|pills|medicines|tablets|treatments|therapies))"
    ),
    "C": r"(?:it|this|them|(?:this|the|your) (?:cancer|disease)|this type of cancer|you)",
    "G": r"(?:(?:this|these|those) (?:proteins?|hormones?))",
}
_MAY = (
    r"(?:(?:may|might|can|could|will|should|would|must|does|do)(?:n't| not)? |cannot |won't )?"
    r"(?:also |often |usually |typically |sometimes |still |eventually |be |only )*"
)
_SHORTHAND = re.compile(r"\{(?P<family>[A-Z])(?P<pronoun>~)?(?::(?P<slot>\w+))?\}|\{may\}|……|…")


@dataclass(frozen=True)
class Rule:
    """One way a kind of statement is put.

    `given` fills slots with fixed things ("treatment/cancer-treatment", or "=true" for a literal); `fallback`
    fills a slot with what a pronoun of that family would stand for here. `gather` names the families whose
    phrases in the sentence become qualifiers. `polarity` and `modality` override what the words say.
    `quantified`: a word of quantity becomes a qualifier. `about`: the condition spoken of becomes a qualifier.
    `same`: subject and object may be one thing, and the object is the subject where no slot names it.
    `pairs`: the things of one list, each with those after it. `previous`: the sentence before is what defines. `after`: only where the sentence before names this family.
    `orphan`: only for a list item whose lead-in broke off. `general`: an indication that names no condition is
    for the one the document last spoke of, not for the therapy's own. `last`: only the last of a list counts.
    `defining`: only where the words that define in the sentence before begin so. `gathered` says which qualifier a gathered family fills, where it is not the usual one.
    `led`: of a list's item, the lead-in is what makes it so.
    """

    pattern: str
    given: Mapping[str, str] = field(default_factory=dict)
    fallback: Mapping[str, str] = field(default_factory=dict)
    gather: str = ""
    polarity: Polarity | None = None
    modality: Modality | None = None
    quantified: bool = False
    about: bool = False
    same: bool = False
    pairs: bool = False
    previous: bool = False
    after: str = ""
    orphan: bool = False
    general: bool = False
    last: bool = False
    defining: str = ""
    gathered: Mapping[str, str] = field(default_factory=dict)
    led: bool = False

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern with its shorthands written out."""
        return re.compile(_SHORTHAND.sub(_expand, self.pattern))

    @cached_property
    def literals(self) -> Clauses:
        """The words and placeholders without which the pattern cannot match."""
        return required(self.regex.pattern)

    @cached_property
    def pronouns(self) -> Mapping[str, str]:
        """The slots that a pronoun may fill, with their families."""
        return {
            m["slot"]: m["family"] for m in _SHORTHAND.finditer(self.pattern) if m["pronoun"] and m["slot"]
        }


def _expand(match: re.Match[str]) -> str:
    if match[0] == "{may}":
        return _MAY
    if match[0] == "……":
        return r"[^.;]{0,200}?"
    if match[0] == "…":
        return r"(?:[^‹›.;]|‹[SLRU]\d+›){0,80}?"
    family, slot = match["family"], match["slot"]
    number = rf"(?P<{slot}>\d+)" if slot else r"\d+"
    # a receptor is a biomarker to one sentence and a target to the next
    place = rf"{'(?:‹G|‹M)' if family == 'G' else f'‹{family}'}{number}›"
    if not match["pronoun"]:
        return place
    words = rf"(?P<{slot}_word>\b{_PRONOUNS[family]}\b)" if slot else rf"\b{_PRONOUNS[family]}\b"
    return rf"(?:{place}|{words}(?:'s|'re|'ll)?)"
