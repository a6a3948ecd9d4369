"""`/sparql/check`: whether a query is well-formed, by the very parser that would answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, jsonify, request

from graph.errors import (
    Her2kgError,
    NotAcceptable,
    QueryError,
    QueryOutOfMemory,
    QueryTimeout,
    StoreUnavailable,
)
from graph.files import BASE
from server import ask
from server.errors import problem
from server.sparql.protocol import decoded

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from graph.store import Store

blueprint = Blueprint("check", __name__)

LONGEST: Final = 64 * 1024
"""Bytes of a query that is checked while it is being typed."""

TELL: Final = ("detail", "mend", "line", "column")


@blueprint.post("/sparql/check")
def check() -> ResponseReturnValue:
    """Whether the query in the body (`application/sparql-query`) can be read: `{"ok": true}`, or where not.

    `ok` is null when that could not be found out: the query is very long, or the store is busy.
    """
    body = request.get_data(cache=False)
    if len(body) > LONGEST:
        detail = f"A query of more than {LONGEST // 1024} KiB is checked only when it is run."
        return jsonify({"ok": None, "detail": detail})
    try:
        parse(ask.store(), decoded(body, "the body"))
    except (StoreUnavailable, QueryTimeout, QueryOutOfMemory) as error:
        return jsonify({"ok": None, **_told(error)})
    except Her2kgError as error:
        return jsonify({"ok": False, **_told(error)})
    return jsonify({"ok": True})


def parse(store: Store, query: str) -> None:
    """Have a query read and not answered; raises a QueryError that says what is wrong with it.

    Whoever takes no format at all gets no answer: the store reads the query, finds that its kind of answer is
    not acceptable, and evaluates nothing, save what a sort or an aggregate needs at once. For that it has an
    empty default graph here, and one small named graph. It happens in a query worker, since reading a hostile
    query can exhaust a stack, and a worker has limits that hold.
    """
    graphs = store.manifest().graphs
    smallest = min(graphs, key=lambda name: graphs[name], default=None)
    named = [] if smallest is None else [f"{BASE}graph/{smallest}"]
    try:
        store.query(query, solutions=None, triples=None, named_graphs=named)
    except NotAcceptable:
        return
    except QueryError as error:
        if error.line is None and "evaluated" in error.what:  # what fails over nothing may do over the data
            return
        raise


def _told(error: Her2kgError) -> dict[str, Any]:
    return {name: value for name, value in problem(error).items() if name in TELL}
