/** The field one writes a query in: CodeMirror, with colours, completion and marks at errors. */

import { autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap, type CompletionSource } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit, LanguageSupport, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, forceLinting, lintGutter, linter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, Transaction } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter, styleTags, tags } from "@lezer/highlight";
import { SparqlLanguage } from "codemirror-lang-sparql";

import { check, type Fault, place } from "./check.ts";
import type { Problem } from "./client.ts";

/** Milliseconds without a key until the query is checked. */
const PAUSE = 400;
/** Completions that are shown at once: as many as need no scrolling, for a list that scrolls must take the focus. */
const OFFERS = 12;

/** SPARQL with colours for names too, which the language package leaves plain. */
const language = new LanguageSupport(
  SparqlLanguage.configure({
    props: [styleTags({ "Pname_ln Pname_ns": tags.propertyName, IriRef: tags.url, A_predicate: tags.keyword, Langtag: tags.string })],
  }),
);

/**
 * Typing over a selection, done by the editor: Chromium would first give the new text the style of the old one, as a
 * `style` attribute, which the page's policy forbids.
 */
const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { data: text, inputType } = event;
    const { main, ranges } = view.state.selection;
    if (inputType !== "insertText" || !text || main.empty || ranges.length > 1 || view.composing) return false;
    const insert = (): Transaction =>
      view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
    const handlers = view.state.facet(EditorView.inputHandler);
    if (!handlers.some((handle) => handle(view, main.from, main.to, text, insert))) view.dispatch(insert());
    event.preventDefault();
    return true;
  },
});

export interface Wishes {
  readonly parent: HTMLElement;
  /** The nonce that the page's policy lets styles have. */
  readonly nonce: string;
  readonly complete: CompletionSource;
  readonly run: () => void;
  readonly format: () => void;
  readonly changed: (query: string) => void;
  /** Told what the check found: the first fault in words, or nothing. */
  readonly checked: (fault: string) => void;
}

/** The editor; its text is the query. */
export class Editor {
  private readonly view: EditorView;
  private readonly past = new Compartment();

  constructor(private readonly wishes: Wishes) {
    const bound = (run: () => void) => (): boolean => {
      run();
      return true;
    };
    const extensions = [
      EditorView.cspNonce.of(wishes.nonce),
      EditorView.contentAttributes.of({
        "aria-label": "Query",
        "aria-describedby": "editor-help",
        tabindex: "0", // it can be reached anyway; this lets checkers of accessibility see it
        autocapitalize: "off",
        spellcheck: "false",
      }),
      EditorView.lineWrapping,
      EditorView.updateListener.of((update) => {
        if (update.docChanged) wishes.changed(this.query);
      }),
      typedOver,
      lineNumbers(),
      this.past.of(history()),
      drawSelection(),
      indentOnInput(),
      indentUnit.of("  "),
      bracketMatching(),
      closeBrackets(),
      search({ top: true }),
      language,
      syntaxHighlighting(classHighlighter),
      autocompletion({ override: [wishes.complete], icons: false, maxRenderedOptions: OFFERS, activateOnTypingDelay: 120 }),
      lintGutter(),
      linter((view) => this.lint(view.state), { delay: PAUSE }),
      // no binding for Tab: it leaves the editor, as it leaves every field
      keymap.of([
        { key: "Mod-Enter", run: bound(wishes.run) },
        { key: "Shift-Alt-f", run: bound(wishes.format) },
        ...closeBracketsKeymap,
        ...searchKeymap,
        ...historyKeymap,
        ...completionKeymap,
        ...lintKeymap,
        ...defaultKeymap,
      ]),
    ];
    this.view = new EditorView({ parent: wishes.parent, state: EditorState.create({ extensions }) });
  }

  get query(): string {
    return this.view.state.doc.toString();
  }

  /** Replace the text as an edit that can be undone. */
  replace(query: string): void {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: query } });
  }

  /** Begin with another query, without the past of this one. */
  open(query: string): void {
    closeCompletion(this.view);
    this.view.dispatch({
      changes: { from: 0, to: this.view.state.doc.length, insert: query },
      selection: { anchor: 0 },
      annotations: Transaction.addToHistory.of(false),
      effects: this.past.reconfigure([]),
    });
    this.view.dispatch(setDiagnostics(this.view.state, []), { effects: this.past.reconfigure(history()) });
    this.wishes.checked("");
    forceLinting(this.view);
  }

  focus(): void {
    this.view.focus();
  }

  /** Mark the place of an error that came with an answer, go there, and say where it is. */
  mark(problem: Problem): Fault {
    const fault = place(this.view.state, problem);
    this.view.dispatch(setDiagnostics(this.view.state, [diagnostic(fault)]), {
      selection: { anchor: fault.from },
      scrollIntoView: true,
    });
    return fault;
  }

  private async lint(state: EditorState): Promise<Diagnostic[]> {
    const problem = await check(state.doc.toString());
    const fault = problem && place(state, problem);
    this.wishes.checked(fault ? `Line ${fault.line}, column ${fault.column}: ${fault.what}` : "");
    return fault ? [diagnostic(fault)] : [];
  }
}

function diagnostic({ from, to, what, mend }: Fault): Diagnostic {
  return { from, to, severity: "error", message: [what, mend].filter(Boolean).join(" ") };
}
