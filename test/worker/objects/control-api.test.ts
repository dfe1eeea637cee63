import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import * as z from "zod/mini";
import { pointerKey } from "../../../src/platform/config/config-keys.ts";
import { storeAt } from "../../../src/platform/traces/trace-places.ts";
import * as contract from "../../../src/web/api/contract.ts";
import { traceAt } from "../../support/trace-at.ts";
import { version as bundledVersion } from "./bundled-config.ts";
import { call, type CallOptions, json, newIsolate, readFrom, refusedBy, toml } from "./calls.ts";
import { BUNDLED_TOML, edited } from "./routes.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

let isolate = newIsolate();
afterEach(() => {
  isolate = newIsolate();
});

const read = <Schema extends z.ZodMiniType>(schema: Schema, path: string, options?: CallOptions): Promise<z.output<Schema>> =>
  readFrom(isolate, schema, path, options);
const refused = (path: string, options?: CallOptions): ReturnType<typeof refusedBy> => refusedBy(isolate, path, options);

describe("GET and PUT /api/config", () => {
  test("serve the bundled file, publish over it, and serve what was published, with ETags that are the versions", async () => {
    const before = await call(isolate, "/api/config");
    expect(before.headers.get("etag")).toBe(`"${bundledVersion}"`);
    expect(contract.configSchema.parse(await before.json())).toMatchObject({ project: "default", source: "bundled", toml: BUNDLED_TOML });

    const put = await call(isolate, "/api/config", toml(edited("1"), `"${bundledVersion}"`));
    const published = contract.publishedSchema.parse(await put.json());
    expect(put.headers.get("etag")).toBe(`"${published.version}"`);
    expect(published).toMatchObject({ project: "default", distributed: true, warnings: [] });

    expect(await read(contract.configSchema, "/api/config")).toMatchObject({
      version: published.version,
      source: "published",
      author: "ada",
      published_at: published.published_at,
      toml: edited("1"),
    });
  });

  test.each([
    ["without If-Match", null, 400, "invalid_request"],
    ["with a weak ETag", 'W/"x"', 400, "invalid_request"],
    ["with another version", `"${"0".repeat(64)}"`, 412, "version_conflict"],
    ["for a new project", "none", 412, "version_conflict"],
  ])("refuse a publication %s", async (_what, ifMatch, status, code) => {
    expect(await refused("/api/config", toml(edited("1"), ifMatch))).toMatchObject({ status, code });
  });

  test("refuse a broken file with every problem and its line", async () => {
    const refusal = await refused("/api/config", toml(`${BUNDLED_TOML}\n[routes.x]\ntargets = ["nowhere"]\nstratgy = "single"\n`, "*"));
    expect(refusal).toMatchObject({ status: 400, code: "invalid_config" });
    expect(refusal.problems?.length).toBeGreaterThanOrEqual(2);
    expect(refusal.problems?.every(({ line, message }) => line !== null && message !== "")).toBe(true);
  });

  test.each([
    [
      "as many wrong elements as are read",
      `[providers.openai]\nmodels = [${"1,".repeat(49_990)}]`,
      "must be a model's name",
      "and 49890 more, not listed",
    ],
    [
      "more than are read",
      `[providers.openai]\nmodels = [${"1,".repeat(300_000)}]`,
      "holds more than 50000 keys, tables and elements",
      null,
    ],
    ["brackets in brackets", `a = ${"[".repeat(500_000)}`, "is not valid TOML", null],
  ])("refuse a file with %s in words", async (_what, text, first, last) => {
    const { code, problems = [] } = await refused("/api/config", toml(text, "*"));
    expect([code, problems.length]).toEqual(["invalid_config", last === null ? 1 : 101]);
    expect(problems[0]?.message).toContain(first);
    if (last !== null) expect(problems.at(-1)?.message).toBe(last);
  });

  test("refuse JSON, other bytes, and more than 2 MB", async () => {
    const typed = (type: string, body: string): CallOptions => ({
      method: "PUT",
      headers: { "content-type": type, "if-match": "*" },
      body,
    });
    expect((await refused("/api/config", typed("application/json", "{}"))).status).toBe(400);
    expect((await refused("/api/config", typed("application/toml", "#".repeat(2_000_001)))).code).toBe("payload_too_large");
  });

  test("publish a project of its own where the call names it", async () => {
    expect((await refused("/api/config?project=beta")).code).toBe("unknown_project");
    const change = toml(edited("1", { project: "beta" }), "none");
    expect(await read(contract.publishedSchema, "/api/config?project=beta", change)).toMatchObject({ project: "beta" });
    const { projects } = await read(contract.projectsSchema, "/api/projects");
    expect(projects.map(({ id, source }) => `${id} ${source}`)).toEqual(["beta published", "default bundled"]);
    expect((await refused("/api/config", change)).problems?.[0]?.path).toBe("project.id");
  });
});

