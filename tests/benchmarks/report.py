"""The tables of a run: on the terminal, and as `docs/benchmarks.md`. Both are made of the journal's records alone."""

from __future__ import annotations

import math
import os
import platform
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from tests.benchmarks.journal import geometric, middle
from tests.benchmarks.plan import ENGINES
from tests.benchmarks.queries import OURS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.benchmarks.journal import Record
    from tests.benchmarks.plan import Plan

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
MARKED: Final = re.compile(r"(?s)(?<=<!-- figures -->\n).*?(?=\n<!-- end -->)")
NAMES: Final[dict[str, str]] = {
    "her2kg": "her2kg", "oxigraph": "Oxigraph", "rdflib-endpoint": "rdflib-endpoint", "virtuoso": "Virtuoso",
    "fuseki": "Fuseki",
}  # fmt: skip
PYTHON: Final = ("rdflib-endpoint",)
HEAVY_MS: Final = 5.0
NOTHING: Final = "–"


class Sheet:
    """A table with a heading and what there is to say of it."""

    def __init__(
        self, title: str, head: Sequence[str], rows: Iterable[Sequence[str]], words: str = ""
    ) -> None:
        self.title, self.head, self.words = title, list(head), words
        self.rows = [list(row) for row in rows]

    def markdown(self) -> str:
        """As a page has it."""
        lines = [f"### {self.title}", ""]
        if self.words:
            lines += [self.words, ""]
        if self.rows:
            lines.append(f"| {' | '.join(self.head)} |")
            lines.append("|---" + "|--:" * (len(self.head) - 1) + "|")
            lines += [f"| {' | '.join(row)} |" for row in self.rows]
        return "\n".join(lines)

    def show(self, console: Console) -> None:
        """As a terminal has it."""
        if not self.rows:
            console.print(f"\n[bold]{self.title}[/]  {self.words}")
            return
        table = Table(
            title=self.title, title_justify="left", caption=self.words or None, caption_justify="left"
        )
        for number, name in enumerate(self.head):
            table.add_column(name, justify="right" if number else "left", overflow="fold")
        for row in self.rows:
            table.add_row(*row)
        console.print(table)


def sheets(records: Sequence[Record]) -> Iterator[Sheet]:
    """All tables of a run."""
    of = Records(records)
    yield from _machine(of)
    yield from _goals(of)
    for data in of.datasets:
        yield _latency(of, data)
        yield _ratios(of, data)
        yield _loading(of, data)
    yield from _hostile(of)
    yield from _differences(of)


