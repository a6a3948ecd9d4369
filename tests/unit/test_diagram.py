"""The drawn model: it is up to date, tells all the ontology says of its classes, and its words do not collide."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS

from graph import files
from graph.errors import DataError
from graph.vocab import HER
from server.diagram import diagram, standalone
from server.diagram_layout import LETTER, LINE, TITLE, Plan, classes, lay_out
from server.diagram_model import BORROWED, Model, short
from server.ontology import Ontology

SVG = "{http://www.w3.org/2000/svg}"
DRAWING = Path("docs", "images", "model.svg")


def read(turtle: str = "") -> Ontology:
    """The ontology of this version, with some Turtle added."""
    return Ontology(ox.parse(files.text("ontology", "her2kg.ttl") + turtle, format=ox.RdfFormat.TURTLE))


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    """The ontology of this version."""
    return read()


@pytest.fixture(scope="module")
def plan(ontology: Ontology) -> Plan:
    """Its drawing's boxes and arrows."""
    return lay_out(Model(ontology, classes()))


def test_the_drawing_in_the_docs_is_of_this_ontology(ontology: Ontology, checkout: Path) -> None:
    """Byte for byte what `make diagram` writes."""
    assert standalone(ontology) == (checkout / DRAWING).read_text("utf-8"), "run: make diagram"


def test_the_drawing_is_accessible(ontology: Ontology) -> None:
    """An image with a title, a text that tells every arrow, and words that are text."""
    root = ElementTree.fromstring(standalone(ontology))
    assert root.get("role") == "img"
    assert {root.get("aria-labelledby"), root.get("aria-describedby")} == {"model-title", "model-desc"}
    told = root.findtext(f"{SVG}desc") or ""
    for fact in ("Condition hasStatus BiomarkerStatus", "Therapy treats Condition", "Thing kindOf Thing"):
        assert fact in told
    words = {element.text for element in root.iter(f"{SVG}text")}
    assert {"Statement", "hasEvidence", "Drug", "affectsTarget"} <= words
    assert "prefers-color-scheme:dark" in (root.findtext(f"{SVG}style") or "")


def test_every_object_property_is_in_the_drawing(ontology: Ontology) -> None:
    """As an arrow, in a box, or among the slots of statements; an inverse is told by the other one."""
    text = standalone(ontology)
    inverses = {
        node.value
        for term in ontology.terms
        for node in ontology.lookup.values(ox.NamedNode(term), str(OWL.inverseOf))
        if isinstance(node, ox.NamedNode)
    }
    properties = [term for term in ontology.of_type("object property") if term.iri not in inverses]
    assert len(properties) > 40
    assert [term.name for term in properties if term.name not in text] == []
    assert [short(iri) for iri in inverses if f">{short(iri)}<" in text] == []


def test_borrowed_properties_are_those_of_the_ontology(ontology: Ontology) -> None:
    """What is drawn of other vocabularies is declared, and has no domain of ours that would say otherwise."""
    assert len(BORROWED) == 2
    for _, name, _ in BORROWED:
        assert ontology.lookup.values(ox.NamedNode(str(name)), str(RDF.type))
        assert not ontology.lookup.values(ox.NamedNode(str(name)), str(RDFS.domain))


def test_no_words_cover_other_words_or_boxes(plan: Plan) -> None:
    """Lines are straight, cross no box that does not hold them, and each has room for its words."""
    assert len(plan.arrows) > 15
    for one, other in combinations(plan.arrows, 2):
        assert not one.ground().meets(other.ground()), (one.words, other.words)
    for arrow in plan.arrows:
        assert arrow.start[0] == arrow.end[0] or arrow.start[1] == arrow.end[1]
        for box in plan.boxes:
            assert box.around or not box.place.meets(arrow.ground()), (arrow.words, box.iri)


def test_what_stands_in_a_box_fits_it(plan: Plan) -> None:
    """No line is wider than its box, and a box is as high as its lines."""
    for box in plan.boxes:
        assert max((len(line) * LETTER for line in box.lines), default=0) <= box.place.w, box.iri
        inside = [b.place.y for b in plan.boxes if b is not box and box.place.holds(b.place)]
        room = min(inside, default=box.place.y + box.place.h) - box.place.y
        assert TITLE + LINE * len(box.lines) <= room, box.iri


def test_a_new_property_is_drawn_by_itself() -> None:
    """A property of a drawn class becomes an arrow, one of a class without a box is named in a wider one."""
    model = Model(
        read(
            "her2kg:grade a owl:ObjectProperty ; rdfs:domain her2kg:Condition ; rdfs:range her2kg:Stage ."
            "her2kg:asks a owl:ObjectProperty ; rdfs:domain her2kg:Topic ; rdfs:range her2kg:Condition ."
        ),
        classes(),
    )
    arrows = {
        (short(a), short(b)): [short(i) for i, _ in link.properties] for (a, b), link in model.links.items()
    }
    assert "grade" in arrows["Condition", "Stage"]
    assert "asks" in arrows["Thing", "Condition"]


def test_a_class_that_is_gone_is_an_error_that_says_so() -> None:
    """The file is not written without a class of the core; a page leaves the drawing out."""
    gone = ox.NamedNode(HER.Gap)
    triples = ox.parse(files.text("ontology", "her2kg.ttl"), format=ox.RdfFormat.TURTLE)
    less = Ontology(triple for triple in triples if triple.subject != gone)
    with pytest.raises(DataError, match="does not declare Gap"):
        standalone(less)
    assert diagram(less, address=lambda iri: iri) is None


def test_labels_cannot_add_markup() -> None:
    """What stands in the ontology is text in the drawing, and an address is an attribute."""
    text = diagram(
        read('her2kg:Note a owl:Class ; rdfs:label "<b>&" ; rdfs:subClassOf her2kg:Thing .'),
        address=lambda _: '"><script>',
    )
    assert text is not None
    assert "<script>" not in text
    assert ElementTree.fromstring(text).get("role") == "group"
