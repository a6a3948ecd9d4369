"""Intent: what a therapy is given for."""

from graph.extract.rules.pattern import Rule

_HELP = r"(?:to |in order to |helps? |help )?(?:help |to help )?"

RULES = (
    Rule(r"\binclude {T:subject} to {A:object}", last=True, modality="asserted"),
    Rule(
        r"(?<!include ){T:subject}(?: ‹[SRC]\d+›)? (?:to |in order to )(?:help )?(?:ease |put in … to )?{A:object}"
    ),
    Rule(r"{T~:subject}(?: ‹[SR]\d+›)? {may}(?:help |helps |to help )?{A:object}(?! ‹U\d+›)", gather="S"),
    Rule(r"{T~:subject}(?: ‹[SR]\d+›)? {may}(?:help |helps |to help )?{A:object} ‹U\d+›", gather="SU"),
    Rule(
        r"{T~:subject} {may}(?:focus(?:es)? on|aims? (?:to|at)|look(?:s)? at(?: things like)?|works? to|are used to|is used to|is given to|are given to|be used to|be given to|is meant to|be a way to|does nothing to) (?:help )?{A:object}",
        gather="S",
    ),
    Rule(
        r"{T:subject} (?:{may})……(?:for|as) ……(?:to help|to|in order to) {A:object}", gather="S", about=True
    ),
    Rule(r"‹A\d+› in order to {A:object}", fallback={"subject": "T"}, gather="S", about=True),
    Rule(
        r"\b(?:the|its|one|main)? ?(?:goal|aim|purpose) (?:of {T:subject} )?is to {A:object}",
        fallback={"subject": "T"},
        about=True,
    ),
    Rule(
        r"\bfor {C:condition},? the (?:aim|goal)(?: of treatment)? (?:is|can be) (?:often |usually )?(?:to )?{A:object}",
        given={"subject": "treatment/cancer-treatment"},
        modality="possible",
    ),
    Rule(
        r"\b(?:aims?|goals?) of treatment (?:is|are) to {A:object}",
        given={"subject": "treatment/cancer-treatment"},
        about=True,
    ),
    Rule(r"{T~:subject} (?:is|are) (?:care|treatment) that {may}(?:helps? )?{A:object}"),
    Rule(
        r"\btreatment {may}focus on {A:object}",
        given={"subject": "treatment/cancer-treatment"},
        gather="U",
        about=True,
    ),
    Rule(
        r"^it {may}focus on {A:object}",
        given={"subject": "treatment/cancer-treatment"},
        about=True,
        after="X",
    ),
    Rule(r"{T~:subject} ……‹S\d+› to (?:help )?{A:object}", gather="S", about=True),
    Rule(
        r"‹S\d+› to (?:help )?{A:object}",
        fallback={"subject": "T"},
        gather="S",
        about=True,
        orphan=True,
        modality="possible",
    ),
    Rule(r"{T~:subject} are research studies that (?:help them |help )?{A:object}", modality="asserted"),
    Rule(
        r"{T~:subject} {may}[a-z]+ (?:(?:the |your )?‹G\d+›|(?:those|these|the) proteins) (?:in order )?to (?:help )?{A:object}"
    ),
    Rule(r"{T:subject} ……\band (?:may|can|might|could) (?:also )?(?:help )?{A:object}", about=True),
    Rule(
        r"\btreatments? (?:that|which) {A:object}",
        given={"subject": "treatment/cancer-treatment"},
        gather="S",
        modality="possible",
    ),
    Rule(
        r"{A:object},? (?:but|while|whereas) ……{T:subject} (?:that|which) (?:do|does)(?=[.,;]|$)",
        modality="asserted",
        polarity="affirmed",
    ),
    Rule(
        r"^(?:that|this) way, (?:the )?‹G\d+› (?:can't|cannot) (?:use them to )?(?:grow|divide)\b",
        fallback={"subject": "T"},
        given={"object": "aim/keep-the-cancer-from-growing"},
        modality="possible",
        polarity="affirmed",
    ),
    Rule(
        r"\b(?:suggest|recommend|give|use|offer) {T:subject} and {A:object}",
        gather="U",
        modality="conditional",
    ),
)
