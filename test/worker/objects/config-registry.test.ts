import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { compile } from "../../../src/config/compile.ts";
import { documentVersion, openDocument, writeDocument } from "../../../src/config/document.ts";
import { documentKey, pointerKey, readPointer } from "../../../src/platform/config/config-keys.ts";
import type { ConfigRegistry } from "../../../src/platform/config/config-registry.ts";
import type { PublishResult } from "../../../src/web/api/services.ts";
import { version as bundledVersion } from "./bundled-config.ts";
import { BUNDLED_TOML, edited } from "./routes.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

function registry(project = "default"): DurableObjectStub<ConfigRegistry> {
  return env.CONFIG_REGISTRY.getByName(project);
}

async function publish(toml: string, { ifMatch = "*", project = "default" } = {}): Promise<PublishResult> {
  return registry(project).publish({ project, toml, ifMatch, author: "ada" });
}

async function published(toml: string): Promise<string> {
  const result = await publish(toml);
  if (result.kind !== "published") throw new Error(JSON.stringify(result));
  return result.version;
}

async function servedByKv(project = "default"): Promise<string | undefined> {
  const pointer = await env.CONFIG.get(pointerKey(project));
  return pointer === null ? undefined : readPointer(pointer)?.version;
}

/** Gives the registry other bindings. */
function give(bindings: object): Promise<void> {
  return runInDurableObject(registry(), (instance: ConfigRegistry) => void Reflect.set(instance, "env", { ...env, ...bindings }));
}

/** Puts another KV in the place of the registry's own until the returned function is called. */
async function replaceKv(put: (key: string, value: string) => Promise<void>): Promise<() => Promise<void>> {
  await give({ CONFIG: { put } });
  return () => give({});
}

const breakKv = (): ReturnType<typeof replaceKv> => replaceKv(() => Promise.reject(new Error("KV is down")));

describe("what serves", () => {
  test("is the bundled file while nothing is published, for its project only", async () => {
    expect(await registry().current("default")).toMatchObject({
      source: "bundled",
      version: bundledVersion,
      publishedAtMs: null,
      toml: BUNDLED_TOML,
    });
    expect(await registry("other").current("other")).toBeNull();
  });

  test("is what was published last, with its author and file, also after an eviction", async () => {
    const version = await published(edited("1"));
    await evictDurableObject(registry());
    expect(await registry().current("default")).toMatchObject({ source: "published", version, author: "ada", toml: edited("1") });
  });
});

