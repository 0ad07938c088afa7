/** The first place where a text stops being PromQL, in words. The grammar says where; what is there says what is wrong. */
import type { Diagnostic } from "@codemirror/lint";
import type { Tree } from "@lezer/common";

const QUOTED = /"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|`[^`]*`|#.*/g;
const CLOSED_BY = new Map([["(", ")"], ["[", "]"], ["{", "}"]]);
const TOKEN = /^(?:[\w:.]+|=~|!~|[=!<>]=|\S)/;

/** The first mistake of a text, given its tree; null where there is none. */
export function firstMistake(text: string, tree: Tree): Diagnostic | null {
  let at = -1;
  tree.iterate({
    enter(node) {
      if (at < 0 && node.type.isError) at = node.from;
      return at < 0;
    },
  });
  return at < 0 ? null : inWords(text, at);
}

function inWords(text: string, at: number): Diagnostic {
  const plain = text.replace(QUOTED, (found) => " ".repeat(found.length));
  const quote = plain.search(/["'`]/);
  if (quote >= 0) return mistake(quote, text.length, "this text in quotes is not closed");
  const name = /([a-zA-Z_][\w:]*)\s*$/.exec(text.slice(0, at))?.[1];
  if (name && /^\s*\(/.test(text.slice(at)) && text[at - 1] !== " ") {
    return mistake(at - name.length, at, `${name} is not a function`);
  }
  const place = at + (/^\s*/.exec(plain.slice(at))?.[0].length ?? 0);
  const token = TOKEN.exec(plain.slice(place))?.[0];
  if (token) return mistake(place, place + token.length, `“${token}” is not expected here`);
  const open = unclosed(plain);
  const end = plain.trimEnd().length;
  return mistake(Math.max(0, end - 1), end, open ? `${open} is not closed` : "something is missing at the end");
}

/** The last bracket that is still open, with its place; "" for none. */
function unclosed(plain: string): string {
  const open: number[] = [];
  for (let place = 0; place < plain.length; place++) {
    const letter = plain[place] as string;
    if (CLOSED_BY.has(letter)) open.push(place);
    else if (open.length && CLOSED_BY.get(plain[open[open.length - 1] as number] as string) === letter) open.pop();
  }
  const last = open.pop();
  if (last === undefined) return "";
  const before = plain.slice(0, last).split("\n");
  const where = before.length > 1 ? `of line ${before.length}, column` : "of column";
  return `the “${plain[last]}” ${where} ${(before[before.length - 1] ?? "").length + 1}`;
}

function mistake(from: number, to: number, message: string): Diagnostic {
  return { from, to, severity: "error", message };
}
