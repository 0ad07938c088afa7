/** What Python and the editor tell each other. `lib/ui/editor/__init__.py` and `answers.py` are the other side. */

/** A question to Python. One is on its way at a time; the answer carries its number. */
export interface Ask {
  id: number;
  kind: "catalogue" | "labels" | "values";
  /** A selector whose series are meant; "" for all. */
  match?: string;
  label?: string;
}

/** Metrics as parallel lists, and where there are not too many, a help text for each. */
export interface Catalogue {
  names: string[];
  types: string[];
  helps: string[];
}

export interface Answer {
  id: number;
  /** Whether every cluster answered. */
  whole: boolean;
  values?: string[];
  catalogue?: Catalogue;
}

/** The text with where the cursor is (in characters, not in UTF-16 units), of the revision it was typed in. */
export interface Told {
  text: string;
  from: number;
  to: number;
  revision: number;
  /** Grows from one to the next, also over several editors of one visitor. */
  order: number;
  /** The number of the last answer that arrived, so that Python need not send it again. */
  got: number;
}

/** Something wrong with a text, from and to a place in characters. */
export interface Fault {
  from: number;
  to: number;
  severity: "error" | "warning";
  message: string;
}

export interface EditorData {
  text: string;
  /** What Python finds wrong with `text`. */
  faults: readonly Fault[];
  /** Where the cursor belongs in `text` (in characters); -1 when nobody has said. */
  cursor: number;
  /** Changes when somebody else than this editor has changed the text. */
  revision: number;
  /** Stands for the clusters and the time that completions are about. */
  scope: string;
  label: string;
  placeholder: string;
  answer: Answer | null;
}

/** The part of Streamlit's component arguments that is used here. */
export interface ComponentArguments {
  data: EditorData;
  parentElement: HTMLElement | ShadowRoot;
  setStateValue(name: "text", value: Told): void;
  setTriggerValue(name: "run" | "ask", value: true | Ask): void;
}
