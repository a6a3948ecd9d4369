"""What is known of a query before it is run: its algebra with figures, warnings, and the limits that apply.

The engine keeps its plan to itself (pyoxigraph has no call for it), so nothing is said of the order in which
it joins. What is said was found out: how many triples fit each pattern, and what the algebra of the
recommendation makes of the query.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from graph.errors import Her2kgError
from graph.files import BASE
from graph.plan.reader import PROBLEMS
from graph.store import JSON, federation, guard, textquery
from graph.vocab import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.plan.reader import Reader
    from graph.store import Hits, Limits, Options, Store

SECONDS: Final = 3.0
"""How long counting goes on; patterns that it does not come to stay without a figure."""

PATTERNS: Final = 60
"""Triple patterns that are counted."""

COUNTED: Final = 100_000
"""As `graph.plan.counting` has it; that module would import rdflib here."""

RELATIONS: Final = {
    "exactly": "{0:,} triples fit",
    "at least": "more than {0:,} triples fit",
    "at most": "at most {0:,} triples fit: two of its places must be the same, which was not counted",
    "steps": "{0:,} triples have its properties",
    "many steps": "more than {0:,} triples have its properties",
    "unknown": "not counted",
}
"""What a pattern's figure means."""

ORDER: Final = (
    "The engine chooses the order of the joins itself and does not tell it; how many solutions a join has is "
    "known only when it has been run."
)


def explain(store: Store, reader: Reader, query: str, options: Options, limits: Limits) -> dict[str, Any]:
    """The explanation of a query that the store can read; `docs/explain.md` has its form.

    Raises what the store raises for graphs or a release that it has not got, and TooManyQueries.
    """
    dataset = _dataset(query, options, limits)
    asked: Options = {
        "solutions": JSON,
        "triples": None,
        "default_graphs": dataset["default"],
        "named_graphs": dataset["named"],
        "client": options.get("client", ""),
        "release": options.get("release"),
    }
    store.query("ASK {}", **asked)  # the release and the graphs are there
    searches: list[dict[str, Any]] = []

    def find(words: str, limit: int) -> Hits:
        hits = store.search(words, limit=limit)
        searches.append({"words": words, "limit": limit, "found": len(hits.hits)})
        return hits

    expanded = textquery.expanded(query, find) if textquery.may_search(query) else query
    read = reader.read(expanded)
    problem = PROBLEMS[read["problem"]] if "problem" in read else ""
    tree, warned = read.get("tree"), list(read.get("warnings", ()))
    patterns = read.get("patterns", [])
    counted = _counts(store, patterns, asked)
    for node in _nodes(tree):
        if "pattern" in node:
            node["count"] = counted[node.pop("pattern")]
    texts = {id(node["count"]): node["text"] for node in _nodes(tree) if "count" in node}
    for pattern, count in zip(patterns, counted, strict=True):
        if pattern["needed"] and count["number"] == 0 and id(count) in texts:
            words = f"No triple fits {texts[id(count)]}, so the answer will be empty."
            warned.insert(0, {"code": "nothing-fits", "words": words})
    return {
        "record": "plan",
        "form": read.get("form"),
        "version": options.get("release") or store.manifest().version,
        "dataset": dataset,
        "algebra": tree,
        "problem": problem,
        "at_most": read.get("at_most"),
        "searches": searches,
        "warnings": warned,
        "order": ORDER,
        "limits": [*_limits(limits)],
    }


def _dataset(query: str, options: Options, limits: Limits) -> dict[str, Any]:
    """The graphs that the query is asked over: those of the request, else its own, else all."""
    default, named = list(options.get("default_graphs", ())), list(options.get("named_graphs", ()))
    if not default and not named:
        called = federation.federated(query, limits.endpoints, prefixes=PREFIXES, base=BASE)
        text = query if called is None else called.query
        found = guard.inspect(text, prefixes=PREFIXES, base=BASE, max_bytes=limits.query_bytes).graphs
        default = [name.iri for name in found if not name.named]
        named = [name.iri for name in found if name.named]
    if not default and not named:
        words = (
            "Everything published: the union of all graphs but shapes and meta, and each graph by its name."
        )
    else:
        words = "The graphs that the query, or the request, names; no others."
    return {"default": default, "named": named, "words": words}


def _counts(store: Store, patterns: list[dict[str, Any]], options: Options) -> list[dict[str, Any]]:
    """A figure for each pattern, as far as that is found out in time; the same question is asked once."""
    until = time.monotonic() + SECONDS
    known: dict[str, int | None] = {}
    counts = []
    for number, pattern in enumerate(patterns):
        query, relation = pattern["query"], pattern["relation"]
        if query is not None and query not in known and number < PATTERNS and time.monotonic() < until:
            known[query] = _count(store, query, options)
        figure = known.get(query)
        if figure is None:
            relation = "unknown"
        elif figure > COUNTED:
            figure = COUNTED
            relation = {"steps": "many steps"}.get(relation, "at least")
        words = RELATIONS[relation].format(figure)
        if figure == 1:
            words = words.replace("1 triples fit", "1 triple fits").replace("1 triples have", "1 triple has")
        counts.append({"number": figure, "relation": relation, "words": words})
    return counts


def _count(store: Store, query: str, options: Options) -> int | None:
    try:
        answer = store.query(query, **options)
    except Her2kgError:
        return None  # a figure that cannot be had is no fault of the query
    rows = ox.parse_query_results(answer.body, ox.QueryResultsFormat.JSON)
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 - it was a SELECT
    return next(int(row["count"].value) for row in rows)


def _nodes(tree: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    if tree is not None:
        yield tree
        for child in tree["children"]:
            yield from _nodes(child)


def _limits(limits: Limits) -> Iterator[dict[str, Any]]:
    """What one query may use, each with its `unit` and in `words`."""
    rows = (
        ("timeout", limits.timeout, "seconds", "from the question to the whole answer"),
        ("memory", limits.memory, "MiB", "that the process answering may need"),
        ("query_bytes", limits.query_bytes, "bytes", "of the query"),
        ("result_bytes", limits.result_bytes, "bytes", "of the answer"),
        ("slow", limits.slow, "queries", "that take longer than 20 ms run at a time"),
        (
            "client_slow",
            limits.client_slow,
            "queries",
            "of that kind one client may have, running or waiting",
        ),
    )
    for name, value, unit, words in rows:
        whole = int(value) if value == int(value) else value
        yield {"name": name, "value": whole, "unit": unit, "words": words}
