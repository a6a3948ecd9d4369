"""The data that are asked about: the graph that a fresh clone builds, and larger ones made of copies of it.

A copy has its own documents, statements, evidence, drugs, conditions and so on, under IRIs of its own and with names
of its own. What an axiom of the ontology names, and what statements share as values (polarity, setting, agency …),
is there once, so that copies meet in it as documents do. A size counts the triples of the default graph, which is
the union of all graphs but shapes and meta; each of them stands in its named graph, too (shapes and meta themselves
are left out of the larger sizes: they are no part of what is copied). Copies are written one
after the other, never held in memory together.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from graph.build.pipeline import build
from graph.files import BASE
from graph.store.search import COLUMNS
from graph.store.snapshots import GRAPHS, Snapshot, _write, open_current
from graph.vocab import NAMED_ONLY, graph_iri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.benchmarks.plan import Plan

THINGS: Final = BASE + "id/"
DOCUMENTS: Final = BASE + "graph/document/"
OWN: Final = frozenset((
    "aim", "circumstance", "condition", "decision", "document", "drug", "drug-class", "effect", "evidence", "factor",
    "gap", "organization", "regimen", "run", "service", "source", "statement", "target", "topic", "treatment",
))  # fmt: skip
"""The kinds of things that a copy has for itself; the rest are values that all share."""

DIGEST: Final = re.compile(r"[0-9a-f]{16}")
NAMES: Final = frozenset((
    "http://www.w3.org/2000/01/rdf-schema#label", "http://www.w3.org/2004/02/skos/core#altLabel",
    BASE + "ontology/brandName", BASE + "ontology/abbreviation",
))  # fmt: skip
VIRTUOSO_UNION: Final = "urn:her2kg:none"
"""The graph that Virtuoso's loader puts triples without a graph into: it has no other default graph."""

FIRST: Final = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z")
VOWELS: Final = ("a", "e", "i", "o", "u")
FORM: Final = 5
"""Raised when the same size would give other data, so that what is cached is made anew."""

COPIES_A_FILE: Final = 50


@dataclass(frozen=True, slots=True)
class Data:
    """A dataset as N-Quads in `files` (the default graph's triples without a graph), and what it has in it.

    `triples` and `quads` count the default graph and all named ones, `things` are the IRIs of each kind that has
    copies, as they stand in the original, and `copies` says how many there are, the original with them.
    """

    name: str
    folder: Path
    triples: int
    quads: int
    copies: int
    things: dict[str, list[str]]
    graphs: dict[str, int]

    @property
    def files(self) -> list[Path]:
        """The N-Quads, in pieces; blank nodes are in the first alone."""
        return sorted(self.folder.glob("part-*.nq"))

    def thing(self, kind: str, number: int) -> str:
        """The IRI of the thing of a kind with this number; numbers go round when there are no more."""
        originals = self.things[kind]
        copy, which = divmod(number % (len(originals) * self.copies), len(originals))
        return renamed(originals[which], copy)


def word(number: int) -> str:
    """A word that can be spoken, and that no other copy has in its names; empty for the original."""
    if number == 0:
        return ""
    letters = []
    for _ in range(3):
        number, vowel = divmod(number, len(VOWELS))
        number, consonant = divmod(number, len(FIRST))
        letters.append(FIRST[consonant] + VOWELS[vowel])
    return "".join(letters)


def renamed(iri: str, number: int) -> str:
    """What a thing or a graph is called in a copy: a digest becomes another one, a name gets a number."""
    if number == 0:
        return iri
    if DIGEST.search(iri):
        return DIGEST.sub(lambda found: _digest(found[0], number), iri)
    return f"{iri}-{number}"


