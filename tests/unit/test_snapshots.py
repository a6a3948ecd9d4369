"""Snapshots are published whole or not at all, found damaged when they are, and named by their data."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.errors import BuildError, DataError, SnapshotError
from graph.files import BASE
from graph.store.snapshots import current_file, open_current, publish, verify

LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
ONE = f'<{BASE}id/drug/x> {LABEL} "x"@en <{BASE}graph/vocabulary> .\n'.encode()


@pytest.fixture
def home(tmp_path: Path, small_home: Path) -> Path:
    """A state folder of one's own with the small dataset published."""
    return Path(shutil.copytree(small_home, tmp_path / "home"))


def leftovers(home: Path) -> list[str]:
    return [path.name for path in (home / "snapshots").iterdir() if path.name.startswith(".")]


def test_a_published_snapshot_verifies_to_the_last_byte(home: Path) -> None:
    """What was published is found whole, by sizes and by digests."""
    manifest = open_current(home).manifest
    assert verify(home / "snapshots" / manifest.version, full=True).manifest == manifest
    assert manifest.quads == sum(manifest.graphs.values()) > 40
    assert manifest.shacl == {"results": 0, "violations": 0, "warnings": 0}
    assert "publish" in manifest.timings


def test_a_state_folder_may_be_named_from_where_one_stands(
    tmp_path: Path, small_nquads: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default state folder is a relative path: what a newcomer's first command uses."""
    monkeypatch.chdir(tmp_path)
    manifest = publish(Path(".her2kg"), small_nquads)
    assert open_current(Path(".her2kg")).manifest == manifest
    assert [path.name for path in tmp_path.iterdir()] == [".her2kg"]


def test_the_same_data_has_the_same_version_in_any_order(tmp_path: Path, small_nquads: bytes) -> None:
    """The version depends on the quads alone, not on their order or repetition."""
    lines = small_nquads.splitlines(keepends=True)
    first = publish(tmp_path / "a", small_nquads)
    second = publish(tmp_path / "b", b"".join([*reversed(lines), lines[0]]))
    assert (first.version, first.digests["nquads"]) == (second.version, second.digests["nquads"])


def test_other_data_has_another_version_and_becomes_current(home: Path) -> None:
    """A new version stands beside the old one, which stays."""
    before = open_current(home).manifest.version
    after = publish(home, ONE).version
    assert after != before
    assert open_current(home).manifest.version == after
    assert {path.name for path in (home / "snapshots").iterdir()} == {before, after}


def test_a_snapshot_of_the_same_data_is_taken_as_it_is(home: Path, small_nquads: bytes) -> None:
    """Publishing again writes nothing new."""
    before = open_current(home).manifest
    assert publish(home, small_nquads, {"timings": {"read": 9.0}}) == before


def test_a_damaged_snapshot_of_the_same_data_is_replaced(home: Path, small_nquads: bytes) -> None:
    """Publishing mends what was damaged, even where sizes are as they were."""
    snapshot = open_current(home)
    with snapshot.text.open("r+b") as text:
        text.seek(200)
        text.write(b"\xff\xff\xff")
    publish(home, small_nquads)
    verify(snapshot.path, full=True)
    assert leftovers(home) == []


def test_the_default_graph_is_the_union_without_shapes_and_meta(home: Path) -> None:
    """Each triple stands once in the default graph, and those of shapes and meta not at all."""
    stored = ox.Store.read_only(str(open_current(home).store))
    default = {
        (q.subject, q.predicate, q.object)
        for q in stored.quads_for_pattern(None, None, None, ox.DefaultGraph())
    }
    named = {
        name.value.removeprefix(BASE + "graph/"): {
            (q.subject, q.predicate, q.object) for q in stored.quads_for_pattern(None, None, None, name)
        }
        for name in stored.named_graphs()
    }
    assert default == set.union(
        *(triples for name, triples in named.items() if name not in {"shapes", "meta"})
    )
    assert not default & (named["shapes"] | named["meta"])


def test_nothing_published_says_what_to_run(tmp_path: Path) -> None:
    """An empty state folder is no crash."""
    with pytest.raises(SnapshotError, match="her2kg build"):
        open_current(tmp_path)


DAMAGES = {
    "a manifest that is cut": lambda path: (path / "manifest.json").write_bytes(b'{"version": "'),
    "a manifest that is no object": lambda path: (path / "manifest.json").write_bytes(b"[]"),
    "a manifest without digests": lambda path: (path / "manifest.json").write_bytes(b'{"version": "x"}'),
    "no manifest": lambda path: (path / "manifest.json").unlink(),
    "no text index": lambda path: (path / "text.sqlite").unlink(),
    "an empty text index": lambda path: (path / "text.sqlite").write_bytes(b""),
    "no table of triples": lambda path: next((path / "store").glob("*.sst")).unlink(),
    "a table that is cut": lambda path: os.truncate(next((path / "store").glob("*.sst")), 10),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_snapshot_is_told_when_it_is_opened(home: Path, damage: str) -> None:
    """Each kind of damage is a SnapshotError that names the snapshot and the way to mend it."""
    path = open_current(home).path
    DAMAGES[damage](path)
    with pytest.raises(SnapshotError, match="damaged") as caught:
        open_current(home)
    assert path.name in str(caught.value)
    assert "her2kg build" in caught.value.mend


@pytest.mark.parametrize("content", [b"", b"../../etc", b"\xff\xfe", b"000000000000"])
def test_a_pointer_that_leads_nowhere_is_told(home: Path, content: bytes) -> None:
    """A damaged pointer is no path to follow."""
    current_file(home).write_bytes(content)
    with pytest.raises(SnapshotError):
        open_current(home)


def test_another_form_and_another_base_are_told(home: Path) -> None:
    """A snapshot of another version of the software, or under another base, is not served."""
    manifest = open_current(home).path / "manifest.json"
    record = json.loads(manifest.read_bytes())
    for change, word in (({"format": 99}, "form 99"), ({"base": "https://example.org/"}, "example.org")):
        manifest.write_text(json.dumps(record | change), "utf-8")
        with pytest.raises(SnapshotError, match=word):
            open_current(home)


@pytest.mark.parametrize(
    ("nquads", "error"),
    [
        (b"", BuildError),
        (b"this is no RDF", DataError),
        (b"<x:a> <x:b> <x:c> .\n", DataError),
        (b"<x:a> <x:b> <x:c> <x:elsewhere> .\n", DataError),
    ],
)
def test_what_cannot_be_published_changes_nothing(home: Path, nquads: bytes, error: type[Exception]) -> None:
    """Malformed, empty or misplaced data is refused before anything is written."""
    before = open_current(home)
    with pytest.raises(error):
        publish(home, nquads)
    assert open_current(home) == before
    assert leftovers(home) == []


def test_two_builds_do_not_publish_at_once(home: Path, small_nquads: bytes) -> None:
    """The second is told of the first."""
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BuildError, match="Another build"):
            publish(home, ONE)


PUBLISH_MUCH = """
import sys
from pathlib import Path
from graph.errors import BuildError
from graph.files import BASE
from graph.store.snapshots import publish
line = '<{0}id/drug/d{1}> <http://www.w3.org/2000/01/rdf-schema#label> "drug {1} {2}" <{0}graph/vocabulary> .'
data = "\\n".join(line.format(BASE, i, "x" * 100) for i in range(15_000)) + "\\n"
print("begin", flush=True)
try:
    publish(Path(sys.argv[1]), data.encode())
except BuildError as error:
    sys.exit(str(error))
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_build_harms_nothing_and_is_cleaned_up(home: Path, how: signal.Signals) -> None:
    """Ctrl-C or kill -9 in a publication leaves the current snapshot; the next build removes the rest."""
    before = open_current(home)
    process = subprocess.Popen([sys.executable, "-c", PUBLISH_MUCH, str(home)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not leftovers(home) and process.poll() is None and time.monotonic() < deadline:
        os.sched_yield()
    process.send_signal(how)
    assert process.wait(60) != 0
    assert open_current(home) == before
    assert (how == signal.SIGKILL) == bool(leftovers(home))
    publish(home, ONE)
    assert leftovers(home) == []


def test_a_full_disk_is_told_and_harms_nothing(home: Path, tmp_path: Path) -> None:
    """No space for a snapshot: a BuildError in plain words, and the current one as it was."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid()
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=False
        ).returncode
    ):
        pytest.skip("a small disk can only be made by root")
    try:
        shutil.copytree(home, disk / "home")
        before = open_current(disk / "home").manifest
        process = subprocess.run(
            [sys.executable, "-c", PUBLISH_MUCH, str(disk / "home")],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert process.returncode == 1
        assert "The disk is full" in process.stderr
        assert "Traceback" not in process.stderr
        assert open_current(disk / "home").manifest == before
        assert leftovers(disk / "home") == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)
