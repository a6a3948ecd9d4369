"""`her2kg evaluate`: precision and recall of extraction against an inventory of expected statements."""

from __future__ import annotations

import json
import sys
from functools import reduce
from operator import add
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from graph.errors import UsageError
from graph.extract import extract, find_documents, load_lexicon, read_document
from graph.extract.evaluation import Evaluation, Score, evaluate, read_inventory, short
from graph.model import Statement


@click.command("evaluate")
@click.argument("inventory", type=click.Path(path_type=Path))
@click.argument("documents", metavar="DOCUMENTS...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per document and kind.")
@click.option("--details", is_flag=True, help="Also print what was missed and what nobody expected.")
def command(inventory: Path, documents: tuple[Path, ...], *, as_json: bool, details: bool) -> None:
    """Hold what is extracted from DOCUMENTS against INVENTORY, a table of expected statements.

    A row is found when a statement makes its claim at its place; "exact" also has its qualifiers and
    modality. The exit code is 0 whatever the figures are, 1 when a file cannot be read, 2 when the command
    is called wrongly.
    """
    rows = read_inventory(inventory)
    texts = [read_document(path) for path in find_documents(list(documents))]
    if not {row.document for row in rows} & {text.id for text in texts}:
        raise UsageError(
            "The inventory speaks of none of these documents.",
            where=str(inventory),
            mend="Its first column is the first 16 hex digits of the sha256 of the file.",
        )
    lexicon = load_lexicon()
    results = [evaluate(extract(text, lexicon), rows) for text in texts]
    if as_json or not sys.stdout.isatty():
        _print_lines(results, details=details)
    else:
        _print_tables(results, details=details)


def _record(document: str, kind: str, score: Score) -> dict[str, object]:
    return {
        "record": "score",
        "document": document,
        "kind": kind,
        "expected": score.expected,
        "found": score.found,
        "exact": score.exact,
        "statements": score.statements,
        "right": score.right,
        "precision": round(score.precision, 4),
        "recall": round(score.recall, 4),
    }


def _total(scores: list[Score]) -> Score:
    return reduce(add, scores, Score(0, 0, 0, 0, 0))


def _print_lines(results: list[Evaluation], *, details: bool) -> None:
    for result in results:
        records = [_record(result.document, kind, score) for kind, score in result.scores.items()]
        records.append(_record(result.document, "all", _total(list(result.scores.values()))))
        for record in records:
            click.echo(json.dumps(record))
        for what, claim in _details(result) if details else ():
            click.echo(json.dumps({"record": what, "document": result.document, "claim": claim}))
    everything = _total([score for result in results for score in result.scores.values()])
    click.echo(json.dumps(_record("all", "all", everything)))


def _print_tables(results: list[Evaluation], *, details: bool) -> None:
    console = Console()
    for result in results:
        table = Table(title=result.document, title_justify="left", pad_edge=False)
        table.add_column("kind")
        for heading in ("expected", "found", "exact", "statements", "right", "precision", "recall"):
            table.add_column(heading, justify="right")
        for kind, score in [*result.scores.items(), ("all", _total(list(result.scores.values())))]:
            counts = (score.expected, score.found, score.exact, score.statements, score.right)
            table.add_row(kind, *map(str, counts), f"{score.precision:.3f}", f"{score.recall:.3f}")
        console.print(table)
        for what, claim in _details(result) if details else ():
            console.print(f"{what}: {claim}", markup=False, highlight=False)


def _details(result: Evaluation) -> list[tuple[str, str]]:
    missed = [("missed", f"{r.start}-{r.end} {' '.join(r.claim)}") for r in result.missed]
    return missed + [("unexpected", _told(statement)) for statement in result.unexpected]


def _told(statement: Statement) -> str:
    last = statement.evidence[-1]
    claim = (statement.kind, short(statement.subject), short(statement.object), statement.polarity)
    return f"{last.start}-{last.end} {' '.join(claim)}"
