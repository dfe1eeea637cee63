import { abortAllDurableObjects, evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import type * as z from "zod";
import { readTraceId, utcDay } from "../../../src/core/trace/trace-id.ts";
import type { TraceRecord } from "../../../src/core/trace/trace-record.ts";
import { DIMENSIONS } from "../../../src/core/trace/trace-rollup.ts";
import { DAY_MS, dayStartMs, storeAt } from "../../../src/platform/traces/trace-places.ts";
import type { TraceStore } from "../../../src/platform/traces/trace-store.ts";
import { experimentSchema, metricsSchema } from "../../../src/web/api/contract.ts";
import { traceAt } from "../../support/trace-at.ts";
import { call, newIsolate, readFrom, refusedBy, toml } from "./calls.ts";
import { BUNDLED_TOML } from "./routes.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const isolate = newIsolate();
/** Yesterday, so that all of it is over. */
const NOON = dayStartMs(utcDay(Date.now())) - DAY_MS / 2;
const MINUTE_MS = 60_000;

let batches = 0;

async function append(traces: readonly TraceRecord[], id = `batch-${(batches += 1)}`): Promise<void> {
  const groups = Map.groupBy(traces, ({ id: traceId }) => {
    const read = readTraceId(traceId);
    if (!read.ok) throw new Error(traceId);
    return `${utcDay(read.value.startedAtMs)}/${read.value.shard}`;
  });
  const appends = [...groups].map(([name, group]) => {
    const [day = "", shard] = name.split("/");
    const place = { project: "default", day, shard: Number(shard), jurisdiction: null };
    const records = group.map((trace) => ({ startedAtMs: Date.parse(trace.started_at), json: JSON.stringify(trace) }));
    return storeAt(env, place).append({ id, place, retentionDays: 30, records });
  });
  await Promise.all(appends);
}

/** Traces of all kinds, the same ones each time, over so many minutes before noon. */
function mixed(count: number, minutes: number): readonly TraceRecord[] {
  const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % list.length];
  return Array.from({ length: count }, (_, n) =>
    traceAt(NOON - Math.floor((minutes * MINUTE_MS * ((n * 7919) % count)) / count) - 1, n, {
      shard: n % 3,
      duration_ms: ((n * 37) % 5_000) + 1,
      first_content_ms: n % 5 === 0 ? null : (n * 13) % 900,
      route: pick(["main", "search", null], n) ?? null,
      target: pick(["a", "b"], n) ?? null,
      provider: pick(["openai", "anthropic", "google"], n >> 1) ?? null,
      upstream_model: pick(["gpt-4o", "claude"], n >> 2) ?? null,
      variant: pick([null, "fast", "slow"], n >> 3) ?? null,
      status: pick([200, 200, 429, 502], n) ?? 200,
      outcome: pick(["complete", "complete", "failed", "rejected", "truncated"] as const, n) ?? "complete",
      api_key: pick(["KEY_A", null], n >> 4) ?? null,
      key_owner: pick(["ann", null], n >> 5) ?? null,
      team: pick(["red", "blue"], n >> 6) ?? null,
      user_id: n % 10 === 0 ? null : `user-${n % 77}`,
      session_id: `session-${n}`,
      client: pick(["claude-code/2.1", null], n >> 2) ?? null,
      environment: pick(["production", "staging"], n >> 3) ?? null,
      usage: {
        input_tokens: n % 7 === 0 ? null : n,
        cached_input_tokens: n % 7 === 0 ? null : n % 11,
        cache_write_tokens: n % 3 === 0 ? null : n % 5,
        cache_write_1h_tokens: null,
        output_tokens: n % 7 === 0 ? null : 2 * n,
        reasoning_tokens: null,
      },
      cost_usd: n % 7 === 0 ? null : n * 0.000_125,
    }),
  );
}

type Figures = z.infer<typeof metricsSchema>["series"][number]["totals"];