describe("publishing", () => {
  test("writes the document under its hash and then the pointer", async () => {
    const version = await published(edited("1"));
    const text = (await env.CONFIG.get(documentKey("default", version))) ?? "";
    expect(await documentVersion(text)).toBe(version);
    const opened = openDocument(text, { localDevelopment: false });
    expect(opened.ok && opened.value.toml).toBe(edited("1"));
    expect(await servedByKv()).toBe(version);
  });

  test.each([
    ["*", "published"],
    [bundledVersion, "published"],
    ["none", "conflict"],
    ["0".repeat(64), "conflict"],
  ])("over the bundled file with If-Match %s: %s", async (ifMatch, kind) => {
    expect((await publish(edited("1"), { ifMatch })).kind).toBe(kind);
  });

  test.each([
    ["*", "published"],
    ["none", "published"],
    [bundledVersion, "conflict"],
  ])("to a project that has nothing with If-Match %s: %s", async (ifMatch, kind) => {
    expect((await publish(edited("1", { project: "beta" }), { ifMatch, project: "beta" })).kind).toBe(kind);
  });

  test("over a version that somebody else has replaced is a conflict that names what serves", async () => {
    const first = await published(edited("1"));
    const second = await published(edited("2"));
    expect(await publish(edited("3"), { ifMatch: first })).toEqual({ kind: "conflict", current: second });
    expect(await servedByKv()).toBe(second);
  });

  test("twice at once over one version lets exactly one through", async () => {
    const results = await Promise.all(["a", "b"].map((edition) => publish(edited(edition), { ifMatch: bundledVersion })));
    expect(results.map(({ kind }) => kind).toSorted()).toEqual(["conflict", "published"]);
  });

  test("many at once ends with KV pointing at what the registry says serves", async () => {
    await Promise.all(Array.from({ length: 8 }, (_, index) => publish(edited(`${index}`))));
    expect(await servedByKv()).toBe((await registry().current("default"))?.version);
  });

  test("never lets an earlier pointer land after a later one, nor a pointer before its document", async () => {
    const writes: string[] = [];
    await replaceKv(async (key, value) => {
      // The first pointer takes its time.
      if (key === pointerKey("default") && !writes.some((written) => written.startsWith("pointer"))) await scheduler.wait(30);
      writes.push(key === pointerKey("default") ? `pointer ${readPointer(value)?.version}` : key);
    });
    const [first, second] = await Promise.all([publish(edited("1")), publish(edited("2"))]);
    if (first.kind !== "published" || second.kind !== "published") throw new Error("both are published");
    const newest = (await registry().current("default"))?.version ?? "";
    expect(writes.at(-1)).toBe(`pointer ${newest}`);
    expect(writes.at(-2)).toBe(documentKey("default", newest));
    expect([first.distributed, second.distributed]).toEqual([true, true]);
  });

  test("what serves already succeeds and adds no line to the history", async () => {
    const version = await published(edited("1"));
    expect(await publish(edited("1"), { ifMatch: "0".repeat(64) })).toMatchObject({ kind: "published", version, distributed: true });
    expect(await registry().versions(10)).toHaveLength(1);
  });

  test("a broken file is refused with all its problems and changes nothing", async () => {
    const result = await publish(`${BUNDLED_TOML}\nunknown = 1\n[routes.other]\ntargets = ["nowhere"]\n`);
    expect(result.kind === "refused" && result.problems.length).toBeGreaterThanOrEqual(2);
    expect(await servedByKv()).toBeUndefined();
  });

  test("a file of another project is refused, naming both", async () => {
    const result = await publish(edited("1", { project: "beta" }));
    expect(result).toMatchObject({ kind: "refused", problems: [{ path: "project.id" }] });
    expect(result.kind === "refused" && result.problems[0]?.message).toMatch(/"beta".*"default"/);
  });

  test("a file that sends a secret to an origin the deployed one does not is refused", async () => {
    const elsewhere = BUNDLED_TOML.replace("[providers.openai]", '[providers.openai]\nbase_url = "https://evil.example/v1"');
    const result = await publish(elsewhere);
    expect(result.kind === "refused" && result.problems[0]?.message).toMatch(/OPENAI_API_KEY.*https:\/\/evil\.example.*deploy/);
    expect(await servedByKv()).toBeUndefined();
  });
});

describe("when KV cannot be written", () => {
  test("the version is published all the same, and the alarm writes it once KV is back", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const repair = await breakKv();
    expect(await publish(edited("1"))).toMatchObject({ kind: "published", distributed: false });
    expect(await registry().current("default")).toMatchObject({ source: "published", toml: edited("1") });
    expect(await servedByKv()).toBeUndefined();

    expect(await runDurableObjectAlarm(registry())).toBe(true);
    expect(await servedByKv()).toBeUndefined();

    await repair();
    expect(await runDurableObjectAlarm(registry())).toBe(true);
    expect(await servedByKv()).toBe((await registry().current("default"))?.version);
    expect(await runDurableObjectAlarm(registry())).toBe(false);
  });

  test("the next publication brings KV up to date", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const repair = await breakKv();
    await publish(edited("1"));
    await repair();
    expect(await publish(edited("2"))).toMatchObject({ kind: "published", distributed: true });
    expect(await runDurableObjectAlarm(registry())).toBe(false);
  });
});