describe("what is published", () => {
  test("is served by this isolate at once, by another within its 10 s", async () => {
    const other = newIsolate();
    const servedBy = async (where: typeof isolate): Promise<string | undefined> =>
      contract.healthSchema.parse(await (await call(where, "/health")).json()).config?.version;
    expect([await servedBy(isolate), await servedBy(other)]).toEqual([bundledVersion, bundledVersion]);
    const { version } = await read(contract.publishedSchema, "/api/config", toml(edited("1"), "*"));
    expect([await servedBy(isolate), await servedBy(other)]).toEqual([version, bundledVersion]);
    const now = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(now + 10_500);
    await servedBy(other);
    expect(await servedBy(other)).toBe(version);
  });

  test("stays while KV holds garbage, and /health tells operators alone", async () => {
    const { version } = await read(contract.publishedSchema, "/api/config", toml(edited("1"), "*"));
    expect((await read(contract.healthSchema, "/health")).config?.version).toBe(version);
    await env.CONFIG.put(pointerKey("default"), "garbage");
    const now = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(now + 61_000);
    const later = await read(contract.healthSchema, "/health");
    expect(later).toMatchObject({ status: "degraded", config: { version, source: "published" } });
    expect(later.problems?.join()).toContain("pointer in KV is garbage");
    const anonymous: unknown = await (await call(isolate, "/health", { key: null })).json();
    expect(anonymous).toEqual({ status: "degraded", version: expect.any(String) });
  });
});

describe("versions", () => {
  test("are listed, read by their first digits, and rolled back to", async () => {
    const first = await read(contract.publishedSchema, "/api/config", toml(edited("1"), "*"));
    const second = await read(contract.publishedSchema, "/api/config", toml(edited("2"), `"${first.version}"`));
    const short = first.version.slice(0, 8);
    expect(await read(contract.versionSchema, `/api/config/versions/${short}`)).toMatchObject({
      version: first.version,
      toml: edited("1"),
    });
    const back = await read(contract.publishedSchema, "/api/config/rollback", json({ version: short }));
    expect(back.version).toBe(first.version);
    const { versions } = await read(contract.versionsSchema, "/api/config/versions");
    expect(versions.map(({ version, current }) => [version, current])).toEqual([
      [first.version, true],
      [second.version, false],
      [first.version, false],
    ]);
  });

  test.each([
    ["/api/config/versions/deadbeef", 404, "not_found"],
    ["/api/config/versions/abc", 400, "invalid_request"],
    ["/api/config/versions?project=nobody", 404, "unknown_project"],
  ])("%s: %i", async (path, status, code) => {
    expect(await refused(path)).toMatchObject({ status, code });
  });

  test("a rollback to a version there is not is refused", async () => {
    expect(await refused("/api/config/rollback", json({ version: "deadbeef" }))).toMatchObject({ status: 404, code: "not_found" });
    expect(await refused("/api/config/rollback", json({ version: "latest" }))).toMatchObject({ status: 400 });
  });
});

test("POST /api/config/check tells problems and publishes nothing", async () => {
  expect(await read(contract.checkedSchema, "/api/config/check", toml(edited("1"), null, "POST"))).toEqual({ ok: true, problems: [] });
  const checked = await read(contract.checkedSchema, "/api/config/check", toml("[routes", null, "POST"));
  expect(checked).toMatchObject({ ok: false, problems: [{ severity: "error", line: 1 }] });
  expect(await env.CONFIG.get(pointerKey("default"))).toBeNull();
});

describe("traces", () => {
  const now = Date.now();
  const traces = Array.from({ length: 5 }, (_, n) => traceAt(now - n * 1000, n, { outcome: n === 2 ? "failed" : "complete" }));

  async function stored(): Promise<void> {
    for (const trace of traces) {
      const place = { project: "default", day: trace.started_at.slice(0, 10), shard: 0, jurisdiction: null };
      const records = [{ startedAtMs: Date.parse(trace.started_at), json: JSON.stringify(trace) }];
      await storeAt(env, place).append({ id: trace.id, place, retentionDays: 30, records });
    }
  }

  test("come newest first, in pages, whole", async () => {
    await stored();
    const first = await read(contract.tracesSchema, "/api/traces?limit=3");
    expect(first.traces).toEqual(traces.slice(0, 3));
    const second = await read(contract.tracesSchema, `/api/traces?limit=3&cursor=${first.next_cursor}`);
    expect(second).toEqual({ traces: traces.slice(3), next_cursor: null, searched_until: null });
    expect((await read(contract.tracesSchema, "/api/traces?status=error")).traces).toEqual([traces[2]]);
  });

  test("are read one by one, of this project only", async () => {
    await stored();
    const [trace] = traces;
    expect(await read(contract.wholeTraceSchema, `/api/traces/${trace?.id}`)).toEqual({ ...trace, content: null });
    expect(await refused(`/api/traces/${traceAt(now, 99).id}`)).toMatchObject({ status: 404, code: "not_found" });
    expect(await refused("/api/traces/beta_01m7wd7tg0110123456789abcd")).toMatchObject({ status: 404, code: "not_found" });
  });

  test.each(["x", "default_1", "..%2f..%2fetc", "default_01m7wd7tg0110123456789abci"])(
    "refuse the id %s, saying what would be one",
    async (id) => {
      expect(await refused(`/api/traces/${id}`)).toMatchObject({ status: 400, message: expect.stringMatching(/x-to11-request-id/) });
    },
  );

  test.each([
    ["provder=openai", /"provder"; did you mean "provider"\?/],
    ["limit=0", /1 to 500/],
    ["limit=501", /1 to 500/],
    ["cursor=x", /next_cursor/],
    ["since=yesterday", /ISO 8601/],
    ["status=ok&status=error", /more than once/],
    ["since=2026-11-21&until=2026-11-20", /since must be before until/],
    ["min_tokens=2&max_tokens=1", /min_tokens must be at most max_tokens/],
  ])("refuse %s, saying what would be right", async (query, message) => {
    expect(await refused(`/api/traces?${query}`)).toMatchObject({ status: 400, message: expect.stringMatching(message) });
  });
});

