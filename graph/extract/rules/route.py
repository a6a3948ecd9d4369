"""Route: how a drug gets into the body."""

from graph.extract.rules.pattern import Rule

RULES = (
    Rule(r"\b(?:take|takes|get|gets|receive) {T~:subject} (?:as |by )?(?:a )?{R:object}"),
    Rule(
        r"{T~:subject} {may}(?:is|are|be)?(?:n't| not)? ?(?:usually |often |also )?(?:given|taken|come|comes|injected|swallowed)? ?(?:as |by |through )?(?:a |an )?{R:object}"
    ),
    Rule(
        r"\btake these (?:pills|tablets)\b",
        fallback={"subject": "T"},
        given={"object": "route/by-mouth"},
        modality="asserted",
    ),
)
