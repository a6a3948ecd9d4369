"""The lexicon: names are found where they stand, whatever their case, quotes and dashes, and only there."""

from __future__ import annotations

import sys

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.extract import load_lexicon
from graph.extract.inflection import plural, variants
from graph.extract.lexicon import FAMILIES, MENTION_TYPES, build_lexicon, level, longest
from graph.vocab import KINDS, PREFIXES

LEXICON = load_lexicon()


def names(text: str) -> list[tuple[str, str]]:
    """Surface and slug of what is found, where the longest wins."""
    found = longest(LEXICON.find(text))
    return [(text[m.span.start : m.span.end], m.entry.iri.rpartition("/")[2]) for m in found]


def test_levelling_keeps_the_length_of_every_character() -> None:
    """Of all of Unicode: some characters have more than one lower-case letter."""
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, sys.maxunicode + 1))))
    assert len(level(every)) == len(every)
    assert level("İẞ“A”—\u00a0") == 'İß"a"- '


@given(st.text())
def test_levelling_is_done_once(text: str) -> None:
    """Levelling again changes nothing."""
    assert len(level(text)) == len(text)
    assert level(level(text)) == level(text)


FOUND = {
    "any case": ("LETROZOLE and Letrozole", ["letrozole", "letrozole"]),
    "a brand": ("Ibrance", ["palbociclib"]),
    "plurals": ("aromatase inhibitors, mastectomies", ["aromatase-inhibitor", "mastectomy"]),
    "dashes of all kinds": (
        "HER2\u2011negative antibody–drug conjugate",
        ["her2-negative", "antibody-chemotherapy-conjugate"],
    ),
    "hard spaces": ("breast\u00a0cancer", ["breast-cancer"]),
    "the longest": ("triple-negative breast cancer", ["triple-negative-breast-cancer"]),
    "abbreviations by case": ("by IV", ["into-a-vein"]),
    "no abbreviation in another case": ("iv er fda", []),
    "an abbreviation": ("the FDA", ["food-and-drug-administration"]),
    "no part of a word": ("letrozoles letrozolex xletrozole", []),
    "a glued link label": ("palbociclibTrusted Source", ["palbociclib"]),
    "beside punctuation": ("(letrozole),letrozole;", ["letrozole", "letrozole"]),
    "not broken by a soft hyphen": ("letro\u00adzole", []),
    "beside right-to-left text": ("אletrozole א letrozole", ["letrozole"]),
}


@pytest.mark.parametrize(("text", "slugs"), FOUND.values(), ids=list(FOUND))
def test_a_name_is_found_as_texts_write_it(text: str, slugs: list[str]) -> None:
    """By its slug."""
    assert [slug for _, slug in names(text)] == slugs


@given(st.text(max_size=30), st.text(max_size=30))
def test_offsets_are_those_of_the_raw_text(before: str, after: str) -> None:
    """Whatever stands around it: the surface of a match is what was written."""
    text = f"{before} LETROZOLE {after}"
    spans = [m.span for m in LEXICON.find(text) if m.entry.iri.endswith("/letrozole")]
    assert "LETROZOLE" in {text[s.start : s.end] for s in spans}


def test_every_name_finds_its_thing() -> None:
    """Every name of the vocabulary, alone in a text, is found whole."""
    lost = [
        name
        for name, claims in LEXICON.names.items()
        if not {(0, len(name), c.entry.iri) for c in claims}
        <= {(m.span.start, m.span.end, m.entry.iri) for m in LEXICON.find(name)}
    ]
    assert lost == []
    assert len(LEXICON.names) > 1000


def test_the_better_rank_keeps_a_shared_name() -> None:
    """A label wins over another thing's hidden label; things of other families keep theirs beside it."""
    lexicon = build_lexicon(
        ox.parse(
            "\n".join(
                [
                    *(f"@prefix {prefix}: <{iri}> ." for prefix, iri in PREFIXES.items()),
                    'drug:one rdfs:label "one"@en ; skos:hiddenLabel "shared"@en .',
                    'drug:two rdfs:label "shared"@en .',
                    'topic:three rdfs:label "shared"@en .',
                    'polarity:affirmed rdfs:label "affirmed"@en .',
                ]
            ).encode(),
            format=ox.RdfFormat.TURTLE,
        )
    )
    assert {c.entry.iri.rpartition("/")[2] for c in lexicon.names["shared"]} == {"two", "three"}
    assert "affirmed" not in lexicon.names


def test_the_digest_follows_the_names() -> None:
    """The same vocabulary, the same digest; a name more, another."""
    line = f'<{PREFIXES["drug"]}x> <{PREFIXES["rdfs"]}label> "x"@en .'.encode()
    more = f'<{PREFIXES["drug"]}x> <{PREFIXES["skos"]}altLabel> "y"@en .'.encode()

    def digest(data: bytes) -> str:
        return build_lexicon(ox.parse(data, format=ox.RdfFormat.TURTLE)).digest

    assert digest(line) == digest(line)
    assert digest(line) != digest(line + b"\n" + more)


def test_every_kind_that_texts_name_exists() -> None:
    """The tables speak of kinds of the model only."""
    assert set(FAMILIES) <= set(KINDS)
    assert set(MENTION_TYPES) <= set(FAMILIES)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("inhibitor", "inhibitors"),
        ("biopsy", "biopsies"),
        ("taxane", "taxanes"),
        ("mass", "mass"),
        ("box", "boxes"),
    ],
)
def test_plurals_are_regular(name: str, expected: str) -> None:
    """Nouns that end in s keep their form."""
    assert plural(name) == expected


def test_an_aim_has_its_verb_in_other_forms() -> None:
    """The -ing and the -s form, with other determiners or none."""
    forms = set(variants("shrink the tumor", "aim"))
    assert {"shrink the tumor", "shrinking the tumor", "shrinks a tumor", "shrinking tumor"} <= forms
    assert "removing the cancer" in set(variants("remove the cancer", "aim"))
    assert "stopping the cancer" in set(variants("stop the cancer", "aim"))


@pytest.mark.parametrize(
    ("name", "kind", "other"),
    [
        ("destroy the tumor", "aim", "killing a tumor"),
        ("eliminate the tumor", "aim", "getting rid of the tumor"),
        ("stop the tumor from growing", "aim", "keeps the tumor from growing"),
        ("risk of a stroke", "aim", "reducing the risk of a stroke"),
        ("lower the risk of a stroke", "aim", "reduces the risk of a stroke"),
        ("remove the tumor as far as possible", "aim", "removing as much of the tumor as possible"),
        ("take it out as far as possible", "aim", "taking out as much of it as possible"),
        ("use drugs", "aim", "better ways to use drugs"),
        ("binding of A to B", "target", "A from binding to B"),
        ("immune cell growth", "target", "growth of immune cells"),
        ("the main therapy", "setting", "as the main therapy"),
        ("how they bear their illness", "factor", "how you bear your illness"),
        ("drugs they've had", "factor", "drugs you've had"),
    ],
)
def test_a_name_has_other_turns(name: str, kind: str, other: str) -> None:
    """Of its kind only: a drug named so would have none."""
    assert other in set(variants(name, kind))
    assert other not in set(variants(name, "drug"))
