"""Whatever was inferred is proved from what was asserted, in steps that HermiT agrees with."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS

from graph.build.derive import derive, load_rules
from graph.build.origins import Origins
from graph.reason.culprits import axiom_groups
from graph.reason.hermit import first_contradiction
from graph.reason.proof import ONTOLOGY, RULES, Proof, prove
from graph.reason.proof_axioms import Axioms
from graph.reason.proof_known import INFERRED, Fact, InMemory, Published, facts, published_axioms
from graph.reason.proof_rules import RULES as OWL_RULES
from graph.reason.proof_rules import BackwardRules
from graph.store import N_TRIPLES, select
from graph.store.embedded import EmbeddedStore
from graph.vocab import HER, NAMED_ONLY, PREFIXES, graph_iri

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from graph.lookup import Node
    from graph.reason.proof_rules import Step

Graphs = dict[str, list[ox.Triple]]

TYPE = ox.NamedNode(RDF.type)
INDIVIDUAL = ox.NamedNode(OWL.NamedIndividual)
ONE_STEP = {
    "cax-sco": ("her2kg:A rdfs:subClassOf her2kg:B .", "drug:x a her2kg:A .", "drug:x a her2kg:B"),
    "cax-eqc": ("her2kg:B owl:equivalentClass her2kg:A .", "drug:x a her2kg:A .", "drug:x a her2kg:B"),
    "cls-int1": (
        "her2kg:B owl:equivalentClass [ owl:intersectionOf ( her2kg:A her2kg:C ) ] .",
        "drug:x a her2kg:A, her2kg:C .",
        "drug:x a her2kg:B",
    ),
    "cls-int2": (
        "her2kg:A rdfs:subClassOf [ owl:intersectionOf ( her2kg:B her2kg:C ) ] .",
        "drug:x a her2kg:A .",
        "drug:x a her2kg:B",
    ),
    "cls-uni": ("her2kg:B owl:unionOf ( her2kg:A her2kg:C ) .", "drug:x a her2kg:C .", "drug:x a her2kg:B"),
    "cls-svf1": (
        "[ owl:onProperty her2kg:p ; owl:someValuesFrom her2kg:A ] rdfs:subClassOf her2kg:B .",
        "drug:x her2kg:p drug:y . drug:y a her2kg:A .",
        "drug:x a her2kg:B",
    ),
    "cls-hv1": (
        "her2kg:A rdfs:subClassOf [ owl:onProperty her2kg:p ; owl:hasValue drug:y ] .",
        "drug:x a her2kg:A .",
        "drug:x her2kg:p drug:y",
    ),
    "cls-hv2": (
        "her2kg:B owl:equivalentClass [ owl:onProperty her2kg:p ; owl:hasValue drug:y ] .",
        "drug:x her2kg:p drug:y .",
        "drug:x a her2kg:B",
    ),
    "cls-avf": (
        "her2kg:A rdfs:subClassOf [ owl:onProperty her2kg:p ; owl:allValuesFrom her2kg:B ] .",
        "drug:y a her2kg:A ; her2kg:p drug:x .",
        "drug:x a her2kg:B",
    ),
    "cls-oo": ("her2kg:B owl:oneOf ( drug:x drug:y ) .", "", "drug:x a her2kg:B"),
    "prp-self": (
        'her2kg:B owl:equivalentClass [ owl:onProperty her2kg:p ; owl:hasSelf true ] .',
        "drug:x her2kg:p drug:x .",
        "drug:x a her2kg:B",
    ),
    "prp-dom": ("her2kg:p rdfs:domain her2kg:B .", "drug:x her2kg:p drug:y .", "drug:x a her2kg:B"),
    "prp-rng": ("her2kg:p rdfs:range her2kg:B .", "drug:y her2kg:p drug:x .", "drug:x a her2kg:B"),
    "prp-spo1": ("her2kg:q rdfs:subPropertyOf her2kg:p .", "drug:x her2kg:q drug:y .", "drug:x her2kg:p drug:y"),
    "prp-eqp": ("her2kg:p owl:equivalentProperty her2kg:q .", "drug:x her2kg:q drug:y .", "drug:x her2kg:p drug:y"),
    "prp-inv": ("her2kg:q owl:inverseOf her2kg:p .", "drug:y her2kg:q drug:x .", "drug:x her2kg:p drug:y"),
    "prp-symp": ("her2kg:p a owl:SymmetricProperty .", "drug:y her2kg:p drug:x .", "drug:x her2kg:p drug:y"),
    "prp-trp": (
        "her2kg:p a owl:TransitiveProperty .",
        "drug:x her2kg:p drug:z . drug:z her2kg:p drug:y .",
        "drug:x her2kg:p drug:y",
    ),
    "prp-spo2": (
        "her2kg:p owl:propertyChainAxiom ( her2kg:q her2kg:r her2kg:q ) .",
        "drug:x her2kg:q drug:v . drug:v her2kg:r drug:w . drug:w her2kg:q drug:y .",
        "drug:x her2kg:p drug:y",
    ),
}  # fmt: skip
"""For each rule: axioms, asserted facts, and what follows from all of them by that rule alone."""


def triples(turtle: str) -> list[ox.Triple]:
    """The triples of a piece of Turtle."""
    prefixes = "\n".join(f"@prefix {name}: <{iri}> ." for name, iri in PREFIXES.items())
    found = ox.parse(f"{prefixes}\n{turtle}", format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    return [quad.triple for quad in found]


def fact(triple: ox.Triple) -> Fact:
    """A triple as a fact."""
    return next(facts([triple]))


def nothing(_: Fact) -> Iterable[Step]:
    """No derivation rule."""
    return ()


def proved(graphs: Graphs, goal: ox.Triple) -> Proof | None:
    """The proof of a goal from graphs, without derivation rules."""
    return prove(fact(goal), BackwardRules(Axioms(graphs[ONTOLOGY])), InMemory(graphs), nothing)


@pytest.mark.parametrize("rule", ONE_STEP)
def test_a_rule_alone_proves_what_it_gives(rule: str) -> None:
    """The proof has one step, by that rule, and rests on all the axioms and facts there are."""
    axioms, told, goal = map(triples, (*ONE_STEP[rule][:2], ONE_STEP[rule][2] + " ."))
    proof = proved({ONTOLOGY: axioms, "vocabulary": told, INFERRED: goal}, goal[0])
    assert proof is not None
    assert proof.rule == rule
    stated = [leaf.conclusion for leaf in proof.premises if leaf.graphs == ("vocabulary",)]
    assert sorted(stated, key=str) == sorted(facts(told), key=str)
    assert [leaf.graphs for leaf in proof.premises if leaf.conclusion in set(facts(axioms))] == [(ONTOLOGY,)]


@pytest.mark.parametrize("rule", ONE_STEP)
def test_without_one_of_its_facts_a_rule_proves_nothing(rule: str) -> None:
    """Each fact, and the axioms, are needed."""
    axioms, told, goal = map(triples, (*ONE_STEP[rule][:2], ONE_STEP[rule][2] + " ."))
    for left_out in told:
        fewer = [triple for triple in told if triple != left_out]
        assert proved({ONTOLOGY: axioms, "vocabulary": fewer, INFERRED: goal}, goal[0]) is None
    assert proved({ONTOLOGY: [], "vocabulary": told, INFERRED: goal}, goal[0]) is None


def test_every_rule_of_the_table_has_a_case() -> None:
    """The cases are those of the rules in words."""
    assert ONE_STEP.keys() == OWL_RULES.keys()


def test_facts_do_not_prove_each_other() -> None:
    """Two inferred facts that only give one another, by a symmetric property, are not proved."""
    follows = triples("drug:x her2kg:p drug:y . drug:y her2kg:p drug:x .")
    graphs = {ONTOLOGY: triples("her2kg:p a owl:SymmetricProperty ."), INFERRED: follows}
    assert proved(graphs, follows[0]) is None


def test_the_shortest_way_is_told() -> None:
    """Of two ways to a class, the one through fewer classes is the proof."""
    axioms = triples(
        "her2kg:A rdfs:subClassOf her2kg:B . her2kg:B rdfs:subClassOf her2kg:C . her2kg:C rdfs:subClassOf her2kg:D ."
        "her2kg:A rdfs:subClassOf her2kg:E . her2kg:E rdfs:subClassOf her2kg:D ."
    )
    follows = triples("drug:x a her2kg:B, her2kg:C, her2kg:D, her2kg:E .")
    graphs = {ONTOLOGY: axioms, "vocabulary": triples("drug:x a her2kg:A ."), INFERRED: follows}
    proof = proved(graphs, follows[2])
    assert proof is not None
    assert [str(node.conclusion.object) for node in proof.nodes() if node.premises] == [
        f"<{HER._NS}{name}>" for name in "DE"
    ]


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[EmbeddedStore]:
    """The store of what a fresh clone builds."""
    with EmbeddedStore(built) as opened:
        yield opened


@pytest.fixture(scope="module")
def graphs(store: EmbeddedStore) -> Graphs:
    """What it holds, by named graph, without shapes and description."""

    def read(name: str) -> list[ox.Triple]:
        answer = store.query(
            "CONSTRUCT WHERE { ?s ?p ?o }",
            solutions=None,
            triples=N_TRIPLES,
            default_graphs=[str(graph_iri(name))],
        )
        return [quad.triple for quad in ox.parse(answer.body, format=ox.RdfFormat.N_TRIPLES)]

    return {name: read(name) for name in store.manifest().graphs if name not in NAMED_ONLY}


@pytest.fixture(scope="module")
def origins(graphs: Graphs) -> Origins:
    """The derivation rules read backwards, over everything that is known."""
    data = ox.Store()
    data.bulk_extend(ox.Quad(*triple) for triple in set(chain.from_iterable(graphs.values())))

    def ask(query: str, bindings: Mapping[str, Node]) -> Iterator[dict[str, Node]]:
        found: Any = data.query(query, substitutions={ox.Variable(n): term for n, term in bindings.items()})
        names = [variable.value for variable in found.variables]
        for row in found:
            yield {name: row[name] for name in names if row[name] is not None}

    return Origins(ask)


@pytest.fixture(scope="module")
def proofs(graphs: Graphs, origins: Origins) -> dict[Fact, Proof | None]:
    """The proof of every triple that was inferred."""
    rules, known = BackwardRules(Axioms(graphs[ONTOLOGY])), InMemory(graphs)
    return {goal: prove(goal, rules, known, origins) for goal in facts(graphs[INFERRED])}


def test_every_inferred_triple_has_a_proof(proofs: dict[Fact, Proof | None], store: EmbeddedStore) -> None:
    """None is left to the reasoner's word, and none was left out."""
    assert len(proofs) == store.manifest().graphs[INFERRED] > 2_000
    assert [str(goal) for goal, proof in proofs.items() if proof is None] == []
    assert {str(goal) for goal, proof in proofs.items() if proof and proof.conclusion != goal} == set()


