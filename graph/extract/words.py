"""The words of a stretch of text, as they can stand in a label: on one line, without invisible signs."""

from __future__ import annotations

import re
from typing import Final

from graph.model import Span

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
"""Control signs, also those of direction; not the joiners, which words of some languages are spelt with."""


def words_of(text: str, span: Span) -> str:
    """The words between two offsets, one space apart, without control signs."""
    return " ".join(_UNSEEN.sub("", text[span.start : span.end]).split())
