"""Linked data: what `id/<kind>/<slug>` stands for, as a page and as RDF."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from flask import Blueprint, redirect, render_template, request
from pyoxigraph import Literal, NamedNode

from graph.vocab import HER
from server import ask, linked, urls
from server.facts import KIND_TITLES, Fact, Ref, by_kind, facts, ref
from server.profiles import MENTIONS, Property, profile, property_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask.typing import ResponseReturnValue

    from graph.store import Node

blueprint = Blueprint("entities", __name__)

STATEMENT: Final = NamedNode(HER.Statement)
SHOWN: Final = 250
"""How many statements `queries/statements.rq` gives at most."""

INCOMING_SHOWN: Final = 500
"""How many links `queries/incoming.rq` gives at most."""


@blueprint.get("/id/<kind>/<path:slug>")
def identify(kind: str, slug: str) -> ResponseReturnValue:
    """303 to the page or to the data, as the client accepts."""
    iri = ask.node(f"id/{kind}/{slug}")
    return linked.see_other(
        page=urls.page(iri.value) or "/", data=lambda ending: urls.data(iri.value, ending) or "/"
    )


@blueprint.get("/data/<kind>/<path:slug>.<any(ttl, jsonld, nt, rdf):ending>")
def data(kind: str, slug: str, ending: str) -> ResponseReturnValue:
    """Everything said of a node: its own triples, the statements that speak of it, and their evidence."""
    iri = ask.node(f"id/{kind}/{slug}")
    query = "document_data" if kind == "document" else "data"
    return linked.description(query, ending, node=iri)


@blueprint.get("/page/<kind>/<path:slug>")
def page(kind: str, slug: str) -> ResponseReturnValue:
    """A node's page: names, types, what is said of it with its evidence, and what refers to it."""
    iri = ask.node(f"id/{kind}/{slug}")
    elsewhere = urls.page(iri.value)
    if kind in {"document", "evidence"} and elsewhere and elsewhere != request.path:
        return redirect(elsewhere, 303)
    found = profile(iri.value, linked.known(iri, ask.rows("node", node=iri)))
    if kind == "statement":
        claim = facts(ask.rows("statement", statement=iri), ask.texts().quote)[0]
        return render_template("statement.html", node=found, fact=claim)
    counts = ask.counts("statement_counts", "kind", node=iri)
    counted = {name: count for name in KIND_TITLES if (count := counts.get(str(HER[name]), 0))}
    total = sum(counted.values())
    wanted = request.args.get("only", "")
    wanted = wanted if wanted in counted else next(iter(counted), "") if total > SHOWN else ""
    shown = _statements(iri, wanted, request.args.get("after", "")) if total else []
    mentioned_in, incoming = _incoming(ask.rows("incoming", node=iri))
    return render_template(
        "entity.html",
        node=found,
        kind=kind,
        groups=by_kind(shown),
        titles=KIND_TITLES,
        counted=counted,
        total=total,
        wanted=wanted,
        more=max((fact.iri for fact in shown), default="") if len(shown) >= SHOWN else "",
        mentioned_in=mentioned_in,
        incoming=incoming,
        incoming_cut=sum(len(prop.values) for prop in incoming) + len(mentioned_in) >= INCOMING_SHOWN,
        everything=_everything(iri),
    )


def _statements(iri: NamedNode, kind: str, after: str) -> list[Fact]:
    wanted = NamedNode(str(HER[kind])) if kind else STATEMENT
    rows = ask.rows("statements", node=iri, wanted=wanted, after=Literal(after))
    return facts(rows, ask.texts().quote)


def _incoming(rows: Iterable[Mapping[str, Node]]) -> tuple[list[Ref], list[Property]]:
    """What points at the node: the documents that mention it, and the rest by property."""
    found: dict[str, set[Ref]] = defaultdict(set)
    labels: dict[str, str] = {}
    for row in rows:
        prop = ask.value(row["p"])
        found[prop].add(ref(row["other"], row.get("label")))
        labels[prop] = ask.value(row.get("property")) or property_label(prop)
    mentioned_in = sorted(found.pop(MENTIONS, set()), key=_by_label)
    return mentioned_in, [
        Property(prop, labels[prop], tuple(sorted(found[prop], key=_by_label))) for prop in sorted(found)
    ]


def _by_label(term: Ref) -> tuple[str, str]:
    return term.label.casefold(), term.iri or ""


def _everything(iri: NamedNode) -> str:
    """The query that lists all triples about a node, for the query page."""
    return (
        "SELECT ?subject ?property ?object WHERE {\n"
        f"  {{ {iri} ?property ?object }}\n  UNION {{ ?subject ?property {iri} }}\n}}"
    )
