"""How reasoning grows with the data: HermiT, the rules of OWL 2 RL, and the plain triples of `graph/build/rules`.

The released data are copied under new IRIs, ten and a hundred times: the statements only, as when more documents speak of
the same things; or the statements and the things they speak of, as when the vocabulary grows too. What an axiom
names (such as biomarker-status:her2-negative) is never copied. Each figure comes from a process of its own.
"""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, serialize
from rdflib import RDF
from reasonable import PyReasoner

from graph.build.derive import derive
from graph.build.release import released_graphs
from graph.build.sources import load_sources
from graph.files import BASE
from graph.reason import logical, reason

Graphs = Mapping[str, Sequence[Triple]]
Types = frozenset[tuple[str, str]]

THINGS = BASE + "id/"
TERMS = BASE + "ontology/"
ROUNDS = {1: 3, 10: 3, 100: 1}
"""How often each size is measured."""
RL_MEMORY = 8 << 30
"""Bytes of address space that RL may have: it has taken more than a machine had, and its end is part of the figures."""


class Figures(NamedTuple):
    """What one run took, in seconds and in MiB at the peak (of the process or of its Java), and what it found."""

    seconds: float
    peak: float
    types: Types


def instance_data() -> dict[str, list[Triple]]:
    """Ontology, vocabulary, the two released documents and their plain triples."""
    sources = load_sources()
    graphs = {name: sources[name] for name in ("ontology", "vocabulary")} | released_graphs()
    return graphs | {"inferred": derive(_together(graphs))}


def enlarged(graphs: Graphs, times: int, *, things: bool) -> dict[str, list[Triple]]:
    """The graphs with `times` as many statements and, if wanted, things."""
    kept = {term for triple in graphs["ontology"] for term in (triple.subject, triple.object)}
    if not things:
        kept |= {triple.subject for triple in graphs["vocabulary"]}

    def copied(term: object, number: int) -> object:
        if isinstance(term, NamedNode) and term.value.startswith(THINGS) and term not in kept:
            return NamedNode(f"{term.value}-copy-{number}")
        return term

    def copies(triples: Sequence[Triple]) -> list[Triple]:
        # Of a thing that is kept nothing new is said: a functional property would make its new values one.
        moving = [triple for triple in triples if copied(triple.subject, 0) != triple.subject]
        return [
            Triple(copied(t.subject, number), t.predicate, copied(t.object, number))  # type: ignore[arg-type]
            for number in range(1, times)
            for t in moving
        ]

    return {
        name: [*triples] if name == "ontology" else [*triples, *copies(triples)]
        for name, triples in graphs.items()
    }


def _together(graphs: Graphs) -> set[Triple]:
    return {triple for name, triples in graphs.items() if name != "inferred" for triple in triples}


def by_hermit(graphs: Graphs) -> Types:
    """What `her2kg build` does: consistency, classification, property values."""
    return frozenset(
        (triple.subject.value, triple.object.value)
        for triple in reason(graphs).triples
        if triple.predicate == NamedNode(RDF.type) and isinstance(triple.object, NamedNode)
        and isinstance(triple.subject, NamedNode)
    )  # fmt: skip


def by_rl(graphs: Graphs) -> Types:
    """The same axioms and assertions, by `reasonable`."""
    axioms, assertions = logical(graphs)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "all.ttl")  # the reasoner reads Turtle, of which N-Triples is a part
        serialize([*axioms, *assertions], output=file, format=RdfFormat.N_TRIPLES)
        reasoner = PyReasoner()
        reasoner.load_file(str(file))
        follows = reasoner.reason()
    said = {(t.subject.value, t.object.value) for t in assertions if t.predicate == NamedNode(RDF.type)}  # type: ignore[union-attr]
    types = {(str(node), str(class_)) for node, property_, class_ in follows if property_ == RDF.type}
    return frozenset(
        pair for pair in types - said if pair[0].startswith(THINGS) and pair[1].startswith(TERMS)
    )


def by_rules(graphs: Graphs) -> Types:
    """The plain triples of the statements."""
    derive(_together(graphs))
    return frozenset()


WAYS: dict[str, Callable[[Graphs], Types]] = {"HermiT": by_hermit, "OWL 2 RL": by_rl, "rules": by_rules}


def run(way: str, times: int, things: bool) -> Figures:
    """One measurement, to be taken in a process of its own."""
    if way == "OWL 2 RL":
        resource.setrlimit(resource.RLIMIT_AS, (RL_MEMORY, RL_MEMORY))
    graphs = enlarged(instance_data(), times, things=things)
    started = time.perf_counter()
    types = WAYS[way](graphs)
    seconds = time.perf_counter() - started
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return Figures(seconds, max(resource.getrusage(who).ru_maxrss for who in whose) / 1024, types)


def measured(way: str, times: int, *, things: bool) -> Figures | None:
    """The median time and the peak of as many runs as `ROUNDS` says; None when it ran out of memory."""
    fork = multiprocessing.get_context("fork")
    runs = []
    for _ in range(ROUNDS[times]):
        with ProcessPoolExecutor(1, mp_context=fork) as pool:
            try:
                runs.append(pool.submit(run, way, times, things).result())
            except BrokenProcessPool:
                return None
    seconds = statistics.median(figures.seconds for figures in runs)
    return Figures(seconds, max(figures.peak for figures in runs), runs[0].types)


@pytest.mark.parametrize(
    ("things", "sizes"), [(False, (1, 10, 100)), (True, (1, 10))], ids=["statements", "statements and things"]
)
def test_reasoning_grows_with_the_data(
    things: bool, sizes: tuple[int, ...], table: Callable[..., None]
) -> None:
    """What each way takes, and that RL finds no type that HermiT does not."""
    grown = "statements and things" if things else "statements"
    found: dict[str, dict[int, Figures]] = {}
    for way in WAYS:
        runs = {times: measured(way, times, things=things) for times in sizes}
        found[way] = {times: figures for times, figures in runs.items() if figures}
        base = f"{way}, 1 × {grown}"
        seconds = {f"{way}, {times} × {grown}": figures.seconds for times, figures in found[way].items()}
        peaks = {f"{way}, {times} × {grown}": figures.peak for times, figures in found[way].items()}
        table(f"{way}: time", seconds, base, "s")
        table(f"{way}: peak memory", peaks, base, "MiB")
        for times in sorted(set(sizes) - set(found[way])):
            print(f"  {way}, {times} × {grown}: out of memory")  # noqa: T201
    for times, figures in found["OWL 2 RL"].items():
        hermit = found["HermiT"][times].types
        print(f"\n{times} ×: HermiT finds {len(hermit):,} types, RL {len(figures.types):,} of them")  # noqa: T201
        assert figures.types
        assert figures.types - hermit == set()
