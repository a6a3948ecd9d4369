"""Every IRI the code names, once: terms of the ontology (a typo is an error), graphs, kinds of things."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import quote

from rdflib import Namespace, URIRef
from rdflib.namespace import DefinedNamespace

from graph.files import BASE


class HER(DefinedNamespace):
    """Terms of `ontology/her2kg.ttl` that the code names; a test holds the two against each other."""

    _fail = True
    _NS = Namespace(BASE + "ontology/")

    # classes of things
    Thing: URIRef
    Drug: URIRef
    DrugClass: URIRef
    Treatment: URIRef
    Regimen: URIRef
    Therapy: URIRef
    Biomarker: URIRef
    BiomarkerStatus: URIRef
    Target: URIRef
    Condition: URIRef
    Stage: URIRef
    Extent: URIRef
    Setting: URIRef
    Line: URIRef
    Circumstance: URIRef
    Aim: URIRef
    EffectKind: URIRef
    RouteKind: URIRef
    Factor: URIRef
    Decision: URIRef
    Agency: URIRef
    Organization: URIRef
    Service: URIRef
    Topic: URIRef
    # fixed values
    Polarity: URIRef
    Modality: URIRef
    Action: URIRef
    NameType: URIRef
    ApprovalStatus: URIRef
    Quantifier: URIRef
    Frequency: URIRef
    # statements
    Statement: URIRef
    Indication: URIRef
    Approval: URIRef
    Requirement: URIRef
    Mechanism: URIRef
    Classification: URIRef
    Naming: URIRef
    Definition: URIRef
    Combination: URIRef
    Sequence: URIRef
    Intent: URIRef
    Effect: URIRef
    Route: URIRef
    DecisionFactor: URIRef
    Support: URIRef
    Question: URIRef
    # where statements come from
    Document: URIRef
    Source: URIRef
    Evidence: URIRef
    Gap: URIRef
    Unread: URIRef
    MissingContent: URIRef
    # a statement's slots
    subject: URIRef
    object: URIRef
    name: URIRef
    definiens: URIRef
    polarity: URIRef
    modality: URIRef
    confidence: URIRef
    hasEvidence: URIRef
    hasGap: URIRef
    setting: URIRef
    stage: URIRef
    line: URIRef
    circumstance: URIRef
    intent: URIRef
    quantifier: URIRef
    forCondition: URIRef
    partner: URIRef
    agency: URIRef
    approvalStatus: URIRef
    date: URIRef
    exclusive: URIRef
    action: URIRef
    consequence: URIRef
    nameType: URIRef
    regimen: URIRef
    trigger: URIRef
    frequency: URIRef
    beneficiary: URIRef
    definingStatus: URIRef
    definingStage: URIRef
    definingExtent: URIRef
    # what holds of things
    hasStatus: URIRef
    hasStage: URIRef
    hasExtent: URIRef
    statusOf: URIRef
    oppositeOf: URIRef
    narrowerExtentThan: URIRef
    kindOf: URIRef
    memberOf: URIRef
    hasPart: URIRef
    affectsTarget: URIRef
    inhibits: URIRef
    blocks: URIRef
    degrades: URIRef
    binds: URIRef
    stimulates: URIRef
    lowers: URIRef
    treats: URIRef
    mayTreat: URIRef
    approvedFor: URIRef
    requires: URIRef
    combinedWith: URIRef
    hasAim: URIRef
    hasEffect: URIRef
    hasRoute: URIRef
    dependsOn: URIRef
    offers: URIRef
    # names and figures
    brandName: URIRef
    abbreviation: URIRef
    sha256: URIRef
    length: URIRef
    isSample: URIRef
    # what documents say of themselves and of their sources
    accessed: URIRef
    citedAt: URIRef
    creditedAt: URIRef
    revised: URIRef
    establishedIn: URIRef


KINDS: Final[dict[str, URIRef]] = {
    "drug": HER.Drug,
    "drug-class": HER.DrugClass,
    "treatment": HER.Treatment,
    "regimen": HER.Regimen,
    "biomarker": HER.Biomarker,
    "biomarker-status": HER.BiomarkerStatus,
    "target": HER.Target,
    "condition": HER.Condition,
    "stage": HER.Stage,
    "extent": HER.Extent,
    "setting": HER.Setting,
    "line": HER.Line,
    "circumstance": HER.Circumstance,
    "aim": HER.Aim,
    "effect": HER.EffectKind,
    "route": HER.RouteKind,
    "factor": HER.Factor,
    "decision": HER.Decision,
    "agency": HER.Agency,
    "organization": HER.Organization,
    "service": HER.Service,
    "topic": HER.Topic,
    "source": HER.Source,
    "polarity": HER.Polarity,
    "modality": HER.Modality,
    "action": HER.Action,
    "name-type": HER.NameType,
    "approval-status": HER.ApprovalStatus,
    "quantifier": HER.Quantifier,
    "frequency": HER.Frequency,
}
"""The kinds of things, as they stand in `id/<kind>/<slug>`, and their classes."""

GRAPH_NAMES: Final = ("ontology", "vocabulary", "inferred", "mappings", "shapes", "meta")
NAMED_ONLY: Final = frozenset({"shapes", "meta"})
"""Graphs that the endpoint's default graph leaves out."""

