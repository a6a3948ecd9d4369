"""Statements as sentences: a query's rows become `Fact`s, which a template writes as chips with evidence."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from graph.model import STATEMENT_KINDS
from graph.vocab import HER
from server import urls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rdflib import URIRef

    Row = Mapping[str, object]
    Quoter = Callable[[str, int, int], str | None]

EVIDENCE: Final = re.compile(r".*/id/evidence/[0-9a-f]+-(?P<start>\d+)-(?P<end>\d+)")
RDF_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

VERBS: Final[dict[str, tuple[str, str, str]]] = {
    "Indication": ("is used for", "is not used for", "may be used for"),
    "Approval": ("is approved for", "is not approved for", "may be approved for"),
    "Requirement": ("requires", "does not require", "may require"),
    "Mechanism": ("acts on", "does not act on", "may act on"),
    "Classification": ("is a kind of", "is not a kind of", "may be a kind of"),
    "Naming": ("is also called", "is not called", "may be called"),
    "Definition": ("is defined as", "is not defined as", "may be defined as"),
    "Combination": ("is combined with", "is not combined with", "may be combined with"),
    "Sequence": ("is followed by", "is not followed by", "may be followed by"),
    "Intent": ("aims at", "does not aim at", "may aim at"),
    "Effect": ("has the effect", "does not have the effect", "may have the effect"),
    "Route": ("is given by", "is not given by", "may be given by"),
    "DecisionFactor": ("depends on", "does not depend on", "may depend on"),
    "Support": ("offers", "does not offer", "may offer"),
    "Question": ("asks about", "does not ask about", "may ask about"),
}
"""How each kind of statement reads: plainly affirmed, negated, and where the source says `may`."""

ACTIONS: Final[dict[str, tuple[str, str, str]]] = {
    verb: (f"{base}s", f"does not {base}", f"may {base}")
    for verb, base in {
        "inhibits": "inhibit",
        "blocks": "block",
        "degrades": "degrade",
        "binds": "bind",
        "stimulates": "stimulate",
        "lowers": "lower",
    }.items()
}
"""The verbs of a mechanism, by the last part of its action's IRI."""

NAMED: Final[dict[str, str]] = {"brand": "is sold as", "abbreviation": "is abbreviated as"}
"""How a name is given, by the last part of its type's IRI."""

KIND_TITLES: Final[dict[str, str]] = {
    "Indication": "Used for",
    "Approval": "Approvals",
    "Requirement": "Requirements",
    "Mechanism": "How it acts",
    "Classification": "Kinds and classes",
    "Naming": "Names",
    "Definition": "Definitions",
    "Combination": "Combinations",
    "Sequence": "What follows what",
    "Intent": "Aims",
    "Effect": "Effects",
    "Route": "Routes",
    "DecisionFactor": "What decisions depend on",
    "Support": "Support",
    "Question": "Questions to ask",
}

QUALIFIER_WORDS: Final[dict[str, str]] = {
    str(HER.quantifier): "for",
    str(HER.partner): "together with",
    str(HER.regimen): "as regimen",
    str(HER.forCondition): "in",
    str(HER.stage): "at stage",
    str(HER.setting): "setting",
    str(HER.line): "line",
    str(HER.circumstance): "when",
    str(HER.trigger): "upon",
    str(HER.intent): "in order to",
    str(HER.consequence): "consequence",
    str(HER.frequency): "frequency",
    str(HER.beneficiary): "for",
    str(HER.exclusive): "only these",
    str(HER.agency): "by",
    str(HER.date): "dated",
    str(HER.approvalStatus): "status",
    str(HER.definingStatus): "with status",
    str(HER.definingStage): "with stage",
    str(HER.definingExtent): "with extent",
}
"""A statement's qualifiers in the order they are read, and the words before each."""

HEDGES: Final[dict[str, str]] = {
    "possible": "possible",
    "conditional": "conditional",
    "investigational": "under investigation",
    "withdrawn": "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Ref:
    """A thing or a value as it is shown; `iri` is None for a value, which `literal` has as in N-Triples."""

    label: str
    iri: str | None = None
    literal: str | None = field(default=None, compare=False)

    @property
    def kind(self) -> str | None:
        """The kind of thing, as in `id/<kind>/…`."""
        return urls.kind_of(self.iri) if self.iri else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of a document; `quote` is None where this instance does not hold the text."""

    iri: str
    document: str
    title: str
    start: int
    end: int
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement, ready to be read: subject, verb, object, qualifiers, and the evidence it rests on."""

    iri: str
    kind: str
    subject: Ref | None
    verb: str
    object: Ref | None
    qualifiers: tuple[tuple[str, tuple[Ref, ...]], ...] = ()
    definiens: tuple[Evidence, ...] = ()
    polarity: str = "affirmed"
    modality: str = "asserted"
    confidence: float = 1.0
    evidence: tuple[Evidence, ...] = field(default=())

    @property
    def id(self) -> str:
        """The statement's digest, the last part of its IRI."""
        return self.iri.rpartition("/")[2]

    @property
    def hedge(self) -> str | None:
        """How sure the source was, in words; None for a plain assertion."""
        return None if self.modality == "asserted" else HEDGES.get(self.modality, self.modality)

    @property
    def negated(self) -> bool:
        """Whether the source denies the claim."""
        return self.polarity == "negated"

    @property
    def order(self) -> tuple[int, str, str, bool, str]:
        """Where the fact stands in a list: by kind, then as it reads."""
        place = STATEMENT_KINDS.index(self.kind) if self.kind in STATEMENT_KINDS else len(STATEMENT_KINDS)
        first = self.subject.label.casefold() if self.subject else ""
        second = self.object.label.casefold() if self.object else ""
        return place, first, second, self.negated, self.iri


def label_of(iri: str) -> str:
    """A readable name for a node without a label: the place of evidence, else the last part of its IRI."""
    if (place := EVIDENCE.fullmatch(iri)) is not None:
        return f"characters {place['start']}–{place['end']}"
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2].replace("-", " ") or iri


