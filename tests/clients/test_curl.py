"""curl: the endpoint from a shell."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from tests.clients import questions as q

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What curl wrote: the body, and of the response its status, HTTP version, type and sizes."""

    body: bytes
    status: int
    version: str
    type: str
    received: int
    exit_code: int


@pytest.fixture(scope="session")
def curl() -> str:
    """The command."""
    found = shutil.which("curl")
    if found is None:
        pytest.skip("skipped: curl is not installed")
    return found


@pytest.fixture
def ask(curl: str, endpoint: str, tmp_path: Path) -> object:
    """Call curl on the endpoint with some arguments."""

    def call(*arguments: str) -> Answer:
        body = tmp_path / "body"
        body.unlink(missing_ok=True)
        written = "%{http_code} %{http_version} %{size_download} %{content_type}"
        command = [
            curl,
            "--silent",
            "--show-error",
            "--output",
            body,
            "--write-out",
            written,
            *arguments,
            endpoint,
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        assert done.stdout, done.stderr
        status, version, received, media_type = done.stdout.split(" ", 3)
        content = body.read_bytes() if body.exists() else b""
        return Answer(content, int(status), version, media_type, int(received), done.returncode)

    return call


def by_get(query: str) -> tuple[str, ...]:
    return ("--get", "--data-urlencode", f"query={query}")


CSV = ("--header", "Accept: text/csv")


def test_a_table_by_every_method(ask) -> None:
    """An address, a form, and a file as it is: the same bytes."""
    got = ask(*by_get(q.DRUGS), *CSV)
    assert (got.status, got.type) == (200, "text/csv; charset=utf-8")
    assert got.body.decode().splitlines() == [
        "drug,label",
        f"{q.ELACESTRANT},elacestrant",
        f"{q.PALBOCICLIB},palbociclib",
    ]
    posted = ask("--data-urlencode", f"query={q.DRUGS}", *CSV)
    direct = ask("--data-binary", q.DRUGS, "--header", "Content-Type: application/sparql-query", *CSV)
    assert got.body == posted.body == direct.body


def test_without_a_header_the_answer_is_json_or_turtle(ask) -> None:
    """SELECT and ASK as JSON, CONSTRUCT and DESCRIBE as Turtle, and no page."""
    assert json.loads(ask(*by_get(q.YES)).body)["boolean"] is True
    assert json.loads(ask(*by_get(q.NO)).body)["boolean"] is False
    for query, size in ((q.CONSTRUCT, 2), (q.DESCRIBE, 6)):
        got = ask(*by_get(query))
        assert got.type == "text/turtle; charset=utf-8"
        assert len([*ox.parse(got.body, ox.RdfFormat.TURTLE)]) == size


def test_a_hundred_thousand_rows_compressed_and_not(ask) -> None:
    """The same rows, and a tenth of the bytes on the way at most."""
    plain = ask(*by_get(q.LARGE), *CSV)
    small = ask(*by_get(q.LARGE), *CSV, "--compressed")
    assert plain.body == small.body
    assert plain.body.count(b"\n") == q.ROWS + 1
    assert plain.received == len(plain.body)
    assert small.received < plain.received / 10


@pytest.mark.parametrize("option", ["--http1.0", "--http1.1"])
def test_both_versions_of_http_1(ask, option: str) -> None:
    """Large answers and posts as well; the server says which version it has (RFC 9110, 2.5)."""
    for arguments in (by_get(q.LARGE), ("--data-urlencode", f"query={q.LARGE}")):
        got = ask(option, *arguments, *CSV)
        assert (got.status, got.version) == (200, "1.1")
        assert got.body.count(b"\n") == q.ROWS + 1


def test_an_upgrade_to_http_2_that_is_only_offered_is_passed_over(ask) -> None:
    """Curl --http2 asks for it in HTTP/1.1, and is answered in that."""
    got = ask("--http2", *by_get(q.YES))
    assert (got.status, got.version) == (200, "1.1")


def test_http_2_without_tls_is_ended_at_once(ask) -> None:
    """Curl --http2-prior-knowledge hangs nowhere: the server looks for HTTP/1 only, and says no more."""
    got = ask("--http2-prior-knowledge", *by_get(q.YES))
    assert (got.status, got.body) == (0, b"")


def test_head_says_what_get_would(ask, tmp_path: Path) -> None:
    """Curl -I: length, type and validator, no body."""
    got = ask("--dump-header", str(tmp_path / "got"), *by_get(q.DRUGS))
    head = ask("--head", "--dump-header", str(tmp_path / "head"), *by_get(q.DRUGS))
    assert head.received == 0

    def fields(name: str) -> set[str]:
        lines = (tmp_path / name).read_text().lower().splitlines()
        return {line for line in lines if not line.startswith(("date:", "x-request-id:"))}

    assert fields("head") == fields("got")
    assert f"content-length: {len(got.body)}" in fields("head")


@pytest.mark.parametrize("coding", [(), ("--compressed",)])
def test_an_answer_that_has_not_changed_is_not_sent_again(
    ask, tmp_path: Path, coding: tuple[str, ...]
) -> None:
    """By --etag-save and --etag-compare, with and without compression."""
    etag = str(tmp_path / "etag")
    query = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"
    first = ask("--etag-save", etag, *coding, *by_get(query))
    assert first.received > 0
    again = ask("--etag-compare", etag, *coding, *by_get(query))
    assert (again.status, again.received) == (304, 0)
    other = ask("--etag-compare", etag, *coding, *by_get(query + " LIMIT 1"))
    assert other.status == 200


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [(q.BROKEN, 400, q.BROKEN_WORDS), (q.endless("curl"), 504, q.ENDLESS_WORDS)],
)
def test_an_error_ends_the_command_with_our_words(ask, query: str, status: int, words: str) -> None:
    """--fail-with-body: exit code 22 for the shell, problem details for who reads."""
    got = ask("--fail-with-body", *by_get(query))
    assert (got.exit_code, got.status, got.type) == (22, status, "application/problem+json")
    assert json.loads(got.body)["detail"].startswith(words)


