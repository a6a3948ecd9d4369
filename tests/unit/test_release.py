"""Released data are the same graphs that the documents give, as TriG that reads well in a diff."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from graph.build.release import is_released, read_release, release_text, released_graphs, write_release
from graph.errors import BuildError, DataError
from graph.vocab import PREFIXES

GRAPHS = {
    "document/0123456789abcdef": """
        document:0123456789abcdef a owl:NamedIndividual, her2kg:Document ;
            rdfs:label "A “made-up”\\n\\ttext"@en .
        statement:s a her2kg:Approval ; her2kg:confidence 0.8 ; her2kg:date "2023-01"^^xsd:gYearMonth ;
            her2kg:hasEvidence evidence:0123456789abcdef-10-90, evidence:0123456789abcdef-9-12 .
    """,
    "document/00000000000000aa": "statement:s a her2kg:Approval ; her2kg:confidence 0.8 .",
    "document/5555555555555555": "document:5555555555555555 a her2kg:Document ; her2kg:isSample true .",
    "inferred": "drug:x her2kg:treats condition:c .",
}
HEAD = """@prefix her2kg: <https://w3id.org/her2kg/ontology/> .
@prefix graph: <https://w3id.org/her2kg/graph/> .
"""


def graphs() -> dict[str, list[Triple]]:
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    return {
        name: sorted((q.triple for q in parse(prefixes + text, format=RdfFormat.TURTLE)), key=str)
        for name, text in GRAPHS.items()
    }


def test_document_graphs_come_back_as_they_were() -> None:
    """Reading what was written gives the graphs of documents, and neither samples nor other graphs."""
    back = read_release(release_text(graphs()), where="here")
    assert back == {name: triples for name, triples in graphs().items() if is_released(name, triples)}
    assert list(back) == ["document/00000000000000aa", "document/0123456789abcdef"]


def test_the_same_graphs_give_the_same_text() -> None:
    """Neither the order of graphs nor that of triples shows."""
    turned = {name: triples[::-1] for name, triples in reversed(graphs().items())}
    assert release_text(turned) == release_text(graphs())


def test_the_text_is_sorted_and_short() -> None:
    """One block per document, prefixed names, only the prefixes that are used, sorted."""
    text = release_text(graphs())
    declared = [line for line in text.splitlines() if line.startswith("@prefix")]
    assert declared == sorted(declared)
    assert "agency:" not in text
    assert "\t" not in text
    assert text.index("graph:document\\/00000000000000aa {") < text.index(
        "graph:document\\/0123456789abcdef {"
    )
    assert 'her2kg:date "2023-01"^^xsd:gYearMonth' in text


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    """The file has the text, in a folder that did not exist, and nothing else is left there."""
    file = tmp_path / "new" / "data.trig"
    write_release(file, graphs())
    assert file.read_text("utf-8") == release_text(graphs())
    assert list(file.parent.iterdir()) == [file]


def test_samples_alone_are_no_release(tmp_path: Path) -> None:
    """A release without a document is refused instead of written empty."""
    samples = {name: triples for name, triples in graphs().items() if not is_released(name, triples)}
    with pytest.raises(BuildError, match="nothing to release"):
        write_release(tmp_path / "data.trig", samples)
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file where a folder is needed is an error that names it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BuildError, match="cannot be written"):
        write_release(tmp_path / "file" / "data.trig", graphs())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("her2kg:a her2kg:b her2kg:c .", "graphs of documents only"),
        ("graph:vocabulary { her2kg:a her2kg:b her2kg:c }", "graphs of documents only"),
        ("<https://elsewhere.example/document/1> { her2kg:a her2kg:b her2kg:c }", "graphs of documents only"),
        ("<https://w3id.org/her2kg/graph/document/1> { [] her2kg:b her2kg:c }", "no blank nodes"),
        ("<https://w3id.org/her2kg/graph/document/1> { her2kg:a her2kg:b [] }", "no blank nodes"),
        ("graph:document\\/1 { her2kg:a her2kg:b", "data.trig"),
    ],
)
def test_what_is_no_release_is_refused(text: str, fault: str) -> None:
    """Another graph, a blank node or a syntax error is a DataError that says where."""
    with pytest.raises(DataError, match=fault):
        read_release(HEAD + text, where="data.trig")


def test_the_data_of_this_version_can_be_read() -> None:
    """Every released graph is that of a document and describes it."""
    for name, triples in released_graphs().items():
        document = f"{PREFIXES['document']}{name.removeprefix('document/')}"
        assert any(triple.subject.value == document for triple in triples)
