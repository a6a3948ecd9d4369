"""What the query page needs for its editor: the bundle, the examples, and its own Content-Security-Policy."""

from __future__ import annotations

import secrets
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, g, url_for

from server.gallery import gallery

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("editor", __name__)

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""CodeMirror puts its base style into the page: that one needs a nonce, the other styles are files."""


@cache
def stamp() -> str | None:
    """What changes with the bundle, None where there is none."""
    file = files("server").joinpath("static", "dist", "stamp")
    return file.read_text("utf-8")[:12] if file.is_file() else None


def notice() -> str:
    """Why the query page has no scripts, for whoever serves it; empty where it has."""
    if stamp():
        return ""
    file = files("server").joinpath("static", "dist", "error.txt")
    reason = file.read_text("utf-8").strip() if file.is_file() else "It was not built."
    return (
        f"The query page is a plain form, for its editor was not built. {reason} "
        "To build it, install her2kg again (from a checkout: make scripts)."
    )


@blueprint.app_context_processor
def given() -> dict[str, Any]:
    """For templates: `bundled(name)`, the address of a bundled file or None, and functions of this module."""
    return {"bundled": bundled, "nonce": nonce, "gallery": gallery}


def bundled(name: str) -> str | None:
    """The address of a file of the bundle, which changes when the file does."""
    version = stamp()
    return url_for("static", filename=f"dist/{name}", v=version) if version else None


def nonce() -> str:
    """The nonce of this response; asking for it gives the response the editor's policy."""
    if "editor_nonce" not in g:
        g.editor_nonce = secrets.token_urlsafe(16)
    return str(g.editor_nonce)


@blueprint.after_app_request
def allow(response: Response) -> Response:
    """Give the page that asked for a nonce the policy that knows it."""
    if "editor_nonce" in g:
        response.headers["Content-Security-Policy"] = POLICY.format(nonce=g.editor_nonce)
        response.headers["Cache-Control"] = "no-store"  # a page that is kept would keep its nonce
    return response
