/** A result as a table that is sorted by its heads, filtered by words, and turned over page by page. */

import { cell, type Known, text } from "./cells.ts";
import { choice, counted, figure, h } from "./dom.ts";
import { number, type Term } from "./terms.ts";

export type Row = Readonly<Record<string, Term>>;

const SIZES = [50, 200, 1000];
const ORDER = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
let size = 50; // as it was last chosen

/** The table of some rows. */
export function table(columns: readonly string[], rows: readonly Row[], known: Known): HTMLElement {
  let words = "";
  let page = 0;
  let sorted: { column: string; down: boolean } | undefined;

  const texts = new Map<Row, string>(); // what a row is searched in, made when it is first searched
  const body = h("tbody");
  const status = h("p", { class: "note", role: "status" });
  const heads = new Map(columns.map((column) => [column, head(column)]));
  const turn = (by: number) => () => {
    page += by;
    draw();
    scroller.scrollTop = 0;
  };
  const before = h("button", { type: "button", class: "quiet", click: turn(-1) }, "Previous");
  const after = h("button", { type: "button", class: "quiet", click: turn(1) }, "Next");
  const filter = h("input", {
    type: "search",
    autocomplete: "off",
    "aria-label": "Only rows with these words",
    placeholder: "Filter rows",
    input: () => {
      words = filter.value;
      page = 0;
      draw();
    },
  });
  const sizes = choice(
    "Rows a page",
    SIZES.map((each) => [String(each), figure(each)] as const),
    String(size),
    (value) => {
      size = Number(value);
      page = 0;
      draw();
    },
  );
  const scroller = h(
    "div",
    { class: "scroll", role: "group", "aria-label": "Rows", tabindex: 0 },
    h("table", { class: "results" }, h("thead", {}, h("tr", {}, ...heads.values())), body),
  );
  const many = rows.length > Math.min(...SIZES);
  draw();
  return h(
    "div",
    {},
    h("div", { class: "tools" }, filter, many && sizes, many && h("span", { class: "pager" }, before, after), status),
    scroller,
  );

  function head(column: string): HTMLTableCellElement {
    const sort = (): void => {
      sorted = { column, down: sorted?.column === column && !sorted.down };
      page = 0;
      draw();
    };
    return h("th", { scope: "col" }, h("button", { type: "button", class: "sort", click: sort }, column));
  }

  function draw(): void {
    const shown = ordered(rows.filter((row) => matches(row, words)));
    const pages = Math.max(1, Math.ceil(shown.length / size));
    page = Math.min(Math.max(page, 0), pages - 1);
    const from = page * size;
    body.replaceChildren(
      ...shown.slice(from, from + size).map((row) =>
        h(
          "tr",
          {},
          ...columns.map((column) =>
            h("td", { class: Number.isNaN(number(row[column])) ? null : "number" }, cell(row[column], known)),
          ),
        ),
      ),
    );
    before.disabled = page === 0;
    after.disabled = page >= pages - 1;
    const to = Math.min(from + size, shown.length);
    const all = shown.length === rows.length && pages === 1; // their number is in the heading
    const some = `${figure(from + 1)}–${figure(to)} of ${counted(shown.length, "row")}`;
    status.textContent = all ? "" : shown.length ? some : "No row has these words.";
    for (const [column, element] of heads) {
      if (sorted?.column === column) element.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
      else element.removeAttribute("aria-sort");
    }
  }

  function matches(row: Row, wanted: string): boolean {
    if (!wanted.trim()) return true;
    const all = searched(row);
    return wanted.toLowerCase().trim().split(/\s+/).every((word) => all.includes(word));
  }

  function searched(row: Row): string {
    let all = texts.get(row);
    if (all === undefined) {
      const said = columns.map((column) => row[column]).filter((term) => term !== undefined);
      all = said.map((term) => `${text(term, known)} ${known.names.short(term.value)} ${term.value}`).join(" ").toLowerCase();
      texts.set(row, all);
    }
    return all;
  }

  function ordered(chosen: Row[]): Row[] {
    if (!sorted) return chosen;
    const { column, down } = sorted;
    const keyed = chosen.map((row) => ({ row, figure: number(row[column]), text: text(row[column], known) }));
    keyed.sort((one, other) => {
      const byFigure = one.figure - other.figure;
      const order = Number.isNaN(byFigure) ? ORDER.compare(one.text, other.text) : byFigure;
      return down ? -order : order;
    });
    return keyed.map(({ row }) => row);
  }
}
