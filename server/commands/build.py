"""`her2kg build`: from documents to a published snapshot."""

from __future__ import annotations

import json
import signal
import sys
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

    from graph.build.pipeline import BuildResult, Progress

DOING: Final[dict[str, str]] = {
    "read": "Reading the documents",
    "extract": "Finding statements",
    "derive": "Deriving plain triples",
    "validate": "Checking against the shapes",
    "reason": "Reasoning",
    "describe": "Counting and describing",
    "publish": "Publishing",
}
"""What a person is told of each step of a build."""

COLUMNS: Final = 6
"""Of so many documents the statements are shown one by one, of more only together."""


@click.command("build")
@click.argument("documents", metavar="[DOCUMENTS]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="HER2KG_HOME",
    default=".her2kg",
    show_default=True,
    help="The state folder that the snapshot is published in (HER2KG_HOME).",
)
@click.option(
    "--release",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the statements of the documents to FILE, as TriG without sentences.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per step, then the manifest.")
@click.option("--quiet", is_flag=True, help="Print nothing unless something is wrong.")
def command(
    documents: tuple[Path, ...], *, home: Path, release: Path | None, as_json: bool, quiet: bool
) -> None:
    """Build the graph from DOCUMENTS and publish it.

    DOCUMENTS are text files, or folders of them; without any, the graph is built from the released data and
    the sample documents that come with her2kg. What was published before stays until the new version is
    complete and free of contradictions, and stays altogether when the build fails.

    On a terminal the steps are shown as they go; elsewhere, and with --json, one JSON object per line is
    printed. The exit code is 0 when the version is published, 1 when something is wrong with the input, 2
    when the command is called wrongly.
    """
    # Imported here: rdflib and pySHACL take half a second, which `her2kg --help` need not wait for.
    from graph.build.pipeline import Progress, build
    from graph.build.release import write_release
    from server.gallery import examples

    listener: AbstractContextManager[Progress]
    if quiet:
        listener = nullcontext(Progress())
    elif as_json or not sys.stdout.isatty():
        listener = nullcontext(_lines())
    else:
        listener = _terminal()
    with _ends_in_order(), listener as progress:
        result = build(documents or None, home, examples=examples(), progress=progress)
        if release is not None:
            write_release(release, result.graphs)
    if quiet:
        return
    if as_json or not sys.stdout.isatty():
        _print_record("manifest", result)
    else:
        _print_tables(result, home)


def _lines() -> Progress:
    """Progress as JSON lines: one when a step is done, one for a note."""
    from graph.build.pipeline import Progress

    class Lines(Progress):
        def end(self, step: str, seconds: float, found: Mapping[str, int]) -> None:
            _echo({"record": "step", "step": step, "seconds": seconds, **found})

        def note(self, text: str) -> None:
            _echo({"record": "note", "text": text})

    return Lines()


@contextmanager
def _terminal() -> Iterator[Progress]:
    """Progress as bars that move."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn
    from rich.progress import Progress as Bars

    from graph.build.pipeline import Progress

    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("[dim]{task.fields[found]}"),
    )

    class Shown(Progress):
        def __init__(self) -> None:
            self.tasks: dict[str, TaskID] = {}
            self.parts = 0

        def begin(self, step: str, total: int | None = None) -> None:
            self.tasks[step] = bars.add_task(DOING[step], total=total or None, found="")
            self.parts = 0

        def within(self, step: str, what: str, done: float) -> None:
            bars.update(self.tasks[step], completed=self.parts + done, found=f"{escape(what)} {done:.0%}")

        def advance(self, step: str, what: str) -> None:
            self.parts += 1
            bars.update(self.tasks[step], completed=self.parts, found=escape(what))

        def end(self, step: str, seconds: float, found: Mapping[str, int]) -> None:
            told = ", ".join(f"{count:,} {name}" for name, count in found.items())
            bars.update(self.tasks[step], total=1, completed=1, found=f"{seconds:.1f} s  {told}")

        def note(self, text: str) -> None:
            bars.console.print(f"[yellow]note[/] {escape(text)}")

    with Bars(*columns, console=Console()) as bars:
        yield Shown()


def _print_record(record: str, result: BuildResult) -> None:
    from dataclasses import asdict

    _echo({"record": record, **(asdict(result.manifest) if result.manifest else result.facts)})


def _echo(record: Mapping[str, Any]) -> None:
    click.echo(json.dumps(record, ensure_ascii=False))


def _print_tables(result: BuildResult, home: Path) -> None:
    """Statements by document and kind, triples by graph, and how the checks went."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    facts = result.facts
    documents = facts["documents"] if len(facts["documents"]) <= COLUMNS else {}
    kinds = sorted({kind for counts in facts["statements"].values() for kind in counts})
    statements = Table("Statements", title_justify="left", box=None, pad_edge=False)
    for document in documents:
        statements.add_column(documents[document]["name"], justify="right", max_width=18, overflow="fold")
    statements.add_column("all", justify="right", style="bold")
    for kind in kinds:
        counts = {name: found.get(kind, 0) for name, found in facts["statements"].items()}
        statements.add_row(kind, *(str(counts[name] or "·") for name in documents), str(sum(counts.values())))
    console.print(statements, "")

    sizes = Table("Graph", box=None, pad_edge=False)
    sizes.add_column("triples", justify="right")
    for name, triples in sorted(result.graphs.items()):
        sizes.add_row(name, f"{len(triples):,}")
    console.print(sizes, "")

    shacl, reasoner = facts["shacl"], facts["reasoner"]
    console.print(f"SHACL   {shacl['violations']} violations, {shacl['warnings']} warnings")
    console.print(f"HermiT  consistent in {reasoner['seconds']} s, {reasoner['inferred']:,} triples inferred")
    if result.manifest:
        console.print(f"Version [bold]{result.manifest.version}[/] published in {home}", highlight=False)


@contextmanager
def _ends_in_order() -> Iterator[None]:
    """On SIGTERM, leave as on Ctrl-C: the reasoner's process ends too, and what was begun is removed."""

    def end(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