def test_every_leaf_is_asserted_or_said(proofs: dict[Fact, Proof | None], graphs: Graphs) -> None:
    """A leaf's graphs hold its triple; a statement stands in a document's graph, with evidence."""
    held = {name: set(facts(part)) for name, part in graphs.items()}
    evidence = {
        triple.subject
        for name, part in graphs.items()
        if name.startswith("document/")
        for triple in part
        if triple.predicate == ox.NamedNode(HER.hasEvidence)
    }
    derivations = {rule.name for rule in load_rules()}
    leaves = statements = 0
    for proof in filter(None, proofs.values()):
        for node in proof.nodes():
            assert all(node.conclusion in held[name] for name in node.graphs)
            assert INFERRED not in node.graphs
            assert set(node.statements) <= evidence
            assert node.rule in derivations if node.rule not in RULES else node.words == RULES[node.rule]
            assert node.graphs or node.statements or node.premises, node
            leaves += bool(node.graphs)
            statements += len(node.statements)
    assert leaves > 5_000
    assert statements > 500


def test_no_proof_rests_on_itself(proofs: dict[Fact, Proof | None]) -> None:
    """What a line says is not said again anywhere under it."""

    def circular(proof: Proof, above: frozenset[Fact]) -> bool:
        return proof.conclusion in above or any(
            circular(premise, above | {proof.conclusion}) for premise in proof.premises
        )

    assert not any(circular(proof, frozenset()) for proof in proofs.values() if proof)


