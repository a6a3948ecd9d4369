"""`her2kg explain`: the axioms and statements that a triple follows from."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from graph.store import Limits
from graph.store.embedded import EmbeddedStore
from server.explanation import Explainer, triple
from server.settings import Settings

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from server.explanation import Reason, Said


@click.command("explain")
@click.argument("subject")
@click.argument("predicate")
@click.argument("value", metavar="OBJECT")
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as one JSON object.")
@click.option("--home", metavar="FOLDER", help="State folder that the graph is published in (HER2KG_HOME).")
def command(subject: str, predicate: str, value: str, *, as_json: bool, **flags: str | None) -> None:
    """Tell why a triple of the published graph holds: the axioms and statements it follows from.

    Each argument is an IRI or a name with a prefix, such as drug:palbociclib; PREDICATE may be `a`, for the
    type of something, and OBJECT a literal in double quotes, such as '"Ibrance"@en'.

    The exit code is 1 when the triple is neither stated nor follows.
    """
    asked = triple(subject, predicate, value)
    settings = Settings.load(flags)
    limits = Limits(timeout=settings.query_timeout, memory=settings.query_memory, workers=1)
    with EmbeddedStore(settings.home, limits) as store:
        reason = Explainer(store).explain(asked)
    if as_json or not sys.stdout.isatty():
        click.echo(json.dumps({"record": "explanation", **reason.record()}, ensure_ascii=False))
    else:
        from rich.console import Console

        Console().print(tree(reason))


def tree(reason: Reason) -> Tree:
    """A reason as a tree for a terminal."""
    from rich.tree import Tree

    top = Tree(_line(reason), guide_style="dim")
    for said in reason.statements:
        top.add(_statement(said))
    for premise in reason.premises:
        top.children.append(tree(premise))
    return top


def _line(reason: Reason) -> Text:
    from rich.text import Text

    line = Text()
    for piece in reason.pieces:
        line.append(piece.text, "bold" if piece.role == "term" else "")
    line.append(f"  {reason.words} ({', '.join(reason.graphs) or reason.rule})", "dim")
    return line


def _statement(said: Said) -> Text:
    from rich.text import Text

    line = Text("statement: ", "dim")
    line.append(said.label, "green")
    places = (f"document {e.document}, characters {e.start}–{e.end}" for e in said.evidence)
    return line.append("".join(f"\n{place}" for place in places), "dim")
