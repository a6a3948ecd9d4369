/** The endpoint, asked by fetch: a whole answer, or a `Problem` in the server's own words. */

import { type Term, type Triple, triples } from "./terms.ts";

export interface Question {
  readonly query: string;
  /** `default-graph-uri` and `named-graph-uri` of the page's address, which each request repeats. */
  readonly graphs: readonly (readonly [name: string, iri: string])[];
}

export interface Table {
  readonly form: "table";
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, Term>>[];
}
export interface Truth {
  readonly form: "truth";
  readonly truth: boolean;
}
export interface Triples {
  readonly form: "triples";
  readonly triples: readonly Triple[];
}
export type Result = Table | Truth | Triples;

/** What is wrong, as the server's problem details say it. */
export class Problem extends Error {
  constructor(
    readonly title: string,
    readonly detail: string,
    readonly mend = "",
    readonly line?: number,
    readonly column?: number,
  ) {
    super(detail);
  }
}

const ENDPOINT = "/sparql";
const JSON_RESULTS = "application/sparql-results+json";
const N_TRIPLES = "application/n-triples";

/** Characters of an address that any browser, proxy and chat program takes. */
export const LONGEST_ADDRESS = 6000;

/** The parameters of a question, with others beside. */
export function parameters(question: Question, others: Readonly<Record<string, string>> = {}): URLSearchParams {
  return new URLSearchParams([["query", question.query], ...question.graphs.map(([n, i]) => [n, i]), ...Object.entries(others)]);
}

/** The address that answers a question. */
export function address(question: Question, others: Readonly<Record<string, string>> = {}): string {
  return `${ENDPOINT}?${parameters(question, others)}`;
}

/** The response to a question, in the format that is accepted or named; raises a `Problem`. */
export async function request(
  question: Question,
  { accept, others = {}, signal }: { accept?: string; others?: Record<string, string>; signal?: AbortSignal },
): Promise<Response> {
  const whole = address(question, others);
  const long = whole.length > LONGEST_ADDRESS;
  return respond(long ? ENDPOINT : whole, {
    method: long ? "POST" : "GET",
    ...(long && { body: parameters(question, others) }),
    ...(accept && { headers: { Accept: accept } }),
    ...(signal && { signal }),
  });
}

/** The answer to a question. */
export async function ask(question: Question, signal?: AbortSignal): Promise<Result> {
  const response = await request(question, {
    accept: `${JSON_RESULTS}, ${N_TRIPLES};q=0.9`,
    ...(signal && { signal }),
  });
  if (response.headers.get("Content-Type")?.startsWith(N_TRIPLES))
    return { form: "triples", triples: triples(await response.text()) };
  const answer = (await response.json()) as {
    boolean?: boolean;
    head: { vars?: string[] };
    results?: { bindings: Record<string, JsonTerm>[] };
  };
  if (answer.boolean !== undefined) return { form: "truth", truth: answer.boolean };
  return {
    form: "table",
    columns: answer.head.vars ?? [],
    rows: (answer.results?.bindings ?? []).map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, term(value)])),
    ),
  };
}

interface JsonTerm {
  type: Term["type"] | "typed-literal";
  value: unknown;
  "xml:lang"?: string;
  datatype?: string;
}

function term(json: JsonTerm): Term {
  return {
    type: json.type === "typed-literal" ? "literal" : json.type,
    value: typeof json.value === "string" ? json.value : JSON.stringify(json.value),
    ...(json["xml:lang"] !== undefined && { language: json["xml:lang"] }),
    ...(json.datatype !== undefined && { datatype: json.datatype }),
  };
}

/** A response that is good, or else the `Problem` in it. */
export async function respond(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, headers: { Accept: "application/json", ...init.headers } });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem("The server does not answer", "The request did not get through.", "Is the server still running?");
  }
  if (response.ok) return response;
  const facts = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const text = (name: string, otherwise: string): string =>
    typeof facts[name] === "string" ? facts[name] : otherwise;
  const count = (name: string): number | undefined => (typeof facts[name] === "number" ? facts[name] : undefined);
  throw new Problem(
    text("title", `The server answered ${response.status}`),
    text("detail", response.statusText),
    text("mend", ""),
    count("line"),
    count("column"),
  );
}
