"""Mechanism: what a therapy does to what. One rule for each action's verbs."""

from graph.extract.rules.pattern import Rule

ACTIONS: dict[str, str] = {
    "inhibits": r"inhibits?",
    "blocks": r"(?:blocks?|(?:prevents?|keeps?|stops?)(?= ‹G\d+›))",
    "degrades": r"(?:degrades?|breaks? down)",
    "binds": r"(?:binds? (?:to)?|attach(?:es)? to|latch(?:es)? onto)",
    "stimulates": r"(?:stimulates?|(?:helps?|lets?)(?= (?:your |the )?‹G\d+› …(?:(?:respond|find|fight|recogni[sz]e|attack|‹A)))|activates?|boosts?)",
    "lowers": r"(?:lowers?(?: the (?:levels?|amount) of)?|reduces?(?: the (?:amount|levels?) of)?|decreases?|stops? (?:the |your )?(?:ovaries|body|adrenal glands) from making)",
    "interferes-with": r"(?:interferes? with|disrupts?)",
    "kills": r"(?:kills?|destroys?)",
    "targets": r"(?:targets?|focus(?:es)? on|is directed at|aims? at)",
    "removes": r"(?:removes?|involves? removing)",
    "delivers": r"(?:delivers?|carr(?:y|ies)) (?:‹T\d+›|[a-z]+) (?:directly |straight )?(?:to|into)",
}
"""The slug of each `action`, and the verbs that say so."""

_THE = r" (?:the |a |your |other |specific |certain )?(?:protein called )?"
_SO = r"(?:,? (?:better )?(?:to|so that …) {A:consequence})?"

RULES = (
    *tuple(
        Rule(pattern, given={"action": f"action/{action}"})
        for action, verbs in ACTIONS.items()
        for pattern in (
            r"(?<!type of )(?<!kind of )(?<!form of ){T~:subject}(?: for ‹C\d+›)?(?: …which| that)? {may}"
            + verbs
            + _THE
            + "{G~:object}"
            + _SO,
            r"{T:subject} (?:is|are)? ?……(?:to|that|which) (?:help )?" + verbs + _THE + "{G~:object}" + _SO,
            r"{T~:subject} {may}……‹[GM]\d+› (?:or|and) " + verbs + _THE + "{G~:object}",
        )
    ),
    Rule(
        r"{T~:subject} {may}(?:kills?|destroys?) (?:‹C\d+›|cancers?\b)",
        given={"action": "action/kills", "object": "target/cancer-cell"},
    ),
    Rule(
        r"{T~:subject} {may}(?:kills?|destroys?) (?:‹C\d+›|cancers?) and " + "(?:other )?{G:object}",
        given={"action": "action/kills"},
    ),
    Rule(
        r"{T~:subject} {may}(?:reduces?|slows?) (?:the |its )?growth\b",
        given={"action": "action/lowers", "object": "target/growth-of-cancer-cells"},
    ),
    Rule(
        r"{G:subject},? (?:(?:such as|like) {G:subject2},? )?{may}(?:prompts?|helps?|makes?) …{G:object}",
        given={"action": "action/promotes-growth-of"},
    ),
    Rule(
        r"{G:subject},? (?:(?:such as|like) {G:subject2},? )?{may}(?:promotes?|drives?|fuels?) (?:the )?{G:object}",
        given={"action": "action/stimulates"},
    ),
    Rule(
        r"{T~:subject} {may}(?:removes?|involves? removing) (?:all of )?(?:the |your |a )?(?:cancer|tumou?r|‹C\d+›)(?! cells?)\b",
        given={"action": "action/removes", "object": "target/cancer-tissue"},
    ),
    Rule(
        r"{T~:subject} {may}(?:removes?|involves? removing) (?:all of )?(?:the |your |a )?(?:cancer|tumou?r|‹C\d+›) and (?:some |any )?(?:of the )?{G:object}",
        given={"action": "action/removes"},
    ),
    Rule(
        r"^(?:this|it) is called (?:a |an |the )?{T:subject}",
        fallback={"object": "G"},
        given={"action": "action/removes"},
        defining=r"removing\b",
    ),
    Rule(
        r"{G:subject},? (?:(?:such as|like) {G:subject2},? )?{may}(?:prompts?|helps?|makes?) (?:these|those|such) cells (?:to )?(?:grow|divide|spread)\b",
        given={"action": "action/promotes-growth-of", "object": "target/cancer-cell"},
    ),
    Rule(
        r"{T~:subject} {may}……{G:object},? and {may}(?:breaks? it down|degrades? it)\b",
        given={"action": "action/degrades"},
    ),
    Rule(
        r"{T~:subject} {may}(?:blocks?|stops?) {G:object} or lower the levels\b",
        given={"action": "action/lowers"},
    ),
)
