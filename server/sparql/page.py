"""`/sparql` in Flask: the query page, and the protocol for a server other than `server.application`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request, url_for

from graph.errors import Her2kgError
from graph.store import SOLUTIONS, TRIPLES, Answer
from server import ask, visits
from server.described import described
from server.errors import problem
from server.negotiation import HTML, PROBLEM, choose
from server.sparql.endpoint import about_itself, finished, prepared
from server.sparql.protocol import Question, Request
from server.sparql.reply import Reply, compressed, failed, preflight
from server.sparql.results import view

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from graph.store import Store

blueprint = Blueprint("sparql", __name__)


@blueprint.route("/sparql", methods=["GET", "POST"], provide_automatic_options=False)
@blueprint.route("/release/<release>/sparql", methods=["GET", "POST"], provide_automatic_options=False)
def endpoint(release: str | None = None) -> ResponseReturnValue:
    """Answer a query; without one, the query page or the description of the service."""
    store = ask.store()
    came = Request(
        method=request.method,
        query_string=request.query_string,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(cache=False) if request.method == "POST" else b"",
        client=request.remote_addr or "",
        site=request.host_url.rstrip("/"),
        path=request.path,
        release=release,
    )
    try:
        question, reply = prepared(store, came)
        if (visit := visits.of(request.environ)) is not None:
            visit.asked(question.query)
        if question.html:
            return page(store, question)
        if reply is None and question.query is None:
            reply = about_itself(store, came, question, described(store, question.release))
        elif reply is None and question.query is not None:
            reply = finished(store, question, asked(store, question, question.query))
    except Her2kgError as error:
        if choose(came.headers.get("accept"), [PROBLEM, HTML]) == HTML:
            raise
        reply = failed(error)
    assert reply is not None  # noqa: S101 - with a query or without, it is one of these
    return response(compressed(reply, came.headers.get("accept-encoding")))


@blueprint.route("/sparql", methods=["OPTIONS"])
@blueprint.route("/release/<release>/sparql", methods=["OPTIONS"])
def options(release: str | None = None) -> ResponseReturnValue:  # noqa: ARG001 - the address has it
    """Let scripts of any site ask."""
    return response(preflight())


def response(reply: Reply) -> Response:
    """A reply as Flask sends it."""
    return Response(reply.body[:], reply.status, headers=[*reply.headers, *reply.own])


def asked(store: Store, question: Question, query: str) -> Answer:
    """The store's answer to a question."""
    answer = store.query(query, **question.options(request.remote_addr or ""))
    if (visit := visits.of(request.environ)) is not None:
        visit.rows = answer.rows
    return answer


def page(store: Store, question: Question) -> Response:
    """The query page: the query, its result or what is wrong with it, and the examples."""
    shown, error, form = None, None, "select"
    if question.query is not None:
        try:
            answer = asked(store, question, question.query)
            shown, form = view(store, answer), answer.form
        except Her2kgError as failed:
            error = problem(failed)
            if (visit := visits.of(request.environ)) is not None:
                visit.failed(failed)
    html = render_template(
        "sparql.html",
        query=question.query or "",
        view=shown,
        error=error,
        downloads={name: _download(question, name) for name in (TRIPLES if form == "graph" else SOLUTIONS)},
        graphs=question.default_graphs,
        named=question.named_graphs,
        release=question.release,
    )
    shown_page = make_response(html, error["status"] if error else 200)
    shown_page.headers["Cache-Control"] = "no-cache"
    shown_page.vary.add("Accept")
    return shown_page


def _download(question: Question, name: str) -> str:
    given = [("query", question.query or ""), ("format", name)]
    given += [("default-graph-uri", iri) for iri in question.default_graphs]
    given += [("named-graph-uri", iri) for iri in question.named_graphs]
    given += [("release", question.release)] if question.release else []
    return f"{url_for('sparql.endpoint')}?{urlencode(given)}"
