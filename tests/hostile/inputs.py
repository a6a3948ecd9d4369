"""Bad inputs, in one table: what is sent to a SPARQL endpoint, and what this project's may answer.

The tests ask our own server, `tests/benchmarks/test_bad_inputs.py` the servers of others too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EX: Final = "http://example.org/dense/"
NODES: Final = 60
DENSE: Final = "".join(
    f"<{EX}{a}> <{EX}to> <{EX}{b}> .\n" for a in range(NODES) for b in range(NODES) if a != b
)
"""N-Triples: a graph in which every node leads to every other."""

A: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
TO: Final = f"<{EX}to>"
DIGIT: Final = "0 1 2 3 4 5 6 7 8 9"
QUERY: Final = "application/sparql-query"
FORM: Final = "application/x-www-form-urlencoded"

OK, LIMITS, BAD = frozenset({200}), frozenset({413, 503, 504}), frozenset({400})
"""An answer, a limit told, and that the query will not do."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query that is posted as it is: `text`, or bytes that are no text."""

    name: str
    text: str | bytes
    may: frozenset[int]


@dataclass(frozen=True, slots=True)
class Wire:
    """Bytes of a connection; `%HOST%` and `%PATH%` stand for the endpoint's. 0 in `may` is that it was closed."""

    name: str
    sent: bytes
    may: frozenset[int]

    def bytes_for(self, host: str, path: str) -> bytes:
        """What goes to one endpoint."""
        return self.sent.replace(b"%HOST%", host.encode()).replace(b"%PATH%", path.encode())


def around(before: str, core: str, after: str, times: int) -> str:
    """Something in brackets in brackets."""
    return before * times + core + after * times


def values(*names: str) -> str:
    """A product of digits: ten to the power of as many as there are names."""
    return " ".join(f"VALUES ?{name} {{ {DIGIT} }}" for name in names)


def doubled(times: int, first: str = '"x"') -> str:
    """A text that doubles with each step."""
    steps = (f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(times))
    return f"BIND({first} AS ?x0) {' '.join(steps)}"


