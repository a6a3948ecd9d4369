"""her2kg's server: SPARQL, linked data and pages over a store, and the command line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from flask import Flask, Response

    from graph.store import Store
    from server.settings import Settings

PARTS: Final = (
    "server.meta",
    "server.metrics",
    "server.openapi",
    "server.api",
    "server.sparql.page",
    "server.sparql.plan",
    "server.editor",
    "server.completion",
    "server.check",
    "server.pages",
    "server.entities",
    "server.terms",
    "server.documents",
    "server.search",
    "server.explain",
    "server.wellknown",
)
"""The parts of the site; each module has a Flask blueprint called `blueprint`, some share one."""

MAX_BODY: Final = 4 * 1024 * 1024
"""Bytes of a request's body; a query may have 1 MiB, and its form encoding up to three times that."""

SECURITY: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}

CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified, Retry-After, X-Request-Id",
}
"""Everything here is public: scripts of any site may read it, redirects and errors too."""


def create_app(settings: Settings, store: Store) -> Flask:
    """The application over a store; it owns neither, so whoever made the store closes it."""
    from flask import Flask  # here, so that the command line need not wait for it

    from server import errors, filters
    from server.texts import Texts

    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions |= {"settings": settings, "store": store, "texts": Texts(settings.documents)}
    filters.init_app(app)
    errors.init_app(app)
    for blueprint in dict.fromkeys([import_module(name).blueprint for name in PARTS]):
        app.register_blueprint(blueprint)
    app.after_request(_finish)
    return app


def _finish(response: Response) -> Response:
    for name, value in (SECURITY | CORS).items():
        response.headers.setdefault(name, value)
    return response
