import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Act, ACT_NAMES, FAILING_STATUSES, OWN_STATUSES } from "../support/acts.ts";
import { FaultyUpstream } from "../support/faulty-upstream.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { inParallel } from "../support/in-step.ts";
import { brokenLaws } from "../support/laws.ts";
import { LAWFUL_ROUTES, lawfulToml, PROVIDERS } from "../support/lawful-routes.ts";
import { ask, tracesByUser } from "../support/lawful-call.ts";
import { chat, COMMENT, DONE, event, FINISH, ROLE, STREAM_HEADERS } from "../support/upstream.ts";

let upstream: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({ toml: lawfulToml(upstream, { timeoutMs: 250, idleTimeoutMs: 200 }) });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const SEED = Number(process.env["FAST_CHECK_SEED"] ?? Date.now() % 2 ** 31);
let requests = 0;
const nextUser = (): string => `r${(requests += 1)}`;

const act: fc.Arbitrary<Act> = fc.record({
  name: fc.constantFrom(...ACT_NAMES),
  at: fc.integer({ min: 0, max: 8 }),
  status: fc.constantFrom(...FAILING_STATUSES, ...OWN_STATUSES),
  writes: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
});
const scenario = fc.record({
  route: fc.constantFrom(...LAWFUL_ROUTES),
  stream: fc.boolean(),
  acts: fc.array(act, { maxLength: 7 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;

/** What of a scenario breaks the laws: one request, driven to its end. */
async function run(scenarios: readonly Scenario[]): Promise<string[]> {
  const faulty = new FaultyUpstream(upstream, PROVIDERS);
  const driven: { scenario: Scenario; user: string; got: Awaited<ReturnType<typeof ask>> }[] = [];
  await inParallel(scenarios, 24, async (each) => {
    const user = nextUser();
    faulty.expect(user, each.acts);
    driven.push({ scenario: each, user, got: await ask(gateway, { ...each, user }) });
  });
  const traces = await tracesByUser(
    gateway,
    driven.map(({ user }) => user),
  );
  return driven.flatMap(({ scenario: { route, stream }, user, got }) => {
    const acted = faulty.take(user);
    const [trace, ...others] = traces.get(user) ?? [];
    const broken = trace === undefined ? ["no trace"] : brokenLaws({ route, stream, acted, got, trace });
    if (others.length > 0) broken.push(`${others.length + 1} traces`);
    const story = `${route.model}${stream ? " (stream)" : ""}: ${acted.map((call) => `${call.provider} ${call.act.name}@${call.act.at}/${call.act.status} ${call.ending ?? "open"}`).join(", ")}`;
    return broken.map((law) => `${story}: ${law}`);
  });
}

describe(`laws (seed ${SEED}; FAST_CHECK_SEED repeats it)`, () => {
  it("hold for random faults over random plans", { timeout: 60_000 }, async () => {
    const many = fc.array(scenario, { minLength: 60, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(many, async (scenarios) => {
        expect(await run(scenarios)).toEqual([]);
      }),
      // One run is many requests: to shrink them all costs more than it tells.
      { seed: SEED, numRuns: 12, endOnFailure: true },
    );
  });
});

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const lines = fc.constantFrom("\n", "\r\n", "\r");
const odd = fc.constantFrom(
  COMMENT,
  ": \n\n",
  "\n\n",
  "data\n\n",
  "data: {nonsense\n\n",
  "id: 3\nretry: 5\n\n",
  event({ choices: [{ index: 0, delta: { tool_calls: [{ index: 9, function: { name: "f", arguments: "{" } }, { index: null }] } }] }),
  event({ choices: [{ index: 4, delta: { reasoning_content: "hm" } }] }),
);
const said = text.map((content) => event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }));
const eventBytes = fc.tuple(fc.oneof(said, odd), lines).map(([event, line]) => event.replaceAll("\n", line));
const validStream = fc
  .tuple(fc.array(odd, { maxLength: 3 }), said, fc.array(eventBytes, { maxLength: 15 }))
  .map(([before, first, rest]) => Buffer.from([ROLE, ...before, first, ...rest, FINISH, DONE].join("")));
const chunked = validStream.chain((bytes) =>
  fc.record({
    bytes: fc.constant(bytes),
    cuts: fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 }).map((cuts) => cuts.toSorted((a, b) => a - b)),
    shown: fc.boolean(),
  }),
);

describe(`bytes (seed ${SEED})`, () => {
  it("of random valid streams in random pieces reach the caller as they came", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(chunked, { minLength: 25, maxLength: 25 }), async (streams) => {
        await inParallel(streams, 12, async ({ bytes, cuts, shown }) => {
          const user = nextUser();
          const ends = [...cuts, bytes.length];
          const body = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
          plays.set(user, body);
          const usage = shown ? { stream_options: { include_usage: true } } : {};
          const response = await gateway.post("/v1/chat/completions", chat("route::bytes", { stream: true, user, ...usage }));
          expect(Buffer.from(await response.arrayBuffer()).toString()).toBe(bytes.toString());
        });
      }),
      { seed: SEED, numRuns: 8, endOnFailure: true },
    );
  });
});

/** The pieces of each caller's stream. */
const plays = new Map<string, readonly Uint8Array[]>();
beforeAll(() => {
  upstream.always("bytes", async (call, response) => {
    response.writeHead(200, STREAM_HEADERS);
    const { user } = JSON.parse(call.body.toString()) as { user: string };
    for (const piece of plays.get(user) ?? []) await new Promise((resolve) => response.write(piece, resolve));
    response.end();
  });
});