describe("history", () => {
  test("lists publications newest first and says which one serves", async () => {
    const versions = [await published(edited("1")), await published(edited("2"))];
    const entries = await registry().versions(10);
    expect(entries.map(({ version, current, author }) => ({ version, current, author }))).toEqual([
      { version: versions[1], current: true, author: "ada" },
      { version: versions[0], current: false, author: "ada" },
    ]);
    expect(await registry().versions(1)).toHaveLength(1);
  });

  test("finds a version by its first digits, the bundled one included", async () => {
    const version = await published(edited("1"));
    expect(await registry().version("default", version.slice(0, 8))).toMatchObject({ version, toml: edited("1") });
    expect(await registry().version("default", bundledVersion.slice(0, 8))).toMatchObject({ version: bundledVersion, publishedAtMs: null });
    expect(await registry().version("default", "")).toEqual({ kind: "ambiguous_version" });
    expect(await registry().version("default", "not-hex")).toEqual({ kind: "unknown_version" });
  });

  test("rolling back makes the earlier version serve again, as a new line of the history", async () => {
    const first = await published(edited("1"));
    const second = await published(edited("2"));
    const change = { project: "default", version: first.slice(0, 8), author: "bob" };
    expect(await registry().rollback({ ...change, ifMatch: first })).toEqual({ kind: "conflict", current: second });
    expect(await registry().rollback({ ...change, ifMatch: second })).toMatchObject({
      kind: "published",
      version: first,
      distributed: true,
    });
    expect(await servedByKv()).toBe(first);
    expect((await registry().versions(10)).map(({ version, author }) => [version, author])).toEqual([
      [first, "bob"],
      [second, "ada"],
      [first, "ada"],
    ]);
    const from = await runInDurableObject(registry(), (_instance: ConfigRegistry, state) =>
      state.storage.sql.exec("SELECT rolled_back_from FROM publication ORDER BY seq DESC LIMIT 1").one(),
    );
    expect(from).toEqual({ rolled_back_from: second });
  });

  test("rolling back to a version that would send a secret elsewhere by now is refused", async () => {
    await published(edited("1"));
    const toml = BUNDLED_TOML.replace("[providers.openai]", '[providers.openai]\nbase_url = "https://old.example/v1"');
    await runInDurableObject(registry(), (_instance: ConfigRegistry, state) =>
      state.storage.sql.exec("INSERT INTO document (version, text) VALUES (?, ?)", "ab".repeat(32), JSON.stringify({ format: 0, toml })),
    );
    const result = await registry().rollback({ project: "default", version: "ab".repeat(32), ifMatch: "*", author: null });
    expect(result).toMatchObject({ kind: "refused", problems: [{ path: "providers.openai" }] });
  });

  test("looking at a project that does not exist stores nothing", async () => {
    await registry("nobody").current("nobody");
    await registry("nobody").versions(10);
    const tables = await runInDurableObject(registry("nobody"), (_instance: ConfigRegistry, state) =>
      state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name IN ('publication', 'document')").toArray(),
    );
    expect(tables).toEqual([]);
  });
});

describe("prices", () => {
  async function pricesOf(version: string): Promise<unknown> {
    const opened = openDocument((await env.CONFIG.get(documentKey("default", version))) ?? "", { localDevelopment: false });
    return opened.ok ? opened.value.prices : opened.error;
  }

  test("are settled from the deploy's table when a file is published, with the table's day", async () => {
    expect(await pricesOf(await published(edited("1")))).toEqual({
      date: "2026-09-23",
      models: { openai: { "gpt-4o": { input: 2.5, cached_input: 1.25, output: 10 }, "gpt-4o-mini": { input: 7, output: 8 } } },
      contextWindows: { openai: { "gpt-4o": 128_000 } },
    });
  });

  test.each([
    ["no assets", undefined],
    ["assets without the table", { fetch: async () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } }) }],
    ["assets that cannot be read", { fetch: () => Promise.reject(new Error("gone")) }],
  ])("with %s are none, which a warning says", async (_what, ASSETS) => {
    await give({ ASSETS });
    const result = await publish(edited("1"));
    expect(result).toMatchObject({
      kind: "published",
      warnings: [{ severity: "warning", message: expect.stringContaining("prices.json") }],
    });
    expect(await pricesOf(result.kind === "published" ? result.version : "")).toEqual({ date: null, models: {} });
  });
});

