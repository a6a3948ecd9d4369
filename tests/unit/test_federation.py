"""A SERVICE that the operator allows becomes VALUES before the engine sees it; any other stays as it is."""

from __future__ import annotations

import ipaddress
import json
import ssl
from typing import Any

import pytest

from graph.errors import QueryError, QueryRefused, QueryTooLarge, ServiceFailed, UsageError
from graph.store.calling import _trust, endpoint, public
from graph.store.federation import MOST_CALLS, MOST_ROWS, Call, calls_out, federated, values
from graph.store.guard import position
from graph.vocab import PREFIXES
from server.settings import Settings

BASE = "https://example.org/"
ALLOWED = ("https://a.example/sparql", "https://example.org/local")
CALL = Call(ALLOWED[0], False, "", frozenset({"a", "b"}), "")


def read(query: str) -> Any:
    return federated(query, ALLOWED, prefixes=PREFIXES, base=BASE)


def sent(query: str) -> list[tuple[str, bool, str]]:
    """What is asked of whom."""
    found = read(query)
    return [] if found is None else [(c.endpoint, c.silent, c.query.partition("\n")[2]) for c in found.calls]


ONE = "https://a.example/sparql"
SENT = {
    f"SELECT * {{ ?a ?b ?c . SERVICE <{ONE}> {{ ?a ?p ?o }} }}": [
        (ONE, False, "SELECT * WHERE { ?a ?p ?o }")
    ],
    f"ASK {{ service silent<{ONE}>{{?a ?p ?o}} }}": [(ONE, True, "SELECT * WHERE {?a ?p ?o}")],
    f"ASK {{ SERVIC\\u0045 <{ONE}> {{}} }}": [(ONE, False, "SELECT * WHERE {}")],
    "ASK { SERVICE <https://a.example/sp\\u0061rql> {} }": [(ONE, False, "SELECT * WHERE {}")],
    "ASK { SERVICE <local> {} }": [("https://example.org/local", False, "SELECT * WHERE {}")],
    "PREFIX e: <https://a.example/> ASK { SERVICE e:sparql { ?a e:b/drug:c ?d } }": [
        (
            ONE,
            False,
            f"PREFIX drug: <{PREFIXES['drug']}>\nPREFIX e: <https://a.example/>\nSELECT * WHERE {{ ?a e:b/drug:c ?d }}",
        )
    ],
    "BASE <https://a.example/> PREFIX drug: <x#> ASK { SERVICE <sparql> { ?a drug:b 'SERVICE }' } }": [
        (
            ONE,
            False,
            "BASE <https://a.example/>\nPREFIX drug: <x#>\nSELECT * WHERE { ?a drug:b 'SERVICE }' }",
        )
    ],
    f"ASK {{ SERVICE <{ONE}> {{ # }}\n {{ ?a ?b ?c }} UNION {{ SELECT ?d {{ ?d ?e '}}' }} }} }} ?d ?e ?f }}": [
        (ONE, False, "SELECT * WHERE { # }\n { ?a ?b ?c } UNION { SELECT ?d { ?d ?e '}' } } }")
    ],
    f"ASK {{ OPTIONAL {{ SERVICE <{ONE}> {{}} }} {{ SERVICE <local> {{}} }} UNION {{}} }}": [
        (ONE, False, "SELECT * WHERE {}"),
        ("https://example.org/local", False, "SELECT * WHERE {}"),
    ],
    f"ASK {{ FILTER NOT EXISTS {{ ?a ?b ?c }} SERVICE <{ONE}> {{}} }}": [(ONE, False, "SELECT * WHERE {}")],
    "ASK { SERVICE ?where { ?a ?b ?c } }": [],
    "ASK { SERVICE <https://b.example/sparql> {} }": [],
    f"ASK {{ SERVICE <{ONE}/> {{}} }}": [],
    f"ASK {{ ?a ?b 'SERVICE <{ONE}> {{}}' }} # SERVICE <{ONE}> {{}}": [],
    f"ASK {{ ?service ?b <{ONE}> . drug:SERVICE ?b ?c }}": [],
}


