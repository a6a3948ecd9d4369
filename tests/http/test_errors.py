"""Every error has a form for machines and one for people, with the same words and nothing of the inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graph import errors
from graph.errors import Her2kgError
from server.errors import problem

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def all_errors(root: type[Her2kgError] = Her2kgError) -> list[type[Her2kgError]]:
    return [root, *(found for child in root.__subclasses__() for found in all_errors(child))]


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_each_kind_of_error_is_a_problem(kind: type[Her2kgError]) -> None:
    """Type, title, status and detail are there for every class of errors."""
    facts = problem(kind("It went wrong.", mend="Do it again."))
    assert facts["type"].startswith("http")
    assert facts["title"]
    assert 400 <= facts["status"] < 600
    assert (facts["detail"], facts["mend"]) == ("It went wrong.", "Do it again.")
    assert None not in facts.values()


def test_all_errors_were_found() -> None:
    """The parametrised test above ran over the whole tree."""
    assert len(all_errors()) >= 16


def test_what_is_not_there_is_told_in_both_forms(client: FlaskClient) -> None:
    """404 as a page for a browser, as problem details otherwise."""
    machine = client.get("/no/such/address")
    assert (machine.status_code, machine.content_type) == (404, "application/problem+json")
    page = client.get("/no/such/address", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert machine.json["title"] in page.text


def test_a_method_that_is_not_allowed_says_which_are(client: FlaskClient) -> None:
    """405 keeps its Allow header."""
    response = client.delete("/health")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_fault_of_ours_tells_nothing_of_the_inside(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """500 without a trace to the client; the log has it."""
    with app.test_request_context("/health"):
        response = app.make_response(app.handle_user_exception(RuntimeError("secret inside")))
    assert response.status_code == 500
    assert "secret" not in response.get_data(as_text=True)
    assert "secret inside" in caplog.text


def test_a_busy_store_says_when_to_come_again(app: Flask) -> None:
    """503 has Retry-After."""
    with app.test_request_context("/sparql"):
        response = app.make_response(app.handle_user_exception(errors.StoreUnavailable("Busy.")))
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("path", ["/health", "/sparql", "/no/such/address", "/robots.txt"])
def test_every_answer_is_fenced_in(client: FlaskClient, path: str) -> None:
    """Security headers stand on answers and errors alike."""
    headers = client.get(path, headers=BROWSER).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]