test("GET /api/providers and /api/credentials tell what is connected and set, and no value", async () => {
  const { providers, simulator } = await read(contract.providersSchema, "/api/providers");
  expect(simulator).toBeNull();
  expect(providers).toEqual([
    expect.objectContaining({
      id: "openai",
      type: "openai",
      base_url: "https://api.openai.com/v1",
      credential: "OPENAI_API_KEY",
      credential_set: true,
      targets: ["primary"],
      simulated: false,
    }),
  ]);
  const response = await call(isolate, "/api/credentials");
  const text = await response.text();
  expect(text).not.toContain("sk-openai-planted");
  expect(contract.credentialsSchema.parse(JSON.parse(text)).credentials).toEqual([
    { name: "TO11_API_KEY", set: false, simulated: false, origins: [], used_by: ["auth.api_keys"] },
    { name: "OPENAI_API_KEY", set: true, simulated: false, origins: ["https://api.openai.com"], used_by: ["providers.openai"] },
  ]);
});

describe("GET /health", () => {
  test("tells operators that nobody could call", async () => {
    const health = await read(contract.healthSchema, "/health");
    expect(health).toMatchObject({ status: "degraded", demo: false, lost_traces: 0, config: { source: "bundled" } });
    expect(health.problems).toEqual([expect.stringContaining("no gateway key is set")]);
  });

  test("is ok with a key and every secret", async () => {
    isolate = newIsolate({ TO11_API_KEY: `to11_${"k".repeat(27)}` });
    expect(await read(contract.healthSchema, "/health")).toMatchObject({ status: "ok", problems: [] });
  });

  test.each([
    ["", "the secret OPENAI_API_KEY is not set; used by providers.openai"],
    [
      "sk-1\nsk-2",
      "the secret OPENAI_API_KEY holds a character that a header cannot carry, such as a line break; used by providers.openai",
    ],
  ])("names a secret that cannot be sent: %j", async (value, problem) => {
    isolate = newIsolate({ TO11_API_KEY: `to11_${"k".repeat(27)}`, OPENAI_API_KEY: value });
    expect(await read(contract.healthSchema, "/health")).toMatchObject({ status: "degraded", problems: [problem] });
  });

  test("says that it is a demo where the simulator stands in and no credential is set", async () => {
    const simulated = { TO11_DEV: "127.0.0.1", TO11_SIMULATOR: "http://127.0.0.1:9", TO11_SIMULATE: "openai" };
    isolate = newIsolate({ ...simulated, OPENAI_API_KEY: undefined });
    expect(await read(contract.healthSchema, "/health", { origin: "http://localhost:4000" })).toMatchObject({
      demo: true,
      simulated: ["openai"],
      status: "ok",
    });
  });
});

describe("the API", () => {
  test("gives its description where the deploy ships one", async () => {
    isolate = newIsolate({ ASSETS: { fetch: (url: string) => Promise.resolve(Response.json({ from: new URL(url).pathname })) } });
    expect(await read(z.looseObject({ from: z.string() }), "/api/openapi.json")).toEqual({ from: "/openapi.json" });
  });

  test.each([
    ["GET", "/api/nothing", 404, "unknown_path"],
    ["DELETE", "/api/config", 405, "method_not_allowed"],
    ["GET", "/api/projects?limit=5", 400, "invalid_request"],
    ["GET", "/api/providers?project=nobody", 404, "unknown_project"],
  ])("answers %s %s with %i", async (method, path, status, code) => {
    expect(await refused(path, { method })).toMatchObject({ status, code });
  });

  test("asks for the key before it says what there is", async () => {
    expect((await refused("/api/nothing", { key: null })).status).toBe(401);
  });

  test("keeps its answers out of caches", async () => {
    const response = await call(isolate, "/api/projects");
    await response.body?.cancel();
    expect([response.headers.get("cache-control"), response.headers.get("x-content-type-options")]).toEqual(["no-store", "nosniff"]);
  });
});
