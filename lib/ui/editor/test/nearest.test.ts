/** Of very many names, few are handed on, and the right ones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST, nearest } from "../src/nearest";

const itself = (name: string): string => name;
const many = Array.from({ length: 50_000 }, (_, number) => `metric_${String(number).padStart(5, "0")}`);

test("few names are handed on as they are", () => {
  const few = many.slice(0, MOST);
  assert.equal(nearest(few, "x", itself), few);
});

test("of very many, no more than can be sorted between two keys", () => {
  for (const typed of ["", "m", "metric_", "1", "m1"]) assert.equal(nearest(many, typed, itself).length, MOST, typed);
});

test("what begins with the word comes before what holds it, and that before what has its letters", () => {
  const names = ["container_cpu", "machine_up_total", "UP_time", "u_p", ...many, "up"];
  assert.deepEqual(nearest(names, "up", itself), ["UP_time", "up", "machine_up_total", "u_p"]);
});

test("a name is found however late it stands", () => {
  assert.deepEqual(nearest(many, "metric_49999", itself), ["metric_49999"]);
  assert.deepEqual(nearest(many, "49999", itself), ["metric_49999"]);
});

test("whatever is typed is text", () => {
  for (const typed of ["(", "[a-z", "$__x", "\\", "a{", "🗝", "-"]) assert.deepEqual(nearest(many, typed, itself), [], typed);
});
