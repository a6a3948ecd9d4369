"""Reading a document: from a file to text whose offsets are those of the raw file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from graph.errors import DocumentError
from graph.model import Document

MAX_BYTES = 64 * 1024 * 1024
"""The largest document that is read, in bytes."""

SUFFIXES = (".txt",)
"""The kinds of files that are read so far."""


def read_document(path: Path) -> Document:
    """Read one text file (UTF-8, with or without a byte order mark) into a `Document`.

    A byte order mark counts as one character, so that offsets are those of the raw file decoded as
    UTF-8. Raises DocumentError, naming the file, for one that is missing, empty, too large, binary,
    not UTF-8 or of an unknown format.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise DocumentError(
            f"Documents of the kind {path.suffix or 'without a suffix'} cannot be read.",
            where=str(path),
            mend=f"Save it as plain text, with a name ending in {SUFFIXES[0]}.",
        )
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DocumentError(
                f"The file is larger than {MAX_BYTES // 2**20} MiB.",
                where=str(path),
                mend="Split it into one file per document.",
            )
        raw = path.read_bytes()
    except FileNotFoundError:
        raise DocumentError("There is no such file.", where=str(path), mend="Check the path.") from None
    except OSError as error:
        raise DocumentError(
            f"The file cannot be read ({error.strerror}).", where=str(path), mend="Check its permissions."
        ) from None
    return decode_document(raw, name=path.name, where=str(path))


def decode_document(raw: bytes, *, name: str, where: str) -> Document:
    """The document that some bytes are; `where` names their place in an error."""
    if b"\x00" in raw:
        raise DocumentError(
            "This is a binary file, not text.", where=where, mend="Export its text as UTF-8 first."
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DocumentError(
            f"The file is not UTF-8: byte 0x{raw[error.start]:02x} in line {line} "
            f"(offset {error.start}) does not fit.",
            where=where,
            mend="Convert it, for example with: iconv -f WINDOWS-1252 -t UTF-8",
        ) from None
    if not text.strip("\ufeff \t\r\n\f\v"):
        raise DocumentError("The document is empty.", where=where, mend="Leave it out, or give it a text.")
    return Document(name=name, text=text, sha256=hashlib.sha256(raw).hexdigest())


def find_documents(paths: list[Path]) -> list[Path]:
    """The files that some paths stand for: a file itself, a folder its documents by name.

    Raises DocumentError for a path that does not exist and for a folder without a document.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise DocumentError("There is no such file or folder.", where=str(path), mend="Check the path.")
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
        if not inside:
            raise DocumentError(
                f"The folder holds no document ({', '.join(SUFFIXES)}).",
                where=str(path),
                mend="Name the folder that has them.",
            )
        found.extend(inside)
    return found
