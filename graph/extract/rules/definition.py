"""Definition: the words by which a document says what it means by a condition, a treatment or a stage."""

from graph.extract.rules.pattern import Rule

_REST = r"(?P<definiens>[^;]{8,}?)(?=[.]?$)"

RULES = (
    Rule(
        r"^(?:a |an |the )?{C:subject}(?:, also called {K:definingStage},)? (?:means|is defined as|is when) "
        + _REST,
        modality="asserted",
        polarity="affirmed",
    ),
    Rule(
        r"^(?:a |an |the )?{T:subject} (?:is|are) (?P<definiens>(?:a type of|a form of|a kind of|research stud(?:y|ies)|a stud(?:y|ies)|a treatment|treatment|the use of|care)[^;]{8,}?)(?=[.]?$)",
        modality="asserted",
        polarity="affirmed",
    ),
    Rule(
        r"(?:^|\ba |\ban )(?:a |an |the )?{T:subject} (?:involves|means|uses) " + _REST,
        modality="asserted",
        polarity="affirmed",
    ),
    Rule(r"^it involves " + _REST, fallback={"subject": "T"}, modality="asserted", polarity="affirmed"),
    Rule(r"^during {T:subject},? " + _REST, modality="asserted", polarity="affirmed"),
    Rule(
        r"^(?:this|it) is (?P<definiens>‹C\d+›)(?=[.]?$)",
        fallback={"subject": "C"},
        modality="asserted",
        polarity="affirmed",
    ),
    Rule(
        r"^(?:a |an |the )?{C:subject} (?:is|are) (?P<definiens>(?:a |an )?(?:breast )?(?:cancer|‹C\d+›|type)[^;]{8,}?)(?=[.]?$)",
        modality="asserted",
        polarity="affirmed",
    ),
    Rule(
        r"^(?:a |an |the )?{C:subject},? (?:also called (?:{K:definingStage}|…),) is (?P<definiens>‹C\d+›[^;]{8,}?)(?=[.]?$)",
        modality="asserted",
        polarity="affirmed",
    ),
    Rule(
        r"^{S:subject} (?:therapy|treatment) is (?P<definiens>treatment given …‹S\d+›)",
        modality="asserted",
        polarity="affirmed",
    ),
    Rule(
        r"^(?:a |an |the )?{C:subject} (?:is|means) (?P<definiens>‹C\d+›)(?=[.]?$)",
        modality="asserted",
        polarity="affirmed",
    ),
    Rule(
        r"^it can also mean (?P<definiens>[^;]{8,}?)(?=[.]?$)",
        fallback={"subject": "C"},
        modality="possible",
        polarity="affirmed",
    ),
    Rule(
        r"^(?:a |an |the )?{C:subject} (?:when|if) (?P<definiens>(?:its|the|your) (?:tumou?r )?(?:cells|‹G\d+›) [^;]{8,}?)(?=[.]?$)",
        modality="asserted",
        polarity="affirmed",
    ),
    Rule(
        r"^(?:a |an |the )?{C:subject} has (?P<definiens>(?:grown|spread) [^;]{8,}?)(?=[.]?$)",
        modality="asserted",
        polarity="affirmed",
    ),
    Rule(
        r"^in an? {T:subject}, (?P<definiens>(?:the |a |an |your )?(?:surgeon|doctor|machine|‹G\d+›) [^;]{8,}?)(?=[.]?$)",
        modality="asserted",
        polarity="affirmed",
    ),
    Rule(
        r"^(?:this|it) is (?:called )?{S:subject} (?:therapy|treatment)(?=[.]?$)",
        previous=True,
        modality="asserted",
        polarity="affirmed",
    ),
    Rule(r"^(?:these|those|they) are called {C:subject}", previous=True),
    Rule(r"^(?:this|it) is called (?:a |an |the )?{T:subject}", previous=True),
    Rule(r"(?P<definiens>‹S\d+›[^()]*) \({T:subject}\)", modality="asserted", polarity="affirmed", led=True),
)
