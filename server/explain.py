"""Why a triple holds, as a page and as JSON: `/explain?subject=…&predicate=…&object=…`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, make_response, render_template, request
from pyoxigraph import NamedNode

from graph.errors import UsageError
from server import ask, linked
from server.explanation import Explainer, lines, statements, triple
from server.facts import Fact, facts

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState

    from server.explanation import Reason

blueprint = Blueprint("explain", __name__)

NAMES = ("subject", "predicate", "object")
LONGEST = 2_000
"""Characters that one of the three may have."""


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    """One explainer for the application: it keeps the axioms from one request to the next."""
    state.app.extensions["explainer"] = Explainer(state.app.extensions["store"])


@blueprint.get("/explain")
def explain() -> Response:
    """The axioms and statements that a triple follows from; without a triple, a form that asks for one."""
    given = {name: request.args.get(name, "").strip() for name in NAMES}
    if not any(given.values()):
        return _page(given, None)
    if absent := [name for name in NAMES if not given[name]]:
        raise UsageError(
            f"The {' and the '.join(absent)} of the triple {'is' if len(absent) == 1 else 'are'} missing.",
            where=request.path,
            mend="Give subject, predicate and object.",
        )
    if long := [name for name in NAMES if len(given[name]) > LONGEST]:
        raise UsageError(f"The {long[0]} is longer than {LONGEST:,} characters.", where=request.path)
    explainer = cast("Explainer", current_app.extensions["explainer"])
    reason = explainer.explain(triple(given["subject"], given["predicate"], given["object"]))
    if linked.prefers_json():
        response = Response(json.dumps(reason.record(), ensure_ascii=False) + "\n", content_type=linked.JSON)
        response.vary.add("Accept")
        return response
    return _page(given, reason)


def _page(given: dict[str, str], reason: Reason | None) -> Response:
    response = make_response(
        render_template("explain.html", given=given, reason=reason, said=_said(reason) if reason else {})
    )
    response.vary.add("Accept")
    return response


def _said(reason: Reason) -> dict[str, Fact]:
    """The statements that an explanation rests on, by their IRIs, as the pages show them."""
    return {
        iri: facts(ask.rows("statement", statement=NamedNode(iri)), ask.texts().quote)[0]
        for iri in statements(lines(reason))
    }
