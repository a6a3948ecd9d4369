"""Answers of linked data: 303 by what the client accepts, and descriptions in RDF with a validator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Response, make_response, redirect, request
from pyoxigraph import NamedNode

from graph.errors import NotAcceptable
from server import ask
from server.negotiation import HTML, choose
from server.urls import DATA_FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.store import Node

JSON: Final = "application/json"
ENDINGS: Final = {media_type: ending for ending, media_type in DATA_FORMATS.items()}


def see_other(*, page: str, data: Callable[[str], str]) -> Response:
    """303 to the page for who accepts HTML or does not care, to `data(ending)` for who wants RDF."""
    chosen = choose(request.headers.get("Accept"), [HTML, *ENDINGS])
    if chosen is None:
        raise NotAcceptable(
            "This is to be had as HTML, Turtle, JSON-LD, N-Triples and RDF/XML.",
            where="Accept: " + request.headers.get("Accept", ""),
            mend="Ask for text/html or text/turtle.",
        )
    answer = redirect(page if chosen == HTML else data(ENDINGS[chosen]), 303)
    answer.headers["Vary"] = "Accept"
    return make_response(answer)


def prefers_json() -> bool:
    """Whether the client asks for JSON, by `format=json` or by its Accept header."""
    if "format" in request.args:
        return request.args["format"] == "json"
    return choose(request.headers.get("Accept"), [HTML, JSON]) == JSON


def known(node: NamedNode, rows: list[dict[str, Node]]) -> list[dict[str, Node]]:
    """The rows, when there are any: a node nothing is said of is `NotFound`."""
    if not rows:
        raise ask.missing(node.value)
    return rows


def description(query: str, ending: str, **bindings: Node) -> Response:
    """What a CONSTRUCT query gives, in one of `DATA_FORMATS`; `NotFound` where nothing is said of `node`."""
    media_type = DATA_FORMATS[ending]
    if isinstance(node := bindings.get("node"), NamedNode):
        known(node, ask.rows("exists", node=node))
    answer = ask.store().query(ask.query(query), solutions=None, triples=media_type, bindings=bindings)
    response = Response(answer.body, content_type=f"{media_type}; charset=utf-8")
    response.set_etag(f"{ask.version()}-{ending}")
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response
