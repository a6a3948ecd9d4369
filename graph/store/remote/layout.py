"""How a published version lies in a remote store: names of ours beside the graphs, and what stands under
them.

Each graph of the dataset is a named graph of the service, under its own name. `UNION` holds once more what a
plain query is asked of, so that no engine has to merge graphs. `STATE` says what is there: a publication (its
own identifier, and the manifest), or since when one is being written. No query can name either.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from graph.errors import StoreUnavailable
from graph.files import BASE
from graph.store import Manifest
from graph.store.snapshots import FORMAT

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOM: Final = BASE + "store/"
UNION: Final = ROOM + "union"
STATE: Final = ROOM + "state"
"""A graph, and the one thing in it."""

NOTHING: Final = ROOM + "nothing"
"""A graph that is never there: the protocol has no other way of saying “no graph at all”."""

PUBLICATION: Final = ROOM + "publication"
MANIFEST: Final = ROOM + "manifest"
BEGUN: Final = ROOM + "begun"
GRAPHS: Final = BASE + "graph/"

ASK_STATE: Final = (
    f"SELECT ?property ?value WHERE {{ <{STATE}> ?property ?value FILTER(?property != <{MANIFEST}>) }}"
)
ASK_MANIFEST: Final = f"SELECT ?value WHERE {{ <{STATE}> <{MANIFEST}> ?value }}"
AGAIN: Final = "Run `her2kg publish`."


@dataclass(frozen=True, slots=True)
class State:
    """What a remote store says of itself: the identifier of a publication, or since when one is being
    written.
    """

    publication: str = ""
    begun: str = ""

    def require(self) -> str:
        """The identifier of the publication; StoreUnavailable where there is none that is whole."""
        if self.publication and not self.begun:
            return self.publication
        if self.begun:
            raise StoreUnavailable(
                f"A version is being published in the remote store, since {self.begun}.",
                mend="Try again in a minute. If nobody is publishing, that has been broken off: run "
                "`her2kg publish` again.",
            )
        raise StoreUnavailable("Nothing has been published in the remote store yet.", mend=AGAIN)


def state_of(rows: Iterable[dict[str, ox.NamedNode | ox.Literal | ox.BlankNode]]) -> State:
    """The state from the solutions of `ASK_STATE`."""
    said = {str(row["property"].value): str(row["value"].value) for row in rows if len(row) == 2}
    return State(said.get(PUBLICATION, ""), said.get(BEGUN, ""))


def begun(publication: str, when: str) -> list[ox.Triple]:
    """What stands in the store while a publication is being written."""
    return [_said(PUBLICATION, publication), _said(BEGUN, when)]


def complete(publication: str, manifest: Manifest) -> list[ox.Triple]:
    """What stands in the store when a publication is whole."""
    record = asdict(manifest) | {"digests": {"nquads": manifest.digests.get("nquads")}}
    text = json.dumps(record, ensure_ascii=True, separators=(",", ":"))
    return [_said(PUBLICATION, publication), _said(MANIFEST, text)]


def manifest_of(text: str) -> Manifest:
    """The manifest from its text; StoreUnavailable for one of another form or base."""
    try:
        record = json.loads(text)
        manifest = Manifest(
            **{field.name: record[field.name] for field in fields(Manifest) if field.name in record}
        )
    except (ValueError, TypeError) as error:
        raise StoreUnavailable(
            f"The manifest in the remote store cannot be read ({type(error).__name__}).", mend=AGAIN
        ) from error
    if manifest.format != FORMAT or manifest.base != BASE:
        raise StoreUnavailable(
            f"The remote store has a version of form {manifest.format} under the base {manifest.base}; "
            f"wanted are form {FORMAT} and {BASE}.",
            mend=AGAIN,
        )
    return manifest


def graph_iri(name: str) -> str:
    """The IRI of a graph that a manifest names."""
    return name if ":" in name else GRAPHS + name


def _said(what: str, value: str) -> ox.Triple:
    return ox.Triple(ox.NamedNode(STATE), ox.NamedNode(what), ox.Literal(value))
