"""Text search: a page for people, JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, jsonify, render_template, request

from graph.vocab import KINDS
from server import ask, linked, urls

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from graph.store import Hits

blueprint = Blueprint("search", __name__)

PER_PAGE: Final = 20
LAST_PAGE: Final = 500
SEARCHED: Final = (*KINDS, "document", "term")
"""What the text index files things under."""

LONGEST: Final = 300
"""Characters of a query that are searched for; the rest of a longer one is left out, and the page says so."""


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    """What matches `q`, of one `kind` or of all, `PER_PAGE` at a time."""
    asked = request.args.get("q", "").strip()
    text = " ".join(asked.split())[:LONGEST]
    kind = request.args.get("kind", "")
    kind = kind if kind in SEARCHED else ""
    page = min(max(1, request.args.get("page", 1, type=int)), LAST_PAGE)
    hits = (
        ask.store().search(text, kind=kind or None, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
        if text
        else None
    )
    if linked.prefers_json():
        return jsonify(_json(text, kind, page, hits))
    return render_template(
        "search.html",
        q=asked,
        text=text,
        cut=len(" ".join(asked.split())) > LONGEST,
        kind=kind,
        kinds=SEARCHED,
        page=page,
        pages=_pages(hits),
        hits=hits,
        longest=LONGEST,
    )


def _pages(hits: Hits | None) -> int:
    return min(LAST_PAGE, max(1, -(-hits.total // PER_PAGE))) if hits else 1


def _json(text: str, kind: str, page: int, hits: Hits | None) -> dict[str, object]:
    return {
        "query": text,
        "kind": kind or None,
        "page": page,
        "pages": _pages(hits),
        "total": hits.total if hits else 0,
        "hits": [
            {
                "iri": hit.iri,
                "label": hit.label,
                "kind": hit.kind,
                "matched": hit.matched,
                "page": urls.page(hit.iri),
            }
            for hit in (hits.hits if hits else ())
        ],
    }