def get(query: str, *fields: str, path: str = "%PATH%", method: str = "GET", version: str = "1.1") -> bytes:
    """A request with a query in its address, as given."""
    head = [f"{method} {path}?{query} HTTP/{version}", "Host: %HOST%", *fields, "Connection: close"]
    return ("\r\n".join(head) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def post(body: bytes, *fields: str, media_type: str = QUERY) -> bytes:
    """A request with a body, as given."""
    head = [
        "POST %PATH% HTTP/1.1",
        "Host: %HOST%",
        f"Content-Type: {media_type}",
        *(fields or [f"Content-Length: {len(body)}"]),
        "Connection: close",
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


DEEP: Final = (
    Query("100,000 brackets", f"ASK {{ FILTER({around('(', '1', ')', 100_000)}) }}", BAD),
    Query("100,000 open brackets and no end", "ASK { FILTER(" + "(" * 100_000, BAD),
    Query("1,500 brackets", f"ASK {{ FILTER({around('(', '1', ')', 1_500)}) }}", OK | BAD),
    Query("50,000 groups", f"ASK {around('{', '', '}', 50_000)}", BAD),
    Query(
        "1,900 OPTIONALs in each other",
        f"ASK {{ {around('OPTIONAL { ?s ?p ?o ', '', '}', 1_900)} }}",
        OK | BAD | LIMITS,
    ),
    Query(
        "900 EXISTS in each other",
        f"ASK {{ {around('FILTER EXISTS { ?s ?p ?o ', '', '}', 900)} }}",
        OK | BAD | LIMITS,
    ),
    Query(
        "900 SELECTs in each other",
        f"ASK {{ {around('{ SELECT * { ', '?s ?p ?o', '} }', 900)} }}",
        OK | BAD | LIMITS,
    ),
    Query("1,900 paths in each other", f"ASK {{ ?s {around('(', TO, ')*', 1_900)} ?o }}", OK | BAD | LIMITS),
    Query(
        "1,900 collections in each other",
        f"ASK {{ ?s ?p {around('(', '1', ')', 1_900)} }}",
        OK | BAD | LIMITS,
    ),
    Query(
        "1,900 nameless nodes in each other",
        f"ASK {{ ?s ?p {around('[ ?p ', '1', ']', 1_900)} }}",
        OK | BAD | LIMITS,
    ),
    Query("100,000 negations", f"ASK {{ FILTER({'!' * 100_000}true) }}", OK | BAD),
    Query("100,000 minus signs", f"ASK {{ FILTER({'- ' * 100_000}1 = 1) }}", OK | BAD),
    Query("100,000 inverse paths", f"ASK {{ ?s {'^' * 100_000}{TO} ?o }}", OK | BAD),
)

LONG: Final = (
    Query("30 MB of comment", "ASK {} #" + "x" * 30_000_000, frozenset({413})),
    Query("4,000 UNIONs", "ASK { " + " UNION ".join(["{ ?s ?p ?o }"] * 4_000) + " }", OK | BAD | LIMITS),
    Query("50,000 UNIONs", "ASK { " + " UNION ".join(["{ ?s ?p 1 }"] * 50_000) + " }", OK | BAD | LIMITS),
    Query(
        "100,000 rows of VALUES",
        f"SELECT (COUNT(*) AS ?n) {{ VALUES ?v {{ {'1 ' * 100_000} }} }}",
        OK | LIMITS,
    ),
    Query(
        "5,000 triple patterns",
        "ASK { " + "".join(f"?v{n} ?p ?v{n + 1} ." for n in range(5_000)) + " }",
        OK | BAD | LIMITS,
    ),
    Query("50,000 triple patterns", "ASK { " + f"?s {A} ?o ." * 50_000 + " }", OK | BAD | LIMITS),
    Query("100,000 in a list", f"ASK {{ FILTER(1 IN ({', '.join(['1'] * 100_000)})) }}", OK | LIMITS),
    Query(
        "20,000 alternatives in OR",
        f"ASK {{ ?s ?p ?o FILTER({' || '.join(['?o = 1'] * 20_000)}) }}",
        OK | BAD | LIMITS,
    ),
    Query("50,000 additions", f"ASK {{ FILTER({'+'.join(['1'] * 50_000)} > 0) }}", OK | BAD | LIMITS),
    Query("20,000 steps of a path", f"ASK {{ ?s {'/'.join([TO] * 20_000)} ?o }}", OK | BAD | LIMITS),
    Query("20,000 alternatives of a path", f"ASK {{ ?s {'|'.join([TO] * 20_000)} ?o }}", OK | BAD | LIMITS),
    Query(
        "20,000 prefixes",
        "".join(f"PREFIX p{n}: <http://x/> " for n in range(20_000)) + "ASK {}",
        OK | LIMITS,
    ),
    Query("a literal of 900 kB", f'ASK {{ FILTER(STRLEN("{"x" * 900_000}") > 0) }}', OK),
    Query("an IRI of 900 kB", f"ASK {{ <http://x/{'x' * 900_000}> ?p ?o }}", OK),
    Query("a number of 900,000 digits", f"ASK {{ FILTER({'9' * 900_000} > 0) }}", OK | BAD | LIMITS),
)

DEAR: Final = (
    Query(
        "a product without end",
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?a != ?z) }",
        LIMITS,
    ),
    Query(
        "a sort of a product", f"SELECT * {{ {values(*'abcdefgh')} }} ORDER BY DESC(?h) ?a LIMIT 1", LIMITS
    ),
    Query("a DISTINCT of a product", f"SELECT DISTINCT * {{ {values(*'abcdefgh')} }}", LIMITS),
    Query(
        "ten million groups",
        f"SELECT ?a ?b ?c ?d ?e ?f ?g (COUNT(*) AS ?n) {{ {values(*'abcdefgh')} }} GROUP BY ?a ?b ?c ?d ?e ?f ?g",
        LIMITS,
    ),
    Query(
        "paths over a dense graph",
        f"SELECT (COUNT(*) AS ?n) {{ ?a {TO}* ?b . ?b ({TO}/{TO}*)+ ?c . ?c ({TO}|^{TO})* ?d . ?d {TO}+ ?e . ?e {TO}* ?f }}",
        LIMITS,
    ),
    Query(
        "paths of paths over all",
        "SELECT (COUNT(*) AS ?n) { ?a (!<x:y>|^!<x:y>)* ?b . ?b ((!<x:y>)*/(!<x:y>)*)* ?c }",
        OK | LIMITS,
    ),
    Query("a regular expression that goes back", f'ASK {{ FILTER(REGEX("{"a" * 40}!", "^(a+)+$")) }}', OK),
    Query(
        "a hundred that go back",
        f'SELECT * {{ {values("p", "q")} FILTER(REGEX(CONCAT("{"a" * 40}", STR(?p), "!"), "^(a|a|aa)+$")) }}',
        OK,
    ),
    Query(
        "a regular expression that swells",
        'ASK { FILTER(REGEX("x", "((((x{100}){100}){100}){100}){100}")) }',
        OK | LIMITS,
    ),
    Query("a text doubled 40 times", f"SELECT (STRLEN(?x40) AS ?n) {{ {doubled(40)} }}", LIMITS),
    Query("a text doubled 29 times, sent", f"SELECT ?x29 {{ {doubled(29)} }}", LIMITS),
    Query(
        "REPLACE that swells",
        f'SELECT (STRLEN(?r3) AS ?n) {{ {doubled(10)} BIND(REPLACE(?x10, "x", ?x10) AS ?r1) BIND(REPLACE(?r1, "x", ?x10) AS ?r2) BIND(REPLACE(?r2, "x", ?x10) AS ?r3) }}',
        LIMITS,
    ),
    Query(
        "GROUP_CONCAT of a product",
        f'SELECT (GROUP_CONCAT(CONCAT("{"x" * 1000}", STR(?a))) AS ?all) {{ {values(*"abcdefg")} }}',
        LIMITS,
    ),
    Query(
        "ENCODE_FOR_URI of much",
        f"SELECT (STRLEN(ENCODE_FOR_URI(ENCODE_FOR_URI(?x27))) AS ?n) {{ {doubled(27, chr(34) + '%' + chr(34))} }}",
        OK | LIMITS,
    ),
    Query("hashes of much", f"SELECT (SHA512(?x26) AS ?n) {{ {doubled(26)} }}", OK | LIMITS),
    Query("100 million rows", f"SELECT * {{ {values(*'abcdefgh')} }}", LIMITS),
    Query(
        "100 million triples",
        f"CONSTRUCT {{ ?a ?b ?c }} {{ {values(*'defgh')} ?a ?b ?c . ?i ?j ?k . ?l ?m ?n }}",
        LIMITS | BAD,
    ),
    Query("DESCRIBE of everything, often", "DESCRIBE * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", LIMITS | OK),
)

