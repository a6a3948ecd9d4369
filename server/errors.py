"""Errors as HTTP answers: RFC 9457 problem details for machines, the same words as a page for people."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any, Final

from flask import Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from graph.errors import Her2kgError, QueryError, StoreUnavailable, TooManyQueries
from graph.files import BASE
from server import visits
from server.negotiation import HTML, PROBLEM, choose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

log = logging.getLogger(__name__)

RETRY_SECONDS: Final = 5
KEPT_HEADERS: Final = ("Allow", "Retry-After", "WWW-Authenticate")


def init_app(app: Flask) -> None:
    """Have every error of the application answered by this module."""
    app.register_error_handler(Her2kgError, answer)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, unexpected)


def problem(error: Her2kgError) -> dict[str, Any]:
    """An error's facts under the names of RFC 9457, with `where`, `mend`, `line` and `column` beside."""
    facts: dict[str, Any] = {
        "type": BASE + "problem/" + re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower(),
        "title": error.title,
        "status": int(error.status),
        "detail": error.what,
        "where": error.where,
        "mend": error.mend,
    }
    if isinstance(error, QueryError):
        facts |= {"line": error.line, "column": error.column}
    return {name: value for name, value in facts.items() if value not in ("", None)}


def answer(error: Her2kgError) -> Response:
    """One of our own errors as a response."""
    if (visit := visits.of(request.environ)) is not None:
        visit.failed(error)
    later = isinstance(error, StoreUnavailable | TooManyQueries)
    headers = {"Retry-After": str(RETRY_SECONDS)} if later else {}
    return respond(problem(error), headers)


def http_error(error: HTTPException) -> Response:
    """An error of the web framework (no such address, method not allowed, too large) as a response."""
    given = make_response(error.get_response())
    if given.status_code < 400:  # a redirect to the address with or without a slash
        return given
    facts = {
        "type": "about:blank",
        "title": error.name,
        "status": given.status_code,
        "detail": error.description or error.name,
    }
    return respond(facts, {name: given.headers[name] for name in KEPT_HEADERS if name in given.headers})


def unexpected(error: Exception) -> Response:
    """A fault of ours: logged in full, told without its inside."""
    visit = visits.of(request.environ)
    name = visit.id if visit is not None else ""
    log.error("%s %s failed", request.method, request.path, exc_info=error, extra={"request": name})
    return respond(fault(name))


def fault(name: str) -> dict[str, Any]:
    """What is told of a fault of ours; `name` is the request's id, if it has one."""
    place = f" under the request id {name}" if name else ""
    return {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": f"Something went wrong in this server; its log has the details{place}.",
    }


def respond(facts: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """A problem as a page for a browser, as problem details for anything else."""
    if choose(request.headers.get("Accept"), [PROBLEM, HTML]) == HTML:
        response = make_response(render_template("error.html", **facts), facts["status"])
    else:
        body = json.dumps(facts, ensure_ascii=False) + "\n"
        response = Response(body, facts["status"], content_type=PROBLEM)
    response.headers.update(headers or {})
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response
