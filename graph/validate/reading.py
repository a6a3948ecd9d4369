"""RDF files from strangers, read into memory from bytes: four formats, none of which opens anything else."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef

from graph.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rdflib.term import Node

logging.getLogger("rdflib.term").setLevel(logging.ERROR)
"""rdflib logs a stack trace for every literal such as "abc"^^xsd:decimal; the shapes say it in words."""

FORMATS: Final[dict[str, ox.RdfFormat]] = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
}
"""A file name's ending → its format."""

ACCEPTED: Final = "Turtle (.ttl), TriG (.trig), N-Triples (.nt) or N-Quads (.nq)"

_XML: Final = "RDF/XML is not read here: its entities can expand a small file until the memory is full."
_JSON: Final = "JSON-LD is not read here: its @context would have to be fetched from another address."
REFUSED: Final[dict[str, str]] = {
    ".rdf": _XML,
    ".xml": _XML,
    ".owl": _XML,
    ".owx": _XML,
    ".json": _JSON,
    ".jsonld": _JSON,
}
"""Endings of RDF formats that are not taken from strangers → why."""

SIZE_LIMIT: Final = 50 * 1024 * 1024
"""The largest file that is read, in bytes."""

_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_PLACE: Final = re.compile(r"^Parser error at line \d+ (?:column|between columns) .*?: ", re.DOTALL)
_MESSAGE_LENGTH: Final = 200


def format_of(name: str) -> ox.RdfFormat:
    """The format of a file, by the ending of its name; a UsageError that names the four for any other."""
    suffix = re.search(r"\.[^./\\]+$", name.lower())
    ending = suffix.group() if suffix else ""
    if ending in FORMATS:
        return FORMATS[ending]
    what = REFUSED.get(ending) or (
        f"The ending {ending} is not one of an RDF format that is read here."
        if ending
        else "The name has no ending that says which RDF format this is."
    )
    raise UsageError(what, where=name, mend=f"Give {ACCEPTED}.")


def read_rdf(path: Path) -> Graph:
    """The triples of an RDF file (of all its named graphs together).

    Raises UsageError for a format that is not read here, DataError for everything wrong with the file itself.
    """
    where = str(path)
    rdf_format = format_of(where)
    try:
        if not path.exists():
            raise DataError("There is no such file.", where=where, mend="Check the path.")
        if not path.is_file():
            raise DataError("This is not a regular file.", where=where, mend=f"Give a file in {ACCEPTED}.")
        with path.open("rb") as file:
            body = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise DataError(
            f"The file cannot be read: {error.strerror or error}.", where=where, mend="Check its permissions."
        ) from None
    return parse_rdf(body, rdf_format, where=where)


def parse_rdf(body: bytes, rdf_format: ox.RdfFormat, *, where: str) -> Graph:
    """The triples of RDF given as bytes; `where` is what the errors call it.

    Raises DataError with line and column when it is empty, binary, not UTF-8, too large or not well-formed.
    """
    text = _checked(body, where)
    try:
        return in_memory(ox.parse(text, format=rdf_format, rename_blank_nodes=True), where=where)
    except SyntaxError as error:
        what = printable(_PLACE.sub("", error.msg or "it is not well-formed"))[:_MESSAGE_LENGTH]
        raise DataError(
            f"This is not {rdf_format.name}: {what}.",
            where=f"{where}, line {error.lineno}, column {error.offset}",
            mend="Correct the file at this place.",
        ) from None
    except RecursionError:
        raise DataError("The file is nested too deeply.", where=where, mend="Write it flat.") from None


def in_memory(quads: Iterable[ox.Quad | ox.Triple], *, where: str = "") -> Graph:
    """The same triples as an rdflib graph in memory, each literal in the form in which it was written.

    Raises DataError for a triple inside a triple, which rdflib does not know; `where` is what the error calls
    the source.
    """
    triples = union()
    triples.addN((s, p, o, triples) for s, p, o in as_terms(quads, where=where))
    return triples


def as_terms(quads: Iterable[ox.Quad | ox.Triple], *, where: str = "") -> Iterator[tuple[Node, Node, Node]]:
    """The same triples in rdflib's terms; the same term is the same object. DataError as `in_memory`."""
    known: dict[object, Node] = {}

    def term(node: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Node:
        found = known.get(node)
        if found is None:
            found = known[node] = _term(node, where)
        return found

    for quad in quads:
        yield term(quad.subject), term(quad.predicate), term(quad.object)


def _term(node: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, where: str) -> Node:
    if isinstance(node, ox.NamedNode):
        return URIRef(node.value)
    if isinstance(node, ox.BlankNode):
        return BNode(node.value)
    if isinstance(node, ox.Triple):
        raise DataError(
            "A triple stands where a node is expected (RDF 1.2).",
            where=where,
            mend="Describe a statement as a node of its own.",
        )
    if node.language is not None:
        return Literal(node.value, lang=node.language)
    plain = node.datatype.value == _STRING
    return Literal(node.value, datatype=None if plain else URIRef(node.datatype.value), normalize=False)


def union(*parts: Iterable[tuple[Node, Node, Node]]) -> Graph:
    """The triples of all `parts` as a new graph in memory."""
    together = Graph(bind_namespaces="none")
    for part in parts:
        together.addN((s, p, o, together) for s, p, o in part)
    return together


def printable(text: str) -> str:
    """`text` with whatever could steer a terminal replaced: input is shown, never obeyed."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _checked(body: bytes, where: str) -> bytes:
    """The text of a file without its byte order mark; a DataError when it cannot be RDF text."""
    if len(body) > SIZE_LIMIT:
        raise DataError(
            f"The file is larger than {SIZE_LIMIT // 1024**2} MiB.",
            where=where,
            mend="Split it by document or by kind.",
        )
    if body.startswith(_UTF16_MARKS):
        raise DataError("The file is in UTF-16.", where=where, mend="Save it as UTF-8.")
    if b"\0" in body:
        raise DataError("This is a binary file.", where=where, mend=f"Give {ACCEPTED}.")
    text = body.removeprefix(_UTF8_MARK)
    if not text.strip():
        raise DataError("The file is empty.", where=where, mend="Give a file with at least one triple.")
    try:
        text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        column = error.start - text.rfind(b"\n", 0, error.start)
        raise DataError(
            "The file is not in UTF-8.",
            where=f"{where}, line {line}, byte {column}",
            mend="Save it as UTF-8.",
        ) from None
    return text
