"""What a query asks, on a terminal."""

from __future__ import annotations

import io

from rich.console import Console

from server.commands.plan_tree import lines

PLAN = {
    "algebra": {
        "words": "Match these 2 patterns together",
        "text": "",
        "children": [
            {
                "words": "",
                "text": "?a her2kg:b ?c",
                "children": [],
                "count": {"number": 10, "words": "10 triples fit"},
            },
            {
                "words": "",
                "text": "?a [] ?d",
                "children": [],
                "count": {"number": None, "words": "not counted"},
            },
        ],
    },
    "problem": "",
    "searches": [{"words": "a", "found": 3}],
    "warnings": [{"words": "Look at [this]."}],
    "order": "Unknown.",
    "limits": [{"value": 30, "unit": "seconds", "words": "in all"}],
}


def shown(plan: dict[str, object]) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(*lines(plan), sep="\n")
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_a_plan_is_a_tree_with_bars() -> None:
    """Brackets of a query or a warning are no markup; what was not counted has no bar."""
    text = shown(PLAN)
    assert "├── ?a her2kg:b ?c  ━━━━━━━━━━━━ 10 triples fit" in text
    assert "└── ?a [] ?d  not counted" in text
    assert "• Look at [this]." in text
    assert "30 seconds in all" in text


def test_without_an_algebra_the_reason_stands_in_its_place() -> None:
    """And the rest is told all the same."""
    text = shown(PLAN | {"algebra": None, "problem": "It is too deep."})
    assert text.startswith("It is too deep.")
    assert "• Look at" in text
