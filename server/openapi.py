"""`/openapi.json`: what programs can ask of this server, as OpenAPI 3.1, from the tables below.

Formats, kinds and limits come from where the code has them. A test holds this against the routes there are,
and another against what a running server answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, jsonify, request

from graph.store import SOLUTIONS, TRIPLES
from server import ask
from server.completion import FOUND
from server.negotiation import FORMATS, HTML, PROBLEM
from server.search import LAST_PAGE, SEARCHED
from server.sparql.protocol import FORM, QUERY
from server.urls import DATA_FORMATS

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("openapi", __name__)

Schema = dict[str, Any]

PAGES: Final = frozenset(
    {
        *("/", "/page/<kind>/<path:slug>", "/page/ontology", "/page/ontology/<name>", "/browse/<kind>"),
        *("/document/<digest>", "/api"),
        *("/robots.txt", "/favicon.svg", "/favicon.ico", "/static/<path:filename>"),
    }
)
"""The routes that are not for programs: pages for people, and small files for browsers and crawlers."""

JSON: Final = "application/json"
TEXT: Schema = {"type": "string"}
IRI: Schema = {"type": "string", "format": "iri"}
COUNT: Schema = {"type": "integer", "minimum": 0}
VERSION: Schema = {"type": "string", "pattern": "^[0-9a-f]{12}$"}


def record(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """An object that has these members and no others."""
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": [*required],
        "additionalProperties": False,
    }


def many(of: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": of}


def maybe(schema: Schema) -> Schema:
    """A schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(*words: str) -> Schema:
    """One of a few words."""
    return {"type": "string", "enum": [*words]}


def named(name: str) -> Schema:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def parameter(
    name: str, schema: Schema, description: str, where: str = "query", *, example: str | None = None
) -> Schema:
    """A parameter of the address; one in the path is required."""
    found: Schema = {"name": name, "in": where, "schema": schema, "description": description}
    if where == "path":
        found["required"] = True
    if example is not None:
        found["example"] = example
    return found


def content(*media_types: str, schema: Schema | None = None) -> Schema:
    """What a body may be."""
    return {media_type: {"schema": schema} if schema else {} for media_type in media_types}


