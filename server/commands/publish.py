"""`her2kg publish`: a snapshot → a remote SPARQL service, or files for its bulk loader."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graph.errors import UsageError
from graph.store.snapshots import open_current
from server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager


@click.command("publish")
@click.option("--home", metavar="FOLDER", help="State folder with the snapshot (HER2KG_HOME).")
@click.option("--store-url", metavar="URL", help="The service's address for queries (HER2KG_STORE_URL).")
@click.option(
    "--store-data-url",
    metavar="URL",
    help="Its address for the Graph Store Protocol (HER2KG_STORE_DATA_URL) [default: that for queries].",
)
@click.option("--store-user", metavar="NAME", help="A user that may write (HER2KG_STORE_USER).")
@click.option(
    "--files",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write data.nq and state.nq to FOLDER for the service's bulk loader instead; load state.nq last.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, files: Path | None, as_json: bool, **flags: str | None) -> None:
    """Put the current snapshot into a remote SPARQL service, for `her2kg serve --store-url`.

    The snapshot is one that `her2kg build` has made. While it is being put there the service's readers are
    told to come back; when that breaks off, run the command again. The password is HER2KG_STORE_PASSWORD.
    """
    settings = Settings.load(flags)
    snapshot = open_current(settings.home)
    said: dict[str, Any] = {"version": snapshot.manifest.version}
    if files is not None:
        from graph.store.remote.publishing import write_files

        data, last = write_files(snapshot, files)
        said |= {"data": str(data), "state": str(last)}
        words = f"Version {said['version']} is in {data}; load that first, and {last} when that is done."
    elif settings.store_url is None:
        raise UsageError(
            "There is no store to publish to.", mend="Set --store-url or HER2KG_STORE_URL, or take --files."
        )
    else:
        from graph.store.remote.credentials import credentials
        from graph.store.remote.publishing import publish

        auth = credentials(settings.store_user or "", settings.store_password or "")
        with _progress(shown=sys.stderr.isatty() and not as_json) as told:
            publish(snapshot, settings.store_url, settings.store_data_url or settings.store_url, auth, told)
        said["store"] = settings.store_url
        words = f"Version {said['version']} is published in {settings.store_url}."
    click.echo(json.dumps(said) if as_json else words)


def _progress(*, shown: bool) -> AbstractContextManager[Callable[[str, int, int], None]]:
    """A bar on a terminal, nothing elsewhere."""
    if not shown:
        return nullcontext(lambda *_: None)
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import Progress

    @contextmanager
    def bar() -> Any:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("Publishing", total=None)
            yield lambda name, done, total: progress.update(
                task, completed=done, total=total, description=name.rpartition("/graph/")[2]
            )

    return bar()
