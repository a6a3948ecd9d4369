"""What people do with the query editor, in a browser; no test may leave a fault of the console or the policy."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

import pytest

from server.gallery import gallery

if TYPE_CHECKING:
    from playwright.sync_api import Download, Locator, Page

EXAMPLES = [example for examples in gallery().values() for example in examples]
DRUGS = "SELECT ?drug ?label WHERE { ?drug a her2kg:Drug ; rdfs:label ?label } ORDER BY ?label"
CLASSES = "SELECT ?class (COUNT(?thing) AS ?things) WHERE { ?thing a ?class } GROUP BY ?class"
TREATS = "CONSTRUCT WHERE { ?therapy her2kg:treats ?condition }"
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def opened(tab: Page, query: str = "", view: str = "") -> None:
    """Open the query page, with a query as a link has it, and wait for its editor and its answer."""
    address = f"/sparql?query={quote(query, safe='')}" if query else "/sparql"
    tab.goto(address + (f"#view={view}" if view else ""))
    tab.locator(".cm-content").wait_for()
    if query:
        tab.locator(".result").wait_for()


def written(tab: Page, text: str) -> None:
    """Type a query over what is there, as a person does."""
    tab.locator(".cm-content").click()
    tab.keyboard.press("Control+a")
    tab.keyboard.type(text)


def query_of(tab: Page) -> str:
    """The query, as the form would send it."""
    return tab.locator("textarea#query").input_value()


def set_query(tab: Page, query: str) -> None:
    """Paste a query over what is there."""
    tab.locator(".cm-content").click()
    tab.keyboard.press("Control+a")
    tab.keyboard.insert_text(query)


def ran(tab: Page) -> Locator:
    """Run the query by the keyboard; its result."""
    tab.keyboard.press("Control+Enter")
    tab.locator(".editor .status", has_text=re.compile(r" in [\d.,]+ m?s$")).wait_for()
    return tab.locator(".result")


def faults(tab: Page) -> None:
    """Have axe look at the page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(tab).response["violations"]
    assert [(fault["id"], [node["html"][:200] for node in fault["nodes"][:3]]) for fault in found] == []


def cells(tab: Page, column: int = 1) -> list[str]:
    """The texts of a column of the table's page, without the names beside the labels."""
    return [text.split("\n")[0] for text in tab.locator(f".results td:nth-child({column})").all_inner_texts()]


def test_completion_offers_a_class_with_its_label_and_count(tab: Page) -> None:
    """After “a” there are classes; the one taken brings its prefix, and the query then runs anywhere."""
    opened(tab)
    written(tab, "SELECT * WHERE { ?drug a drug c")
    tab.keyboard.press("Backspace")
    tab.keyboard.press("Backspace")
    option = tab.get_by_role("listbox").get_by_role("option").filter(has_text="her2kg:DrugClass")
    option.wait_for()
    assert re.search(r"drug class · \d+ instances", option.inner_text())
    faults(tab)
    option.click()
    assert "a her2kg:DrugClass" in query_of(tab)
    assert query_of(tab).startswith("PREFIX her2kg: <https://w3id.org/her2kg/ontology/>\nSELECT")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("SEL", "SELECT"),
        ("SELECT * { ?x rdfs:la", "rdfs:label"),
        ("SELECT * { ?x treat", "her2kg:treats"),
        ("SELECT * { ?x her2kg:treats triple", "condition:triple-negative-breast-cancer"),
        ("SELECT * { drug:", "drug:abemaciclib"),
        ("SELECT * { ?therapy her2kg:treats ?condition . ?the", "?therapy"),
        ("SELECT * { ?x rdfs:label ?y FILTER(STRST", "STRSTARTS"),
        ("SELECT * { bioma", "biomarker:"),
    ],
)
def test_completion_knows_where_it_is(tab: Page, typed: str, offered: str) -> None:
    """Keywords, properties, things by their labels, variables, functions and prefixes, each in its place."""
    opened(tab)
    written(tab, typed)
    options = tab.get_by_role("listbox").get_by_role("option")
    options.filter(has_text=offered).first.wait_for()
    labels = options.locator(".cm-completionLabel").all_inner_texts()
    assert offered in labels[:3], labels


