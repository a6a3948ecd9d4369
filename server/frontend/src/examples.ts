/** The examples beside the editor: found by their words, opened in the editor instead of on another page. */

import { counted, h, need } from "./dom.ts";

/** Give the list of examples a search, and have `open` take what is chosen. */
export function examples(list: HTMLElement, open: (query: string) => void): void {
  const items = [...list.querySelectorAll<HTMLElement>("li")];
  const topics = [...list.querySelectorAll<HTMLDetailsElement>("details")];
  const texts = new Map(items.map((item) => [item, (item.textContent + queryOf(item)).toLowerCase()]));
  const status = h("p", { class: "note", role: "status" });
  const field = h("input", {
    type: "search",
    id: "example-search",
    autocomplete: "off",
    placeholder: "e.g. approvals, path, provenance",
    input: () => {
      const words = field.value.toLowerCase().trim().split(/\s+/).filter(Boolean);
      for (const item of items) item.hidden = !words.every((word) => texts.get(item)?.includes(word));
      for (const topic of topics) {
        const some = [...topic.querySelectorAll("li")].some((item) => !item.hidden);
        topic.hidden = !some;
        topic.open = words.length > 0 ? some : topic === topics[0];
      }
      const left = items.filter((item) => !item.hidden).length;
      status.textContent = words.length ? counted(left, "example") : "";
    },
  });
  list.before(h("div", { class: "example-search" }, h("label", { for: "example-search" }, "Find an example"), field, status));
  list.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const plain = event instanceof MouseEvent && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!link || !plain) return;
    event.preventDefault();
    open(queryOf(link));
  });
}

/** The query of an example, which stands in the address of its link. */
function queryOf(item: HTMLElement): string {
  const link = item instanceof HTMLAnchorElement ? item : need<HTMLAnchorElement>("a", item);
  return new URL(link.href).searchParams.get("query") ?? "";
}
