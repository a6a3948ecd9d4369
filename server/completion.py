"""`/sparql/terms`: what the query editor offers while one types, read from the data that is served."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, current_app, jsonify, request
from pyoxigraph import NamedNode

from graph.errors import UsageError
from graph.files import BASE
from graph.vocab import HER, KINDS, PREFIXES
from server import ask
from server.filters import words

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from graph.store import Node, Store

blueprint = Blueprint("completion", __name__)

INDIVIDUALS: Final = 20
"""Things offered for what was typed; more would be scrolled past."""

LONGEST: Final = 100
"""Characters of a search for things that count."""

REMEMBERED: Final = 10_000
"""Things whose number of triples is kept."""

TERMS: Final = {"class": "completion_classes", "property": "completion_properties"}
"""The kinds of terms that are sent whole, and the query for each."""

FOUND: Final = {kind: str(iri) for kind, iri in KINDS.items()} | {"document": str(HER.Document)}
"""The kinds of things that are found by name, and the class of each."""

Term = dict[str, Any]
"""`iri`, `label` (None where it has none), `kind` (`class`, `property`, `individual`), `count`, and for an
individual its `type` in words.
"""


@blueprint.get("/sparql/terms")
def terms() -> ResponseReturnValue:
    """Every class and property with its label and its count.

    With `q` the things whose names have words that begin so; with `kind` only those of one kind.
    """
    store = ask.store()
    version = store.manifest().version
    text = request.args.get("q", "").strip()[:LONGEST]
    kind = request.args.get("kind", "")
    if kind and kind not in FOUND:
        raise UsageError(f"There is no kind {kind[:40]!r}.", mend=f"Take one of {', '.join(FOUND)}.")
    asked = f"{version}\0{text}\0{kind}".encode("utf-8", "replace")
    validator = hashlib.sha256(asked).hexdigest()[:32]
    if request.if_none_match.contains_weak(validator):
        response = current_app.response_class(status=304)
    else:
        whole = not text and not kind
        facts: dict[str, Any] = {"version": version}
        if whole:
            facts |= {"base": BASE, "prefixes": PREFIXES}
        facts["terms"] = vocabulary(version) if whole else individuals(store, text, kind)
        response = jsonify(facts)
    response.set_etag(validator, weak=True)
    response.headers["Cache-Control"] = "no-cache"
    return response


@dataclass(slots=True)
class Read:
    """What has been read of one version of the data, so that it is read once."""

    version: str
    vocabulary: tuple[Term, ...] = ()
    uses: dict[str, int] = field(default_factory=dict)


def read(version: str) -> Read:
    """What this application has read of a version; of an older one nothing is kept."""
    found = current_app.extensions.get("completion")
    if not isinstance(found, Read) or found.version != version:
        found = current_app.extensions["completion"] = Read(version)
    return found


def vocabulary(version: str) -> tuple[Term, ...]:
    """The classes and the properties of the data, of each kind those with the highest counts first."""
    known = read(version)
    known.vocabulary = known.vocabulary or tuple(
        _term(row["term"], row.get("label"), kind, row["count"])
        for kind, name in TERMS.items()
        for row in ask.rows(name)
    )
    return known.vocabulary


def individuals(store: Store, text: str, kind: str = "") -> tuple[Term, ...]:
    """The things of a kind, or of any, that a search for `text` finds best, each with its number of triples.

    Without `text` they are the first by label.
    """
    if text:
        hits = store.search(text, kind=kind or None, limit=2 * INDIVIDUALS).hits
        found = [(hit.iri, hit.label, hit.kind) for hit in hits if hit.kind != "term"]
    else:
        rows = ask.rows("completion_things", class_=NamedNode(FOUND[kind]))
        found = [(ask.value(row["thing"]), ask.value(row["label"]), kind) for row in rows]
    version = store.manifest().version
    return tuple(
        {
            "iri": iri,
            "label": label,
            "kind": "individual",
            "type": words(of),
            "count": uses(version, iri),
        }
        for iri, label, of in found[:INDIVIDUALS]
    )


def uses(version: str, iri: str) -> int:
    """How many triples of a version of the data name a thing."""
    known = read(version).uses
    if iri not in known:
        if len(known) >= REMEMBERED:
            known.clear()
        rows = ask.rows("completion_uses", thing=NamedNode(iri))
        known[iri] = next((int(ask.value(row["count"])) for row in rows), 0)
    return known[iri]


def _term(node: Node, label: Node | None, kind: str, count: Node) -> Term:
    return {
        "iri": ask.value(node),
        "label": ask.value(label) or None,
        "kind": kind,
        "count": int(ask.value(count)),
    }
