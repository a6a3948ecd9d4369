"""What SHACL passes over in silence: misspelt terms, references to nothing, nodes that no rule would look at.

The words are in `shapes/file.ttl`, so that every rule of this project can be read, and cited, in one place.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from rdflib import OWL, RDF, RDFS, BNode, Graph, URIRef

from graph.files import BASE
from graph.validate import naming
from graph.validate.kinds import classes_with_shapes
from graph.validate.reading import union
from graph.validate.report import Result
from graph.vocab import HER, PREFIXES, document_iri, evidence_iri, gap_iri

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

_ONTOLOGY: Final = BASE + "ontology/"
_THINGS: Final = BASE + "id/"
_OF_PROVENANCE: Final = frozenset({"run", "software", "proposal"})
"""The folders of `id/` that PROV-O describes, perhaps elsewhere; the ontology describes all others."""

_SCHEMA: Final = frozenset(
    {
        RDFS.subClassOf,
        RDFS.subPropertyOf,
        RDFS.domain,
        RDFS.range,
        OWL.equivalentClass,
        OWL.equivalentProperty,
        OWL.inverseOf,
        OWL.disjointWith,
        OWL.unionOf,
        OWL.intersectionOf,
        OWL.imports,
    }
)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_SUGGESTIONS: Final = 50
_LONGEST: Final = 100
_OTHERWISE: Final = {
    True: "one of the ontology's terms",
    False: "a thing that exists, or describe it in the file",
}
_OURS: Final = (_ONTOLOGY, PREFIXES["oa"], PREFIXES["prov"], PREFIXES["schema"], PREFIXES["skos"])
"""A node without an IRI is one of ours when one of these speaks of it; OWL's own lists are left alone."""


def schema_changes(data: Graph, context: Graph) -> Graph:
    """The triples of `data` that would change what the ontology means, save those it has itself."""
    changes = union()
    for s, p, o in data:
        if (p in _SCHEMA or str(s).startswith(_ONTOLOGY)) and (s, p, o) not in context:
            changes.add((s, p, o))
    return changes


def folder(node: Node) -> str | None:
    """The folder of `id/` a node is in; None when it is in none, or in one that PROV-O describes."""
    if not isinstance(node, URIRef) or not str(node).startswith(_THINGS):
        return None
    kind, _, _ = str(node)[len(_THINGS) :].partition("/")
    return None if kind in _OF_PROVENANCE else kind


class References:
    """Checks what a file says against what it and the `context` describe; `everything` is both together."""

    def __init__(self, data: Graph, context: Graph, everything: Graph, shapes: Graph) -> None:
        self.data = data
        self.shapes = shapes
        self.everything = everything
        self.terms = {str(s) for s in context.subjects() if str(s).startswith(_ONTOLOGY)}
        self.classes = classes_with_shapes(everything, shapes)
        self.described = {str(s) for s in self.everything.subjects() if folder(s) is not None}
        self._suggestions: dict[str, str] = {}

    def results(self) -> Iterator[Result]:
        """What is wrong, in no order; a term that a node uses twice is reported twice at most."""
        for subject in set(self.data.subjects()):
            yield from self._of_node(subject)
        for triple in self.data:
            yield from self._of_triple(*triple)

    def describes_something(self, part: Graph) -> bool:
        """Whether a file has a node that some rule looks at."""
        return any(self._kinds(subject) for subject in set(part.subjects()))

    def _kinds(self, node: Node) -> set[Node]:
        """The classes of a node that some rule looks at."""
        return {kind for kind in self.everything.objects(node, RDF.type) if kind in self.classes}

    def _of_node(self, node: Node) -> Iterator[Result]:
        kinds = self._kinds(node)
        if isinstance(node, BNode):
            if kinds:
                yield self._result("BlankNode", node)
            return
        if not kinds:
            if folder(node) is not None:
                yield self._result("Untyped", node, RDF.type)
            return
        if HER.Document in kinds:
            yield from self._misnamed_document(node)
        yield from self._misnamed_span(node)

    def _of_triple(self, s: Node, p: Node, o: Node) -> Iterator[Result]:
        for node, path in ((s, None), (p, None), (o, p)):
            if str(node).startswith(_ONTOLOGY) and isinstance(node, URIRef) and str(node) not in self.terms:
                hint = self._suggestion(node, _ONTOLOGY, self.terms)
                yield self._result("UndeclaredTerm", s, path, node, suggestion=hint)
        if isinstance(o, BNode) and str(p).startswith(_OURS):
            yield self._result("BlankNode", s, p)
        elif (kind := folder(o)) is not None and str(o) not in self.described:
            hint = self._suggestion(o, f"{_THINGS}{kind}/", self.described)
            yield self._result("DanglingReference", s, p, o, suggestion=hint)

    def _misnamed_document(self, node: Node) -> Iterator[Result]:
        for digest in self.data.objects(node, HER.sha256):
            if _DIGEST.fullmatch(str(digest)) and (name := document_iri(str(digest)[:16])) != node:
                yield self._result(
                    "MisnamedDocument", node, HER.sha256, digest, suggestion=naming.short(name)
                )

    def _misnamed_span(self, node: Node) -> Iterator[Result]:
        for minted in (evidence_iri, gap_iri):
            if not str(node).startswith(minted("", 0, 0).removesuffix("-0-0")):
                continue
            names = {minted(e.document, e.start, e.end) for e in naming.span_of(self.everything, node)}
            if names and node not in names:
                yield self._result("MisnamedSpan", node, suggestion=naming.short(min(names)))

    def _suggestion(self, node: Node, namespace: str, names: set[str]) -> str:
        """The nearest name there is, or what else to do; only for the first few, since it takes long."""
        iri = str(node)
        if iri not in self._suggestions and len(self._suggestions) < _SUGGESTIONS:
            known = {
                name[len(namespace) :].casefold(): name
                for name in sorted(names)
                if name.startswith(namespace)
            }
            near = get_close_matches(iri[len(namespace) :][:_LONGEST].casefold(), known, n=1)
            if near:
                self._suggestions[iri] = (
                    f"{naming.short(known[near[0]])}, the nearest there is, if that is meant"
                )
        return self._suggestions.setdefault(iri, _OTHERWISE[namespace == _ONTOLOGY])

    def _result(
        self,
        rule: str,
        focus: Node,
        path: Node | None = None,
        value: Node | None = None,
        *,
        suggestion: str = "",
    ) -> Result:
        plain = naming.by_rule(rule, self.shapes, self.everything, focus)
        shown = "" if value is None else naming.short(str(value))
        return replace(
            plain,
            message=plain.message.replace("{?value}", shown),
            mend=plain.mend.replace("{?suggestion}", suggestion),
            path="" if path is None else str(path),
            path_label="" if path is None else naming.label(self.everything, path),
            value="" if value is None else str(value),
        )
