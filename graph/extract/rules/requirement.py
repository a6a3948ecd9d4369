"""Requirement: a therapy that is given only where a test has a certain result."""

from graph.extract.rules.pattern import Rule

RULES = (
    Rule(
        r"\bonly (?:take|get|receive|have|be given|used?) {T~:subject} if (?:your |the )?{C:states}",
        given={"exclusive": "=true"},
        modality="asserted",
    ),
    Rule(
        r"{T~:subject} (?:is|are|is used|are used|is given|are given|works?|is an option|are an option|can be used|should be used|may be used) only (?:for|in|if|when|against) (?:the |your )?…{C:states}",
        given={"exclusive": "=true"},
        modality="asserted",
    ),
    Rule(r"{T~:subject} (?:requires?|needs?) …{B:object}", modality="asserted"),
    Rule(r"{T:subject},? if (?:the |your )?{C:states}", modality="asserted"),
    Rule(
        r"\bbefore …{T:subject},? ……tests? {may}(?:shows?|confirms?) (?:that )?(?:the |your )?{C:states}",
        modality="asserted",
    ),
)
