"""Support: which organisation offers what, and to whom."""

from graph.extract.rules.pattern import Rule

RULES = (
    Rule(
        r"{O:subject}(?:'s|(?= ‹V)| and its| and their| offers?| has| runs| provides?) (?:a |an |the )?(?:free |three )?{V:object}",
        modality="asserted",
        led=True,
    ),
    Rule(
        r"{O:subject}(?:'s| and its| and their| offers?| has| runs| provides?) (?:a |an |the )?{V:object} for (?:connecting |helping |supporting )?(?:people|women|patients) (?:with|who have) {C:beneficiary}",
        modality="asserted",
        led=True,
    ),
    Rule(r"{O:subject}……(?:,| and) (?:small |free |other )?{V:object}", modality="asserted", led=True),
)
