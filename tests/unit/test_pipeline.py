"""A build goes the whole way from documents to a snapshot, the same each time, or changes nothing."""

from __future__ import annotations

import dataclasses
import fcntl
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from graph.build import pipeline
from graph.build.pipeline import STEPS, BuildResult, Progress, build, nquads
from graph.build.release import PREFIX, read_release, release_text
from graph.build.sources import load_sources
from graph.errors import BuildError, DocumentError, Her2kgError, Inconsistent
from graph.extract import Extraction, Lexicon, extract, read_document
from graph.model import Document
from graph.store.snapshots import open_current, publish
from graph.vocab import HER
from server.commands.build import command

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ONE = """Pills for hormone receptor-positive disease

Palbociclib (Ibrance) is a CDK4/6 inhibitor. It is taken by mouth.
Hormone therapy may be suitable for hormone receptor-positive breast cancer.
Palliative therapies do not fight the disease.
"""
TWO = """A second made-up text

Hormone therapy may be suitable for hormone receptor-positive breast cancer.
Chemotherapy can cause nausea. Nobody knows why the sky is blue on Tuesdays.
"""


class Listener(Progress):
    """Remembers what a build told."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.notes: list[str] = []
        self.within_documents: list[tuple[str, float]] = []

    def within(self, step: str, what: str, done: float) -> None:
        assert step == "extract"
        self.within_documents.append((what, done))

    def end(self, step: str, seconds: float, found: Mapping[str, int]) -> None:
        assert seconds >= 0
        assert all(isinstance(count, int) for count in found.values())
        self.steps.append(step)

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two texts, one of them twice under two names, and a file of another kind."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "one.txt").write_text(ONE, "utf-8")
    (folder / "two.txt").write_text(TWO, "utf-8")
    (folder / "two-again.txt").write_text(TWO, "utf-8")
    (folder / "notes.csv").write_text("not,a,document", "utf-8")
    return folder


@pytest.fixture(scope="module")
def built(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[BuildResult, Path, Listener]:
    """One build that the tests of this file look at."""
    home = tmp_path_factory.mktemp("home")
    listener = Listener()
    return build([documents], home, progress=listener), home, listener


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A state folder in which something was published before."""
    publish(tmp_path, nquads({"vocabulary": load_sources()["vocabulary"][:5]}), {})
    return tmp_path


def test_a_build_publishes_what_it_made(built: tuple[BuildResult, Path, Listener]) -> None:
    """The current snapshot is the one of the result, with its figures and the time of each step."""
    result, home, listener = built
    manifest = open_current(home).manifest
    assert manifest == result.manifest
    assert manifest.graphs == {name: len(triples) for name, triples in sorted(result.graphs.items())}
    assert tuple(listener.steps) == STEPS
    assert set(manifest.timings) == set(STEPS)
    assert manifest.shacl["violations"] == 0
    assert manifest.reasoner["inferred"] > 0


def test_a_long_document_tells_how_far_it_is(tmp_path: Path) -> None:
    """Its parts come in order and end with the whole."""
    (tmp_path / "long.txt").write_text(ONE + "\nNobody knows why the sky is blue.\n" * 2_000, "utf-8")
    listener = Listener()
    pipeline._extract([read_document(tmp_path / "long.txt")], pipeline._Clock(listener))
    shares = [done for name, done in listener.within_documents if name == "long.txt"]
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] == 1


def test_a_text_given_twice_is_read_once(built: tuple[BuildResult, Path, Listener]) -> None:
    """The second file with the same bytes is noted, not counted."""
    result, _, listener = built
    assert sum(name.startswith(PREFIX) for name in result.graphs) == 2
    assert result.notes == tuple(listener.notes)
    assert any("two.txt" in note and "two-again.txt" in note for note in result.notes)


def test_the_manifest_counts_statements_by_document_and_kind(
    built: tuple[BuildResult, Path, Listener],
) -> None:
    """Every document has its figures, and they are those of its graph."""
    result, _, _ = built
    facts = result.facts
    assert (
        set(facts["statements"])
        == set(facts["documents"])
        == {name.removeprefix(PREFIX) for name in result.graphs if name.startswith(PREFIX)}
    )
    for document, kinds in facts["statements"].items():
        triples = result.graphs[PREFIX + document]
        assert sum(kinds.values()) == sum(t.predicate.value == str(HER.polarity) for t in triples) > 0
        assert facts["documents"][document]["sample"] is False
    names = {facts["documents"][document]["name"] for document in facts["documents"]}
    assert names == {ONE.partition("\n")[0], TWO.partition("\n")[0]}


def test_building_twice_gives_the_same_quads(
    built: tuple[BuildResult, Path, Listener], documents: Path, tmp_path: Path
) -> None:
    """Byte for byte, with the documents in another order, and nothing is written without publishing."""
    paths = sorted(documents.glob("*.txt"), reverse=True)
    again = build(paths, tmp_path / "unused", publish=False)
    assert again.nquads == built[0].nquads
    assert again.manifest is None
    assert not (tmp_path / "unused").exists()


