"""Tools of others find classes, properties, prefixes and examples, by the queries that they send.

`tools/*.rq` ask what those tools ask, in words of our own. The tools ask the endpoint first; where it gives
no row, they read the description that it gives of itself, or a file that they are told of.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from rdflib import Graph

from graph.files import BASE
from graph.store import select
from graph.store.embedded import EmbeddedStore
from graph.vocab import DATASET, ENDPOINT, EXAMPLES_DOCUMENT, HER, PREFIXES, VOID_DOCUMENT
from server.gallery import examples

TOOLS = {
    path.stem: path.read_text("utf-8") for path in sorted((Path(__file__).parent / "tools").glob("*.rq"))
}
COMMAND = [sys.executable, "-c", "from server.cli import main; main()", "serve"]
META = BASE + "graph/meta"
FORMS = ("select", "ask", "construct", "describe")
VOID = "http://rdfs.org/ns/void#"
SD = "http://www.w3.org/ns/sparql-service-description#"
SH = "http://www.w3.org/ns/shacl#"
DRUG = str(HER.Drug)

Row = dict[str, str]


@pytest.fixture(scope="module")
def address(built: Path) -> Iterator[str]:
    """The address of a server over what a fresh clone builds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["--home", str(built), "--port", str(port)]
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+/", process.stdout.readline())
        assert found
        yield found[0]
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[EmbeddedStore]:
    """The store it serves."""
    with EmbeddedStore(built) as opened:
        yield opened


