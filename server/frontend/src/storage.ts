/** What the browser keeps for this site; where it may keep nothing, everything still works for the visit. */

const ROOM = "her2kg.sparql.";

/** The value kept under a name, if it is one that `valid` takes. */
export function recall<T>(name: string, valid: (value: unknown) => value is T, otherwise: T): T {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(ROOM + name) ?? "null");
    return valid(value) ? value : otherwise;
  } catch {
    return otherwise;
  }
}

/** Keep a value under a name. */
export function keep(name: string, value: unknown): void {
  try {
    localStorage.setItem(ROOM + name, JSON.stringify(value));
  } catch {
    // full, or not allowed: it is forgotten with the page
  }
}