def test_a_keyword_in_a_comment_or_a_string_is_left_alone(tab: Page) -> None:
    """There is nothing to complete in what is not SPARQL."""
    opened(tab)
    written(tab, "SELECT * { ?drug rdfs:label ?la ")
    tab.get_by_role("listbox").wait_for(state="detached")
    tab.keyboard.type("# sel")
    tab.keyboard.press("Control+ ")
    tab.locator(".fault", has_text="Line").wait_for()  # the check, later than any completion, has answered
    assert tab.get_by_role("listbox").count() == 0


def test_an_error_is_marked_at_its_line_while_one_types(tab: Page) -> None:
    """The mark stands where the server says, the words below say the line; both go when it is mended."""
    opened(tab)
    set_query(tab, "SELECT * WHERE {\n  ?drug a her2kg:Drug .\n  FILTER(?drug = = 1)\n}")
    fault = tab.locator(".fault")
    fault.filter(has_text="Line 3, column 18: “=” cannot stand here.").wait_for()
    marked = tab.locator(".cm-lintRange-error")
    assert marked.inner_text() == "="
    assert "FILTER" in tab.locator(".cm-line", has=marked).inner_text()
    assert tab.locator(".cm-lint-marker-error").count() == 1
    faults(tab)
    set_query(tab, DRUGS)
    fault.filter(has_text=re.compile("^$")).wait_for(state="attached")
    assert tab.locator(".cm-lintRange-error").count() == 0


def test_an_error_of_a_run_says_what_where_and_how_to_mend(tab: Page) -> None:
    """The same words as the page without script, and the mark in the editor."""
    opened(tab)
    set_query(tab, "SELECT * { ?s ?p ?o . SERVICE <http://example.org/> { ?s ?p ?o } }")
    tab.keyboard.press("Control+Enter")
    alert = tab.get_by_role("alert")
    alert.wait_for()
    assert "Line 1, column 23." in alert.inner_text()
    assert "SERVICE is not allowed here" in alert.inner_text()
    assert tab.locator(".cm-lintRange-error").first.inner_text() == "SERVICE"
    faults(tab)


def test_a_run_shows_rows_with_labels_beside_iris(tab: Page) -> None:
    """The count and the time are said; an IRI shows its label, its name, and leads to its page."""
    opened(tab)
    set_query(
        tab, "SELECT ?drug ?class WHERE { ?drug a her2kg:Drug ; her2kg:memberOf ?class } ORDER BY ?drug"
    )
    result = ran(tab)
    assert re.fullmatch(r"Result \d+ rows in [\d.,]+ m?s", result.locator("h2").inner_text())
    said = tab.locator(".editor .status")
    assert re.fullmatch(r"\d+ rows in [\d.,]+ m?s", said.inner_text())
    assert (said.bounding_box() or {})["height"] <= 1, "it is heard, and seen once"
    first = result.locator("tbody tr").first
    assert first.locator("td").nth(0).inner_text().split() == ["abemaciclib", "drug:abemaciclib"]
    assert first.locator("a").first.get_attribute("href") == "/id/drug/abemaciclib"
    faults(tab)
    first.locator("a").first.click()
    tab.wait_for_url("**/page/drug/abemaciclib")


