"""What stands between a stranger's files and the graph: SHACL and what it passes over, a report a file."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Final

from rdflib import BNode, Literal, URIRef

from graph.validate import load_context, load_shapes, naming, validate
from graph.validate.reading import union
from graph.validate.references import References, schema_changes
from graph.validate.report import Report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rdflib import Graph

    from graph.validate.quotes import TextOf
    from graph.validate.report import Result

_ABOUT_A_VALUE: Final = frozenset({"Class", "Or", "Node"})


def check_files(
    parts: Mapping[str, Graph],
    *,
    context: Graph | None = None,
    shapes: Graph | None = None,
    text_of: TextOf | None = None,
) -> dict[str, Report]:
    """Check what each file describes, with `context` (ontology and vocabulary if None) and the other files.

    The files are one addition: a node of one may speak of a node of another. A node that several describe is
    reported with the first. Nothing of what a file says of the ontology itself is believed. With `text_of`,
    evidence is held against the words of the documents whose text is at hand.
    """
    started = perf_counter()
    context = load_context() if context is None else context
    shapes = load_shapes() if shapes is None else shapes
    whole = union(*parts.values())
    changes = schema_changes(whole, context)
    for triple in changes:
        whole.remove(triple)
    everything = union(whole, context)
    references = References(whole, context, everything, shapes)
    found = set(references.results())
    for subject, predicate, _ in changes:
        plain = naming.by_rule("SchemaChange", shapes, context, subject)
        found.add(replace(plain, path=str(predicate), path_label=naming.label(context, predicate)))
    focus = {subject for subject in whole.subjects() if isinstance(subject, URIRef)}
    report = validate(everything, shapes=shapes, focus=focus, text_of=text_of)
    found |= _unexplained(report, found)

    reports: dict[str, Report] = {}
    reported: set[str] = set()
    for name, part in parts.items():
        nodes = {str(subject) for subject in part.subjects()} - reported
        reported |= nodes
        # The name of a node without an IRI is made up anew at each reading.
        unnamed = {str(subject) for subject in part.subjects() if isinstance(subject, BNode)}
        mine = {
            replace(result, focus="") if result.focus in unnamed else result
            for result in found
            if result.focus in nodes
        }
        if not references.describes_something(part):
            mine.add(
                replace(naming.by_rule("NothingToCheck", shapes, context, Literal("")), focus_label=name)
            )
        checked = len(nodes & {str(node) for node in focus})
        reports[name] = Report((), checked, perf_counter() - started).having(tuple(mine))
    return reports


def _unexplained(report: Report, found: set[Result]) -> set[Result]:
    """SHACL's results without those that only repeat that a value is described nowhere."""
    explained = {(result.focus, result.value) for result in found if result.value}
    return {
        result
        for result in report.results
        if result.constraint not in _ABOUT_A_VALUE or (result.focus, result.value) not in explained
    }
