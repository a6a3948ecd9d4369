"""What extraction found in a document, as the triples of that document's named graph.

Nothing here depends on the clock, the machine or the order of the input: the same document, lexicon and
software give the same triples. No sentence of a document enters them: a text is its offsets and digest.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple
from rdflib import DCTERMS, OWL, PROV, RDF, RDFS, XSD

from graph import vocab
from graph.build.labels import statement_label
from graph.errors import BuildError
from graph.vocab import HER, KINDS, OA, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.extract import Extraction
    from graph.model import Document, Evidence, Statement, Term

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

METADATA_PROPERTIES: Final[dict[str, NamedNode]] = {
    "title": NamedNode(DCTERMS.title),
    "publisher": NamedNode(DCTERMS.publisher),
    "rights": NamedNode(DCTERMS.rights),
    "rightsHolder": NamedNode(DCTERMS.rightsHolder),
    "author": NamedNode(DCTERMS.creator),
    "issued": NamedNode(DCTERMS.issued),
    "modified": NamedNode(DCTERMS.modified),
    "reviewer": NamedNode(SCHEMA.reviewedBy),
    "reviewed": NamedNode(SCHEMA.lastReviewed),
    "source": NamedNode(SCHEMA.citation),
}
"""What a document says of itself → its property."""

_DATE_SHAPES: Final = (
    (re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"), NamedNode(XSD.date)),
    (re.compile(r"\d{4}-(?:0[1-9]|1[0-2])"), NamedNode(XSD.gYearMonth)),
    (re.compile(r"\d{4}"), NamedNode(XSD.gYear)),
)
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


def date_literal(text: str) -> Literal:
    """A date as precise as it was said: `2023`, `2023-01` or `2023-01-27`; a ValueError for anything else."""
    for shape, datatype in _DATE_SHAPES:
        if shape.fullmatch(text):
            return Literal(text, datatype=datatype)
    raise ValueError(f"{text!r} is not a year, a month or a day")


def _document(extraction: Extraction, *, sample: bool) -> Iterator[Triple]:
    document = extraction.document
    node = NamedNode(vocab.document_iri(document.id))
    titles = [text for name, text in extraction.metadata if name == "title"]
    yield Triple(node, _TYPE, _INDIVIDUAL)
    yield Triple(node, _TYPE, NamedNode(HER.Document))
    yield Triple(node, _LABEL, Literal(titles[0] if titles else document.name, language=_LANGUAGE))
    yield Triple(node, NamedNode(HER.sha256), Literal(document.sha256))
    yield Triple(node, NamedNode(HER.length), Literal(str(len(document.text)), datatype=_COUNT))
    if sample:
        yield Triple(node, NamedNode(HER.isSample), _TRUE)
    for name, text in extraction.metadata:
        if name not in METADATA_PROPERTIES:
            raise BuildError(f"no property is known for the metadata {name!r}", where=document.name)
        yield Triple(node, METADATA_PROPERTIES[name], _metadata_value(name, text))
    for mention in extraction.mentions:
        yield Triple(node, NamedNode(SCHEMA.mentions), NamedNode(mention.iri))


def _metadata_value(name: str, text: str) -> Literal:
    if name == "title":
        return Literal(text, language=_LANGUAGE)
    if name in {"issued", "modified", "reviewed"}:
        try:
            return date_literal(text)
        except ValueError:
            return Literal(text)
    return Literal(text)


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
        yield from _selector(node, gap.document, gap.span.start, gap.span.end)


def _selector(node: NamedNode, document: str, start: int, end: int) -> Iterator[Triple]:
    yield Triple(node, _TYPE, _INDIVIDUAL)
    yield Triple(node, NamedNode(OA.hasSource), NamedNode(vocab.document_iri(document)))
    yield Triple(node, NamedNode(OA.start), Literal(str(start), datatype=_COUNT))
    yield Triple(node, NamedNode(OA.end), Literal(str(end), datatype=_COUNT))


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
        yield Triple(node, NamedNode(HER.definiens), _evidence_node(statement.evidence[-1]))

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
        quoted = document.text[evidence.start : evidence.end]
        yield Triple(node, NamedNode(HER.hasEvidence), _evidence_node(evidence))
        yield from _evidence(evidence, quoted)


def _evidence_node(evidence: Evidence) -> NamedNode:
    return NamedNode(vocab.evidence_iri(evidence.document, evidence.start, evidence.end))


def _evidence(evidence: Evidence, quoted: str) -> Iterator[Triple]:
    node = _evidence_node(evidence)
    yield Triple(node, _TYPE, NamedNode(HER.Evidence))
    yield Triple(node, NamedNode(HER.sha256), Literal(hashlib.sha256(quoted.encode()).hexdigest()))
    yield from _selector(node, evidence.document, evidence.start, evidence.end)


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