class Original:
    """The built graph, prepared for copying: with shapes and meta where it is `whole`."""

    def __init__(self, home: Path, *, whole: bool) -> None:
        quads = list(ox.Store.read_only(str(open_current(home).store)))
        left_out = set() if whole else {str(graph_iri(name)) for name in NAMED_ONLY}
        self.union = [quad for quad in quads if isinstance(quad.graph_name, ox.DefaultGraph)]
        self.named = [
            quad
            for quad in quads
            if isinstance(quad.graph_name, ox.NamedNode) and quad.graph_name.value not in left_out
        ]
        ontology = {q.triple for q in self.named if q.graph_name == ox.NamedNode(graph_iri("ontology"))}
        self._kept = {term for triple in ontology for term in (triple.subject, triple.object)}

    def lines(self) -> list[str]:
        """All quads as N-Quads, sorted."""
        return sorted(f"{quad} .\n" for quad in (*self.union, *self.named))

    @cached_property
    def digest(self) -> str:
        """What the data are known by, as long as they stay the same."""
        return hashlib.sha256("".join(self.lines()).encode()).hexdigest()[:12]

    @cached_property
    def graphs(self) -> Counter[str]:
        """How many triples each named graph has."""
        return Counter(quad.graph_name.value.removeprefix(GRAPHS) for quad in self.named)  # type: ignore[union-attr]

    def is_own(self, term: object) -> bool:
        """Whether a copy has this thing, or graph, for itself."""
        if not isinstance(term, ox.NamedNode) or term in self._kept:
            return False
        iri = term.value
        return iri.startswith(DOCUMENTS) or (
            iri.startswith(THINGS) and iri[len(THINGS) :].partition("/")[0] in OWN
        )

    @cached_property
    def moving(self) -> list[ox.Quad]:
        """What a copy repeats: all that is said of a thing of its own."""
        named_only = {str(graph_iri(name)) for name in NAMED_ONLY}
        return [
            quad
            for quad in (*self.union, *self.named)
            if self.is_own(quad.subject) and getattr(quad.graph_name, "value", "") not in named_only
        ]

    @cached_property
    def things(self) -> dict[str, list[str]]:
        """The things that a copy has, by kind."""
        found: dict[str, set[str]] = {}
        for quad in self.moving:
            iri = quad.subject.value  # type: ignore[union-attr]
            if iri.startswith(THINGS):  # the others are graphs
                found.setdefault(iri[len(THINGS) :].partition("/")[0], set()).add(iri)
        return {kind: sorted(iris) for kind, iris in sorted(found.items())}

    def copier(self) -> Callable[[int], str]:
        """What writes the N-Quads of a copy; terms are numbered once, and only those that change are made anew."""
        changing: dict[ox.NamedNode | ox.Literal, int] = {}

        def piece(term: object, *, name: bool) -> int | str:
            if (isinstance(term, ox.Literal) and name) or self.is_own(term):
                return changing.setdefault(term, len(changing))  # type: ignore[arg-type]
            return str(term)

        lines = [
            [
                piece(term, name=quad.predicate.value in NAMES)
                for term in (*quad.triple, quad.graph_name)
                if not isinstance(term, ox.DefaultGraph)
            ]
            for quad in self.moving
        ]

        def write(number: int) -> str:
            made = [
                f"<{renamed(term.value, number)}>"
                if isinstance(term, ox.NamedNode)
                else _called(term, number)
                for term in changing
            ]
            return "".join(
                " ".join([made[part] if isinstance(part, int) else part for part in line]) + " .\n"
                for line in lines
            )

        return write


def published(plan: Plan) -> Path:
    """A state folder with what a fresh clone builds, made where it is not there or the project's data have changed."""
    home = plan.cache / "published" / inputs()
    if not (home / "current").exists():
        shutil.rmtree(plan.cache / "published", ignore_errors=True)
        home.mkdir(parents=True)
        build(None, home)
    return home


def dataset(plan: Plan, size: int | None = None) -> Data:
    """The data of a size, from the cache or made now; None is the published graph itself."""
    original = Original(published(plan), whole=size is None)
    folder = plan.cache / "data" / f"{original.digest}-{size or 'published'}-{FORM}"
    facts = folder / "facts.json"
    if not facts.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _write_data(original, folder, size)
    read = json.loads(facts.read_bytes())
    return Data(folder=folder, **read)