/** What the traces come to, counted one by one. */
function counted(traces: readonly TraceRecord[]): Figures {
  const sum = (values: readonly (number | null)[]): number => values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const percentiles = (values: readonly (number | null)[]): Figures["duration_ms"] => {
    const sorted = values.filter((value) => value !== null).toSorted((left, right) => left - right);
    const at = (share: number): number | null => {
      const value = sorted[Math.ceil(sorted.length * share) - 1];
      return value === undefined ? null : within2Percent(value);
    };
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  };
  return {
    requests: traces.length,
    errors: traces.filter(({ outcome }) => outcome === "failed" || outcome === "rejected" || outcome === "truncated").length,
    input_tokens: sum(traces.map(({ usage }) => usage.input_tokens)),
    cached_input_tokens: sum(traces.map(({ usage }) => usage.cached_input_tokens)),
    cache_write_tokens: sum(traces.map(({ usage }) => usage.cache_write_tokens)),
    output_tokens: sum(traces.map(({ usage }) => usage.output_tokens)),
    cost_usd: expect.closeTo(sum(traces.map(({ cost_usd: cost }) => cost)), 9),
    duration_ms: percentiles(traces.map(({ duration_ms: ms }) => ms)),
    first_content_ms: percentiles(traces.map(({ first_content_ms: ms }) => ms)),
  };
}

function within2Percent(value: number): number {
  // A matcher where the shape has a number.
  return value < 1 ? 0 : expect.toSatisfy((found: number) => Math.abs(found - value) <= value * 0.0201);
}

const KEYS: Readonly<Record<(typeof DIMENSIONS)[number], (trace: TraceRecord) => string | null>> = {
  route: ({ route }) => route,
  target: ({ target }) => target,
  provider: ({ provider }) => provider,
  model: ({ upstream_model: model }) => model,
  variant: ({ variant }) => variant,
  status: ({ status }) => String(status),
  api_key: ({ api_key: key }) => key,
  owner: ({ key_owner: owner }) => owner,
  team: ({ team }) => team,
  user: ({ user_id: user }) => user,
  session: ({ session_id: session }) => session,
  client: ({ client }) => client,
  environment: ({ environment }) => environment,
};

function metrics(query: string): Promise<z.infer<typeof metricsSchema>> {
  return readFrom(isolate, metricsSchema, `/api/metrics?${query}`);
}

function between(sinceMs: number, untilMs: number): string {
  return `since=${new Date(sinceMs).toISOString()}&until=${new Date(untilMs).toISOString()}`;
}

const DAY = between(dayStartMs(utcDay(NOON)), dayStartMs(utcDay(NOON)) + DAY_MS);

async function expectCounts(traces: readonly TraceRecord[], query: string): Promise<void> {
  const { series } = await metrics(query);
  expect(series.map(({ totals }) => totals)).toEqual([counted(traces)]);
}

