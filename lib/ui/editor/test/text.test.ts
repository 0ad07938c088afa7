/** How changes meet, and what is said of a text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EditorState, Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { complaints, Verdict, withoutVariables } from "../src/lint";
import { charactersBefore, merged, unitsBefore } from "../src/merge";

function meet(known: string, wanted: string, current: string): string {
  return merged(known, wanted, current).apply(Text.of(current.split("\n"))).toString();
}

test("a text that was not touched becomes what Python wants", () => {
  assert.equal(meet("sum(up)", "max(up)", "sum(up)"), "max(up)");
  assert.equal(meet("", "up", ""), "up");
  assert.equal(meet("a\nb", "", "a\nb"), "");
});

test("what was typed meanwhile and what Python inserted are both there", () => {
  assert.equal(meet("sum()", "sum(users)", "sum() by (hub)"), "sum(users) by (hub)");
  assert.equal(meet("up", "up users", "sum up"), "sum up users");
});

test("places are counted in characters, whatever they look like", () => {
  const text = 'up{a="🗝é"}';
  assert.equal(charactersBefore(text, text.indexOf("é")), 7);
  assert.equal(unitsBefore(text, 7), text.indexOf("é"));
  assert.equal(unitsBefore(text, charactersBefore(text, text.length)), text.length);
});

test("Grafana's variables are no mistakes, and positions stay", () => {
  const text = 'rate(a{hub=~"$hub"}[$__rate_interval]) > $least # $x\n- sum_over_time(b[${__range:x}]) ';
  assert.equal(withoutVariables(text).length, text.length);
  assert.equal(withoutVariables('up{a="$hub"} # $x'), 'up{a="$hub"} # $x');
  assert.deepEqual(complaints(text), []);
  assert.equal(complaints("a[$__interval]] ")[0]?.from, 14);
});

test("a verdict is about one text only, and its places are counted in characters", () => {
  const verdict = new Verdict();
  const dispatched: unknown[] = [];
  const view = { state: EditorState.create({ doc: 'up{a="🗝"}}' }), dispatch: (what: unknown) => dispatched.push(what) };
  const fault = { from: 9, to: 10, severity: "error", message: "too much" } as const;
  for (let time = 0; time < 2; time++) verdict.take(view as unknown as EditorView, 'up{a="🗝"}}', [fault]);
  assert.equal(dispatched.length, 1);
  assert.deepEqual(verdict.on('up{a="🗝"}}'), [{ ...fault, from: 10, to: 11 }]);
  assert.equal(verdict.on("up"), null);
  verdict.take(view as unknown as EditorView, "up", []);
  assert.equal(dispatched.length, 1);
  assert.deepEqual(verdict.on("up"), []);
});

test("an empty text is not complained about", () => {
  for (const text of ["", "  \n", "# only words\n"]) assert.deepEqual(complaints(text), []);
});

// Text, place (from 0) and words of the complaint. The places of the first group are those of Prometheus 2.42.
const WRONG: [string, number, RegExp][] = [
  ["sum by (namespace (up)", 18, /“\(” is not expected here/],
  ["rtae(up[5m])", 0, /rtae is not a function/],
  ["up +\n  rtae(up)", 7, /rtae is not a function/],
  ["up)", 2, /“\)” is not expected/],
  ["a b", 2, /“b” is not expected/],
  ["up{a=b}", 5, /“b” is not expected/],
  ["rate(up)", 5, /expected type matrix in call to function "rate", got vector/],
  ["sum(rate(up[5m])) by (namespace", 30, /the “\(” of column 22 is not closed/],
  ["up +\n(up", 7, /the “\(” of line 2, column 1 is not closed/],
  ['up{a="b', 5, /quotes is not closed/],
  ["up + ", 3, /something is missing at the end/],
];
for (const [text, place, words] of WRONG) {
  test(`${JSON.stringify(text)} is wrong at ${place}`, () => {
    const [found, ...more] = complaints(text);
    assert.deepEqual(more, []);
    assert.match(found?.message ?? "", words);
    assert.equal(found?.from, place);
  });
}

test("what Prometheus understands is not complained about", () => {
  const right = ["up", 'sum by (a) (rate(up{b=~"c|d"}[5m]))', "topk(3, up offset 1d)", "up[1h:5m]", "-up ^ 2 == bool 1", '{__name__="up"}', "max_over_time(sum(up)[1h:])", "up @ end()", "# words\nup # more", "histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m])))", "a and on (x) b unless ignoring (y) c", "a * on (x) group_left (y) b"];
  for (const text of right) assert.deepEqual(complaints(text), [], text);
});