def test_a_table_is_sorted_filtered_and_turned_over(tab: Page) -> None:
    """By its heads up and down, by words in any column, and by pages."""
    opened(tab, DRUGS)
    assert len(cells(tab)) == 50
    tab.get_by_role("button", name="Next").click()
    status = tab.locator(".tools [role=status]")
    assert re.match(r"51–\d+ of \d+ rows", status.inner_text())
    assert tab.get_by_role("button", name="Next").is_disabled()
    tab.get_by_role("button", name="label", exact=True).click()
    tab.get_by_role("button", name="label", exact=True).click()
    head = tab.locator("th", has_text="label")
    assert head.get_attribute("aria-sort") == "descending"
    names = cells(tab)
    assert names == sorted(names, reverse=True, key=str.lower)
    tab.get_by_label("Only rows with these words").fill("CICLIB drug:")
    assert cells(tab) == ["ribociclib", "palbociclib", "abemaciclib"]
    tab.get_by_label("Only rows with these words").fill("no such words")
    assert status.inner_text() == "No row has these words."
    set_query(tab, "SELECT ?drug { ?drug a her2kg:Drug } LIMIT 3")
    ran(tab)
    assert tab.locator(".tools [role=status]").inner_text() == "", "three of three need no saying"


def test_numbers_are_sorted_as_numbers(tab: Page) -> None:
    """A hundred comes after ninety-nine."""
    opened(tab, CLASSES)
    tab.get_by_role("button", name="things", exact=True).click()
    tab.get_by_role("button", name="things", exact=True).click()
    figures = [int(text) for text in cells(tab, 2)]
    assert figures == sorted(figures, reverse=True)
    assert figures[0] >= 1000 > 100 > figures[-1]


def test_a_result_is_charted(tab: Page) -> None:
    """Bars by default; lines and points; other columns; a result without numbers by its rows."""
    opened(tab, CLASSES, "chart")
    chart = tab.get_by_role("img", name=re.compile("things by class"))
    assert chart.locator("rect").count() == 40
    assert "The first 40 of" in tab.locator("#panel-chart").inner_text()
    faults(tab)
    tab.get_by_label("Show as").select_option("Line")
    assert chart.locator("path").count() == 1
    tab.get_by_label("Show as").select_option("Points")
    assert chart.locator("circle").count() > 40
    tab.get_by_label("Value").select_option("number of rows")
    assert tab.get_by_role("img", name=re.compile("number of rows by class")).is_visible()
    faults(tab)


def test_triples_are_shown_as_a_network_a_table_and_turtle(tab: Page) -> None:
    """Nodes are links that a keyboard reaches; the other forms are a tab away, by arrows."""
    opened(tab, TREATS)
    nodes = tab.locator(".network a.node")
    assert nodes.count() > 5
    assert all(node.get_attribute("href").startswith("/id/") for node in nodes.all())
    faults(tab)
    tab.get_by_role("tab", name="Network").focus()
    tab.keyboard.press("ArrowRight")
    assert tab.get_by_role("tab", name="Table").get_attribute("aria-selected") == "true"
    assert "treats" in cells(tab, 2)
    tab.keyboard.press("ArrowRight")
    tab.locator("#panel-turtle pre", has_text="her2kg:treats").wait_for()
    faults(tab)
    tab.get_by_role("tab", name="Network").click()
    nodes.first.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile("/page/"))


def test_no_name_in_a_network_stands_over_another(tab: Page) -> None:
    """Each can be read, and lies between the edges of the drawing."""
    opened(tab, "CONSTRUCT WHERE { ?drug her2kg:affectsTarget ?target }")
    boxes = tab.locator(".network .node text").evaluate_all(
        "texts => texts.map(text => text.getBoundingClientRect()).map(box => [box.left, box.right, box.top, box.bottom])"
    )
    assert len(boxes) > 20
    over = [
        (one, other)
        for place, one in enumerate(boxes)
        for other in boxes[place + 1 :]
        if one[0] < other[1] and other[0] < one[1] and one[2] + 2 < other[3] and other[2] + 2 < one[3]
    ]
    assert over == []


def test_rows_of_nodes_are_a_network_too(tab: Page) -> None:
    """`?s ?p ?o` becomes lines with names; two columns of nodes are joined row by row."""
    opened(tab, "SELECT ?s ?p ?o WHERE { ?s ?p ?o . FILTER(?p = her2kg:treats) }", "network")
    lines = tab.locator(".network .edge")
    assert lines.count() > 3
    assert lines.first.locator("text").text_content() == "treats"
    opened(tab, "SELECT ?drug ?class WHERE { ?drug her2kg:memberOf ?class }", "network")
    assert lines.count() > 20


