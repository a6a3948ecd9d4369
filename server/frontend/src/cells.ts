/** A term as the page shows it: its label with its name beside, as a link where there is something to read. */

import { h } from "./dom.ts";
import { type Names, number, type Term } from "./terms.ts";

/** What is known of the nodes of a result. */
export interface Known {
  readonly names: Names;
  readonly labels: ReadonlyMap<string, string>;
}

const SILENT = new Set(["http://www.w3.org/2001/XMLSchema#string", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"]);

/** The text that a term is known by. */
export function text(term: Term | undefined, { names, labels }: Known): string {
  if (!term) return "";
  return term.type === "uri" ? (labels.get(term.value) ?? names.short(term.value)) : term.value;
}

/** The content of a cell. */
export function cell(term: Term | undefined, known: Known): Node {
  if (!term) return h("span", { class: "aside" }, "–");
  if (term.type === "uri") {
    const label = known.labels.get(term.value);
    const name = known.names.short(term.value);
    const page = known.names.page(term.value);
    const shown = page ? h("a", { href: page, title: term.value }, label ?? name) : h("span", {}, label ?? name);
    return label === undefined ? shown : h("span", {}, shown, " ", h("span", { class: "aside name-of" }, name));
  }
  const note =
    term.language ??
    (term.datatype && !SILENT.has(term.datatype) && Number.isNaN(number(term)) ? known.names.short(term.datatype) : "");
  return h("span", {}, term.value, note && " ", note && h("span", { class: "aside" }, note));
}
