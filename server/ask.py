"""What the pages ask the store: the queries of `server/queries`, by name, with their terms bound."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from flask import current_app
from pyoxigraph import Literal, NamedNode

from graph.errors import NotFound
from graph.files import BASE, text
from graph.store import select
from server import urls

if TYPE_CHECKING:
    from graph.store import Node, Store
    from server.texts import Texts

XSD_INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")


def store() -> Store:
    """The store of the application that answers this request."""
    return cast("Store", current_app.extensions["store"])


def texts() -> Texts:
    """The texts that the application may show."""
    return cast("Texts", current_app.extensions["texts"])


def version() -> str:
    """The version of the snapshot that is served."""
    return store().manifest().version


@cache
def query(name: str) -> str:
    """The text of `server/queries/<name>.rq`, under the base in force."""
    return text("server", "queries", f"{name}.rq")


def rows(name: str, **bindings: Node) -> list[dict[str, Node]]:
    """The solutions of a query by name; each of `bindings` takes the place of the variable of that name."""
    return select(store(), query(name), **bindings)


def counts(name: str, by: str, **bindings: Node) -> dict[str, int]:
    """The solutions of a counting query as a table: the IRI in the column `by`, and the figure in `count`."""
    return {
        row[by].value: int(value(row["count"]))
        for row in rows(name, **bindings)
        if isinstance(row.get(by), NamedNode)
    }


def node(name: str) -> NamedNode:
    """The node with this name under the base, e.g. `id/drug/palbociclib`; `NotFound` for what is no IRI."""
    if not urls.is_iri_part(name):
        raise missing(BASE + name)
    try:
        return NamedNode(BASE + name)
    except ValueError as error:
        raise missing(BASE + name) from error


def missing(iri: str) -> NotFound:
    """The error for a node that nothing is said of."""
    return NotFound("Nothing is said of this name here.", where=iri, mend="Search for it by its label.")


def integer(number: int) -> Literal:
    """A number as a term to bind."""
    return Literal(str(number), datatype=XSD_INTEGER)


def value(term: object) -> str:
    """The text of a literal or the IRI of a node; empty for what a solution has not got."""
    return term.value if isinstance(term, (Literal, NamedNode)) else ""
