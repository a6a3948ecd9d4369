"""The same bad inputs, sent to this server and to those of others: `pytest tests/benchmarks/test_bad_inputs.py`.

It prints a table, and with `--golden-update` writes it to `docs/hostile.md`. For each input: the status, and
after how many seconds. A server that hangs, or that does not answer a cheap query within four seconds
afterwards, is started anew, so that each input finds it well.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest

from tests.hostile.asking import HANGS, Came, send
from tests.hostile.inputs import DEAR, DEEP, HTTP, LONG, ODD, Query, Wire
from tests.hostile.peers import BY_FORM, LIMIT, PEERS

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE: Final = LIMIT + 3.0
CHEAP: Final = 4.0
GROUPS: Final[dict[str, tuple[Query, ...] | tuple[Wire, ...]]] = {
    "nested": DEEP,
    "long": LONG,
    "dear": DEAR,
    "odd": ODD,
    "HTTP": HTTP,
}
ENDS: Final = (
    "server error 500",
    "hangs past the limit",
    "200 and then not whole",
    "no service afterwards",
)
"""The bad ends."""

MARKS: Final = ("<!-- table -->", "<!-- end -->")


class Server:
    """A server that is started when it is needed, and again when it has had enough."""

    def __init__(self, name: str, folder: Path) -> None:
        self._start, self._folder, self._form = PEERS[name], folder, name in BY_FORM
        self._stack = contextlib.ExitStack()
        self._address: str | None = None

    def ask(self, given: Query | Wire) -> tuple[Came, bool]:
        """What came back, and whether a cheap query was answered afterwards."""
        if self._address is None:
            self._address = self._stack.enter_context(self._start(self._folder))
        try:
            came = send(self._address, given, PATIENCE, form=self._form)
        except OSError:
            came = Came(0, 0.0)
        try:
            cheap = Query("cheap", "ASK { ?s ?p ?o }", frozenset())
            after = send(self._address, cheap, CHEAP, form=self._form)
        except OSError:
            after = Came(0, CHEAP)
        lives = after.status == 200 and not after.cut
        if not lives or came.status == HANGS or came.cut:
            self.stop()
        return came, lives

    def stop(self) -> None:
        """End it."""
        with contextlib.suppress(Exception):
            self._stack.close()
        self._address = None


def verdict(came: Came, *, lives: bool) -> str:
    """What happened, in a word or two."""
    status = {HANGS: "hangs", 0: "closed"}.get(came.status, str(came.status))
    said = f"{status} cut" if came.cut else status
    return f"{said} {came.seconds:.1f}" + ("" if lives else " ✗")


def counted(came: Came, *, lives: bool) -> list[str]:
    """What of it is bad."""
    return [
        name
        for name, so in zip(
            ENDS,
            (came.status == 500, came.status == HANGS, came.cut and came.status == 200, not lives),
            strict=True,
        )
        if so
    ]


@pytest.mark.parametrize("name", [*PEERS])
def test_bad_inputs(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Each input to each server; ours has none of the bad ends."""
    only = os.environ.get("PEERS")
    if only and name not in only.split(","):
        pytest.skip("skipped: not among PEERS")
    server, table, bad = Server(name, tmp_path), {}, Counter[str]()
    try:
        for inputs in GROUPS.values():
            for given in inputs:
                came, lives = server.ask(given)
                table[given.name] = verdict(came, lives=lives)
                bad.update(counted(came, lives=lives))
                print(f"{name:16} {given.name:44} {table[given.name]}", flush=True)  # noqa: T201
    finally:
        server.stop()
        print("\n".join(f"{name:16} {end}: {number}" for end, number in bad.items()), flush=True)  # noqa: T201
    request.config.stash.setdefault(RESULTS, {})[name] = (table, bad)
    if name == "her2kg":
        assert not bad


RESULTS = pytest.StashKey[dict[str, tuple[dict[str, str], Counter[str]]]]()


def test_the_table(request: pytest.FixtureRequest, checkout: Path) -> None:
    """What was found, as Markdown."""
    results = request.config.stash.get(RESULTS, {})
    lines = [f"| | {' | '.join(results)} |", "|---" * (len(results) + 1) + "|"]
    lines += [f"| **{end}** | {' | '.join(str(bad[end]) for _, bad in results.values())} |" for end in ENDS]
    for group, inputs in GROUPS.items():
        lines.append(f"| *{group}* |" + " |" * len(results))
        lines += [
            f"| {given.name} | {' | '.join(table.get(given.name, '') for table, _ in results.values())} |"
            for given in inputs
        ]
    text = "\n".join(lines)
    print(text)  # noqa: T201
    if request.config.getoption("--golden-update"):
        page = checkout / "docs" / "hostile.md"
        before, _, rest = page.read_text("utf-8").partition(MARKS[0])
        page.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{rest.partition(MARKS[1])[2]}", "utf-8")
