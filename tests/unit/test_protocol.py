"""What a request asks is read as the standard says, and as fast as it can be."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, quote_plus, unquote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph.errors import QueryError, UsageError
from server.sparql.protocol import MAX_PARAMETERS, parse, unquoted

ENCODED = st.lists(st.sampled_from([*"%+=&aZ0_~ ", "%2", "%3D", "%zz", "%41", "=3D", "\r\n", "%C3%A9"])).map(
    "".join
)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_quoted_is_read_back(text: str) -> None:
    """By either way of writing a space, whatever the characters."""
    assert unquoted(quote_plus(text).encode()) == unquoted(quote(text).encode()) == text


@given(ENCODED)
@example("100%")
@example("%")
@example("a=\r\nb=3D%3d")
def test_stray_signs_are_read_as_urllib_reads_them(text: str) -> None:
    """A percent sign that encodes nothing stays; an equals sign is one; a line may end anywhere."""
    try:
        expected = unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(UnicodeDecodeError):
            unquoted(text.encode())
    else:
        assert unquoted(text.encode()) == expected


@given(ENCODED)
def test_parameters_are_those_that_urllib_finds(text: str) -> None:
    """All values of each, in order, the empty ones too; and what it cannot decode is an error here too."""
    try:
        expected = parse_qs(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(QueryError, match="not UTF-8"):
            parse(text.encode(), "the address")
    else:
        assert parse(text.encode(), "the address") == expected


def test_what_is_not_utf8_or_too_much_is_told() -> None:
    """In words, not as a decoder's complaint."""
    with pytest.raises(QueryError, match="not UTF-8"):
        parse(b"query=%ff", "the address")
    with pytest.raises(UsageError, match=f"more than {MAX_PARAMETERS}"):
        parse(b"&".join([b"a=b"] * (MAX_PARAMETERS + 1)), "the body")
    assert len(parse(b"&".join([b"a=b"] * MAX_PARAMETERS), "the body")["a"]) == MAX_PARAMETERS
