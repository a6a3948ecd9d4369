"""Effect: what a therapy brings about, wanted or unwanted."""

from graph.extract.rules.pattern import Rule

RULES = (
    Rule(r"{T~:subject},? {may}(?:lead|leads) to (?:a range of )?{E:object}"),
    Rule(
        r"{T~:subject},? {may}(?:causes?|results? in|brings?(?: about)?|affects?|makes? … feel) (?:a range of )?{E:object}"
    ),
    Rule(r"{T~:subject} ……that {may}(?:(?:causes?|leads? to) )?{E:object}"),
    Rule(r"\b(?:there are )?(?:possible )?{E:object} of {T:subject}"),
    Rule(r"{T~:subject} {may}(?:raises?|increases?) (?:the |your )?(?:risk |chance )?(?:of )?{E:object}"),
    Rule(r"{T~:subject} {may}……,? and (?:it |they )?{may}(?:causes?|leads? to|results? in) {E:object}"),
    Rule(r"\bas with any {T:subject}, ……{E:object} of ‹T\d+›"),
    Rule(r"{E:object} (?:that )?(?:you )?{may}have with {T:subject}"),
    Rule(
        r"(?<!\bif )(?<!\bif one )(?<!\bif a )(?<!\bif the )(?<!\bwhen )(?<!\bonce ){T~:subject} {may}{E:object}"
    ),
    Rule(r"\bin any (?:clinical )?{T:subject},? you always get (?:the )?{E:object}", modality="asserted"),
    Rule(
        r"\bin any trial,? you always get (?:the )?{E:object}", fallback={"subject": "T"}, modality="asserted"
    ),
)
