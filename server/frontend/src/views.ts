/** Tabs over panels, as ARIA describes them: arrows move between tabs, a panel is made when it is first shown. */

import { h } from "./dom.ts";

export interface View {
  readonly name: string;
  readonly title: string;
  readonly make: () => Node | Promise<Node>;
}

/** Tabs of which one is open; `opened` is told which. */
export function views(label: string, all: readonly View[], open: string, opened: (name: string) => void): HTMLElement {
  const tabs = all.map(({ name, title }) =>
    h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, click: () => show(name) }, title),
  );
  const panels = all.map(({ name }) =>
    h("div", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, class: "panel" }),
  );
  const list = h("div", { role: "tablist", "aria-label": label, class: "tabs", keydown: (event) => move(event as KeyboardEvent) }, ...tabs);
  const made = new Set<string>();
  show(all.some(({ name }) => name === open) ? open : (all[0]?.name ?? ""), false);
  return h("div", {}, list, ...panels);

  function show(name: string, tell = true): void {
    all.forEach((view, index) => {
      const [tab, panel] = [tabs[index], panels[index]];
      if (!tab || !panel) return;
      const chosen = view.name === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      panel.hidden = !chosen;
      if (chosen && !made.has(name)) {
        made.add(name);
        void fill(panel, view);
      }
    });
    if (tell) opened(name);
  }

  async function fill(panel: HTMLElement, view: View): Promise<void> {
    try {
      panel.replaceChildren(await view.make());
    } catch (error) {
      made.delete(view.name); // it is tried again when it is opened again
      panel.replaceChildren(h("p", { class: "empty" }, error instanceof Error ? error.message : String(error)));
    }
  }

  function move(event: KeyboardEvent): void {
    const by = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const at = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
    const to = Number.isFinite(by) ? (at + by + all.length) % all.length : by < 0 ? 0 : all.length - 1;
    show(all[to]?.name ?? "");
    tabs[to]?.focus();
  }
}