def test_rules_read_backwards_find_the_statements_they_were_made_of(graphs: Graphs, origins: Origins) -> None:
    """Every triple that derivation makes has its statements, and what follows only by logic has none."""
    asserted = [triple for name, part in graphs.items() if name != INFERRED for triple in part]
    derived = set(facts(derive(asserted)))
    assert len(derived) > 150
    for triple in facts(graphs[INFERRED]):
        steps = list(origins(triple))
        assert all(step.statements for step in steps)
        assert bool(steps) == (triple in derived), triple


def test_hermit_agrees_that_the_leaves_suffice_and_are_needed(
    proofs: dict[Fact, Proof | None], graphs: Graphs
) -> None:
    """The leaves of a proof and its denial contradict each other; with any one leaf less they do not.

    Asked of the largest proof by each rule.
    """
    declared, groups = axiom_groups(graphs[ONTOLOGY])
    axioms = {axiom: group for group in groups for axiom in facts(group)}
    samples: dict[str, Proof] = {}
    for proof in filter(None, proofs.values()):
        if proof.rule in OWL_RULES and _size(proof) > _size(samples.get(proof.rule)):
            samples[proof.rule] = proof
    assert len(samples) >= 6
    fewer = []
    for proof in samples.values():
        leaves = list(dict.fromkeys(_logical_leaves(proof)))
        told = [axioms.get(leaf) or (triple_of(leaf),) for leaf in leaves]
        rest = [*declared, *_denied(proof.conclusion), *_individuals(leaves)]
        whole = [*rest, *chain.from_iterable(told)]
        assert first_contradiction([whole], seconds=60) == 0, str(proof.conclusion)
        fewer += [
            [*rest, *chain.from_iterable(told[:place] + told[place + 1 :])] for place in range(len(told))
        ]
    assert len(fewer) >= 20
    assert first_contradiction(fewer, seconds=120) is None


