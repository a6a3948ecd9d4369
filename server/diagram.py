"""The core model drawn (SVG): classes as boxes, object properties as arrows from domain to range.

Where a box stands is settled in `server.diagram_layout`; all else is read from the ontology, so that a new
property is drawn, or named in its box, by itself. `python -m server.diagram` prints the drawing as a file.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import pyoxigraph
from markupsafe import Markup
from pyoxigraph import RdfFormat

from graph import files
from graph.errors import DataError
from server.diagram_layout import LINE, TITLE, WIDTH, Arrow, Box, classes, lay_out
from server.diagram_model import Model, short
from server.ontology import Ontology

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Address = Callable[[str], str | None]

STYLE: Final = """
  .ground{fill:#faf9f5}
  text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:#1d2325}
  text{text-anchor:middle}
  .name{font-weight:600;font-size:13px}
  .small{font-size:11px;fill:#535b5e}
  .box rect{fill:#fffffd;stroke:#8d8a7d}
  .box.around rect{fill:none;stroke-dasharray:5 4}
  .therapy rect{fill:#e3efee}.disease rect{fill:#f3e8ef}.marker rect{fill:#e9ebf5}.source rect{fill:#fff0b8}
  .said rect{stroke:#17555c;stroke-width:2}
  .arrow line{stroke:#535b5e;stroke-width:1.25}
  .arrow text{font-size:11.5px}
  .head{fill:#535b5e}.hollow{fill:#faf9f5;stroke:#535b5e}
  @media (prefers-color-scheme:dark){
    .ground{fill:#15191b}text{fill:#e7e5dd}.small{fill:#aab2b5}
    .box rect{fill:#1c2124;stroke:#7b8488}.box.around rect{fill:none}
    .therapy rect{fill:#1d3437}.disease rect{fill:#3a2433}.marker rect{fill:#262c45}.source rect{fill:#453a12}
    .said rect{stroke:#86c8cf}
    .arrow line{stroke:#aab2b5}
    .head{fill:#aab2b5}.hollow{fill:#15191b;stroke:#aab2b5}
  }
"""
"""The look of the drawing as a file; on a page the site's stylesheet has it."""

LEGEND: Final = (
    "Boxes are classes. An arrow leads from a property's domain to its range, a hollow one from a class to a "
    "wider one. What stands in a dashed box is of that class."
)


def diagram(ontology: Ontology, *, address: Address) -> Markup | None:
    """The drawing for a page, classes and properties linked; None where a class of the core is missing."""
    model = Model(ontology, classes())
    return None if model.missing() else Markup("\n").join(_svg(model, address))


def standalone(ontology: Ontology) -> str:
    """The drawing as a file, with its own style; DataError where the ontology lacks a class of the core."""
    model = Model(ontology, classes())
    if missing := model.missing():
        raise DataError(
            f"the ontology does not declare {', '.join(map(short, missing))}.",
            where="ontology/her2kg.ttl",
            mend="Declare it, or take it out of server/diagram_layout.py.",
        )
    return "\n".join(_svg(model, None)) + "\n"


def _svg(model: Model, address: Address | None) -> Iterator[Markup]:
    plan = lay_out(model)
    role = "img" if address is None else "group"
    yield Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="model" role="{}" viewBox="0 0 {} {:g}" width="{}" '
        'height="{:g}" aria-labelledby="model-title" aria-describedby="model-desc">'
    ).format(role, WIDTH, plan.height, WIDTH, plan.height)
    yield Markup('<title id="model-title">{}</title>').format("The core model of the her2kg ontology")
    yield Markup('<desc id="model-desc">{} {}</desc>').format(LEGEND, _told(model))
    if address is None:
        yield Markup("<style>{}</style>").format(Markup(STYLE))  # noqa: S704 - a constant
    yield Markup(
        '<defs><marker id="model-head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        'markerHeight="8" '
        'orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker>'
        '<marker id="model-hollow" viewBox="-1 -1 12 12" refX="10" refY="5" markerWidth="12" '
        'markerHeight="12" '
        'orient="auto"><path class="hollow" d="M0 0 10 5 0 10z"/></marker></defs>'
    )
    yield Markup('<rect class="ground" width="{}" height="{:g}"/>').format(WIDTH, plan.height)
    for box in plan.boxes:
        yield _box(box, address)
    for arrow in plan.arrows:
        yield _arrow(arrow, address)
    yield Markup("</svg>")


def _told(model: Model) -> str:
    """The model in words, for who does not see it."""
    facts = [
        f"{short(link.source)} {short(iri)} {short(link.target)}"
        for link in model.links.values()
        for iri, _ in link.properties
    ]
    return "; ".join(facts) + "."


def _box(box: Box, address: Address | None) -> Markup:
    place = box.place
    shape = Markup('<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}" rx="4"/>').format(
        place.x, place.y, place.w, place.h
    )
    x = place.x + place.w / 2
    room = place.h - TITLE - LINE * len(box.lines)
    y = place.y + 17 + (0 if box.around or box.group == "said" else max(room / 2 - 2, 0))
    name = _text(short(box.iri), x, y, "name", box.iri, address)
    lines = Markup("").join(
        _text(line, x, y + 4 + LINE * n, "small", None, address)
        for n, line in enumerate(box.lines, 1)
        if line
    )
    kind = "box around" if box.around else "box"
    return Markup('<g class="{} {}">{}{}{}</g>').format(kind, box.group, shape, name, lines)


def _arrow(arrow: Arrow, address: Address | None) -> Markup:
    (x1, y1), (x2, y2) = arrow.start, arrow.end
    head = "hollow" if arrow.link.is_subclass else "head"
    line = Markup('<line x1="{:g}" y1="{:g}" x2="{:g}" y2="{:g}" marker-end="url(#model-{})"/>').format(
        x1, y1, x2, y2, head
    )
    x, y = arrow.middle
    covered = arrow.ground()
    ground = Markup('<rect class="ground" x="{:g}" y="{:g}" width="{:g}" height="{:g}"/>').format(
        covered.x, covered.y, covered.w, covered.h
    )
    top = y - LINE * len(arrow.words) / 2 + LINE - 3
    words = Markup("").join(
        _text(word.text, x, top + LINE * n, "" if word.iri else "small", word.iri, address)
        for n, word in enumerate(arrow.words)
    )
    return Markup('<g class="arrow">{}{}{}</g>').format(line, ground if arrow.words else "", words)


def _text(text: str, x: float, y: float, kind: str, iri: str | None, address: Address | None) -> Markup:
    attributes = Markup(' class="{}"').format(kind) if kind else Markup("")
    written = Markup('<text{} x="{:g}" y="{:g}">{}</text>').format(attributes, x, y, text)
    link = address(iri) if address is not None and iri is not None else None
    return Markup('<a href="{}">{}</a>').format(link, written) if link else written


def main() -> None:
    """Print the drawing of the ontology of this version."""
    triples = pyoxigraph.parse(files.text("ontology", "her2kg.ttl"), format=RdfFormat.TURTLE)
    sys.stdout.write(standalone(Ontology(triples)))


if __name__ == "__main__":
    main()
