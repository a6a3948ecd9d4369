"""An answer as the query page shows it: a table of linked, labelled cells, yes or no, or Turtle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from graph.store import select
from graph.vocab import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.store import Answer, Store

SHOWN: Final = 500
"""Rows of a table that the page shows; the downloads have them all."""

TURTLE_SHOWN: Final = 200_000
"""Characters of Turtle that the page shows."""

NAMESPACES: Final = sorted(PREFIXES.items(), key=lambda entry: -len(entry[1]))


@dataclass(frozen=True, slots=True)
class Cell:
    """A term of a row: `iri` where it is one, `text` what is shown, `note` a language or a datatype."""

    text: str
    iri: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A SELECT's solutions: `total` rows, of which `rows` are shown."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell | None, ...], ...]
    total: int


@dataclass(frozen=True, slots=True)
class View:
    """An answer on the page; one of the three is not None."""

    table: Table | None = None
    truth: bool | None = None
    turtle: str | None = None
    cut: bool = False


def view(store: Store, answer: Answer) -> View:
    """An answer in JSON or Turtle, made ready to be shown."""
    if answer.form == "graph":
        text = answer.body.decode()
        return View(turtle=text[:TURTLE_SHOWN], cut=len(text) > TURTLE_SHOWN)
    result = ox.parse_query_results(answer.body, ox.QueryResultsFormat.JSON)
    if isinstance(result, ox.QueryBoolean):
        return View(truth=bool(result))
    columns = tuple(variable.value for variable in result.variables)
    rows = [tuple(row[column] for column in columns) for row in result]
    names = labels(store, {term for row in rows[:SHOWN] for term in row if isinstance(term, ox.NamedNode)})
    shown = tuple(
        tuple(cell(term, names) if term is not None else None for term in row) for row in rows[:SHOWN]
    )
    return View(table=Table(columns, shown, len(rows)), cut=len(rows) > SHOWN)


def labels(store: Store, nodes: Iterable[ox.NamedNode]) -> dict[str, str]:
    """The labels of nodes, English or without a language; those without any are left out."""
    values = " ".join(
        f"({node})" for node in nodes
    )  # each in the N-Triples form that the engine gives its own term
    if not values:
        return {}
    query = (
        f"SELECT ?node ?label {{ VALUES (?node) {{ {values} }} ?node rdfs:label ?label "
        'FILTER(LANG(?label) IN ("", "en")) }'
    )
    return {row["node"].value: row["label"].value for row in select(store, query)}


def cell(term: object, names: dict[str, str]) -> Cell:
    """One term as it is shown."""
    if isinstance(term, ox.NamedNode):
        return Cell(names.get(term.value) or compact(term.value), term.value)
    if isinstance(term, ox.Literal):
        datatype = compact(term.datatype.value)
        plain = datatype in {"xsd:string", "rdf:langString"}
        return Cell(term.value, note=term.language or ("" if plain else datatype))
    return Cell(str(term))


def compact(iri: str) -> str:
    """An IRI by its prefix where it has one, else as it is."""
    for prefix, namespace in NAMESPACES:
        local = iri.removeprefix(namespace)
        if local != iri and local and "/" not in local:
            return f"{prefix}:{local}"
    return iri
