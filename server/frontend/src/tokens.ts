/** SPARQL's tokens, as far as laying a query out and knowing one's place in it needs them. */

export type Kind =
  | "space" | "comment" | "iri" | "string" | "variable" | "pname" | "word" | "number" | "open" | "close" | "sign";

export interface Token {
  readonly kind: Kind;
  readonly text: string;
  readonly at: number;
}

const NAME = String.raw`[\p{L}\p{N}_\-·]`;
const LOCAL = String.raw`(?:${NAME}|[:]|%[0-9A-Fa-f]{2}|\\.|\.(?=${NAME}|[:.%\\]))`;
const TOKEN = new RegExp(
  [
    String.raw`(?<space>\s+)`,
    String.raw`(?<comment>#[^\n\r]*)`,
    String.raw`(?<iri><[^<>"{}|^\x60\s]*>)`,
    String.raw`(?<string>"""(?:[^\\]|\\[^])*?"""|'''(?:[^\\]|\\[^])*?'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')`,
    String.raw`(?<variable>[?$][\p{L}\p{N}_·]+)`,
    String.raw`(?<pname>(?:[\p{L}_](?:${NAME}|\.(?=${NAME}|\.))*)?:${LOCAL}*)`,
    String.raw`(?<word>@?[\p{L}_](?:[\p{L}\p{N}_]|-(?=[\p{L}\p{N}]))*)`,
    String.raw`(?<number>(?:\d+\.?\d*|\.\d+)[eE][+\-]?\d+|\d*\.\d+|\d+)`,
    String.raw`(?<open>[(\[{])`,
    String.raw`(?<close>[)\]}])`,
    String.raw`(?<sign>\^\^|&&|\|\||!=|<=|>=|[^])`,
  ].join("|"),
  "uy",
);

/** The tokens of a query; their texts, put together, are the query again. */
export function tokens(query: string): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < query.length; ) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(query);
    if (!match?.groups) break; // cannot be: the last alternative takes any character
    const kind = Object.keys(match.groups).find((name) => match.groups?.[name] !== undefined) as Kind;
    found.push({ kind, text: match[0], at });
    at += match[0].length;
  }
  return found;
}
