/** What came back: the answer in the forms that suit it, as files, and as code. */

import type { Known } from "./cells.ts";
import { chart } from "./chart.ts";
import { address, LONGEST_ADDRESS, Problem, type Question, request, type Result } from "./client.ts";
import { counted, figure, h, save } from "./dom.ts";
import { labels } from "./labels.ts";
import { edges, network } from "./network.ts";
import { explained, plan } from "./plan.ts";
import { snippets } from "./snippets.ts";
import { type Row, table } from "./table.ts";
import { LABEL, type Term, type Triple } from "./terms.ts";
import { type View, views } from "./views.ts";
import { vocabulary } from "./vocabulary.ts";

/** `format=` of the endpoint, and the ending of the file. */
const SOLUTIONS = [["json", "json"], ["xml", "xml"], ["csv", "csv"], ["tsv", "tsv"]] as const;
const GRAPHS = [
  ["turtle", "ttl"], ["ntriples", "nt"], ["jsonld", "jsonld"], ["rdfxml", "rdf"], ["trig", "trig"], ["nquads", "nq"],
] as const;
const COLUMNS = ["subject", "predicate", "object"] as const;

export interface Done {
  readonly question: Question;
  readonly result: Result;
  readonly milliseconds: number;
}

/** How much came back, in words. */
export function amount(result: Result): string {
  if (result.form === "table") return counted(result.rows.length, "row");
  return result.form === "triples" ? counted(result.triples.length, "triple") : result.truth ? "yes" : "no";
}

/** A time in words. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${figure(Math.round(milliseconds))} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** The section with the result; `open` is the form to begin with. */
export async function show(
  { question, result, milliseconds }: Done,
  open: string,
  opened: (view: string) => void,
  signal: AbortSignal,
): Promise<HTMLElement> {
  const { names } = await vocabulary();
  const known: Known = { names, labels: await labels(nodes(result), signal) };
  return h(
    "section",
    { class: "result", "aria-labelledby": "result-title" },
    h("h2", { id: "result-title" }, "Result ", h("span", { class: "count" }, `${amount(result)} in ${duration(milliseconds)}`)),
    views("Result", [...forms(result, question, known), code(question, result.form === "triples"), explain(question)], open, opened),
    downloads(question, result.form === "triples"),
  );
}

function forms(result: Result, question: Question, known: Known): View[] {
  if (result.form === "truth")
    return [{ name: "answer", title: "Answer", make: () => h("p", { class: "answer" }, result.truth ? "Yes" : "No") }];
  if (result.form === "table") {
    const { columns, rows } = result;
    if (rows.length === 0) {
      const empty = "No solution: the query is sound, and nothing in the graph matches it.";
      return [{ name: "table", title: "Table", make: () => h("p", { class: "empty" }, empty) }];
    }
    return [
      { name: "table", title: "Table", make: () => table(columns, rows, known) },
      { name: "chart", title: "Chart", make: () => chart(columns, rows, known) },
      { name: "network", title: "Network", make: () => network(edges(columns, rows), known) },
    ];
  }
  const rows = result.triples.map(
    ([subject, predicate, object]): Row => ({ subject, predicate, object }),
  );
  const own = labelled(result.triples, known);
  return [
    { name: "network", title: "Network", make: () => network(result.triples, own) },
    { name: "table", title: "Table", make: () => table(COLUMNS, rows, own) },
    { name: "turtle", title: "Turtle", make: () => turtle(question) },
  ];
}

/** What is known of nodes, with the labels that the triples themselves give. */
function labelled(triples: readonly Triple[], { names, labels }: Known): Known {
  const said = triples.filter(([, predicate, object]) => predicate.value === LABEL && (object.language ?? "en") === "en");
  return { names, labels: new Map([...labels, ...said.map(([subject, , object]) => [subject.value, object.value] as const)]) };
}

async function turtle(question: Question): Promise<Node> {
  const response = await request(question, { accept: "text/turtle" });
  return h("pre", { class: "rdf", tabindex: 0, role: "group", "aria-label": "Turtle" }, await response.text());
}

function code(question: Question, graph: boolean): View {
  const endpoint = new URL("/sparql", location.href);
  for (const [name, iri] of question.graphs) endpoint.searchParams.append(name, iri);
  const make = (): Node =>
    views(
      "Language",
      snippets(endpoint.href, question.query, graph).map(({ name, needs, code }) => ({
        name: name.toLowerCase(),
        title: name,
        make: () =>
          h("div", {},
            h("p", { class: "tools" }, copier("Copy the code", code), needs && h("span", { class: "note" }, "Needs ", h("code", {}, needs))),
            h("pre", { class: "rdf", tabindex: 0, role: "group", "aria-label": `${name} code` }, code),
          ),
      })),
      "",
      () => undefined,
    );
  return { name: "code", title: "As code", make };
}

/** A button that copies a text, and says so. */
export function copier(title: string, text: string | (() => string)): HTMLButtonElement {
  const button = h("button", { type: "button", class: "quiet", click: () => void copy() }, title);
  return button;
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : text());
      button.textContent = "Copied";
    } catch {
      button.textContent = "The browser does not allow it";
    }
    setTimeout(() => (button.textContent = title), 2000);
  }
}

/** How the query is understood: its algebra, with figures and the limits. */
function explain(question: Question): View {
  return { name: "explain", title: "Explain", make: async () => plan(await explained(question)) };
}

function downloads(question: Question, graph: boolean): HTMLElement {
  const formats = graph ? GRAPHS : SOLUTIONS;
  return h(
    "ul",
    { class: "data-links downloads", "aria-label": "Whole result as" },
    ...formats.map(([format, ending]) => {
      const href = address(question, { format });
      const name = `her2kg-result.${ending}`;
      const post = async (event: Event): Promise<void> => {
        event.preventDefault();
        try {
          save(await (await request(question, { others: { format } })).blob(), name);
        } catch (error) {
          const status = document.querySelector("[role=status]");
          if (status && error instanceof Problem) status.textContent = error.detail;
        }
      };
      const long = href.length > LONGEST_ADDRESS;
      return h("li", {}, h("a", { href: long ? "#result-title" : href, download: name, ...(long && { click: (event: Event) => void post(event) }) }, format));
    }),
  );
}

function* nodes(result: Result): Iterable<Term> {
  if (result.form === "table") for (const row of result.rows) yield* Object.values(row);
  if (result.form === "triples") for (const triple of result.triples) yield* triple;
}
