/** How a text that Python changed meets a text that was typed on in the meantime: neither side's change is lost. */
import { ChangeSet, Text } from "@codemirror/state";

/** The one change that turns `before` into `after`: what lies between their common beginning and their common end. */
export function difference(before: string, after: string): ChangeSet {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const change = { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
  return ChangeSet.of(change, before.length);
}

/**
 * Python's change of the text it knew, made to fit the text that stands in the editor now.
 *
 * `known` is what Python was told last, `wanted` what it made of that, `current` what has been typed since.
 */
export function merged(known: string, wanted: string, current: string): ChangeSet {
  const theirs = difference(known, wanted);
  return known === current ? theirs : theirs.map(difference(known, current));
}

/** A place counted in characters, as Python does, in a text that counts in UTF-16 units. */
export function unitsBefore(text: string, characters: number): number {
  return Array.from(text).slice(0, characters).join("").length;
}

/** The other way round. */
export function charactersBefore(text: string, units: number): number {
  return Array.from(text.slice(0, units)).length;
}

/** A text as CodeMirror holds it: line ends are line feeds. */
export function asTyped(text: string): string {
  return Text.of(text.split(/\r\n?|\n/)).toString();
}
