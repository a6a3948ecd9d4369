"""Documents: with their text and without."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from server.marks import Mark, tokens
from server.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

HERE = "/document/d5a0fd86c5bb0283"
AWAY = "/document/2222222222222222"


def test_evidence_is_marked_in_the_text(page: Callable) -> None:
    """Each span has its anchor; the text is whole and in order, whatever spans nest or cross."""
    shown = page(HERE)
    assert {"e-36-111", "e-36-57", "e-83-139", "e-140-165", "e-175-217"} <= set(shown.ids)
    assert [i for i in shown.ids if shown.ids.count(i) > 1] == []
    assert "Chemotherapy does not <cure> every cancer." in shown.text


def test_the_marked_text_is_the_text(client: FlaskClient) -> None:
    """Without its marks and notes the prose is the file, letter for letter."""
    html = client.get(HERE).text
    prose = html.partition('<div class="prose">')[2].partition("</div>")[0]
    prose = re.sub(r'<a class="note-ref".*?</a>|<span class="unseen">.*?</span>', "", prose)
    prose = re.sub(r"<[^>]+>", "", prose).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert hashlib.sha256(prose.strip().encode() + b"\n").hexdigest()[:16] == "d5a0fd86c5bb0283"


def test_statements_stand_in_text_order_and_lead_back(page: Callable) -> None:
    """Every statement is numbered, and has a link to its span."""
    shown = page(HERE)
    assert {"n-1", "n-2", "n-3", "n-4", "n-5"} <= set(shown.ids)
    assert shown.text.index("is sold as Ibrance") < shown.text.rindex("inhibits CDK4")
    assert f"{HERE}#e-83-139" in shown.links


def test_gaps_are_shown(page: Callable) -> None:
    """What was not read and what is missing are told apart in words."""
    shown = page(HERE)
    assert {"g-0-34", "g-219-237"} <= set(shown.ids)
    assert "content missing: characters 219–237" in shown.text
    assert "no statement: characters 0–34" in shown.text


def test_without_the_text_offsets_are_listed(page: Callable) -> None:
    """A document that is not at hand shows where its evidence is, and the anchors are there."""
    shown = page(AWAY)
    assert "The text is not held here." in shown.text
    assert "e-0-40" in shown.ids
    assert "Part 1 of 2" in shown.text
    assert "elacestrant" not in shown.text


def test_a_long_document_is_read_in_parts(page: Callable) -> None:
    """The second part has the statements of the second part; a part that is none is the nearest."""
    shown = page(f"{AWAY}?part=1")
    assert "elacestrant is approved for" in shown.text
    assert "e-25000-25090" in shown.ids
    assert "Part 2 of 2" in page(f"{AWAY}?part=99999999999999").text
    assert "Part 1 of 2" in page(f"{AWAY}?part=-4").text
    assert "Part 1 of 2" in page(f"{AWAY}?part=x").text


def test_a_text_that_changed_is_not_shown(tmp_path: Path) -> None:
    """A file is known by its bytes: another content is another document."""
    file = tmp_path / "a.txt"
    file.write_text("first", "utf-8")
    digest = hashlib.sha256(b"first").hexdigest()[:16]
    texts = Texts(tmp_path)
    assert texts.quote(digest, 0, 5) == "first"
    file.write_text("other", "utf-8")
    assert Texts(tmp_path).get(digest) is None


def test_offsets_outside_a_text_quote_nothing(tmp_path: Path) -> None:
    """Evidence that does not fit the text is shown as not held."""
    (tmp_path / "a.txt").write_text("first", "utf-8")
    digest = hashlib.sha256(b"first").hexdigest()[:16]
    assert [Texts(tmp_path).quote(digest, *span) for span in ((0, 6), (3, 3), (-2, 2))] == [None] * 3


def test_files_that_are_no_text_are_passed_over(tmp_path: Path) -> None:
    """Binary files, empty ones, folders and dangling links do not count, nor does a folder that is gone."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    texts = Texts(tmp_path)
    assert texts.get(hashlib.sha256(b"\xff\xfe").hexdigest()[:16]) is None
    assert texts.get(hashlib.sha256(b"").hexdigest()[:16]) is None
    assert Texts(tmp_path / "gone").get("0" * 16) is None


def test_the_samples_of_the_project_are_always_at_hand(checkout: Path) -> None:
    """Each sample document is found by its digest, without any folder set."""
    samples = sorted((checkout / "graph" / "data" / "documents").glob("*.txt"))
    assert len(samples) >= 4
    for sample in samples:
        digest = hashlib.sha256(sample.read_bytes()).hexdigest()[:16]
        assert Texts().get(digest) == sample.read_bytes().decode("utf-8")


def test_marks_nest_and_cut_where_they_cross() -> None:
    """A span that crosses another is cut: every element closes inside the one it opened in."""
    marks = [
        Mark(0, 6, anchor="a"),
        Mark(4, 9, anchor="b"),
        Mark(4, 6, anchor="c"),
        Mark(9, 9, anchor="empty"),
    ]
    written = ""
    for token in tokens("0123456789", marks):
        if token.what == "text":
            written += token.text
        elif token.mark is not None:
            written += f"[{token.mark.anchor}" if token.what == "open" else "]"
    assert written == "[a0123[b[c45]]][b678]9"


def test_marks_outside_a_stretch_are_clipped() -> None:
    """A stretch of a text that begins at an offset shows only what lies in it."""
    found = list(tokens("4567", [Mark(0, 3), Mark(2, 6), Mark(7, 20)], offset=4))
    assert "".join(token.text for token in found) == "4567"
    assert [(token.mark.start, token.mark.end) for token in found if token.what == "open" and token.mark] == [
        (4, 6),
        (7, 8),
    ]
