"""What is known of a query before it is run, for a terminal: a tree with bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text
from rich.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

BAR: Final = 12
"""Columns of the longest bar."""


def lines(plan: dict[str, Any]) -> Iterator[RenderableType]:
    """An explanation of `graph.plan.explain`, part by part."""
    algebra = plan["algebra"]
    yield tree(algebra, most(algebra)) if algebra else Text(plan["problem"])
    for search in plan["searches"]:
        yield Text(f"The text index finds {search['found']:,} things for “{search['words']}”.", "dim")
    for warning in plan["warnings"]:
        yield Text.assemble(("• ", "yellow"), warning["words"])
    limits = "; ".join(f"{limit['value']:,} {limit['unit']} {limit['words']}" for limit in plan["limits"][:4])
    yield Text(f"{plan['order']} Limits: {limits}.", "dim")


def tree(step: dict[str, Any], largest: int) -> Tree:
    """A step, and under it what it works on."""
    top = Tree(_line(step, largest), guide_style="dim")
    top.children.extend(tree(child, largest) for child in step["children"])
    return top


def most(step: dict[str, Any]) -> int:
    """The largest figure of a tree, and 1 at least."""
    return max([1, (step.get("count") or {}).get("number") or 1, *map(most, step["children"])])


def _line(step: dict[str, Any], largest: int) -> Text:
    if count := step.get("count"):
        length = round(BAR * (count["number"] or 0) / largest)
        return Text.assemble(
            (step["text"], "bold"), "  ", ("━" * length, "cyan"), " " * bool(length), (count["words"], "dim")
        )
    line = Text(step["words"])
    if step["text"]:
        line.append("\n" + step["text"], "green")
    return line
