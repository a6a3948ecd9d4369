"""`/.well-known/void` and `/.well-known/sparql-examples`: what the dataset is and how to ask it, for programs
and for people.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request
from pyoxigraph import Literal, NamedNode, Triple
from rdflib import DCAT, DCTERMS, XSD

from graph.build.dcat import DESCRIPTION, LICENSE, PUBLISHER, TITLE
from graph.build.examples import example_triples
from graph.build.void import FORMATS, dump
from graph.errors import NotAcceptable
from graph.files import BASE
from graph.store import TRIPLES
from graph.vocab import DATASET, ENDPOINT, EXAMPLES_DOCUMENT, GRAPH_NAMES
from server import ask, urls
from server.described import address, described, localised, serialised
from server.gallery import examples, gallery
from server.linked import ENDINGS
from server.negotiation import HTML, choose
from server.ontology_term import shortened
from server.sparql.page import response
from server.sparql.reply import VARY, Reply, compressed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from flask.typing import ResponseReturnValue

    from graph.store import Manifest, Node

blueprint = Blueprint("wellknown", __name__)


@blueprint.get("/.well-known/void", defaults={"ending": None})
@blueprint.get("/.well-known/void.<any(ttl, jsonld, nt, rdf):ending>")
def void(ending: str | None) -> ResponseReturnValue:
    """The dataset: its size, classes, properties, graphs, links and distributions."""

    def triples() -> Iterator[Triple]:
        yield from _published(ask.store().manifest())
        for triple in localised(described(ask.store()).triples, endpoint()):
            if not _is_example(triple):
                yield triple

    return _given(ending, triples, _void_page)


@blueprint.get("/.well-known/sparql-examples", defaults={"ending": None})
@blueprint.get("/.well-known/sparql-examples.<any(ttl, jsonld, nt, rdf):ending>")
def sparql_examples(ending: str | None) -> ResponseReturnValue:
    """The example queries, each an `sh:SPARQLExecutable`."""
    return _given(ending, lambda: localised(example_triples(examples()), endpoint()), _examples_page)


@blueprint.get("/dataset")
def dataset() -> ResponseReturnValue:
    """303 from the dataset's name to its description, in whatever format is asked for there."""
    return redirect(urls.void(), 303)


def endpoint() -> str:
    """The address of this instance's endpoint, as the client knows it."""
    return address(request.url_root + "sparql").value


def schema_org(manifest: Manifest) -> dict[str, object]:
    """The dataset as search engines for data read it (schema.org, JSON-LD)."""
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": str(DATASET),
        "name": TITLE,
        "description": DESCRIPTION,
        "url": request.url_root,
        "license": LICENSE,
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": PUBLISHER},
        "version": manifest.version,
        "dateModified": manifest.created,
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": media_type,
                "contentUrl": request.url_root + urls.void(ending)[1:],
                "name": "Description of the dataset",
            }
            for ending, media_type in urls.DATA_FORMATS.items()
        ],
    }


def _given(
    ending: str | None, triples: Callable[[], Iterable[Triple]], page: Callable[[], str]
) -> ResponseReturnValue:
    """The page, or the triples in the format that the address or the client names; 304 where it has them."""
    media_type = urls.DATA_FORMATS[ending] if ending else _chosen()
    # The same snapshot, software and address give the same bytes.
    manifest = ask.store().manifest()
    known = "\0".join((manifest.version, manifest.software, endpoint(), media_type, request.path))
    tag = hashlib.sha256(known.encode()).hexdigest()[:32]
    headers = (("Content-Type", f"{media_type}; charset=utf-8"), ("Cache-Control", "no-cache"), VARY)
    has = request.if_none_match
    if has.star_tag or any(given.partition("-")[0] == tag for given in has.as_set(include_weak=True)):
        return response(Reply(304, headers, etag=tag))
    body = page().encode() if media_type == HTML else serialised(triples(), media_type)
    return response(compressed(Reply(200, headers, body, tag), request.headers.get("Accept-Encoding")))


def _chosen() -> str:
    chosen = choose(request.headers.get("Accept"), [*ENDINGS, HTML])
    if chosen is None:
        raise NotAcceptable(
            "This is to be had as Turtle, JSON-LD, N-Triples, RDF/XML and HTML.",
            where="Accept: " + request.headers.get("Accept", ""),
            mend="Ask for text/turtle.",
        )
    return chosen


def _published(manifest: Manifest) -> Iterator[Triple]:
    """What the data cannot say of themselves: their version is their digest, and was published at a time."""
    node = NamedNode(DATASET)
    issued = Literal(manifest.created, datatype=NamedNode(XSD.dateTime))
    yield Triple(node, NamedNode(str(DCAT) + "version"), Literal(manifest.version))
    yield Triple(node, NamedNode(DCTERMS.issued), issued)


def _is_example(triple: Triple) -> bool:
    subject = triple.subject
    return isinstance(subject, NamedNode) and subject.value.startswith(f"{EXAMPLES_DOCUMENT}#")


def _void_page() -> str:
    sizes = {ask.value(row["dataset"]): row for row in ask.rows("description_size")}
    graphs = {iri.removeprefix(f"{BASE}graph/"): row for iri, row in sizes.items() if iri != str(DATASET)}
    linksets = _linksets(ask.rows("description_linksets"))
    return render_template(
        "void.html",
        manifest=ask.store().manifest(),
        title=TITLE,
        description=DESCRIPTION,
        license=LICENSE,
        publisher=PUBLISHER,
        endpoint=endpoint(),
        size=_figures(sizes.get(str(DATASET), {})),
        classes=[_row(row, "class", "members", "properties") for row in ask.rows("description_classes")],
        properties=[
            _row(row, "property", "triples", "subjects", "objects")
            for row in ask.rows("description_properties")
        ],
        linksets=linksets,
        most_links=max((sum(found.values()) for found in linksets.values()), default=0),
        graphs={
            name: {"document": name.partition("/")[2] if name not in GRAPH_NAMES else "", **_figures(row)}
            for name, row in graphs.items()
        },
        dumps={form: (dump(form).replace(ENDPOINT, endpoint()), TRIPLES[form]) for form in FORMATS},
    )


def _examples_page() -> str:
    return render_template("examples.html", topics=gallery(), total=len(examples()))


def _row(row: Mapping[str, Node], what: str, *figures: str) -> dict[str, object]:
    """A class or a property as the page shows it."""
    iri = ask.value(row[what])
    label = ask.value(row.get("label"))
    name = shortened(iri)
    return {"iri": iri, "name": name, "label": label or name} | {f: int(ask.value(row[f])) for f in figures}


def _figures(row: Mapping[str, Node]) -> dict[str, int]:
    return {name: int(term.value) for name, term in row.items() if isinstance(term, Literal)}


def _linksets(rows: Iterable[Mapping[str, Node]]) -> dict[str, dict[str, int]]:
    """Where the mappings lead, and how many there are by each predicate."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        by_predicate = found.setdefault(ask.value(row["title"]), {})
        by_predicate[shortened(ask.value(row["predicate"]))] = int(ask.value(row["triples"]))
    return dict(sorted(found.items(), key=lambda item: -sum(item[1].values())))