def test_a_long_query_is_posted_from_a_file(ask, tmp_path: Path) -> None:
    """--data-urlencode query@FILE; in an address it would be 414."""
    file = tmp_path / "long.rq"
    file.write_text(q.LONG, "utf-8")
    assert b"plain" in ask("--data-urlencode", f"query@{file}", *CSV).body
    assert ask("--get", "--data-urlencode", f"query@{file}", *CSV).status == 414


def test_every_term_comes_home_as_it_was(ask, terms: dict[str, ox.Literal]) -> None:
    """In each format that has kinds of terms, read by another parser than wrote it."""
    for form in (ox.QueryResultsFormat.JSON, ox.QueryResultsFormat.XML, ox.QueryResultsFormat.TSV):
        got = ask(*by_get(q.TERMS), "--header", f"Accept: {form.media_type}")
        rows = ox.parse_query_results(got.body, form)
        assert {row["s"].value: lowered(row["o"]) for row in rows} == {
            iri: lowered(term) for iri, term in terms.items()
        }


def lowered(term: ox.Literal) -> tuple[str, str, str]:
    """The text, the language in lower case (its case says nothing), the datatype."""
    return term.value, (term.language or "").lower(), term.datatype.value


def test_graphs_by_parameter(ask) -> None:
    """default-graph-uri chooses what is read."""
    got = ask(*by_get(q.EVERYTHING), "--data-urlencode", f"default-graph-uri={q.TEXTS}", *CSV)
    assert len(got.body.splitlines()) == 12 + 1
    assert f"{q.TEXTS},12".encode() in ask(*by_get(q.GRAPHS), *CSV).body


def test_text_search(ask) -> None:
    """With and without the score."""
    assert ask(*by_get(q.SEARCH), *CSV).body.decode().split() == ["thing", q.ELACESTRANT]
    assert ask(*by_get(q.SCORED), *CSV).body.decode().startswith(f"thing,score\r\n{q.ELACESTRANT},")
