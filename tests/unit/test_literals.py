"""The words a pattern needs: nothing that could match is ever left out, and no rule is slow."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.extract.rules import RULES, applicable
from graph.extract.rules.literals import required
from graph.extract.rules.pattern import Rule
from graph.extract.segments import LONGEST

EVERY = [(kind, place, rule) for kind, rules in RULES.items() for place, rule in enumerate(rules)]
IDS = [f"{kind} {place}" for kind, place, _ in EVERY]

CASES = {
    "plain": ("foo", [{"foo"}]),
    "a gap": (r"foo\d+bar", [{"foo"}, {"bar"}]),
    "an optional letter": ("foos?", [{"foo"}]),
    "an optional group": ("(?:foo )?bar", [{"bar"}]),
    "a repeated group": ("(?:foo)+", [{"foo"}]),
    "a group repeated at least twice": ("(?:foo){2,}", [{"foo"}]),
    "a group that may be missing": ("(?:foo){0,3}bar", [{"bar"}]),
    "alternatives": ("(?:foo|bar)", [{"foo", "bar"}]),
    "alternatives of which one is open": (r"(?:foo|\d+)", []),
    "alternatives at the top": ("foo|bar", [{"foo", "bar"}]),
    "nested alternatives": ("(?:a(?:foo|bar)|baz)", [{"foo", "bar", "baz"}]),
    "named groups": (r"(?P<x>foo)", [{"foo"}]),
    "what must follow": ("foo(?=bar)", [{"foo"}, {"bar"}]),
    "what must not": ("foo(?!bar)(?<!baz)", [{"foo"}]),
    "escapes": (r"\(foo\)", [{"(foo)"}]),
    "a set": ("foo[.;]bar", [{"foo"}, {"bar"}]),
    "a set with a bracket": (r"[^\]]x[]a]foo", [{"foo"}]),
    "edges": (r"^\bfoo bar$", [{"foo bar"}]),
    "anything": ("foo.bar", [{"foo"}, {"bar"}]),
    "lazy": ("(?:foo)*?bar", [{"bar"}]),
}


@pytest.mark.parametrize(("pattern", "expected"), CASES.values(), ids=list(CASES))
def test_the_words_a_pattern_needs(pattern: str, expected: list[set[str]]) -> None:
    """One of each set."""
    assert [set(clause) for clause in required(pattern)] == expected


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in CASES.values()])
@given(data=st.data())
def test_a_text_that_matches_has_them(pattern: str, data: st.DataObject) -> None:
    """For any text that Hypothesis makes of the pattern."""
    text = data.draw(st.from_regex(pattern))
    assert re.search(pattern, text)
    assert all(any(word in text for word in clause) for clause in required(pattern))


def test_every_rule_needs_something() -> None:
    """A rule without it would be tried on every sentence."""
    assert len(EVERY) > 100
    assert [rule.pattern for _, _, rule in EVERY if not rule.literals] == []


def test_no_rule_that_matches_is_left_out() -> None:
    """On every line of the golden passages and on their readings: what matches is among the applicable."""
    golden = Path(__file__).resolve().parent.parent / "golden" / "rules"
    made = [
        "it may be used for ‹C1›",
        "‹T1› is a type of ‹T2›",
        "if ‹U1›, ‹T2› may be used",
        "they bind to ‹M1›",
        "‹T1› can block ‹G2› or lower the levels",
        "doctors may recommend ‹T1› if ‹U2›",
        "‹X1› depends on ‹F2›",
    ]
    texts = [line[2:].lower() for path in golden.iterdir() for line in path.read_text("utf-8").splitlines()]
    matched = 0
    for text in [*texts, *made]:
        chosen = {id(rule) for _, rule in applicable(text, orphan=True)}
        for _, _, rule in EVERY:
            if rule.regex.search(text):
                matched += 1
                assert id(rule) in chosen, (rule.pattern, text)
    assert matched >= len(made)


def test_rules_for_broken_lists_are_for_those_only() -> None:
    """And come in the order of the table."""
    text = "‹S1› to ‹A2›"
    orphans = applicable(text, orphan=True)
    assert any(rule.orphan for _, rule in orphans)
    assert not any(rule.orphan for _, rule in applicable(text, orphan=False))
    places = [next(i for i, (_, _, r) in enumerate(EVERY) if r is rule) for _, rule in orphans]
    assert places == sorted(places)


@pytest.mark.parametrize("rule", [rule for _, _, rule in EVERY], ids=IDS)
def test_no_rule_is_slow(rule: Rule) -> None:
    """On the longest reading there can be, made of the rule's own words, names and pronouns."""
    words = [
        f"{word}1›" if re.fullmatch("‹[A-Z]", word) else word
        for clause in rule.literals
        for word in sorted(clause)[:6]
    ]
    common = [
        "it",
        "‹T1›",
        "‹G1›",
        "‹C1›",
        "‹S1›",
        "‹U1›",
        "‹A1›",
        "and",
        "to",
        "may",
        "also",
        ",",
        "that",
        "with",
    ]
    shuffled = random.Random(rule.pattern)
    length = 2 * LONGEST
    texts = [(f"{word} " * length)[:length] for word in words]
    texts += [(f"{' '.join(words[:-1])} " * length)[:length], (f"{' '.join(words)} " * length)[:length]]
    texts += ["".join(f"{shuffled.choice(words + common)} " for _ in range(length // 4))[:length]]
    for text in texts:
        start = time.process_time()
        sum(1 for _ in rule.regex.finditer(text))
        assert time.process_time() - start < 0.5, text[:80]
