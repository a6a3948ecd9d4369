"""Extraction: from a document's text to mentions, statements with their evidence, and the gaps between them.

`segments` cuts the text, `lexicon` finds names, `phrases` puts them together, `rules` read statements off,
`context` knows what a pronoun or a bare heading stands for.
"""

from graph.extract.conditions import Minted
from graph.extract.documents import decode_document, find_documents, read_document
from graph.extract.extraction import Extraction, extract
from graph.extract.lexicon import Lexicon, load_lexicon
from graph.extract.records import CitedSource, Credit

__all__ = [
    "CitedSource",
    "Credit",
    "Extraction",
    "Lexicon",
    "Minted",
    "decode_document",
    "extract",
    "find_documents",
    "load_lexicon",
    "read_document",
]
