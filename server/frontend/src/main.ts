/** The query page with its editor: it takes the place of the form's text area, and does what the form does. */

import "./editor.css";

import { ask, address, LONGEST_ADDRESS, Problem, type Question } from "./client.ts";
import { complete } from "./complete.ts";
import { h, need } from "./dom.ts";
import { Editor } from "./editor.ts";
import { examples } from "./examples.ts";
import { format } from "./format.ts";
import { History, Tabs } from "./queries.ts";
import { explained, plan } from "./plan.ts";
import { amount, copier, duration, show } from "./result.ts";

const form = need<HTMLFormElement>("form.editor");
const area = need<HTMLTextAreaElement>("textarea", form);
const answer = need<HTMLElement>("#answer");
const graphs = [...form.querySelectorAll<HTMLInputElement>("input[type=hidden]")].map(
  ({ name, value }) => [name, value] as const,
);
const asked = new URLSearchParams(location.search).has("query");
const passed = new URLSearchParams(location.hash.slice(1));

const status = h("p", { class: "note status", role: "status" });
const clock = h("span", { class: "note clock", "aria-hidden": "true" });
const fault = h("p", { class: "fault", role: "status" });
const cancel = h("button", { type: "button", class: "quiet", hidden: true, click: () => running?.abort() }, "Cancel");
const submit = need<HTMLButtonElement>("button[type=submit]", form);
const explain = need<HTMLButtonElement>("button[formaction]", form);
const help = h("p", { class: "note", id: "editor-help" },
  "Ctrl+Enter runs the query, Ctrl+Space lists what could come next, Tab leaves the editor.");
const place = h("div", { class: "code" });

let view = passed.get("view") ?? "";
let running: AbortController | undefined;

const editor = new Editor({
  parent: place,
  nonce: need<HTMLScriptElement>("script[nonce]").nonce ?? "",
  complete,
  run: () => form.requestSubmit(),
  format: () => editor.replace(format(editor.query)),
  changed: (query) => {
    area.value = query;
    tabs.changed(query);
  },
  checked: (text) => {
    fault.textContent = text;
  },
});
const tabs = new Tabs((query) => {
  area.value = query;
  editor.open(query);
});
const open = (query: string): void => {
  tabs.add(query);
  editor.focus();
};
const history = new History(open);

area.hidden = true;
area.required = false; // a field that is not shown cannot say what it lacks; an empty query is told below
area.after(place, fault);
need("label", form).replaceWith(h("nav", { "aria-label": "Queries" }, tabs.element));
submit.after(cancel);
explain.after(
  h("button", { type: "button", class: "quiet", click: () => editor.replace(format(editor.query)) }, "Format"),
  copier("Copy link", () => new URL(link(), location.href).href),
  clock,
);
form.append(help, status);
need<HTMLElement>("#examples").after(history.element);
examples(need("#examples"), open);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter === explain) void attempt("Reading …", explanation);
  else void run();
});

tabs.start(passed.get("query") ?? area.value.replace(/^\n/, ""), asked || passed.has("query"));
if (asked || passed.has("query")) void run();

/** The address that opens the page with this query and this form of its result. */
function link(): string {
  const question: Question = { query: editor.query, graphs };
  const shown = new URLSearchParams(view ? { view } : {});
  const whole = address(question);
  if (whole.length <= LONGEST_ADDRESS) return `${whole}${view ? `#${shown}` : ""}`;
  shown.set("query", editor.query); // too long for the server's eyes: the part that only the page reads
  return `/sparql#${shown}`;
}

async function run(): Promise<void> {
  await attempt("Running …", async (question, signal) => {
    window.history.replaceState(null, "", link());
    const began = performance.now();
    const result = await ask(question, signal);
    const milliseconds = performance.now() - began;
    history.add(question.query, amount(result), milliseconds);
    const shown = await show({ question, result, milliseconds }, view, opened, signal);
    return [shown, `${amount(result)} in ${duration(milliseconds)}`];
  });
}

/** How the query is understood, without running it. */
async function explanation(question: Question, signal: AbortSignal): Promise<[HTMLElement, string]> {
  const found = plan(await explained(question, signal));
  const title = h("h2", { id: "result-title" }, "What the query asks");
  return [h("section", { class: "result", "aria-labelledby": "result-title" }, title, found), "The query was read, not run."];
}

/** Do something with the query that takes time: the last attempt counts, and it can be cancelled. */
async function attempt(
  saying: string,
  make: (question: Question, signal: AbortSignal) => Promise<[HTMLElement, string]>,
): Promise<void> {
  running?.abort();
  status.classList.remove("unseen");
  const controller = new AbortController();
  running = controller;
  const question: Question = { query: editor.query, graphs };
  if (!question.query.trim()) {
    status.textContent = "There is no query to run.";
    return;
  }
  cancel.hidden = false;
  submit.setAttribute("aria-busy", "true");
  status.textContent = saying;
  const began = performance.now();
  const ticking = setInterval(() => (clock.textContent = duration(performance.now() - began)), 100);
  try {
    const [shown, said] = await make(question, controller.signal);
    if (running !== controller) return;
    answer.replaceChildren(shown);
    status.textContent = said; // for who hears it: who sees it has it in the heading
    status.classList.add("unseen");
  } catch (error) {
    if (running !== controller) return;
    if (controller.signal.aborted) status.textContent = `Cancelled after ${duration(performance.now() - began)}.`;
    else tell(error);
  } finally {
    clearInterval(ticking);
    if (running === controller) {
      running = undefined;
      clock.textContent = "";
      if (document.activeElement === cancel) submit.focus(); // the button goes; the focus must not go with it
      cancel.hidden = true;
      submit.removeAttribute("aria-busy");
    }
  }
}

function opened(name: string): void {
  view = name;
  window.history.replaceState(null, "", link());
}

/** Say what went wrong, where, and how to mend it. */
function tell(error: unknown): void {
  const problem = error instanceof Problem ? error : new Problem("That did not work", String(error));
  const fault = problem.line === undefined ? undefined : editor.mark(problem);
  const where = fault && `Line ${fault.line}, column ${fault.column}.`;
  const what = fault ? [fault.what, fault.mend] : [problem.detail, problem.mend];
  status.textContent = "";
  answer.replaceChildren(
    h("section", { class: "trouble", role: "alert", "aria-labelledby": "error-title" },
      h("h2", { id: "error-title" }, problem.title),
      h("p", {}, where && h("strong", {}, where), where && " ", what.filter(Boolean).join(" ")),
    ),
  );
}
