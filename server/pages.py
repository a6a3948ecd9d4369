"""The home page and the lists: what there is, and the ways in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, make_response, render_template, request
from pyoxigraph import Literal, NamedNode

from graph.errors import NotFound
from graph.files import text
from graph.model import STATEMENT_KINDS
from graph.vocab import DATASET, HER, KINDS
from server import ask, urls
from server.facts import KIND_TITLES, facts
from server.wellknown import schema_org

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.store import Manifest

blueprint = Blueprint("pages", __name__)

STATEMENT_SLUGS: Final = {kind.lower(): kind for kind in STATEMENT_KINDS}
"""The kinds of statements as they stand in `/browse/<kind>`."""

QUESTION: Final = "01-esr1-mutation.rq"
"""The query of `server/examples` that the home page asks."""

THINGS_SHOWN: Final = 200
STATEMENTS_SHOWN: Final = 100
"""How many statements `queries/statements_of_kind.rq` gives at most."""

MAIN_KINDS: Final = (
    "drug",
    "drug-class",
    "treatment",
    "regimen",
    "condition",
    "biomarker-status",
    "biomarker",
    "target",
    "effect",
    "organization",
)
"""The kinds of things that the home page offers first."""


@blueprint.get("/")
def home() -> Response:
    """What this is, figures of the snapshot, and the ways in."""
    manifest = ask.store().manifest()
    things = ask.counts("class_counts", "class")
    sizes = ask.rows("description_size", dataset=NamedNode(DATASET))
    page = render_template(
        "home.html",
        manifest=manifest,
        triples=int(ask.value(sizes[0]["triples"])) if sizes else manifest.quads,
        dataset=schema_org(manifest),
        statements=statements_by_kind(manifest),
        things={kind: things.get(str(KINDS[kind]), 0) for kind in KINDS},
        main_kinds=MAIN_KINDS,
        question=text("server", "examples", QUESTION),
    )
    response = make_response(page)
    response.headers["Link"] = f'<{urls.void()}>; rel="describedby"; type="text/turtle"'
    return response


@blueprint.get("/browse/<kind>")
def browse(kind: str) -> str:
    """The things, or the statements, of one kind."""
    after = request.args.get("after", "")
    if kind == "document":
        return render_template(
            "documents.html", documents=ask.rows("documents"), manifest=ask.store().manifest()
        )
    if kind in KINDS:
        return _things(kind, after)
    if kind in STATEMENT_SLUGS:
        return _statements(STATEMENT_SLUGS[kind], after)
    raise NotFound(
        f"There is no kind “{kind[:80]}”.",
        where=request.path[:120],
        mend="The home page lists the kinds there are.",
    )


def statements_by_kind(manifest: Manifest) -> dict[str, int]:
    """How many statements of each kind the documents hold together, largest first."""
    totals = dict.fromkeys(STATEMENT_KINDS, 0)
    for per_kind in manifest.statements.values():
        for kind, number in per_kind.items():
            totals[kind] = totals.get(kind, 0) + number
    found: Mapping[str, int] = {kind: number for kind, number in totals.items() if number}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _things(kind: str, after: str) -> str:
    rows = ask.rows("instances", kind=NamedNode(str(KINDS[kind])), after=Literal(after))
    shown = rows[:THINGS_SHOWN]
    more = ask.value(shown[-1]["key"]) if len(rows) > THINGS_SHOWN else ""
    return render_template("things.html", kind=kind, rows=shown, after=after, more=more, kinds=KINDS)


def _statements(kind: str, after: str) -> str:
    rows = ask.rows("statements_of_kind", kind=NamedNode(str(HER[kind])), after=Literal(after))
    shown = facts(rows, ask.texts().quote)
    more = max((fact.iri for fact in shown), default="") if len(shown) >= STATEMENTS_SHOWN else ""
    return render_template(
        "statements.html", kind=kind, title=KIND_TITLES[kind], facts=shown, after=after, more=more
    )