ODD: Final = (
    Query("no UTF-8", b"ASK { FILTER('\xff\xfe' = '') }", BAD),
    Query("UTF-16", "ASK {}".encode("utf-16"), BAD),
    Query("a byte order mark", b"\xef\xbb\xbfASK {}", OK | BAD),
    Query("a NUL", "ASK { FILTER('\0' = '') }", OK | BAD),
    Query("a lone surrogate, escaped", "ASK { FILTER('\\uD800' = '') }", OK | BAD),
    Query("a lone surrogate, in bytes", b"ASK { FILTER('\xed\xa0\x80' = '') }", BAD),
    Query("a character beyond Unicode", "ASK { FILTER('\\UFFFFFFFF' = '') }", BAD),
    Query("an overlong encoding", b"ASK { FILTER('\xc0\xaf' = '/') }", BAD),
    Query("only white space", " \t\r\n" * 1000, BAD),
    Query("nothing", "", BAD),
    Query("binary", bytes(range(256)) * 64, BAD),
    Query("a call to another service", "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", BAD),
    Query("a file as a graph", "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", BAD),
    Query(
        "a date of no calendar",
        'ASK { FILTER("9999999999999-99-99T99:99:99Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> > NOW()) }',
        OK | BAD,
    ),
    Query("an offset beyond numbers", f"SELECT * {{ ?s ?p ?o }} OFFSET {'9' * 30}", OK | BAD),
    Query("a limit beyond numbers", f"SELECT * {{ ?s ?p ?o }} LIMIT {'9' * 30}", OK | BAD),
    Query(
        "SUBSTR beyond all", 'SELECT (SUBSTR("é", -9223372036854775808, 9223372036854775807) AS ?s) {}', OK
    ),
)

