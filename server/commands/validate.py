"""`her2kg validate`: is an addition in order, and if not, where and how is it to be mended?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from graph.validate.checking import check_files
from graph.validate.reading import read_rdf
from server.texts import Texts

if TYPE_CHECKING:
    from graph.validate.report import Report

LOOKS: Final[dict[str, dict[str, object]]] = {
    "title": {"bold": True},
    "Violation": {"fg": "red", "bold": True},
    "Warning": {"fg": "yellow", "bold": True},
    "Info": {"fg": "cyan"},
    "good": {"fg": "green", "bold": True},
    "faint": {"dim": True},
}
"""The look of each role in a report, on a terminal."""


@click.command("validate")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--documents",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="HER2KG_DOCUMENTS",
    help="Hold evidence against the texts in FOLDER, too (HER2KG_DOCUMENTS).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@click.option("--quiet", is_flag=True, help="Print one sentence per file.")
@click.pass_context
def command(
    context: click.Context, paths: tuple[Path, ...], *, documents: Path | None, as_json: bool, quiet: bool
) -> None:
    """Check RDF files against the shapes of this graph.

    Each FILE is Turtle, TriG, N-Triples or N-Quads. The files are one addition: a node of one may speak of
    a node of another, and of everything in the ontology and its vocabulary. The report says of each node what
    is wrong, what was found, how to mend it, and by which rule.

    Evidence is held against the words it quotes where the text is at hand: the sample documents, and those
    in the folder of documents, known by the digest of the file whatever its name.

    The exit code is 0 when everything conforms (warnings are allowed), 1 when something does not or a file
    cannot be read, 2 when the command is called wrongly.
    """
    parts = {str(path): read_rdf(path) for path in dict.fromkeys(paths)}
    reports = check_files(parts, text_of=Texts(documents).get)
    for name, report in reports.items():
        if as_json:
            _print_records(name, report, quiet=quiet)
        else:
            _print_words(name, report, quiet=quiet, alone=len(reports) == 1)
    if not all(report.conforms for report in reports.values()):
        context.exit(1)


def _print_records(name: str, report: Report, *, quiet: bool) -> None:
    """One object a result, then one for the file."""
    record = report.record()
    results = record.pop("results")
    for result in [] if quiet else results:
        click.echo(json.dumps({"file": name, **result}, ensure_ascii=False))
    click.echo(json.dumps({"file": name, **record}, ensure_ascii=False))


def _print_words(name: str, report: Report, *, quiet: bool, alone: bool) -> None:
    if quiet:
        click.echo(f"{name}: {report.summary(_paint)}")
        return
    if not alone:
        click.echo(_paint(f"── {name}", "faint") + "\n")
    click.echo(report.words(_paint) + ("" if alone else "\n"))


def _paint(text: str, role: str) -> str:
    """The text in its look; `click.echo` takes the colours away where there is no terminal."""
    return click.style(text, **LOOKS[role])  # type: ignore[arg-type]
