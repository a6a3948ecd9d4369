"""The whole build: from documents to a published snapshot, or to an error with nothing changed.

Every step reads what the one before it made; only the last one writes. A step's time is in the manifest, and
nowhere in the data: building twice from the same documents gives the same N-Quads.
"""

from __future__ import annotations

import fcntl
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, serialize

from graph.build.derive import derive
from graph.build.describe import document_facts, meta_triples, statement_counts
from graph.build.rdf import document_triples, settle_confidence
from graph.build.release import PREFIX, released_graphs
from graph.build.sources import load_sources
from graph.errors import BuildError
from graph.extract import extract, load_lexicon, read_document
from graph.extract.documents import find_documents
from graph.reason import reason
from graph.store.snapshots import publish as publish_snapshot
from graph.validate import validate
from graph.validate.facts import Facts
from graph.validate.reading import as_terms
from graph.vocab import NAMED_ONLY, graph_iri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from graph.build.examples import Example
    from graph.model import Document
    from graph.store import Manifest
    from graph.validate.report import Report

STEPS: Final = ("read", "extract", "derive", "validate", "reason", "describe", "publish")
"""What a build does, in order."""

_SHOWN: Final = 20
"""How many nodes with a violation an error tells of."""

Graphs = dict[str, list[Triple]]
"""The triples of each named graph, by the graph's name."""


