import gateway from "../../src/worker.ts";
import { TraceStore as Store } from "../../src/platform/traces/trace-store.ts";
import { isolateOf } from "../../src/platform/isolate.ts";
import { storeAt } from "../../src/platform/traces/trace-places.ts";
import { makeTraceId, readTraceId } from "../../src/core/trace/trace-id.ts";

export { AdminSessions, ConfigRegistry, Governor, TraceFeed, TraceIndex } from "../../src/worker.ts";

/** A trace store that knows what it would be billed for, and can store a trace as a row of its own instead. */
export class TraceStore extends Store {
  #rows;
  #sql;

  constructor(ctx, env) {
    const { sql } = ctx.storage;
    const counted = {
      rows: 0,
      exec(...query) {
        const cursor = sql.exec(...query);
        counted.rows += cursor.rowsWritten;
        return cursor;
      },
    };
    Object.defineProperty(ctx.storage, "sql", { value: counted });
    super(ctx, env);
    this.#rows = counted;
    this.#sql = sql;
  }

  /** One row per trace: what this store is compared with. */
  appendRow(tail, json) {
    this.#rows.exec("CREATE TABLE IF NOT EXISTS trace (tail TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID");
    this.#rows.exec("INSERT INTO trace VALUES (?, ?)", tail, json);
  }

  billed() {
    return { rows: this.#rows.rows, bytes: this.#sql.databaseSize };
  }
}

const HOUR_MS = 3_600_000;

/** The gateway, and under /bench what the benchmark of its trace store needs. */
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const [, first, call] = url.pathname.split("/");
    if (first !== "bench") return gateway.fetch(request, env, ctx);
    const asked = Object.fromEntries([...url.searchParams].map(([name, value]) => [name, Number(value)]));
    return Response.json((await CALLS[call](asked, env, ctx)) ?? null);
  },
};

const CALLS = {
  /** Records traces as requests do that end now, `count` of them in this one request. */
  async record({ count, shards, from }, env) {
    const nowMs = Date.now();
    const kept = [];
    for (let n = 0; n < count; n += 1) isolateOf(env).traces.record(trace(from + n, nowMs, shards, "ended"), (work) => kept.push(work));
    // So that no more come than can be stored.
    await Promise.all(kept);
  },
  /** Stores traces as many isolates would that each have one at a time. */
  async scatter({ count, perSecond }, env) {
    const stored = [];
    for (let n = 0; n < count; n += 1) {
      const made = trace(n, Date.now(), 1, "ended");
      const place = { project: "default", day: made.started_at.slice(0, 10), shard: 0, jurisdiction: null };
      const records = [{ startedAtMs: Date.parse(made.started_at), json: JSON.stringify(made) }];
      stored.push(storeAt(env, place).append({ id: crypto.randomUUID(), place, retentionDays: 30, records }));
      await scheduler.wait(1000 / perSecond);
    }
    await Promise.all(stored);
  },
  /** Stores traces by one call and one row for each. */
  async recordRows({ count, shards, from }, env) {
    const nowMs = Date.now();
    const place = { project: "rows", jurisdiction: null };
    const calls = Array.from({ length: count }, (_, n) => {
      const made = trace(from + n, nowMs, shards, "ended");
      const shard = (from + n) % shards;
      return storeAt(env, { ...place, day: made.started_at.slice(0, 10), shard }).appendRow(made.id.slice(-26), JSON.stringify(made));
    });
    await Promise.all(calls);
  },
  /** Stores traces that are spread evenly over a day, in the order of their times. */
  async fill({ from, to, total, dayMs, shards }, env) {
    const day = new Date(dayMs).toISOString().slice(0, 10);
    const byShard = Map.groupBy(
      Array.from({ length: to - from }, (_, n) => from + n).map((n) => trace(n, dayMs + (n * 24 * HOUR_MS) / total, shards, "started")),
      ({ id }) => shardOf(id),
    );
    for (const [shard, traces] of byShard) {
      const place = { project: "default", day, shard, jurisdiction: null };
      for (let at = 0; at < traces.length; at += 256) {
        const records = traces
          .slice(at, at + 256)
          .map((made) => ({ startedAtMs: Date.parse(made.started_at), json: JSON.stringify(made) }));
        await storeAt(env, place).append({ id: crypto.randomUUID(), place, retentionDays: 30, records });
      }
    }
  },
  /** What the stores of a day would be billed for. */
  async billed({ dayMs, shards, rows }, env) {
    const day = new Date(dayMs).toISOString().slice(0, 10);
    const place = { project: rows === 1 ? "rows" : "default", day, jurisdiction: null };
    const all = await Promise.all(Array.from({ length: shards }, (_, shard) => storeAt(env, { ...place, shard }).billed()));
    return all.reduce((sum, { rows: written, bytes }) => ({ rows: sum.rows + written, bytes: sum.bytes + bytes }), { rows: 0, bytes: 0 });
  },
};

