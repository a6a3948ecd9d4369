"""The released data are what the source documents give, no more and no less."""

import subprocess
import sys
from pathlib import Path

from graph.build.release import read_release
from graph.extract import read_document
from graph.extract.segments import segment

RELEASE = Path("graph") / "data" / "her2kg.trig"


def test_a_build_from_the_source_documents_gives_the_released_data(
    checkout: Path, shared_documents: list[Path], tmp_path: Path
) -> None:
    """Rebuilding writes the released file again, byte for byte."""
    assert len(shared_documents) == 2
    written = tmp_path / "again.trig"
    command = Path(sys.executable).with_name("her2kg")
    done = subprocess.run(
        [command, "build", *shared_documents, "--home", tmp_path / "home", "--release", written, "--json"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert written.read_bytes() == (checkout / RELEASE).read_bytes()


def test_the_released_data_hold_no_sentence_of_their_documents(
    checkout: Path, shared_documents: list[Path]
) -> None:
    """No run of twelve words is released, but of the credits: whom a document cites is a fact."""
    released = " ".join((checkout / RELEASE).read_text("utf-8").lower().split())
    for path in shared_documents:
        text = read_document(path).text
        for part in segment(text):
            words = text[part.span.start : part.span.end].lower().split()
            if part.kind == "credit":
                continue
            for start in range(max(0, len(words) - 11)):
                run = " ".join(words[start : start + 12])
                assert run not in released, (path.name, part.span.start, start)


def test_the_released_data_have_both_documents(checkout: Path) -> None:
    """One named graph for each document, neither empty."""
    graphs = read_release((checkout / RELEASE).read_text("utf-8"), where=str(RELEASE))
    assert len(graphs) == 2
    assert all(len(triples) > 500 for triples in graphs.values())