def responses(ok: dict[str, Schema], *problems: int) -> dict[str, Schema]:
    """What may come back: `ok` by status, the problems that this address has, and those that any may have."""
    found = {
        status: {"headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}} | answer
        for status, answer in ok.items()
    }
    return found | {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(problems)}


TITLES: Final = {
    400: "The request is malformed, or the query is, or it is refused.",
    404: "There is nothing under that address.",
    405: "The method is not allowed here; `Allow` says which are.",
    406: "No format that the client accepts can carry the answer.",
    408: "The request did not arrive in time.",
    413: "The request, or the result, is larger than the limit; there is no partial result.",
    414: "The address is too long.",
    415: "The body is of a kind that is not understood here.",
    429: "The client has too many queries waiting or running; `Retry-After` says when to come again.",
    431: "The header is too large.",
    502: "Another endpoint, which the query calls by SERVICE, did not answer properly.",
    503: "The service is busy, or the query needed too much memory; there is no partial result.",
    504: "The query ran into its deadline; there is no partial result.",
}
"""What an error means, by status."""

ASKS: Final = (400, 404, 406, 413, 429, 502, 503, 504)
"""The errors of what asks the store on behalf of a client."""

SCHEMAS: Final[dict[str, Schema]] = {
    "Problem": {
        "description": "RFC 9457 problem details.",
        **record(
            {
                "type": {"type": "string", "format": "uri-reference"},
                "title": TEXT,
                "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "detail": TEXT,
            },
            {
                "where": TEXT,
                "mend": TEXT,
                "line": {"type": "integer", "minimum": 1},
                "column": {"type": "integer", "minimum": 1},
            },
        ),
    },
    "Health": record(
        {
            "status": one_of("ok", "degraded", "down"),
            "version": VERSION,
            "workers": COUNT,
            "busy": COUNT,
            "waiting": COUNT,
            "network": TEXT,
            "memory": TEXT,
            "problem": TEXT,
        }
    ),
    "Hit": record({"iri": IRI, "label": TEXT, "kind": TEXT, "matched": TEXT, "page": maybe(TEXT)}),
    "Hits": record(
        {
            "query": TEXT,
            "kind": maybe(one_of(*SEARCHED)),
            "page": {"type": "integer", "minimum": 1, "maximum": LAST_PAGE},
            "pages": {"type": "integer", "minimum": 1, "maximum": LAST_PAGE},
            "total": COUNT,
            "hits": many(named("Hit")),
        }
    ),
    "Term": record(
        {
            "iri": IRI,
            "label": maybe(TEXT),
            "kind": one_of("class", "property", "individual"),
            "count": COUNT,
        },
        {"type": TEXT},
    ),
    "Terms": record(
        {"version": VERSION, "terms": many(named("Term"))},
        {"base": IRI, "prefixes": {"type": "object", "additionalProperties": IRI}},
    ),
    "Check": record(
        {"ok": {"type": ["boolean", "null"]}},
        {"detail": TEXT, "mend": TEXT, "line": COUNT, "column": COUNT},
    ),
    "Node": {
        "description": "A node of an RDF graph as SPARQL's results in JSON have it.",
        **record(
            {"type": one_of("uri", "literal", "bnode", "triple"), "value": {}},
            {"xml:lang": TEXT, "datatype": IRI},
        ),
    },
    "Solutions": {
        "description": "SPARQL 1.1 Query Results JSON Format.",
        "anyOf": [
            record({"head": {"type": "object"}, "boolean": {"type": "boolean"}}),
            record(
                {
                    "head": record({"vars": many(TEXT)}),
                    "results": record(
                        {"bindings": many({"type": "object", "additionalProperties": named("Node")})}
                    ),
                }
            ),
        ],
    },
    "Step": {
        "description": "A step of a query's algebra.",
        **record(
            {"name": TEXT, "words": TEXT, "text": TEXT, "children": many(named("Step"))},
            {"count": {"type": "object"}},
        ),
    },
    "Plan": {
        "type": "object",
        "properties": {
            "record": {"const": "plan"},
            "form": TEXT,
            "version": VERSION,
            "algebra": maybe(named("Step")),
            "warnings": many(record({"code": TEXT, "words": TEXT})),
            "limits": many(record({"name": TEXT, "value": {"type": "number"}, "unit": TEXT, "words": TEXT})),
            "cache": record({"repeatable": {"type": "boolean"}, "held": {"type": "boolean"}, "words": TEXT}),
        },
        "required": ["record", "form", "version", "algebra", "warnings", "limits", "cache"],
    },
    "Reason": {
        "description": "What holds and why; the reasons of what it follows from are within.",
        **record(
            {"text": TEXT, "triple": many(TEXT), "rule": TEXT, "words": TEXT},
            {"graphs": many(TEXT), "statements": many({"type": "object"}), "premises": many(named("Reason"))},
        ),
    },
}

ENDINGS: Final = parameter("ending", one_of(*DATA_FORMATS), "The format.", "path", example="ttl")
KIND: Final = parameter("kind", TEXT, "The kind of thing.", "path", example="drug")
SLUG: Final = parameter("slug", TEXT, "Its name; it may have slashes.", "path", example="palbociclib")
RELEASE: Final = parameter("release", TEXT, "The version of a snapshot that is kept here.")
EXAMPLE: Final = "SELECT ?drug ?name { ?drug a her2kg:Drug ; rdfs:label ?name } LIMIT 10"
ASKING: Final = (
    parameter("query", TEXT, "A SPARQL 1.1 query; without one, the service is described.", example=EXAMPLE),
    parameter("default-graph-uri", many(IRI), "Graphs that are merged into the default graph."),
    parameter("named-graph-uri", many(IRI), "Graphs that are named graphs of the dataset."),
    parameter("format", one_of(*FORMATS), "The format of the answer; it goes before the Accept header."),
)
RDF: Final = content(*TRIPLES.values())
ANSWER: Final[dict[str, Schema]] = {
    "200": {
        "description": "The whole answer, in the format that was asked for.",
        "content": content(SOLUTIONS["json"], schema=named("Solutions"))
        | content(*[media_type for name, media_type in SOLUTIONS.items() if name != "json"], HTML)
        | RDF,
    },
    "304": {"description": "The client has it already."},
}
POSTED: Final = {
    "content": {
        QUERY: {"schema": TEXT, "example": EXAMPLE},
        FORM: {
            "schema": {
                "type": "object",
                "properties": {given["name"]: given["schema"] for given in ASKING} | {"release": TEXT},
                "required": ["query"],
            }
        },
    },
    "required": True,
}


def sparql(where: str, *more: Schema) -> dict[str, Schema]:
    """The SPARQL endpoint at an address."""
    given = [*more, *ASKING, *(() if more else (RELEASE,))]
    protocol = {"url": "https://www.w3.org/TR/sparql11-protocol/"}
    return {
        "get": {
            "operationId": f"ask{where}",
            "summary": "Ask a query",
            "description": "An answer is complete, or it is an error that names the limit it met.",
            "externalDocs": protocol,
            "parameters": given,
            "responses": responses(ANSWER, *ASKS),
        },
        "post": {
            "operationId": f"askPosted{where}",
            "summary": "Ask a query, by a form or as it is",
            "externalDocs": protocol,
            "parameters": [one for one in given if one["name"] != "query"],
            "requestBody": POSTED,
            "responses": responses({"200": ANSWER["200"]}, *ASKS, 408, 415),
        },
    }


def json(name: str, description: str, *more: str) -> dict[str, Schema]:
    """An answer in JSON, or a page where that is asked for."""
    return {
        "200": {
            "description": description,
            "content": content(JSON, schema=named(name)) | content(*more),
        }
    }


def described(name: str, summary: str) -> dict[str, Schema]:
    """A description under `/.well-known/`, by Accept or in one format."""
    media_types = {"content": content(*DATA_FORMATS.values(), HTML)}
    answer: dict[str, Schema] = {
        "200": {"description": "The triples, or a page."} | media_types,
        "304": {"description": "The client has them already."},
    }
    whole = {"operationId": name, "summary": summary, "responses": responses(answer, *ASKS)}
    inside = whole | {"operationId": f"{name}-data", "parameters": [ENDINGS]}
    return {f"/.well-known/{name}": {"get": whole}, f"/.well-known/{name}.{{ending}}": {"get": inside}}


AS_JSON: Final = parameter("format", one_of("json", "html"), "It goes before Accept.", example="json")
SEE_OTHER: Final = {"303": {"description": "The page, or the data in a format that is accepted."}}

PATHS: Final[dict[str, dict[str, Schema]]] = {
    "/sparql": sparql(""),
    "/release/{release}/sparql": sparql(
        "OfRelease",
        parameter("release", TEXT, "The version of a snapshot that is kept here.", "path"),
    ),
    "/sparql/terms": {
        "get": {
            "operationId": "terms",
            "summary": "Classes and properties, or things by their names, with counts",
            "parameters": [
                parameter("q", TEXT, "Words that names begin with; without it, classes and properties."),
                parameter("kind", one_of(*FOUND), "Only things of this kind."),
            ],
            "responses": responses(
                json("Terms", "What an editor offers.") | {"304": {"description": "Nothing has changed."}},
                *ASKS,
            ),
        }
    },
    "/sparql/check": {
        "post": {
            "operationId": "check",
            "summary": "Whether a query can be read, or where not",
            "requestBody": {"content": {QUERY: {"schema": TEXT, "example": "ASK {"}}, "required": True},
            "responses": responses(json("Check", "`ok` is null where it could not be found out."), 408, 413),
        }
    },
    "/sparql/explain": {
        method: operation
        | {
            "operationId": operation["operationId"].replace("ask", "plan"),
            "summary": "What is known of a query before it is run",
            "parameters": [one for one in operation["parameters"] if one["name"] != "format"] + [AS_JSON],
            "responses": responses(
                json("Plan", "The algebra with figures, warnings and limits.", HTML), *ASKS, 408, 415
            ),
        }
        for method, operation in sparql("").items()
    },
    "/search": {
        "get": {
            "operationId": "search",
            "summary": "Things by the words of their names and definitions",
            "parameters": [
                parameter("q", TEXT, "The words.", example="palbociclib"),
                parameter("kind", one_of(*SEARCHED), "Only things of this kind."),
                parameter("page", {"type": "integer", "minimum": 1, "maximum": LAST_PAGE}, "Which page."),
                AS_JSON,
            ],
            "responses": responses(json("Hits", "One page of what was found, best first.", HTML), *ASKS),
        }
    },
    "/explain": {
        "get": {
            "operationId": "explain",
            "summary": "Why a triple holds",
            "parameters": [
                parameter("subject", TEXT, "An IRI, or a prefixed name.", example="drug:palbociclib"),
                parameter("predicate", TEXT, "The same; `a` is the type.", example="a"),
                parameter("object", TEXT, "The same, or a literal in double quotes.", example="her2kg:Drug"),
                AS_JSON,
            ],
            "responses": responses(json("Reason", "The axioms and statements it follows from.", HTML), *ASKS),
        }
    },
    "/id/{kind}/{slug}": {
        "get": {
            "operationId": "identify",
            "summary": "Where a thing is described",
            "parameters": [KIND, SLUG],
            "responses": responses(SEE_OTHER, 404, 406),
        }
    },
    "/ontology": {
        "get": {
            "operationId": "identifyOntology",
            "summary": "Where the ontology is described",
            "responses": responses(SEE_OTHER, 406),
        }
    },
    "/ontology/{name}": {
        "get": {
            "operationId": "identifyTerm",
            "summary": "Where a class or property is described",
            "parameters": [parameter("name", TEXT, "Its name.", "path", example="Drug")],
            "responses": responses(SEE_OTHER, 404, 406),
        }
    },
    "/data/{kind}/{slug}.{ending}": {
        "get": {
            "operationId": "data",
            "summary": "Everything said of a thing",
            "parameters": [KIND, SLUG, ENDINGS],
            "responses": responses(
                {
                    "200": {"description": "The triples.", "content": content(*DATA_FORMATS.values())},
                    "304": {"description": "The client has them already."},
                },
                *ASKS,
            ),
        }
    },
    "/data/ontology.{ending}": {
        "get": {
            "operationId": "ontologyData",
            "summary": "The whole ontology",
            "parameters": [ENDINGS],
            "responses": responses(
                {
                    "200": {"description": "The triples.", "content": content(*DATA_FORMATS.values())},
                    "304": {"description": "The client has them already."},
                },
                *ASKS,
            ),
        }
    },
    **described("void", "The dataset: its size, classes, properties, graphs and links"),
    **described("sparql-examples", "The example queries, as `sh:SPARQLExecutable`"),
    "/dataset": {
        "get": {
            "operationId": "dataset",
            "summary": "Where the dataset is described",
            "responses": responses({"303": {"description": "Its description."}}),
        }
    },
    "/health": {
        "get": {
            "operationId": "health",
            "summary": "How the store is doing",
            "responses": responses(json("Health", "It answers queries."))
            | {"503": {"description": "It answers none.", "content": content(JSON, PROBLEM)}},
        }
    },
    "/metrics": {
        "get": {
            "operationId": "metrics",
            "summary": "Figures for Prometheus",
            "responses": responses(
                {
                    "200": {
                        "description": "Text of Prometheus or OpenMetrics.",
                        "content": content("text/plain", "application/openmetrics-text"),
                    }
                }
            ),
        }
    },
    "/openapi.json": {
        "get": {
            "operationId": "openapi",
            "summary": "This description",
            "responses": responses(
                {"200": {"description": "OpenAPI 3.1.", "content": content(JSON, schema={"type": "object"})}}
            ),
        }
    },
}
"""What there is at each address."""

TAGS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "Queries": ("Ask the graph, and be told of a query before it is asked.", ("/sparql", "/release/")),
    "Things": (
        "Find things, get what is said of them, and learn why it holds.",
        ("/search", "/explain", "/id/", "/data/", "/ontology"),
    ),
    "The dataset": ("What there is, and how it can be asked.", ("/.well-known/", "/dataset")),
    "This server": ("How it is doing, and what it offers.", ("/health", "/metrics", "/openapi.json")),
}
"""The groups of addresses: what each is about, and how its addresses begin."""


@blueprint.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """The description of this server, at the address it was asked at."""
    response = jsonify(document(request.url_root.rstrip("/")))
    response.headers["Cache-Control"] = "no-cache"
    return response


def tag(path: str) -> str:
    """The group that an address belongs to."""
    return next(name for name, (_, beginnings) in TAGS.items() if path.startswith(beginnings))


def document(url: str) -> Schema:
    """The description of the server at `url`."""
    problem = content(PROBLEM, schema=named("Problem")) | content(HTML)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "her2kg",
            "version": ask.store().manifest().software,
            "summary": "A knowledge graph of HER2-negative breast cancer treatment",
            "description": "Errors are problem details (RFC 9457) for programs and pages for browsers. "
            "Every answer has the id of its request.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": url}],
        "tags": [{"name": name, "description": about} for name, (about, _) in TAGS.items()],
        "paths": {
            path: {method: {"tags": [tag(path)], **operation} for method, operation in methods.items()}
            for path, methods in PATHS.items()
        },
        "components": {
            "schemas": SCHEMAS,
            "headers": {"RequestId": {"description": "What the log calls this request.", "schema": TEXT}},
            "responses": {
                str(status): {"description": description, "content": problem}
                for status, description in TITLES.items()
            },
        },
    }
