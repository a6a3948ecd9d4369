"""What is asked: templates whose variables are bound to another thing each time, and the queries that are shown to users.

Templates are the files of `mix` and `hostile`, and of `server/queries` those that a page asks. In a template
`?entity` (in a page's, `?node`) stands for a thing of one of the kinds in its line `#+ of:`, `?words` for a text;
`?number` for a number that no other query has, so that no query text comes twice. A template that does not use it gets
it in a comment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import pyoxigraph as ox

from graph.files import rebase
from graph.store import JSON, N_TRIPLES
from graph.vocab import HER, graph_iri
from server.gallery import decorators
from tests.benchmarks.data import THINGS, VIRTUOSO_UNION, word
from tests.benchmarks.load import Item

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.benchmarks.data import Data

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
KINDS: Final = ("point", "star", "path", "aggregate", "text", "search", "page", "html page")
"""What a mix is made of: the first word of a template's name; a page is four queries one after the other, and
`html page` is this project's own page, which asks them itself.
"""

PAGE: Final = ("node", "statement_counts", "statements", "incoming")
"""The queries of `server/queries` that a page of a thing asks."""

PAGE_KINDS: Final = ("drug", "condition", "treatment", "target")
HTML: Final = "html page"
OURS: Final = "her2kg"
WARM: Final = 8
"""How many items of each kind are asked again and again to see what comes of repetition."""

PROJECTION: Final = re.compile(r"(\b(?:SELECT(?:\s+DISTINCT)?|GROUP BY))((?:\s+\?\w+)*)")
FORM: Final = re.compile(r"^\s*(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.MULTILINE)
GROUPED: Final = re.compile(r"GROUP_CONCAT\([^;)]*(?:;\s*separator=\"([^\"]*)\")?\s*\)\s+AS\s+\?(\w+)")


@dataclass(frozen=True, slots=True)
class Template:
    """A query with places in it: `pieces` are turns of percent-encoded text and the names of variables."""

    name: str
    pieces: tuple[str, ...]
    of: tuple[str, ...] = ()
    only: str = ""

    def encoded(self, terms: Mapping[str, ox.Term]) -> bytes:
        """The query with terms in the places of variables, as it stands in a URL."""
        return "".join(
            [
                quote(str(terms[piece]), safe="") if number % 2 else piece
                for number, piece in enumerate(self.pieces)
            ]
        ).encode()


@dataclass(frozen=True, slots=True)
class Question:
    """What one item asks, whatever the engine: encoded queries with what each accepts, or one path."""

    key: str
    queries: tuple[tuple[bytes, str], ...] = ()
    path: str = ""

    def item(self, path: str) -> Item:
        """The requests to an engine that answers at `path` with the query behind it."""
        if self.path:
            return Item(self.key, (get(self.path.encode(), "text/html"),))
        base = path.encode()
        return Item(self.key, tuple(get(base + query, accept) for query, accept in self.queries))


def get(target: bytes, accept: str) -> bytes:
    """The bytes of a GET; every server is sent the same."""
    return b"GET %b HTTP/1.1\r\nHost: localhost\r\nAccept: %b\r\n\r\n" % (target, accept.encode())


def template(
    name: str, text: str, variables: frozenset[str], of: tuple[str, ...] = (), only: str = ""
) -> Template:
    """A template of a query's text; a variable with a place is no longer projected, nor grouped by.

    It ends in a comment with `?number`: that alone makes every text a new one.
    """
    variables |= {"number"}

    def less(found: re.Match[str]) -> str:
        kept = [name for name in found[2].split() if name[1:] not in variables]
        return found[1] + "".join(f" {name}" for name in kept)

    body = "\n".join(line for line in PROJECTION.sub(less, text).splitlines() if not line.startswith("#"))
    body += "\n# ?number\n"
    parts = re.split(rf"[?$]({'|'.join(sorted(variables))})\b", body)
    return Template(
        name, tuple(part if n % 2 else quote(part, safe="") for n, part in enumerate(parts)), of, only
    )


@cache
def templates(folder: str) -> tuple[Template, ...]:
    """The templates of a folder beside this file, by name."""
    found = []
    for file in sorted((HERE / folder).glob("*.rq")):
        text = rebase(file.read_text("utf-8"))
        says = decorators(text)
        of = tuple(says.get("of", "").split())
        found.append(
            template(file.stem, text, frozenset(("entity", "words", "number")), of, says.get("only", ""))
        )
    return tuple(found)


@cache
def page_templates() -> tuple[Template, ...]:
    """What a page asks; where it leaves out graphs, it leaves out that which stands for the default graph, too."""
    found = []
    for name in PAGE:
        text = rebase((ROOT / "server" / "queries" / f"{name}.rq").read_text("utf-8"))
        text = text.replace(f"<{graph_iri('meta')}>", f"<{graph_iri('meta')}>, <{VIRTUOSO_UNION}>")
        found.append(template(name, text, frozenset(("node", "wanted", "after"))))
    return tuple(found)


class Mix:
    """The questions about one dataset; the same number gives the same question, and no two the same text."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def question(self, kind: str, number: int) -> Question:
        """The question of a kind with a number."""
        if kind in {"page", HTML}:
            return self._page(kind, number)
        of_kind = self._by_kind[kind]
        chosen = of_kind[number % len(of_kind)]
        thing = self._thing(chosen.of, number // len(of_kind))
        terms: dict[str, ox.Term] = {
            "entity": ox.NamedNode(thing),
            "words": ox.Literal(self._words(thing)),
            "number": ox.Literal(number + 1),
        }
        return Question(f"{chosen.name} {number}", ((chosen.encoded(terms), JSON),))

    @staticmethod
    def hostile(number: int) -> Question:
        """A query that hangs or swells, each time another text."""
        all_of_them = templates("hostile")
        chosen = all_of_them[number % len(all_of_them)]
        return Question(f"{chosen.name} {number}", ((chosen.encoded({"number": ox.Literal(number)}), JSON),))

    @cached_property
    def _by_kind(self) -> dict[str, list[Template]]:
        found: dict[str, list[Template]] = {}
        for one in templates("mix"):
            found.setdefault(one.name.partition("-")[0], []).append(one)
        return found

    def _page(self, kind: str, number: int) -> Question:
        thing = self._thing(PAGE_KINDS, number)
        key = f"{kind} {number}"
        if kind == HTML:
            return Question(key, path=f"/page/{thing.removeprefix(THINGS)}?number={number}")
        terms: dict[str, ox.Term] = {
            "node": ox.NamedNode(thing), "wanted": ox.NamedNode(str(HER.Statement)), "after": ox.Literal(""),
            "number": ox.Literal(number),
        }  # fmt: skip
        return Question(key, tuple((one.encoded(terms), JSON) for one in page_templates()))

    def _thing(self, kinds: tuple[str, ...], number: int) -> str:
        """Things of these kinds in turn, from all copies: neighbours in number are far from each other."""
        kind = kinds[number % len(kinds)]
        count = len(self._data.things[kind]) * self._data.copies
        return self._data.thing(kind, (number // len(kinds)) * 7919 % count)

    def _words(self, thing: str) -> str:
        """Words that stand in the thing's name, or nearly so."""
        slug = thing.rpartition("/")[2]
        name, _, number = slug.rpartition("-")
        if name and number.isdigit():
            return f"{name.replace('-', ' ')} {word(int(number))}"
        return slug.replace("-", " ")


@dataclass(frozen=True, slots=True)
class Known:
    """A query that users are shown or that the graph must answer; `form` is SELECT, ASK, CONSTRUCT or DESCRIBE."""

    name: str
    text: str
    form: str

    @property
    def accept(self) -> str:
        """What its answer is asked for as."""
        return JSON if self.form in {"SELECT", "ASK"} else N_TRIPLES

    def question(self, number: int = 0) -> Question:
        """The query itself, or the same with a number in a comment, which makes it a new text."""
        text = f"{self.text}\n# {number}" if number else self.text
        return Question(f"{self.name}", ((quote(text, safe="").encode(), self.accept),))


@cache
def known() -> tuple[Known, ...]:
    """The example queries and the competency questions with their twins, but for those that need this server's text index."""
    return tuple(_known())


def _known() -> Iterator[Known]:
    for folder in (ROOT / "server" / "examples", ROOT / "tests" / "competency"):
        for file in sorted(folder.glob("*.rq")):
            text = rebase(file.read_text("utf-8"))
            if "her2kg:search" in text:
                continue  # no other server has it; the mix asks it of this one
            form = FORM.search(text)
            assert form is not None, file
            yield Known(f"{folder.name}/{file.stem}", text, form[1])


def concatenated(text: str) -> dict[str, str]:
    """The variables of a query that GROUP_CONCAT fills, with their separators: it may take values in any order."""
    return {name: separator or " " for separator, name in GROUPED.findall(text)}


def is_for(kind: str, engine: str) -> bool:
    """Whether an engine is asked questions of a kind: some only this project answers."""
    return engine == OURS or kind not in {"search", HTML}


def template_of(key: str) -> str:
    """The template that a question was made from, by the question's key."""
    return key.rpartition(" ")[0]
