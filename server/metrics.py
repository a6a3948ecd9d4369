"""`/metrics`: what has been counted and how things are, in the form that Prometheus reads."""

from __future__ import annotations

import os
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, current_app, request
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from graph.store.figures import Measured, memory
from server import ask
from server.sparql.endpoint import published

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prometheus_client.core import Metric

    from graph.store import Store
    from server.visits import Visit

blueprint = Blueprint("metrics", __name__)

METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
"""The methods that are counted each by itself; strangers may invent others."""

SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
BYTES: Final = (1 << 10, 1 << 14, 1 << 18, 1 << 20, 1 << 24, 1 << 26, 1 << 28)
"""The upper ends of the buckets of both histograms; all that is larger is in one more."""

Labels = tuple[str, str, int, str]
"""Route, method, status, outcome."""


class Series:
    """The requests that have all labels alike."""

    __slots__ = ("bytes", "lengths", "seconds", "times")

    def __init__(self) -> None:
        self.times = [0] * (len(SECONDS) + 1)
        self.lengths = [0] * (len(BYTES) + 1)
        self.seconds = 0.0
        self.bytes = 0


@dataclass(frozen=True, slots=True)
class Serving:
    """How the process that serves is doing: `held` are the bytes of large results that are being sent,
    `dropped` the lines of the log that nobody took in time.
    """

    running: int = 0
    cache_entries: int = 0
    cache_bytes: int = 0
    cache_hits: int = 0
    cache_misses: int = 0
    held: int = 0
    dropped: int = 0


class Tally:
    """The requests that have ended, counted in the event loop by plain numbers; read by any thread.

    `serving` tells how the process is doing at the moment.
    """

    def __init__(self, serving: Callable[[], Serving] = Serving) -> None:
        self.series: dict[Labels, Series] = {}
        self.serving = serving

    def count(self, visit: Visit) -> None:
        """A request has ended."""
        method = visit.method
        labels = (visit.route, method if method in METHODS else "other", visit.status, visit.outcome)
        series = self.series.get(labels)
        if series is None:
            series = self.series[labels] = Series()
        series.times[bisect_left(SECONDS, visit.seconds)] += 1
        series.lengths[bisect_left(BYTES, visit.length)] += 1
        series.seconds += visit.seconds
        series.bytes += visit.length


class Figures(Collector):
    """All figures, read when they are asked for."""

    def __init__(self, store: Store, tally: Tally | None) -> None:
        self._store, self._tally = store, tally

    def collect(self) -> Iterator[Metric]:
        """The metrics of the store, of this process, and of the requests where they are counted."""
        yield from _snapshot(self._store)
        yield from _workers(self._store)
        yield GaugeMetricFamily(
            "her2kg_process_memory_bytes",
            "Resident memory of the process that serves; query workers have their own.",
            value=memory(os.getpid()),
        )
        yield GaugeMetricFamily(
            "her2kg_process_open_files", "Open files and connections of that process.", value=_open_files()
        )
        if self._tally is not None:
            yield from _requests(self._tally)
            yield from _serving(self._tally.serving())


