"""`/sparql`: the SPARQL 1.1 Protocol for programs, the query page for people."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, render_template, request, url_for

from graph.errors import Her2kgError, UsageError
from graph.files import BASE, listing, rebase
from graph.store import SOLUTIONS, TRIPLES, Answer
from server import ask
from server.errors import problem
from server.protocol import Question, read
from server.results import view

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from graph.store import Store

blueprint = Blueprint("sparql", __name__)

CORS: Final = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Retry-After"}
PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
CHANGING: Final = re.compile(r"\b(NOW|RAND|UUID|STRUUID|BNODE)\b", re.IGNORECASE)
"""Functions whose answer differs each time: a query that may use one has no validator."""

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
W3C_FORMATS: Final = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "jsonld": "JSON-LD",
    "rdfxml": "RDF_XML",
    "trig": "TriG",
    "nquads": "N-Quads",
}
"""Our formats under their names in http://www.w3.org/ns/formats/."""


class Example(NamedTuple):
    """A query that users are shown: a file of `server/examples`."""

    name: str
    summary: str
    query: str


@blueprint.route("/sparql", methods=["GET", "POST"], provide_automatic_options=False)
def endpoint() -> ResponseReturnValue:
    """Answer a query; without one, the query page or the description of the service."""
    question = read(request)
    store = ask.store()
    if question.html:
        return page(store, question)
    if question.query is None:
        if request.method == "POST":
            raise UsageError("There is no query.", mend="Send it as the parameter “query”.")
        return description(store, question.triples or TRIPLES["turtle"])
    validator = etag(store.manifest().version, question)
    if validator and request.method in {"GET", "HEAD"} and request.if_none_match.contains_weak(validator):
        response = Response(status=304)
    else:
        answer = asked(store, question, question.query)
        validator = etag(answer.version, question)
        response = Response(answer.body, content_type=content_type(answer.media_type))
    if validator:
        response.set_etag(validator, weak=True)
    response.headers["Cache-Control"] = "no-cache" if validator else "no-store"
    response.vary.add("Accept")
    return response


@blueprint.route("/sparql", methods=["OPTIONS"])
def preflight() -> ResponseReturnValue:
    """Let scripts of any site ask: everything here is public."""
    return Response(status=204, headers={"Allow": PREFLIGHT["Access-Control-Allow-Methods"], **PREFLIGHT})


@blueprint.after_request
def open_to_all(response: Response) -> Response:
    """Answers and errors may be read by scripts of any site."""
    response.headers.update(CORS)
    return response


def asked(store: Store, question: Question, query: str) -> Answer:
    """The store's answer to a question."""
    return store.query(
        query,
        solutions=question.solutions,
        triples=question.triples,
        default_graphs=question.default_graphs,
        named_graphs=question.named_graphs,
    )


def page(store: Store, question: Question) -> Response:
    """The query page: the query, its result or what is wrong with it, and the examples."""
    shown, error, form = None, None, "select"
    if question.query is not None:
        try:
            answer = asked(store, question, question.query)
            shown, form = view(store, answer), answer.form
        except Her2kgError as failed:
            error = problem(failed)
    html = render_template(
        "sparql.html",
        query=question.query or "",
        view=shown,
        error=error,
        downloads={name: _download(question, name) for name in (TRIPLES if form == "graph" else SOLUTIONS)},
        examples=examples(),
        graphs=question.default_graphs,
        named=question.named_graphs,
    )
    response = make_response(html, error["status"] if error else 200)
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Accept")
    return response


def description(store: Store, media_type: str) -> Response:
    """The service description: what this endpoint speaks, and the graphs it has."""
    here = ox.NamedNode(request.base_url)
    dataset, default = ox.BlankNode("dataset"), ox.BlankNode("default")
    triples = [
        _triple(here, "type", _sd("Service")),
        _triple(here, "endpoint", here),
        _triple(here, "supportedLanguage", _sd("SPARQL11Query")),
        *(
            _triple(here, "resultFormat", ox.NamedNode("http://www.w3.org/ns/formats/" + name))
            for name in W3C_FORMATS.values()
        ),
        _triple(here, "defaultDataset", dataset),
        _triple(dataset, "type", _sd("Dataset")),
        _triple(dataset, "defaultGraph", default),
        _triple(default, "type", _sd("Graph")),
    ]
    for number, name in enumerate(store.manifest().graphs):
        node = ox.BlankNode(f"g{number}")
        triples += [
            _triple(dataset, "namedGraph", node),
            _triple(node, "type", _sd("NamedGraph")),
            _triple(node, "name", ox.NamedNode(f"{BASE}graph/{name}")),
        ]
    prefixes = {"sd": SD, "formats": "http://www.w3.org/ns/formats/", "graph": BASE + "graph/"}
    body = ox.serialize(triples, format=ox.RdfFormat.from_media_type(media_type), prefixes=prefixes)
    response = Response(body, content_type=content_type(media_type))
    response.vary.add("Accept")
    return response


def etag(version: str, question: Question) -> str | None:
    """The validator of an answer: it changes with the data, the query, its graphs and the formats."""
    if question.query is None or CHANGING.search(question.query):
        return None
    return hashlib.sha256(f"{version}\0{question!r}".encode()).hexdigest()[:32]


def content_type(media_type: str) -> str:
    """A media type as the header has it: text says its charset."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


@cache
def examples() -> tuple[Example, ...]:
    """The queries of `server/examples`, with the summary of each from its first line."""
    found = []
    for file in listing("server", "examples", suffix=".rq"):
        query = rebase(file.read_text("utf-8"))
        summary = re.search(r"^#\+ summary:\s*(.+)$", query, re.MULTILINE)
        found.append(
            Example(file.name.removesuffix(".rq"), summary[1].strip() if summary else file.name, query)
        )
    return tuple(found)


def _download(question: Question, name: str) -> str:
    given = [("query", question.query or ""), ("format", name)]
    given += [("default-graph-uri", iri) for iri in question.default_graphs]
    given += [("named-graph-uri", iri) for iri in question.named_graphs]
    return f"{url_for('sparql.endpoint')}?{urlencode(given)}"


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(SD + name)


def _triple(subject: ox.NamedNode | ox.BlankNode, name: str, value: ox.NamedNode | ox.BlankNode) -> ox.Triple:
    rdf_type = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    return ox.Triple(subject, ox.NamedNode(rdf_type if name == "type" else SD + name), value)
