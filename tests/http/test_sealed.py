"""Nothing that a query says makes the server call anybody, or read a file; with or without an allow-list."""

from __future__ import annotations

import errno
import os
import re
import select
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMAND = [sys.executable, "-c", "from server.cli import main; main()", "serve"]

TRICKS = {
    "service": "SELECT * { SERVICE <%> { ?s ?p ?o } }",
    "silent": "SELECT * { SERVICE SILENT <%> { ?s ?p ?o } }",
    "lower case": "ASK { service silent <%> {} }",
    "escaped keyword": "ASK { SERVIC\\u0045 <%> { ?s ?p ?o } }",
    "long escape": "ASK { \\U00000053ERVICE <%> { ?s ?p ?o } }",
    "escaped letter of silent": "ASK { SERVICE SIL\\u0045NT <%> { ?s ?p ?o } }",
    "escaped address": "ASK { SERVICE <h\\u0074tp://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "variable": "SELECT * { VALUES ?where { <%> } SERVICE ?where { ?s ?p ?o } }",
    "bound variable": "SELECT * { BIND(IRI('%') AS ?where) SERVICE SILENT ?where { ?s ?p ?o } }",
    "in exists": "ASK { ?a ?b ?c FILTER EXISTS { SERVICE <%> { ?s ?p ?o } } }",
    "in not exists": "ASK { ?a ?b ?c FILTER NOT EXISTS { { SERVICE <%> { ?s ?p ?o } } } }",
    "in optional": "ASK { ?a ?b ?c OPTIONAL { SERVICE <%> { ?s ?p ?o } } }",
    "in union": "ASK { { ?a ?b ?c } UNION { SERVICE <%> { ?s ?p ?o } } }",
    "in minus": "ASK { ?a ?b ?c MINUS { SERVICE <%> { ?s ?p ?o } } }",
    "in graph": "ASK { GRAPH ?g { SERVICE <%> { ?s ?p ?o } } }",
    "in subquery": "ASK { { SELECT * { SERVICE <%> { ?s ?p ?o } } LIMIT 1 } }",
    "in lateral": "ASK { ?a ?b ?c LATERAL { SERVICE <%> { ?s ?p ?o } } }",
    "in service": "ASK { SERVICE <http://example.org/> { SERVICE <%> { ?s ?p ?o } } }",
    "by prefix": "PREFIX e: <http://127.0.0.1:PORT/> ASK { SERVICE e:x { ?s ?p ?o } }",
    "by base": "BASE <%> ASK { SERVICE <sparql> { ?s ?p ?o } }",
    "after a comment": "ASK { # SERVICE\n SERVICE # <\n <%> { ?s ?p ?o } }",
    "after a string": "ASK { ?a ?b '# not a comment' SERVICE <%> { ?s ?p ?o } }",
    "after a long string": 'ASK { ?a ?b """ "\' # """ SERVICE <%> { ?s ?p ?o } }',
    "after a number": "ASK { ?a ?b 1e5SERVICE<%>{ ?s ?p ?o } }",
    "after true": "ASK { ?a ?b true.SERVICE<%>{ ?s ?p ?o } }",
    "string end by escape": "ASK { ?a ?b 'x\\u0027 . SERVICE <%> { ?s ?p ?o } } #' }",
    "in construct": "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <%> { ?s ?p ?o } }",
    "in describe": "DESCRIBE ?s WHERE { SERVICE <%> { ?s ?p ?o } }",
    "load": "LOAD <%>",
    "load silent": "LOAD SILENT <%> INTO GRAPH <x:y>",
    "load after a query": "ASK {} ; LOAD <%>",
    "insert": "INSERT { ?s ?p ?o } WHERE { SERVICE <%> { ?s ?p ?o } }",
    "from": "SELECT * FROM <%> { ?s ?p ?o }",
    "from named": "SELECT * FROM NAMED <%> { GRAPH ?g { ?s ?p ?o } }",
    "from by base": "BASE <%> SELECT * FROM <x> { ?s ?p ?o }",
    "from escaped": "SELECT * FR\\u004FM <%> { ?s ?p ?o }",
    "from a file": "SELECT * FROM <file://FILE> { ?s ?p ?o }",
    "from named a file": "SELECT * FROM NAMED <file://FILE> { GRAPH ?g { ?s ?p ?o } }",
    "load a file": "LOAD <file://FILE>",
    "service of a file": "ASK { SERVICE <file://FILE> { ?s ?p ?o } }",
    "graph": "SELECT * { GRAPH <%> { ?s ?p ?o } }",
    "graph of a file": "SELECT * { GRAPH <file://FILE> { ?s ?p ?o } }",
    "function": "SELECT (<%f>(1) AS ?x) {}",
    "aggregate": "SELECT (<%f>(DISTINCT ?s) AS ?x) { ?s ?p ?o }",
    "search": "ASK { ?s her2kg:search '%' }",
    "describe": "DESCRIBE <%>",
    "json-ld": 'SELECT * { ?s ?p "{\\"@context\\": \\"%\\"}" }',
}
"""`%` is an address where somebody listens, `FILE` a file whose reading is noticed."""