const MODELS = ["gpt-4o", "gpt-4o-mini", "claude-sonnet-4-6", "claude-haiku-4-5", "gemini-2.5-flash"];
const CLIENTS = ["claude-code/2.1", "openai-python/1.99", "codex/0.50"];
const ROUTES = ["support", "search", "summarize", "extract", "translate", "classify"];

/** A request's trace as a busy project's are: long and short answers, some failures, users and sessions that come again. */
function trace(n, timeMs, shards, time) {
  const random = crypto.getRandomValues(new Uint8Array(40));
  const durationMs = Math.round(Math.exp(7 + 1.1 * normal()));
  const startedAtMs = Math.floor(time === "ended" ? timeMs - durationMs : timeMs);
  const shard = n % shards;
  const pick = (list, at) => list[random[at] % list.length];
  const model = pick(MODELS, 30);
  const provider = model.startsWith("gpt") ? "openai" : model.startsWith("claude") ? "anthropic" : "google";
  const isRare = n % 10_000 === 7_777;
  const failed = random[31] < 5;
  const target = `${provider}-${model}`;
  const inputTokens = 200 + random[32] * 17 + (random[33] & 15);
  const outputTokens = failed ? null : 20 + random[34] * 3;
  const attempt = { target, provider, model, step: 0, strategy: "fallback", offset_ms: 1, duration_ms: durationMs - 1 };
  const attempts = [{ ...attempt, status: failed ? 500 : 200, outcome: failed ? "refused" : "answered", timeout: null, waited_ms: 0 }];
  return {
    format: 1,
    id: makeTraceId({ project: "default", startedAtMs, shard, random: random.subarray(0, 14) }),
    project: "default",
    started_at: new Date(startedAtMs).toISOString(),
    duration_ms: durationMs,
    first_content_ms: failed ? null : Math.round(durationMs / 4),
    endpoint: "chat",
    path: "/v1/chat/completions",
    stream: random[35] < 200,
    requested_model: model,
    layer: "route",
    route: isRare ? "rare" : pick(ROUTES, 36),
    function: null,
    strategy: "fallback",
    variant: null,
    target,
    provider,
    upstream_model: model,
    reported_model: failed ? null : `${model}-2026-08-06`,
    status: failed ? 500 : 200,
    outcome: failed ? "failed" : "complete",
    error_code: failed ? "upstream_error" : null,
    finish_reason: failed ? null : "stop",
    attempts,
    usage: usageOf(failed ? null : inputTokens, outputTokens),
    cost_usd: failed ? null : (inputTokens * 2.5 + (outputTokens ?? 0) * 10) / 1e6,
    tool_calls: 0,
    request_bytes: inputTokens * 4,
    response_bytes: 600 + random[37] * 40,
    simulated: false,
    ...callerOf(random),
    trace_id: hexOf(random.subarray(14, 30)),
    parent_span_id: null,
    config: "1a2b3c4d",
    colo: "FRA",
  };
}

function shardOf(id) {
  return readTraceId(id).value.shard;
}

/** A draw of the standard normal distribution (Box and Muller). */
function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

function hexOf(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function callerOf(random) {
  return {
    user_id: `user-${(random[38] * 256 + random[39]) % 5000}`,
    session_id: `session-${hexOf(random.subarray(20, 26))}`,
    conversation_id: null,
    environment: "production",
    client: CLIENTS[random[39] % CLIENTS.length],
    metadata: {},
    api_key: random[35] % 3 === 0 ? "TO11_API_KEY_B" : "TO11_API_KEY",
    key_owner: null,
    team: null,
  };
}

function usageOf(inputTokens, outputTokens) {
  return {
    input_tokens: inputTokens,
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    cache_write_1h_tokens: null,
    output_tokens: outputTokens,
    reasoning_tokens: 0,
  };
}
