"""Naming: brand names, synonyms and abbreviations (those in brackets are found with the phrases)."""

from graph.extract.rules.pattern import Rule

RULES = (
    Rule(
        r"{T~:subject},? (?:is|are) (?:also |sometimes )?(?:called|known as) (?P<name>‹T\d+›|[^‹›.,;]{3,60}?)(?=[.,;]| by )",
        given={"nameType": "name-type/synonym"},
    ),
    Rule(
        r"{T:subject},? also (?:called|known as) (?P<name>‹T\d+›|[^‹›.,;]{3,60}?)(?=[.,;]| by )",
        given={"nameType": "name-type/synonym"},
    ),
    Rule(
        r"{C:subject},? (?:also )?(?:called|known as) (?P<name>‹[CK]\d+›|[^‹›.,;]{3,60}?)(?=[,;]| by )",
        given={"nameType": "name-type/synonym"},
    ),
)
