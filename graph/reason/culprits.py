"""Why the knowledge contradicts itself: the few axioms and assertions it rests on, in plain words.

Candidates are added until a contradiction appears: the last one added is a culprit. It joins the background,
and what came after it is dropped, until the culprits found contradict each other by themselves. Assertions
are shrunk first (all of a subject together, then one by one), then the axioms. The time is bounded; what
could not be shrunk within it is reported as it is.
"""

from __future__ import annotations

import time
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, NamedNode, Triple
from rdflib import OWL, RDF, RDFS

from graph.errors import BuildError, Inconsistent
from graph.reason.hermit import first_contradiction
from graph.reason.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Group = tuple[Triple, ...]

WAYS: Final = 12
"""How many ontologies are checked by one run of HermiT."""
SECONDS: Final = 180.0
"""Seconds that one explanation may take."""

_SHOWN: Final = 12
_TYPE: Final = NamedNode(RDF.type)
_FIRST: Final = NamedNode(RDF.first)
_VALUE: Final = NamedNode(OWL.hasValue)
_PROPERTY: Final = NamedNode(OWL.onProperty)
_DECLARATIONS: Final = frozenset(
    map(
        NamedNode,
        (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.NamedIndividual,
         OWL.Ontology, RDFS.Datatype),
    )
)  # fmt: skip


def contradiction(
    axioms: Sequence[Triple], assertions: Sequence[Triple], graphs: Mapping[str, Sequence[Triple]]
) -> Inconsistent:
    """The error for an inconsistent whole, with the axioms and assertions that cannot hold together."""
    shrinker = _Shrinker()
    declared, groups = axiom_groups(axioms)
    typed = [t for t in assertions if t.object == NamedNode(OWL.NamedIndividual)]
    facts = [t for t in assertions if t.object != NamedNode(OWL.NamedIndividual)]
    suspects = [
        (triple,) for group in shrinker.smallest((*axioms, *typed), _by_subject(facts)) for triple in group
    ]
    # From here on the axioms that can have to do with it suffice, nearly always; a small ontology is fast.
    few = axioms_about(chain.from_iterable(suspects), groups)
    typed = [t for t in typed if any(t.subject in triple for (triple,) in suspects)]
    if shrinker.suffice((*declared, *typed, *_flat(few), *_flat(suspects))):
        groups = few
    guilty_facts = shrinker.smallest((*declared, *typed, *_flat(groups)), suspects)
    guilty_axioms = shrinker.smallest((*declared, *typed, *_flat(guilty_facts)), groups)

    words = Words(graphs)
    facts_told = [words.assertion(triple) for group in guilty_facts for triple in group]
    single = [group for group in guilty_axioms if isinstance(group[0].subject, NamedNode)]
    named = {term for triple in _flat((*guilty_facts, *single)) for term in triple}
    axioms_told = [words.axiom(group, among=named) for group in guilty_axioms]
    told = _listed(facts_told) if facts_told else "the axioms of the ontology"
    since = f"since {_listed(axioms_told)}" if shrinker.complete else "by some axioms of the ontology"
    return Inconsistent(
        f"these cannot all be true: {told}; {since}.",
        culprits=(*facts_told, *axioms_told),
        mend="Correct the vocabulary or the ontology, or the rule that made the statement.",
    )


def unsatisfiable(classes: Sequence[str], graphs: Mapping[str, Sequence[Triple]]) -> Inconsistent:
    """The error for classes that can have no instance."""
    words = Words(graphs)
    labels = tuple(words.label(NamedNode(iri)) for iri in classes)
    return Inconsistent(
        f"nothing can ever be a {_listed(labels)}: the axioms about it contradict each other.",
        culprits=labels,
        where="ontology",
        mend="Correct the axioms of the ontology that were changed last.",
    )


