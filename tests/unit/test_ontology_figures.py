"""The figures in `docs/ontology.md` are those of the files; `--golden-update` writes them anew."""

from __future__ import annotations

import csv
import io
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse
from rdflib import OWL, RDF, RDFS

from graph import files
from graph.build.sources import load_sources
from graph.model import STATEMENT_KINDS
from graph.vocab import HER, KINDS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "ontology.md"
BEGIN, END = "<!-- figures: written by tests/unit/test_ontology_figures.py -->\n", "<!-- end of figures -->\n"
TYPE = NamedNode(RDF.type)
TERM_TYPES = {
    "classes": OWL.Class,
    "object properties": OWL.ObjectProperty,
    "datatype properties": OWL.DatatypeProperty,
    "annotation properties": OWL.AnnotationProperty,
}
ONE_AXIOM_A_TRIPLE = {
    NamedNode(predicate)
    for predicate in (
        RDFS.subClassOf, RDFS.domain, RDFS.range, OWL.equivalentClass, OWL.disjointWith, OWL.inverseOf,
        OWL.propertyChainAxiom,
    )
}  # fmt: skip
ONE_AXIOM_A_TYPE = {
    NamedNode(type_)
    for type_ in (
        OWL.AllDisjointClasses, OWL.AllDifferent, OWL.FunctionalProperty, OWL.InverseFunctionalProperty,
        OWL.TransitiveProperty, OWL.SymmetricProperty, OWL.AsymmetricProperty, OWL.IrreflexiveProperty,
    )
}  # fmt: skip


@cache
def ontology() -> list[Triple]:
    return load_sources()["ontology"]


@cache
def vocabulary() -> list[Triple]:
    return load_sources()["vocabulary"]


def typed(triples: list[Triple], type_: str) -> set[str]:
    """The IRIs of ours that have a type."""
    return {
        t.subject.value
        for t in triples
        if t.predicate == TYPE
        and t.object == NamedNode(type_)
        and isinstance(t.subject, NamedNode)
        and t.subject.value.startswith(files.BASE)
    }


def logical_axioms(triples: list[Triple]) -> int:
    """The logical axioms of OWL 2, counted on their RDF form; declarations and annotations are none."""
    properties = {
        t.subject
        for t in ontology()
        if t.object in {NamedNode(OWL.ObjectProperty), NamedNode(OWL.DatatypeProperty)}
    }
    classes = {t.subject for t in ontology() if t.object == NamedNode(OWL.Class)}
    return sum(
        triple.predicate in ONE_AXIOM_A_TRIPLE
        or (triple.predicate == TYPE and triple.object in ONE_AXIOM_A_TYPE)
        or (triple.predicate == NamedNode(RDFS.subPropertyOf) and triple.subject in properties)
        or (triple.predicate == TYPE and triple.object in classes)
        or triple.predicate in properties
        for triple in triples
    )


def defined_classes() -> set[str]:
    """Classes into which the reasoner files things: by an equivalent expression or a sufficient condition."""
    return {
        t.subject.value
        for t in ontology()
        if t.predicate == NamedNode(OWL.equivalentClass) and isinstance(t.subject, NamedNode)
    } | {
        t.object.value
        for t in ontology()
        if t.predicate == NamedNode(RDFS.subClassOf)
        and isinstance(t.subject, BlankNode)
        and isinstance(t.object, NamedNode)
    }


def terms() -> Counter[str]:
    counts = Counter({name: len(typed(ontology(), type_)) for name, type_ in TERM_TYPES.items()})
    counts["classes with sufficient conditions (defined)"] = len(defined_classes())
    counts["logical axioms of the ontology"] = logical_axioms(ontology())
    counts["logical axioms with the vocabulary"] = logical_axioms([*ontology(), *vocabulary()])
    return counts


def checks() -> Counter[str]:
    """The checks, by whose rule each covers."""
    queries = [
        files.text("ontology", "checks", file.name)
        for file in files.listing("ontology", "checks", suffix=".rq")
    ]
    return Counter(query.partition("#+ covers: ")[2].split()[0] for query in queries)


def individuals() -> Counter[str]:
    counts = Counter({kind: len(typed(vocabulary(), class_)) for kind, class_ in KINDS.items()})
    return +counts


def statements() -> Counter[str]:
    """Statements by kind in the released data, each once however many documents make it."""
    data = [q.triple for q in parse(files.text("graph.data", "her2kg.trig"), format=RdfFormat.TRIG)]
    counts = Counter({kind: len(typed(data, HER[kind])) for kind in STATEMENT_KINDS})
    return +counts


def mappings(*, by: str) -> Counter[str]:
    """Mappings by the vocabulary they lead to (`object_id`) or by their relation (`predicate_id`)."""
    text = files.text("ontology", "mappings.sssom.tsv")
    table = io.StringIO("".join(line for line in text.splitlines(keepends=True) if line[0] != "#"))
    cells = [row[by] for row in csv.DictReader(table, delimiter="\t")]
    return Counter(cell.partition(":")[0] if by == "object_id" else cell for cell in cells)


def section() -> str:
    """The figures as they stand on the page."""
    tables = {
        "the ontology": (terms(), False),
        "checks, by whose rule they cover": (checks(), True),
        "individuals of the vocabulary": (individuals(), True),
        "statements of the released data": (statements(), True),
        "mappings, by what they lead to": (mappings(by="object_id"), True),
        "mappings, by relation": (mappings(by="predicate_id"), True),
    }
    parts = []
    for title, (counts, summed) in tables.items():
        rows = [*counts.items(), *([("**all**", counts.total())] if summed else [])]
        parts.append(f"\n| {title} | |\n|---|--:|\n" + "".join(f"| {name} | {n} |\n" for name, n in rows))
    return "".join(parts) + "\n"


def test_the_page_has_the_figures_of_the_files(request: pytest.FixtureRequest) -> None:
    """What the page says of the ontology is so."""
    head, rest = PAGE.read_text("utf-8").split(BEGIN)
    written, tail = rest.split(END)
    if request.config.getoption("--golden-update"):
        PAGE.write_text(head + BEGIN + section() + END + tail, "utf-8")
        return
    assert written == section(), (
        "run pytest tests/unit/test_ontology_figures.py --golden-update, and read it over"
    )


def test_every_figure_counts_something() -> None:
    """A count of nothing would be a fault of this file: a property renamed, a file moved."""
    tables = [
        terms(),
        checks(),
        individuals(),
        statements(),
        mappings(by="object_id"),
        mappings(by="predicate_id"),
    ]
    for counts in tables:
        assert len(counts) > 2
        assert min(counts.values()) > 0
