/** A result as a network: nodes one can go to, laid out by forces, drawn as SVG with real links. */

import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY, type SimulationNodeDatum } from "d3-force";

import { type Known, text } from "./cells.ts";
import { figure, h, svg } from "./dom.ts";
import type { Row } from "./table.ts";
import { key, type Term, type Triple } from "./terms.ts";

interface Point extends SimulationNodeDatum {
  readonly term: Term;
  readonly name: string;
  links: number;
}
interface Line {
  readonly source: Point;
  readonly target: Point;
  name: string;
}

const MOST_NODES = 120;
const STEPS = 300;
const ROOM = 28;
const HEIGHT = 17; // of a name
const ROUNDS = 200;

/** The triples that rows hold: `?s ?p ?o` as they are, else each row's first and last node with its columns as the line. */
export function edges(columns: readonly string[], rows: readonly Row[]): Triple[] {
  const nodes = columns.filter((column) => rows.some((row) => row[column] && row[column].type !== "literal"));
  const [subject, predicate, object] = columns;
  if (columns.length === 3 && subject && predicate && object && nodes.includes(subject) && nodes.includes(predicate))
    return triplesOf(rows, subject, (row) => row[predicate], object);
  const [from, to] = [nodes[0], nodes[1]];
  if (!from || !to) return [];
  const line: Term = { type: "literal", value: `${from} – ${to}` };
  return triplesOf(rows, from, () => line, to);
}

function triplesOf(rows: readonly Row[], from: string, by: (row: Row) => Term | undefined, to: string): Triple[] {
  return rows.flatMap((row) => {
    const [subject, predicate, object] = [row[from], by(row), row[to]];
    return subject && predicate && object && subject.type !== "literal" ? [[subject, predicate, object] as const] : [];
  });
}

/** The network of some triples; literals are left to the table. */
export function network(triples: readonly Triple[], known: Known): HTMLElement {
  const points = new Map<string, Point>();
  const lines = new Map<string, Line>();
  let left = 0;
  for (const [subject, predicate, object] of triples) {
    if (object.type === "literal") continue;
    const source = point(subject);
    const target = point(object);
    if (!source || !target) {
      left += 1;
      continue;
    }
    const name = text(predicate, known);
    const between = `${key(subject)}|${key(object)}`;
    const line = lines.get(between);
    if (!line) {
      lines.set(between, { source, target, name });
      source.links += 1;
      target.links += 1;
    } else if (!line.name.split(", ").includes(name)) line.name += `, ${name}`;
  }
  const linked = [...points.values()].filter(({ links }) => links > 0);
  if (linked.length === 0)
    return h("p", { class: "empty" }, "No two nodes are linked in this result: it has only literals, or one node a row.");
  layOut(linked, [...lines.values()]);
  const note = `${figure(linked.length)} nodes, ${figure(lines.size)} lines. ${
    left ? `${figure(left)} triples more would need more than ${MOST_NODES} nodes; the table has them all. ` : ""
  }A node leads to its page.`;
  return h("div", {}, h("p", { class: "note" }, note), h("div", { class: "drawing", role: "group", "aria-label": "Drawing", tabindex: 0 }, draw(linked, [...lines.values()], known)));

  function point(term: Term): Point | undefined {
    const found = points.get(key(term));
    if (found || points.size >= MOST_NODES) return found;
    const made = { term, name: text(term, known), links: 0 };
    points.set(key(term), made);
    return made;
  }
}

/** Give each point its place; the same network gets the same places. */
function layOut(points: Point[], lines: Line[]): void {
  const spread = Math.min(1, 12 / points.length);
  forceSimulation(points)
    .force("link", forceLink<Point, Line>(lines).distance(70))
    .force("charge", forceManyBody().strength(-260))
    .force("x", forceX(0).strength(0.05 + spread * 0.02))
    .force("y", forceY(0).strength(0.11 + spread * 0.02))
    .force("collide", forceCollide<Point>((each) => 14 + Math.min(each.name.length, 24) * 1.5))
    .stop()
    .tick(STEPS);
  separate(points);
}

/** Move points up and down until no name stands over another's. */
function separate(points: Point[]): void {
  for (let round = 0; round < ROUNDS; round += 1) {
    let moved = false;
    points.forEach((one, index) => {
      for (const other of points.slice(index + 1)) {
        const beside = (one.x ?? 0) - 10 > end(other) || (other.x ?? 0) - 10 > end(one);
        const lower = (other.y ?? 0) - (one.y ?? 0);
        const lacking = HEIGHT - Math.abs(lower);
        if (beside || lacking <= 0) continue;
        const push = (lower < 0 ? -1 : 1) * (lacking / 2 + 0.5);
        one.y = (one.y ?? 0) - push;
        other.y = (other.y ?? 0) + push;
        moved = true;
      }
    });
    if (!moved) return;
  }
}

/** Where the name of a point ends, from the left. */
const end = ({ x = 0, name }: Point): number => x + 16 + Math.min(name.length, 28) * 6.6;

function draw(points: Point[], lines: Line[], known: Known): SVGElement {
  const xs = points.map((each) => [(each.x ?? 0) - ROOM, end(each)]).flat();
  const ys = points.map(({ y = 0 }) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys) - ROOM];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) + ROOM - top];
  const names = points.length <= 60 && lines.length <= 40;
  return svg(
    "svg",
    { class: "network", viewBox: [left, top, width, height].map(Math.round).join(" "), role: "group", "aria-label": "Network of the result; the table has the same" },
    ...lines.map(({ source, target, name }) => {
      const [x1, y1, x2, y2] = [source.x ?? 0, source.y ?? 0, target.x ?? 0, target.y ?? 0].map(Math.round);
      return svg("g", { class: "edge" },
        svg("line", { x1: x1 ?? 0, y1: y1 ?? 0, x2: x2 ?? 0, y2: y2 ?? 0 }, svg("title", {}, `${source.name} – ${name} – ${target.name}`)),
        names && svg("text", { x: ((x1 ?? 0) + (x2 ?? 0)) / 2, y: ((y1 ?? 0) + (y2 ?? 0)) / 2 - 3, "text-anchor": "middle", "aria-hidden": "true" }, name),
      );
    }),
    ...points.map(({ x = 0, y = 0, term, name, links }) => {
      const page = term.type === "uri" ? known.names.page(term.value) : null;
      const shown = [
        svg("circle", { r: 5 + Math.min(7, Math.sqrt(links) * 1.5) }),
        svg("text", { x: 14, y: 4 }, name.length > 28 ? `${name.slice(0, 27)}…` : name),
        svg("title", {}, term.value),
      ];
      const place = { class: "node", transform: `translate(${Math.round(x)} ${Math.round(y)})` };
      return page ? svg("a", { ...place, href: page }, ...shown) : svg("g", place, ...shown);
    }),
  );
}
