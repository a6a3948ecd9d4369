"""The description of the server says what there is, and a running server keeps to it, whatever it is sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.openapi import PAGES, PATHS, document
from tests.http.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

OPERATIONS = [(path, method) for path, methods in PATHS.items() for method in methods]
EXAMPLES = 25
LIMITS = {503, 504}
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("application/sparql-query")
def as_it_is(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """A query posted by itself, or whatever comes in its place."""
    return str(value).encode("utf-8", "surrogatepass")


def template(rule: str) -> str:
    """A route of the application as OpenAPI writes it."""
    return re.sub(r"<(?:[^:>]*:)?(\w+)>", r"{\1}", re.sub(r"<any\([^)]*\):", "<", rule))


def described(app: Flask) -> Any:
    with app.test_request_context():
        return document("http://localhost")


def test_every_route_is_described_or_a_page(app: Flask) -> None:
    """With its methods; and nothing is described that is not there."""
    routes: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if rule.rule not in PAGES:
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            routes.setdefault(template(rule.rule), set()).update(methods)
    paths = described(app)["paths"]
    assert {path: {method.upper() for method in path_item} for path, path_item in paths.items()} == routes
    assert {rule.rule for rule in app.url_map.iter_rules()} >= PAGES


def test_every_parameter_of_an_address_is_described(app: Flask) -> None:
    """The names in braces are those of the parameters in the path; ids and schemas are there and used."""
    whole = described(app)
    operations = [
        (path, operation) for path, methods in whole["paths"].items() for operation in methods.values()
    ]
    for path, operation in operations:
        given = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert given == set(re.findall(r"\{(\w+)\}", path))
    assert len({operation["operationId"] for _, operation in operations}) == len(operations) == 23
    references = re.findall(r"'#/components/(\w+)/(\w+)'", str(whole))
    assert {(kind, name) for kind, names in whole["components"].items() for name in names} >= set(references)
    unused = {*whole["components"]["schemas"]} - {name for _, name in references}
    assert not unused


@pytest.fixture(scope="module")
def served(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running server whose queries have little time."""
    log = tmp_path_factory.mktemp("openapi") / "log"
    with serving(small_home, log, "--query-timeout", "5") as running:
        yield running


@pytest.fixture(scope="module")
def api(served: Served) -> Any:
    """What it says of itself."""
    answer = httpx.get(served.address + "openapi.json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["servers"] == [{"url": served.address.rstrip("/")}]
    return schemathesis.openapi.from_dict(answer.json())


@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=lambda part: part)
def test_whatever_is_asked_the_answer_is_as_described(
    api: Any, served: Served, path: str, method: str, mode: schemathesis.GenerationMode
) -> None:
    """Status, media type, header fields and content; a server error is one of the limits and nothing else."""
    asked = 0

    @seed(4)
    @settings(max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=[*HealthCheck])
    @given(case=api[path][method].as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        nonlocal asked
        asked += 1
        answer = case.call(base_url=served.address, timeout=30)
        assert answer.headers["x-request-id"]
        limit = answer.status_code in LIMITS
        case.validate_response(answer, checks=CHECKS if limit else [not_a_server_error, *CHECKS])

    try:
        ask()
    except Unsatisfiable:
        assert mode is schemathesis.GenerationMode.NEGATIVE  # nothing can be wrong with it
        return
    assert asked


def test_that_left_no_fault_in_the_log(served: Served) -> None:
    """Nor was any worker's death told to somebody."""
    assert httpx.get(served.address + "health").status_code == 200
    assert [line for line in served.lines() if line["level"] == "error"] == []