describe("GET /api/metrics", () => {
  const traces = mixed(1_500, 90);

  test("without by is a count over all traces, sealed and unsealed, of every shard", async () => {
    for (let n = 0; n < traces.length; n += 250) await append(traces.slice(n, n + 250));
    const answer = await metrics(DAY);
    expect(answer.step_s).toBe(3600);
    expect(answer.series).toHaveLength(1);
    expect(answer.series[0]).toMatchObject({ key: null, totals: counted(traces) });
    const hours = Map.groupBy(traces, (trace) => trace.started_at.slice(0, 13));
    expect(answer.series[0]?.buckets).toEqual(
      [...hours]
        .toSorted(([left], [right]) => (left < right ? -1 : 1))
        .map(([hour, ofHour]) => ({ start: `${hour}:00:00.000Z`, ...counted(ofHour) })),
    );
  });

  test.each(DIMENSIONS)("by %s is a count over the traces of each value", async (by) => {
    await append(traces);
    const { series } = await metrics(`${DAY}&by=${by}&step=900`);
    // More than a thousand are not told apart.
    if (by === "session") return;
    const groups = Map.groupBy(traces, KEYS[by]);
    expect(new Map(series.map(({ key, totals }) => [key, totals]))).toEqual(
      new Map([...groups].map(([key, group]) => [key, counted(group)])),
    );
    for (const { key, buckets } of series) expect(buckets.reduce((sum, { requests }) => sum + requests, 0)).toBe(groups.get(key)?.length);
    expect(series.map(({ keys }) => keys)).toEqual(series.map(({ key }) => [key]));
  });

  test.each([
    ["user", "model"],
    ["route", "variant"],
    ["model", "session"],
    ["api_key", "environment"],
  ] as const)("by %s and %s is a count over the traces of each pair of values, sealed and unsealed", async (by, and) => {
    const some = traces.slice(0, 900);
    await append(some);
    const { series } = await metrics(`${DAY}&by=${by},${and}&step=900`);
    const groups = Map.groupBy(some, (trace) => JSON.stringify([KEYS[by](trace), KEYS[and](trace)]));
    expect(new Map(series.map(({ keys, totals }) => [JSON.stringify(keys), totals]))).toEqual(
      new Map([...groups].map(([keys, group]) => [keys, counted(group)])),
    );
    expect(series.map(({ key }) => key)).toEqual(series.map(({ keys }) => keys[0]));
  });

  test("by session tells the thousand largest apart, by requests and by cost, and counts all others as one", async () => {
    const busy = Array.from({ length: 40 }, (_, n) => ({ session_id: "busy", cost_usd: 0, shard: n % 3 }));
    const dear = [{ session_id: "dear", cost_usd: 5 }];
    const small = Array.from({ length: 1_400 }, (_, n) => ({ session_id: `session-${n}`, cost_usd: 0.001, shard: n % 3 }));
    const many = [...small, ...busy, ...dear].map((changes, n) => traceAt(NOON - n, n, changes));
    await append(many);
    const { series } = await metrics(`${DAY}&by=session`);
    expect(series).toHaveLength(1_001);
    expect(series.slice(0, 2).map(({ key, totals }) => [key, totals.requests, totals.cost_usd])).toEqual([
      ["busy", 40, 0],
      ["dear", 1, 5],
    ]);
    expect(series.at(-1)).toMatchObject({ key: "(other)", keys: ["(other)"], totals: { requests: 402 } });
    const { requests, cost } = series.reduce(
      (sum, { totals }) => ({ requests: sum.requests + totals.requests, cost: sum.cost + totals.cost_usd }),
      { requests: 0, cost: 0 },
    );
    expect([requests, cost]).toEqual([1_441, expect.closeTo(6.4, 9)]);
  });

  test("fewer series are told apart where there are many buckets", async () => {
    await append(Array.from({ length: 300 }, (_, n) => traceAt(NOON, n, { user_id: `user-${n}` })));
    const { series } = await metrics(`${DAY}&by=user&step=60`);
    expect(series).toHaveLength(105);
    expect(series.at(-1)).toMatchObject({ key: "(other)", totals: { requests: 196 } });
  });

  test.each(["user", "user,model"])("by %s counts packs without facts, which an earlier deploy sealed", async (by) => {
    await append(traces);
    const before = await metrics(`${DAY}&by=${by}`);
    for (const [shard, statement] of [
      "DROP TABLE trace_facts",
      "DELETE FROM trace_facts",
      "UPDATE trace_facts SET facts = x'0300'",
    ].entries()) {
      const store = storeAt(env, { project: "default", day: utcDay(NOON), shard, jurisdiction: null });
      await runInDurableObject(store, (_instance: TraceStore, state) => void state.storage.sql.exec(statement));
    }
    expect(await metrics(`${DAY}&by=${by}`)).toEqual({ ...before, until: expect.any(String) });
  });

  test.each([60, 120, 300, 900, 3_600, 7_200, 86_400])("in steps of %i s cuts off what is before since and from until on", async (step) => {
    await append(traces);
    const [sinceMs, untilMs] = [NOON - 71 * MINUTE_MS, NOON - 8 * MINUTE_MS];
    const wanted = traces.filter(({ started_at: at }) => Date.parse(at) >= sinceMs && Date.parse(at) < untilMs);
    // Twice: the second time from what the first has gathered.
    for (let time = 0; time < 2; time += 1) {
      const { series } = await metrics(`${between(sinceMs, untilMs)}&step=${step}`);
      expect(series[0]?.totals).toEqual(counted(wanted));
      const starts = new Set(wanted.map(({ started_at: at }) => Math.floor(Date.parse(at) / step / 1000) * step * 1000));
      expect(series[0]?.buckets.map(({ start }) => Date.parse(start))).toEqual([...starts].toSorted((left, right) => left - right));
    }
  });

  test("counts a trace that comes after its hour was asked for", async () => {
    await append(traces);
    await expectCounts(traces, `${DAY}&step=3600`);
    const late = mixed(1_500, 90).map((trace, n) => ({
      ...trace,
      id: traceAt(Date.parse(trace.started_at), 5_000 + n, { shard: n % 3 }).id,
    }));
    await append(late);
    for (const step of [60, 900, 3600]) await expectCounts([...traces, ...late], `${DAY}&step=${step}`);
  });

  test("widens since and until to whole minutes, and says so", async () => {
    const answer = await metrics(between(NOON - 1, NOON + 1));
    expect([answer.since, answer.until, answer.step_s]).toEqual([
      new Date(NOON - MINUTE_MS).toISOString(),
      new Date(NOON + MINUTE_MS).toISOString(),
      60,
    ]);
    expect(answer.series).toEqual([]);
  });

  test("counts a batch once that is sent again, at once, later, and after the object died", async () => {
    const [first, second] = [traces.slice(0, 300), traces.slice(300, 320)];
    await Promise.all([append(first, "first"), append(first, "first")]);
    await Promise.all([append(second, "second"), append(second, "second")]);
    const stores = [0, 1, 2].map((shard) => storeAt(env, { project: "default", day: utcDay(NOON), shard, jurisdiction: null }));
    for (const store of stores) await evictDurableObject(store);
    await append(first, "first");
    await abortAllDurableObjects();
    await append(second, "second");
    await expectCounts([...first, ...second], DAY);
  });

  test("counts traces of an earlier deploy, which have fewer counters", async () => {
    const [trace] = mixed(1, 1);
    const older = { ...trace, usage: { input_tokens: 9, cached_input_tokens: 4, output_tokens: 10, reasoning_tokens: 0 } } as TraceRecord;
    await append([older]);
    const { series } = await metrics(DAY);
    expect(series[0]?.totals).toMatchObject({ requests: 1, input_tokens: 9, cached_input_tokens: 4, cache_write_tokens: 0 });
  });

  test("says (other) for what is beyond three hundred values of a minute, and loses no request", async () => {
    const many = Array.from({ length: 700 }, (_, n) => traceAt(NOON, n, { upstream_model: `model-${n}` }));
    await append(many);
    const { series } = await metrics(`${DAY}&by=model`);
    expect(series.reduce((sum, { totals }) => sum + totals.requests, 0)).toBe(700);
    expect(series).toHaveLength(300);
    expect(series.at(-1)).toMatchObject({ key: "(other)", totals: { requests: 401 } });
  });

  test("keeps a row below its two megabytes, whatever comes within one minute", async () => {
    const many = Array.from({ length: 6_000 }, (_, n) =>
      traceAt(NOON, n, {
        route: `route-${n % 290}`,
        target: `target-${n % 280}`,
        duration_ms: (n * 7919) % 3_000_000,
        first_content_ms: (n * 104_729) % 900_000,
      }),
    );
    for (let n = 0; n < many.length; n += 1_000) await append(many.slice(n, n + 1_000));
    const store = storeAt(env, { project: "default", day: utcDay(NOON), shard: 0, jurisdiction: null });
    const longest = await runInDurableObject(store, (_instance: TraceStore, state) =>
      state.storage.sql.exec<{ n: number }>("SELECT max(length(counts)) AS n FROM trace_rollup_60000").one(),
    );
    expect(longest.n).toBeLessThan(1_000_000);
    const { series } = await metrics(`${DAY}&by=target`);
    expect(series.reduce((sum, { totals }) => sum + totals.requests, 0)).toBe(6_000);
    await expectCounts(many, DAY);
  });

  test.each([
    [
      "by=colour",
      /by must be one or two of route, target, provider, model, variant, status, api_key, owner, team, user, session, client, environment/,
    ],
    ["by=user,colour", /by must be one or two of/],
    ["by=user,user", /by must be one or two of/],
    ["by=user,model,route", /by must be one or two of/],
    ["by=", /by must be one or two of/],
    ["step=59", /multiple of 60 seconds/],
    ["step=90", /multiple of 60 seconds/],
    ["step=-60", /multiple of 60 seconds/],
    [`${between(NOON - 30 * DAY_MS, NOON)}&step=60`, /at most 1500 buckets, such as 86400/],
    ["since=yesterday", /since must be an ISO 8601 time/],
    ["until=2026-13-01", /until must be an ISO 8601 time/],
    [between(NOON, NOON), /since must be before until/],
    ["bye=route", /"bye"; did you mean "by"\?/],
  ])("refuses %s, saying what would be right", async (query, message) => {
    expect(await refusedBy(isolate, `/api/metrics?${query}`)).toMatchObject({ status: 400, message: expect.stringMatching(message) });
  });

  test.each(["/api/metrics", "/api/experiments/main"])("%s: nobody without the admin key reads it", async (path) => {
    expect((await call(isolate, path, { key: null })).status).toBe(401);
    expect((await call(isolate, path, { key: "wrong" })).status).toBe(401);
  });
});

