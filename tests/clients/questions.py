"""What every client asks, and what must come of it."""

from __future__ import annotations

from typing import Final

from graph.files import BASE

TEXTS: Final = BASE + "graph/document/3333333333333333"
VALUES: Final = BASE + "graph/document/4444444444444444"
VOCABULARY: Final = BASE + "graph/vocabulary"
DRUG: Final = BASE + "ontology/Drug"
ELACESTRANT: Final = BASE + "id/drug/elacestrant"
PALBOCICLIB: Final = BASE + "id/drug/palbociclib"
IRI: Final = "https://example.org/a%20b?c=d&e=f#g"

PREFIXES: Final = f"""
PREFIX her2kg: <{BASE}ontology/>
PREFIX drug: <{BASE}id/drug/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX term: <https://example.org/term/>
"""
DRUGS: Final = PREFIXES + "SELECT ?drug ?label { ?drug a her2kg:Drug ; rdfs:label ?label } ORDER BY ?label"
YES: Final = PREFIXES + "ASK { drug:palbociclib a her2kg:Drug }"
NO: Final = PREFIXES + "ASK { drug:palbociclib a her2kg:Target }"
CONSTRUCT: Final = (
    PREFIXES + "CONSTRUCT { ?drug rdfs:label ?label } WHERE { ?drug a her2kg:Drug ; rdfs:label ?label }"
)
DESCRIBE: Final = PREFIXES + "DESCRIBE drug:palbociclib"
TERMS: Final = (
    PREFIXES + f"SELECT ?s ?o {{ VALUES ?g {{ <{TEXTS}> <{VALUES}> }} GRAPH ?g {{ ?s rdfs:label ?o }} }}"
)
SEE_ALSO: Final = PREFIXES + "SELECT ?o { term:iri rdfs:seeAlso ?o }"
GRAPHS: Final = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
EVERYTHING: Final = "SELECT ?s { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?o }"
SEARCH: Final = PREFIXES + 'SELECT ?thing { ?thing her2kg:search "elacestrant" . ?thing a her2kg:Drug }'
SCORED: Final = (
    PREFIXES
    + 'SELECT ?thing ?score { (?thing ?score) her2kg:search ("elacestrant" 10) . ?thing a her2kg:Drug }'
)
DIGITS: Final = " ".join(f"VALUES ?v{place} {{ 0 1 2 3 4 5 6 7 8 9 }}" for place in range(5))
LARGE: Final = f"SELECT * {{ {DIGITS} }}"
ROWS: Final = 100_000
MANY: Final = " ".join(f"<https://example.org/term/no-{number}>" for number in range(5000))
LONG: Final = PREFIXES + f"SELECT ?s ?label {{ VALUES ?s {{ {MANY} term:plain }} ?s rdfs:label ?label }}"
"""180 kB, which no address can carry."""

BROKEN: Final = "SELECT * { ?s ?p"
BROKEN_WORDS: Final = "The query cannot be understood; reading it stopped at its end."
ENDLESS: Final = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o FILTER(?a != ?z) }"
)
ENDLESS_WORDS: Final = "The query was stopped after 5 seconds; there is no partial result."


def endless(client: str) -> str:
    """A query without end; each client has its own, so that none finds another's refused."""
    return f"{ENDLESS} # {client}"
