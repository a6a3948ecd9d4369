"""The ontology's pages: its header, trees and diagram, and one page for each class and property."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import pyoxigraph
from flask import current_app, render_template, request
from pyoxigraph import NamedNode, RdfFormat
from rdflib import OWL, RDFS

from graph.store import N_TRIPLES
from server import ask, linked, urls
from server.diagram import diagram
from server.entities import blueprint
from server.facts import ref
from server.ontology import Ontology, by_label
from server.ontology_term import GENERAL, TYPES, OntologyTerm

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask.typing import ResponseReturnValue
    from markupsafe import Markup
    from pyoxigraph import Triple

    from server.hierarchy import Branch

EXTENSION: Final = "ontology"
"""Where an application keeps the ontology it has read last."""

TRIES: Final = 3
"""How often the ontology is read again because another version was published meanwhile."""

QUERY_LENGTH: Final = 100
"""Characters of a search for terms that are looked at."""

CLASS_QUERIES: Final[dict[str, str]] = {
    "Things of this class": (
        "SELECT ?thing ?label WHERE {{\n  ?thing a {term} .\n  OPTIONAL {{ ?thing rdfs:label ?label }}\n}}"
    ),
    "What is said of them": (
        "SELECT ?property (COUNT(*) AS ?triples) WHERE {{\n  ?thing a {term} ; ?property ?value .\n}}\n"
        "GROUP BY ?property\nORDER BY DESC(?triples)"
    ),
    "Classes below it": "SELECT ?class WHERE {{\n  ?class rdfs:subClassOf+ {term} .\n}}",
}
PROPERTY_QUERIES: Final[dict[str, str]] = {
    "Triples with it": "SELECT ?subject ?object WHERE {{\n  ?subject {term} ?object .\n}}",
    "What has it, by class": (
        "SELECT ?class (COUNT(DISTINCT ?subject) AS ?things) WHERE {{\n"
        "  ?subject {term} ?object ; a ?class .\n}}\n"
        "GROUP BY ?class\nORDER BY DESC(?things)"
    ),
    "Its most frequent values": (
        "SELECT ?object (COUNT(*) AS ?triples) WHERE {{\n  ?subject {term} ?object .\n}}\n"
        "GROUP BY ?object\nORDER BY DESC(?triples)\nLIMIT 50"
    ),
}
"""What a reader of a term's page may ask next; `{term}` is its IRI in angle brackets."""


@dataclass(frozen=True, slots=True)
class Published:
    """The ontology of one version with its use in the data.

    `things` counts by class with what is of narrower classes, `direct` without; `uses` counts triples by
    property. `groups` are the terms by type, `trees` the same as trees; `drawing` is the core model as SVG,
    where the ontology has one.
    """

    version: str
    ontology: Ontology
    things: Mapping[str, int]
    direct: Mapping[str, int]
    uses: Mapping[str, int]
    individuals: int
    mapped: int
    groups: Mapping[str, list[OntologyTerm]]
    trees: Mapping[str, tuple[Branch, ...]]
    drawing: Markup | None


@blueprint.get("/ontology", defaults={"name": ""})
@blueprint.get("/ontology/<name>")
def identify_term(name: str) -> ResponseReturnValue:
    """303 to the page or to the ontology as RDF, as the client accepts."""
    page = urls.term(name) if name else urls.ontology()
    return linked.see_other(page=page, data=urls.ontology_data)


@blueprint.get("/data/ontology.<any(ttl, jsonld, nt, rdf):ending>")
def ontology_data(ending: str) -> ResponseReturnValue:
    """The whole ontology as RDF."""
    return linked.description("ontology", ending)


@blueprint.get("/page/ontology")
def ontology_page() -> str:
    """The ontology's header, its model drawn, and its trees; with `q`, the terms that have these words."""
    published = _published()
    ontology = published.ontology
    query = request.args.get("q", "").strip()[:QUERY_LENGTH]
    return render_template(
        "ontology.html",
        ontology=ontology,
        published=published,
        header=ontology.header(),
        query=query,
        found=ontology.search(query) if query else [],
    )


