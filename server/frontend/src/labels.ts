/** The labels of the nodes in a result, by one query that follows it. */

import { ask } from "./client.ts";
import { LABEL, type Term } from "./terms.ts";

/** Nodes whose labels are asked for; a result with more shows the rest by their names. */
const MOST = 4000;

/** The labels of those of the terms that are IRIs and have one, in English or without a language. */
export async function labels(terms: Iterable<Term>, signal: AbortSignal): Promise<Map<string, string>> {
  const iris = new Set<string>();
  for (const { type, value } of terms) {
    if (type === "uri" && !/[<>"{}|\\^`\s]/.test(value)) iris.add(value);
    if (iris.size === MOST) break;
  }
  const found = new Map<string, string>();
  if (iris.size === 0) return found;
  const values = [...iris].map((iri) => `<${iri}>`).join(" ");
  const query = `SELECT ?node ?label { VALUES ?node { ${values} } ?node <${LABEL}> ?label FILTER(LANG(?label) IN ("", "en")) }`;
  try {
    const result = await ask({ query, graphs: [] }, signal);
    for (const { node, label } of result.form === "table" ? result.rows : [])
      if (node && label) found.set(node.value, label.value);
  } catch {
    // without labels a result is still a result
  }
  return found;
}
