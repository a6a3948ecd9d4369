"""`her2kg query`: a SPARQL query over the published graph, without a server."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import pyoxigraph as ox

from graph.errors import QueryError, QueryTooLarge, UsageError
from graph.store import JSON, SOLUTIONS, TRIPLES, TURTLE, Answer
from server.settings import Settings
from server.sparql.results import cell, compact
from server.stores import open_store

if TYPE_CHECKING:
    from rich.table import Table

    from graph.store import Limits, Store

LINES: Final = "jsonl"
TABLE: Final = "table"
FORMATS: Final = (TABLE, LINES, *SOLUTIONS, *TRIPLES)


@click.command("query")
@click.argument("query", metavar="FILE|-|TEXT")
@click.option(
    "--format",
    "name",
    type=click.Choice(FORMATS),
    help="[default: a table or Turtle on a terminal, JSON lines or N-Triples elsewhere]",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object per line; the same as --format jsonl."
)
@click.option(
    "--explain",
    "explained",
    is_flag=True,
    help="Tell what the query asks, and how much fits each pattern, without running it.",
)
@click.option("--home", metavar="FOLDER", help="State folder that the graph is published in (HER2KG_HOME).")
@click.option("--store-url", metavar="URL", help="Ask a remote service instead (HER2KG_STORE_URL).")
@click.option("--query-timeout", metavar="SECONDS", help="Seconds the query may take (HER2KG_QUERY_TIMEOUT).")
def command(query: str, *, name: str | None, as_json: bool, explained: bool, **flags: str | None) -> None:
    """Ask the published graph a SPARQL query: a file, standard input (-), or the text itself.

    The prefixes of this graph need not be declared. The exit code is 1 for a query with an error.
    """
    settings = Settings.load(flags)
    text = read(query, settings.limits)
    name = LINES if as_json else name
    solutions = JSON if name in {None, TABLE, LINES} else SOLUTIONS.get(name or "")
    triples = TRIPLES.get(name or "") if name not in {None, TABLE, LINES} else _triples()
    limits = replace(settings.limits, workers=1)
    with open_store(settings, limits) as store:
        if explained:
            tell(store, text, limits, as_json=as_json or not sys.stdout.isatty())
            return
        answer = store.query(text, solutions=solutions, triples=triples)
    show(answer, name or (TABLE if sys.stdout.isatty() else LINES))


def tell(store: Store, query: str, limits: Limits, *, as_json: bool) -> None:
    """Print what is known of a query before it is run."""
    from graph.plan import explain
    from graph.plan.reader import Reader
    from server.check import parse
    from server.commands.plan_tree import lines

    parse(store, query)
    with Reader() as reader:
        plan = explain(store, reader, query, {}, limits)
    if as_json:
        click.echo(json.dumps(plan, ensure_ascii=False))
    else:
        from rich.console import Console

        Console().print(*lines(plan), sep="\n")


def read(query: str, limits: Limits) -> str:
    """The text of a query from where the argument says it is."""
    if query == "-":
        return _decoded(sys.stdin.buffer.read(limits.query_bytes + 1), "standard input")
    if any(character in query for character in " \n{?"):  # no name of a query's file has these
        return query
    path = Path(query)
    try:
        if path.stat().st_size > limits.query_bytes:
            raise QueryTooLarge(f"The query is larger than {limits.query_bytes:,} bytes.", where=query)
        return _decoded(path.read_bytes(), query)
    except OSError as error:
        raise UsageError(
            f"The file cannot be read: {error.strerror}.",
            where=query,
            mend="Give a file, - or the text of a query.",
        ) from None


def show(answer: Answer, name: str) -> None:
    """Print an answer: as a table, as JSON lines, or as it is."""
    if answer.form == "graph" or name not in {TABLE, LINES}:
        click.echo(answer.body, nl=not answer.body.endswith(b"\n"))
        return
    result = ox.parse_query_results(answer.body, ox.QueryResultsFormat.JSON)
    if isinstance(result, ox.QueryBoolean):
        click.echo(json.dumps(bool(result)))
        return
    columns = [variable.value for variable in result.variables]
    if name == LINES:
        for row in result:
            record = {column: _plain(row[column]) for column in columns if row[column] is not None}
            click.echo(json.dumps(record, ensure_ascii=False))
    else:
        from rich.console import Console

        Console().print(_table(columns, result))


def _table(columns: list[str], rows: Any) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        terms = (row[column] for column in columns)
        table.add_row(*(escape(cell(term, {}).text) if term is not None else "" for term in terms))
    table.caption = f"{table.row_count:,} row{'' if table.row_count == 1 else 's'}"
    return table


def _triples() -> str:
    return TURTLE if sys.stdout.isatty() else TRIPLES["ntriples"]


def _plain(term: Any) -> Any:
    """A term as JSON: an IRI or a text, with numbers and truth values as such."""
    if isinstance(term, ox.Literal):
        datatype = compact(term.datatype.value)
        if datatype == "xsd:integer":
            return int(term.value)
        if datatype == "xsd:boolean":
            return term.value in {"true", "1"}
        if datatype in {"xsd:decimal", "xsd:double", "xsd:float"}:
            return (
                float(term.value) if term.value.upper() not in {"INF", "-INF", "+INF", "NAN"} else term.value
            )
    return term.value if isinstance(term, (ox.Literal, ox.NamedNode)) else str(term)


def _decoded(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise QueryError(f"The query in {where} is not UTF-8.") from None
