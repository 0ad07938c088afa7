/** How the editor looks: every colour and font is one of Streamlit's, so that it follows the app's theme by itself. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const LINE = 1.5; // line height, in the font's size
const FEWEST = 4; // lines
const MOST = 12;
const PADDING = "0.5rem";
const text = "var(--st-text-color)";
const quiet = "var(--st-gray-text-color, var(--st-text-color))";
const field = "var(--st-secondary-background-color)";
const border = "var(--st-border-color)";
const primary = "var(--st-primary-color)";
const red = "var(--st-red-text-color, #b3261e)";

function height(lines: number): string {
  return `calc(${lines * LINE}em + 2 * ${PADDING})`;
}

const look = {
  "&": {
    color: text,
    backgroundColor: field,
    border: `1px solid ${border}`,
    borderRadius: "var(--st-base-radius, 0.375rem)",
    fontSize: "var(--st-code-font-size, 0.875rem)",
    overflow: "hidden",
  },
  "&.cm-focused": { outline: "none", borderColor: primary, boxShadow: `0 0 0 1px ${primary}` },
  ".cm-scroller": {
    fontFamily: "var(--st-code-font, monospace)",
    lineHeight: String(LINE),
    minHeight: height(FEWEST),
    maxHeight: height(MOST),
    overflow: "auto",
  },
  ".cm-content": { padding: `${PADDING} 0`, caretColor: text },
  ".cm-line": { padding: `0 ${PADDING}` },
  ".cm-gutters": { color: quiet, backgroundColor: field, border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "2.25em", padding: "0 0.25em 0 0.5em" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLineGutter": { color: text },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: text },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--st-blue-background-color, #8884)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "transparent", outline: `1px solid ${primary}` },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent", outline: `1px solid ${red}` },
  ".cm-placeholder": { color: quiet },
  ".cm-panels": { color: red, backgroundColor: field },
  ".cm-panels-bottom": { borderTop: "none" },
  ".cm-message": {
    padding: `0.25rem ${PADDING}`,
    borderTop: `1px solid ${border}`,
    fontFamily: "var(--st-font, sans-serif)",
    overflowWrap: "anywhere",
  },
  ".cm-message-warning": { color: "var(--st-orange-text-color, currentColor)" },
  ".cm-message:empty::before": { content: '" "', whiteSpace: "pre" },
  ".cm-message[hidden]": { display: "none" },
  ".cm-tooltip": {
    color: text,
    backgroundColor: "var(--st-background-color)",
    border: `1px solid ${border}`,
    borderRadius: "var(--st-base-radius, 0.375rem)",
    maxWidth: "min(38rem, 92vw)",
    zIndex: "1000",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--st-code-font, monospace)", maxHeight: "15em" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.2em 0.5em", lineHeight: "1.4" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    color: "var(--st-blue-text-color, currentColor)",
    background: "var(--st-blue-background-color, #8884)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": { color: quiet, fontStyle: "normal", marginLeft: "1em" },
  ".cm-tooltip.cm-completionInfo": {
    fontFamily: "var(--st-font, sans-serif)",
    padding: "0.4rem 0.6rem",
    whiteSpace: "pre-line",
    overflowWrap: "anywhere",
  },
  ".cm-diagnostic-error": { borderLeftColor: red },
};

const colours = HighlightStyle.define([
  { tag: [tags.function(tags.variableName), tags.operatorKeyword, tags.modifier, tags.keyword], color: "var(--st-blue-text-color, currentColor)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--st-green-text-color, currentColor)" },
  { tag: [tags.number, tags.literal], color: "var(--st-orange-text-color, currentColor)" },
  { tag: tags.labelName, color: "var(--st-violet-text-color, currentColor)" },
  { tag: [tags.comment, tags.lineComment], color: quiet, fontStyle: "italic" },
]);

const highlighted = syntaxHighlighting(colours);
const light = [EditorView.theme(look), highlighted];
const dark = [EditorView.theme(look, { dark: true }), highlighted];

/** The look for a dark or a light app. All but a few shades of CodeMirror's own come from the variables anyway. */
export function theme(onDark: boolean): Extension {
  return onDark ? dark : light;
}

/** Whether the app is dark: light text is what makes a dark theme. `editor` is an element in the text colour. */
export function isDark(editor: Element): boolean {
  const [red = 0, green = 0, blue = 0] = (getComputedStyle(editor).color.match(/\d+(\.\d+)?/g) ?? []).map(Number);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 127;
}