def over_the_endpoint(client: httpx.Client, query: str, **parameters: str) -> list[Row]:
    """The rows that the endpoint gives."""
    answer = client.get(
        "/sparql", params={"query": query, **parameters}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    return [
        {name: term["value"] for name, term in row.items()} for row in answer.json()["results"]["bindings"]
    ]


def in_a_document(client: httpx.Client, query: str, *paths: str) -> list[Row]:
    """The rows that the same query finds in the Turtle at some addresses."""
    read = ox.Store()
    for path in paths:
        answer = client.get(path, headers={"Accept": "text/turtle"})
        assert answer.status_code == 200
        read.extend(ox.parse(answer.content, format=ox.RdfFormat.TURTLE))
    solutions = read.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return [{name: row[name].value for name in names if row[name] is not None} for row in solutions]


def as_the_tools_do(client: httpx.Client, query: str) -> list[Row]:
    """Ask the endpoint, and read what it says of itself where it knows no row."""
    return over_the_endpoint(client, query) or in_a_document(client, query, "/sparql")


def in_the_graph_of_descriptions(client: httpx.Client, query: str) -> list[Row]:
    """Ask the endpoint, naming the graph."""
    return over_the_endpoint(client, query, **{"default-graph-uri": META})


def in_the_files(client: httpx.Client, query: str) -> list[Row]:
    """Read the well-known documents."""
    return in_a_document(
        client, query, f"/{VOID_DOCUMENT[len(BASE) :]}", f"/{EXAMPLES_DOCUMENT[len(BASE) :]}"
    )


WAYS = [as_the_tools_do, in_the_graph_of_descriptions, in_the_files]
Way = Callable[[httpx.Client, str], list[Row]]


def test_no_tool_is_passed_over() -> None:
    """The queries are found."""
    assert sorted(TOOLS) == ["examples", "overview", "prefixes", "schema", "schema-by-graph"]


@pytest.mark.parametrize("way", WAYS)
def test_tools_get_every_example(client: httpx.Client, way: Way) -> None:
    """Each once, with a question and a query that runs as it stands."""
    rows = way(client, TOOLS["examples"])
    assert [row["example"] for row in rows] == [f"{EXAMPLES_DOCUMENT}#{each.name}" for each in examples()]
    assert len(rows) == len(examples()) >= 40
    for row, example in zip(rows, examples(), strict=True):
        assert example.summary.split("&")[0] in row["comment"]
        assert "#+" not in row["query"]
        assert row["query"] in example.query


def test_every_example_that_is_given_away_runs(client: httpx.Client) -> None:
    """The endpoint answers the query as the description has it, without our prefixes added to it."""
    for row in as_the_tools_do(client, TOOLS["examples"]):
        assert client.get("/sparql", params={"query": row["query"]}).status_code == 200, row["example"]


@pytest.mark.parametrize("way", WAYS)
def test_tools_get_the_prefixes(client: httpx.Client, way: Way) -> None:
    """Those that the endpoint knows itself."""
    assert {row["prefix"]: row["namespace"] for row in way(client, TOOLS["prefixes"])} == PREFIXES


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("query", ["schema", "schema-by-graph", "overview"])
def test_tools_get_the_schema(client: httpx.Client, store: EmbeddedStore, way: Way, query: str) -> None:
    """Every class that has members and properties, and where these lead."""
    rows = way(client, TOOLS[query])
    found = {(row["class"], row["property"], row.get("other") or row.get("datatype")) for row in rows}
    assert (DRUG, str(HER.inhibits), str(HER.Target)) in found
    assert (DRUG, f"{PREFIXES['rdfs']}label", f"{PREFIXES['rdf']}langString") in found
    assert (str(HER.Evidence), f"{PREFIXES['oa']}start", f"{PREFIXES['xsd']}nonNegativeInteger") in found
    asked = "SELECT DISTINCT ?class { ?thing a ?class FILTER(isIRI(?class)) }"
    classes = {row["class"].value for row in select(store, asked)}
    left_out = {f"{PREFIXES['owl']}NamedIndividual", f"{PREFIXES['owl']}Thing"}
    assert {row["class"] for row in rows} == classes - left_out


@pytest.mark.parametrize("query", ["schema-by-graph", "overview"])
def test_what_tools_count_is_what_a_query_counts(
    client: httpx.Client, store: EmbeddedStore, query: str
) -> None:
    """The triples of drugs by property, as the description says and as the data have them."""
    told = {r["property"]: r["triples"] for r in as_the_tools_do(client, TOOLS[query]) if r["class"] == DRUG}
    asked = "SELECT ?p (COUNT(*) AS ?n) { ?drug a her2kg:Drug ; ?p ?o } GROUP BY ?p"
    assert told == {row["p"].value: row["n"].value for row in select(store, asked)}


def test_a_plain_query_does_not_meet_the_description(client: httpx.Client) -> None:
    """The default graph is data alone, so tools go on to the description."""
    for query in TOOLS.values():
        assert over_the_endpoint(client, query) == []


@pytest.mark.parametrize("form", ["turtle", "json-ld", "nt", "xml"])
@pytest.mark.parametrize("name", ["void", "sparql-examples"])
def test_the_documents_are_the_same_in_every_format(client: httpx.Client, name: str, form: str) -> None:
    """Another parser than the one that wrote them reads the same triples, and no blank node."""
    accept = {
        "turtle": "text/turtle",
        "json-ld": "application/ld+json",
        "nt": "application/n-triples",
        "xml": "application/rdf+xml",
    }[form]
    answer = client.get(f"/.well-known/{name}", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(accept)
    read = Graph().parse(data=answer.text, format=form)
    plain = Graph().parse(data=client.get(f"/.well-known/{name}.nt").text, format="nt")
    assert {tuple(map(str, triple)) for triple in read} == {tuple(map(str, triple)) for triple in plain}
    assert "_:" not in {str(term.n3())[:2] for triple in plain for term in triple}


def test_the_documents_name_this_instance(client: httpx.Client, address: str) -> None:
    """Where it is asked and had; the names of things stay what they are."""
    for name in ("void", "sparql-examples"):
        text = client.get(f"/.well-known/{name}.nt").text
        assert f"<{address}sparql" in text
        assert f"<{ENDPOINT}" not in text
    assert f"<{DATASET}>" in client.get("/.well-known/void.nt").text


def test_a_dump_that_the_description_names_is_the_whole(client: httpx.Client, store: EmbeddedStore) -> None:
    """Each address answers with as many triples as it is said to have."""
    read = ox.Store()
    read.extend(ox.parse(client.get("/.well-known/void.ttl").content, format=ox.RdfFormat.TURTLE))
    dumps = list(
        read.query(
            f"SELECT ?dump ?n {{ ?d <{VOID}dataDump> ?dump ; <{VOID}triples> ?n FILTER(REGEX(STR(?dump), 'ntrip')) }}"
        )
    )
    assert len(dumps) == 1 + len(store.manifest().graphs) - 1
    for row in dumps:
        answer = client.get(row["dump"].value)
        assert answer.headers["content-type"] == "application/n-triples"
        assert len(list(ox.parse(answer.content, format=ox.RdfFormat.N_TRIPLES))) == int(row["n"].value)


def test_the_service_describes_its_dataset_in_one_piece(client: httpx.Client) -> None:
    """The service leads to its graphs, their sizes, the partitions, and the property it searches by."""
    for accept in ("text/turtle", "application/ld+json"):
        answer = client.get("/sparql", headers={"Accept": accept})
        read = ox.Store()
        read.extend(ox.parse(answer.content, format=ox.RdfFormat.from_media_type(accept)))
        path = f"<{SD}defaultDataset>/<{SD}defaultGraph>/<{VOID}classPartition>/<{VOID}class>"
        assert read.query(f"ASK {{ ?service a <{SD}Service> ; {path} <{DRUG}> }}")
        sized = f"<{SD}defaultDataset>/<{SD}namedGraph>/<{SD}graph>"
        assert read.query(
            f"ASK {{ ?s {sized} ?graph . ?graph <{VOID}triples> ?n FILTER(?graph = <{META}>) }}"
        )
        assert read.query(f"ASK {{ ?s <{SD}propertyFeature> <{HER._NS}search> }}")
        assert next(
            iter(ox.parse(answer.content, format=ox.RdfFormat.from_media_type(accept)))
        ).subject.value == (str(client.base_url) + "sparql")


def test_the_description_leaves_nothing_of_a_graph_uncounted(store: EmbeddedStore) -> None:
    """Named graphs have the sizes of the manifest; the graph that holds the description is not among them."""
    query = f"SELECT ?graph ?n {{ GRAPH <{META}> {{ <{DATASET}> <{VOID}subset> ?graph . ?graph <{VOID}triples> ?n }} }}"
    told = {
        row["graph"].value.removeprefix(BASE + "graph/"): int(row["n"].value)
        for row in select(store, query)
        if row["graph"].value.startswith(BASE + "graph/")
    }
    assert told == {name: n for name, n in store.manifest().graphs.items() if name != "meta"}