@blueprint.get("/metrics")
def metrics() -> Response:
    """All figures, as text of Prometheus or OpenMetrics by Accept."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(ask.store(), current_app.extensions.get("tally")))
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return Response(encode(registry), content_type=content_type, headers={"Cache-Control": "no-store"})


def _snapshot(store: Store) -> Iterator[Metric]:
    manifest = store.manifest()
    facts = {"version": manifest.version, "created": manifest.created, "software": manifest.software}
    yield InfoMetricFamily("her2kg_snapshot", "The data that are served.", value=facts)
    yield GaugeMetricFamily(
        "her2kg_snapshot_created_timestamp_seconds",
        "When the data that are served were published.",
        value=published(manifest.created),
    )
    yield GaugeMetricFamily("her2kg_snapshot_quads", "Quads of the data.", value=manifest.quads)


def _workers(store: Store) -> Iterator[Metric]:
    health = store.health()
    yield GaugeMetricFamily("her2kg_up", "Whether queries can be answered.", value=health.status != "down")
    yield GaugeMetricFamily("her2kg_workers_alive", "Query workers that live.", value=health.workers)
    yield GaugeMetricFamily("her2kg_queries_running", "Queries that workers run.", value=health.busy)
    yield GaugeMetricFamily(
        "her2kg_queries_waiting",
        "Queries that wait for a worker, or for a turn among the long ones.",
        value=health.waiting,
    )
    if isinstance(store, Measured):
        figures = store.figures()
        yield GaugeMetricFamily(
            "her2kg_queries_parked",
            "Long queries among those that wait: suspended, or not begun.",
            value=figures.parked,
        )
        yield GaugeMetricFamily(
            "her2kg_workers_memory_bytes", "Resident memory of all query workers.", value=figures.memory
        )
        ends = CounterMetricFamily(
            "her2kg_workers_ended",
            "Query workers that ended: killed over a query, by themselves, or replaced.",
            labels=["why"],
        )
        for why, number in figures.ends.items():
            ends.add_metric([why], number)
        yield ends
        yield CounterMetricFamily(
            "her2kg_workers_started", "Query workers that were started.", value=figures.started
        )
        yield CounterMetricFamily(
            "her2kg_queries_looked_up",
            "Queries of one triple pattern, looked up without a worker.",
            value=figures.looked_up,
        )


def _requests(tally: Tally) -> Iterator[Metric]:
    series = [*tally.series.items()]
    requests = CounterMetricFamily(
        "her2kg_requests",
        "Requests that have ended; status 0 is that the client went away first.",
        labels=["route", "method", "status", "outcome"],
    )
    seconds = HistogramMetricFamily(
        "her2kg_request_duration_seconds",
        "From a request's headers to the last byte handed over.",
        labels=["route", "outcome"],
    )
    lengths = HistogramMetricFamily(
        "her2kg_response_size_bytes", "Bytes of bodies, as sent.", labels=["route", "outcome"]
    )
    grouped: dict[tuple[str, str], list[Series]] = {}
    for (route, method, status, outcome), one in series:
        requests.add_metric([route, method, str(status), outcome], sum(one.times))
        grouped.setdefault((route, outcome), []).append(one)
    for labels, those in grouped.items():
        seconds.add_metric(
            [*labels], _buckets(SECONDS, [s.times for s in those]), sum(s.seconds for s in those)
        )
        lengths.add_metric(
            [*labels], _buckets(BYTES, [s.lengths for s in those]), sum(s.bytes for s in those)
        )
    yield from (requests, seconds, lengths)


def _serving(now: Serving) -> Iterator[Metric]:
    yield GaugeMetricFamily("her2kg_requests_running", "Requests that have not ended.", value=now.running)
    yield GaugeMetricFamily("her2kg_cache_entries", "Answers in the cache.", value=now.cache_entries)
    yield GaugeMetricFamily("her2kg_cache_bytes", "Bytes of these answers.", value=now.cache_bytes)
    lookups = CounterMetricFamily(
        "her2kg_cache_lookups", "Answers looked for in the cache.", labels=["found"]
    )
    lookups.add_metric(["yes"], now.cache_hits)
    lookups.add_metric(["no"], now.cache_misses)
    yield lookups
    yield GaugeMetricFamily(
        "her2kg_results_held_bytes", "Bytes of large results that are being sent.", value=now.held
    )
    yield CounterMetricFamily(
        "her2kg_log_lines_dropped", "Lines of the log that nobody took in time.", value=now.dropped
    )


def _buckets(ends: tuple[float, ...], counts: Iterable[list[int]]) -> list[tuple[str, float]]:
    """Buckets as Prometheus has them: each with all that is smaller."""
    found, total = [], 0
    for end, *numbers in zip((*map(str, ends), "+Inf"), *counts, strict=True):
        total += sum(numbers)
        found.append((end, float(total)))
    return found


def _open_files() -> int:
    try:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())
    except OSError:
        return 0