def axiom_groups(axioms: Sequence[Triple]) -> tuple[list[Triple], list[Group]]:
    """The declarations, and every other axiom with the blank nodes that belong to it."""
    about: defaultdict[object, list[Triple]] = defaultdict(list)
    for triple in axioms:
        about[triple.subject].append(triple)
    inner = {triple.object for triple in axioms if isinstance(triple.object, BlankNode)}

    def with_inner(triples: Iterable[Triple]) -> Group:
        found: list[Triple] = []
        waiting = list(triples)
        while waiting:
            triple = waiting.pop(0)
            found.append(triple)
            if isinstance(triple.object, BlankNode):
                waiting.extend(about[triple.object])
        return tuple(found)

    declared: list[Triple] = []
    groups: list[Group] = []
    for subject, triples in about.items():
        if isinstance(subject, BlankNode):
            if subject not in inner:
                groups.append(with_inner(triples))
            continue
        for triple in triples:
            if triple.predicate == _TYPE and triple.object in _DECLARATIONS:
                declared.append(triple)
            else:
                groups.append(with_inner([triple]))
    return declared, groups


def axioms_about(facts: Iterable[Triple], groups: Sequence[Group]) -> list[Group]:
    """The axioms that a contradiction between these facts can rest on, by the names they share with them.

    A definition by a certain value counts only where that value is named; of sets of disjoint names, those
    with two names that count. This is a good guess, not a proof.
    """
    names: set[object] = {term for triple in facts for term in triple}
    found: dict[int, Group] = {}
    grown = True
    while grown:
        grown = False
        for index, group in enumerate(groups):
            if index not in found and _is_about(group, names):
                found[index] = group
                grown = True
                if isinstance(group[0].subject, NamedNode):
                    names.update(term for triple in group for term in triple)
    return [found[index] for index in sorted(found)]


def _is_about(group: Group, names: set[object]) -> bool:
    main = group[0]
    if isinstance(main.subject, BlankNode):
        return len({triple.object for triple in group if triple.predicate == _FIRST} & names) > 1
    values = {triple.object for triple in group if triple.predicate == _VALUE}
    if values:
        return bool(values <= names)
    properties = {triple.object for triple in group if triple.predicate == _PROPERTY}
    return main.subject in names or bool(properties & names)


class _Shrinker:
    """Finds culprits one after the other, with a budget of time; `complete` is whether it lasted."""

    def __init__(self) -> None:
        self.complete = True
        self._end = time.monotonic() + SECONDS

    def smallest(self, background: Sequence[Triple], candidates: Sequence[Group]) -> list[Group]:
        """The candidates that a contradiction with the background needs; none if it needs none."""
        needed: list[Group] = []
        left = list(candidates)
        try:
            while left and (count := self._prefix((*background, *_flat(needed)), left)):
                needed.append(left[count - 1])
                left = left[: count - 1]
        except BuildError:  # the deadline, mostly; what is left is what it can be
            self.complete = False
            return [*needed, *left]
        return needed

    def _prefix(self, background: Sequence[Triple], candidates: Sequence[Group]) -> int:
        """How many of the candidates, from the first, it takes for a contradiction."""
        low, high = 0, len(candidates)
        while low < high:
            counts = sorted({low + (high - low) * step // WAYS for step in range(WAYS)})
            first = self._first([(*background, *_flat(candidates[:count])) for count in counts])
            if first is None:
                low = counts[-1] + 1
            else:
                low, high = (counts[first - 1] + 1 if first else low), counts[first]
        return high

    def suffice(self, triples: Sequence[Triple]) -> bool:
        """Whether these contradict each other; False when the time is used up."""
        try:
            return self._first([triples]) is not None
        except BuildError:
            return False

    def _first(self, ontologies: Sequence[Iterable[Triple]]) -> int | None:
        return first_contradiction(ontologies, seconds=max(0.1, self._end - time.monotonic()))


def _by_subject(triples: Iterable[Triple]) -> list[Group]:
    groups: defaultdict[object, list[Triple]] = defaultdict(list)
    for triple in triples:
        groups[triple.subject].append(triple)
    return [tuple(group) for group in groups.values()]


def _flat(groups: Iterable[Group]) -> Iterable[Triple]:
    return chain.from_iterable(groups)


def _listed(items: Sequence[str]) -> str:
    shown = list(items[:_SHOWN])
    if len(items) > _SHOWN:
        shown.append(f"and {len(items) - _SHOWN} more")
    return "; ".join(shown)
