/** The source of completions: asks Python, which asks the clusters. Nothing here opens a connection. */
import type { PrometheusClient } from "@prometheus-io/codemirror-promql/dist/esm/client/prometheus";
import type { Matcher } from "@prometheus-io/codemirror-promql/dist/esm/types";
import { EqlRegex, EqlSingle, Neq, NeqRegex } from "@prometheus-io/lezer-promql";
import { nearest } from "./nearest";
import type { Answer, Ask, Catalogue } from "./protocol";

const PATIENCE = 8_000; // milliseconds; whoever waits longer has typed on
const AGAIN = 10_000; // milliseconds after which an answer that lacks a cluster is asked for anew
const OPERATORS = new Map([
  [EqlSingle, "="],
  [Neq, "!="],
  [EqlRegex, "=~"],
  [NeqRegex, "!~"],
]);
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const NOTHING: Catalogue = { names: [], types: [], helps: [] };

type Question = Omit<Ask, "id">;
type Metadata = Record<string, { type: string; help: string }[]>;

interface Waiting {
  question: Question;
  resolve: (answer: Answer | null) => void;
}

/** Puts questions to Python one after the other, and remembers the answers until the scope changes. */
export class PythonClient implements PrometheusClient {
  /** The number of the last answer that arrived. */
  got = 0;
  private asked = 0;
  private scope = "";
  private current: Waiting | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly queue: Waiting[] = [];
  private readonly known = new Map<string, Promise<Answer | null>>();
  private metadata: { from: Catalogue; made: Metadata } = { from: NOTHING, made: {} };

  constructor(private readonly send: (ask: Ask) => void) {}

  /** Other clusters or another time: what is known no longer counts. */
  setScope(scope: string): void {
    if (scope !== this.scope) this.known.clear();
    this.scope = scope;
  }

  /** Takes an answer out of the data that Python sent. The same one may come several times. */
  receive(answer: Answer | null): void {
    if (!answer || answer.id !== this.asked || !this.current) return;
    this.got = answer.id;
    this.finish(answer);
  }

  /** The names that are nearest to what was typed of one. */
  async metricNames(typed = ""): Promise<string[]> {
    return [...nearest((await this.catalogue()).names, typed, (name) => name)];
  }

  async metricMetadata(): Promise<Metadata> {
    const from = await this.catalogue();
    if (this.metadata.from !== from) this.metadata = { from, made: toMetadata(from) };
    return this.metadata.made;
  }

  async labelNames(metric?: string): Promise<string[]> {
    return this.values({ kind: "labels", match: selector(metric, []) });
  }

  async labelValues(label: string, metric?: string, matchers: Matcher[] = []): Promise<string[]> {
    if (label === "__name__") return (await this.catalogue()).names;
    if (!LABEL.test(label)) return [];
    return this.values({ kind: "values", label, match: selector(metric, matchers, label) });
  }

  async series(): Promise<Map<string, string>[]> {
    return []; // part of the interface, but completion lives on labels and values
  }

  async flags(): Promise<Record<string, string>> {
    return {};
  }

  private async catalogue(): Promise<Catalogue> {
    return (await this.remembered({ kind: "catalogue" }))?.catalogue ?? NOTHING;
  }

  private async values(question: Question): Promise<string[]> {
    return (await this.remembered(question))?.values ?? [];
  }

  /** The answer to a question, asked once. One that failed to arrive is asked again the next time. */
  private remembered(question: Question): Promise<Answer | null> {
    const key = JSON.stringify(question);
    const known = this.known.get(key);
    if (known) return known;
    const answer = new Promise<Answer | null>((resolve) => this.queue.push({ question, resolve }));
    this.known.set(key, answer);
    const forget = (): void => {
      if (this.known.get(key) === answer) this.known.delete(key);
    };
    void answer.then((found) => {
      if (!found) forget();
      else if (!found.whole) setTimeout(forget, AGAIN);
    });
    this.next();
    return answer;
  }

  private next(): void {
    const waiting = this.current ? undefined : this.queue.shift();
    if (!waiting) return;
    this.current = waiting;
    this.asked = Math.max(this.asked + 1, Date.now()); // other than any number of an editor that was here before
    this.timer = setTimeout(() => this.finish(null), PATIENCE);
    this.send({ id: this.asked, ...waiting.question });
  }

  private finish(answer: Answer | null): void {
    clearTimeout(this.timer);
    const waiting = this.current;
    this.current = null;
    waiting?.resolve(answer);
    this.next();
  }
}

function toMetadata(catalogue: Catalogue): Metadata {
  const made: Metadata = Object.create(null) as Metadata;
  catalogue.names.forEach((name, place) => {
    made[name] = [{ type: catalogue.types[place] ?? "", help: catalogue.helps[place] ?? "" }];
  });
  return made;
}

/** What is written of a selector as a selector of its own, without the matchers of the label in question. */
function selector(metric = "", matchers: Matcher[], label = ""): string {
  const parts = matchers
    .filter((matcher) => matcher.name !== label && matcher.value !== "" && LABEL.test(matcher.name))
    .filter((matcher) => OPERATORS.has(matcher.type))
    .map((matcher) => `${matcher.name}${OPERATORS.get(matcher.type)}"${requoted(matcher.value)}"`);
  const name = METRIC.test(metric) ? metric : "";
  return parts.length ? `${name}{${parts.join(",")}}` : name;
}

/** The inside of a string literal of any kind as that of a double-quoted one: bare quotes and line ends are escaped. */
function requoted(inside: string): string {
  return inside.replace(/\\[^]|"|\n/g, (found) => (found === '"' ? '\\"' : found === "\n" ? "\\n" : found));
}
