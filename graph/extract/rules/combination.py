"""Combination: therapies given together."""

from graph.extract.rules.pattern import Rule

_WITH = r"(?:in combination with|combined with|along with|together with|alongside|in addition to|plus)"

RULES = (
    Rule(r"{T:subject} (?:is|are) an? ‹T\d+› …" + _WITH + r" (?:the )?{T:object}"),
    Rule(r"(?<! is an )(?<! is a ){T~:subject} …" + _WITH + r" (?:the |other |any |an? )?{T:object}"),
    Rule(r"\btake {T~:subject} " + _WITH + r" {T:object}"),
    Rule(r"{T~:subject} {may}be (?:combined|given|taken|used) with {T:object}"),
    Rule(r"\bapproved {T:subject} with {T:object} for\b", modality="asserted"),
    Rule(r"{T:subject} (?:together|along|in combination) with (?:the |an? )?{T:object}"),
    Rule(
        r"{T:subject} (?:was|were|is|has been) approved ……,? (?:together |in combination )?with (?:an? )?{T:object}",
        modality="asserted",
    ),
    Rule(r"\ba combination of {T:subject}", pairs=True),
    Rule(r"{T:subject},? (?:which|that) (?:is|are) (?:combined|given|taken) (?:together )?with {T:object}"),
    Rule(
        r"\b(?:women|people|patients|men)(?: who have| with) ‹C\d+› {may}(?:have|get|receive|undergo) (?:both )?{T:subject}",
        pairs=True,
    ),
)