def _size(proof: Proof | None) -> int:
    return len(list(proof.nodes())) if proof else 0


def _logical_leaves(proof: Proof) -> Iterator[Fact]:
    """The leaves for a reasoner, to whom what a derivation rule made is a fact like any other."""
    if proof.graphs or proof.statements:
        yield proof.conclusion
    else:
        for premise in proof.premises:
            yield from _logical_leaves(premise)


def triple_of(leaf: Fact) -> ox.Triple:
    """A fact as a triple; no literal is a subject."""
    assert not isinstance(leaf.subject, ox.Literal)
    return ox.Triple(leaf.subject, leaf.predicate, leaf.object)


def _denied(triple: Fact) -> list[ox.Triple]:
    if triple.predicate == TYPE:
        return triples(f"{triple.subject} a [ a owl:Class ; owl:complementOf {triple.object} ] .")
    if triple.predicate == ox.NamedNode(RDFS.subClassOf):
        return triples(f"drug:any a {triple.subject}, [ a owl:Class ; owl:complementOf {triple.object} ] .")
    return triples(
        f"[] a owl:NegativePropertyAssertion ; owl:sourceIndividual {triple.subject} ;"
        f" owl:assertionProperty {triple.predicate} ; owl:targetIndividual {triple.object} ."
    )


def _individuals(leaves: Iterable[Fact]) -> list[ox.Triple]:
    return [
        ox.Triple(term, TYPE, INDIVIDUAL)
        for leaf in leaves
        for term in (leaf.subject, leaf.object)
        if isinstance(term, ox.NamedNode) and "/id/" in term.value
    ]


def test_a_store_that_is_asked_gives_the_same_proofs(
    store: EmbeddedStore, graphs: Graphs, proofs: dict[Fact, Proof | None]
) -> None:
    """Over the published data, node by node, as over the same data in memory."""
    rules = BackwardRules(Axioms(published_axioms(store)))
    origins = Origins(lambda query, bindings: select(store, query, **bindings))
    for goal in list(facts(graphs[INFERRED]))[::60]:
        asked, held = prove(goal, rules, Published(store), origins), proofs[goal]
        assert asked is not None
        assert held is not None
        assert (asked.conclusion, asked.rule, asked.statements) == (
            held.conclusion,
            held.rule,
            held.statements,
        )
        assert len(list(asked.nodes())) == len(list(held.nodes()))
