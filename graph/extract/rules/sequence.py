"""Sequence: what follows what, and what makes one switch."""

from graph.extract.rules.pattern import Rule

RULES = (
    Rule(r"{T:subject} (?:is |are )?(?:not )?{may}followed by (?:another |an |a )?{T:object}"),
    Rule(r"\b(?:receive|get|have|given) {T:object} after {T:subject}"),
    Rule(r"{T:object} (?:is|are) (?:usually |often |typically )?(?:given|used|done) after {T:subject}"),
    Rule(r"{T:object} {may}follows? {T:subject}"),
    Rule(
        r"{T:object} {may}follow when {T:subject} (?:no longer works|stops? working)",
        polarity="affirmed",
        modality="conditional",
    ),
    Rule(r"{T:subject} ……,? then (?:have |get |receive |by )?{T:object}"),
    Rule(
        r"\bswitch to another (?:drug|treatment) if ‹U\d+›",
        fallback={"subject": "T", "object": "T"},
        gather="U",
        gathered={"U": "trigger"},
        same=True,
    ),
    Rule(
        r"\bif (?:one|the first) {T:subject} ‹E\d+›,? (?:you|doctors?|your doctor) {may}(?:try|switch to|use) another",
        given={"trigger": "circumstance/the-current-drug-stops-working"},
        same=True,
    ),
    Rule(
        r"\b(?:if|when) ‹U\d+›,? (?:you|doctors?|your doctor) {may}(?:try|switch to|use) another",
        fallback={"subject": "T", "object": "T"},
        gather="U",
        gathered={"U": "trigger"},
        same=True,
    ),
)
