"""Every internal address is built here: a name of ours becomes a path of this instance, others stay."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from flask import url_for

from graph.files import BASE

DATA_FORMATS: Final[dict[str, str]] = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}
"""The endings of `/data/…` addresses and the media type each stands for."""

WINDOW: Final = 20_000
"""How many characters of a text one page of a document shows."""

RESOLVER: Final = "https://bioregistry.io/"
CURIE = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,40}:[A-Za-z0-9._-]{1,80}")
EVIDENCE = re.compile(r"id/evidence/(?P<document>[0-9a-f]+)-(?P<start>\d+)-(?P<end>\d+)")
UNSAFE_IN_IRI = re.compile(r'[\x00-\x20<>"{}|\\^`]')


def is_iri_part(part: str) -> bool:
    """Whether `part` of a requested path may stand in an IRI at all."""
    return bool(part) and not UNSAFE_IN_IRI.search(part)


def kind_of(iri: str) -> str | None:
    """The `<kind>` of `id/<kind>/<slug>`, None for an IRI of another form."""
    head, _, rest = iri.removeprefix(BASE).partition("/")
    kind, _, slug = rest.partition("/")
    return kind if iri.startswith(BASE) and head == "id" and slug else None


def page(iri: str) -> str | None:
    """Where to read about `iri`: a page of this instance, a web address, or None: it must not be a link."""
    if not iri.startswith(BASE):
        return iri if iri.startswith(("https://", "http://")) else None
    name = iri[len(BASE) :]
    if span := EVIDENCE.fullmatch(name):
        return evidence(span["document"], int(span["start"]), int(span["end"]))
    head, _, rest = name.partition("/")
    kind, _, slug = rest.partition("/")
    if head == "id" and kind == "document" and slug:
        return document(slug)
    if head == "id" and kind and slug:
        return url_for("entities.page", kind=kind, slug=slug)
    if head == "ontology":
        return term(rest) if rest else ontology()
    return None


def term(name: str) -> str:
    """The page of a class or property of the ontology."""
    return url_for("entities.term_page", name=name)


def ontology() -> str:
    """The list of classes and properties."""
    return url_for("entities.ontology_page")


def ontology_data(ending: str) -> str:
    """The ontology as RDF, in one of `DATA_FORMATS`."""
    return url_for("entities.ontology_data", ending=ending)


def data(iri: str, ending: str) -> str | None:
    """The address of everything said of `iri`, in one of `DATA_FORMATS`; None for an IRI that is not ours."""
    name = iri.removeprefix(BASE)
    head, _, rest = name.partition("/")
    if not iri.startswith(BASE) or head not in {"id", "ontology"}:
        return None
    if head == "ontology":
        return ontology_data(ending)
    kind, _, slug = rest.partition("/")
    return url_for("entities.data", kind=kind, slug=slug, ending=ending)


def document(digest: str, *, part: int = 0) -> str:
    """The page of a document; `part` counts stretches of `WINDOW` characters from 0."""
    return url_for("documents.page", digest=digest, part=part or None)


def evidence(digest: str, start: int, end: int) -> str:
    """The place in a document's page where a span is marked."""
    return url_for("documents.page", digest=digest, part=start // WINDOW or None, _anchor=f"e-{start}-{end}")


def browse(kind: str, *, after: str | None = None) -> str:
    """The list of the things, or the statements, of one kind."""
    return url_for("pages.browse", kind=kind, after=after)


def search(query: str | None = None, *, kind: str | None = None, page: int | None = None) -> str:
    """The search page, with or without a query."""
    return url_for("search.search", q=query, kind=kind or None, page=page if page and page > 1 else None)


def explain(
    subject: str | None = None,
    predicate: str | None = None,
    value: str | None = None,
    form: str | None = None,
) -> str:
    """Why a triple holds; its object is an IRI, or a literal as in N-Triples."""
    return url_for("explain.explain", subject=subject, predicate=predicate, object=value, format=form)


def void(ending: str | None = None) -> str:
    """The description of the dataset, or that in one of `DATA_FORMATS`."""
    return url_for("wellknown.void", ending=ending)


def examples(ending: str | None = None, *, name: str | None = None) -> str:
    """The example queries, one of them, or all in one of `DATA_FORMATS`."""
    return url_for("wellknown.sparql_examples", ending=ending, _anchor=name)


def openapi() -> str:
    """What programs can ask, as OpenAPI."""
    return url_for("openapi.openapi")


def api() -> str:
    """The same as a page."""
    return url_for("api.page")


def sparql(query: str | None = None) -> str:
    """The query page, with a query filled in and run."""
    return "/sparql" if query is None else "/sparql?query=" + quote(query, safe="")


def plan(query: str | None = None, form: str | None = None) -> str:
    """What is known of a query before it is run."""
    return url_for("plan.plan", query=query, format=form)


def resolver(curie: str) -> str | None:
    """Where an identifier such as `drugbank:DB09073` is looked up; None for what is not plainly a CURIE."""
    return RESOLVER + curie if CURIE.fullmatch(curie) else None


def home() -> str:
    """The home page."""
    return url_for("pages.home")


def static(name: str) -> str:
    """A file of `server/static`."""
    return url_for("static", filename=name)


def entity(iri: str, *, kind: str | None = None, after: str | None = None) -> str:
    """A node's page with the statements of one kind only, after a given one."""
    _, kind_of_thing, slug = iri.removeprefix(BASE).split("/", 2)
    return url_for("entities.page", kind=kind_of_thing, slug=slug, only=kind or None, after=after or None)
