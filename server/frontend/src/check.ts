/** What is wrong with a query as it is being written, said by the parser that would answer it. */

import { ensureSyntaxTree } from "@codemirror/language";
import type { EditorState } from "@codemirror/state";

import { Problem, respond } from "./client.ts";
import { tokens } from "./tokens.ts";

interface Verdict {
  readonly ok: boolean | null;
  readonly detail?: string;
  readonly mend?: string;
  readonly line?: number;
  readonly column?: number;
}

let latest: AbortController | undefined;

/** The fault of a query; null for none, and where it could not be found out. */
export async function check(query: string): Promise<Problem | null> {
  latest?.abort();
  latest = new AbortController();
  if (!query.trim()) return null;
  try {
    const response = await respond("/sparql/check", {
      method: "POST",
      headers: { "Content-Type": "application/sparql-query" },
      body: query,
      signal: latest.signal,
    });
    const verdict = (await response.json()) as Verdict;
    if (verdict.ok !== false) return null;
    return new Problem("", verdict.detail ?? "", verdict.mend, verdict.line, verdict.column);
  } catch {
    return null; // not reached, or a newer check is under way: running the query will say it
  }
}

export interface Fault {
  readonly from: number;
  readonly to: number;
  readonly line: number;
  readonly column: number;
  readonly what: string;
  readonly mend: string;
}

/** The server's parser tells how far it looked: past the fault by a keyword that it tried to read there, at most. */
const LOOKAHEAD = 24;
/** What the server says when it knows no more than that the query is malformed. */
const UNEXPLAINED = /is not SPARQL/;

/**
 * The place of a problem in the query. The server alone decides that there is one; where its line and column are only
 * about right, as for a fault of syntax, the editor's own grammar says which token it is.
 */
export function place(state: EditorState, problem: Problem): Fault {
  const { doc } = state;
  const told = doc.line(Math.min(Math.max(problem.line ?? 1, 1), doc.lines));
  const before = [...told.text].slice(0, Math.max(0, (problem.column ?? 1) - 1)).join("").length; // in UTF-16 units
  const at = told.from + before;
  const all = tokens(doc.toString()).filter(({ kind }) => kind !== "space" && kind !== "comment");
  const malformed = UNEXPLAINED.test(problem.detail) ? breach(state, at) : null;
  const start = malformed ?? at;
  const token = all.find((each) => each.at + each.text.length > start) ?? all.at(-1);
  const past = token !== undefined && token.at + token.text.length <= start; // the end has come too early
  const from = token?.at ?? 0;
  const line = doc.lineAt(from);
  return {
    from,
    to: Math.min(doc.length, from + (token?.text.length ?? 1)),
    line: line.number,
    column: from - line.from + 1,
    what: malformed === null ? problem.detail : past ? "The query ends too early." : `“${token?.text}” cannot stand here.`,
    mend: malformed === null ? problem.mend : "The fault is here or shortly before.",
  };
}

/** Where the editor's grammar finds the first fault, if that can be the one that the server's parser met at `at`. */
function breach(state: EditorState, at: number): number | null {
  let found: number | null = null;
  ensureSyntaxTree(state, state.doc.length, 200)?.iterate({
    enter: ({ type, from }) => {
      if (type.isError) found ??= from;
      return found === null;
    },
  });
  const least = at - LOOKAHEAD - spaces(state.doc.sliceString(0, at));
  return found !== null && found >= least && found <= at ? found : null;
}

/** The length of the white space and comments that a text ends with: a parser skips them. */
function spaces(text: string): number {
  const last = tokens(text).findLast(({ kind }) => kind !== "space" && kind !== "comment");
  return text.length - (last ? last.at + last.text.length : 0);
}
