"""What validation found, as facts, as words for people, and as records for programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any, Final, Literal

from graph.model import Evidence
from graph.validate.reading import printable

Severity = Literal["Violation", "Warning", "Info"]

SEVERITIES: Final[tuple[Severity, ...]] = ("Violation", "Warning", "Info")
"""From what stops a build to what is merely worth knowing."""

Paint = Callable[[str, str], str]
"""Gives a text the look of a role: `title`, `Violation`, `Warning`, `Info`, `good` or `faint`."""

_SHOWN: Final = 160
_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that is wrong with one node.

    `rule` is the shape's IRI and `constraint` the part of it that failed: `MinCount`, `Class`, …, or `Rule`
    for those that are checked beside SHACL. `path` is the property it is about, as an IRI or a SPARQL
    property path, empty for the node as a whole; `value` is what was found there, empty when something is
    missing. The labels are for people. `evidence` is where the statement's sources say it; `mend` is how to
    put it right.
    """

    severity: Severity
    focus: str
    focus_label: str
    message: str
    mend: str
    rule: str
    constraint: str
    path: str = ""
    path_label: str = ""
    value: str = ""
    value_label: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def order(self) -> tuple[str, str, int, str, str, str, str]:
        """The place in a report: by node, then the gravest first."""
        rank = SEVERITIES.index(self.severity)
        return (self.focus_label, self.focus, rank, self.path, self.rule, self.constraint, self.value)

    def record(self) -> dict[str, Any]:
        """The form that the JSON lines have."""
        return {"record": "result", **asdict(self), "evidence": [e.record() for e in self.evidence]}


@dataclass(frozen=True, slots=True)
class Report:
    """What a validation found, sorted; `checked` counts the nodes looked at, `seconds` is the time taken."""

    results: tuple[Result, ...]
    checked: int = 0
    seconds: float = 0.0

    @property
    def conforms(self) -> bool:
        """Whether nothing is violated; warnings are allowed."""
        return not self.violations

    @property
    def violations(self) -> int:
        """How many results are violations."""
        return self._count("Violation")

    @property
    def warnings(self) -> int:
        """How many results are warnings."""
        return self._count("Warning")

    def _count(self, severity: Severity) -> int:
        return sum(result.severity == severity for result in self.results)

    def having(self, results: tuple[Result, ...]) -> Report:
        """The same report with other results, in their order."""
        return replace(self, results=tuple(sorted(results, key=lambda result: result.order)))

    def record(self) -> dict[str, Any]:
        """The report as one JSON object."""
        return {
            "record": "report",
            "conforms": self.conforms,
            "violations": self.violations,
            "warnings": self.warnings,
            "checked": self.checked,
            "seconds": round(self.seconds, 3),
            "results": [result.record() for result in self.results],
        }

    def words(self, paint: Paint = lambda text, _: text, *, limit: int | None = None) -> str:
        """The report as plain sentences, one paragraph a node, of the first `limit` nodes only."""
        nodes = [
            list(results)
            for _, results in groupby(self.results, key=lambda result: (result.focus_label, result.focus))
        ]
        paragraphs = [_paragraph(results, paint) for results in nodes[:limit]]
        if limit is not None and len(nodes) > limit:
            paragraphs.append(f"… and {_plural(len(nodes) - limit, 'node')} more.")
        return "\n\n".join([*paragraphs, self.summary(paint)])

    def summary(self, paint: Paint = lambda text, _: text) -> str:
        """The report in one sentence."""
        nodes = _plural(self.checked, "node")
        if not self.results:
            return paint("It conforms", "good") + f": {nodes} checked, nothing found."
        at = _plural(len({result.focus for result in self.results}), "node")
        found = " and ".join(
            _plural(count, severity.lower()) for severity in SEVERITIES if (count := self._count(severity))
        )
        verdict = paint("It conforms", "good") if self.conforms else paint("It does not conform", "Violation")
        return f"{verdict}: {found} at {at}; {nodes} checked."


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _paragraph(results: list[Result], paint: Paint) -> str:
    first = results[0]
    lines = [paint(_shown(first.focus_label), "title")]
    if first.focus and first.focus != first.focus_label:
        lines.append("  " + paint(_shown(first.focus), "faint"))
    for result in results:
        about = f"{_shown(result.path_label)}: " if result.path_label else ""
        lines.append(f"  {paint(result.severity, result.severity)}  {about}{_shown(result.message, 400)}")
        if result.value_label:
            lines.append(f"    found     {_shown(result.value_label)}")
        lines.append(f"    to mend   {_shown(result.mend, 400)}")
        if result.evidence:
            lines.append(f"    evidence  {_places(result.evidence)}")
        lines.append(paint(f"    rule      {result.rule} ({result.constraint})", "faint"))
    return "\n".join(lines)


def _places(evidence: tuple[Evidence, ...]) -> str:
    shown = "; ".join(map(_place, evidence[:_PLACES]))
    return shown + (f" and {len(evidence) - _PLACES} more" if len(evidence) > _PLACES else "")


def _place(evidence: Evidence) -> str:
    return f"document {evidence.document}, characters {evidence.start}–{evidence.end}"


def _shown(text: str, length: int = _SHOWN) -> str:
    """A text from a file, safe to print and not longer than a line or two."""
    shown = printable(text)
    return shown if len(shown) <= length else shown[: length - 1] + "…"
