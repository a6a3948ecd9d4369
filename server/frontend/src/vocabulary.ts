/** The data's terms as the server lists them: classes and properties at once, things as one asks for them. */

import { respond } from "./client.ts";
import { Names } from "./terms.ts";

export interface Entry {
  readonly iri: string;
  readonly label: string | null;
  readonly kind: "class" | "property" | "individual";
  readonly count: number;
  /** Of an individual: what it is, in words. */
  readonly type?: string;
}

interface Listing {
  readonly base: string;
  readonly prefixes: Record<string, string>;
  readonly terms: Entry[];
}

export interface Vocabulary {
  readonly names: Names;
  readonly terms: readonly Entry[];
}

const ADDRESS = "/sparql/terms";
/** Milliseconds after which a server that had no listing is asked again. */
const PATIENCE = 60_000;
const NOTHING: Vocabulary = { names: new Names("", {}), terms: [] };
const found = new Map<string, Promise<readonly Entry[]>>();
let all: Promise<Vocabulary> | undefined;

/** Classes, properties and prefixes, fetched once a visit. */
export function vocabulary(): Promise<Vocabulary> {
  all ??= respond(ADDRESS)
    .then((response) => response.json() as Promise<Listing>)
    .then(({ base, prefixes, terms }) => ({ names: new Names(base, prefixes), terms }))
    .catch(() => {
      setTimeout(() => (all = undefined), PATIENCE); // then the next one asks again
      return NOTHING;
    });
  return all;
}

/** The things whose names have words that begin so, or those of a kind; each search is sent once a visit. */
export function things(text: string, kind: string): Promise<readonly Entry[]> {
  const search = new URLSearchParams({ ...(text && { q: text }), ...(kind && { kind }) }).toString();
  let entries = found.get(search);
  if (!entries) {
    entries = respond(`${ADDRESS}?${search}`)
      .then((response) => response.json() as Promise<Listing>)
      .then(({ terms }) => terms)
      .catch(() => {
        found.delete(search);
        return [];
      });
    found.set(search, entries);
  }
  return entries;
}
