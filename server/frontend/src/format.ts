/**
 * Lays a query out: a clause and a triple a line, groups indented, keywords in capitals. Only white space and the
 * case of keywords change; comments stay, and so does the space around operators, where it can carry meaning.
 */

import { FUNCTIONS, KEYWORDS } from "./keywords.ts";
import { type Token, tokens } from "./tokens.ts";

const INDENT = "  ";
const SHORT = 64; // characters of a group that may stay on its line

/** Begin a line inside a group. */
const STARTS = new Set([
  ...["FILTER", "BIND", "OPTIONAL", "MINUS", "GRAPH", "SERVICE", "VALUES", "SELECT"],
  ...["GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET"], // of a subquery
]);
/** Begin a line outside of any group. */
const CLAUSES = new Set([
  ...["SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "PREFIX", "BASE", "FROM"],
  ...["GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "VALUES"],
]);
/** Stand close to the bracket that follows them, as functions do. */
const CLOSE = new Set(["FILTER", "BIND", "HAVING", "ASC", "DESC"]);
const FORMS = new Set(["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]);

class Layout {
  private out = "";
  private column = 0;
  /** Whether the next token begins a line whatever it is. */
  pending = false;

  line(depth: number): void {
    this.out = this.out.trimEnd();
    if (this.out) this.out += "\n";
    this.out += INDENT.repeat(depth);
    this.column = 0;
    this.pending = false;
  }

  blank(): void {
    if (this.out.trim()) this.out = this.out.trimEnd() + "\n\n";
    this.column = 0;
  }

  put(text: string, space: boolean): void {
    if (space && this.column > 0) this.out += " ";
    this.out += text;
    this.column += 1;
  }

  get started(): boolean {
    return this.column > 0;
  }

  get text(): string {
    return this.out.trim() + "\n";
  }
}

/** The query, laid out anew; the same query gives the same layout, and a layout stays as it is. */
export function format(query: string): string {
  const all = tokens(query);
  const layout = new Layout();
  const brackets: string[] = [];
  const depth = (): number => brackets.filter((bracket) => bracket === "{").length;
  const inBrackets = (): boolean => brackets.length > 0 && brackets.at(-1) !== "{";
  let extra = 0; // one step more after a semicolon
  let flat = 0; // where a short group that stays on its line ends
  let prologue = false; // a PREFIX or BASE has been, and what follows it has not
  let last: Token | undefined;

  all.forEach((token, index) => {
    const before = all[index - 1];
    const spaced = before?.kind === "space";
    if (token.kind === "space") {
      if (/\n\s*\n/.test(token.text) && token.at >= flat && !inBrackets() && last) layout.blank();
      return;
    }
    const word = token.kind === "word" ? token.text.toUpperCase() : "";
    const text = KEYWORDS.has(word) || FUNCTIONS.has(word) ? word : token.text;
    const inside = token.at < flat;

    if (token.kind === "comment") {
      const trailing = last !== undefined && !(spaced && before.text.includes("\n"));
      if (trailing) layout.put(token.text, true);
      else {
        layout.line(depth());
        layout.put(token.text, false);
      }
      layout.pending = true;
    } else if (token.text === "}" && token.kind === "close") {
      brackets.pop();
      extra = 0;
      if (inside) layout.put("}", true);
      else {
        layout.line(depth());
        layout.put("}", false);
      }
      layout.pending = token.at + 1 >= flat;
    } else {
      const next = last?.text === "}" && (word === "UNION" || word === "WHERE" || token.text === "." || inBrackets());
      const starts =
        !inside &&
        !inBrackets() &&
        (depth() > 0 ? STARTS.has(word) || (token.text === "{" && last?.text !== "UNION") : CLAUSES.has(word));
      const opensGroup = token.text === "{" && token.kind === "open";
      const attached = opensGroup && last !== undefined && /^(word|variable|pname|iri|close)$/.test(last.kind);
      if (prologue && FORMS.has(word) && depth() === 0) {
        layout.blank();
        prologue = false;
      }
      if (word === "PREFIX" || word === "BASE") prologue = true;
      if (!inside && ((layout.pending && !next) || (starts && !(attached && last?.text !== "}")))) {
        if (STARTS.has(word)) extra = 0;
        if (layout.started || layout.pending) layout.line(depth() + extra);
      }
      layout.pending = false;
      layout.put(text, gap(token, last, spaced, inBrackets()));
      if (token.kind === "open") {
        brackets.push(token.text);
        if (opensGroup && !inside) {
          flat = depth() > 1 ? short(all, index) : 0;
          layout.pending = flat === 0;
          extra = 0;
        }
      } else if (token.kind === "close") brackets.pop();
      else if (!inside && !inBrackets() && depth() > 0 && (token.text === "." || token.text === ";")) {
        extra = token.text === ";" ? 1 : 0;
        layout.pending = true;
      }
    }
    last = token;
  });
  return layout.text;
}

/** Whether a space stands before a token. */
function gap(token: Token, last: Token | undefined, spaced: boolean, inBrackets: boolean): boolean {
  if (!last) return false;
  if (token.kind === "sign" && token.text === ",") return false;
  if (last.text === "," || token.text === "{" || last.text === "{") return true;
  if (token.text === ";" || token.text === ".") return !inBrackets || (spaced && token.text === ".");
  if (token.text === ")" || last.text === "(") return false;
  if (last.text === ")" && /^(?:word|variable|open)$/.test(token.kind)) return true;
  if (last.text === "}" || token.text === "[" || (last.kind === "pname" && token.kind === "iri")) return true;
  if (token.text === "(" && last.kind === "word") {
    const word = last.text.toUpperCase();
    return !FUNCTIONS.has(word) && !CLOSE.has(word) && (KEYWORDS.has(word) || spaced);
  }
  return spaced || last.kind === "comment";
}

/** Where a group that is short and has but one triple or filter ends; 0 for any other. */
function short(all: Token[], open: number): number {
  let length = 0;
  for (let index = open + 1; index < all.length; index += 1) {
    const token = all[index] as Token;
    if (token.text === "}") return token.at + 1;
    length += token.kind === "space" ? 1 : token.text.length;
    if (length > SHORT || token.text === "{" || token.kind === "comment" || /^[.;]$/.test(token.text)) return 0;
  }
  return 0;
}