def test_yes_and_nothing_are_answers(tab: Page) -> None:
    """ASK says yes; a result without rows says that the query is sound."""
    opened(tab, "ASK { ?drug a her2kg:Drug }")
    assert tab.locator(".answer").inner_text() == "Yes"
    opened(tab, "SELECT * WHERE { ?drug a her2kg:NoSuchClass }")
    assert "nothing in the graph matches it" in tab.locator(".result").inner_text()


def test_a_link_restores_the_query_and_its_view(tab: Page) -> None:
    """The address after a run is a link that opens the same query in the same form."""
    opened(tab)
    set_query(tab, CLASSES)
    ran(tab)
    tab.get_by_role("tab", name="Chart").click()
    link = tab.url
    assert unquote(urlsplit(link).query.replace("+", " ")) == f"query={CLASSES}"
    tab.goto("/")
    tab.evaluate("localStorage.clear()")
    tab.goto(link)
    tab.locator(".chart").wait_for()
    assert query_of(tab) == CLASSES
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.get_by_role("button", name="Copy link").click()
    tab.get_by_role("button", name="Copied").wait_for()
    assert tab.evaluate("navigator.clipboard.readText()") == link


def test_the_graphs_of_an_address_are_kept(tab: Page) -> None:
    """A link that asks one graph goes on asking that graph, in runs, links, downloads and code."""
    graph = "https://w3id.org/her2kg/graph/meta"
    query = "SELECT * { ?s a ?class FILTER(?class = <http://rdfs.org/ns/void#Dataset>) }"
    tab.goto(f"/sparql?default-graph-uri={quote(graph, safe='')}&query={quote(query)}")
    tab.locator(".results td", has_text="http://rdfs.org/ns/void#Dataset").first.wait_for()
    set_query(tab, "ASK { ?drug a her2kg:Drug }")
    assert ran(tab).locator(".answer").inner_text() == "No"
    assert f"default-graph-uri={quote(graph, safe='')}" in tab.url
    assert all(
        "default-graph-uri=" in str(link.get_attribute("href")) for link in tab.locator(".downloads a").all()
    )
    tab.get_by_role("tab", name="As code").click()
    assert "/sparql?default-graph-uri=" in snippet(tab, "JavaScript")


def test_the_release_of_an_address_is_kept(tab: Page) -> None:
    """Whoever opens an earlier version asks that version, by the editor, its files and its code."""
    tab.goto("/health")
    version = json.loads(tab.locator("body").inner_text())["version"]
    tab.goto(f"/release/{version}/sparql")
    assert version in tab.locator(".lead").inner_text()
    tab.locator(".cm-content").click()
    with tab.expect_request(lambda sent: "/sparql?" in sent.url and "query=" in sent.url) as sent:
        ran(tab)
    assert f"release={version}" in sent.value.url
    assert f"release={version}" in tab.locator(".downloads a").first.get_attribute("href")
    tab.get_by_role("tab", name="As code").click()
    assert f"release={version}" in tab.locator(".panel pre").first.inner_text()


def test_a_query_too_long_for_an_address_is_linked_and_run_all_the_same(tab: Page) -> None:
    """It goes behind the #, which only the page reads, and to the server as a form."""
    opened(tab)
    long = "# " + "x" * 7000 + "\n" + DRUGS
    set_query(tab, long)
    ran(tab)
    assert "#query=" in tab.url
    assert len(cells(tab)) == 50
    with tab.expect_download() as download:
        tab.locator(".downloads").get_by_role("link", name="csv").click()
    assert saved(download.value).startswith("drug,label")
    link = tab.url
    tab.goto("/")
    tab.goto(link)
    tab.locator(".result").wait_for()
    assert query_of(tab) == long


