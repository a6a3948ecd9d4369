"""The graphs that are the same whatever documents are read: ontology, vocabulary, mappings, shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Quad, RdfFormat, Triple, parse

from graph.build.mappings import load_mappings
from graph.errors import DataError
from graph.files import listing, rebase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDERS: Final[dict[str, tuple[str, ...]]] = {
    "ontology": ("ontology",),
    "vocabulary": ("ontology", "vocabulary"),
    "shapes": ("shapes",),
}
"""A named graph → the folder whose Turtle files it holds: a package and the parts of a path in it."""


def load_sources() -> dict[str, list[Triple]]:
    """The named graphs of our own files, each sorted; DataError for a file that cannot be parsed."""
    turtle = {name: _load(name, *folder) for name, folder in FOLDERS.items()}
    return turtle | {"mappings": load_mappings().triples()}


def parse_data(text: str, syntax: RdfFormat, *, where: str) -> list[Quad]:
    """The quads of a text; DataError, with `where` and the place in it, when it cannot be parsed."""
    try:
        return list(parse(text, format=syntax))
    except SyntaxError as error:
        raise DataError(f"{error.msg}.", where=where) from None


def _load(name: str, package: str, *parts: str) -> list[Triple]:
    loaded: set[Triple] = set()
    for file in listing(package, *parts, suffix=".ttl"):
        place = "/".join((package, *parts, file.name))
        quads = parse_data(rebase(file.read_text("utf-8")), RdfFormat.TURTLE, where=place)
        loaded.update(_with_stable_nodes((quad.triple for quad in quads), f"{name}-{file.name[:-4]}"))
    return sorted(loaded, key=str)


def _with_stable_nodes(triples: Iterable[Triple], prefix: str) -> Iterator[Triple]:
    """The triples, with blank nodes named in the order they appear: a parser's names change with each run."""
    names: dict[BlankNode, BlankNode] = {}

    def stable(term: object) -> object:
        if isinstance(term, BlankNode):
            return names.setdefault(term, BlankNode(f"{prefix}-{len(names) + 1}"))
        return term

    for triple in triples:
        yield Triple(*map(stable, triple))  # type: ignore[arg-type]
