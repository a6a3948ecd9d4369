"""The page about what programs can ask."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from server.api import words
from server.openapi import PATHS, TITLES, tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient


def test_every_address_is_there_with_what_it_takes(page: Callable) -> None:
    """Its method and path, its parameters, what it gives, and each error once."""
    shown = page("/api")
    for path, methods in PATHS.items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path} {operation['summary'].replace('`', '')}" in shown.text
            assert operation["operationId"] in shown.ids
            for given in operation.get("parameters", ()):
                assert f"{given['name']} {given['description'].replace('`', '')}" in shown.text
    assert {f"error-{status}" for status in TITLES} <= set(shown.ids)
    assert "`" not in shown.text
    assert "/openapi.json" in shown.links


def test_what_can_be_tried_works(page: Callable, program: FlaskClient) -> None:
    """Each link of the page, and each of its commands that posts something, is answered as is described."""
    shown = page("/api")
    tried = [link for link in shown.links if "#" not in link and link != "/openapi.json"]
    assert len([link for link in tried if "format=json" in link or "query=" in link]) == 4
    for link in tried:
        assert program.get(link).status_code in {200, 303}, link
    commands = [
        shlex.split(found)
        for found in re.findall(r"curl http://[^']*'[^']*' --data-binary '[^']*'", shown.text)
    ]
    assert {command[1].removeprefix("http://localhost") for command in commands} >= {
        "/sparql",
        "/sparql/explain",
    }
    for _, address, _, header, _, body in commands:
        path, kind = address.removeprefix("http://localhost"), header.removeprefix("Content-Type: ")
        if "{" not in path:
            assert program.post(path, data=body, content_type=kind).status_code == 200


def test_every_address_belongs_to_a_group() -> None:
    """Of those on the page."""
    assert {tag(path) for path in PATHS} == {"Queries", "Things", "The dataset", "This server"}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string", "enum": ["a", "b"]}, "one of a, b"),
        ({"type": "array", "items": {"type": "string", "format": "iri"}}, "an IRI, any number of times"),
        ({"type": "integer", "minimum": 1, "maximum": 1000}, "a whole number from 1 to 1,000"),
        ({"type": "integer"}, "a whole number"),
        ({"type": "string"}, "text"),
    ],
)
def test_a_schema_is_said_in_words(schema: dict, said: str) -> None:
    """So that nobody need read JSON Schema."""
    assert words(schema) == said
