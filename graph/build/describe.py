"""What a dataset says of itself: the graph `meta` (DCAT, VoID, examples) and the figures of the manifest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode
from rdflib import RDF, RDFS

from graph.build.dcat import dcat_triples
from graph.build.examples import example_triples
from graph.build.release import PREFIX
from graph.build.void import void_triples
from graph.model import STATEMENT_KINDS
from graph.vocab import HER, document_iri

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyoxigraph import Triple

    from graph.build.examples import Example

_TYPE: Final = NamedNode(RDF.type)
_KINDS: Final[dict[object, str]] = {NamedNode(HER[kind]): kind for kind in STATEMENT_KINDS}


def meta_triples(graphs: Mapping[str, Sequence[Triple]], examples: Iterable[Example] = ()) -> list[Triple]:
    """The description of a dataset made of these named graphs, sorted; without times, so it is repeatable.

    The graph that it goes into is not among those described: it would have to count itself.
    """
    return sorted({*dcat_triples(), *void_triples(graphs), *example_triples(examples)}, key=str)


def statement_counts(graphs: Mapping[str, Sequence[Triple]]) -> dict[str, dict[str, int]]:
    """Document → kind of statement → how many, for the manifest."""
    return {
        name.removeprefix(PREFIX): dict(sorted(_kinds(triples).items()))
        for name, triples in sorted(graphs.items())
        if name.startswith(PREFIX)
    }


def _kinds(triples: Sequence[Triple]) -> Counter[str]:
    return Counter(_KINDS[t.object] for t in triples if t.predicate == _TYPE and t.object in _KINDS)


def document_facts(graphs: Mapping[str, Sequence[Triple]]) -> dict[str, dict[str, Any]]:
    """Document → its name, sha256, length in characters and whether it is a sample, for the manifest."""
    facts: dict[str, dict[str, Any]] = {}
    for name, triples in sorted(graphs.items()):
        if name.startswith(PREFIX):
            document = name.removeprefix(PREFIX)
            node = NamedNode(document_iri(document))
            values = {
                t.predicate: t.object.value
                for t in triples
                if t.subject == node and isinstance(t.object, Literal)
            }
            facts[document] = {
                "name": values.get(NamedNode(RDFS.label), document),
                "sha256": values[NamedNode(HER.sha256)],
                "length": int(values[NamedNode(HER.length)]),
                "sample": values.get(NamedNode(HER.isSample)) == "true",
            }
    return facts
