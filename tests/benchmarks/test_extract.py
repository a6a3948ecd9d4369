"""How extraction grows with its input, and what the rules add to finding names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graph.extract import decode_document, extract, load_lexicon
from graph.extract.lexicon import level

SAMPLES = Path(__file__).resolve().parents[2] / "graph" / "data" / "documents"


def test_extraction_grows_with_the_length_of_the_text(
    median_ms: Callable[..., float], table: Callable[[str, dict[str, float], str], None]
) -> None:
    """Ten times the text takes about ten times the time; the same statements are found."""
    lexicon = load_lexicon()
    text = b"\n\n".join(path.read_bytes() for path in sorted(SAMPLES.glob("*.txt")))
    one = decode_document(text, name="once", where="once")
    ten = decode_document(text * 10, name="ten times", where="ten times")
    found = {s.digest for s in extract(one, lexicon).statements if s.kind != "Question"}
    assert found <= {s.digest for s in extract(ten, lexicon).statements}
    rows = {
        "names only": median_ms(lambda: lexicon.find(one.text, level(one.text)), 5),
        "statements": median_ms(lambda: extract(one, lexicon), 5),
        "statements, ten times the text": median_ms(lambda: extract(ten, lexicon), 3),
    }
    table(f"extraction of {len(one.text):,} characters", rows, "names only")
