"""Who asks is told by trusted proxies only; whatever a stranger claims changes nothing."""

from __future__ import annotations

import pytest

from server.proxies import Origin, Proxies, parsed, site

FOR = "x-forwarded-for"
NEAR, OUTER, CLIENT, LIE = "10.0.0.1", "10.0.0.2", "203.0.113.9", "198.51.100.1"


@pytest.mark.parametrize(
    ("trusted", "connection", "fields", "client"),
    [
        ("0", NEAR, [(FOR, LIE)], NEAR),
        ("1", NEAR, [(FOR, CLIENT)], CLIENT),
        ("1", NEAR, [(FOR, f"{LIE}, {CLIENT}")], CLIENT),
        ("1", NEAR, [(FOR, LIE), (FOR, CLIENT)], CLIENT),
        ("1", NEAR, [], NEAR),
        ("2", NEAR, [(FOR, f"{LIE}, {CLIENT}, {OUTER}")], CLIENT),
        ("2", NEAR, [(FOR, CLIENT)], CLIENT),
        ("10.0.0.0/8", NEAR, [(FOR, f"{LIE},{CLIENT},{OUTER}")], CLIENT),
        ("10.0.0.0/8", LIE, [(FOR, CLIENT)], LIE),
        ("10.0.0.1", NEAR, [(FOR, f"{CLIENT}, {OUTER}")], OUTER),
        ("10.0.0.0/8", NEAR, [(FOR, f"{OUTER}, {OUTER}")], OUTER),
        ("1", NEAR, [(FOR, "unknown")], NEAR),
        ("1", NEAR, [(FOR, f"{LIE}, ")], NEAR),
        ("2", NEAR, [(FOR, f"{LIE}, ' OR 1=1, {OUTER}")], OUTER),
        ("1", NEAR, [(FOR, f"{CLIENT}:4711")], CLIENT),
        ("1", NEAR, [(FOR, "[2001:db8:1:2:3::4]:4711")], "2001:db8:1:2::/64"),
        ("1", NEAR, [(FOR, "2001:db8:1:2:ffff::1")], "2001:db8:1:2::/64"),
        ("1", NEAR, [(FOR, f"::ffff:{CLIENT}")], CLIENT),
        ("1", NEAR, [("forwarded", f"for={LIE}, for={CLIENT};proto=https")], CLIENT),
        ("1", NEAR, [("forwarded", 'for="[2001:db8::1]:80"')], "2001:db8::/64"),
        ("1", NEAR, [("forwarded", f'for="{CLIENT},{LIE}"')], NEAR),
        ("1", NEAR, [("forwarded", "for=_hidden")], NEAR),
        ("1", NEAR, [("forwarded", f"for={CLIENT}"), (FOR, LIE)], CLIENT),
        ("1", NEAR, [(FOR, ", ".join([LIE] * 500 + [CLIENT]))], CLIENT),
        ("::ffff:0:0/96,10.0.0.1", f"::ffff:{NEAR}", [(FOR, CLIENT)], CLIENT),
    ],
)
def test_the_client_is_the_last_one_that_no_proxy_vouches_for(
    trusted: str, connection: str, fields: list[tuple[str, str]], client: str
) -> None:
    """However long the chain is that a client made up."""
    assert parsed(trusted).origin(connection, fields).client == client


@pytest.mark.parametrize(
    ("fields", "scheme", "host"),
    [
        ([("x-forwarded-proto", "https"), ("x-forwarded-host", "kg.example")], "https", "kg.example"),
        ([(FOR, CLIENT), ("x-forwarded-proto", "HTTPS")], "https", None),
        ([(FOR, f"{LIE}, {CLIENT}"), ("x-forwarded-proto", "http, https")], "https", None),
        ([(FOR, f"{LIE}, {CLIENT}"), ("x-forwarded-host", "evil.example, kg.example")], None, "kg.example"),
        ([(FOR, CLIENT), ("x-forwarded-proto", "javascript")], None, None),
        ([(FOR, CLIENT), ("x-forwarded-host", 'kg.example"><script>')], None, None),
        ([(FOR, CLIENT), ("x-forwarded-host", "[2001:db8::1]:8443")], None, "[2001:db8::1]:8443"),
        ([("forwarded", f"for={CLIENT};proto=https;host=kg.example")], "https", "kg.example"),
    ],
)
def test_a_proxy_says_how_it_was_asked(
    fields: list[tuple[str, str]], scheme: str | None, host: str | None
) -> None:
    """Its scheme and its host, where they are plausible; a stranger's count for nothing."""
    origin = parsed("1").origin(NEAR, fields)
    assert (origin.scheme, origin.host) == (scheme, host)
    assert Proxies().origin(NEAR, fields) == Origin(NEAR)


@pytest.mark.parametrize("text", ["-1", "33", "one", "10.0.0.0/33", "10.0.0.1/8", "1.2.3", "a,b", ",", "1e3"])
def test_what_names_no_proxies_is_refused(text: str) -> None:
    """With what is wanted; a network whose host bits are set is a mistake."""
    with pytest.raises(ValueError, match="how many proxies"):
        parsed(text)


def test_who_has_an_address_has_its_network() -> None:
    """That of IPv6; one of IPv4 is alone."""
    assert site("2001:db8::1") == site("2001:db8::ffff") == "2001:db8::/64"
    assert site("::ffff:192.0.2.1") == "192.0.2.1"
    assert site("no address") == "no address"