def snapshot(data: Data, home: Path) -> Snapshot:
    """Our own form of the data, as the only snapshot of a state folder.

    The engine reads the files by itself, since so many triples would take long as Python's objects. The rest of the
    snapshot is made as a published one is, of the triples that the text index has; then it gets the whole store.
    """
    if not (home / "current").exists():
        shutil.rmtree(home, ignore_errors=True)
        (home / "snapshots").mkdir(parents=True)
        loaded = home / "loading"
        store = ox.Store(str(loaded))
        for file in data.files:
            store.bulk_load(path=str(file), format=ox.RdfFormat.N_QUADS)
        store.optimize()
        store.flush()
        digest = hashlib.sha256(str(data.folder).encode()).hexdigest()
        manifest = _write(home / "snapshots", digest, (), Texts(store), data.graphs, {})  # type: ignore[arg-type]
        del store
        _exchange_store(home / "snapshots" / manifest.version, loaded, data.quads)
        (home / "current").write_text(manifest.version + "\n", "utf-8")
    return open_current(home)


@dataclass(frozen=True, slots=True)
class Texts:
    """The triples of a store's default graph that the text index is made of, read anew whenever they are asked for."""

    store: ox.Store

    def __iter__(self) -> Iterator[ox.Quad]:
        for name in COLUMNS:
            yield from self.store.quads_for_pattern(None, ox.NamedNode(name), None, ox.DefaultGraph())


def _exchange_store(snapshot: Path, loaded: Path, quads: int) -> None:
    """Give a snapshot another store, and say so in its manifest."""
    shutil.rmtree(snapshot / "store")
    loaded.rename(snapshot / "store")
    file = snapshot / "manifest.json"
    manifest = json.loads(file.read_bytes())
    sizes = {
        str(part.relative_to(snapshot)): part.stat().st_size
        for part in sorted(snapshot.rglob("*"))
        if part.is_file() and part != file
    }
    manifest["quads"] = quads
    manifest["digests"] |= {"sizes": sizes, "files": dict.fromkeys(sizes, "")}
    file.write_text(json.dumps(manifest), "utf-8")


def _write_data(original: Original, folder: Path, size: int | None) -> None:
    """Write the files of a size, and last of all the facts: a folder without them is not whole."""
    graphs = dict(original.graphs)
    triples, quads, copies = len(original.union), len(original.named), 1
    with (folder / "part-000.nq").open("w", encoding="utf-8") as file:
        file.writelines(original.lines())
    grown = Counter(
        quad.graph_name.value for quad in original.moving if isinstance(quad.graph_name, ox.NamedNode)
    )
    of_default = len(original.moving) - grown.total()
    write, wanted = original.copier(), max(0, (size or 0) - triples)
    total = -(-wanted // of_default)
    for first in range(1, total + 1, COPIES_A_FILE):
        with (folder / f"part-{first:06d}.nq").open("w", encoding="utf-8") as file:
            file.writelines(map(write, range(first, min(first + COPIES_A_FILE, total + 1))))
    for number in range(1, total + 1):
        for graph, count in grown.items():
            name = renamed(graph, number) if graph.startswith(DOCUMENTS) else graph
            name = name.removeprefix(GRAPHS)
            graphs[name] = graphs.get(name, 0) + count
    facts = {
        "name": f"{size:,} triples" if size else "the published graph",
        "triples": triples + total * of_default,
        "quads": quads + total * grown.total(),
        "copies": copies + total,
        "things": original.things,
        "graphs": graphs,
    }
    (folder / "facts.json").write_text(json.dumps(facts), "utf-8")


def _called(literal: ox.Literal, number: int) -> str:
    text, quote, rest = str(literal).rpartition('"')
    return f"{text} {word(number)}{quote}{rest}"


def inputs() -> str:
    """A digest of the files that the published graph is built from."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.blake2b(digest_size=6)
    for file in sorted(file for room in ("ontology", "shapes", "graph") for file in (root / room).rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            digest.update(str(file.relative_to(root)).encode() + file.read_bytes())
    return digest.hexdigest()


def _digest(text: str, number: int) -> str:
    return hashlib.blake2b(f"{text} {number}".encode(), digest_size=8).hexdigest()
