/** The queries one works on, side by side as tabs, and those that were run; both stay in this browser. */

import { figure, h } from "./dom.ts";
import { keep, recall } from "./storage.ts";

interface Tab {
  readonly id: number;
  readonly title: string;
  readonly query: string;
}

interface Run {
  readonly query: string;
  readonly amount: string;
  readonly milliseconds: number;
  readonly at: string;
}

const MOST_TABS = 20;
const MOST_RUNS = 50;
const MOST_CHARACTERS = 20_000; // of a query that is remembered as run

const isTab = (value: unknown): value is Tab =>
  typeof value === "object" && value !== null && "id" in value && typeof value.id === "number" &&
  "title" in value && typeof value.title === "string" && "query" in value && typeof value.query === "string";
const isRun = (value: unknown): value is Run =>
  typeof value === "object" && value !== null && "query" in value && typeof value.query === "string" &&
  "at" in value && typeof value.at === "string" && "amount" in value && "milliseconds" in value;
const arrayOf = <T>(is: (value: unknown) => value is T) => (value: unknown): value is T[] =>
  Array.isArray(value) && value.every(is);

/** The summary in a query's header, or what it asks for. */
export function titleOf(query: string): string {
  const summary = /^#\+ summary:\s*(.+)$/m.exec(query)?.[1];
  const title = summary ?? query.replace(/^\s*(?:#.*|PREFIX\s.*|BASE\s.*)$/gim, "").trim().replace(/\s+/g, " ");
  return title || "New query";
}

/** The tabs; one is always open. */
export class Tabs {
  readonly element = h("ul", { class: "queries" });
  private tabs = recall("tabs", arrayOf(isTab), []).slice(0, MOST_TABS);
  private open = recall("open", (value): value is number => typeof value === "number", 0);

  constructor(private readonly opened: (query: string) => void) {}

  /** Begin: with a query in a tab of its own, or where one was last time. */
  start(query: string, asked: boolean): void {
    if (asked || this.tabs.length === 0) this.add(query);
    else this.choose(this.tabs.some(({ id }) => id === this.open) ? this.open : (this.tabs[0]?.id ?? 0));
  }

  /** Open a query in its tab, or in a new one. */
  add(query: string): void {
    const same = this.tabs.find((tab) => tab.query.trim() === query.trim());
    if (same) {
      this.choose(same.id);
      return;
    }
    const id = Math.max(0, ...this.tabs.map((tab) => tab.id)) + 1;
    this.tabs = [...this.tabs, { id, title: titleOf(query), query }].slice(-MOST_TABS);
    this.choose(id);
  }

  /** Note that the open query was changed. */
  changed(query: string): void {
    this.tabs = this.tabs.map((tab) => (tab.id === this.open ? { ...tab, query, title: titleOf(query) } : tab));
    this.save();
    const title = this.element.querySelector("[aria-current] .title");
    if (title) title.textContent = titleOf(query);
  }

  private choose(id: number): void {
    this.open = id;
    this.draw();
    this.save();
    this.opened(this.tabs.find((tab) => tab.id === id)?.query ?? "");
  }

  private close(id: number): void {
    const at = this.tabs.findIndex((tab) => tab.id === id);
    this.tabs = this.tabs.filter((tab) => tab.id !== id);
    const next = this.tabs[Math.min(at, this.tabs.length - 1)];
    if (!next) this.add("");
    else if (id === this.open) this.choose(next.id);
    else this.draw();
    this.save();
    this.element.querySelector<HTMLButtonElement>("[aria-current]")?.focus();
  }

  private draw(): void {
    this.element.replaceChildren(
      ...this.tabs.map(({ id, title }) =>
        h("li", { class: id === this.open ? "open" : null },
          h("button", { type: "button", "aria-current": id === this.open ? "true" : null, title, click: () => this.choose(id) },
            h("span", { class: "title" }, title)),
          h("button", { type: "button", class: "close", "aria-label": `Close: ${title}`, click: () => this.close(id) }, "×"),
        ),
      ),
      h("li", {}, h("button", { type: "button", class: "new", click: () => this.add("") }, "+ New query")),
    );
  }

  private save(): void {
    keep("tabs", this.tabs);
    keep("open", this.open);
  }
}

/** The queries that were run, the last one first. */
export class History {
  private readonly list = h("ol", { class: "runs" });
  readonly element = h("details", { class: "history", hidden: true },
    h("summary", {}, "Queries you ran"),
    h("p", { class: "note" }, "Kept in this browser only. ", h("button", { type: "button", class: "quiet", click: () => this.clear() }, "Forget them")),
    this.list);
  private runs = recall("runs", arrayOf(isRun), []);

  constructor(private readonly open: (query: string) => void) {
    this.draw();
  }

  add(query: string, amount: string, milliseconds: number): void {
    if (query.length > MOST_CHARACTERS) return;
    const others = this.runs.filter((run) => run.query.trim() !== query.trim());
    this.runs = [{ query, amount, milliseconds: Math.round(milliseconds), at: new Date().toISOString() }, ...others].slice(0, MOST_RUNS);
    keep("runs", this.runs);
    this.draw();
  }

  private clear(): void {
    this.runs = [];
    keep("runs", this.runs);
    this.draw();
  }

  private draw(): void {
    this.element.hidden = this.runs.length === 0;
    this.list.replaceChildren(
      ...this.runs.map(({ query, amount, milliseconds, at }) =>
        h("li", {},
          h("button", { type: "button", class: "link", title: query, click: () => this.open(query) }, titleOf(query)),
          h("span", { class: "note" }, `${amount}, ${figure(milliseconds)} ms, `, h("time", { datetime: at }, new Date(at).toLocaleString())),
        ),
      ),
    );
  }
}
