/** RDF terms, their short names, and where their pages are. */

export interface Term {
  readonly type: "uri" | "literal" | "bnode" | "triple";
  readonly value: string;
  readonly language?: string;
  readonly datatype?: string;
}

export type Triple = readonly [subject: Term, predicate: Term, object: Term];

export const LABEL = "http://www.w3.org/2000/01/rdf-schema#label";
const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBERS = /^(?:integer|decimal|double|float|(?:nonN|p)ositiveInteger|nonNegativeInteger|int|long|short|gYear)$/;
const LOCAL = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_\-.]*[\p{L}\p{N}_\-])?$/u;

/** Names by prefix, for one dataset: `base` is what its own IRIs begin with. */
export class Names {
  private readonly namespaces: [string, string][];

  constructor(
    readonly base: string,
    readonly prefixes: Readonly<Record<string, string>>,
  ) {
    this.namespaces = Object.entries(prefixes).sort(([, one], [, other]) => other.length - one.length);
  }

  /** An IRI as a prefixed name that SPARQL takes, with the prefix; null where none fits. */
  prefixed(iri: string): { name: string; prefix: string } | null {
    for (const [prefix, namespace] of this.namespaces) {
      const local = iri.startsWith(namespace) ? iri.slice(namespace.length) : "";
      if (local && LOCAL.test(local)) return { name: `${prefix}:${local}`, prefix };
    }
    return null;
  }

  /** An IRI as short as it can be said. */
  short(iri: string): string {
    return this.prefixed(iri)?.name ?? iri;
  }

  /** Where to read about an IRI: on this site for its own, else at its web address; null for no link. */
  page(iri: string): string | null {
    if (iri.startsWith(this.base)) {
      const name = iri.slice(this.base.length);
      return /^(?:id|ontology)(?:\/|$)/.test(name) ? `/${name}` : null;
    }
    return /^https?:\/\//.test(iri) ? iri : null;
  }
}

/** The number that a literal is, NaN for any other term. */
export function number(term: Term | undefined): number {
  if (term?.type !== "literal" || !term.datatype?.startsWith(XSD)) return Number.NaN;
  return NUMBERS.test(term.datatype.slice(XSD.length)) ? Number(term.value) : Number.NaN;
}

/** One string for each term, to tell terms apart. */
export function key(term: Term): string {
  return `${term.type} ${term.value} ${term.language ?? ""} ${term.datatype ?? ""}`;
}

const LINE =
  /^\s*(?:<([^>]*)>|(_:\S+))\s*<([^>]*)>\s*(?:<([^>]*)>|(_:[^\s.]+(?:\.[^\s.]+)*)|"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?)\s*\.\s*$/;
const ESCAPE = /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g;
const LETTERS: Readonly<Record<string, string>> = { t: "\t", b: "\b", n: "\n", r: "\r", f: "\f" };

function unescape(text: string): string {
  return text.replace(ESCAPE, (_, four?: string, eight?: string, letter?: string) =>
    letter === undefined ? String.fromCodePoint(parseInt(four ?? eight ?? "", 16)) : (LETTERS[letter] ?? letter),
  );
}

/** The triples of a text in N-Triples. */
export function triples(text: string): Triple[] {
  const found: Triple[] = [];
  for (const line of text.split("\n")) {
    const match = LINE.exec(line);
    if (!match) continue; // empty, or a comment
    const [, iri, blank, predicate, objectIri, objectBlank, literal, language, datatype] = match;
    const node = (uri: string | undefined, bnode: string | undefined): Term =>
      uri === undefined ? { type: "bnode", value: bnode ?? "" } : { type: "uri", value: unescape(uri) };
    const object: Term =
      literal === undefined
        ? node(objectIri, objectBlank)
        : {
            type: "literal",
            value: unescape(literal),
            ...(language !== undefined && { language }),
            ...(datatype !== undefined && { datatype }),
          };
    found.push([node(iri, blank), node(predicate, undefined), object]);
  }
  return found;
}
