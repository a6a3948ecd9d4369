"""What the endpoint answers at once, and what it has to ask of a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from server.sparql.endpoint import prepared
from server.sparql.protocol import Request

if TYPE_CHECKING:
    from graph.store.embedded import EmbeddedStore

NAME = "SELECT ?label { drug:palbociclib rdfs:label ?label }"
GRAPH = "https://w3id.org/her2kg/graph/vocabulary"


@pytest.mark.parametrize(
    ("fields", "at_once"),
    [
        ({}, True),
        ({"format": "json"}, True),
        ({"format": "csv"}, False),
        ({"format": "turtle"}, False),
        ({"default-graph-uri": GRAPH}, False),
        ({"named-graph-uri": GRAPH}, False),
        ({"default-graph-uri": "urn:x-arq:DefaultGraph"}, True),
    ],
)
def test_json_of_the_whole_data_is_looked_up(
    store: EmbeddedStore, fields: dict[str, str], at_once: bool
) -> None:
    """Where another format is wanted, or some graphs, a worker answers."""
    asked = Request("GET", urlencode({"query": NAME, **fields}).encode())
    question, reply = prepared(store, asked)
    assert question.query == NAME
    assert (reply is not None) is at_once
    assert reply is None or reply.rows == 1


def test_a_release_is_looked_up_where_it_is_the_current_one(store: EmbeddedStore) -> None:
    """The index is of one snapshot."""
    encoded = urlencode({"query": NAME}).encode()
    version = store.manifest().version
    assert prepared(store, Request("GET", encoded, release=version))[1] is not None
    assert prepared(store, Request("GET", encoded, release="0" * 12))[1] is None