describe("a deploy's file", () => {
  const DEPLOYED = edited("deployed");

  async function deployOf(toml: string, builtAtMs: number): Promise<Parameters<ConfigRegistry["settleDeploy"]>[0]> {
    const compiled = compile(toml, { localDevelopment: false });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
    const text = writeDocument(toml, compiled.value.compiled);
    return { project: "default", version: await documentVersion(text), text, builtAtMs };
  }

  const history = async (): Promise<(readonly [string, string | null])[]> =>
    (await registry().versions(10)).map(({ version, author }) => [version, author] as const);

  test("is nothing of its own where nothing was published, and leaves nothing behind", async () => {
    expect(await registry().settleDeploy(await deployOf(DEPLOYED, Date.now()))).toBeNull();
    expect(await history()).toEqual([]);
    expect(await servedByKv()).toBeUndefined();
  });

  test("that was built after the last publication, and differs, is one: by the author deploy, in KV, once for many who ask at once", async () => {
    const before = await published(edited("1"));
    const deploy = await deployOf(DEPLOYED, Date.now() + 1);
    const answers = await Promise.all(Array.from({ length: 8 }, () => registry().settleDeploy(deploy)));
    expect(new Set(answers.map((answer) => answer?.version))).toEqual(new Set([deploy.version]));
    expect(await history()).toEqual([
      [deploy.version, "deploy"],
      [before, "ada"],
    ]);
    expect(await servedByKv()).toBe(deploy.version);
    expect(await env.CONFIG.get(documentKey("default", deploy.version))).toBe(deploy.text);
    expect(await registry().current("default")).toMatchObject({ source: "published", author: "deploy", toml: DEPLOYED });
  });

  test.each([
    ["that was built before the last publication", -60_000, edited("1")],
    ["that is what was published last", 60_000, DEPLOYED],
  ])("%s changes nothing", async (_what, aheadMs, last) => {
    const version = await published(last);
    const deploy = await deployOf(DEPLOYED, Date.now() + aheadMs);
    const answer = await registry().settleDeploy({ ...deploy, version: last === DEPLOYED ? version : deploy.version });
    expect(answer?.version).toBe(version);
    expect(await history()).toEqual([[version, "ada"]]);
  });

  test.each([
    ["right", 1],
    ["an hour ahead", 3_600_000],
  ])(
    "that somebody went back from stays gone, asked about again by later isolates: the clock that built it is %s",
    async (_what, aheadMs) => {
      const before = await published(edited("1"));
      const deploy = await deployOf(DEPLOYED, Date.now() + aheadMs);
      await registry().settleDeploy(deploy);
      await registry().rollback({ project: "default", version: before, ifMatch: "*", author: "bob" });
      expect((await registry().settleDeploy(deploy))?.version).toBe(before);
      expect((await history()).map(([, author]) => author)).toEqual(["bob", "deploy", "ada"]);
      expect(await servedByKv()).toBe(before);
    },
  );

  test("of an older deploy, whose isolates still run, does not come back after a newer one", async () => {
    await published(edited("1"));
    const [older, newer] = [await deployOf(edited("older"), Date.now() + 1), await deployOf(DEPLOYED, Date.now() + 2)];
    await registry().settleDeploy(newer);
    expect((await registry().settleDeploy(older))?.version).toBe(newer.version);
    expect((await registry().settleDeploy(newer))?.version).toBe(newer.version);
    expect((await history()).map(([version]) => version)).not.toContain(older.version);
  });

  test("that is seen first of two that take turns gives way to the one that was built later", async () => {
    await published(edited("1"));
    const [older, newer] = [await deployOf(edited("older"), Date.now() + 1), await deployOf(DEPLOYED, Date.now() + 2)];
    // Both were built a while ago when the first of their isolates begin.
    await scheduler.wait(10);
    expect(await registry().settleDeploy(older)).toEqual({ version: older.version, publishedAtMs: older.builtAtMs });
    expect(await registry().settleDeploy(newer)).toEqual({ version: newer.version, publishedAtMs: newer.builtAtMs });
    expect((await registry().settleDeploy(older))?.version).toBe(newer.version);
  });

  test("rises in time with every publication, so that the later of two pointers is known", async () => {
    vi.spyOn(Date, "now").mockReturnValue(1_000);
    await published(edited("1"));
    await published(edited("2"));
    const times = (await registry().versions(10)).map(({ publishedAtMs }) => publishedAtMs);
    expect(times).toEqual([1_001, 1_000]);
  });
});
