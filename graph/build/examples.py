"""Example queries as RDF, in the form that the tools around SIB's `sparql-examples` read.

The queries are the server's; it hands them to the build, since `graph` does not know of `server`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple
from rdflib import RDF, RDFS, SH, XSD

from graph.vocab import ENDPOINT, EXAMPLES_DOCUMENT, PREFIXES, SCHEMA, example_iri

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SH: Final = str(SH)
_HEADER: Final = re.compile(r"\A(?:#.*\n)+")
_PROLOGUE: Final = re.compile(r"#.*|<[^<>\s]*>")
_FORM: Final = re.compile(r"\b(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE)
_TYPE: Final = NamedNode(RDF.type)
_PREFIXES: Final = NamedNode(example_iri("prefixes"))


@dataclass(frozen=True, slots=True)
class Example:
    """A query that users are shown: its `summary` is a question, `topic` the heading it stands under."""

    name: str
    topic: str
    summary: str
    explanation: str
    query: str


def example_triples(examples: Iterable[Example]) -> Iterator[Triple]:
    """The examples, each an `sh:SPARQLExecutable`, and the prefixes they share; nothing for no examples."""
    found = list(examples)
    for example in found:
        yield from _example(example)
    for prefix, space in PREFIXES.items() if found else ():
        node = NamedNode(example_iri(f"prefix-{prefix}"))
        yield Triple(_PREFIXES, NamedNode(_SH + "declare"), node)
        yield Triple(node, NamedNode(_SH + "prefix"), Literal(prefix))
        yield Triple(node, NamedNode(_SH + "namespace"), Literal(space, datatype=NamedNode(XSD.anyURI)))


def form(query: str) -> str:
    """What a query is: select, ask, construct or describe; ValueError where that cannot be seen."""
    found = _FORM.search(_PROLOGUE.sub(" ", query))
    if found is None:
        raise ValueError("this is no query")
    return found[1].lower()


def _example(example: Example) -> Iterator[Triple]:
    node, kind = NamedNode(example_iri(example.name)), form(example.query)
    # The tools show the comment as HTML, and make the name of a tab of it.
    comment = escape(example.summary, quote=False)
    if example.explanation:
        comment += f" <br> {escape(example.explanation, quote=False)}"
    yield Triple(node, _TYPE, NamedNode(_SH + "SPARQLExecutable"))
    yield Triple(node, _TYPE, NamedNode(f"{_SH}SPARQL{kind.capitalize()}Executable"))
    yield Triple(node, NamedNode(RDFS.label), Literal(example.summary, language="en"))
    yield Triple(node, NamedNode(RDFS.comment), Literal(comment, datatype=NamedNode(RDF.HTML)))
    yield Triple(node, NamedNode(_SH + kind), Literal(_HEADER.sub("", example.query).strip()))
    yield Triple(node, NamedNode(_SH + "prefixes"), _PREFIXES)
    yield Triple(node, NamedNode(SCHEMA.keywords), Literal(example.topic, language="en"))
    yield Triple(node, NamedNode(SCHEMA.target), NamedNode(ENDPOINT))
    yield Triple(node, NamedNode(RDFS.isDefinedBy), NamedNode(EXAMPLES_DOCUMENT))
