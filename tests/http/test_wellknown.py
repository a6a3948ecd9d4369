"""The well-known documents over a snapshot that says next to nothing of itself, and what leads to them."""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib.namespace import VOID

from graph.files import BASE
from graph.store import Limits
from graph.store.embedded import EmbeddedStore
from graph.store.snapshots import publish
from graph.vocab import DATASET
from server import create_app
from server.gallery import examples
from server.settings import Settings
from tests.http.conftest import SMALL

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

PATHS = ("/.well-known/void", "/.well-known/sparql-examples")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("application/ld+json", "application/ld+json"),
        ("application/n-triples, text/html;q=0.1", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
    ],
)
def test_the_client_s_format_is_given(
    client: FlaskClient, path: str, accept: str | None, media_type: str
) -> None:
    """Turtle for who says nothing; scripts of any site may read it."""
    response = client.get(path, headers={"Accept": accept} if accept else {})
    assert (response.status_code, response.mimetype) == (200, media_type)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in response.headers["Vary"]
    assert response.data


@pytest.mark.parametrize("path", PATHS)
def test_a_format_there_is_not_is_not_acceptable(client: FlaskClient, path: str) -> None:
    """406 with the formats that there are, and 404 for an ending that is none."""
    response = client.get(path, headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "Turtle" in response.json["detail"]
    assert client.get(path + ".csv").status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, path: str) -> None:
    """The same bytes under the same validator; another format and another host have another."""
    first, again = client.get(path + ".rdf"), client.get(path + ".rdf")
    tag = first.headers["ETag"]
    assert first.data == again.data
    assert again.headers["ETag"] == tag
    unchanged = client.get(path + ".rdf", headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert client.get(path + ".ttl").headers["ETag"] != tag
    assert client.get(path + ".rdf", headers={"Host": "example.org"}).headers["ETag"] != tag
    packed = client.get(path + ".rdf", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == first.data
    for known in (packed.headers["ETag"], f"W/{tag}", f'"x", {tag}', "*"):
        assert client.get(path + ".rdf", headers={"If-None-Match": known}).status_code == 304
    assert client.get(path + ".rdf", headers={"If-None-Match": '"x"'}).status_code == 200
    head = client.head(path + ".rdf")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)


def test_the_address_is_that_of_the_request(client: FlaskClient) -> None:
    """Behind whatever name this instance is reached."""
    text = client.get("/.well-known/sparql-examples.nt", headers={"Host": "kg.example.org:8080"}).text
    assert text.count("<http://kg.example.org:8080/sparql>") == len(examples())


@pytest.mark.parametrize("host", ["a<b>c", 'x"y', "a b", "[::1"])
@pytest.mark.parametrize("path", [*PATHS, "/sparql"])
def test_a_host_that_is_none_is_told(client: FlaskClient, path: str, host: str) -> None:
    """400 in plain words: an address could not be given."""
    response = client.get(path, headers={"Host": host, "Accept": "text/turtle"})
    assert response.status_code == 400
    assert "Host" in response.json["mend"]


def test_a_snapshot_that_describes_nothing_still_tells_its_version(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    """As data, and as a page that says how to make a description."""
    text = client.get("/.well-known/void.nt").text
    assert f'<{DATASET}> <http://www.w3.org/ns/dcat#version> "{store.manifest().version}"' in text
    assert store.manifest().created in text
    page = client.get("/.well-known/void", headers={"Accept": "text/html"}).text
    assert "published without a description" in page


def test_the_examples_are_all_on_their_page(client: FlaskClient) -> None:
    """Each under its name, with a link that asks it."""
    page = client.get("/.well-known/sparql-examples", headers={"Accept": "text/html"}).text
    assert [example.name for example in examples() if f'<li id="{example.name}">' not in page] == []
    assert page.count('href="/sparql?query=') == len(examples())


def test_the_name_of_the_dataset_leads_to_its_description(client: FlaskClient) -> None:
    """303, whatever is accepted."""
    response = client.get("/dataset", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.location) == (303, "/.well-known/void")


def test_the_home_page_leads_programs_to_the_description(client: FlaskClient) -> None:
    """By a header, by a link, and by what search engines for data read."""
    response = client.get("/")
    assert response.headers["Link"] == '</.well-known/void>; rel="describedby"; type="text/turtle"'
    assert '<link rel="describedby" type="text/turtle" href="/.well-known/void">' in response.text
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', response.text, re.DOTALL)
    assert block is not None
    dataset = json.loads(block[1])
    assert (dataset["@type"], dataset["@id"]) == ("Dataset", str(DATASET))
    assert "publicdomain/zero" in dataset["license"]
    for distribution in dataset["distribution"]:
        path = distribution["contentUrl"].removeprefix("http://localhost")
        assert client.get(path).mimetype == distribution["encodingFormat"]


def test_crawlers_are_told_where_the_description_is(client: FlaskClient) -> None:
    """robots.txt names both documents and lets everyone read them."""
    robots = client.get("/robots.txt").text
    assert all(path in robots for path in PATHS)
    assert "Allow: /.well-known/" in robots


def test_a_release_is_described_by_its_own_graphs(tmp_path: Path) -> None:
    """And not by those of what came after it."""
    data = ox.serialize(ox.parse(path=str(SMALL)), format=ox.RdfFormat.N_QUADS)
    assert data is not None
    first = publish(tmp_path, data)
    second = publish(tmp_path, data + f"<urn:a> <urn:b> <urn:c> <{BASE}graph/vocabulary> .\n".encode())
    assert second.graphs["vocabulary"] == first.graphs["vocabulary"] + 1
    with EmbeddedStore(tmp_path, Limits(timeout=5, workers=1)) as store:
        client = create_app(Settings(home=tmp_path), store).test_client()
        for path, manifest in ((f"/release/{first.version}/sparql", first), ("/sparql", second)):
            answer = client.get(path, headers={"Accept": "application/n-triples"})
            assert answer.status_code == 200
            count = f'<{BASE}graph/vocabulary> <{VOID.triples}> "{manifest.graphs["vocabulary"]}"'
            assert count in answer.text
        assert client.get("/release/0/sparql", headers={"Accept": "text/turtle"}).status_code == 404
