"""Why a triple holds, ready to be shown: the proof in words, with the evidence of its statements."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS

from graph.build.origins import Origins
from graph.errors import NotFound, UsageError
from graph.lookup import Lookup, curie, text
from graph.manchester import Manchester, Piece
from graph.model import Evidence
from graph.reason.proof import ASSERTED, ONTOLOGY, RULES, Proof, prove
from graph.reason.proof_axioms import Axioms
from graph.reason.proof_known import Fact, Published, facts, published_axioms, sources
from graph.reason.proof_rules import BackwardRules
from graph.reason.proof_supposed import ANY
from graph.store import select
from graph.vocab import HER, OA, PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graph.lookup import Node
    from graph.manchester import Pieces
    from graph.reason.proof_known import Known
    from graph.store import Store

REASONER: Final = "reasoner"
"""The rule of what only the reasoner as a whole can find."""

SHOWN: Final = 8
"""How many known values an error names."""

_TYPE: Final = ox.NamedNode(RDF.type)
_WIDER: Final = ox.NamedNode(RDFS.subClassOf)
_LABEL: Final = ox.NamedNode(RDFS.label)
_EVIDENCE: Final = ox.NamedNode(HER.hasEvidence)
_SOURCE: Final = ox.NamedNode(OA.hasSource)
_START: Final = ox.NamedNode(OA.start)
_END: Final = ox.NamedNode(OA.end)
_CURIE: Final = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):([^\s<>\"{}|\\^`]*)")
_IRI: Final = re.compile(r"<?(https?://[^\s<>\"{}|\\^`]+)>?")
_LITERAL: Final = re.compile(
    r'(?P<text>"(?:[^"\\]|\\.)*")(?:@(?P<language>[A-Za-z0-9-]+)|\^\^(?P<datatype>\S+))?', re.DOTALL
)
_ESCAPES: Final = json.JSONDecoder(strict=False)
"""JSON's quoted strings have the escapes that N-Triples writes."""


@dataclass(frozen=True, slots=True)
class Said:
    """A statement that says what a rule made a triple of, and where it was read."""

    iri: str
    label: str
    evidence: tuple[Evidence, ...]

    def record(self) -> dict[str, Any]:
        """The form that JSON has."""
        return {"iri": self.iri, "label": self.label, "evidence": [e.record() for e in self.evidence]}


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of an explanation: what holds, by which rule, and the lines it rests on.

    A line without premises is stated by the named `graphs`, or said by the `statements`.
    """

    triple: Fact
    pieces: Pieces
    rule: str
    words: str
    graphs: tuple[str, ...]
    statements: tuple[Said, ...]
    premises: tuple[Reason, ...]

    @property
    def text(self) -> str:
        """What holds, as one line."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def is_axiom(self) -> bool:
        """Whether the ontology states it."""
        return ONTOLOGY in self.graphs

    def record(self) -> dict[str, Any]:
        """The form that JSON has."""
        facts: dict[str, Any] = {
            "text": self.text,
            "triple": [str(term) for term in self.triple],
            "rule": self.rule,
            "words": self.words,
            "graphs": list(self.graphs),
            "statements": [said.record() for said in self.statements],
            "premises": [premise.record() for premise in self.premises],
        }
        return {name: value for name, value in facts.items() if value != []}


