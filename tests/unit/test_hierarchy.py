"""Hierarchies of classes: links that others imply go, circles and depth do no harm."""

from __future__ import annotations

import sys

from server.hierarchy import DEEPEST, Branch, Hierarchy


def written(branches: tuple[Branch, ...]) -> str:
    """A tree as `a(b, c)`; `?` marks what is inferred, `^` what opens elsewhere."""
    return ", ".join(
        b.iri + "?" * b.inferred + "^" * b.again + (f"({written(b.below)})" if b.below else "")
        for b in branches
    )


def test_a_link_that_others_imply_is_left_out() -> None:
    """A reasoner's class in between takes the place of a told link, and is marked as inferred."""
    found = Hierarchy([("drug", "thing"), ("therapy", "thing")], [("drug", "therapy")])
    assert written(found.tree(["drug", "therapy", "thing"], key=str)) == "thing(therapy(drug?))"
    assert found.ancestors("drug") == {"therapy", "thing"}
    assert found.path("drug") == ["thing", "therapy", "drug"]


def test_what_has_two_wider_terms_stands_under_both() -> None:
    """Its own branches are given once."""
    found = Hierarchy([("c", "a"), ("c", "b"), ("d", "c")])
    assert written(found.tree("abcd", key=str)) == "a(c(d)), b(c^)"


def test_the_shortest_path_is_shown() -> None:
    """Of two ways to a root, the shorter one."""
    found = Hierarchy([("d", "c"), ("c", "b"), ("b", "a"), ("d", "z")])
    assert found.path("d") == ["z", "d"]
    assert found.path("a") == ["a"]


def test_circles_end() -> None:
    """Equivalent terms stand in each other once; every term is in the tree, and has a path."""
    found = Hierarchy([("a", "b"), ("b", "a"), ("c", "a"), ("x", "x")])
    assert written(found.tree("abcx", key=str)) == "x, a(b(a^), c)"
    assert found.path("c")[-1] == "c"
    assert found.path("a")[-1] == "a"


def test_a_deep_chain_is_cut_into_pieces() -> None:
    """Thousands of levels neither overflow the stack nor lose a term."""
    names = [f"{n:05}" for n in range(3 * sys.getrecursionlimit())]
    found = Hierarchy(zip(names[1:], names[:-1], strict=True)).tree(names[:1500], key=str)
    assert sum(written((branch,)).count("(") for branch in found) > 1000
    assert len(found) == -(-1500 // (DEEPEST + 1))


def test_a_lattice_does_not_blow_up() -> None:
    """Forty levels of pairs have 2**40 ways down; the tree has each term's branches once."""
    links = [(f"{n + 1}{i}", f"{n}{j}") for n in range(10, 50) for i in "ab" for j in "ab"]
    terms = sorted({term for link in links for term in link})
    assert len(written(Hierarchy(links).tree(terms, key=str))) < 2_000
