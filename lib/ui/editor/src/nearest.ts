/** The few of very many names that somebody may mean who has typed a part of one. */

/** So many completions are enough to scroll through, and few enough to be sorted between two keys. */
export const MOST = 200;

/**
 * At most `MOST` of `all`: first the names that begin with what was typed, then those that hold it, then those that have
 * its letters in their order; each in the order they came. Upper and lower case are the same.
 */
export function nearest<T>(all: readonly T[], typed: string, name: (each: T) => string): readonly T[] {
  if (all.length <= MOST) return all;
  const wanted = typed.toLowerCase();
  const scattered = new RegExp(Array.from(wanted, (letter) => letter.replace(/\W/, "\\$&")).join(".*"));
  const [begin, hold, rest]: [T[], T[], T[]] = [[], [], []];
  for (const each of all) {
    const text = name(each).toLowerCase();
    const place = text.indexOf(wanted);
    if (place === 0) begin.push(each);
    else if (place > 0) hold.push(each);
    else if (begin.length + hold.length + rest.length < MOST && scattered.test(text)) rest.push(each);
    if (begin.length === MOST) break;
  }
  return [...begin, ...hold, ...rest].slice(0, MOST);
}
