"""What extraction found in a document, as the triples of that document's named graph.

Nothing here depends on the clock, the machine or the order of the input: the same document, lexicon and
software give the same triples. No sentence of a document enters them: a text is its offsets and digest.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple
from rdflib import OWL, PROV, RDF, RDFS, XSD

from graph import vocab
from graph.build.bibliography import credit_triples, source_triples
from graph.build.labels import statement_label
from graph.build.spans import date_literal, evidence_node, evidence_triples, selector
from graph.errors import BuildError
from graph.vocab import HER, KINDS, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.extract import Extraction
    from graph.model import Document, Statement, Term

SOFTWARE: Final = version("her2kg")
"""The version of this software, as runs and manifests name it."""

QUALIFIER_PROPERTIES: Final[dict[str, NamedNode]] = {
    "setting": NamedNode(HER.setting),
    "stage": NamedNode(HER.stage),
    "line": NamedNode(HER.line),
    "circumstance": NamedNode(HER.circumstance),
    "intent": NamedNode(HER.intent),
    "quantifier": NamedNode(HER.quantifier),
    "condition": NamedNode(HER.forCondition),
    "with": NamedNode(HER.partner),
    "agency": NamedNode(HER.agency),
    "status": NamedNode(HER.approvalStatus),
    "date": NamedNode(HER.date),
    "exclusive": NamedNode(HER.exclusive),
    "action": NamedNode(HER.action),
    "consequence": NamedNode(HER.consequence),
    "nameType": NamedNode(HER.nameType),
    "regimen": NamedNode(HER.regimen),
    "trigger": NamedNode(HER.trigger),
    "frequency": NamedNode(HER.frequency),
    "beneficiary": NamedNode(HER.beneficiary),
    "definingStatus": NamedNode(HER.definingStatus),
    "definingStage": NamedNode(HER.definingStage),
    "definingExtent": NamedNode(HER.definingExtent),
}
"""A qualifier's name in the JSON lines → its property."""

_OBJECT_OPTIONAL: Final = frozenset({"Naming", "Definition", "Question"})
_LANGUAGE: Final = "en"

_TYPE: Final = NamedNode(RDF.type)
_LABEL: Final = NamedNode(RDFS.label)
_INDIVIDUAL: Final = NamedNode(OWL.NamedIndividual)
_COUNT: Final = NamedNode(XSD.nonNegativeInteger)
_TRUE: Final = Literal(True)


def document_triples(extraction: Extraction, *, lexicon: str, sample: bool = False) -> list[Triple]:
    """The triples of `graph/document/<id>`, sorted, each once.

    `lexicon` is the digest of the lexicon the extraction used; `sample` marks a document of this project.
    Raises BuildError when a record cannot be said in RDF: a statement without evidence, or with evidence
    outside its document.
    """
    run = run_of(extraction.document, lexicon)
    made: set[Triple] = set()
    made.update(_document(extraction, sample=sample))
    made.update(credit_triples(extraction))
    made.update(source_triples(extraction))
    made.update(_run(extraction.document, run))
    made.update(_minted(extraction))
    made.update(_gaps(extraction))
    for statement in merged(extraction.statements):
        made.update(_statement(statement, extraction.document, run))
    return sorted(made, key=str)


def run_of(document: Document, lexicon: str) -> NamedNode:
    """The node of the run: the same software, lexicon and document are the same run."""
    key = "\n".join((SOFTWARE, lexicon, document.sha256))
    return NamedNode(vocab.run_iri(hashlib.sha256(key.encode()).hexdigest()[:16]))


def merged(statements: Iterable[Statement]) -> list[Statement]:
    """Each claim once, with all its evidence and the highest confidence, in the order they came."""
    claims: dict[str, Statement] = {}
    for statement in statements:
        known = claims.setdefault(statement.digest, statement)
        if known is not statement:
            claims[statement.digest] = replace(
                known,
                confidence=max(known.confidence, statement.confidence),
                evidence=tuple(dict.fromkeys((*known.evidence, *statement.evidence))),
            )
    return list(claims.values())


def _document(extraction: Extraction, *, sample: bool) -> Iterator[Triple]:
    document = extraction.document
    node = NamedNode(vocab.document_iri(document.id))
    titles = [credit.value.label for credit in extraction.credits if credit.name == "title"]
    yield Triple(node, _TYPE, _INDIVIDUAL)
    yield Triple(node, _TYPE, NamedNode(HER.Document))
    yield Triple(node, _LABEL, Literal(titles[0] if titles else document.name, language=_LANGUAGE))
    yield Triple(node, NamedNode(HER.sha256), Literal(document.sha256))
    yield Triple(node, NamedNode(HER.length), Literal(str(len(document.text)), datatype=_COUNT))
    if sample:
        yield Triple(node, NamedNode(HER.isSample), _TRUE)
    for mention in extraction.mentions:
        if not mention.cited:
            yield Triple(node, NamedNode(SCHEMA.mentions), NamedNode(mention.iri))


