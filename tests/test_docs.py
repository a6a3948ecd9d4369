"""The documentation names what exists, and what exists is documented."""

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.store import select
from graph.store.embedded import EmbeddedStore
from graph.validate.reading import parse_rdf
from graph.vocab import PREFIXES
from server import create_app
from server.cli import COMMANDS
from server.gallery import decorators
from server.settings import SETTINGS, Settings

COMMANDS_PAGE = "docs/commands.md"
INTERNAL = ("/static/",)


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[EmbeddedStore]:
    """The store of what a fresh clone builds."""
    with EmbeddedStore(built) as opened:
        yield opened


@pytest.fixture
def page(checkout: Path) -> str:
    return (checkout / COMMANDS_PAGE).read_text("utf-8")


def test_every_command_is_documented_and_exists(page: str) -> None:
    """The table of commands has each command once."""
    named = re.findall(r"^\| `her2kg (\w+)", page, re.MULTILINE)
    assert sorted(named) == sorted(COMMANDS)


def test_every_setting_is_documented_with_its_default(page: str) -> None:
    """The table of settings has each variable, its default and its help."""
    for setting in SETTINGS:
        default = "" if setting.default is None else f"`{setting.default}`"
        row = re.search(rf"^\| `HER2KG_{setting.name.upper()}` \| (.*?) \| (.*?) \|$", page, re.MULTILINE)
        assert row is not None, setting.name
        assert (row[1].strip(), row[2]) == (default, setting.help)
    assert len(re.findall(r"^\| `HER2KG_", page, re.MULTILINE)) == len(SETTINGS)


def test_every_address_is_documented(page: str, built: Path, store: EmbeddedStore) -> None:
    """The first part of each route stands in the table of addresses, and the other way round."""
    app = create_app(Settings(home=built), store)
    rules = {r.rule for r in app.url_map.iter_rules() if not r.rule.startswith(INTERNAL)}
    documented = set(re.findall(r"`(/[^`]*)`", page.partition("## Addresses")[2]))

    def first(path: str) -> str:
        return re.split(r"[/<?.]", path[1:])[0]

    assert {first(r) for r in rules} - {"favicon", "robots", ""} == {first(d) for d in documented} - {""}


def test_the_query_of_the_readme_gives_the_answer_of_the_readme(checkout: Path, store: EmbeddedStore) -> None:
    """What the README prints is what the released data answer."""
    readme = (checkout / "README.md").read_text("utf-8")
    query = re.search(r"```sparql\n(.*?)```", readme, re.DOTALL)
    assert query is not None
    table = re.findall(r"^\| ([a-z]+) \| `([0-9a-f]{16})` \| (\d+) \| (\d+) \|$", readme, re.MULTILINE)
    rows = select(store, query[1])
    assert rows
    answer = [
        (row["name"].value, row["document"].value.rpartition("/")[2], row["start"].value, row["end"].value)
        for row in rows
    ]
    assert answer == table


def test_the_turtle_of_the_architecture_page_parses(checkout: Path) -> None:
    """The examples of the contract are Turtle, under the prefixes everything uses."""
    page = (checkout / "docs/architecture.md").read_text("utf-8")
    blocks = re.findall(r"```turtle\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 2
    prefixes = "".join(f"@prefix {p}: <{iri}> .\n" for p, iri in PREFIXES.items())
    for block in blocks:
        assert parse_rdf((prefixes + block).encode(), ox.RdfFormat.TURTLE, where="architecture.md")


EXAMPLES = sorted((Path(__file__).resolve().parent.parent / "server" / "examples").glob("*.rq"))


def test_no_example_is_passed_over() -> None:
    """The examples are found, and each says what it asks, where it belongs, and what to know of it."""
    assert len(EXAMPLES) >= 40
    says = [decorators(example.read_text("utf-8")) for example in EXAMPLES]
    assert [set(each) for each in says] == [{"summary", "topic", "explanation"}] * len(EXAMPLES)
    assert len({each["summary"] for each in says}) == len(EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_finds_something(example: Path, store: EmbeddedStore) -> None:
    """What users are shown works on what a fresh clone builds."""
    answer = store.query(example.read_text("utf-8"))
    if answer.form == "graph":
        assert list(ox.parse(answer.body, format=ox.RdfFormat.TURTLE))
    elif answer.form == "ask":
        assert bool(ox.parse_query_results(answer.body, ox.QueryResultsFormat.JSON))
    else:
        assert select(store, example.read_text("utf-8"))
