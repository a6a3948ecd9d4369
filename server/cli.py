"""The command `her2kg`: its subcommands, and where an error becomes a message and an exit code."""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from typing import Final

import click

from graph.errors import Her2kgError

COMMANDS: Final = {
    "extract": "Find statements in documents and print them.",
    "build": "Build the graph from documents and publish it.",
    "publish": "Put the published graph into a remote SPARQL service.",
    "validate": "Check RDF files against the shapes.",
    "query": "Ask the published graph a SPARQL query.",
    "explain": "Tell which axioms and statements a triple follows from.",
    "evaluate": "Measure what is extracted against an inventory of expected statements.",
    "serve": "Serve the published graph: pages, linked data, SPARQL.",
}
"""The subcommands and what each does; `server/commands/<name>.py` has it as `command`, imported when it is
called.
"""

INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141


class Commands(click.Group):
    """The group that imports a subcommand only when it is needed, so that `her2kg --help` is quick."""

    def list_commands(self, _: click.Context) -> list[str]:
        """The subcommands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        """A subcommand by name; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"server.commands.{cmd_name}").command
        return command

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """The table in the help, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="her2kg", prog_name="her2kg")
def her2kg() -> None:
    """A knowledge graph of HER2-negative breast cancer treatment, built from documents.

    Exit codes: 0 done, 1 something is wrong with the input, 2 wrong usage.
    """


def main() -> None:
    """Run the command line and end the process."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line; the exit code."""
    try:
        result = her2kg.main(arguments, prog_name="her2kg", standalone_mode=False)
        sys.stdout.flush()
    except Her2kgError as error:
        _tell(error, as_json="--json" in arguments)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nStopped.", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # what reads us has gone; nothing more may be written, not even by the interpreter as it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return result if isinstance(result, int) else 0


def _tell(error: Her2kgError, *, as_json: bool) -> None:
    """An error in words, or as one JSON object on the stream that has the others."""
    if as_json:
        facts = {
            "record": "error",
            "title": error.title,
            "what": error.what,
            "where": error.where,
            "mend": error.mend,
        }
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        click.echo(click.style("error: ", fg="red", bold=True) + str(error), err=True)