class Explainer:
    """Explains triples of a store; the axioms are read once for each version that is published."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rules: tuple[str, BackwardRules] | None = None
        self._origins = Origins(lambda query, bindings: select(store, query, **bindings))

    def explain(self, triple: Fact) -> Reason:
        """Why the triple holds; NotFound, with what is known instead, when the data do not have it."""
        known, rules = Published(self._store), self._current()
        proof = prove(triple, rules, known, self._origins)
        if proof is None and not sources(known, triple):
            raise _unknown(triple, known)
        proof = proof or _by_reasoner(triple, rules)
        return _Writer(proof, known, rules).reason(proof)

    def _current(self) -> BackwardRules:
        version = self._store.manifest().version
        if self._rules is None or self._rules[0] != version:
            self._rules = (version, BackwardRules(Axioms(published_axioms(self._store))))
        return self._rules[1]


def triple(subject: str, predicate: str, value: str) -> Fact:
    """The triple that three arguments name, each a full IRI or a CURIE; `a` is rdf:type.

    The last one may be a literal in double quotes, with `@en` or `^^xsd:date` after it. UsageError otherwise.
    """
    prop = _TYPE if predicate == "a" else _name(predicate, "the predicate")
    found = _LITERAL.fullmatch(value.strip())
    if not found:
        return Fact(_name(subject, "the subject"), prop, _name(value, "the object"))
    datatype = _name(found["datatype"], "the datatype") if found["datatype"] else None
    try:
        literal = ox.Literal(_ESCAPES.decode(found["text"]), datatype=datatype, language=found["language"])
    except ValueError as error:
        raise UsageError(f"The object cannot be read: {error}.", where=value[:120]) from None
    return Fact(_name(subject, "the subject"), prop, literal)


def _name(argument: str, role: str) -> ox.NamedNode:
    argument = argument.strip()
    try:
        if found := _IRI.fullmatch(argument):
            return ox.NamedNode(found[1])
        found = _CURIE.fullmatch(argument)
        if found and (namespace := PREFIXES.get(found[1].replace("-", "_"))) is not None:
            return ox.NamedNode(namespace + found[2])
    except ValueError:
        found = None
    if found:
        raise UsageError(
            f"{role.capitalize()} has a prefix that is not known here: {found[1]}.",
            where=argument[:120],
            mend=f"Write the IRI in full, or use one of {', '.join(sorted(PREFIXES))}.",
        )
    raise UsageError(
        f"{role.capitalize()} is neither an IRI nor a name with a prefix.",
        where=argument[:120] or "(empty)",
        mend='Write it as drug:palbociclib or https://…, a literal as "text"@en.',
    )


def _by_reasoner(triple: Fact, rules: BackwardRules) -> Proof:
    """What is to be said of a triple that no chain of single rules gives: the axioms about its class."""
    about = rules.axioms.axioms_of(triple.object if triple.predicate == _TYPE else triple.predicate)
    return Proof(
        triple,
        REASONER,
        "the reasoner (HermiT) found this from all axioms together; those about it are",
        premises=tuple(Proof(axiom, ASSERTED, RULES[ASSERTED], graphs=(ONTOLOGY,)) for axiom in about),
    )


def _unknown(triple: Fact, known: Known) -> NotFound:
    def label(node: Node) -> str:
        return _label(node, known) if isinstance(node, ox.NamedNode) else str(node)

    told = _told(triple, {term.value: label(term) for term in triple if isinstance(term, ox.NamedNode)})
    about = known.about(triple.subject)
    values = sorted(map(label, about.get(triple.predicate, {})))
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    if not about:
        mend = f"Nothing at all is known of {label(triple.subject)}: look its name up by a search."
    elif not values:
        mend = f"Of {label(triple.subject)}, nothing is known with “{label(triple.predicate)}”."
    else:
        mend = f"Known are: {'; '.join(values[:SHOWN])}{more}."
    return NotFound(
        f"“{told}” is neither stated nor does it follow.", where=" ".join(map(_short, triple)), mend=mend
    )


def _short(node: Node) -> str:
    return curie(node.value) if isinstance(node, ox.NamedNode) else str(node)


def _told(triple: Fact, labels: Mapping[str, str]) -> str:
    return "".join(piece.text for piece in _fact(triple, Manchester(Lookup([], labels))))


def _fact(triple: Fact, manchester: Manchester, supposed: str = "") -> Pieces:
    """A fact as a sentence: `palbociclib inhibits CDK4`, `any PARP inhibitor is a drug`."""
    value = manchester.expression(triple.object)
    if triple.subject == ANY:
        subject: Pieces = (Piece(f"any {supposed}", "mark"),)
    else:
        subject = manchester.expression(triple.subject)
    if triple.predicate == _TYPE:
        return (*subject, Piece(" is a ", "keyword"), *value)
    link = manchester.expression(triple.predicate)
    return (*subject, Piece(" ", "mark"), *link, Piece(" ", "mark"), *value)


def _label(node: ox.NamedNode, known: Known) -> str:
    return text(known.about(node).get(_LABEL, ())) or curie(node.value)


class _Writer:
    """Puts a proof into words, by the labels of all that stands in it."""

    def __init__(self, proof: Proof, known: Known, rules: BackwardRules) -> None:
        self._known = known
        subject = proof.conclusion.subject
        self._supposed = _label(subject, known) if isinstance(subject, ox.NamedNode) else ""
        triples = {node.conclusion for node in proof.nodes()}
        inner = set(rules.axioms.inside(triples))
        told = {*triples, *facts(inner)}
        names = {term for fact in told for term in fact if isinstance(term, ox.NamedNode)}
        labels = {node.value: _label(node, known) for node in names if not _is_syntax(node)}
        self._manchester = Manchester(Lookup(inner, labels))

    def reason(self, proof: Proof) -> Reason:
        """A proof and those it rests on, in words."""
        t = proof.conclusion
        axiom = proof.graphs == (ONTOLOGY,)
        pieces = (
            self._manchester.axiom(t.subject, t.predicate.value, t.object)
            if axiom or t.predicate == _WIDER
            else _fact(t, self._manchester, self._supposed)
        )
        return Reason(
            t,
            pieces,
            proof.rule,
            proof.words,
            proof.graphs,
            tuple(self._said(statement) for statement in proof.statements),
            tuple(map(self.reason, proof.premises)),
        )

    def _said(self, statement: ox.NamedNode) -> Said:
        evidence = self._known.about(statement).get(_EVIDENCE, {})
        spans = sorted(filter(None, map(self._span, evidence)))
        return Said(statement.value, _label(statement, self._known), tuple(spans))

    def _span(self, evidence: Node) -> Evidence | None:
        about = self._known.about(evidence)
        source, start, end = (next(iter(about.get(p, ())), None) for p in (_SOURCE, _START, _END))
        if source is None or start is None or end is None:
            return None
        return Evidence(source.value.rpartition("/")[2], int(start.value), int(end.value))


def _is_syntax(node: ox.NamedNode) -> bool:
    return node.value.startswith((str(OWL), str(RDF), str(RDFS)))


def lines(reason: Reason) -> Iterator[Reason]:
    """A reason and all those under it."""
    yield reason
    for premise in reason.premises:
        yield from lines(premise)


def statements(reasons: Iterable[Reason]) -> list[str]:
    """The IRIs of the statements that reasons rest on, each once."""
    return list(dict.fromkeys(said.iri for reason in reasons for said in reason.statements))
