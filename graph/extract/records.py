"""The records of what a document says of itself: a credit, and a source that it cites."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from graph.model import Span, Term


@dataclass(frozen=True, slots=True)
class Credit:
    """One thing a document says of itself, at `span`: dates as ISO 8601 where they can be read, else as said.

    `value` has an IRI where it is an organization of the vocabulary.
    """

    name: str
    value: Term
    span: Span


@dataclass(frozen=True, slots=True)
class CitedSource:
    """A published work as a document names it, at `spans`; empty where the document does not say.

    `issued`, `modified` (by its publisher) and `accessed` (by the document's makers) are ISO 8601 dates;
    `identifiers` are CURIEs of the prefixes doi, pmid and pmc.
    """

    spans: tuple[Span, ...]
    title: str = ""
    publisher: Term | None = None
    creator: str = ""
    journal: str = ""
    version: str = ""
    issued: str = ""
    modified: str = ""
    accessed: str = ""
    url: str = ""
    identifiers: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """16 hex digits from what tells one work, or one version of it, from another."""
        publisher = self.publisher.key if self.publisher else ""
        key = [publisher, self.title, self.creator, self.journal, self.version, self.issued]
        if not self.title:
            key += [self.url, *self.identifiers]
        return hashlib.sha256(json.dumps(key, ensure_ascii=False).encode()).hexdigest()[:16]

    @property
    def label(self) -> str:
        """Who published what, in which version: enough to tell two sources apart in a list."""
        whose = (self.publisher.label if self.publisher else "") or self.journal or self.creator
        what = self.title or next(iter(self.identifiers), "") or self.url
        named = ": ".join(part for part in (whose, what) if part)
        said = (f"version {self.version}" if self.version else "", self.issued)
        return ", ".join(part for part in (named, *said) if part)