def ref(node: object, label: object = None) -> Ref:
    """A node of a row as it is shown, by its label where the row has one."""
    if isinstance(node, NamedNode):
        return Ref(label.value if isinstance(label, Literal) else label_of(node.value), node.value)
    if isinstance(node, Literal):
        return Ref(node.value, literal=str(node))
    return Ref(str(node))


def facts(rows: Iterable[Row], quote: Quoter) -> list[Fact]:
    """The statements of rows with `statement`, `p`, `o`, `label`; with `document`, `start`… for evidence.

    `quote` gives the text of a span of a document, or None where it is not at hand.
    """
    grouped: dict[str, dict[str, dict[object, Row]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        grouped[_iri(row["statement"])][_iri(row["p"])].setdefault(row["o"], row)
    return sorted((_fact(iri, slots, quote) for iri, slots in grouped.items()), key=lambda fact: fact.order)


def by_kind(found: Iterable[Fact]) -> dict[str, list[Fact]]:
    """Facts in the order of the kinds of statements, kinds without any left out."""
    groups: dict[str, list[Fact]] = {}
    for fact in sorted(found, key=lambda fact: fact.order):
        groups.setdefault(fact.kind, []).append(fact)
    return groups


def _fact(iri: str, slots: Mapping[str, Mapping[object, Row]], quote: Quoter) -> Fact:
    def spans(slot: URIRef) -> tuple[Evidence, ...]:
        return _evidence(slots.get(str(slot), {}).values(), quote)

    def refs(slot: str) -> tuple[Ref, ...]:
        found = (ref(row["o"], row.get("label")) for row in slots.get(str(slot), {}).values())
        return tuple(sorted(found, key=lambda value: value.label.casefold()))

    def value(slot: str, default: str) -> str:
        found = refs(slot)
        return _last(found[0]) if found else default

    types = [_last(kind) for kind in refs(RDF_TYPE)]
    kind = next((name for name in STATEMENT_KINDS if name in types), "Statement")
    polarity, modality = value(HER.polarity, "affirmed"), value(HER.modality, "asserted")
    objects = refs(HER.object) or refs(HER.name)
    subjects = refs(HER.subject)
    return Fact(
        iri=iri,
        kind=kind,
        subject=subjects[0] if subjects else None,
        verb=_verb(kind, polarity, modality, value(HER.action, ""), value(HER.nameType, "")),
        object=objects[0] if objects else None,
        qualifiers=tuple((words, found) for slot, words in QUALIFIER_WORDS.items() if (found := refs(slot))),
        definiens=spans(HER.definiens),
        polarity=polarity,
        modality=modality,
        confidence=float(value(HER.confidence, "1")),
        evidence=spans(HER.hasEvidence),
    )


def _verb(kind: str, polarity: str, modality: str, action: str, name_type: str) -> str:
    plain, negated, hedged = ACTIONS.get(action) or VERBS.get(kind, ("says of", "denies of", "may say of"))
    if polarity == "negated":
        return negated
    if modality == "possible":
        return hedged
    return NAMED.get(name_type, plain)


def _evidence(rows: Iterable[Row], quote: Quoter) -> tuple[Evidence, ...]:
    found = []
    for row in rows:
        source, start, end = row.get("document"), row.get("start"), row.get("end")
        if (
            not isinstance(source, NamedNode)
            or not isinstance(start, Literal)
            or not isinstance(end, Literal)
        ):
            continue
        digest, first, last = source.value.rpartition("/")[2], int(start.value), int(end.value)
        title = ref(source, row.get("title")).label
        found.append(Evidence(_iri(row["o"]), digest, title, first, last, quote(digest, first, last)))
    return tuple(sorted(found, key=lambda evidence: (evidence.document, evidence.start, evidence.end)))


def _iri(node: object) -> str:
    if not isinstance(node, NamedNode):
        raise TypeError(node)
    return node.value


def _last(term: Ref) -> str:
    return term.iri.rpartition("/")[2] if term.iri else term.label
