/** What is wrong with the text, found here without asking anybody, and said below the text for where the cursor is. */
import { ensureSyntaxTree } from "@codemirror/language";
import { type Diagnostic, forEachDiagnostic, linter } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, type Panel, showPanel, type ViewUpdate } from "@codemirror/view";
import { PromQLExtension, promQLLanguage, LanguageType } from "@prometheus-io/codemirror-promql";
import { firstMistake } from "./syntax";

const DELAY = 500; // milliseconds after the last key: nobody is told off in the middle of a word
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

/** Underlines, and a line below the text with the message that is nearest to the cursor. */
export function lint(): Extension {
  return [
    linter((view) => complaints(view.state.doc.toString()), { delay: DELAY }),
    showPanel.of(message),
  ];
}

function message(view: EditorView): Panel {
  const dom = document.createElement("div");
  dom.className = "cm-message";
  dom.setAttribute("role", "status");
  const update = (state: EditorState): void => {
    const text = nearest(state);
    if (dom.textContent !== text) dom.textContent = text;
    dom.hidden = !text;
  };
  update(view.state);
  return { dom, update: (change: ViewUpdate) => update(change.state) };
}

/** "Line 1, column 5: …" for the complaint at the cursor, else for the first; "" for none. */
function nearest(state: EditorState): string {
  const cursor = state.selection.main.head;
  let found: { from: number; distance: number; text: string } | undefined;
  forEachDiagnostic(state, (each, from, to) => {
    const distance = from <= cursor && cursor <= to ? 0 : 1;
    if (!found || distance < found.distance) found = { from, distance, text: each.message };
  });
  if (!found) return "";
  const line = state.doc.lineAt(found.from);
  return `Line ${line.number}, column ${found.from - line.from + 1}: ${found.text}`;
}
