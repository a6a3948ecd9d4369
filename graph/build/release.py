"""Released instance data: document graphs as TriG, with facts, labels, offsets and digests, and no sentences.

The sample documents are left out: their texts are released, and are built from.
The form is fixed (sorted, one block per document), so that a change of the data is a readable diff.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple, serialize

from graph.build.sources import parse_data
from graph.errors import BuildError, DataError
from graph.files import BASE, CANONICAL_BASE, listing, rebase
from graph.vocab import HER, PREFIXES, graph_iri

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

PREFIX: Final = "document/"
"""How the names of the graphs of documents begin."""

_HEAD: Final = (
    "# Released instance data of her2kg (CC0 1.0). Written by `her2kg build --release`; not edited by hand.\n"
)
_SAMPLE: Final = NamedNode(HER.isSample)
_GRAPHS: Final = str(graph_iri(""))


def write_release(file: Path, graphs: Mapping[str, Sequence[Triple]]) -> None:
    """Write the document graphs among `graphs` (name → triples) to a TriG file, whole or not at all."""
    if not any(map(is_released, graphs, graphs.values())):
        raise BuildError("there is nothing to release: samples are released as texts.", where=str(file))
    text = release_text(graphs)
    partial = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, "utf-8")
        partial.replace(file)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise BuildError(f"the release cannot be written: {error.strerror}.", where=str(file)) from error


def is_released(name: str, triples: Iterable[Triple]) -> bool:
    """Whether a named graph belongs into a release: that of a document which is not a sample."""
    return name.startswith(PREFIX) and not any(triple.predicate == _SAMPLE for triple in triples)


def release_text(graphs: Mapping[str, Sequence[Triple]]) -> str:
    """What is released of `graphs`, as TriG under the canonical base; the same graphs, the same text."""
    quads = [
        Quad(triple.subject, triple.predicate, triple.object, NamedNode(graph_iri(name)))
        for name in sorted(graphs)
        if is_released(name, graphs[name])
        for triple in sorted(graphs[name], key=str)
    ]
    text = (serialize(quads, format=RdfFormat.TRIG, prefixes=PREFIXES) or b"").decode()
    lines = text.replace(BASE, CANONICAL_BASE).splitlines()
    declared = [line for line in lines if line.startswith("@prefix ")]
    body = "\n".join(line.replace("\t", "  ") for line in lines[len(declared) :])
    # The engine declares every prefix, in no fixed order.
    used = sorted(line for line in declared if line.split()[1] in body)
    return "\n".join((_HEAD, *used, "", body, ""))


def read_release(text: str, *, where: str) -> dict[str, list[Triple]]:
    """The document graphs of released TriG by name, sorted; DataError for what does not belong there."""
    graphs: defaultdict[str, list[Triple]] = defaultdict(list)
    for quad in parse_data(rebase(text), RdfFormat.TRIG, where=where):
        name = quad.graph_name.value.removeprefix(_GRAPHS) if isinstance(quad.graph_name, NamedNode) else ""
        if not name.startswith(PREFIX):
            raise DataError("released data stand in graphs of documents only.", where=f"{where}: {quad}")
        if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
            raise DataError("released data have no blank nodes.", where=f"{where}: {quad}")
        graphs[name].append(quad.triple)
    return {name: sorted(triples, key=str) for name, triples in sorted(graphs.items())}


def released_graphs() -> dict[str, list[Triple]]:
    """The document graphs that this version of her2kg comes with (`graph/data/*.trig`), by name."""
    graphs: dict[str, list[Triple]] = {}
    for file in listing("graph", "data", suffix=".trig"):
        for name, triples in read_release(file.read_text("utf-8"), where=f"graph/data/{file.name}").items():
            if name in graphs:
                raise DataError(f"{name} is released twice.", where=f"graph/data/{file.name}")
            graphs[name] = triples
    return graphs