HTTP: Final = (
    Wire("bad percent-encoding", get("query=ASK%7B%7D%zz%"), OK | BAD),
    Wire("percent-encoded no UTF-8", get("query=ASK%7B%7D%23%ff%fe"), BAD),
    Wire("percent-encoded twice", get("query=ASK%257B%257D"), BAD),
    Wire("percent-encoded NUL", get("query=ASK%7B%7D%00"), BAD),
    Wire("plain bytes in the address", get("query=ASK{}#\udcff\udcfe"), frozenset({400})),
    Wire("the query twice", get("query=ASK%7B%7D&query=ASK%7B%7D"), BAD),
    Wire("the query empty", get("query="), OK),
    Wire("parameters without names", get("=&=&&&=x&query=ASK%7B%7D"), OK),
    Wire("1,000 parameters", get("query=ASK%7B%7D" + "&a=1" * 1_000), BAD),
    Wire("an unknown format", get("query=ASK%7B%7D&format=exe"), BAD),
    Wire("a graph that is no IRI", get("query=ASK%7B%7D&default-graph-uri=%3Cx%20y"), BAD),
    Wire("a release that climbs", get("query=ASK%7B%7D&release=../../etc"), frozenset({404})),
    Wire("an address of 100 kB", get("query=ASK%7B%7D%23" + "x" * 100_000), frozenset({414, 431, 400})),
    Wire(
        "a path that climbs",
        get("query=ASK%7B%7D", path="/static/../../../../etc/passwd"),
        frozenset({400, 404}),
    ),
    Wire(
        "a path that climbs, encoded",
        get("", path="/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd"),
        frozenset({400, 404}),
    ),
    Wire("a path with a NUL", get("", path="/page/drug/%00"), frozenset({400, 404})),
    Wire("a path of no UTF-8", get("", path="/page/drug/%ff%fe"), frozenset({400, 404})),
    Wire("a header of 1 MB", get("query=ASK%7B%7D", "X-Big: " + "x" * 1_000_000), frozenset({431, 400, 0})),
    Wire("200 headers", get("query=ASK%7B%7D", *(f"X-{n}: 1" for n in range(200))), frozenset({200, 431})),
    Wire(
        "20,000 headers",
        get("query=ASK%7B%7D", *(f"X-{n}: 1" for n in range(20_000))),
        frozenset({431, 400, 0}),
    ),
    Wire(
        "an Accept of 10,000 ranges",
        get("query=ASK%7B%7D", "Accept: " + ",".join(["a/b;q=0.1"] * 10_000)),
        frozenset({200, 406}),
    ),
    Wire(
        "an Accept of nonsense",
        get("query=ASK%7B%7D", "Accept: ;;;,,,/,*/,q=,\x01"),
        frozenset({200, 400, 406}),
    ),
    Wire(
        "a quality of nonsense",
        get("query=ASK%7B%7D", "Accept: */*;q=nan, text/csv;q=1e999"),
        frozenset({200, 406}),
    ),
    Wire("Accept-Encoding of nonsense", get("query=ASK%7B%7D", "Accept-Encoding: gzip;q=-1,zstd;q=,,;"), OK),
    Wire(
        "a condition of nonsense",
        get("query=ASK%7B%7D", 'If-None-Match: """,W/,"', "If-Modified-Since: 99 Foo 0000"),
        OK,
    ),
    Wire(
        "bytes in a header",
        get("query=ASK%7B%7D", "Accept: \udcff\udcfe", "Cookie: \udc80"),
        frozenset({200, 400}),
    ),
    Wire("a folded header", get("query=ASK%7B%7D", "X-A: 1\r\n  2"), frozenset({200, 400})),
    Wire("a header without a name", get("query=ASK%7B%7D", ": 1"), BAD),
    Wire("a space before the colon", get("query=ASK%7B%7D", "X-A : 1"), BAD),
    Wire("two hosts", get("query=ASK%7B%7D", "Host: evil.example"), OK | BAD),
    Wire(
        "a host of nonsense", b"GET %PATH% HTTP/1.1\r\nHost: <a b>\"'\r\nConnection: close\r\n\r\n", OK | BAD
    ),
    Wire("no host", b"GET %PATH%?query=ASK%7B%7D HTTP/1.1\r\nConnection: close\r\n\r\n", OK | BAD),
    Wire("HTTP/1.0", b"GET %PATH%?query=ASK%7B%7D HTTP/1.0\r\n\r\n", OK),
    Wire("HTTP/0.9", b"GET %PATH%\r\n\r\n", frozenset({400, 0})),
    Wire("HTTP/9.9", get("query=ASK%7B%7D", version="9.9"), frozenset({400, 505, 0})),
    Wire("another site's address", get("query=ASK%7B%7D", path="http://evil.example%PATH%"), OK | BAD),
    Wire(
        "CONNECT",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\nConnection: close\r\n\r\n",
        frozenset({400, 404, 405, 501}),
    ),
    Wire("TRACE", get("query=ASK%7B%7D", method="TRACE"), frozenset({405, 501})),
    Wire("PUT", get("query=ASK%7B%7D", method="PUT"), frozenset({405, 501})),
    Wire("DELETE", get("query=ASK%7B%7D", method="DELETE"), frozenset({405, 501})),
    Wire("a method of nonsense", get("query=ASK%7B%7D", method="BREW"), frozenset({405, 501, 400})),
    Wire("a method of control characters", get("query=ASK%7B%7D", method="G\x01T"), BAD),
    Wire(
        "OPTIONS *",
        b"OPTIONS * HTTP/1.1\r\nHost: %HOST%\r\nConnection: close\r\n\r\n",
        frozenset({200, 204, 400, 404, 405}),
    ),
    Wire("two lengths", post(b"ASK {}", "Content-Length: 6", "Content-Length: 7"), BAD),
    Wire("a length of nonsense", post(b"ASK {}", "Content-Length: six"), BAD),
    Wire("a length below nothing", post(b"ASK {}", "Content-Length: -6"), BAD),
    Wire("a length beyond numbers", post(b"ASK {}", "Content-Length: " + "9" * 400), frozenset({400, 413})),
    Wire("a length beyond the limit", post(b"ASK {}", "Content-Length: 99999999999"), frozenset({413})),
    Wire(
        "a length and chunks",
        post(b"6\r\nASK {}\r\n0\r\n\r\n", "Content-Length: 3", "Transfer-Encoding: chunked"),
        OK | BAD,
    ),
    Wire(
        "chunks, encoded twice",
        post(b"6\r\nASK {}\r\n0\r\n\r\n", "Transfer-Encoding: chunked, identity"),
        BAD,
    ),
    Wire(
        "a chunk of nonsense",
        post(b"zz\r\nASK {}\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
        frozenset({400, 0}),
    ),
    Wire("a chunk without end", post(b"f" * 5_000_000, "Transfer-Encoding: chunked"), frozenset({400, 0})),
    Wire(
        "no media type",
        b"POST %PATH% HTTP/1.1\r\nHost: %HOST%\r\nContent-Length: 6\r\nConnection: close\r\n\r\nASK {}",
        frozenset({415}),
    ),
    Wire("an unknown media type", post(b"ASK {}", media_type="text/evil"), frozenset({415})),
    Wire("a media type of nonsense", post(b"ASK {}", media_type=';;;charset="'), frozenset({415})),
    Wire("another charset", post(b"ASK {}", media_type=f"{QUERY}; charset=utf-16"), frozenset({415})),
    Wire(
        "a charset of nonsense",
        post(b"ASK {}", media_type=f"{QUERY}; charset=\x7f\xc3"),
        frozenset({200, 400, 415}),
    ),
    Wire("a form of no UTF-8", post(b"query=ASK%7B%7D%23%ff\xff", media_type=FORM), BAD),
    Wire("a form with the query twice", post(b"query=ASK{}&query=ASK{}", media_type=FORM), BAD),
    Wire("a form without a query", post(b"", media_type=FORM), BAD),
    Wire("a form that wants a page", post(b"query=ASK{}&format=html", media_type=FORM), OK),
    Wire(
        "a release of odd characters",
        get("", path="/release/%F3%8B%96%82%C2%85%20/sparql"),
        frozenset({200, 404}),
    ),
    Wire("an update", post(b"update=DROP+ALL", media_type=FORM), BAD),
    Wire("an update, posted", post(b"DROP ALL", media_type="application/sparql-update"), BAD),
    Wire(
        "compressed",
        post(b"\x1f\x8b\x08\x00", "Content-Encoding: gzip", "Content-Length: 4"),
        frozenset({400, 415}),
    ),
    Wire("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500, frozenset({400, 0})),
    Wire("nonsense", b"\0\xff\r\n\r\n" * 1_000, frozenset({400, 0})),
    Wire(
        "an upgrade",
        get("query=ASK%7B%7D", "Upgrade: websocket", "Sec-WebSocket-Key: eA==", "Sec-WebSocket-Version: 13"),
        OK | BAD,
    ),
    Wire(
        "a range", get("query=ASK%7B%7D", "Range: bytes=0-0,-1," + "5-6," * 1_000), frozenset({200, 206, 416})
    ),
    Wire("Expect of nonsense", get("query=ASK%7B%7D", "Expect: 300-nonsense"), frozenset({200, 417})),
)

QUERIES: Final = (*DEEP, *LONG, *DEAR, *ODD)