@pytest.mark.parametrize("query", SENT)
def test_what_is_sent_is_the_group_with_the_declarations_it_needs(query: str) -> None:
    """Prefixes of this graph that the query need not declare go with it; what is not allowed is left alone."""
    assert sent(query) == SENT[query]
    for call in getattr(read(query), "calls", ()):
        assert call.query.startswith(f"BASE <{BASE}>\n")


def test_the_solutions_take_the_place_of_the_group_and_lines_stay() -> None:
    """Everything else is as it was."""
    query = f"SELECT * {{\n  ?a ?b ?c .\n  SERVICE <{ONE}> {{\n ?a ?p ?o\n }} . ?d ?e ?f\n}}"
    found = read(query)
    mark = found.calls[0].mark
    filled = found.filled(found.query, {mark: "VALUES (?a) { (<x:y>) }"})
    assert filled == "SELECT * {\n  ?a ?b ?c .\n  VALUES (?a) { (<x:y>) }\n\n . ?d ?e ?f\n}"


@pytest.mark.parametrize(
    ("query", "what"),
    [
        (f"ASK {{ ?a ?b ?c FILTER EXISTS {{ SERVICE <{ONE}> {{}} }} }}", "EXISTS"),
        (f"ASK {{ ?a ?b ?c\nFILTER NOT EXISTS {{ {{ ?a ?b ?c . SERVICE <{ONE}> {{}} }} }} }}", "EXISTS"),
        (f"ASK {{ ?a ?b ?c LATERAL {{ SERVICE <{ONE}> {{}} }} }}", "LATERAL"),
        (f"ASK {{ SERVICE <{ONE}> {{ SERVICE <{ONE}> {{}} }} }}", "another SERVICE"),
        (f"ASK {{ SERVICE <{ONE}> {{ {{ service <http://127.0.0.1/> {{}} }} }} }}", "another SERVICE"),
        (f"ASK {{ {f'SERVICE <{ONE}> {{}} ' * (MOST_CALLS + 1)} }}", "more than"),
    ],
)
def test_where_values_would_mean_something_else_it_is_refused(query: str, what: str) -> None:
    """With the place, that of the last SERVICE, and what to do instead."""
    with pytest.raises(QueryRefused, match=what) as refused:
        read(query)
    place = position(query, query.upper().rindex("SERVICE"))
    assert (refused.value.line, refused.value.column) == place
    assert refused.value.mend


@pytest.mark.parametrize(
    "query", [f"ASK {{ SERVICE <{ONE}> }}", f"ASK {{ SERVICE <{ONE}> {{ ?a ?b", f"ASK {{ SERVICE <{ONE}>"]
)
def test_a_group_that_is_malformed_is_told(query: str) -> None:
    """No group, or one without an end."""
    with pytest.raises(QueryError) as caught:
        read(query)
    assert (caught.value.line, caught.value.column) == (1, 7)


def answer(variables: list[str], *rows: dict[str, dict[str, str]]) -> bytes:
    return json.dumps({"head": {"vars": variables}, "results": {"bindings": rows}}).encode()