DATASET: Final = URIRef(BASE + "dataset")
"""All that the endpoint's default graph has, as a dataset."""

VOID_DOCUMENT: Final = URIRef(BASE + ".well-known/void")
EXAMPLES_DOCUMENT: Final = URIRef(BASE + ".well-known/sparql-examples")
ENDPOINT: Final = URIRef(BASE + "sparql")
"""Where the dataset can be asked; an instance gives its own address in its place."""

OA = Namespace("http://www.w3.org/ns/oa#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID_EXT = Namespace("http://ldf.fi/void-ext#")
SCHEMA = Namespace("https://schema.org/")

PREFIXES: Final[dict[str, str]] = {
    "her2kg": BASE + "ontology/",
    **{kind.replace("-", "_"): f"{BASE}id/{kind}/" for kind in KINDS},
    "document": BASE + "id/document/",
    "evidence": BASE + "id/evidence/",
    "statement": BASE + "id/statement/",
    "gap": BASE + "id/gap/",
    "run": BASE + "id/run/",
    "software": BASE + "id/software/",
    "graph": BASE + "graph/",
    "dcterms": "http://purl.org/dc/terms/",
    "oa": str(OA),
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": str(SCHEMA),
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefix → namespace, for serialising and for queries that declare none (`-` in a kind becomes `_`)."""


def thing(kind: str, slug: str) -> URIRef:
    """The IRI of a thing of one of `KINDS` (a KeyError otherwise)."""
    if kind not in KINDS:
        raise KeyError(kind)
    return URIRef(f"{BASE}id/{kind}/{slug}")


def document_iri(document: str) -> URIRef:
    """The IRI of a document, by the first 16 hex digits of its sha256."""
    return URIRef(f"{BASE}id/document/{document}")


def evidence_iri(document: str, start: int, end: int) -> URIRef:
    """The IRI of a span of a document (half-open, in characters of the raw file)."""
    return URIRef(f"{BASE}id/evidence/{document}-{start}-{end}")


def statement_iri(digest: str) -> URIRef:
    """The IRI of a statement, by the digest `graph.model.Statement` gives it."""
    return URIRef(f"{BASE}id/statement/{digest}")


def gap_iri(document: str, start: int, end: int) -> URIRef:
    """The IRI of a gap: a span of a document that gave no statement (half-open, in characters)."""
    return URIRef(f"{BASE}id/gap/{document}-{start}-{end}")


def run_iri(digest: str) -> URIRef:
    """The IRI of a run of the extractor over one document, by the digest `graph.build.rdf` gives it."""
    return URIRef(f"{BASE}id/run/{digest}")


def software_iri(version: str) -> URIRef:
    """The IRI of a version of this software, as the agent of a run."""
    return URIRef(f"{BASE}id/software/her2kg-{version}")


def graph_iri(name: str) -> URIRef:
    """The IRI of a named graph, e.g. `vocabulary` or `document/4669439527995f60`."""
    return URIRef(f"{BASE}graph/{name}")


def part_iri(*parts: str) -> URIRef:
    """The IRI of a part of the dataset's description, e.g. `class`, `her2kg:Drug`, `rdfs:label`."""
    return URIRef(f"{VOID_DOCUMENT}#{quote('--'.join(parts), safe='/:')}")


def example_iri(name: str) -> URIRef:
    """The IRI of an example query, by the name of its file."""
    return URIRef(f"{EXAMPLES_DOCUMENT}#{quote(name)}")


def slug(label: str) -> str:
    """A label as the last part of an IRI: ASCII lower case, words joined by hyphens."""
    ascii_label = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_label).strip("-")