describe("GET /api/experiments/{route}", () => {
  const EXPERIMENT_TOML = `${BUNDLED_TOML}
[routes.summarize]
strategy = "experiment"
[routes.summarize.variants.fast]
model = "gpt-4o-mini"
weight = 70
[routes.summarize.variants.slow]
model = "gpt-4o"
weight = 30
`;

  async function report(path = "summarize"): Promise<z.infer<typeof experimentSchema>> {
    return readFrom(published, experimentSchema, `/api/experiments/${path}?${DAY}`);
  }

  let published = isolate;
  async function publish(): Promise<void> {
    published = newIsolate();
    expect((await call(published, "/api/config", toml(EXPERIMENT_TOML, "*"))).status).toBe(200);
  }

  function drawn(count: number, variant: string, from: number): readonly TraceRecord[] {
    return Array.from({ length: count }, (_, n) =>
      traceAt(NOON - n * 1000, from + n, {
        route: "summarize",
        variant,
        duration_ms: 100 + (n % 2) * 2,
        outcome: n % 10 === 0 ? "failed" : "complete",
        cost_usd: 0.5,
      }),
    );
  }

  test("compares the variants with their intervals, and finds the split as configured", async () => {
    await publish();
    await append([...drawn(71, "fast", 0), ...drawn(29, "slow", 200), traceAt(NOON, 999, { variant: "fast", route: "another" })]);
    const { variants, ...rest } = await report();
    expect(rest).toMatchObject({ route: "summarize", requests: 100, split: { as_configured: true, p_value: expect.closeTo(0.827, 3) } });
    expect(variants).toEqual([
      {
        variant: "fast",
        configured_share: 0.7,
        requests: 71,
        observed_share: { value: 0.71, low: expect.closeTo(0.6146, 3), high: expect.closeTo(0.7899, 3) },
        error_rate: { value: 8 / 71, low: expect.closeTo(0.0582, 3), high: expect.closeTo(0.2066, 3) },
        duration_ms: { value: expect.closeTo(100.986, 3), low: expect.closeTo(100.748, 2), high: expect.closeTo(101.224, 2) },
        first_content_ms: { value: 5, low: 5, high: 5 },
        output_tokens: { value: 10, low: 10, high: 10 },
        cost_usd: { value: 0.5, low: 0.5, high: 0.5 },
      },
      expect.objectContaining({ variant: "slow", configured_share: 0.3, requests: 29 }),
    ]);
  });

  test("finds a split that is not as configured, and tells a variant that is no longer configured", async () => {
    await publish();
    await append([...drawn(50, "fast", 0), ...drawn(50, "slow", 200), ...drawn(3, "gone", 400)]);
    const { variants, split, requests } = await report();
    expect([requests, split.as_configured]).toEqual([103, false]);
    expect(variants.map(({ variant, configured_share: share }) => [variant, share])).toEqual([
      ["fast", 0.7],
      ["slow", 0.3],
      ["gone", null],
    ]);
  });

  test("says nothing of what was not yet asked", async () => {
    await publish();
    const { variants, split } = await report();
    expect(split).toEqual({ as_configured: null, p_value: null });
    expect(variants.map(({ error_rate: rate }) => rate)).toEqual([
      { value: null, low: null, high: null },
      { value: null, low: null, high: null },
    ]);
  });

  test("refuses a route without variants and one that does not exist", async () => {
    for (const name of ["main", "nowhere"])
      expect(await refusedBy(isolate, `/api/experiments/${name}?${DAY}`)).toMatchObject({
        status: 404,
        message: expect.stringMatching(/no route or function of that name has variants/),
      });
    expect(await refusedBy(isolate, "/api/experiments/main?step=60")).toMatchObject({ status: 400 });
  });
});