def test_tabs_and_history_are_kept(tab: Page) -> None:
    """Queries stand side by side and outlive the visit; what was run can be opened again, or forgotten."""
    opened(tab)
    set_query(tab, DRUGS)
    ran(tab)
    tab.get_by_role("button", name="+ New query").click()
    assert query_of(tab) == ""
    set_query(tab, "ASK { ?s ?p ?o }")
    ran(tab)
    opened(tab)
    queries = tab.get_by_role("navigation", name="Queries")
    assert queries.get_by_role("listitem").count() == 3
    assert query_of(tab) == "ASK { ?s ?p ?o }"
    queries.get_by_role("button", name="SELECT ?drug", exact=False).first.click()
    assert query_of(tab) == DRUGS
    queries.get_by_role("button", name=re.compile("^Close: SELECT")).click()
    assert query_of(tab) == "ASK { ?s ?p ?o }"
    tab.get_by_text("Queries you ran").click()
    runs = tab.locator(".runs li")
    assert runs.count() == 2
    assert re.search(r"61 rows|\d+ rows", runs.nth(1).inner_text())
    faults(tab)
    runs.nth(1).get_by_role("button").click()
    assert query_of(tab) == DRUGS
    tab.get_by_role("button", name="Forget them").click()
    assert runs.count() == 0


def test_a_query_is_cancelled(tab: Page) -> None:
    """A query that would take for ever is given up at once, and the next one runs."""
    opened(tab)
    set_query(tab, ENDLESS)
    tab.keyboard.press("Control+Enter")
    tab.get_by_role("button", name="Cancel").click()
    tab.locator(".editor .status", has_text="Cancelled after").wait_for()
    assert tab.locator(":focus").inner_text() == "Run the query"
    assert tab.get_by_role("button", name="Cancel").is_hidden()
    set_query(tab, DRUGS)
    assert ran(tab).locator("tbody tr").count() == 50


def saved(download: Download) -> str:
    """The text of a file that was downloaded."""
    return Path(download.path()).read_text("utf-8")


@pytest.mark.parametrize(
    ("query", "files"),
    [
        (DRUGS, {"json": r"^\{", "xml": r"^<\?xml", "csv": r"^drug,label", "tsv": r"^\?drug\t"}),
        (
            TREATS,
            {
                "turtle": "@prefix",
                "ntriples": r"^<https",
                "jsonld": r"^[\[{]",
                "rdfxml": r"^<\?xml",
                "trig": "her2kg:treats",
                "nquads": r"^<https",
            },
        ),
    ],
    ids=["rows", "triples"],
)
def test_a_result_is_downloaded_in_every_format(tab: Page, query: str, files: dict[str, str]) -> None:
    """Each link saves the whole result as a file."""
    opened(tab, query)
    links = tab.locator(".downloads").get_by_role("link")
    assert links.all_inner_texts() == list(files)
    for name, pattern in files.items():
        with tab.expect_download() as download:
            links.filter(has_text=re.compile(f"^{name}$")).click()
        assert download.value.suggested_filename.startswith("her2kg-result.")
        assert re.search(pattern, saved(download.value)), name


def snippet(tab: Page, language: str) -> str:
    """The query as code."""
    tab.get_by_role("tab", name=language, exact=True).click()
    return str(tab.get_by_label(f"{language} code").text_content())


def test_the_query_as_code_runs(tab: Page) -> None:
    """The line for curl gives the rows, quotes of all kinds included; the Python is Python."""
    query = """SELECT ?quote WHERE { VALUES ?quote { "it's" 'a "word"' "back\\\\slash" "$x `y` ${z}" } }"""
    opened(tab, query, "code")
    faults(tab)
    curl = subprocess.run(["bash", "-c", snippet(tab, "curl")], capture_output=True, text=True, timeout=60)
    assert curl.returncode == 0, curl.stderr
    assert curl.stdout.splitlines() == ["quote", "it's", '"a ""word"""', "back\\slash", "$x `y` ${z}"]
    for language in ("Python", "pandas"):
        code = snippet(tab, language)
        compile(code, language, "exec")
        assigned = code.partition("query = ")[2].partition("\n\n")[0]
        assert eval(assigned).strip() == query
    code = snippet(tab, "JavaScript")
    literal = code.partition("const query = ")[2].partition(";\n\n")[0]
    assert tab.evaluate(f"({literal}).trim()") == query
    assert query in snippet(tab, "R")


