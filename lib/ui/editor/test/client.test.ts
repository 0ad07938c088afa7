/** What the client asks of Python, and that no question is asked twice, at once, or for ever. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EqlRegex, EqlSingle } from "@prometheus-io/lezer-promql";
import { PythonClient } from "../src/client";
import { MOST } from "../src/nearest";
import type { Answer, Ask } from "../src/protocol";

const CATALOGUE = { names: ["spawns_total", "users"], types: ["counter", "gauge"], helps: ["Starts.", "People."] };

function python(answer: (ask: Ask) => Partial<Answer> | null): { client: PythonClient; asks: Ask[] } {
  const asks: Ask[] = [];
  const client: PythonClient = new PythonClient((ask) => {
    asks.push(ask);
    const found = answer(ask);
    if (found) setTimeout(() => client.receive({ id: ask.id, whole: true, ...found }), 1);
  });
  return { client, asks };
}

function matcher(name: string, type: number, value: string) {
  return { name, type, value, matchesEmpty: () => value === "" };
}

test("names, types and help come in one answer that is asked for once", async () => {
  const { client, asks } = python(() => ({ catalogue: CATALOGUE }));
  const [names, again, metadata] = await Promise.all([client.metricNames(), client.metricNames(), client.metricMetadata()]);
  assert.deepEqual(names, ["spawns_total", "users"]);
  assert.deepEqual(again, names);
  assert.deepEqual(metadata.users, [{ type: "gauge", help: "People." }]);
  assert.deepEqual(asks.map((ask) => ask.kind), ["catalogue"]);
});

test("of very many names come only those that are near to what was typed", async () => {
  const names = Array.from({ length: 50_000 }, (_, number) => `metric_${number}`);
  const { client, asks } = python(() => ({ catalogue: { names, types: [], helps: [] } }));
  assert.equal((await client.metricNames("metric")).length, MOST);
  assert.deepEqual(await client.metricNames("metric_49999"), ["metric_49999"]);
  assert.equal((await client.labelValues("__name__")).length, 50_000);
  assert.equal(asks.length, 1);
});

test("a metric may have the name of anything that an object has", async () => {
  const { client } = python(() => ({ catalogue: { names: ["constructor", "__proto__"], types: ["gauge", "gauge"], helps: [] } }));
  assert.deepEqual((await client.metricMetadata()).constructor, [{ type: "gauge", help: "" }]);
});

test("questions wait for one another and each gets its own answer", async () => {
  const { client, asks } = python((ask) => ({ values: [`${ask.kind} ${ask.match}`] }));
  const found = await Promise.all([client.labelNames("up"), client.labelNames("users"), client.labelValues("job", "up")]);
  assert.deepEqual(found, [["labels up"], ["labels users"], ["values up"]]);
  assert.equal(new Set(asks.map((ask) => ask.id)).size, 3);
});

test("an answer that comes twice, or to a question nobody asked, changes nothing", async () => {
  const { client } = python((ask) => ({ values: [String(ask.match)] }));
  client.receive({ id: 1, whole: true, values: ["of another page"] });
  assert.deepEqual(await client.labelNames("up"), ["up"]);
  client.receive({ id: client.got, whole: true, values: ["again"] });
  assert.deepEqual(await client.labelNames("up"), ["up"]);
});

test("other clusters or another time are asked anew", async () => {
  const { client, asks } = python(() => ({ values: [] }));
  client.setScope("a");
  await client.labelNames("up");
  client.setScope("a");
  await client.labelNames("up");
  client.setScope("b");
  await client.labelNames("up");
  assert.equal(asks.length, 2);
});

test("the selector of a question has the other matchers and not the label in question", async () => {
  const { client, asks } = python(() => ({ values: [] }));
  const matchers = [matcher("namespace", EqlSingle, "prod"), matcher("pod", EqlRegex, 'a\\"b"\n'), matcher("x", EqlSingle, "")];
  await client.labelValues("namespace", "up", matchers);
  await client.labelValues("job", "", matchers.slice(0, 1));
  assert.deepEqual(asks.map((ask) => [ask.label, ask.match]), [
    ["namespace", 'up{pod=~"a\\"b\\"\\n"}'],
    ["job", '{namespace="prod"}'],
  ]);
});

test("what is no name is not sent", async () => {
  const { client, asks } = python(() => ({ values: [] }));
  assert.deepEqual(await client.labelValues("a b", "up"), []);
  await client.labelNames('up"} or {x="');
  assert.deepEqual(asks.map((ask) => ask.match), [""]);
});
