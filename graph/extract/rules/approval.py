"""Approval: which agency allowed which drug, when, with what and for which condition."""

from graph.extract.rules.pattern import Rule

_FOR = r"(?: to be used)?(?: (?:for|to treat|for the treatment of|for treating|in|for (?:people|women|adults|patients) with))(?: (?:people|women|adults|patients) with)? "
_WITH = r"(?:,?(?: in combination| together| along)? (?:with|plus) (?:an? |the )?{T:with},?)?"

RULES = (
    Rule(
        r"(?:\bin {D:date},? )?(?:the )?{Y:agency} (?:has |have )?(?:approved|authorized|authorised|cleared) "
        r"{T:subject}" + _WITH + _FOR + r"{C:object}(?: (?:in|since) {D:date2})?",
        given={"status": "approval-status/granted"},
    ),
    Rule(
        r"(?:\bin {D:date},? )?(?:the )?{Y:agency} (?:granted|gave) accelerated approval (?:to|for) "
        r"{T:subject}" + _WITH + _FOR + r"{C:object}",
        given={"status": "approval-status/accelerated"},
    ),
    Rule(
        r"{T:subject}"
        + _WITH
        + r" (?:was|were|has been|is) approved(?: by (?:the )?{Y:agency})?(?: in {D:date})?"
        + _WITH.replace("T:with", "T:with2")
        + _FOR
        + r"{C:object}(?: in {D:date2})?",
        given={"status": "approval-status/granted"},
    ),
    Rule(
        r"{T:subject} (?:is|are) no longer approved(?: by (?:the )?{Y:agency})?" + _FOR + r"{C~:object}",
        given={"status": "approval-status/withdrawn"},
        polarity="affirmed",
        modality="withdrawn",
    ),
    Rule(
        r"(?:the )?{Y:agency} had (?:approved|authorized|authorised) {T~:subject}"
        + _WITH
        + r"(?: in {D:date})?",
        given={"status": "approval-status/granted"},
        fallback={"object": "C"},
        modality="withdrawn",
    ),
    Rule(
        r"(?:the )?{Y:agency} had (?:approved|authorized|authorised) {T~:subject}"
        + _WITH
        + r"……\b(?:and|but) the "
        r"(?:manufacturer|company|maker) withdrew (?:that|this|the) (?:use|approval)(?: in {D:date})?",
        given={"status": "approval-status/withdrawn"},
        fallback={"object": "C"},
        modality="withdrawn",
    ),
    Rule(
        r"(?:\bin {D:date},? )?(?:the )?(?:approval|use) of {T:subject}" + _FOR + r"{C:object} was withdrawn"
        r"(?: by (?:the )?{Y:agency})?",
        given={"status": "approval-status/withdrawn"},
        modality="withdrawn",
    ),
)
