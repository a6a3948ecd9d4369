/** A result as a picture: bars, a line or points, drawn as SVG, with the table as its other form. */

import { type Known, text } from "./cells.ts";
import { choice, figure, h, svg } from "./dom.ts";
import type { Row } from "./table.ts";
import { number } from "./terms.ts";

type Shape = "bar" | "line" | "scatter";
interface Point {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

const SHAPES = [["bar", "Bars"], ["line", "Line"], ["scatter", "Points"]] as const;
const COUNT = ""; // the column that is not there: how many rows
const MOST = { bar: 40, line: 500, scatter: 2000 } as const;
const WIDTH = 720;
const LEFT = 64;
const HEIGHT = 340;

/** The chart of some rows, with what it shows to choose. */
export function chart(columns: readonly string[], rows: readonly Row[], known: Known): HTMLElement {
  const numeric = columns.filter((column) => {
    const some = rows.slice(0, 200).map((row) => row[column]).filter((term) => term !== undefined);
    return some.length > 0 && some.every((term) => !Number.isNaN(number(term)));
  });
  const words = columns.filter((column) => !numeric.includes(column));
  let x = words[0] ?? columns[0] ?? "";
  let y = numeric.findLast((column) => column !== x) ?? COUNT;
  let shape: Shape = words.length ? "bar" : "scatter";
  const drawing = h("div", { class: "drawing", role: "group", "aria-label": "Chart", tabindex: 0 });
  const named = (column: string): readonly [string, string] => [column, column];
  const redraw = (): void => drawing.replaceChildren(...draw());
  redraw();
  return h(
    "div",
    {},
    h(
      "div",
      { class: "tools" },
      choice("Show as", SHAPES, shape, (value) => {
        shape = value as Shape;
        redraw();
      }),
      choice("Along", columns.map(named), x, (value) => {
        x = value;
        redraw();
      }),
      choice("Value", [...numeric.map(named), [COUNT, "number of rows"]], y, (value) => {
        y = value;
        redraw();
      }),
    ),
    drawing,
  );

  function draw(): Node[] {
    const all = points();
    const shown = all.slice(0, MOST[shape]);
    if (shown.length === 0) return [h("p", { class: "empty" }, "There is nothing to draw in these columns.")];
    const title = `${y || "number of rows"} by ${x}`;
    const note =
      all.length > shown.length &&
      h("p", { class: "note" }, `The first ${figure(shown.length)} of ${figure(all.length)}; the table has them all.`);
    return [shape === "bar" ? bars(shown, title) : lines(shown, title), note].filter((each) => each !== false);
  }

  function points(): Point[] {
    if (y === COUNT) {
      const counts = new Map<string, number>();
      for (const row of rows) {
        const name = text(row[x], known) || "–";
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      return [...counts]
        .sort(([, one], [, other]) => other - one)
        .map(([name, count], index) => ({ name, x: Number(name) || index, y: count }));
    }
    const isNumber = numeric.includes(x);
    const found = rows
      .map((row, index) => ({
        name: text(row[x], known) || "–",
        x: isNumber ? number(row[x]) : index,
        y: number(row[y]),
      }))
      .filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
    return shape !== "bar" && isNumber ? found.sort((one, other) => one.x - other.x) : found;
  }

  function lines(shown: Point[], title: string): SVGElement {
    const across = scale(shown.map((point) => point.x), LEFT, WIDTH - 16, false);
    const up = scale(shown.map((point) => point.y), HEIGHT - 48, 16, true);
    const isNumber = y !== COUNT && numeric.includes(x);
    const path = shown.map(({ x, y }, index) => `${index ? "L" : "M"}${across.at(x)} ${up.at(y)}`).join("");
    return picture(
      title,
      HEIGHT,
      ...up.ticks.map((tick) =>
        svg("g", { class: "tick" },
          svg("line", { x1: LEFT, x2: WIDTH - 16, y1: up.at(tick), y2: up.at(tick) }),
          svg("text", { x: LEFT - 8, y: up.at(tick) + 4, "text-anchor": "end" }, figure(tick)),
        ),
      ),
      ...(isNumber
        ? across.ticks.map((tick) =>
            svg("text", { class: "tick", x: across.at(tick), y: HEIGHT - 28, "text-anchor": "middle" }, plain(tick)),
          )
        : few(shown).map((point) =>
            svg("text", { class: "tick", x: across.at(point.x), y: HEIGHT - 28, "text-anchor": "middle" }, cut(point.name, 14)),
          )),
      svg("text", { class: "axis", x: (LEFT + WIDTH) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, x),
      shape === "line" && svg("path", { class: "stroke", d: path }),
      ...shown.map((point) =>
        svg("circle", { class: "point", cx: across.at(point.x), cy: up.at(point.y), r: shape === "line" ? 3 : 4 },
          svg("title", {}, `${point.name}: ${figure(point.y)}`),
        ),
      ),
    );
  }
}

function bars(shown: Point[], title: string): SVGElement {
  const names = 220;
  const step = 24;
  const along = scale(shown.map((point) => point.y), names, WIDTH - 60, true);
  return picture(
    title,
    shown.length * step + 8,
    ...shown.map((point, index) => {
      const from = Math.min(along.at(0), along.at(point.y));
      const length = Math.max(1, Math.abs(along.at(point.y) - along.at(0)));
      const middle = index * step + 16;
      return svg("g", {},
        svg("text", { class: "label-of", x: names - 8, y: middle + 4, "text-anchor": "end" }, cut(point.name, 32), svg("title", {}, point.name)),
        svg("rect", { class: "fill", x: from, y: middle - 8, width: length, height: 16 }),
        svg("text", { class: "tick", x: from + length + 6, y: middle + 4 }, figure(point.y)),
      );
    }),
  );
}

function picture(title: string, height: number, ...parts: (SVGElement | false)[]): SVGElement {
  return svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": `${title}. The table has the same figures.` }, ...parts);
}

/** A linear scale from values to places, with round figures to write beside it. */
function scale(
  values: readonly number[], from: number, to: number, zero: boolean,
): { at: (value: number) => number; ticks: number[] } {
  let low = zero ? 0 : Infinity;
  let high = zero ? 0 : -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low === high) high = low + 1;
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((each) => each * power >= rough) ?? 10) * power;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step); tick * step <= high; tick += 1) ticks.push(Number((tick * step).toPrecision(12)));
  return { at: (value) => Math.round((from + ((value - low) / (high - low)) * (to - from)) * 10) / 10, ticks };
}

/** As many points as have room for their names. */
function few(shown: readonly Point[]): readonly Point[] {
  const every = Math.ceil(shown.length / 6);
  return shown.filter((_, index) => index % every === 0);
}

/** A number without separators, as years want it. */
function plain(number: number): string {
  return Math.abs(number) < 10_000 ? String(number) : figure(number);
}

function cut(name: string, most: number): string {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}
