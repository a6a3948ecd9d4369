/** What is known of a query before it is run: its algebra step by step, with a bar for what fits each pattern. */

import { parameters, type Question, respond } from "./client.ts";
import { counted, figure, h, svg } from "./dom.ts";

interface Count {
  readonly number: number | null;
  readonly words: string;
}

interface Step {
  readonly words: string;
  readonly text: string;
  readonly children: readonly Step[];
  readonly count?: Count;
}

export interface Plan {
  readonly algebra: Step | null;
  readonly problem: string;
  readonly order: string;
  readonly searches: readonly { readonly words: string; readonly found: number }[];
  readonly warnings: readonly { readonly words: string }[];
  readonly dataset: { readonly words: string; readonly default: readonly string[]; readonly named: readonly string[] };
  readonly limits: readonly { readonly value: number; readonly unit: string; readonly words: string }[];
  readonly cache: { readonly words: string };
}

/** Ask for the explanation; it goes by POST, for a query may be too long for an address. */
export async function explained(question: Question, signal?: AbortSignal): Promise<Plan> {
  const response = await respond("/sparql/explain", { method: "POST", body: parameters(question), ...(signal && { signal }) });
  return (await response.json()) as Plan;
}

/** The explanation, as the page `/sparql/explain` has it too. */
export function plan(found: Plan): HTMLElement {
  const { algebra, warnings, searches, dataset, limits } = found;
  const graphs = [...dataset.default, ...dataset.named];
  return h("div", { class: "stack-small" },
    warnings.length > 0 && h("ul", { class: "plan-warnings" }, ...warnings.map(({ words }) => h("li", {}, words))),
    algebra
      ? h("ul", { class: "plan" }, step(algebra, most(algebra)))
      : h("p", { class: "empty" }, found.problem),
    ...searches.map(({ words, found: number }) =>
      h("p", { class: "note" }, `The search for “${words}” is answered by the text index first: ${counted(number, "thing")}.`)),
    algebra && h("p", { class: "note" }, `Outermost first: each step works on what is set in under it. A bar shows how many triples fit a pattern by itself. ${found.order}`),
    h("p", { class: "note" }, dataset.words, ...graphs.flatMap((iri) => [" ", h("code", {}, iri)])),
    h("p", { class: "note" }, `Limits: ${limits.map(({ value, unit, words }) => `${figure(value)} ${unit} ${words}`).join("; ")}. ${found.cache.words}`),
  );
}

function step({ words, text, children, count }: Step, largest: number): HTMLElement {
  if (count)
    return h("li", { class: "plan-triple" },
      h("code", {}, text),
      svg("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
        svg("rect", { width: (100 * (count.number ?? 0)) / largest, height: 10 })),
      h("span", { class: "count" }, count.words));
  return h("li", {},
    h("p", { class: "plan-words" }, words),
    text && h("pre", {}, text),
    children.length > 0 && h("ul", { class: "plan" }, ...children.map((child) => step(child, largest))));
}

function most({ count, children }: Step): number {
  return Math.max(1, count?.number ?? 1, ...children.map(most));
}
