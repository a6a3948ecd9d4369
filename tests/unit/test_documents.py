"""Reading documents: what cannot be read is refused with its name, what is wrong and how to mend it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from graph.errors import DocumentError
from graph.extract import decode_document, documents, find_documents, read_document

TEXT = "Letrozole is an aromatase inhibitor.\n"

BROKEN = {
    "empty": (b"", "The document is empty."),
    "nothing but space": (b" \r\n\t\n", "The document is empty."),
    "nothing but a byte order mark": (b"\xef\xbb\xbf\n", "The document is empty."),
    "binary": (b"PK\x03\x04\x00\x00", "This is a binary file, not text."),
    "not UTF-8": (b"one\ntwo\nthr\xe9e", "byte 0xe9 in line 3 (offset 11)"),
    "a lone surrogate": (b"a\xed\xa0\x80", "byte 0xed in line 1 (offset 1)"),
}


@pytest.mark.parametrize(("raw", "what"), BROKEN.values(), ids=list(BROKEN))
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, raw: bytes, what: str) -> None:
    """The error names the file, what is wrong with it and how to mend it."""
    path = tmp_path / "document.txt"
    path.write_bytes(raw)
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    assert what in caught.value.what
    assert caught.value.where == str(path)
    assert caught.value.mend


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(DocumentError, match="There is no such file"):
        read_document(tmp_path / "missing.txt")


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    """Even where its name looks like a document's."""
    folder = tmp_path / "folder.txt"
    folder.mkdir()
    with pytest.raises(DocumentError, match="cannot be read"):
        read_document(folder)


@pytest.mark.parametrize("name", ["page.html", "paper.PDF", "README"])
def test_an_unknown_format_is_refused(tmp_path: Path, name: str) -> None:
    """By its suffix, before it is opened."""
    path = tmp_path / name
    path.write_text(TEXT)
    with pytest.raises(DocumentError, match="cannot be read"):
        read_document(path)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte over the limit is too large, the limit itself is not."""
    path = tmp_path / "document.txt"
    path.write_text(TEXT)
    monkeypatch.setattr(documents, "MAX_BYTES", len(TEXT))
    assert read_document(path).text == TEXT
    monkeypatch.setattr(documents, "MAX_BYTES", len(TEXT) - 1)
    with pytest.raises(DocumentError, match="larger than"):
        read_document(path)


def test_a_document_is_its_bytes(tmp_path: Path) -> None:
    """The text keeps the byte order mark and the line ends; the digest is that of the file."""
    raw = b"\xef\xbb\xbfOne line.\r\nAnother \xe2\x80\x93 with a dash.\r\n"
    path = tmp_path / "Document.TXT"
    path.write_bytes(raw)
    document = read_document(path)
    assert document.text == raw.decode("utf-8")
    assert document.text[0] == "\ufeff"
    assert document.sha256 == hashlib.sha256(raw).hexdigest()
    assert document.id == document.sha256[:16]
    assert document.name == "Document.TXT"


def test_the_place_in_an_error_is_the_callers() -> None:
    """Bytes that come from elsewhere have a place too."""
    with pytest.raises(DocumentError) as caught:
        decode_document(b"", name="upload", where="the uploaded file")
    assert str(caught.value).startswith("the uploaded file: ")


def test_a_folder_stands_for_its_documents_by_name(tmp_path: Path) -> None:
    """Other files and folders in it are left alone; a file stands for itself."""
    for name in ("b.txt", "a.TXT", "notes.md"):
        (tmp_path / name).write_text(TEXT)
    (tmp_path / "inner.txt").mkdir()
    found = find_documents([tmp_path, tmp_path / "notes.md"])
    assert [p.name for p in found] == ["a.TXT", "b.txt", "notes.md"]


def test_a_folder_without_a_document_is_refused(tmp_path: Path) -> None:
    """An empty answer would look like a document that says nothing."""
    with pytest.raises(DocumentError, match="holds no document"):
        find_documents([tmp_path])
