/** The query as a program would ask it. */

export interface Snippet {
  readonly name: string;
  readonly needs: string;
  readonly code: string;
}

type Writer = (endpoint: string, query: string, graph: boolean) => string;

const shell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const json = (text: string): string => JSON.stringify(text);

/** A string literal of Python that shows the query as it is. */
function python(text: string): string {
  return text.includes("\\") || text.includes('"""') ? json(text) : `"""\n${text.trim()}\n"""`;
}

/** A string literal of R that shows the query as it is. */
function r(text: string): string {
  let dashes = "-";
  while (text.includes(`)${dashes}"`)) dashes += "-";
  return `r"${dashes}(\n${text.trim()}\n)${dashes}"`;
}

/** A template literal of JavaScript. */
function template(text: string): string {
  return `\`\n${text.trim().replace(/[\\`]|\$(?=\{)/g, "\\$&")}\n\``;
}

const WRITERS: readonly (readonly [name: string, needs: string, write: Writer])[] = [
  [
    "curl",
    "",
    (endpoint, query, graph) =>
      `curl --fail-with-body ${shell(endpoint)} \\\n  --header 'Accept: ${graph ? "text/turtle" : "text/csv"}' \\\n  --data-urlencode query=${shell(query.trim())}\n`,
  ],
  [
    "Python",
    "pip install sparqlwrapper",
    (endpoint, query, graph) => `from SPARQLWrapper import ${graph ? "SPARQLWrapper, TURTLE" : "JSON, SPARQLWrapper"}

query = ${python(query)}

sparql = SPARQLWrapper(${json(endpoint)})
sparql.setMethod("POST")
sparql.setQuery(query)
sparql.setReturnFormat(${graph ? "TURTLE" : "JSON"})
${
  graph
    ? `print(sparql.query().convert().decode())
`
    : `for row in sparql.queryAndConvert()["results"]["bindings"]:
    print({name: term["value"] for name, term in row.items()})
`
}`,
  ],
  [
    "pandas",
    "pip install pandas requests",
    (endpoint, query, graph) =>
      graph
        ? `import requests

query = ${python(query)}

answer = requests.post(${json(endpoint)}, data={"query": query}, headers={"Accept": "text/turtle"}, timeout=60)
if not answer.ok:
    raise SystemExit(answer.text)  # it says what is wrong
print(answer.text)  # triples are no table: rdflib reads them, or ask with SELECT
`
        : `import io

import pandas as pd
import requests

query = ${python(query)}

answer = requests.post(${json(endpoint)}, data={"query": query}, headers={"Accept": "text/csv"}, timeout=60)
if not answer.ok:
    raise SystemExit(answer.text)  # it says what is wrong
frame = pd.read_csv(io.StringIO(answer.text))
print(frame)
`,
  ],
  [
    "R",
    'install.packages(c("httr2", "readr"))',
    (endpoint, query, graph) => `library(httr2)

query <- ${r(query)}

answer <- request(${json(endpoint)}) |>
  req_headers(Accept = "${graph ? "text/turtle" : "text/csv"}") |>
  req_body_form(query = query) |>
  req_error(body = \\(answer) resp_body_string(answer)) |> # it says what is wrong
  req_perform()
${graph ? "cat(resp_body_string(answer))" : "data <- readr::read_csv(I(resp_body_string(answer)))\nprint(data)"}
`,
  ],
  [
    "JavaScript",
    "",
    (endpoint, query, graph) => `const query = ${template(query)};

const answer = await fetch(${json(endpoint)}, {
  method: "POST",
  headers: { Accept: "${graph ? "text/turtle" : "application/sparql-results+json"}" },
  body: new URLSearchParams({ query }),
});
if (!answer.ok) throw new Error(await answer.text());
${graph ? "console.log(await answer.text());" : "const { results } = await answer.json();\nconsole.table(results.bindings.map((row) => Object.fromEntries(Object.entries(row).map(([name, { value }]) => [name, value]))));"}
`,
  ],
];

/** The query in each language; `graph` says whether its answer is triples. */
export function snippets(endpoint: string, query: string, graph: boolean): Snippet[] {
  return WRITERS.map(([name, needs, write]) => ({ name, needs, code: write(endpoint, query, graph) }));
}
