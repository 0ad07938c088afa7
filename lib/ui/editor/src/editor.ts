/** One editor on the page: CodeMirror with PromQL, told what Python says and telling Python what is typed. */
import { autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap, type CompletionSource, completionStatus } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { Compartment, EditorState, type Extension, Prec } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, placeholder, type ViewUpdate } from "@codemirror/view";
import { PromQLExtension } from "@prometheus-io/codemirror-promql";
import { PythonClient } from "./client";
import { lint, Verdict } from "./lint";
import { asTyped, charactersBefore, merged, unitsBefore } from "./merge";
import { MOST, nearest } from "./nearest";
import type { ComponentArguments, EditorData } from "./protocol";
import { isDark, theme } from "./theme";

const PAUSE = 400; // milliseconds without a key after which Python is told
const DELAY = 30; // milliseconds from a key to the list
const BEGUN = /[\w:{(\[,"'=~]$/; // after anything else the Enter key makes a new line

export class Editor {
  private readonly view: EditorView;
  private readonly client: PythonClient;
  private readonly verdict = new Verdict();
  private readonly themed = new Compartment();
  private dark = false;
  private revision: number;
  private known: string; // the text that Python has
  private told = ""; // the text and the cursor that Python was told last
  private order = 0;
  private pause: ReturnType<typeof setTimeout> | undefined;

  constructor(private component: ComponentArguments) {
    const { data, parentElement } = component;
    this.client = new PythonClient((ask) => this.component.setTriggerValue("ask", ask));
    this.revision = data.revision;
    this.known = asTyped(data.text);
    const place = parentElement.querySelector(".promql-editor") ?? parentElement;
    const selection = data.cursor < 0 ? undefined : { anchor: unitsBefore(this.known, data.cursor) };
    this.view = new EditorView({
      state: EditorState.create({ doc: this.known, selection, extensions: this.extensions(data) }),
      parent: place,
      root: parentElement instanceof ShadowRoot ? parentElement : document,
    });
    this.update(component);
  }

  /** Takes what Python sent: a changed text only when its revision is another, so that typing is never undone. */
  update(component: ComponentArguments): void {
    this.component = component;
    const { data } = component;
    this.client.setScope(data.scope);
    this.client.receive(data.answer);
    this.follow();
    if (data.revision !== this.revision) this.take(data);
    this.verdict.take(this.view, asTyped(data.text), data.faults);
  }

  destroy(): void {
    clearTimeout(this.pause);
    this.view.destroy();
  }

  /** Follows the app from light to dark and back. */
  private follow(): void {
    const dark = isDark(this.view.dom);
    if (dark !== this.dark) this.view.dispatch({ effects: this.themed.reconfigure(theme(dark)) });
    this.dark = dark;
  }

  private take(data: EditorData): void {
    const wanted = asTyped(data.text);
    const changes = merged(this.known, wanted, this.view.state.doc.toString());
    const place = changes.apply(this.view.state.doc).toString() === wanted && data.cursor >= 0;
    const selection = place ? { anchor: unitsBefore(wanted, data.cursor) } : undefined;
    this.revision = data.revision;
    this.known = wanted;
    this.view.dispatch({ changes, selection, scrollIntoView: true });
  }

  /** Tells Python the text and the cursor, unless it knows. */
  private tell(): void {
    clearTimeout(this.pause);
    const text = this.view.state.doc.toString();
    const { from, to } = this.view.state.selection.main;
    const place = `${from} ${to} ${text}`;
    if (place === this.told) return;
    this.told = place;
    this.known = text;
    this.order = Math.max(this.order + 1, Date.now());
    const places = { from: charactersBefore(text, from), to: charactersBefore(text, to) };
    const [revision, order, got] = [this.revision, this.order, this.client.got];
    this.component.setStateValue("text", { text, ...places, revision, order, got });
  }

  private run(): boolean {
    this.tell();
    this.component.setTriggerValue("run", true);
    return true;
  }

  private watch(update: ViewUpdate): void {
    // An answer may come when nobody is here any more.
    if (!update.view.hasFocus && completionStatus(update.state)) setTimeout(() => closeCompletion(update.view));
    if (!update.docChanged) return;
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.tell(), PAUSE);
  }

  private extensions(data: EditorData): Extension[] {
    const promql = new PromQLExtension().activateLinter(false);
    promql.setComplete({ completeStrategy: completionsOf(this.client) });
    const run = { run: () => this.run(), preventDefault: true, stopPropagation: true };
    const keys = [...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap];
    return [
      Prec.highest(keymap.of([{ key: "Mod-Enter", ...run }, { key: "Ctrl-Enter", ...run }])),
      lineNumbers(),
      highlightActiveLineGutter(),
      highlightActiveLine(),
      history(),
      drawSelection(),
      EditorView.lineWrapping,
      bracketMatching(),
      closeBrackets(),
      autocompletion({ icons: false, activateOnTypingDelay: DELAY, positionInfo: below }),
      keymap.of(keys),
      promql.asExtension(),
      lint(this.verdict),
      placeholder(data.placeholder),
      EditorView.contentAttributes.of({ "aria-label": data.label, "aria-description": HOW, spellcheck: "false" }),
      EditorView.updateListener.of((update) => this.watch(update)),
      EditorView.domEventHandlers({
        focus: () => void this.client.metricNames(), // so that the names are there before the first letter
        blur: () => this.tell(),
      }),
      this.themed.of(theme(false)),
    ];
  }
}

/** Where the help of a completion goes: below the list, since beside it there may be a sidebar or nothing at all. */
function below(_view: EditorView, list: { top: number; bottom: number }): { style: string } {
  return { style: `top: ${list.bottom - list.top}px; left: 0; width: max-content` };
}

/** Completions while a word or what stands before one is typed; operators and the like only when asked for. */
function completionsOf(client: PythonClient): { promQL: CompletionSource } {
  const all = new PromQLExtension().setComplete({ remote: client }).getComplete();
  const promQL: CompletionSource = async (context) => {
    if (!context.explicit && !context.matchBefore(BEGUN)) return null;
    const found = await all.promQL(context);
    if (!found || found.options.length < MOST) return found;
    const typed = context.state.sliceDoc(found.from, context.pos);
    // Without `validFor` the next key asks again, since it may mean one that was left out.
    return { ...found, options: nearest(found.options, typed, (option) => option.label), validFor: undefined };
  };
  return { promQL };
}

const HOW = "Control and Enter run the query. Control and Space complete. Tab leaves the editor.";
