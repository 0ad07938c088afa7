/**
 * What is wrong with the text, said below it for where the cursor is. After each pause Python says it, whose reading is
 * held against a real Prometheus; what is found here only stands in where Python is slow to answer.
 */
import { ensureSyntaxTree } from "@codemirror/language";
import { type Diagnostic, diagnosticCount, forEachDiagnostic, linter, setDiagnostics, setDiagnosticsEffect } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, type Panel, showPanel, type ViewUpdate } from "@codemirror/view";
import { PromQLExtension, promQLLanguage, LanguageType } from "@prometheus-io/codemirror-promql";
import { charactersBefore, unitsBefore } from "./merge";
import type { Fault } from "./protocol";
import { firstMistake } from "./syntax";

const DELAY = 1_500; // milliseconds after the last key in which Python's verdict is waited for
const PARSING = 200; // milliseconds
const VARIABLE = /"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|`[^`]*`|#.*|\$\{\w+(?::\w+)?\}|\$\w+|\[\[\w+\]\]/g;

const language = promQLLanguage(LanguageType.PromQL);
const judge = new PromQLExtension().getLinter().promQL();

/**
 * The text with each of Grafana's variables replaced by a duration of the same length, which may stand wherever a number
 * or a duration may; positions stay what they are. Variables inside strings are text already.
 */
export function withoutVariables(text: string): string {
  return text.replace(VARIABLE, (found) => (/^[$[]/.test(found) ? "5m".padEnd(found.length) : found));
}

/** Everything that is wrong with a query; nothing is wrong with an empty one. */
export function complaints(text: string): readonly Diagnostic[] {
  if (!text.replace(/#.*/g, "").trim()) return [];
  const state = EditorState.create({ doc: withoutVariables(text), extensions: [language] });
  const tree = ensureSyntaxTree(state, state.doc.length, PARSING);
  const mistake = tree && firstMistake(text, tree);
  if (mistake) return [mistake]; // what types do not fit is only worth saying of a text that can be read
  const whole = state.update({}).state; // with the whole tree, where `state` has what was read in its first milliseconds
  return judge({ state: whole } as EditorView) as readonly Diagnostic[];
}

/** What Python said of the one text that it knows. */
export class Verdict {
  private text = "";
  private said: readonly Fault[] = [];

  /** Takes what was said of a text, and shows it if that is still the text. */
  take(view: EditorView, text: string, said: readonly Fault[]): void {
    if (text === this.text && JSON.stringify(said) === JSON.stringify(this.said)) return;
    [this.text, this.said] = [text, said];
    const found = this.on(view.state.doc.toString());
    if (found) view.dispatch(setDiagnostics(view.state, found));
  }

  /** What is wrong with a text; null where Python has said nothing about it. */
  on(text: string): Diagnostic[] | null {
    if (text !== this.text) return null;
    return this.said.map((fault) => ({ ...fault, from: unitsBefore(text, fault.from), to: unitsBefore(text, fault.to) }));
  }
}

/** Underlines, and a line below the text with the message that is nearest to the cursor. */
export function lint(verdict: Verdict): Extension {
  const judged = (text: string): readonly Diagnostic[] => verdict.on(text) ?? complaints(text);
  return [
    linter((view) => judged(view.state.doc.toString()), { delay: DELAY }),
    // What was said of one text is not left standing under another.
    EditorState.transactionExtender.of(({ docChanged, startState }) =>
      docChanged && diagnosticCount(startState) ? { effects: setDiagnosticsEffect.of([]) } : null,
    ),
    showPanel.of(message),
  ];
}

function message(view: EditorView): Panel {
  const dom = document.createElement("div");
  dom.className = "cm-message";
  dom.setAttribute("role", "status");
  const update = (state: EditorState, typing: boolean): void => {
    const { text, severity } = nearest(state);
    if (dom.textContent !== text) dom.textContent = text;
    dom.classList.toggle("cm-message-warning", severity === "warning");
    if (text || !typing) dom.hidden = !text; // while somebody types, its place is kept and nothing jumps
  };
  const judged = ({ transactions }: ViewUpdate): boolean =>
    transactions.some((each) => !each.docChanged && each.effects.some((effect) => effect.is(setDiagnosticsEffect)));
  update(view.state, false);
  return { dom, update: (change) => update(change.state, !judged(change)) };
}

/** "Line 1, column 5: …" for the complaint at the cursor, else for the first; "" for none. */
function nearest(state: EditorState): { text: string; severity?: string } {
  const cursor = state.selection.main.head;
  let found: { from: number; distance: number; text: string; severity: string } | undefined;
  forEachDiagnostic(state, (each, from, to) => {
    const distance = from <= cursor && cursor <= to ? 0 : 1;
    if (!found || distance < found.distance) found = { from, distance, text: each.message, severity: each.severity };
  });
  if (!found) return { text: "" };
  const line = state.doc.lineAt(found.from);
  const column = charactersBefore(line.text, found.from - line.from) + 1;
  return { text: `Line ${line.number}, column ${column}: ${found.text}`, severity: found.severity };
}