class Records:
    """The records of a run by their form."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records
        self.datasets = [*dict.fromkeys(r["data"] for r in records if r["record"] == "cell")]
        self.engines = [name for name in ENGINES if any(r.get("engine") == name for r in records)]

    def all(self, record: str, **facts: object) -> list[Record]:
        """The records of a form with these facts."""
        return [
            r
            for r in self._records
            if r["record"] == record and all(r.get(key) == value for key, value in facts.items())
        ]

    def figure(self, name: str, **facts: object) -> float:
        """The median over the rounds of one figure of a kind of cell."""
        return middle(cell[name] for cell in self.all("cell", **facts))

    def rounds(self, engine: str, other: str, **facts: object) -> Iterator[tuple[Record, Record]]:
        """The cells of both engines, one round after the other: they had their turns within seconds, so that
        what disturbed the machine disturbed both.
        """
        for cell in self.all("cell", engine=engine, **facts):
            for against in self.all("cell", engine=other, **{**facts, "round": cell["round"]}):
                yield cell, against

    def p50(self, engine: str, other: str, **facts: object) -> float:
        """How many times the p50 of another engine one has in the same round: the median of the rounds."""
        return middle(one["p50"] / _or_nan(two["p50"]) for one, two in self.rounds(engine, other, **facts))

    def pairs(self, engine: str, other: str, **facts: object) -> dict[str, tuple[float, float]]:
        """For each template or query the median of another engine, and how many times that one engine takes in the
        same round, over the very questions that both have answered then; medians of the rounds.
        """
        found: dict[str, list[tuple[float, float]]] = {}
        for cell, against in self.rounds(engine, other, **facts):
            for name, known in cell["questions"].items():
                theirs = against["questions"].get(name, {})
                if both := known.keys() & theirs.keys():
                    two = middle(theirs[key] for key in both)
                    ratio = middle(known[key] for key in both) / _or_nan(two)
                    found.setdefault(name, []).append((two, ratio))
        return {
            name: (middle(two for two, _ in each), middle(r for _, r in each)) for name, each in found.items()
        }

    def ratio(self, engine: str, to: str, **facts: object) -> float:
        """How many times as long one engine takes as another: the mean over the queries that both have answered."""
        return geometric(ratio for _, ratio in self.pairs(engine, to, **facts).values())


def _machine(of: Records) -> Iterator[Sheet]:
    about = of.all("machine")
    words = about[0]["words"] if about else ""
    rows = []
    for name in of.engines:
        known = of.all("engine", engine=name)
        if known:
            rows.append([NAMES[name], known[0]["version"], known[0]["says"]])
    yield Sheet("Engines", ["server", "version", "set up"], rows, words)
    floor = [
        [
            str(clients),
            *(_ms(middle(r[name] for r in cells)) for name in ("p50", "p95", "p99")),
            _count(middle(r["throughput"] for r in cells)),
        ]
        for clients in dict.fromkeys(r["clients"] for r in of.all("floor"))
        if (cells := of.all("floor", clients=clients))
    ]
    yield Sheet(
        "What the clients cost", ["clients", "p50 ms", "p95 ms", "p99 ms", "requests/s"], floor,
        "The same clients against a server that does nothing: no figure below can be better.",
    )  # fmt: skip


def _latency(of: Records, data: str) -> Sheet:
    rows = []
    for kind in dict.fromkeys(r["kind"] for r in of.all("cell", data=data)):
        for mode in ("cold", "warm"):
            for clients in dict.fromkeys(r["clients"] for r in of.all("cell", data=data)):
                for name in of.engines:
                    facts = {"data": data, "kind": kind, "mode": mode, "clients": clients, "engine": name}
                    cells = of.all("cell", **facts)
                    if not cells:
                        continue
                    outcomes: Counter[str] = sum((Counter(cell["outcomes"]) for cell in cells), Counter())
                    rows.append([
                        f"{_kind(kind)}, {mode}, {clients}", NAMES[name],
                        *(_ms(of.figure(part, **facts)) for part in ("p50", "p95", "p99")),
                        _count(of.figure("throughput", **facts)), str(outcomes["ok"]), _failed(outcomes),
                    ])  # fmt: skip
    return Sheet(
        f"Latency and throughput: {data}",
        [
            "queries, clients",
            "server",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "per second",
            "answered",
            "not answered",
        ],
        rows,
        "Medians of the rounds.",
    )


def _ratios(of: Records, data: str) -> Sheet:
    others = [name for name in of.engines if name != OURS and of.all("cell", data=data, engine=name)]
    rows = []
    for kind in dict.fromkeys(r["kind"] for r in of.all("cell", data=data)):
        for mode in ("cold", "warm"):
            for clients in dict.fromkeys(r["clients"] for r in of.all("cell", data=data)):
                ratios = [
                    of.ratio(name, OURS, data=data, kind=kind, mode=mode, clients=clients) for name in others
                ]
                if not all(map(math.isnan, ratios)):
                    rows.append([f"{_kind(kind)}, {mode}, {clients}", *map(_times, ratios)])
    return Sheet(
        f"Their time by ours: {data}", ["queries, clients", *(NAMES[name] for name in others)], rows,
        "Above 1: this server is faster. The geometric mean over the templates or queries, of each the median of the rounds, over the very "
        "questions that both have answered in one.",
    )  # fmt: skip


def _loading(of: Records, data: str) -> Sheet:
    rows = []
    for name in of.engines:
        known, absent = of.all("engine", data=data, engine=name), of.all("absent", data=data, engine=name)
        peak = max((r["peak"] for r in of.all("memory", data=data, engine=name)), default=0)
        asked = of.all("asked", data=data, engine=name)
        compared = of.all("compared", data=data)
        if not known and not absent:
            continue
        rows.append([
            NAMES[name],
            _seconds(known[0]["prepared"]) if known else NOTHING,
            _seconds(known[0]["started"]) if known else NOTHING,
            _mib(known[0]["memory"]) if known else NOTHING,
            _mib(peak) if peak else NOTHING,
            _outcomes(asked[0]["outcomes"]) if asked else NOTHING,
            str(compared[0]["apart"].get(name, NOTHING)) if compared else NOTHING,
            str(len(of.all("restarted", data=data, engine=name))),
            "; ".join(r["why"] for r in absent).replace("\n", " ")[:160] or "",
        ])  # fmt: skip
    total = of.all("compared", data=data)
    words = f"{total[0]['answers']:,} answers were compared." if total else ""
    return Sheet(
        f"Loading, memory, answers: {data}",
        ["server", "loading s", "start s", "MiB at the start", "MiB at most", "asked once", "differ from most", "started anew", "why not"],
        rows,
        words + " Memory is that of the process and its descendants (PSS), between the turns.",
    )  # fmt: skip


def _hostile(of: Records) -> Iterator[Sheet]:
    rows, attackers = [], []
    for attack in of.all("attack"):
        key = {"data": attack["data"], "engine": attack["engine"], "where": attack["where"]}
        title = f"{NAMES[attack['engine']]}, {attack['where']}"
        answers = of.all("calm answers", phase="hostile", **key)[0]
        for kind in ("new", "repeated"):
            calm = of.all("calm client", phase="calm", kind=kind, **key)[0]
            under = of.all("calm client", phase="hostile", kind=kind, **key)[0]
            rows.append([
                f"{title}: {kind}", _ms(calm["p50"]), _ms(under["p50"]), _times(under["p50"] / calm["p50"]),
                _ms(calm["p99"]), _ms(under["p99"]), _times(under["p99"] / calm["p99"]),
                str(under["items"]), _failed(Counter(under["outcomes"])),
                str(answers["wrong"]), str(answers["outcomes"].get("cut", 0)),
            ])  # fmt: skip
        attackers.append([
            title, *(str(attack["outcomes"].get(name, 0)) for name in ("ok", "refused", "cut", "too long", "broken")),
            _statuses(attack["statuses"]), _mib(attack["memory_before"]), _mib(attack["memory_peak"]),
            "yes" if attack["survived"] else "no", "yes" if attack["recovered"] else "no",
        ])  # fmt: skip
    if not rows:
        return
    yield Sheet(
        "Hostile load: the calm client",
        ["server, hostile clients, questions", "p50 calm", "p50 hostile", "×", "p99 calm", "p99 hostile", "×", "asked", "not answered", "wrong", "cut"],
        rows,
        "Milliseconds. Eight clients send queries that hang or swell, one asks cheap questions, new and repeated in turn. What was "
        "not answered is not in the percentiles.",
    )  # fmt: skip
    yield Sheet(
        "Hostile load: what the hostile clients got",
        ["server, hostile clients", "answered", "refused in words", "cut", "not in time", "broken", "statuses", "MiB before", "MiB at most", "survived", "answers 5 s later"],
        attackers,
        "Cut: HTTP 200 and a part of the answer. Not in time: some seconds after the deadline there was no whole answer, and no error.",
    )  # fmt: skip
    queries = [*dict.fromkeys(name for r in of.all("attack") for name in r["by_query"])]
    yield Sheet(
        "Hostile load: by query", ["server, hostile clients", *queries],
        [
            [f"{NAMES[r['engine']]}, {r['where']}", *(_outcomes(r["by_query"].get(name, {})) for name in queries)]
            for r in of.all("attack")
        ],
    )  # fmt: skip


def _goals(of: Records) -> Iterator[Sheet]:
    rows = [*_warm_goals(of), *_cold_goals(of), *_hostile_goals(of)]
    if rows:
        yield Sheet("Goals", ["goal", "measured", "met"], rows)


def _warm_goals(of: Records) -> Iterator[list[str]]:
    for data in of.datasets:
        worst: list[tuple[float, str]] = []
        for kind in {r["kind"] for r in of.all("cell", data=data)}:
            for clients in {r["clients"] for r in of.all("cell", data=data)}:
                for name in of.engines:
                    ratio = (
                        of.ratio(name, OURS, data=data, kind=kind, mode="warm", clients=clients)
                        if name != OURS
                        else math.nan
                    )
                    if not math.isnan(ratio):
                        worst.append((ratio, f"{NAMES[name]}, {_kind(kind)}, {clients}"))
        if worst:
            ratio, where = min(worst)
            yield [
                f"warm, ahead of every one: {data}",
                f"at least {_times(ratio)} ({where})",
                _met(ratio > 1),
            ]


def _cold_goals(of: Records) -> Iterator[list[str]]:
    for data in of.datasets:
        for peer in PYTHON:
            ratios = [
                ratio
                for kind in {r["kind"] for r in of.all("cell", data=data)}
                if not math.isnan(ratio := of.ratio(peer, OURS, data=data, kind=kind, mode="cold", clients=1))
            ]
            if ratios:
                yield [
                    f"cold, 5 × ahead of {NAMES[peer]}: {data}",
                    f"at least {_times(min(ratios))}",
                    _met(min(ratios) >= 5),
                ]
        point = of.p50(OURS, "oxigraph", data=data, kind="point", mode="cold", clients=1)
        if not math.isnan(point):
            both = (
                of.figure("p50", data=data, kind="point", mode="cold", clients=1, engine=name)
                for name in (OURS, "oxigraph")
            )
            words = " and ".join(map(_ms, both))
            yield [
                f"cold point queries, p50 within 2 × of Oxigraph: {data}",
                f"{_times(point)} ({words} ms)",
                _met(point <= 2),
            ]
        heavy: list[tuple[float, str]] = []
        for kind in {r["kind"] for r in of.all("cell", data=data)}:
            facts = {"data": data, "kind": kind, "mode": "cold", "clients": 1}
            pairs = of.pairs(OURS, "oxigraph", **facts)
            heavy += [(ratio, name) for name, (theirs, ratio) in pairs.items() if theirs > HEAVY_MS]
        if heavy:
            mean, (worst, name) = geometric(ratio for ratio, _ in heavy), max(heavy)
            yield [
                f"cold queries over 5 ms, within 1.2 × of Oxigraph: {data}",
                f"{_times(mean)} over {len(heavy)}; at most {_times(worst)} ({name})",
                _met(mean <= 1.2),
            ]


def _hostile_goals(of: Records) -> Iterator[list[str]]:
    for attack in of.all("attack"):
        key = {"data": attack["data"], "engine": attack["engine"], "where": attack["where"]}
        ratios = []
        for kind in ("new", "repeated"):
            calm = of.all("calm client", phase="calm", kind=kind, **key)[0]
            under = of.all("calm client", phase="hostile", kind=kind, **key)[0]
            ratios.append(under["p99"] / calm["p99"])
        answers = of.all("calm answers", phase="hostile", **key)[0]
        bad = (
            answers["wrong"]
            + attack["outcomes"].get("cut", 0)
            + answers["asked"]
            - answers["outcomes"].get("ok", 0)
        )
        if attack["engine"] == OURS:
            goal = "hostile load, p99 of cheap queries within 3 ×, nothing wrong, cut or unanswered"
            met = _met(max(ratios) <= 3 and bad == 0)
        else:
            goal, met = "the same of another", "within" if max(ratios) <= 3 and bad == 0 else "not within"
        yield [
            f"{goal}: {NAMES[attack['engine']]}, {attack['where']}",
            f"new {_times(ratios[0])}, repeated {_times(ratios[1])}; {bad} wrong, cut or unanswered",
            met,
        ]


def _differences(of: Records) -> Iterator[Sheet]:
    found = of.all("difference")
    if not found:
        return
    grouped: dict[tuple[str, str, str], list[Record]] = {}
    for one in found:
        name = one["key"] if "/" in one["key"] else one["key"].rpartition(" ")[0]
        groups = " ≠ ".join(", ".join(NAMES[e] for e in group["engines"]) for group in one["groups"])
        grouped.setdefault((one["data"], name, groups), []).append(one)
    reasons = known_reasons()
    rows = []
    for (data, name, groups), several in grouped.items():
        sizes = " ≠ ".join(group["size"] for group in several[0]["groups"])
        rows.append([data, name, groups, sizes, str(len(several)), _reason(name, several, reasons)])
    yield Sheet(
        "Answers that differ", ["data", "query", "who", "what", "times", "because"], rows,
        "Those that agree stand together. The reasons are in `tests/benchmarks/known.tsv`.",
    )  # fmt: skip


def known_reasons() -> dict[tuple[str, str], str]:
    """Why an engine (the first column) answers a query (the second) otherwise; `*` is every query."""
    lines = (Path(__file__).resolve().parent / "known.tsv").read_text("utf-8").splitlines()[1:]
    return {(engine, query): reason for engine, query, reason in (line.split("\t") for line in lines)}


def _reason(name: str, several: Sequence[Record], reasons: dict[tuple[str, str], str]) -> str:
    apart = {engine for group in several[0]["groups"] for engine in group["engines"]}
    found = [
        f"{NAMES[engine]}: {reasons[engine, name]}"
        for engine in ENGINES
        if engine in apart and (engine, name) in reasons
    ]
    return "; ".join(found) or "not looked into yet"


def machine(plan: Plan) -> str:
    """What the figures were taken on, in words."""
    cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text("utf-8"))
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({cpu[1] if cpu else platform.machine()}), "
        f"{int(memory[1]) >> 20 if memory else 0} GiB of memory, Linux {platform.release().partition('-')[0]}, "
        f"Python {platform.python_version()}; the machine's load was {load:.1f} at the start, the priority of the run "
        f"{os.getpriority(os.PRIO_PROCESS, 0)}. {plan.rounds} rounds of {plan.cell:g} s for each engine and kind of query."
    )


def write(records: Sequence[Record], page: Path) -> None:
    """Write the tables into a page, between its marks."""
    text = (page if page.exists() else PAGE).read_text("utf-8")
    tables = "\n\n".join(sheet.markdown() for sheet in sheets(records))
    page.write_text(MARKED.sub(lambda _: tables, text), "utf-8")


def show(records: Sequence[Record]) -> None:
    """Print the tables."""
    console = Console(width=None if os.isatty(1) else 180)
    for sheet in sheets(records):
        sheet.show(console)


def _kind(kind: str) -> str:
    return {"known": "examples and competency questions", "search": "text by index"}.get(kind, kind)


def _or_nan(value: float) -> float:
    return value or math.nan


def _ms(value: float) -> str:
    return NOTHING if math.isnan(value) else f"{value:.3g}" if value < 100 else f"{value:,.0f}"


def _count(value: float) -> str:
    return NOTHING if math.isnan(value) else f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _times(value: float) -> str:
    return NOTHING if math.isnan(value) else f"{value:.2f} ×" if value < 10 else f"{value:,.0f} ×"


def _seconds(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.1f}"


def _mib(value: float) -> str:
    return f"{value / (1 << 20):,.0f}"


def _met(is_so: bool) -> str:
    return "yes" if is_so else "**no**"


def _outcomes(outcomes: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in outcomes.items()) or NOTHING


def _failed(outcomes: Counter[str]) -> str:
    return _outcomes({name: count for name, count in outcomes.items() if name != "ok"}).replace(NOTHING, "0")


def _statuses(statuses: dict[str, int]) -> str:
    return ", ".join(f"{count} × {status}" for status, count in statuses.items()) or NOTHING
