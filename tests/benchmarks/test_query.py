"""What isolation and HTTP add to the bare engine, for a point query and for the README's question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.store import select
from graph.store.embedded import EmbeddedStore
from graph.vocab import PREFIXES
from server import create_app
from server.settings import Settings

Measure = Callable[..., float]
Show = Callable[[str, dict[str, float], str], None]

QUERIES = {
    "point": "SELECT ?label WHERE { drug:elacestrant rdfs:label ?label }",
    "question": """SELECT ?name ?document WHERE {
        ?statement a her2kg:Approval ; her2kg:subject/rdfs:label ?name ; her2kg:object ?condition ;
          her2kg:hasEvidence/oa:hasSource ?document .
        ?condition a her2kg:HormoneReceptorPositiveHER2NegativeCondition , her2kg:ESR1MutatedCondition }""",
}


@pytest.mark.parametrize("name", QUERIES)
def test_the_store_and_http_beside_the_bare_engine(
    name: str, home: Path, store: EmbeddedStore, median_ms: Measure, table: Show
) -> None:
    """The three give the same rows; the table says what each step costs."""
    query = QUERIES[name]
    version = (home / "current").read_text("utf-8").strip()
    engine = ox.Store.read_only(str(home / "snapshots" / version / "store"))
    client = create_app(Settings(home=home), store).test_client()

    def bare() -> list[object]:
        return list(engine.query(query, prefixes=PREFIXES))  # type: ignore[arg-type]

    def http() -> int:
        answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
        assert answer.status_code == 200
        return answer.data.count(b"\n") - 1

    assert len(bare()) == len(select(store, query)) == http() > 0
    rows = {
        "engine in this process": median_ms(bare),
        "store (isolated worker)": median_ms(lambda: store.query(query)),
        "application (no socket)": median_ms(http),
    }
    table(f"{name} query", rows, "engine in this process")
