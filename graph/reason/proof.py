"""Why a triple holds: the shortest tree of rules from it back to what was asserted.

The data hold everything that follows, so a rule counts only where all its facts are known; that keeps the
search small. It goes backwards from the goal, one layer of rules after the other (`BackwardRules`). After
each layer, costs (the size of a tree) settle from the leaves up, as in Knuth's generalisation of Dijkstra's
algorithm (Information Processing Letters 6:1, 1977): a cost is larger than those it is made of, so no proof
rests on itself. The first layer that reaches the goal gives the flattest proof, and of those the smallest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode
from rdflib import RDF, RDFS

from graph.reason.proof_known import INFERRED, Fact, sources
from graph.reason.proof_rules import RULES as OWL_RULES
from graph.reason.proof_rules import BackwardRules, Step
from graph.reason.proof_supposed import ANY, SUPPOSED, Supposed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from graph.reason.proof_known import Known

    Derivations = Callable[[Fact], Iterable[Step]]
    """The steps by which derivation rules make a triple of statements."""

ASSERTED: Final = "asserted"
"""The rule of a leaf: a triple that a graph states."""

ONTOLOGY: Final = "ontology"
"""The name of the graph that holds the axioms."""

RULES: Final[dict[str, str]] = {ASSERTED: "stated", **OWL_RULES}
"""Every rule but those of derivation (which say it themselves) in plain words."""

_TYPE: Final = NamedNode(RDF.type)
_WIDER: Final = NamedNode(RDFS.subClassOf)

MOST_GOALS: Final = 4_000
"""Facts that a search looks at before it gives up."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A triple and what it follows from; a leaf has no premises and names the `graphs` that state it.

    What a derivation rule made has the `statements` that say it, any of which would do. `rule` is the name of
    the rule, `words` tell it plainly.
    """

    conclusion: Fact
    rule: str
    words: str
    premises: tuple[Proof, ...] = ()
    graphs: tuple[str, ...] = ()
    statements: tuple[NamedNode, ...] = ()

    def nodes(self) -> Iterator[Proof]:
        """The proof and every proof in it."""
        yield self
        for premise in self.premises:
            yield from premise.nodes()

    def leaves(self) -> Iterator[Proof]:
        """What it rests on: asserted triples and axioms, and triples that statements say."""
        return (node for node in self.nodes() if node.graphs or node.statements)


def prove(goal: Fact, rules: BackwardRules, known: Known, derivations: Derivations) -> Proof | None:
    """The shortest proof of a triple from what is asserted; None when it is not known or rules do not do.

    What points at the goal's subject is looked at only where what the subject has does not suffice.
    """
    if goal.predicate == _WIDER and not sources(known, goal) - {INFERRED}:
        return _prove_subclass(goal, rules, known)
    for inward in (False, True):
        search = _Search(rules, known, derivations, inward=inward)
        if search.reaches(goal):
            return search.proof(goal)
    return None


def _prove_subclass(goal: Fact, rules: BackwardRules, known: Known) -> Proof | None:
    """The proof that whatever belongs to one class belongs to the other."""
    if not isinstance(goal.subject, NamedNode):
        return None
    search = _Search(rules, Supposed(goal.subject, rules.axioms, known), lambda _: (), inward=False)
    type_ = Fact(ANY, _TYPE, goal.object)
    return replace(search.proof(type_), conclusion=goal) if search.reaches(type_) else None


class _Search:
    def __init__(self, rules: BackwardRules, known: Known, derivations: Derivations, *, inward: bool) -> None:
        self._rules = rules
        self._known = known
        self._derivations = derivations
        self._inward = inward
        self._steps: dict[Fact, tuple[Step, ...]] = {}
        self._costs: dict[Fact, int] = {}
        self._best: dict[Fact, Step] = {}

    def reaches(self, goal: Fact) -> bool:
        """Look backwards from the goal, layer by layer, until it is proved or nothing is left to look at."""
        frontier = {} if self._is_asserted(goal) else {goal: None}
        if not frontier:
            return True
        while frontier and len(self._steps) < MOST_GOALS:
            for fact in frontier:
                self._steps[fact] = tuple(self._expand(fact))
            frontier = {
                premise: None
                for fact in frontier
                for step in self._steps[fact]
                for premise in step.premises
                if premise not in self._steps and not self._is_asserted(premise)
            }
            self._settle()
            if goal in self._costs:
                return True
        return False

    def _expand(self, fact: Fact) -> Iterator[Step]:
        if not sources(self._known, fact):
            return
        yield from self._derivations(fact)
        yield from self._rules.steps(fact, self._known, inward=self._inward)

    def _is_asserted(self, fact: Fact) -> bool:
        """Whether a fact is a leaf, which costs one."""
        if fact not in self._costs and sources(self._known, fact) - {INFERRED}:
            self._costs[fact] = 1
        return self._costs.get(fact) == 1

    def _settle(self) -> None:
        changed = True
        while changed:
            changed = False
            for fact, steps in self._steps.items():
                for step in steps:
                    if any(premise not in self._costs for premise in step.premises):
                        continue
                    cost = 1 + len(step.axioms) + sum(self._costs[premise] for premise in step.premises)
                    if cost < self._costs.get(fact, cost + 1):
                        self._costs[fact], self._best[fact] = cost, step
                        changed = True

    def proof(self, fact: Fact) -> Proof:
        """The proof of a fact that has been reached."""
        step = self._best.get(fact)
        if step is None:
            return self._leaf(fact)
        return Proof(
            fact,
            step.rule,
            step.words or RULES[step.rule],
            premises=(
                *(Proof(axiom, ASSERTED, RULES[ASSERTED], graphs=(ONTOLOGY,)) for axiom in step.axioms),
                *(
                    self.proof(premise)
                    for premise in step.premises
                    if sources(self._known, premise) != {SUPPOSED}
                ),
            ),
            statements=step.statements,
        )

    def _leaf(self, fact: Fact) -> Proof:
        """An asserted fact; what documents say of it too is told beside."""
        held = sources(self._known, fact)
        steps = self._derivations(fact) if INFERRED in held else ()
        said = dict.fromkeys(statement for step in steps for statement in step.statements)
        graphs = tuple(sorted(held - {INFERRED}))
        return Proof(fact, ASSERTED, RULES[ASSERTED], graphs=graphs, statements=tuple(said))