def test_examples_are_found_by_words_and_opened_in_the_editor(tab: Page) -> None:
    """The list is searched without asking the server; an example opens in a tab of its own."""
    opened(tab)
    assert tab.locator("#examples li").count() == len(EXAMPLES) >= 40
    tab.get_by_label("Find an example").fill("approved agency")
    links = tab.locator("#examples").get_by_role("link")
    assert tab.locator(".example-search [role=status]").inner_text() == "1 example"
    links.locator("visible=true").click()
    assert "her2kg:Approval" in query_of(tab)
    assert tab.evaluate("location.search") == ""
    assert tab.locator(".cm-content").evaluate("element => element === document.activeElement")


def test_formatting_changes_nothing_but_space_and_case(tab: Page) -> None:
    """Each example and some harder texts keep their tokens, still parse, and are not changed a second time."""
    opened(tab)
    whole = """prefix ex:<http://x/> #one
select (count(distinct ?s)as ?n)where{?s a ex:A;ex:p "a # b",'c';ex:q[ex:r 1.5].#two
optional{?s ex:p*/^ex:q|!ex:r ?o}filter not exists{?s ex:z ?z}{?s ex:a 1}union{?s ex:b 2}minus{?s ex:c ?c}
values(?a ?b){(1 undef)(2 3)}}group by ?s having(count(*)>1)order by desc(?n) limit 5 offset 2"""
    harder = [
        "select*{?a<http://x/p>?b.filter(?a<?b&&?b>1)}",
        whole,
        "ASK{graph ?g{?s ?p ?o}bind(if(bound(?s),-1,+2)as ?x)}",
        "CONSTRUCT{?s ?p ?o}FROM <https://w3id.org/her2kg/graph/meta> WHERE{?s ?p ?o}",
    ]
    for query in [example.query for example in EXAMPLES] + harder:
        set_query(tab, query)
        tab.keyboard.press("Shift+Alt+f")
        once = query_of(tab)
        assert squeezed(once) == squeezed(query)
        verdict = tab.request.post(
            "/sparql/check", headers={"Content-Type": "application/sparql-query"}, data=once
        ).json()
        assert verdict == {"ok": True}, once
        tab.keyboard.press("Shift+Alt+f")
        assert query_of(tab) == once
    set_query(tab, whole)
    tab.get_by_role("button", name="Format").click()
    assert "\n  OPTIONAL { ?s ex:p*/^ex:q|!ex:r ?o }\n" in query_of(tab)


def squeezed(query: str) -> str:
    """A query without white space and case."""
    return re.sub(r"\s+", "", query).lower()


def test_the_keyboard_goes_in_and_out_of_the_editor(tab: Page) -> None:
    """Tab leaves it for the button that runs the query; nothing is typed."""
    opened(tab)
    before = query_of(tab)
    tab.locator(".cm-content").focus()
    tab.keyboard.press("Tab")
    assert tab.locator(":focus").inner_text() == "Run the query"
    tab.keyboard.press("Shift+Tab")
    assert tab.locator(".cm-content").evaluate("element => element === document.activeElement")
    assert query_of(tab) == before


def test_what_data_hold_is_never_markup(tab: Page) -> None:
    """A literal that looks like a script is a text, and an IRI of another scheme is no link."""
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    opened(tab, f'SELECT ?text ?iri WHERE {{ VALUES (?text ?iri) {{ ("{evil}" <javascript:alert(3)>) }} }}')
    assert cells(tab) == [evil]
    assert tab.locator("#answer img, #answer script, #answer td a").count() == 0
    tab.get_by_role("tab", name="Chart").click()
    assert tab.locator("#answer img:not(svg), #answer script").count() == 0


