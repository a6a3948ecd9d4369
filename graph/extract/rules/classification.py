"""Classification: what kind of thing a drug, a treatment or a condition is."""

from graph.extract.rules.pattern import Rule

RULES = (
    Rule(r"{T:subject},? (?:is|are) (?:a |an |one )?(?:type|kind|form)s? of {T:object}"),
    Rule(
        r"(?<!\btype of )(?<!\btypes of )(?<!\bkind of )(?<!\bform of )"
        r"{T:subject},? (?:is|are)(?:n't| not)? (?:a |an |the )?{T:object}"
    ),
    Rule(
        r"\btypes? of ……{T:object} ……(?:a |an |the )?{T:subject} (?:involves|is|means)", modality="asserted"
    ),
    Rule(
        r"\b(?:main|another|second|other|common|one)? ?types? of {T:object}(?: for ‹C\d+›)? (?:is|are) {T:subject}"
    ),
    Rule(r"\bexamples (?:of {T:object} )?include {T:subject}", fallback={"object": "T"}),
    Rule(r"{T:object} for ‹C\d+›,? (?:including|such as):? (?:the )?{T:subject}", modality="asserted"),
    Rule(r"{T:object} that ……,? including (?:the )?{T:subject}", modality="asserted"),
    Rule(r"{T:object} (?:drugs )?…(?:including|include|such as):? (?:the )?{T:subject}", modality="asserted"),
    Rule(r"{T~:object} includes? (?:the )?{T:subject}"),
    Rule(r"^{T:object}: {T:subject}$"),
    Rule(r"\bthe (?:two |three |four )?{T:object} for ‹C\d+› are {T:subject}"),
    Rule(
        r"\b(?:many|most|some) {C:object} have (?:an? )?{M:having}", modality="asserted", polarity="affirmed"
    ),
    Rule(r"^(?:this|it) is {C:genus}(?=[.]?$)", fallback={"subject": "C"}),
    Rule(r"{C:object}, also called {K:staged}", modality="asserted"),
    Rule(r"{T:object} (?:for ‹C\d+›)?:? ?‹S\d+›[^().;]* \({T:subject}\)", modality="asserted"),
    Rule(r"{T:subject} (?:is|are) (?:sometimes |often |usually )?part of {T:object}", modality="possible"),
    Rule(
        r"\btreatments? (?:that|which) ‹A\d+› (?:is|are) (?:sometimes |often |usually )?part of {T:object}",
        given={"subject": "treatment/cancer-treatment"},
        modality="possible",
    ),
    Rule(r"{C:subject},? (?:is|are) (?:a |an |one )?(?:type|kind|form|subtype)s? of {C:object}"),
)
