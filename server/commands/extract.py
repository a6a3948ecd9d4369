"""`her2kg extract`: what documents say, printed as a table or as JSON lines."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from graph.extract import Extraction, extract, find_documents, load_lexicon, read_document
from graph.model import Document, Statement
from graph.vocab import statement_iri


@click.command("extract")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "table", "jsonl"]),
    default="auto",
    show_default=True,
    help="A table for people, or one JSON object a line; auto is a table on a terminal.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format jsonl.")
@click.option("--mentions/--no-mentions", default=True, show_default=True, help="Print mentions too (jsonl).")
def command(files: tuple[Path, ...], *, form: str, as_json: bool, mentions: bool) -> None:
    """Find the statements of FILE..., which are text files or folders of them, and print them.

    Nothing is stored: see `her2kg build` for that. Offsets count the characters of the file decoded as
    UTF-8, half-open. The exit code is 0 when every file was read, 1 when one cannot be, 2 when the command is
    called wrongly.
    """
    lines = as_json or form == "jsonl" or (form == "auto" and not sys.stdout.isatty())
    # every file is read before anything is printed: half an output looks like a whole one
    documents = [read_document(path) for path in find_documents(list(files))]
    lexicon = load_lexicon()
    with _progress(sum(len(d.text) for d in documents)) as advance:
        for document in documents:
            extraction = extract(document, lexicon, advance(document))
            if lines:
                _print_lines(extraction, mentions=mentions)
            else:
                _print_table(extraction)


@contextmanager
def _progress(characters: int) -> Iterator[Callable[[Document], Callable[[int], None]]]:
    """A bar over all documents' characters, on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Reading", total=characters)
        done = 0

        def start(document: Document) -> Callable[[int], None]:
            nonlocal done
            before = done
            done += len(document.text)
            return lambda offset: progress.update(task, description=document.name, completed=before + offset)

        yield start


def _print_lines(extraction: Extraction, *, mentions: bool) -> None:
    found = (m.record() for m in extraction.mentions if mentions)
    said = (s.record(str(statement_iri(s.digest))) for s in extraction.statements)
    for record in chain(found, said):
        click.echo(json.dumps(record, ensure_ascii=False))


def _print_table(extraction: Extraction) -> None:
    console = Console()
    counts = Counter(s.kind for s in extraction.statements)
    table = Table(title=extraction.document.name, title_justify="left", title_style="bold", pad_edge=False)
    for heading in ("at", "kind", "subject", "object", "qualifiers"):
        table.add_column(heading, overflow="fold")
    for statement in extraction.statements:
        first = statement.evidence[0]
        table.add_row(
            f"{first.start}-{first.end}",
            _kind(statement),
            Text(statement.subject.label),
            Text(statement.object.label),
            Text(", ".join(f"{name}: {term.label}" for name, term in statement.qualifiers)),
        )
    console.print(table)
    console.print(
        Text(
            f"{len(extraction.statements)} statements, {len(extraction.mentions)} mentions, "
            f"{len(extraction.gaps)} gaps; "
            + ", ".join(f"{kind} {count}" for kind, count in counts.most_common())
        ),
        style="dim",
    )


def _kind(statement: Statement) -> Text:
    text = Text(statement.kind)
    if statement.polarity == "negated":
        text.append(" not", style="bold red")
    if statement.modality != "asserted":
        text.append(f" {statement.modality}", style="yellow")
    return text
