"""Whether two results are the same: blank nodes may have other names, numbers and truths another spelling."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
RS: Final = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
ROW: Final = "urn:row:"
TRUTHS: Final = {"0": "false", "1": "true"}
NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
RESULTS: Final = {
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".tsv": ox.QueryResultsFormat.TSV,
}
TRIPLES: Final = {".ttl": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES, ".rdf": ox.RdfFormat.RDF_XML}
EXACT: Final = frozenset(XSD + name for name in ("integer", "decimal", "int", "long", "short", "byte"))
FLOATING: Final = frozenset(XSD + name for name in ("double", "float"))


def expected(file: Path, base: str, *, ordered: bool) -> tuple[bool | ox.Dataset, bool]:
    """What a file says a result must be, and whether that is triples; rows are a dataset that stands for them."""
    content = file.read_bytes()
    if file.suffix in RESULTS:
        return solutions(content, RESULTS[file.suffix], ordered=ordered), False
    triples = [quad.triple for quad in ox.parse(content, TRIPLES[file.suffix], base_iri=base)]
    if not any(triple.object == ox.NamedNode(RS + "ResultSet") for triple in triples):
        return canonical(triples), True
    return _rows_in_rdf(triples, ordered=ordered), False


def _rows_in_rdf(triples: list[ox.Triple], *, ordered: bool) -> ox.Dataset:
    """A table that is written as RDF, in the vocabulary of the older tests."""

    def values(subject: ox.Term, name: str) -> list[ox.Term]:
        wanted = ox.NamedNode(RS + name)
        return [t.object for t in triples if t.subject == subject and t.predicate == wanted]

    table = next(t.subject for t in triples if t.object == ox.NamedNode(RS + "ResultSet"))
    found = [_said("variable", name) for name in values(table, "resultVariable")]
    for row in values(table, "solution"):
        found.append(_said("row", row))
        if ordered:
            found += [ox.Triple(row, ox.NamedNode(ROW + "number"), index) for index in values(row, "index")]
        for binding in values(row, "binding"):
            name, value = values(binding, "variable")[0], values(binding, "value")[0]
            found.append(ox.Triple(row, ox.NamedNode(f"{ROW}?{name.value}"), value))
    return canonical(found)


def _said(name: str, value: ox.Term) -> ox.Triple:
    return ox.Triple(ox.NamedNode(ROW + "table"), ox.NamedNode(ROW + name), value)


def solutions(content: bytes, form: ox.QueryResultsFormat, *, ordered: bool) -> bool | ox.Dataset:
    """A table as a dataset: a blank node for each row, a property for each variable."""
    parsed = ox.parse_query_results(content, form)
    if isinstance(parsed, ox.QueryBoolean):
        return bool(parsed)
    assert isinstance(parsed, ox.QuerySolutions)
    names = [variable.value for variable in parsed.variables]
    triples = [_said("variable", ox.Literal(name)) for name in names]
    for number, row in enumerate(parsed):
        node = ox.BlankNode()
        triples.append(_said("row", node))
        if ordered:
            triples.append(ox.Triple(node, ox.NamedNode(ROW + "number"), ox.Literal(number)))
        bound = ((name, row[name]) for name in names)
        triples += [
            ox.Triple(node, ox.NamedNode(f"{ROW}?{name}"), term) for name, term in bound if term is not None
        ]
    return canonical(triples)


def canonical(triples: Iterable[ox.Triple]) -> ox.Dataset:
    """The triples with canonical names of blank nodes and one spelling of each number and truth."""
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, normal(t.object)) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def rows(content: bytes) -> list[tuple[tuple[str, str], ...]]:
    """The rows of a CSV by their columns' names; the order of rows and columns, blank nodes' names and the
    spelling of numbers are free.
    """
    blanks: dict[str, str] = {}
    text = re.sub(
        rb"_:\w+", lambda m: blanks.setdefault(m[0].decode(), f"_:b{len(blanks)}").encode(), content
    )
    read = csv.DictReader(io.StringIO(text.decode("utf-8"), newline=""))
    return sorted(tuple(sorted((name, _spelled(cell)) for name, cell in row.items())) for row in read)


def _spelled(cell: str) -> str:
    """A cell in one spelling, where it is a number; CSV does not say whether it is one."""
    return repr(float(cell)) if NUMBER.fullmatch(cell) else cell


def normal(term: ox.Term) -> ox.Term:
    if not isinstance(term, ox.Literal):
        return term
    if term.datatype.value == XSD + "boolean":
        return ox.Literal(TRUTHS.get(term.value, term.value), datatype=term.datatype)
    if term.datatype.value not in EXACT | FLOATING:
        return term
    try:
        if term.datatype.value in FLOATING:
            return ox.Literal(repr(float(term.value)), datatype=term.datatype)
        return ox.Literal(format(Decimal(term.value).normalize(), "f"), datatype=term.datatype)
    except (InvalidOperation, ValueError):
        return term
