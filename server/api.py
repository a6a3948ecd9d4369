"""`/api`: what programs can ask of this server, for people: `/openapi.json` as a page."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from flask import Blueprint, render_template, request

from server.openapi import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.typing import ResponseReturnValue

blueprint = Blueprint("api", __name__)

Record = dict[str, Any]

NOT_A_PAGE: Final = frozenset({"text/html", "application/problem+json"})
"""What any address may answer with; it is said once."""


class Operation(NamedTuple):
    """One thing that can be asked: `given` are its parameters, `bodies` and `formats` media types, `answers`
    what comes back by status, `errors` the statuses that say no, `example` an address to try, where one is
    known, and `curl` the command for it.
    """

    name: str
    method: str
    path: str
    summary: str
    description: str
    given: list[Record]
    bodies: list[str]
    formats: list[str]
    answers: dict[str, str]
    errors: list[str]
    example: str | None
    curl: str


@blueprint.get("/api")
def page() -> ResponseReturnValue:
    """The groups of addresses, and of each what it takes and gives."""
    whole = document(request.url_root.rstrip("/"))
    groups = {
        group["name"]: (group["description"], [*operations(whole, group["name"])]) for group in whole["tags"]
    }
    errors = {status: error["description"] for status, error in whole["components"]["responses"].items()}
    return render_template("api.html", info=whole["info"], groups=groups, errors=errors)


def operations(whole: Record, group: str) -> Iterator[Operation]:
    """The operations of a group, in the order of the description."""
    server = whole["servers"][0]["url"]
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            if group not in operation["tags"]:
                continue
            bodies = operation.get("requestBody", {}).get("content", {})
            example = tried(path, operation) if method == "get" else None
            yield Operation(
                name=operation["operationId"],
                method=method.upper(),
                path=path,
                summary=operation["summary"],
                description=operation.get("description", ""),
                given=[{**one, "words": words(one["schema"])} for one in operation.get("parameters", ())],
                bodies=[*bodies],
                formats=[*dict.fromkeys(formats(operation))],
                answers={
                    status: answer["description"]
                    for status, answer in operation["responses"].items()
                    if "$ref" not in answer
                },
                errors=[status for status, answer in operation["responses"].items() if "$ref" in answer],
                example=example,
                curl=curl(server, path, example, bodies),
            )


def formats(operation: Record) -> Iterator[str]:
    """The media types of what comes back, but for those of errors and pages."""
    for answer in operation["responses"].values():
        yield from (kind for kind in answer.get("content", ()) if kind not in NOT_A_PAGE)


def tried(path: str, operation: Record) -> str | None:
    """An address with the examples of its parameters; None where one that it needs has none."""
    values = {one["name"]: one.get("example") for one in operation.get("parameters", ())}
    needed = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
    if any(values[name] is None for name in needed):
        return None
    for name in needed:
        path = path.replace(f"{{{name}}}", quote(values[name]))
    rest = {name: value for name, value in values.items() if name not in needed and value is not None}
    return f"{path}?{urlencode(rest, quote_via=quote)}" if rest else path


def curl(server: str, path: str, example: str | None, bodies: Record) -> str:
    """The command that asks it: a GET, or a POST of the first kind of body that has an example; empty where
    a part of the address has no example.
    """
    if example is None and "{" in path:
        return ""
    for kind, body in bodies.items():
        if "example" in body:
            return shlex.join(
                ["curl", server + path, "-H", f"Content-Type: {kind}", "--data-binary", body["example"]]
            )
    return shlex.join(["curl", "-L", server + (example or path)])


def words(schema: Record) -> str:
    """What a value may be, in words."""
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"{words(schema['items'])}, any number of times"
    if schema.get("type") == "integer":
        least, most = schema.get("minimum"), schema.get("maximum")
        return (
            "a whole number"
            + (f" from {least:,}" if least is not None else "")
            + (f" to {most:,}" if most is not None else "")
        )
    return {"iri": "an IRI"}.get(schema.get("format", ""), "text")