class Progress:
    """What a build tells while it is at work; override what you care for."""

    def begin(self, step: str, total: int | None = None) -> None:
        """A step of `STEPS` begins; `total` is the number of its parts, where that is known."""

    def within(self, step: str, what: str, done: float) -> None:
        """So much of the part named `what`, from 0 to 1, is done; told only where a part takes long."""

    def advance(self, step: str, what: str) -> None:
        """A part of the step is done: `what` names it."""

    def end(self, step: str, seconds: float, found: Mapping[str, int]) -> None:
        """The step is done, and found that much."""

    def note(self, text: str) -> None:
        """Something worth knowing that does not stop the build."""


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build made; `manifest` is None when it was not to be published."""

    graphs: Graphs
    report: Report
    manifest: Manifest | None
    facts: dict[str, Any]
    notes: tuple[str, ...]

    @property
    def nquads(self) -> bytes:
        """The dataset as sorted N-Quads."""
        return nquads(self.graphs)


@dataclass
class _Clock:
    """Times the steps and tells of them."""

    progress: Progress
    timings: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[dict[str, int]]:
        """A step; what it puts into the mapping is told when it ends."""
        self.progress.begin(name, total)
        started = time.perf_counter()
        found: dict[str, int] = {}
        yield found
        self.timings[name] = round(time.perf_counter() - started, 3)
        self.progress.end(name, self.timings[name], found)

    def note(self, text: str) -> None:
        """Tell it and keep it."""
        self.notes.append(text)
        self.progress.note(text)


def build(
    documents: Sequence[Path] | None,
    home: Path,
    *,
    examples: Sequence[Example] = (),
    progress: Progress | None = None,
    publish: bool = True,
) -> BuildResult:
    """Build from documents (files, or folders of them) and make the result the current snapshot of `home`.

    Without documents: from the released data and the sample documents of this version. `examples` are queries
    that the description shows. Raises DocumentError
    for a document that cannot be read, BuildError when validation fails or another build is at work in
    `home`, Inconsistent when the reasoner finds a contradiction; what was published before stays as it was.
    """
    with _alone(home) if publish else _nothing():
        clock = _Clock(progress or Progress())
        graphs, report, facts = _dataset(documents, examples, clock)
        manifest = None
        if publish:
            with clock.step("publish") as found:
                manifest = publish_snapshot(home, nquads(graphs), {**facts, "timings": dict(clock.timings)})
                found["quads"] = manifest.quads
    return BuildResult(graphs, report, manifest, facts | {"timings": clock.timings}, tuple(clock.notes))


def nquads(graphs: Mapping[str, Sequence[Triple]]) -> bytes:
    """The dataset as sorted N-Quads: the same data, the same bytes."""
    quads = (
        Quad(triple.subject, triple.predicate, triple.object, NamedNode(graph_iri(name)))
        for name, triples in graphs.items()
        for triple in triples
    )
    lines = (serialize(quads, format=RdfFormat.N_QUADS) or b"").splitlines(keepends=True)
    return b"".join(sorted(lines))


def sample_documents() -> list[Path]:
    """The sample documents that this version of her2kg comes with."""
    return find_documents([Path(str(files("graph").joinpath("data", "documents")))])


def _dataset(
    documents: Sequence[Path] | None, examples: Sequence[Example], clock: _Clock
) -> tuple[Graphs, Report, dict[str, Any]]:
    with clock.step("read") as found:
        graphs = load_sources()
        texts = _read(sample_documents() if documents is None else documents, clock)
        released = released_graphs() if documents is None else {}
        found["documents"] = len(texts) + len(released)
    with clock.step("extract", len(texts)) as found:
        made = settle_confidence(released | _extract(texts, clock))
        graphs |= made
        counts = statement_counts(made)
        found["statements"] = sum(sum(kinds.values()) for kinds in counts.values())
    with clock.step("derive") as found:
        graphs["inferred"] = derive(_union(graphs))
        found["triples"] = len(graphs["inferred"])
    with clock.step("validate") as found:
        report = _validated(graphs, texts)
        found |= {"violations": report.violations, "warnings": report.warnings}
    with clock.step("reason") as found:
        inferred = reason({name: triples for name, triples in graphs.items() if name not in NAMED_ONLY})
        graphs["inferred"] = sorted({*graphs["inferred"], *inferred.triples}, key=str)
        found["triples"] = len(inferred.triples)
    with clock.step("describe") as found:
        graphs["meta"] = meta_triples(graphs, examples)
        found["triples"] = len(graphs["meta"])
    facts = {
        "statements": counts,
        "documents": document_facts(made),
        "shacl": {
            "results": len(report.results),
            "violations": report.violations,
            "warnings": report.warnings,
        },
        "reasoner": {"seconds": round(inferred.seconds, 3), "inferred": len(inferred.triples)},
    }
    return graphs, report, facts


def _read(paths: Sequence[Path], clock: _Clock) -> list[Document]:
    """The documents, each text once."""
    texts: dict[str, Document] = {}
    for path in find_documents(list(paths)):
        document = read_document(path)
        known = texts.setdefault(document.id, document)
        if known is not document:
            clock.note(f"{document.name} has the same text as {known.name} and is read once.")
    return list(texts.values())


def _extract(documents: Sequence[Document], clock: _Clock) -> Graphs:
    lexicon = load_lexicon()
    samples = {read_document(path).sha256 for path in sample_documents()}
    made: Graphs = {}
    for document in documents:
        extraction = extract(document, lexicon, _telling(document, clock.progress))
        sample = document.sha256 in samples
        made[PREFIX + document.id] = document_triples(extraction, lexicon=lexicon.digest, sample=sample)
        clock.progress.advance("extract", document.name)
        if not extraction.statements:
            clock.note(f"{document.name} gave no statement.")
    return made


def _telling(document: Document, progress: Progress) -> Callable[[int], None]:
    """What tells how far into a document its extraction is."""
    length = len(document.text)
    return lambda offset: progress.within("extract", document.name, offset / length)


def _union(graphs: Graphs) -> set[Triple]:
    """What the endpoint's default graph has: all graphs but the shapes and the description."""
    return {triple for name, part in graphs.items() if name not in NAMED_ONLY for triple in part}


def _validated(graphs: Graphs, documents: Sequence[Document]) -> Report:
    """The report on the whole; a BuildError that tells the first violations if there are any."""
    known = (triple for name, part in graphs.items() if name not in NAMED_ONLY for triple in part)
    texts = {document.id: document.text for document in documents}
    report = validate(Facts(as_terms(known)), text_of=texts.get)
    if not report.conforms:
        violations = report.having(tuple(r for r in report.results if r.severity == "Violation"))
        raise BuildError(f"the data break the rules of the shapes.\n\n{violations.words(limit=_SHOWN)}")
    return report


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the state folder for a build; the kernel lets go of it when the process dies."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / ".build-lock").open("w")
    except OSError as error:
        raise BuildError(
            f"the state folder cannot be used: {error.strerror}.",
            where=str(home),
            mend="Choose another place with --home.",
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BuildError(
                "another build is at work here.",
                where=str(home),
                mend="Wait until it is done, or choose another place with --home.",
            ) from None
        yield


@contextmanager
def _nothing() -> Iterator[None]:
    yield