IRI = {"type": "uri", "value": "http://x/y"}
TEXT = {"type": "literal", "value": 'a "b" \\ \n) }', "xml:lang": "en"}
NUMBER = {"type": "literal", "value": "1", "datatype": "http://www.w3.org/2001/XMLSchema#integer"}


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (answer(["a"], {"a": IRI}, {}), "VALUES (?a) { (<http://x/y>) (UNDEF) }"),
        (answer(["b", "a"], {"a": TEXT}), 'VALUES (?b ?a) { (UNDEF "a \\"b\\" \\\\ \\n) }"@en) }'),
        (
            answer(["a"], {"a": NUMBER}),
            'VALUES (?a) { ("1"^^<http://www.w3.org/2001/XMLSchema#integer>) }',
        ),
        (answer(["a"]), "VALUES (?a) {  }"),
        (answer([]), "VALUES () {  }"),
        (answer([], {}, {}), "VALUES () { () () }"),
    ],
)
def test_solutions_become_values(given: bytes, written: str) -> None:
    """Each term as the engine reads it; what is unbound is UNDEF; solutions without variables count."""
    assert values(CALL, given) == written


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (answer(["a"], {"a": {"type": "bnode", "value": "b"}}), QueryRefused),
        (answer(["c"]), ServiceFailed),
        (answer(["a) {} SERVICE"]), ServiceFailed),
        (answer(["a"], {"a": {"type": "uri", "value": "http://x> ) } SERVICE <http://y"}}), ServiceFailed),
        (answer(["a"], {"a": NUMBER | {"datatype": "x> y"}}), ServiceFailed),
        (answer(["a"], *[{"a": IRI}] * (MOST_ROWS + 1)), QueryTooLarge),
        (answer(["a"], {"a": IRI})[:-3], ServiceFailed),
        (b'{"head": {}, "boolean": true}', ServiceFailed),
        (b"<html>", ServiceFailed),
        (b"", ServiceFailed),
        (b"\xff\xfe", ServiceFailed),
        (b"[" * 100_000, ServiceFailed),
    ],
)
def test_what_is_no_whole_sound_answer_is_an_error(given: bytes, error: type[Exception]) -> None:
    """Cut, of another kind, more than allowed, or made to be something else in the query."""
    with pytest.raises(error):
        values(CALL, given)


def test_whether_a_query_calls_out_is_seen_behind_escapes_and_not_in_strings() -> None:
    """What calls out has no validator."""
    assert calls_out("ASK { SERVICE <x:y> {} }")
    assert calls_out("ASK { servic\\u0065 <x:y> {} . service ?x {} }")
    assert not calls_out("ASK { ?a her2kg:Service 'SERVICE' } # SERVICE")


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("255.255.255.255", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:80ff:fffe", False),
    ],
)
def test_only_addresses_of_the_public_internet_are_public(address: str, is_public: bool) -> None:
    """Not those of this machine, of a network like it, of a cloud's metadata, or of IPv4 in disguise."""
    assert public(ipaddress.ip_address(address)) is is_public


@pytest.mark.parametrize(
    "text",
    [
        "ftp://a.example/",
        "a.example/sparql",
        "file:///etc/passwd",
        "https://",
        "https://user:pass@a.example/",
        "https://a.example/#x",
        "https://a.example:0/",
        "https://a.example:99999/",
        "https://a.example/<x>",
        "https://[::1",
        "*",
    ],
)
def test_an_endpoint_is_an_http_address_without_more(text: str) -> None:
    """Anything else in the setting is an error when the server starts."""
    with pytest.raises(ValueError, match=r"."):
        endpoint(text)


def test_tls_is_verified() -> None:
    """Against the authorities that the system trusts, and against the name."""
    assert _trust().verify_mode == ssl.CERT_REQUIRED
    assert _trust().check_hostname


def test_the_setting_is_a_list_of_addresses() -> None:
    """By spaces or commas, each once; it becomes a limit of the store, which allows nobody without it."""
    both = "https://a.example/sparql, http://127.0.0.1:1/x\nhttps://a.example/sparql"
    settings = Settings.load({}, {"HER2KG_FEDERATION": both})
    assert settings.limits.endpoints == ("https://a.example/sparql", "http://127.0.0.1:1/x")
    assert Settings.load({}, {}).limits.endpoints == ()
    with pytest.raises(UsageError, match="HER2KG_FEDERATION"):
        Settings.load({}, {"HER2KG_FEDERATION": "*"})
