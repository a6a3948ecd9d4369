"""What is counted is what is shown, under labels that strangers cannot multiply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from server import create_app
from server.metrics import Serving, Tally
from server.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from prometheus_client.core import Metric

    from graph.store.embedded import EmbeddedStore


@pytest.fixture
def fresh(small_home: Path, store: EmbeddedStore) -> Flask:
    """An application of its own: nothing has been counted."""
    return create_app(Settings(home=small_home), store)


class Ended:
    """A request that has ended."""

    def __init__(self, **facts: object) -> None:
        self.route, self.method, self.status, self.outcome = "sparql", "GET", 200, "ok"
        self.seconds, self.length = 0.002, 500
        self.__dict__ |= facts


def test_requests_are_counted_by_what_they_were() -> None:
    """Each in its series, with its time and its size."""
    tally = Tally()
    for ended in (Ended(), Ended(), Ended(status=504, outcome="timeout", seconds=31.0), Ended(method="BREW")):
        tally.count(ended)  # type: ignore[arg-type]
    assert {labels: sum(one.times) for labels, one in tally.series.items()} == {
        ("sparql", "GET", 200, "ok"): 2,
        ("sparql", "GET", 504, "timeout"): 1,
        ("sparql", "other", 200, "ok"): 1,
    }
    assert tally.series["sparql", "GET", 504, "timeout"].times[-1] == 1


def test_the_page_is_what_prometheus_reads(fresh: Flask) -> None:
    """Counters, gauges and histograms whose buckets add up; OpenMetrics for who asks for it."""
    tally = fresh.extensions["tally"] = Tally(lambda: Serving(running=1, cache_hits=7, held=42))
    for seconds in (0.0001, 0.002, 0.002, 99.0):
        tally.count(Ended(seconds=seconds))  # type: ignore[arg-type]
    client, before = fresh.test_client(), fresh.extensions["store"].figures().looked_up
    assert client.get("/sparql", query_string={"query": "ASK { her2kg:Drug a ?type }"}).is_json
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain; version=")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert value(families["her2kg_requests"], status="200") == 4
    assert value(families["her2kg_cache_lookups"], found="yes") == 7
    assert value(families["her2kg_results_held_bytes"]) == 42
    buckets = [s for s in families["her2kg_request_duration_seconds"].samples if s.name.endswith("_bucket")]
    assert [s.value for s in buckets if s.labels["le"] in {"0.0005", "0.0025", "30", "+Inf"}] == [1, 3, 3, 4]
    store = fresh.extensions["store"]
    assert value(families["her2kg_snapshot_info"], version=store.manifest().version) == 1
    assert value(families["her2kg_workers_alive"]) >= 1
    assert value(families["her2kg_workers_memory_bytes"]) > 1_000_000
    assert value(families["her2kg_process_memory_bytes"]) > 1_000_000
    assert value(families["her2kg_workers_started"]) >= 1
    assert value(families["her2kg_queries_looked_up"]) == before + 1
    open_metrics = fresh.test_client().get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert open_metrics.content_type.startswith("application/openmetrics-text")
    assert open_metrics.text.endswith("# EOF\n")


def value(family: Metric, **labels: str) -> float:
    names = {family.name, family.name + "_total", family.name + "_info"}
    return sum(s.value for s in family.samples if s.name in names and labels.items() <= s.labels.items())
