"""What the dataset says of itself, as this instance gives it out: with its own addresses, in each format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pyoxigraph as ox
from rdflib import DCAT, FOAF, VOID

from graph.errors import UsageError
from graph.files import text
from graph.store import N_TRIPLES, RDF_XML, TURTLE
from graph.vocab import ENDPOINT, EXAMPLES_DOCUMENT, PREFIXES, SD, VOID_DOCUMENT, VOID_EXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.store import Answer, Store


FORMATS: Final = "http://www.w3.org/ns/formats/"
DESCRIBING: Final[dict[str, str]] = {
    **PREFIXES,
    "dcat": str(DCAT),
    "example": f"{EXAMPLES_DOCUMENT}#",
    "foaf": str(FOAF),
    "formats": FORMATS,
    "part": f"{VOID_DOCUMENT}#",
    "sd": str(SD),
    "void": str(VOID),
    "voidext": str(VOID_EXT),
}
"""The prefixes of what describes the dataset."""

_DECLARED: Final = re.compile(r"@prefix (\S+:) .*\n")
_XMLNS: Final = re.compile(r' xmlns:[\w.-]+="[^"]*"')
_HEAD: Final = re.compile(f"({_XMLNS.pattern})+")


@cache
def meta_query() -> str:
    """The query for what the dataset says of itself, to be answered in N-Triples."""
    return text("server", "queries", "description.rq")


def address(url: str) -> ox.NamedNode:
    """The address that a request came to, as a name; UsageError where its Host header makes none."""
    try:
        node = ox.NamedNode(url)
    except ValueError:
        node = None
    if node is None or not urlsplit(url).netloc:
        raise UsageError(
            "The request does not say which host it is for, so no address can be given.",
            where="Host",
            mend="Send a Host header with a host name, and a port where it is needed.",
        )
    return node


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """What the dataset says of itself; equal to nothing but itself, so that comparing two costs nothing."""

    triples: tuple[ox.Triple, ...]


@lru_cache(maxsize=2)
def known(version: str) -> list[Described]:  # noqa: ARG001 - it is what is remembered by
    """Where the description of a version is once it has been asked for, and nothing before: none changes."""
    return []


def learnt(meta: Answer) -> Described:
    """What an answer to `meta_query` says, from now on `known`."""
    triples = (quad.triple for quad in ox.parse(meta.body, format=ox.RdfFormat.N_TRIPLES))
    found = Described(tuple(triples))
    known(meta.version)[:] = [found]
    return found


def described(store: Store, release: str | None = None) -> Described:
    """What the dataset says of itself, in the current version or another one."""
    for found in known(release or store.manifest().version):
        return found
    return learnt(store.query(meta_query(), triples=N_TRIPLES, release=release))


def localised(triples: Iterable[ox.Triple], endpoint: str) -> Iterator[ox.Triple]:
    """The triples with the address of an endpoint in place of the one under the base."""
    for triple in triples:
        value = triple.object
        if isinstance(value, ox.NamedNode) and value.value.startswith(ENDPOINT):
            here = ox.NamedNode(endpoint + value.value[len(ENDPOINT) :])
            yield ox.Triple(triple.subject, triple.predicate, here)
        else:
            yield triple


def serialised(triples: Iterable[ox.Triple], media_type: str, *, first: ox.NamedNode | None = None) -> bytes:
    """The triples in a format of triples, each once and sorted: the same triples, the same bytes.

    What is said of `first` comes first, for readers that read as the bytes come.
    """
    form = ox.RdfFormat.from_media_type(media_type)
    ordered = sorted(set(triples), key=lambda triple: (triple.subject != first, str(triple)))
    written = ox.serialize(ordered, format=form, prefixes=DESCRIBING) or b""
    return _HEADS[media_type](written.decode()).encode() if media_type in _HEADS else written


def _sorted_prefixes(turtle: str) -> str:
    """The engine declares every prefix, in no fixed order; here are those in use, by name."""
    declared = list(_DECLARED.finditer(turtle))
    body = turtle[declared[-1].end() :] if declared else turtle
    used = set(re.findall(r"(?<![\w:-])[a-z][a-z0-9_]*:", body))
    return "".join(sorted(line[0] for line in declared if line[1] in used)) + "\n" + body


def _sorted_namespaces(xml: str) -> str:
    return _HEAD.sub(lambda found: "".join(sorted(_XMLNS.findall(found[0]))), xml, count=1)


_HEADS: Final = {TURTLE: _sorted_prefixes, RDF_XML: _sorted_namespaces}
