"""`/sparql/explain`: what is known of a query before it is run, as a page and as JSON.

Not to be confused with `/explain`, which tells why a triple holds (`server.explain`).
"""

from __future__ import annotations

import json
import weakref
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Blueprint, Response, current_app, make_response, render_template, request

from graph.errors import Her2kgError, UsageError
from graph.plan import COUNTED, explain
from graph.plan.reader import Reader
from server import ask, linked
from server.check import parse
from server.errors import problem
from server.sparql.cache import ENTRY_BYTES
from server.sparql.protocol import Request, read
from server.sparql.reply import etag

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState

    from graph.store import Limits
    from server.sparql.cache import Cache
    from server.sparql.protocol import Question

blueprint = Blueprint("plan", __name__)

CACHED: Final = {
    "never": "The answer is made anew each time: something in the query may give another result each time.",
    "held": "The answer is in the cache: asked in the same way again, it comes from there.",
    "will": f"The answer is kept until the data change, if it is no larger than {ENTRY_BYTES:,} bytes.",
}
"""What becomes of the answer, in words."""


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    """One reader for the application; its process ends with the application, or with this process."""
    reader = state.app.extensions["reader"] = Reader()
    weakref.finalize(state.app, reader.close)


@blueprint.route("/sparql/explain", methods=["GET", "POST"])
def plan() -> Response:
    """The algebra of a query with figures, warnings and limits; nothing of it is run but counts."""
    as_json = linked.prefers_json()
    question = None
    try:
        question = read(_came())
        found = explained(question)
    except Her2kgError as error:
        if as_json or question is None or question.query is None:
            raise
        return _finished(_form(question, problem(error)), int(error.status))
    if as_json:
        body = json.dumps(found, ensure_ascii=False) + "\n"
        return _finished(Response(body, content_type=linked.JSON), 200)
    html = render_template("plan.html", plan=found, question=question, most=_most(found["algebra"]))
    return _finished(make_response(html), 200)


def explained(question: Question) -> dict[str, Any]:
    """The explanation of what was asked, and whether its answer comes from the cache."""
    if question.query is None:
        raise UsageError("There is no query to explain.", mend="Send it as the parameter “query”.")
    store = ask.store()
    parse(store, question.query)
    options = question.options(request.remote_addr or "")
    limits = cast("Limits", current_app.extensions["settings"].limits)
    reader = cast("Reader", current_app.extensions["reader"])
    found = explain(store, reader, question.query, options, limits)
    return {**found, "cache": _cache(found["version"], question)}


def _came() -> Request:
    """The request without its Accept header: that is about the explanation, not about the answer."""
    return Request(
        method=request.method,
        query_string=request.query_string,
        headers={"content-type": request.headers.get("Content-Type", "")},
        body=request.get_data(cache=False) if request.method == "POST" else b"",
    )


def _cache(version: str, question: Question) -> dict[str, Any]:
    cache = cast("Cache | None", current_app.extensions.get("cache"))
    repeatable = etag(version, question) is not None
    held = repeatable and cache is not None and cache.holds(None, request.query_string)
    words = CACHED["held" if held else "will" if repeatable else "never"]
    return {"repeatable": repeatable, "held": held, "words": words}


def _most(tree: dict[str, Any] | None) -> int:
    """The largest figure of a tree: bars are drawn in its measure."""
    if tree is None:
        return 1
    here = (tree.get("count") or {}).get("number") or 1
    return min(COUNTED, max([here, *map(_most, tree["children"])]))


def _form(question: Question, error: dict[str, Any]) -> Response:
    """The query page with what is wrong."""
    html = render_template(
        "sparql.html",
        query=question.query,
        view=None,
        error=error,
        downloads={},
        graphs=question.default_graphs,
        named=question.named_graphs,
        release=question.release,
    )
    return make_response(html)


def _finished(response: Response, status: int) -> Response:
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response
