"""The texts this instance may show: the project's samples and the files of one folder, known by digest."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from graph.files import listing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

MAX_BYTES: Final = 32 * 1024 * 1024
"""A larger file is not offered as a text."""

MAX_FILES: Final = 20_000
KEPT: Final = 16
"""How many decoded texts stay in memory."""

QUOTE_LIMIT: Final = 600
"""Characters of a span that a list shows; the document's page has the whole."""


class Texts:
    """Documents' texts by the first 16 hex digits of the sha256 of their bytes.

    Files are found and hashed when a text is first asked for, and again when the folder has changed.
    A file that is not UTF-8, too large, no regular file, or not readable is as if it were not there.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._places: dict[str, Traversable | Path] | None = None
        self._seen = 0
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: str) -> str | None:
        """The whole text of a document, or None where it is not at hand."""
        with self._lock:
            if digest in self._kept:
                self._kept.move_to_end(digest)
                return self._kept[digest]
            place = self._index().get(digest)
            text = _decoded(place, digest) if place is not None else None
            if text is not None:
                self._kept[digest] = text
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            return text

    def quote(self, digest: str, start: int, end: int) -> str | None:
        """A span of a text on one line, shortened to `QUOTE_LIMIT`; None where the text is not at hand."""
        text = self.get(digest)
        if text is None or not 0 <= start < end <= len(text):
            return None
        words = " ".join(text[start:end].split())
        return words if len(words) <= QUOTE_LIMIT else words[:QUOTE_LIMIT].rsplit(" ", 1)[0] + " …"

    def _index(self) -> dict[str, Traversable | Path]:
        changed = self._folder.stat().st_mtime_ns if self._folder and self._folder.is_dir() else 0
        if self._places is None or changed != self._seen:
            self._seen = changed
            self._places = {digest: place for place in self._files() if (digest := _digest(place))}
        return self._places

    def _files(self) -> Iterator[Traversable | Path]:
        yield from listing("graph", "data", "documents", suffix=".txt")
        if self._folder and self._folder.is_dir():
            for count, path in enumerate(sorted(self._folder.iterdir())):
                if count >= MAX_FILES:
                    return
                yield path


def _digest(place: Traversable | Path) -> str | None:
    content = _content(place)
    return hashlib.sha256(content).hexdigest()[:16] if content else None


def _decoded(place: Traversable | Path, digest: str) -> str | None:
    content = _content(place)
    if not content or hashlib.sha256(content).hexdigest()[:16] != digest:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _content(place: Traversable | Path) -> bytes | None:
    try:
        if not place.is_file() or (isinstance(place, Path) and place.stat().st_size > MAX_BYTES):
            return None
        return place.read_bytes()
    except OSError:
        return None
