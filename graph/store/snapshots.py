"""Snapshots: written whole beside the current one, then made current by replacing one small file; never
changed again.

`HOME/snapshots/<version>/` holds `store/` (RocksDB), `text.sqlite` and `manifest.json`; `HOME/current` names
the version.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from graph.errors import BuildError, DataError, SnapshotError
from graph.files import BASE
from graph.store import Manifest, search
from graph.vocab import NAMED_ONLY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

FORMAT: Final = 1
"""The version of a snapshot's own form; another one is not opened."""

VERSION: Final = re.compile(r"[0-9a-f]{12}")
GRAPHS: Final = BASE + "graph/"
REBUILD: Final = "Run `her2kg build`."
UNTOUCHED: Final = "What was published before is as it was."


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published version that was found whole: its folder and what it says of itself."""

    path: Path
    manifest: Manifest

    @property
    def store(self) -> Path:
        """The folder of the triples."""
        return self.path / "store"

    @property
    def text(self) -> Path:
        """The file of the text index."""
        return self.path / "text.sqlite"


def current_file(home: Path) -> Path:
    """The file that names the current version; it is replaced, never rewritten."""
    return home / "current"


def open_current(home: Path) -> Snapshot:
    """The current snapshot of a state folder; SnapshotError if there is none or it is damaged."""
    pointer = current_file(home)
    try:
        version = pointer.read_text("utf-8").strip()
    except FileNotFoundError:
        raise SnapshotError(f"Nothing has been published in {home} yet.", mend=REBUILD) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SnapshotError(f"{pointer} cannot be read: {error}.", mend=REBUILD) from error
    if not VERSION.fullmatch(version):
        raise SnapshotError(f"{pointer} does not name a version.", mend=REBUILD)
    return verify(home.resolve() / "snapshots" / version)


def verify(path: Path, *, full: bool = False) -> Snapshot:
    """The snapshot in a folder, if its manifest is readable and its files have their sizes (`full`: their
    digests too).
    """
    try:
        record = json.loads((path / "manifest.json").read_bytes())
        manifest = Manifest(
            **{key: record[key] for key in record.keys() & {f.name for f in fields(Manifest)}}
        )
        files = {
            name: (int(manifest.digests["sizes"][name]), digest)
            for name, digest in manifest.digests["files"].items()
        }
    except FileNotFoundError:
        raise _damaged(path, "its manifest.json is missing") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged(path, f"its manifest.json cannot be read ({type(error).__name__})") from error
    if manifest.format != FORMAT:
        raise SnapshotError(
            f"{path} has the form {manifest.format}, this version reads {FORMAT}.", mend=REBUILD
        )
    if manifest.version != path.name:
        raise _damaged(path, f"it says it is {manifest.version}")
    if manifest.base != BASE:
        raise SnapshotError(
            f"{path} was built under the base {manifest.base}; the base in force is {BASE}.",
            mend="Set HER2KG_BASE to that base, or run `her2kg build` under this one.",
        )
    for name, (size, digest) in files.items():
        file = path / name
        try:
            if file.stat().st_size != size:
                raise _damaged(path, f"{name} has {file.stat().st_size} bytes instead of {size}")
            if full and _digest(file) != digest:
                raise _damaged(path, f"{name} has been changed")
        except OSError as error:
            raise _damaged(path, f"{name} cannot be read: {error.strerror}") from error
    return Snapshot(path, manifest)


def publish(home: Path, nquads: bytes, facts: Mapping[str, Any] | None = None) -> Manifest:
    """Make a dataset the current snapshot of a state folder, or leave everything as it was.

    `nquads` is the whole dataset, each quad in a graph of ours; `facts` are the parts of the manifest that
    only the build knows (`statements`, `documents`, `timings`, `shacl`, `reasoner`). A snapshot of the same
    data that is still whole is taken as it is. Raises DataError for quads that are malformed or in no graph
    of ours, BuildError when writing fails.
    """
    quads = _parse(nquads)
    lines = sorted(f"{quad} .\n" for quad in quads)
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    version = digest[:12]
    try:
        home = home.absolute()
        snapshots = home / "snapshots"
        snapshots.mkdir(parents=True, exist_ok=True)
        with _alone(home):
            _clear_leftovers(snapshots)
            try:
                manifest = verify(snapshots / version, full=True).manifest
            except SnapshotError:
                names = {quad.graph_name: _name(quad) for quad in quads}
                union = dict.fromkeys(
                    ox.Quad(quad.subject, quad.predicate, quad.object)
                    for quad in quads
                    if names[quad.graph_name] not in NAMED_ONLY
                )
                counts = Counter(names[quad.graph_name] for quad in quads)
                manifest = _write(snapshots, digest, quads, union, counts, facts or {})
            _point(home, version)
    except (OSError, sqlite3.Error) as error:
        raise _failed(home, error) from error
    return manifest


def _parse(nquads: bytes) -> list[ox.Quad]:
    try:
        quads = list(dict.fromkeys(ox.parse(nquads, ox.RdfFormat.N_QUADS)))
    except SyntaxError as error:
        raise DataError(f"The N-Quads to publish are malformed: {error}.") from error
    for quad in quads:
        if not str(quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else "").startswith(
            GRAPHS
        ):
            raise DataError(
                f"A quad to publish is in {quad.graph_name}, which is no graph under {GRAPHS}.",
                where=str(quad),
            )
    if not quads:
        raise BuildError("There is nothing to publish: the dataset is empty.", mend=UNTOUCHED)
    return quads


def keep(home: Path, quads: Collection[ox.Quad], graphs: Collection[str] = ()) -> Manifest:
    """Write a dataset beside the snapshots of a state folder, to be asked by its version alone.

    It stays as it is: its default graph is its own, and its graphs may have any IRI; `graphs` are those that
    exist without a triple. Raises OSError when it cannot be written.
    """
    lines = sorted(f"{quad} .\n" for quad in quads)
    digest = hashlib.sha256("".join([*lines, *sorted(graphs)]).encode()).hexdigest()
    counts = Counter(dict.fromkeys(graphs, 0))
    counts.update(quad.graph_name.value for quad in quads if isinstance(quad.graph_name, ox.NamedNode))
    snapshots = home.absolute() / "snapshots"
    snapshots.mkdir(parents=True, exist_ok=True)
    return _write(snapshots, digest, quads, (), counts, {})


def _write(
    snapshots: Path,
    digest: str,
    quads: Collection[ox.Quad],
    union: Collection[ox.Quad],
    counts: Mapping[str, int],
    facts: Mapping[str, Any],
) -> Manifest:
    began = time.monotonic()
    version = digest[:12]
    try:  # from here on: an interrupt may come between any two steps
        folder = snapshots / tempfile.mkdtemp(prefix=".tmp-", dir=snapshots)
        folder.chmod(0o755)
        store = ox.Store(str(folder / "store"))
        store.bulk_extend(quads)
        store.bulk_extend(union)
        store.optimize()
        store.flush()
        del store
        search.build(folder / "text.sqlite", union)
        files = sorted(file for file in folder.rglob("*") if file.is_file())
        own = {
            "version": version,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "software": importlib.metadata.version("her2kg"),
            "base": BASE,
            "quads": len(quads),
            "graphs": dict(sorted(counts.items())),
            "digests": {
                "nquads": digest,
                "files": {str(file.relative_to(folder)): _digest(file) for file in files},
                "sizes": {str(file.relative_to(folder)): file.stat().st_size for file in files},
            },
            "format": FORMAT,
        }
        timings = {**facts.get("timings", {}), "publish": round(time.monotonic() - began, 3)}
        manifest = Manifest(**{**facts, "timings": timings, **own})
        (folder / "manifest.json").write_text(
            json.dumps(asdict(manifest), indent=1, ensure_ascii=False) + "\n", "utf-8"
        )
        for path in (*files, folder / "manifest.json", folder / "store", folder):
            _sync(path)
        target = snapshots / version
        if target.exists():  # damaged, or of another form: a server that has it open keeps its open files
            target.rename(snapshots / f".tmp-replaced-{version}")
        folder.rename(target)
        _sync(snapshots)
    finally:
        _clear_leftovers(snapshots)
    return manifest


def _point(home: Path, version: str) -> None:
    pointer = current_file(home)
    if pointer.exists() and pointer.read_bytes().strip() == version.encode():
        return
    fresh = home / ".tmp-current"
    fresh.write_text(version + "\n", "utf-8")
    _sync(fresh)
    fresh.replace(pointer)
    _sync(home)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the state folder for one publication; the kernel lets go of it when the process dies."""
    with (home / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildError(
                f"Another build is publishing in {home}.", mend="Wait until it is done."
            ) from None
        yield


def _clear_leftovers(snapshots: Path) -> None:
    """Remove what builds that died have left; only the holder of the folder may."""
    for leftover in snapshots.glob(".tmp-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _name(quad: ox.Quad) -> str:
    return str(quad.graph_name.value)[len(GRAPHS) :] if isinstance(quad.graph_name, ox.NamedNode) else ""


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(path: Path, how: str) -> SnapshotError:
    return SnapshotError(f"The snapshot {path} is damaged: {how}.", mend=REBUILD)


def _failed(home: Path, error: Exception) -> BuildError:
    text = str(error)
    full = (
        getattr(error, "errno", None) in {errno.ENOSPC, errno.EDQUOT}
        or "No space left" in text
        or "disk is full" in text
    )
    what = "The disk is full." if full else f"The snapshot could not be written: {text}."
    mend = (
        "Free some space there, or choose another place with --home."
        if full
        else "Choose another place with --home."
    )
    return BuildError(f"{what} {UNTOUCHED}", where=str(home), mend=mend)