def _run(document: Document, run: NamedNode) -> Iterator[Triple]:
    software = NamedNode(vocab.software_iri(SOFTWARE))
    yield Triple(run, _TYPE, _INDIVIDUAL)
    yield Triple(run, _TYPE, NamedNode(PROV.Activity))
    yield Triple(run, _LABEL, Literal(f"her2kg {SOFTWARE} reads document {document.id}", language=_LANGUAGE))
    yield Triple(run, NamedNode(PROV.used), NamedNode(vocab.document_iri(document.id)))
    yield Triple(run, NamedNode(PROV.wasAssociatedWith), software)
    yield Triple(software, _TYPE, _INDIVIDUAL)
    yield Triple(software, _TYPE, NamedNode(PROV.SoftwareAgent))
    yield Triple(software, _LABEL, Literal(f"her2kg {SOFTWARE}", language=_LANGUAGE))


def _minted(extraction: Extraction) -> Iterator[Triple]:
    for thing in extraction.minted:
        node = NamedNode(thing.iri)
        yield Triple(node, _TYPE, _INDIVIDUAL)
        yield Triple(node, _TYPE, NamedNode(KINDS[thing.kind]))
        yield Triple(node, _LABEL, Literal(thing.label, language=_LANGUAGE))
        for name, value in thing.triples:
            yield Triple(node, NamedNode(HER[name]), NamedNode(value))


def _gaps(extraction: Extraction) -> Iterator[Triple]:
    for gap in extraction.gaps:
        node = NamedNode(vocab.gap_iri(gap.document, gap.span.start, gap.span.end))
        yield Triple(NamedNode(vocab.document_iri(gap.document)), NamedNode(HER.hasGap), node)
        yield Triple(node, _TYPE, NamedNode(HER[gap.kind]))
        yield from selector(node, gap.document, gap.span.start, gap.span.end)


def _statement(statement: Statement, document: Document, run: NamedNode) -> Iterator[Triple]:
    label = statement_label(statement)

    def wrong(what: str) -> BuildError:
        return BuildError(
            f"the statement “{label}” {what}.", where=document.name, mend="This is a fault of a rule."
        )

    def node_of(term: Term, slot: str) -> NamedNode:
        if term.iri is None:
            raise wrong(f"has no IRI as its {slot}")
        return NamedNode(term.iri)

    if not statement.evidence:
        raise wrong("has no evidence")
    node = NamedNode(vocab.statement_iri(statement.digest))
    yield Triple(node, _TYPE, _INDIVIDUAL)
    yield Triple(node, _TYPE, NamedNode(HER[statement.kind]))
    yield Triple(node, _LABEL, Literal(label, language=_LANGUAGE))
    yield Triple(node, NamedNode(HER.subject), node_of(statement.subject, "subject"))
    yield Triple(node, NamedNode(HER.polarity), NamedNode(vocab.thing("polarity", statement.polarity)))
    yield Triple(node, NamedNode(HER.modality), NamedNode(vocab.thing("modality", statement.modality)))
    yield Triple(node, NamedNode(HER.confidence), _decimal(statement.confidence))
    yield Triple(node, NamedNode(PROV.wasGeneratedBy), run)

    if statement.object.iri is not None or statement.kind not in _OBJECT_OPTIONAL:
        yield Triple(node, NamedNode(HER.object), node_of(statement.object, "object"))
    elif statement.kind == "Naming":
        yield Triple(node, NamedNode(HER.name), Literal(statement.object.label))
    elif statement.kind == "Definition":
        # By convention the defining span is the last piece of evidence.
        yield Triple(node, NamedNode(HER.definiens), evidence_node(statement.evidence[-1]))

    for name, term in statement.qualifiers:
        property_ = QUALIFIER_PROPERTIES[name]
        if name == "date":
            try:
                yield Triple(node, property_, date_literal(term.label))
            except ValueError as error:
                raise wrong(f"has a date that is none: {error}") from None
        elif name == "exclusive":
            yield Triple(node, property_, _TRUE)
        else:
            yield Triple(node, property_, node_of(term, name))

    for evidence in statement.evidence:
        if evidence.document != document.id or not 0 <= evidence.start < evidence.end <= len(document.text):
            raise wrong(f"has evidence outside its document ({evidence.start}–{evidence.end})")
        yield Triple(node, NamedNode(HER.hasEvidence), evidence_node(evidence))
        yield from evidence_triples(evidence, document)


def _decimal(number: float) -> Literal:
    text = format(Decimal(repr(number)), "f")
    return Literal(text if "." in text else f"{text}.0", datatype=NamedNode(XSD.decimal))


def settle_confidence(documents: dict[str, list[Triple]]) -> dict[str, list[Triple]]:
    """The document graphs, with one confidence for a statement wherever it stands: the highest.

    The same claim in two documents is one node, and it is as sure as its most direct evidence.
    """
    confidence = NamedNode(HER.confidence)
    values: defaultdict[object, set[Literal]] = defaultdict(set)
    for triples in documents.values():
        for triple in triples:
            if triple.predicate == confidence and isinstance(triple.object, Literal):
                values[triple.subject].add(triple.object)
    highest = {
        node: max(found, key=lambda v: Decimal(v.value)) for node, found in values.items() if len(found) > 1
    }
    if not highest:
        return documents

    def settled(triple: Triple) -> Triple:
        if triple.predicate == confidence and triple.subject in highest:
            return Triple(triple.subject, confidence, highest[triple.subject])
        return triple

    return {name: sorted(map(settled, triples), key=str) for name, triples in documents.items()}
