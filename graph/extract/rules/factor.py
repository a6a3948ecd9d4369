"""DecisionFactor: what a decision about treatment depends on."""

from graph.extract.rules.pattern import Rule

_DEPENDS = (
    r"(?:depends? (?:up)?on|(?:be |is )?based on|var(?:y|ies)(?: based on| with)?|(?:is |are )?(?:guided|determined) by)"
    r"(?: (?:many |several |a number of )?(?:factors|things)(?: such as|,? including|,? like)?)?"
)
_LIST = r" (?:the |your |the cancer's |your cancer's |‹C\d+›'s )*"

RULES = (
    Rule(r"{X:subject} (?:for {C:condition} )?……" + _DEPENDS + _LIST + r"{F:object}"),
    Rule(
        r"\btreatment for {C:condition} {may}" + _DEPENDS + _LIST + r"{F:object}",
        given={"subject": "decision/choice-of-treatment"},
    ),
    Rule(
        r"\b(?:which|what) (?:treatment|drug)s? ……" + _DEPENDS + _LIST + r"{F:object}",
        given={"subject": "decision/choice-of-treatment"},
    ),
    Rule(
        r"\bdepending on (?:the |your )?{F:object},? (?:you|people|women|patients|doctors|your doctor|your care team) "
        r"(?:may|might|could|can|will) (?:be given|take|get|have|receive|need|choose|suggest|recommend|offer|use)\b",
        given={"subject": "decision/choice-of-treatment"},
        modality="possible",
    ),
    Rule(
        r"‹E\d+› (?:that )?(?:you have )?(?:of|with|from) {T:effectsOf} {may}"
        + _DEPENDS
        + _LIST
        + r"{F:object}"
    ),
    Rule(r"{X:subject} (?:for {C:condition} )?……" + _DEPENDS + r"……‹F\d+›……{F:object}"),
)
