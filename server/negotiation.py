"""Which format an answer gets: the client's Accept header against a table of what there is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from graph.store import JSON, JSON_LD, N_TRIPLES, RDF_XML, SOLUTIONS, TRIPLES, TURTLE, XML

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HTML: Final = "text/html"
PROBLEM: Final = "application/problem+json"

ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "application/json": (JSON, JSON_LD, PROBLEM),
    "application/xml": (XML, RDF_XML),
    "text/xml": (XML, RDF_XML),
    "application/x-json+ld": (JSON_LD,),
    **dict.fromkeys(
        ("application/turtle", "application/x-turtle", "application/n3", "text/n3", "text/rdf+n3"), (TURTLE,)
    ),
    "text/plain": (N_TRIPLES,),
    "application/xhtml+xml": (HTML,),
}
"""What a client may also call a format; the more general name counts for each format it may mean."""

FORMATS: Final[dict[str, str]] = {**SOLUTIONS, **TRIPLES, "html": HTML}
"""The values of `?format=`, and the media type of each."""

NAMES: Final[dict[str, tuple[str, ...]]] = {
    **{name: (media_type,) for name, media_type in FORMATS.items()},
    "json": (JSON, JSON_LD),
    "xml": (XML, RDF_XML),
    "json-ld": (JSON_LD,),
    "n3": (TURTLE,),
    "rdf": (RDF_XML,),
    "rdf+xml": (RDF_XML,),
}
"""What `?format=` may say beside a media type: also the names that other endpoints have and clients send."""

MAX_RANGES: Final = 64
QUALITY: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{0,6})?|\.[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Range:
    """One part of an Accept header: a media type, `type/*` or `*/*`, and how much it is wanted (0–1)."""

    media_type: str
    quality: float

    def fit(self, offer: str) -> int:
        """How closely the range names `offer`: 0 not at all, 1 by `*/*`, 2 by `type/*`, 3 by an alias, 4
        itself.
        """
        if self.media_type == offer:
            return 4
        if offer in ALIASES.get(self.media_type, ()):
            return 3
        if self.media_type == offer.partition("/")[0] + "/*":
            return 2
        return 1 if self.media_type == "*/*" else 0


def ranges(accept: str) -> list[Range]:
    """The parts of an Accept header; a part that is malformed is passed over."""
    found = []
    for part in accept.split(",")[:MAX_RANGES]:
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:].strip() for p in parameters if p.startswith("q=")), "1")
        if media_type.count("/") == 1 and QUALITY.fullmatch(quality):
            found.append(Range(media_type, min(float(quality), 1.0)))
    return found


def qualities(header: str) -> dict[str, float]:
    """The names of an Accept-Encoding header (or one like it), and how much each is wanted (0–1)."""
    found: dict[str, float] = {}
    for part in header.split(",")[:MAX_RANGES]:
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        given = next((p[2:].strip() for p in parameters if p.startswith("q=")), "1")
        if name and QUALITY.fullmatch(given):
            found[name] = min(float(given), 1.0)
    return found


def choose(accept: str | None, offers: Sequence[str]) -> str | None:
    """The offer the client wants most, the earlier one when it wants two alike; None when it takes none.

    Without an Accept header, or with one that says nothing, the first offer.
    """
    wanted = ranges(accept or "")
    if not wanted:
        return offers[0] if offers else None
    best = max(offers, key=lambda offer: _quality(wanted, offer), default=None)
    return best if best is not None and _quality(wanted, best) > 0 else None


def _quality(wanted: Iterable[Range], offer: str) -> float:
    """How much an offer is wanted: the quality of the range that names it most closely."""
    return max(((r.fit(offer), r.quality) for r in wanted if r.fit(offer)), default=(0, 0.0))[1]
