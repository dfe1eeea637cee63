import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { metricsSchema, tracesSchema } from "../../src/web/api/contract.ts";
import { to11 } from "../e2e/to11-process.ts";
import { ADMIN_KEY, type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { chat } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";
const REQUESTS = 2_000;
const AT_ONCE = 100;

let upstream: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a"]
[targets.only]
model = "model-a"
[traces]
shards = 3
`,
    bindings: { A_API_KEY: "key-of-a" },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

/** Ids of all traces, in the order of the pages; `between`: done after each page. */
async function listAll(between: () => Promise<unknown> = () => Promise.resolve()): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `&cursor=${cursor}`;
    const page = tracesSchema.parse(await (await gateway.api(`/api/traces?limit=333${query}`)).json());
    ids.push(...page.traces.map(({ id }) => id));
    cursor = page.next_cursor;
    await between();
  } while (cursor !== null);
  return ids;
}

async function ask(): Promise<string> {
  const response = await gateway.post(CHAT, chat("model-a"));
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  return response.headers.get("x-to11-request-id") ?? "";
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 200 && !(await isSo()); turn += 1) await new Promise((resolve) => setTimeout(resolve, 25));
}

describe("two thousand requests, a hundred at once", () => {
  it("are each in the list exactly once, newest first, and none is lost", async () => {
    const answered: string[] = [];
    let asked = 0;
    const caller = async (): Promise<void> => {
      while (asked < REQUESTS) {
        asked += 1;
        answered.push(await ask());
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, caller));
    let listed: readonly string[] = [];
    await until(async () => (listed = await listAll()).length >= REQUESTS);
    expect(listed).toEqual(answered.toSorted((left, right) => (left < right ? 1 : -1)));
    expect(z.looseObject({ lost_traces: z.number() }).parse(await (await gateway.api("/health")).json()).lost_traces).toBe(0);
  }, 60_000);

  it("are what the metrics count, each token too", async () => {
    const { series } = metricsSchema.parse(await (await gateway.api("/api/metrics?by=target")).json());
    const sample = z.looseObject({ usage: z.object({ input_tokens: z.number(), output_tokens: z.number() }) });
    const { usage } = sample.parse(await (await gateway.api(`/api/traces/${(await listAll())[0]}`)).json());
    expect(series.map(({ key, totals: { requests, errors, input_tokens: input } }) => [key, requests, errors, input])).toEqual([
      ["only", REQUESTS, 0, REQUESTS * usage.input_tokens],
    ]);
  });

  it("stay in the pages, none twice and none missed, while others come", async () => {
    const before = await listAll();
    const paged = await listAll(() => Promise.all([ask(), ask()]));
    expect(paged.filter((id) => before.includes(id))).toEqual(before);
    expect(new Set(paged).size).toBe(paged.length);
  });
});

describe("the control API's traces", () => {
  const paths = ["/api/traces", "/api/traces/default_0000000000000000000000000a", "/api/traces/live", "/api/metrics", "/api/experiments/x"];

  it.each(paths)("%s is read with the admin key only", async (path) => {
    for (const headers of [{}, { authorization: `Bearer ${GATEWAY_KEY}` }, { "x-to11-authorization": `Bearer ${GATEWAY_KEY}` }])
      expect((await fetch(gateway.url + path, { headers })).status).toBe(401);
  });

  it("another project's trace is not found", async () => {
    const id = await ask();
    await until(async () => (await gateway.api(`/api/traces/${id}`)).ok);
    expect((await gateway.api(`/api/traces/${id.replace("default_", "other_")}`)).status).toBe(404);
    expect((await gateway.api(`/api/traces/${id}?project=other`)).status).toBe(404);
  });
});

describe("to11 traces --follow", () => {
  it("shows each request as it ends, once, and those that came before", async () => {
    const earlier = await ask();
    await until(async () => (await gateway.api(`/api/traces/${earlier}`)).ok);
    const variables = { TO11_ADMIN_KEY: ADMIN_KEY };
    const follower = to11(["traces", "--follow", "--json", "--limit", "3", "--url", gateway.url], { cwd: process.cwd(), variables });
    try {
      await follower.says(earlier);
      const later = [await ask(), await ask(), await ask(), await ask(), await ask()];
      for (const id of later) await follower.says(id);
      for (const id of [earlier, ...later]) expect(follower.output().split(`"id":"${id}"`)).toHaveLength(2);
    } finally {
      follower.child.kill();
      await follower.exited;
    }
  });
});
