"""Dates that cannot be: before what they speak of existed, or after the text that gives them was written."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from rdflib import DCTERMS, RDF, Literal

from graph.validate import naming
from graph.vocab import HER, OA, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib import Graph, URIRef
    from rdflib.term import Node

    from graph.validate.facts import Triples
    from graph.validate.report import Result

    Day = tuple[int, int, int]

LATER: Final = (DCTERMS.modified, SCHEMA.lastReviewed)
"""When a document was last looked after; neither can be before it was issued."""

_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


class Period(NamedTuple):
    """The days that a date of any precision can mean, and the date itself."""

    first: Day
    last: Day
    date: Literal


def period(date: Node) -> Period | None:
    """The days that a year, a month or a day can mean; None for anything else."""
    if not isinstance(date, Literal) or (found := _DATE.fullmatch(str(date))) is None:
        return None
    year, month, day = found.groups()
    first = (int(year), int(month or 1), int(day or 1))
    return Period(first, (first[0], int(month or 12), int(day or 31)), date)


def impossible_dates(
    data: Triples, shapes: Graph, focus: frozenset[URIRef] | None = None
) -> Iterator[Result]:
    """What is dated before its agency, after its document, or before itself, of `focus` only.

    Dates of different precision are compared only as far as they go: 2023 is not after 2023-01.
    """
    for statement in _among(data.subjects(HER.date), focus):
        for date in _periods(data, statement, HER.date):
            yield from _before_agency(data, shapes, statement, date)
            yield from _after_document(data, shapes, statement, date)
    for document in _among(data.subjects(RDF.type, HER.Document), focus):
        for issued in _periods(data, document, DCTERMS.issued):
            for slot in LATER:
                for later in _periods(data, document, slot):
                    if later.last < issued.first:
                        told = {"value": str(later.date), "other": str(issued.date)}
                        yield _result(data, shapes, "DocumentDates", document, slot, later.date, told)


def _before_agency(data: Triples, shapes: Graph, statement: Node, date: Period) -> Iterator[Result]:
    for agency in data.objects(statement, HER.agency):
        for founded in _periods(data, agency, HER.establishedIn):
            if date.last < founded.first:
                told = {
                    "value": str(date.date),
                    "other": naming.label(data, agency),
                    "since": str(founded.date),
                }
                yield _result(data, shapes, "BeforeAgency", statement, HER.date, date.date, told)


def _after_document(data: Triples, shapes: Graph, statement: Node, date: Period) -> Iterator[Result]:
    places = data.objects(statement, HER.hasEvidence)
    for document in {source for place in places for source in data.objects(place, OA.hasSource)}:
        known = [period for slot in (DCTERMS.issued, *LATER) for period in _periods(data, document, slot)]
        if known and max(period.last for period in known) < date.first:
            newest = max(known, key=lambda period: period.last)
            told = {
                "value": str(date.date),
                "other": naming.label(data, document),
                "since": str(newest.date),
            }
            yield _result(data, shapes, "AfterDocument", statement, HER.date, date.date, told)


def _periods(data: Triples, node: Node, slot: URIRef) -> list[Period]:
    return [found for date in data.objects(node, slot) if (found := period(date)) is not None]


def _among(nodes: Iterable[Node], focus: frozenset[URIRef] | None) -> Iterator[Node]:
    return (node for node in nodes if focus is None or node in focus)


def _result(
    data: Triples, shapes: Graph, rule: str, focus: Node, slot: URIRef, value: Node, told: dict[str, str]
) -> Result:
    plain = naming.by_rule(rule, shapes, data, focus)
    message = plain.message
    for name, words in told.items():
        message = message.replace(f"{{?{name}}}", words)
    return replace(
        plain,
        message=message,
        path=str(slot),
        path_label=naming.label(data, slot),
        value=str(value),
        value_label=naming.value(data, value),
    )
