"""Indication: which therapy suits which condition, in which setting and circumstance."""

from graph.extract.rules.pattern import Rule

_SUITS = (
    r"(?:is|are|be|was|were)?(?:n't| not)? ?(?:also |often |usually |typically |sometimes )*"
    r"(?:a |an |the |one )?(?:potential |possible |main |common |usual |standard |good )?"
    r"(?:‹S\d+›|suitable|recommended|used|given|offered|added|effective|option|choice|treatment|treatment option|treatment of choice)"
)
_FOR = (
    r"(?: too)?(?: ‹[SL]\d+›)?,? (?:for|in|of|against|to treat|for treating|for use in|in treating|"
    r"for the treatment of|in the treatment of|for people with|for women with|for patients with|"
    r"in people with|for those with|for someone with)(?: (?:certain|some|many|most))? "
)
_PEOPLE = r"(?:women|people|patients|men|persons|those|someone)"
_GET = (
    r"(?:get|gets|receive|receives|have|has|take|takes|undergo|undergoes|need|needs|be given|be offered|try)"
)

RULES = (
    Rule(r"\btreatments? for {C:object},? {may}include {T:subject}", gather="SL", quantified=True),
    Rule(
        r"\btreatment options? for {C:object},? {may}include {T:subject}",
        gather="SL",
        quantified=True,
        modality="possible",
    ),
    Rule(r"\btreatment {may}(?:involves?|includes?) {T:subject}", gather="SL", quantified=True, general=True),
    Rule(
        r"\byou have (?:many |several )?options for treating {C~:object}",
        given={"subject": "treatment/cancer-treatment"},
        modality="possible",
    ),
    Rule(
        r"\bthere are (?:many|several|other) treatments (?:that )?(?:you can try|to try|to choose from)",
        given={"subject": "treatment/cancer-treatment"},
        modality="possible",
        quantified=True,
        general=True,
    ),
    Rule(
        r"(?<!\bwith )(?<!\bwith an )(?<!\bwith a ){T~:subject} {may}" + _SUITS + _FOR + r"{C:object}",
        gather="SLUA",
        quantified=True,
    ),
    Rule(r"{T~:subject} {may}treats? {C:object}", gather="SLUA"),
    Rule(
        r"{C:object},? (?:(?:is|are) )?{may}(?:treated|treatable) with {T:subject}",
        gather="SLU",
        quantified=True,
    ),
    Rule(
        r"{C:object} {may}be (?:suitable|eligible) for (?:treatment with )?{T:subject}",
        gather="SLU",
        quantified=True,
    ),
    Rule(
        r"\b(?:doctors?|clinicians?|oncologists?|your care team) {may}(?:recommend|suggest|offer|use|give|prescribe) "
        r"{T~:subject}…(?: (?:for|in|to treat)) {C:object}",
        gather="SLUA",
        quantified=True,
    ),
    Rule(
        r"\b(?:doctors?|clinicians?|oncologists?|your care team) {may}(?:recommend|suggest|offer|use|give|prescribe) "
        r"{T:subject}(?= ‹[SLU]|…if ‹U| (?:to|and) ‹A\d+›…if)",
        gather="SLUA",
        quantified=True,
    ),
    Rule(
        r"\b(?:(?:most|some|many|all) )?"
        + _PEOPLE
        + r"(?: who have| with) {C:object} {may}"
        + _GET
        + r" {T:subject}",
        gather="SLU",
        quantified=True,
    ),
    Rule(
        r"\b(?:some|many|most) " + _PEOPLE + r" ‹U\d+› " + _GET + r" {T:subject} first\b",
        given={"line": "line/first-line"},
        gather="U",
        quantified=True,
        general=True,
    ),
    Rule(
        r"\b(?:some|many|most) " + _PEOPLE + r" ‹U\d+› " + _GET + r" {T:subject}",
        gather="SLU",
        quantified=True,
        general=True,
    ),
    Rule(r"{T:subject} {may}(?:be )?suitable(?=[.]?$)", gather="SLU", quantified=True, general=True),
    Rule(r"\beveryone with {C:object} {may}" + _GET + r" {T~:subject}", quantified=True),
    Rule(r"\byou {may}" + _GET + r" {T:subject} for {C:object}", gather="SLUA"),
    Rule(r"\byou {may}" + _GET + r" {T:subject} ‹[SLU]\d+›", gather="SLUA"),
    Rule(
        r"{T~:subject} {may}(?:be |is |are )?(?:suitable|used|given|recommended|an option|offered),? ‹[SLU]\d+›",
        gather="SLUA",
    ),
    Rule(r"^…‹S\d+›", fallback={"subject": "T"}, gather="SLUA", orphan=True),
    Rule(r"‹T\d+› that may be used for {C:object},? (?:including|such as) (?:the )?{T:subject}"),
    Rule(
        r"\btypes of …‹T\d+› for {C:object} (?:a |an |the )?{T:subject} (?:involves|is|means)",
        modality="asserted",
    ),
    Rule(r"\btypes? of ‹T\d+› for {C:object} (?:is|are) {T:subject}"),
    Rule(r"\btypes? of {T:subject} for {C:object}", modality="asserted"),
    Rule(
        r"{T:subject} that (?:is |are |(?:may|might|can|could) be )?used (?:for|to treat) {C:object}",
        quantified=True,
    ),
    Rule(
        r"{T~:subject} {may}be suitable (?:for use )?(?:along|together) with {T:with}",
        gather="A",
        quantified=True,
        general=True,
    ),
    Rule(
        r"\bif ‹U\d+›,? ……(?:treatments?|options?)…(?:can|may|might)? ?include (?:the )?{T:subject}",
        gather="U",
        general=True,
    ),
    Rule(
        r"\bif ‹U\d+›,?(?: or if …‹U\d+›,?)? (?:an? |the )?{T:subject} {may}" + _SUITS + r"\b",
        gather="UA",
        general=True,
    ),
    Rule(
        r"\bfor {C:object},? (?:these|the following|several|many) (?:drugs|treatments|options|therapies) "
        r"(?:are|may be) (?:available|used|offered|options) (?:the )?{T:subject}",
        modality="possible",
    ),
    Rule(
        r"\b(?:offered|used|available|given|options?) (?:the )?{T:subject}(?: (?:(?:together|along|in combination) )?with {T:with})?,? for {C:object}"
    ),
    Rule(
        r"\bif (?:the |your )?(?:cancer is |tumou?r is )?{C:object},? the (?:usual |main |standard )?first treatment is (?:a |an )?{T:subject}"
        r"(?: (?:together|in combination|along) with {T:with})?",
        given={"line": "line/first-line"},
        modality="conditional",
    ),
    Rule(
        r"\bif (?:you have |your (?:cancer|tumou?r) is )?{C~:object},? {T:subject} {may}" + _SUITS,
        modality="conditional",
    ),
    Rule(r"\b(?:no|there's no|there is no) {T:subject} …(?:treats?|cures?) {C~:object}", modality="asserted"),
    Rule(r"\bno {T:subject} {C~:object}", modality="asserted"),
    Rule(
        r"{T~:subject},? (?:won't|don't|do not|does not|doesn't|cannot|can't|will not) (?:work|help)(?: well)? (?:for|against|in|on) {C~:object}"
    ),
    Rule(r"\b(?:against|for|in|on) {C~:object},? and neither (?:do|does) {T:subject}", modality="asserted"),
    Rule(
        r"{T:subject} …(?:is|are) not an? (?:usual |common )?(?:‹[ST]\d+›|treatment|option|choice) for {C:object}",
        modality="asserted",
    ),
    Rule(
        r"{T~:subject} (?:(?:is|are) |{may}be )?(?:not |never )?(?:used|given|recommended|an option|suitable) "
        r"if (?:there is |your cancer is |you have )?{C:object}",
        gather="SL",
    ),
    Rule(
        r"{T:subject} (?:is|are) (?:an? )?‹T\d+› used (?:in combination|together|along)? ?with (?:the )?{T:with} ……\bin (?P<q>certain )?{C:object}",
        quantified=True,
    ),
    Rule(
        r"{T:subject}(?: (?:given|used|taken))? (?:in combination|together|along) with {T:with} (?:is|are|can be|may be) …(?:for|in) {C:object}",
        gather="SLU",
    ),
    Rule(
        r"\bfor {C:object},? {T:subject} (?:is|are|may be|can be) …(?:option|used|recommended|given|choice)",
        gather="SLU",
        quantified=True,
    ),
)
