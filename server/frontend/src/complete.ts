/** What could come next in a query: keywords, variables, and the data's own terms with labels and counts. */

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";

import { counted, figure } from "./dom.ts";
import { FUNCTIONS, KEYWORDS, OFFERED } from "./keywords.ts";
import type { Names } from "./terms.ts";
import { type Token, tokens } from "./tokens.ts";
import { type Entry, things, vocabulary } from "./vocabulary.ts";

type Place = "subject" | "property" | "object" | "class" | "expression";

const RDF_TYPE = /^(?:a|rdf:type|<http:\/\/www\.w3\.org\/1999\/02\/22-rdf-syntax-ns#type>)$/;
const OFFERS = 12;
/** Letters of a name before the server is asked for things. */
const ENOUGH = 2;

/** How well each kind of entry fits each place. */
const FIT: Record<Place, Record<Entry["kind"], number>> = {
  subject: { individual: 20, class: -20, property: -20 },
  property: { property: 40, individual: -60, class: -40 },
  object: { individual: 20, class: 0, property: -40 },
  class: { class: 40, individual: -60, property: -60 },
  expression: { individual: 0, class: 0, property: 0 },
};

/** CodeMirror's source of completions for SPARQL. */
export async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const before = context.state.doc.sliceString(0, context.pos);
  const word = /[?$]?[\p{L}\p{N}_\-.:·]*$/u.exec(before)?.[0] ?? "";
  const from = context.pos - word.length;
  const all = tokens(before.slice(0, from));
  const last = all.at(-1);
  if (last?.kind === "comment" || (last?.kind === "sign" && /["'<@\\^]/.test(last.text))) return null;
  if (!word && !context.explicit) return null;
  const result = (options: Completion[]): CompletionResult => ({ from, options, filter: false });
  if (/^[?$]/.test(word)) return result(variables(context, word));

  const where = placeOf(all);
  const { names, terms } = await vocabulary();
  const [prefix, local] = word.includes(":") ? word.split(/:(.*)/s) : [undefined, word];
  const kind = prefix === undefined ? "" : kindOf(names, prefix);
  const asked = (local ?? "").replace(/[_\-.]+/g, " ").trim();
  const wanted = asked.length >= ENOUGH || kind ? await things(asked.length >= ENOUGH ? asked : "", kind) : [];
  if (context.aborted) return null;
  const scored = [...terms, ...wanted]
    .map((entry) => ({ entry, score: score(entry, word, asked, names) + FIT[where][entry.kind] }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .slice(0, OFFERS)
    .map(({ entry }) => option(entry, names));
  if (prefix !== undefined) return result(scored);
  const said = [...keywords(word, where), ...declarable(names, word)];
  const fits = where === "property" || where === "class" ? [...scored, ...said] : [...said.slice(0, 4), ...scored, ...said.slice(4)];
  return result(fits.slice(0, OFFERS));
}

/** What stands where the next token will, by the tokens before it. */
function placeOf(all: readonly Token[]): Place {
  let terms = 0;
  let round = 0;
  let property = "";
  let inGroup = 0;
  for (const { kind, text } of all) {
    if (kind === "space" || kind === "comment") continue;
    const word = kind === "word" ? text.toUpperCase() : "";
    if (text === "{" || text === "}") {
      inGroup += text === "{" ? 1 : -1;
      terms = 0;
    } else if (text === "(") round += 1;
    else if (text === ")") round -= 1;
    else if (round > 0 && terms === 0) continue;
    else if (text === "." || KEYWORDS.has(word) || FUNCTIONS.has(word)) terms = 0;
    else if (text === ";") terms = 1;
    else if (text === "," || text === "[" || text === "]") terms = text === "," ? 2 : text === "[" ? 1 : terms;
    else if (kind === "sign" && /^[/|^!]$/.test(text)) terms = Math.min(terms, 1);
    else if (kind !== "sign") {
      terms += 1;
      if (terms === 2) property = text;
    }
  }
  if (inGroup <= 0 || (round > 0 && terms === 0)) return "expression";
  if (terms === 0) return "subject";
  if (terms === 1) return "property";
  return RDF_TYPE.test(property) ? "class" : "object";
}

/** How well an entry fits what was typed; 0 or less for not at all. */
function score({ iri, label, kind, count }: Entry, word: string, asked: string, names: Names): number {
  const often = Math.log10(1 + count);
  const name = names.short(iri).toLowerCase();
  const typed = word.toLowerCase();
  if (word.includes(":")) return name.startsWith(typed) ? 100 + often : inName(name, typed) ? 80 + often : 0;
  if (!typed) return kind === "individual" ? 0 : 1 + often;
  const local = name.slice(name.indexOf(":") + 1);
  if (local.startsWith(typed)) return 100 + often - local.length / 100;
  if (kind === "individual") return 90 + often; // the server has found that its names fit
  const words = (label ?? "").toLowerCase().split(/\W+/);
  if (words.some((each) => each.startsWith(asked.toLowerCase()))) return 80 + often;
  return name.includes(typed) ? 60 + often : 0;
}

/** Whether a prefixed name has what was typed after its prefix somewhere else than at its beginning. */
function inName(name: string, typed: string): boolean {
  const [prefix, local] = typed.split(/:(.*)/s);
  return name.startsWith(`${prefix}:`) && (local ?? "") !== "" && name.slice(name.indexOf(":")).includes(local ?? "");
}

/** The kind of things that a prefix stands for, as the server's addresses have it. */
function kindOf(names: Names, prefix: string): string {
  const things = `${names.base}id/`;
  const namespace = names.prefixes[prefix] ?? "";
  return namespace.startsWith(things) ? namespace.slice(things.length).replace(/\/$/, "") : "";
}

function option(entry: Entry, names: Names): Completion {
  const found = names.prefixed(entry.iri);
  const what = entry.kind === "individual" ? entry.type : undefined;
  const uses = entry.kind === "class" ? counted(entry.count, "instance") : `${figure(entry.count)}×`;
  return {
    label: found?.name ?? `<${entry.iri}>`,
    detail: [entry.label, what, uses].filter(Boolean).join(" · "),
    type: entry.kind,
    apply: (view, _, from, to) => insert(view, from, to, found?.name ?? `<${entry.iri}>`, found?.prefix, names),
  };
}

/** Put a name in and, where its prefix is not declared yet, the declaration: the query then works anywhere. */
function insert(view: EditorView, from: number, to: number, name: string, prefix: string | undefined, names: Names): void {
  const query = view.state.doc.toString();
  const changes = [{ from, to, insert: name }];
  if (prefix !== undefined && !declared(query).has(prefix)) {
    const at = prologue(query);
    changes.push({ from: at, to: at, insert: `PREFIX ${prefix}: <${names.prefixes[prefix]}>\n` });
  }
  const added = changes[1]?.insert.length ?? 0;
  view.dispatch({ changes, selection: { anchor: from + name.length + added }, userEvent: "input.complete", scrollIntoView: true });
}

/** The prefixes that a query declares. */
export function declared(query: string): Set<string> {
  const all = tokens(query).filter(({ kind }) => kind !== "space" && kind !== "comment");
  return new Set(
    all.flatMap(({ text }, index) =>
      all[index - 1]?.text.toUpperCase() === "PREFIX" && text.endsWith(":") ? [text.slice(0, -1)] : [],
    ),
  );
}

/** Where one more declaration goes: after the last one, or before the first word. */
function prologue(query: string): number {
  const all = tokens(query);
  const words = all.filter(({ kind }) => kind === "word");
  const last = words.findLast(({ text }) => /^(?:prefix|base)$/i.test(text));
  if (!last) return words[0]?.at ?? 0;
  const iri = all.find(({ kind, at }) => kind === "iri" && at > last.at);
  const end = query.indexOf("\n", iri?.at ?? last.at);
  return end < 0 ? query.length : end + 1;
}

function variables(context: CompletionContext, word: string): Completion[] {
  const all = tokens(context.state.doc.toString())
    .filter(({ kind, at }) => kind === "variable" && at !== context.pos - word.length)
    .map(({ text }) => text);
  return [...new Set(all)]
    .filter((name) => name.startsWith(word))
    .sort()
    .map((label) => ({ label, type: "variable" }));
}

function keywords(word: string, place: Place): Completion[] {
  if (!word) return [];
  const typed = word.toUpperCase();
  return OFFERED.filter((keyword) => keyword.startsWith(typed) && (place !== "class" || KEYWORDS.has(keyword))).map(
    (label) => ({
      label,
      detail: FUNCTIONS.has(label) ? "function" : "",
      type: "keyword",
      ...(FUNCTIONS.has(label) && { apply: `${label}(` }),
    }),
  );
}

function declarable(names: Names, word: string): Completion[] {
  return Object.entries(names.prefixes)
    .filter(([prefix]) => word && prefix.startsWith(word.toLowerCase()))
    .map(([prefix, namespace]) => ({ label: `${prefix}:`, detail: namespace, type: "namespace" }));
}
