"""What a statement is called: generated from its kind and its terms' labels, never from the sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from graph.model import Modality, Statement


class Phrases(NamedTuple):
    """How a kind of statement is put when affirmed, when only possible, and when negated."""

    affirmed: str
    possible: str
    negated: str


PHRASES: Final[dict[str, Phrases]] = {
    "Indication": Phrases("suits", "may suit", "does not suit"),
    "Approval": Phrases("approved for", "perhaps approved for", "not approved for"),
    "Requirement": Phrases("requires", "may require", "does not require"),
    "Mechanism": Phrases("acts on", "may act on", "does not act on"),
    "Classification": Phrases("kind of", "possibly kind of", "not kind of"),
    "Naming": Phrases("also called", "sometimes called", "not called"),
    "Definition": Phrases("what it means", "what it may mean", "what it does not mean"),
    "Combination": Phrases("given with", "may be given with", "not given with"),
    "Sequence": Phrases("followed by", "may be followed by", "not followed by"),
    "Intent": Phrases("meant to", "may be meant to", "not meant to"),
    "Effect": Phrases("has the effect", "may have the effect", "does not have the effect"),
    "Route": Phrases("given via", "may be given via", "not given via"),
    "DecisionFactor": Phrases("depends on", "may depend on", "does not depend on"),
    "Support": Phrases("offers", "may offer", "does not offer"),
    "Question": Phrases("asks about", "may ask about", "does not ask about"),
}

REMARKS: Final[dict[Modality, str]] = {
    "conditional": "under a condition",
    "investigational": "under investigation",
    "withdrawn": "withdrawn",
}
"""What stands behind a statement whose modality the phrase itself does not show."""

UNSAID: Final[dict[str, str]] = {"exclusive": "only"}
"""Qualifiers whose name says it, not their value."""


def statement_label(statement: Statement) -> str:
    """E.g. `elacestrant: approved for ER-positive breast cancer (2023-01, FDA)`.

    The object of a Definition is left out, since its label is the quoted text.
    """
    phrases = PHRASES[statement.kind]
    if statement.polarity == "negated":
        phrase = phrases.negated
    else:
        phrase = phrases.possible if statement.modality == "possible" else phrases.affirmed
    parts = [f"{statement.subject.label}: {phrase}"]
    if statement.kind != "Definition" and statement.object.label:
        parts.append(statement.object.label)
    details = [UNSAID.get(name, term.label) for name, term in statement.qualifiers]
    if remark := REMARKS.get(statement.modality):
        details.append(remark)
    if details:
        parts.append(f"({', '.join(details)})")
    return " ".join(parts)
