"""The rules, by passages in our own words: what each kind of statement is read from, and what it is not.

`tests/golden/rules/<Kind>.txt` has passages (lines that start with `>`), each followed by the statements of
that kind that it makes, one a line, or by `nothing`. `tests/golden/samples` has all statements of samples.
`pytest --golden-update` rewrites both from what is found; read the difference before it is kept.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from graph.extract import extract, load_lexicon, reader
from graph.extract.rules import RULES
from graph.extract.rules.engine import apply
from graph.model import QUALIFIERS, STATEMENT_KINDS, Document, Statement, Term

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.extract.rules.pattern import Rule

GOLDEN: Final = Path(__file__).resolve().parent.parent / "golden"
SAMPLES: Final = Path(__file__).resolve().parents[2] / "graph" / "data" / "documents"
LEXICON: Final = load_lexicon()
NOTHING: Final = "nothing"

ALLOWED: Final = {
    "Indication": {"setting", "stage", "line", "circumstance", "intent", "quantifier", "with"},
    "Approval": {"agency", "date", "status", "with"},
    "Requirement": {"exclusive"},
    "Mechanism": {"action", "consequence"},
    "Naming": {"nameType"},
    "Definition": {"definingStatus", "definingStage", "definingExtent"},
    "Combination": {"regimen"},
    "Sequence": {"trigger"},
    "Intent": {"setting", "circumstance", "condition"},
    "Effect": {"frequency"},
    "DecisionFactor": {"condition"},
    "Support": {"beneficiary"},
}
"""The qualifiers each kind may have: the table of docs/architecture.md."""


class Passage(NamedTuple):
    """One entry of a golden file: comments before it, the text, and the lines expected."""

    comment: str
    text: str
    expected: list[str]


def read(path: Path) -> list[Passage]:
    """The passages of a golden file."""
    passages = []
    for block in re.split(r"\n\s*\n", path.read_text("utf-8").strip()):
        lines = block.splitlines()
        text = "\n".join(line[1:].removeprefix(" ") for line in lines if line.startswith(">"))
        comment = "\n".join(line for line in lines if line.startswith("#"))
        expected = [line for line in lines if not line.startswith((">", "#"))]
        if text:
            passages.append(Passage(comment, text, expected))
    return passages


def document(text: str) -> Document:
    """A document that is this text."""
    return Document("passage", text, hashlib.sha256(text.encode()).hexdigest())


def short(term: Term) -> str:
    """A term as the golden files write it: the last part of its IRI, or the quoted words."""
    return term.iri.rpartition("/")[2] if term.iri and "/document/" not in term.iri else f'"{term.label}"'


def line(statement: Statement) -> str:
    """A statement as the golden files write it."""
    object_ = short(statement.object)
    parts = [statement.kind, short(statement.subject), object_, statement.polarity, statement.modality]
    qualifiers = " ".join(f"{name}={short(term)}" for name, term in statement.qualifiers)
    return " | ".join([*parts, *([qualifiers] if qualifiers else [])])


def found(kind: str, text: str) -> list[str]:
    """The lines that a passage gives for one kind."""
    extraction = extract(document(text), LEXICON)
    return sorted(line(s) for s in extraction.statements if s.kind == kind) or [NOTHING]


FILES: Final = {kind: GOLDEN / "rules" / f"{kind}.txt" for kind in STATEMENT_KINDS}
PASSAGES: Final = {kind: read(path) for kind, path in FILES.items() if path.exists()}
SAMPLE_FILES: Final = sorted(SAMPLES.glob("*.txt"))
CASES: Final = [(kind, passage) for kind, passages in PASSAGES.items() for passage in passages]


@pytest.fixture(scope="module", autouse=True)
def golden_update(request: pytest.FixtureRequest) -> None:
    """With `--golden-update`, write what is found and test nothing."""
    if not request.config.getoption("--golden-update"):
        return
    for kind, passages in PASSAGES.items():
        blocks = [
            "\n".join(
                [
                    *passage.comment.splitlines(),
                    *(f"> {text}".rstrip() for text in passage.text.split("\n")),
                    *found(kind, passage.text),
                ]
            )
            for passage in passages
        ]
        FILES[kind].write_text("\n\n".join(blocks) + "\n", "utf-8")
    for path in SAMPLE_FILES:
        golden = GOLDEN / "samples" / f"{path.stem}.tsv"
        golden.parent.mkdir(exist_ok=True)
        golden.write_text("".join(f"{row}\n" for row in rows(path)), "utf-8")
    pytest.skip("the golden files are rewritten: read the difference")


@pytest.mark.parametrize(("kind", "passage"), CASES, ids=[f"{k}: {p.text[:50]}" for k, p in CASES])
def test_a_passage_says_what_the_golden_file_says(kind: str, passage: Passage) -> None:
    """Every statement of the kind, with polarity, modality and qualifiers, and no other."""
    assert found(kind, passage.text) == sorted(passage.expected)


def test_every_kind_has_its_passages() -> None:
    """At least eight each, of them at least one that says something and one look-alike that does not."""
    assert set(PASSAGES) == set(STATEMENT_KINDS)
    assert len(CASES) >= 200
    for kind, passages in PASSAGES.items():
        assert len(passages) >= 8, kind
        silent = [p for p in passages if p.expected == [NOTHING]]
        assert 0 < len(silent) < len(passages), kind
        assert all(p.expected for p in passages), kind


def test_the_golden_files_hold_nothing_else() -> None:
    """A file with a misspelt name would never be read."""
    assert set((GOLDEN / "rules").iterdir()) == set(FILES.values())


@pytest.fixture(scope="module")
def rules_that_found() -> set[tuple[str, int]]:
    """Which rules (kind, place) found something in the passages or the samples, by watching `apply`."""
    used: set[tuple[str, int]] = set()

    def watch(kind: str, rule: Rule, passage: Any) -> Iterator[Any]:
        for finding in apply(kind, rule, passage):
            used.add((kind, RULES[kind].index(rule)))
            yield finding

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "apply", watch)
        for _, passage in CASES:
            extract(document(passage.text), LEXICON)
        for path in SAMPLES.glob("*.txt"):
            extract(document(path.read_text("utf-8")), LEXICON)
    return used


def test_no_rule_is_idle(rules_that_found: set[tuple[str, int]]) -> None:
    """A rule that finds nothing in any passage is untested, or cannot match at all."""
    every = {(kind, place) for kind, rules in RULES.items() for place in range(len(rules))}
    idle = {f"{kind} {place}: {RULES[kind][place].pattern}" for kind, place in every - rules_that_found}
    assert idle == set()


@pytest.mark.parametrize("kind", sorted(PASSAGES))
def test_qualifiers_are_those_of_the_kind(kind: str) -> None:
    """The table of docs/architecture.md holds for everything the passages say."""
    assert ALLOWED.get(kind, set()) <= set(QUALIFIERS)
    for passage in PASSAGES[kind]:
        for statement in extract(document(passage.text), LEXICON).statements:
            assert {name for name, _ in statement.qualifiers} <= ALLOWED.get(statement.kind, set())


def rows(path: Path) -> list[str]:
    """All statements of a document: start, end (of the first evidence), and the statement as above."""
    statements = extract(document(path.read_text("utf-8")), LEXICON).statements
    placed = sorted((s.evidence[0].start, s.evidence[0].end, line(s)) for s in statements)
    return ["\t".join([str(start), str(end), *text.split(" | ")]) for start, end, text in placed]


@pytest.mark.parametrize("path", SAMPLE_FILES, ids=[p.stem for p in SAMPLE_FILES])
def test_a_sample_document_says_what_its_golden_file_says(path: Path) -> None:
    """All statements of the sample, by the place of their first evidence."""
    assert rows(path) == (GOLDEN / "samples" / f"{path.stem}.tsv").read_text("utf-8").splitlines()


def test_every_sample_has_its_golden_file() -> None:
    """Five samples, five files."""
    assert len(SAMPLE_FILES) == 5
    assert {p.stem for p in (GOLDEN / "samples").iterdir()} == {p.stem for p in SAMPLE_FILES}
