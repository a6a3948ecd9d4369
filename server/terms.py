"""The ontology's pages: the list of classes and properties, and one page for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyoxigraph
from flask import render_template
from pyoxigraph import RdfFormat

from server import ask, linked, urls
from server.entities import blueprint
from server.facts import Ref, ref
from server.ontology import Ontology, OntologyTerm

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

N_TRIPLES: Final = "application/n-triples"
USES_OF_CLASS: Final = (
    "SELECT ?thing ?label WHERE {\n  ?thing a <%s> .\n  OPTIONAL { ?thing rdfs:label ?label }\n}"
)
USES_OF_PROPERTY: Final = "SELECT ?subject ?object WHERE {\n  ?subject <%s> ?object\n}"


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
    """Every class and property with its definition, and how many things each class has."""
    groups: dict[str, list[OntologyTerm]] = {}
    for term in _ontology().terms():
        groups.setdefault(term.type, []).append(term)
    return render_template("ontology.html", groups=groups, counts=ask.counts("class_counts", "class"))


@blueprint.get("/page/ontology/<name>")
def term_page(name: str) -> str:
    """A class or property: definition, axioms in words, how much it is used, and its first instances."""
    iri = ask.node(f"ontology/{name}")
    term = _ontology().term(iri.value)
    if term is None:
        raise ask.missing(iri.value)
    instances: list[Ref] = []
    if term.type == "class":
        used = ask.counts("class_counts", "class").get(iri.value, 0)
        instances = [ref(row["thing"], row.get("label")) for row in ask.rows("instances_of", kind=iri)]
    else:
        used = ask.counts("property_count", "property", property=iri).get(iri.value, 0)
    return render_template(
        "term.html", term=term, used=used, instances=instances, cut=used > len(instances), query=_uses(term)
    )


def _uses(term: OntologyTerm) -> str:
    """The query that lists what the page only counts, for the query page."""
    if term.type == "class":
        return USES_OF_CLASS % term.iri
    return USES_OF_PROPERTY % term.iri


def _ontology() -> Ontology:
    answer = ask.store().query(ask.query("ontology_terms"), solutions=None, triples=N_TRIPLES)
    return Ontology(pyoxigraph.parse(answer.body, format=RdfFormat.N_TRIPLES))
