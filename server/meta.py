"""What operators and crawlers ask: health, robots.txt, the icon."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, jsonify

from server import ask

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("meta", __name__)

ROBOTS: Final = """\
# What there is, and how to ask for it: /.well-known/void and /.well-known/sparql-examples (RDF).
User-agent: *
Allow: /.well-known/
Disallow: /sparql
Disallow: /search
"""
ICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><g stroke="#0f766e" stroke-width="2.5">'
    '<path d="M9 9l14 5M9 9l4 15M23 14l-10 10"/></g><g fill="#0f766e"><circle cx="9" cy="9" r="5"/>'
    '<circle cx="23" cy="14" r="4"/><circle cx="13" cy="24" r="4"/></g></svg>\n'
)
DAY: Final = "public, max-age=86400"


@blueprint.get("/health")
def health() -> ResponseReturnValue:
    """How the store is doing, as JSON; 503 when no query can be answered."""
    state = ask.store().health()
    response = jsonify(asdict(state))
    response.cache_control.no_store = True
    return response, 503 if state.status == "down" else 200


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Crawlers are welcome to everything but what computes an answer."""
    return Response(ROBOTS, content_type="text/plain; charset=utf-8", headers={"Cache-Control": DAY})


@blueprint.get("/favicon.svg")
@blueprint.get("/favicon.ico")
def icon() -> Response:
    """Three linked nodes."""
    return Response(ICON, content_type="image/svg+xml", headers={"Cache-Control": DAY})