WAYS = {
    "query": ("GET", "/sparql", {"Accept": "application/json"}),
    "post": ("POST", "/sparql", {"Accept": "*/*"}),
    "page": ("GET", "/sparql", {"Accept": "text/html"}),
    "explanation": ("GET", "/sparql/explain", {"Accept": "application/json"}),
}


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    """A server that only listens; who has called waits to be accepted."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening


@pytest.fixture(scope="module", params=["", "http://127.0.0.1:1/sparql"], ids=["no list", "a list"])
def server(request: pytest.FixtureRequest, small_home: Path) -> Iterator[httpx.Client]:
    """A client of a running server, without an allow-list and with one that has another address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["--home", str(small_home), "--port", str(port), "--query-timeout", "10"]
    environment = os.environ | {"HER2KG_FEDERATION": request.param}
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+/", process.stdout.readline())
        assert found
        with httpx.Client(base_url=found[0], timeout=20) as client:
            yield client
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A named pipe: who opens it to read hangs there, and is seen."""
    path = tmp_path / "must-not-be-read.ttl"
    os.mkfifo(path)
    return path


def nobody(listener: socket.socket, pipe: Path) -> None:
    """Nobody has called, and nobody has opened the file."""
    assert select.select([listener], [], [], 0)[0] == []
    with pytest.raises(OSError, match=os.strerror(errno.ENXIO)):
        os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)


@pytest.mark.parametrize("trick", TRICKS)
def test_no_query_calls_out_or_reads_a_file(
    server: httpx.Client, listener: socket.socket, pipe: Path, trick: str
) -> None:
    """By every way to send it; it is answered from the data or refused, and never an error of the server."""
    port = listener.getsockname()[1]
    query = TRICKS[trick].replace("%", f"http://127.0.0.1:{port}/").replace("PORT", str(port))
    query = query.replace("FILE", str(pipe))
    assert query != TRICKS[trick]
    for method, path, headers in WAYS.values():
        where = {"params": {"query": query}} if method == "GET" else {"data": {"query": query}}
        response = server.request(method, path, headers=headers, **where)
        assert response.status_code in {200, 400}, response.text
        nobody(listener, pipe)
    server.post("/sparql/check", content=query, headers={"Content-Type": "application/sparql-query"})
    nobody(listener, pipe)


@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri", "using-graph-uri", "release"])
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_no_parameter_calls_out_or_reads_a_file(
    server: httpx.Client, listener: socket.socket, pipe: Path, parameter: str, scheme: str
) -> None:
    """A graph that is not of the dataset is refused, and not fetched."""
    port = listener.getsockname()[1]
    value = f"http://127.0.0.1:{port}/" if scheme == "http" else f"file://{pipe}"
    response = server.get("/sparql", params={"query": "ASK { ?s ?p ?o }", parameter: value})
    assert response.status_code == (
        200 if parameter == "using-graph-uri" else 404 if parameter == "release" else 400
    )
    nobody(listener, pipe)


def test_the_listener_and_the_pipe_would_tell(listener: socket.socket, pipe: Path) -> None:
    """A call is heard, and an open file is seen: the tests above can fail."""
    with socket.create_connection(listener.getsockname()):
        assert select.select([listener], [], [], 5)[0] == [listener]
        listener.accept()[0].close()
    descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    os.close(descriptor)
    nobody(listener, pipe)