@blueprint.get("/page/ontology/<name>")
def term_page(name: str) -> str:
    """A class or property: what it means, where it stands, its axioms, and how much it is used."""
    iri = ask.node(f"ontology/{name}")
    published = _published()
    ontology = published.ontology
    term = ontology.terms.get(iri.value)
    if term is None:
        raise ask.missing(iri.value)
    hierarchy = ontology.hierarchy(term)
    rows = ask.rows("instances_of", kind=iri) if term.is_class else []
    ancestors = sorted(hierarchy.ancestors(term.iri))
    return render_template(
        "term.html",
        term=term,
        ontology=ontology,
        published=published,
        path=[ontology.terms[other] for other in hierarchy.path(term.iri)[:-1] if other in ontology.terms],
        wider=_linked(ontology, hierarchy.wider(term.iri)),
        narrower=_linked(ontology, hierarchy.narrower(term.iri)),
        is_inferred=hierarchy.is_inferred,
        general=GENERAL,
        has=_properties(ontology, [term.iri], str(RDFS.domain)),
        inherits=_properties(ontology, ancestors, str(RDFS.domain)),
        valued=_properties(ontology, [term.iri, *ancestors], str(RDFS.range)),
        mentions=ontology.mentions(term.iri),
        instances=[ref(row["thing"], row.get("label")) for row in rows],
        queries={
            title: query.format(term=iri)
            for title, query in (CLASS_QUERIES if term.is_class else PROPERTY_QUERIES).items()
        },
    )


def _linked(ontology: Ontology, iris: Iterable[str]) -> list[OntologyTerm]:
    return sorted((ontology.terms[iri] for iri in iris if iri in ontology.terms), key=by_label)


def _properties(ontology: Ontology, iris: Iterable[str], predicate: str) -> list[OntologyTerm]:
    found = {term.iri: term for iri in iris for term in ontology.properties_of(iri, predicate)}
    return sorted(found.values(), key=by_label)


def _published() -> Published:
    """The ontology of the version that is served; it is read once for each version."""
    known = current_app.extensions.get(EXTENSION)
    for _ in range(TRIES):
        version = ask.version()
        if known is not None and known.version == version:
            break
        known = _read(version)
        if ask.version() == version:
            current_app.extensions[EXTENSION] = known
    return cast("Published", known)


def _read(version: str) -> Published:
    links = ((row["class"], row["wider"]) for row in ask.rows("ontology_hierarchy"))
    ontology = Ontology(
        _triples("ontology_terms"),
        inferred=[
            (narrower.value, wider.value)
            for narrower, wider in links
            if isinstance(narrower, NamedNode) and isinstance(wider, NamedNode)
        ],
        mappings=_triples("ontology_mappings"),
    )
    groups = {kind: ontology.of_type(kind) for kind in TYPES.values()}
    return Published(
        version=version,
        ontology=ontology,
        things=ask.counts("class_counts", "class"),
        direct=ask.counts("ontology_direct_counts", "class"),
        uses=ask.counts("property_count", "property"),
        individuals=ask.counts("ontology_individuals", "class").get(str(OWL.NamedIndividual), 0),
        mapped=sum(bool(term.mappings) for term in ontology.terms.values()),
        groups=groups,
        trees={kind: _tree(ontology, terms) for kind, terms in groups.items()},
        drawing=diagram(ontology, address=urls.page),
    )


def _tree(ontology: Ontology, terms: list[OntologyTerm]) -> tuple[Branch, ...]:
    if not terms:
        return ()
    return ontology.hierarchy(terms[0]).tree(
        [term.iri for term in terms], key=lambda iri: by_label(ontology.terms[iri])
    )


def _triples(query: str) -> list[Triple]:
    answer = ask.store().query(ask.query(query), solutions=None, triples=N_TRIPLES)
    return list(pyoxigraph.parse(answer.body, format=RdfFormat.N_TRIPLES))