def test_damage_to_what_the_browser_keeps_does_no_harm(tab: Page) -> None:
    """Whatever stands in the browser's storage, the page opens."""
    opened(tab)
    for value in ("{", "[1]", '{"id": 1}', json.dumps([{"id": "x"}]), "null"):
        tab.evaluate(
            "value => ['tabs', 'open', 'runs'].forEach((n) => localStorage.setItem('her2kg.sparql.' + n, value))",
            value,
        )
        opened(tab)
        assert tab.get_by_role("navigation", name="Queries").get_by_role("listitem").count() == 2


@pytest.mark.parametrize("tab", ["light", "dark"], indirect=True)
def test_the_editor_holds_on_a_telephone(tab: Page) -> None:
    """At 360 px nothing scrolls sideways and axe finds nothing, in light and in dark."""
    tab.set_viewport_size({"width": 360, "height": 740})
    for query, view in ((DRUGS, "table"), (CLASSES, "chart"), (TREATS, "network"), (DRUGS, "code")):
        opened(tab, query, view)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360
        faults(tab)


def test_the_page_has_a_policy_that_forbids_other_hosts_and_inline_scripts(tab: Page) -> None:
    """Scripts and connections are the site's own; styles need the nonce, which changes."""
    policies = {
        tab.request.get("/sparql", headers={"Accept": "text/html"}).headers["content-security-policy"]
        for _ in range(2)
    }
    assert len(policies) == 2
    for policy in policies:
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == rules["connect-src"] == "'self'"
        assert re.fullmatch(r"'self' 'nonce-[\w-]{20,}'", rules["style-src"])


PRODUCT = "SELECT * WHERE { ?drug a her2kg:Drug . ?class a her2kg:DrugClass } LIMIT 5"


@pytest.mark.parametrize("width", [1280, 360])
def test_a_query_is_explained_as_a_tree_with_bars(tab: Page, width: int) -> None:
    """In a tab of the result: a bar for each pattern, and a warning; nothing is wider than the screen."""
    tab.set_viewport_size({"width": width, "height": 900})
    opened(tab, PRODUCT, "explain")
    tab.locator(".plan-triple").first.wait_for()
    texts = tab.locator(".plan-triple code").all_inner_texts()
    assert texts == ["?drug a her2kg:Drug", "?class a her2kg:DrugClass"]
    widths = tab.locator(".plan-triple rect").evaluate_all("bars => bars.map(bar => bar.getBBox().width)")
    assert max(widths) == 100
    assert min(widths) > 0
    assert "common variable" in tab.locator(".plan-warnings").inner_text()
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    faults(tab)


def test_a_query_is_explained_without_being_run(tab: Page) -> None:
    """By a button beside the other one: one that would run for ever is told at once what it is."""
    opened(tab)
    set_query(tab, ENDLESS)
    tab.get_by_role("button", name="Explain it").click()
    tab.locator(".editor .status", has_text="not run").wait_for()
    assert tab.locator(".plan-triple").count() == 4
    set_query(tab, "SELECT * {")
    tab.get_by_role("button", name="Explain it").click()
    tab.locator(".trouble", has_text="Line 1, column").wait_for()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_form_without_a_script_explains_too(tab: Page, width: int) -> None:
    """A page with the same tree, that works on a phone and for who cannot see it."""
    context = tab.context.browser.new_context(
        java_script_enabled=False,
        viewport={"width": width, "height": 900},
    )
    opened(tab)
    plain = context.new_page()
    plain.goto(urlsplit(tab.url)._replace(path="/sparql", query="", fragment="").geturl())
    plain.locator("textarea#query").fill(PRODUCT)
    plain.get_by_role("button", name="Explain it").click()
    assert plain.locator("h1").inner_text() == "What the query asks"
    assert plain.locator(".plan-triple").count() == 2
    address = urlsplit(plain.url)
    context.close()
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(f"{address.path}?{address.query}")
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    faults(tab)
