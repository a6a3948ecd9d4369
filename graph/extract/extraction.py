"""Reading one document from top to bottom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from graph.extract.conditions import Minted
from graph.extract.lexicon import Lexicon
from graph.extract.metadata import read_metadata
from graph.extract.reader import Reader
from graph.extract.records import CitedSource, Credit
from graph.extract.segments import segment
from graph.model import Document, Gap, Mention, Statement

_TOLD_EVERY = 16_384
"""How many characters lie between two reports of progress, at least."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one document says; `credits` and `sources` of itself; `minted` are things the vocabulary lacks."""

    document: Document
    mentions: tuple[Mention, ...]
    statements: tuple[Statement, ...]
    gaps: tuple[Gap, ...]
    credits: tuple[Credit, ...]
    sources: tuple[CitedSource, ...]
    minted: tuple[Minted, ...]


def extract(
    document: Document, lexicon: Lexicon, progress: Callable[[int], None] | None = None
) -> Extraction:
    """Everything the rules find in a document; `progress` is told the offset reached, in characters."""
    segments = segment(document.text)
    metadata = read_metadata(document.text, segments, lexicon)
    # what names an author or a source is not read for what it says of treatments
    segments = [replace(s, kind="credit") if n in metadata.places else s for n, s in enumerate(segments)]
    reader = Reader(document, lexicon, segments)
    told = 0
    for number, part in enumerate(segments):
        reader.read(number, part)
        if progress and part.span.end - told >= _TOLD_EVERY:
            told = part.span.end
            progress(told)
    if progress:
        progress(len(document.text))
    statements = reader.claims.statements()
    used = {t.iri for s in statements for t in (s.subject, s.object, *(term for _, term in s.qualifiers))}
    return Extraction(
        document=document,
        mentions=tuple(reader.mentions),
        statements=tuple(statements),
        gaps=tuple(reader.gaps()),
        credits=metadata.credits,
        sources=metadata.sources,
        minted=tuple(m for iri, m in sorted(reader.conditions.minted.items()) if iri in used),
    )