def test_released_data_stand_for_the_documents(built: tuple[BuildResult, Path, Listener]) -> None:
    """Written as a release and read back, the graphs of documents are the same."""
    graphs = built[0].graphs
    text = release_text(graphs)
    assert read_release(text, where="here") == {
        name: triples for name, triples in graphs.items() if name.startswith(PREFIX)
    }


@pytest.mark.parametrize("text", [ONE, TWO], ids=["one", "two"])
def test_no_sentence_of_a_document_is_in_the_data(
    built: tuple[BuildResult, Path, Listener], text: str
) -> None:
    """Neither a sentence nor half of one: no seven words in a row."""
    data = built[0].nquads.decode()
    words = text.partition("\n")[2].split()
    runs = [" ".join(words[start : start + 7]) for start in range(len(words) - 6)]
    assert runs
    assert not [run for run in runs if run in data]


def test_blank_nodes_are_in_ontology_and_shapes_only(built: tuple[BuildResult, Path, Listener]) -> None:
    """No blank node in instance data."""
    holders = {name for name, triples in built[0].graphs.items() if any("_:" in str(t) for t in triples)}
    assert holders == {"ontology", "shapes"}


def test_our_own_files_load_the_same_each_time() -> None:
    """Blank nodes have names that do not change from run to run."""
    assert load_sources() == load_sources()


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("empty.txt", b"", "empty"),
        ("binary.txt", b"\x00\x01\x02", "binary"),
        ("latin.txt", "naïve".encode("latin-1"), "UTF-8"),
        ("table.csv", b"a,b", "csv"),
        ("missing.txt", None, "no such file"),
    ],
)
def test_one_bad_document_stops_the_build(
    published: Path, tmp_path: Path, name: str, content: bytes | None, fault: str
) -> None:
    """The error names the file, and what was published before is still current."""
    before = open_current(published).manifest
    good, bad = tmp_path / "good.txt", tmp_path / name
    good.write_text(ONE, "utf-8")
    if content is not None:
        bad.write_bytes(content)
    with pytest.raises(DocumentError, match=fault) as caught:
        build([good, bad], published)
    assert caught.value.where == str(bad)
    assert open_current(published).manifest == before


def test_data_that_break_a_rule_stop_the_build(
    published: Path, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says which statement, which rule and which evidence; nothing is published."""
    before = open_current(published).manifest

    def misread(document: Document, lexicon: Lexicon, progress: Callable[[int], None]) -> Extraction:
        extraction = extract(document, lexicon, progress)
        wrong = [dataclasses.replace(s, kind="Support") for s in extraction.statements if s.kind == "Route"]
        return dataclasses.replace(extraction, statements=tuple(wrong))

    monkeypatch.setattr(pipeline, "extract", misread)
    with pytest.raises(BuildError) as caught:
        build([documents], published)
    told = str(caught.value)
    assert "palbociclib: offers by mouth" in told
    assert "shapes/Support-subject" in told
    assert "characters" in told
    assert caught.value.exit_code == 1
    assert open_current(published).manifest == before


def test_a_contradiction_stops_the_build(
    published: Path, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the reasoner cannot accept is not published."""
    before = open_current(published).manifest

    def contradict(*_: object) -> None:
        raise Inconsistent("these cannot all be true", culprits=("a", "b"))

    monkeypatch.setattr(pipeline, "reason", contradict)
    with pytest.raises(Inconsistent):
        build([documents], published)
    assert open_current(published).manifest == before


def test_two_builds_in_one_place_do_not_mix(published: Path, documents: Path) -> None:
    """The second one is told that another is at work."""
    with (published / ".build-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BuildError, match="another build"):
            build([documents], published)


def test_a_home_that_cannot_be_used_is_told(tmp_path: Path, documents: Path) -> None:
    """A file where the state folder should be is an error that says what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BuildError, match="cannot be used") as caught:
        build([documents], tmp_path / "file" / "home")
    assert "--home" in caught.value.mend


def test_the_command_prints_a_line_per_step_and_the_manifest(documents: Path, tmp_path: Path) -> None:
    """Where no terminal is, the output is JSON lines; --release writes the graphs of the documents."""
    release = tmp_path / "data.trig"
    arguments = [str(documents / "two.txt"), "--home", str(tmp_path / "home"), "--release", str(release)]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    records = [json.loads(line) for line in result.output.splitlines()]
    assert [record["step"] for record in records if record["record"] == "step"] == list(STEPS)
    assert records[-1]["record"] == "manifest"
    assert records[-1]["version"] == open_current(tmp_path / "home").manifest.version
    assert len(read_release(release.read_text("utf-8"), where="release")) == 1


def test_the_command_passes_errors_up(tmp_path: Path) -> None:
    """An error is rendered in one place, not here."""
    with pytest.raises(Her2kgError):
        CliRunner().invoke(
            command, [str(tmp_path / "no.txt"), "--home", str(tmp_path)], catch_exceptions=False
        )
