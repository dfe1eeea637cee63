import { beforeEach, describe, expect, test } from "vitest";
import { compile } from "../../../../src/config/compile.ts";
import { documentVersion, writeDocument } from "../../../../src/config/document.ts";
import { NO_PRICES } from "../../../../src/config/prices.ts";
import { ConfigCache } from "../../../../src/platform/config/config-cache.ts";
import { documentKey, type Pointer, pointerKey, writePointer } from "../../../../src/platform/config/config-keys.ts";

const BUNDLED = await documentOf("default", "bundled");

async function documentOf(project: string, edition: string): Promise<Published> {
  const toml = `# ${edition}\n[project]\nid = "${project}"\n[auth]\nopen = true\n[providers.openai]\nmodels = ["gpt-4o"]\n`;
  const compiled = compile(toml, { localDevelopment: false });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  const text = writeDocument(toml, compiled.value.compiled);
  return { project, text, version: await documentVersion(text), compiled: compiled.value.compiled };
}

interface Published {
  readonly project: string;
  readonly text: string;
  readonly version: string;
  readonly compiled: Parameters<typeof writeDocument>[1];
}

/** KV, its clock, and how it behaves. */
class FakeKv {
  readonly values = new Map<string, string>();
  readonly gets: string[] = [];
  behaviour: "answers" | "throws" | "hangs" = "answers";
  #release: (() => void)[] = [];

  get = (key: string): Promise<string | null> => {
    this.gets.push(key);
    if (this.behaviour === "throws") return Promise.reject(new Error("KV is down"));
    const value = this.values.get(key) ?? null;
    if (this.behaviour === "answers") return Promise.resolve(value);
    return new Promise((resolve) => {
      this.#release.push(() => resolve(value));
    });
  };

  list = (): Promise<{ keys: { name: string }[] }> => Promise.resolve({ keys: [] });

  publish({ project, text, version }: Published, atMs = nowMs): void {
    this.values.set(documentKey(project, version), text);
    this.values.set(pointerKey(project), writePointer(version, atMs));
  }

  answerNow(): void {
    for (const release of this.#release.splice(0)) release();
  }
}

let kv: FakeKv;
let nowMs: number;
let waits: { ms: number; end: () => void }[];
let background: Promise<unknown>[];
let cache: ConfigCache;
/** What the authority was asked, and what it answers. */
let asked: unknown[];
let authority: () => Promise<Pointer | null>;

beforeEach(() => {
  kv = new FakeKv();
  waits = [];
  background = [];
  nowMs = 1_000_000;
  asked = [];
  authority = () => Promise.reject(new Error("nobody is to be asked"));
  cache = newCache();
});

function newCache(bundled: Published = BUNDLED, builtAtMs: number | null = null): ConfigCache {
  return new ConfigCache({
    kv,
    bundled: { ...bundled, builtAtMs, prices: NO_PRICES },
    settleDeploy: (deploy) => {
      asked.push(deploy);
      return authority();
    },
    localDevelopment: false,
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        waits.push({ ms, end: resolve });
        signal.addEventListener("abort", () => resolve());
      }),
  });
}

async function version(project?: string): Promise<string> {
  const found = await cache.find(project, (work) => void background.push(work));
  return found.ok ? found.value.table.version : found.error;
}

/** Background work that was started is done. */
async function settled(): Promise<void> {
  await Promise.all(background.splice(0));
}

describe("a cold isolate", () => {
  test("serves the bundled file where KV holds nothing, without a fault", async () => {
    expect(await version("default")).toBe(BUNDLED.version);
    expect(cache.faults()).toEqual([]);
  });

  test("serves what is published", async () => {
    const published = await documentOf("default", "1");
    kv.publish(published);
    expect(await version("default")).toBe(published.version);
    expect(cache.peek("default")?.source).toBe("published");
  });

  test("says published, not bundled, where the bundled file itself was published", async () => {
    kv.publish(BUNDLED);
    expect(await version("default")).toBe(BUNDLED.version);
    expect(cache.peek("default")?.source).toBe("published");
    expect(kv.gets).toEqual([pointerKey("default")]);
  });

  test.each(["", "  \n"])("takes an empty pointer (%j) for none", async (pointer) => {
    kv.values.set(pointerKey("default"), pointer);
    expect(await version("default")).toBe(BUNDLED.version);
    expect(cache.faults()).toEqual([]);
  });

  test("lets each request of its first moment look by itself: no promise of KV's is shared", async () => {
    const published = await documentOf("default", "1");
    kv.publish(published);
    expect(await Promise.all([version("default"), version("default")])).toEqual([published.version, published.version]);
    expect(kv.gets.filter((key) => key === pointerKey("default"))).toHaveLength(2);
  });

  test("waits 250 ms for KV, then serves the bundled file; the late answer serves the next request", async () => {
    const published = await documentOf("default", "1");
    kv.publish(published);
    kv.behaviour = "hangs";
    const first = version("default");
    expect(waits.map(({ ms }) => ms)).toEqual([250]);
    waits[0]?.end();
    expect(await first).toBe(BUNDLED.version);
    expect(cache.faults()).toEqual([expect.stringMatching(/did not answer within 250 ms for project default; version \w{8} serves/)]);
    // Nobody waits again at once.
    expect(await version("default")).toBe(BUNDLED.version);
    expect(waits).toHaveLength(1);
    kv.behaviour = "answers";
    kv.answerNow();
    await settled();
    expect(await version("default")).toBe(published.version);
    expect(cache.faults()).toEqual([]);
  });
});

describe("a look", () => {
  test("serves 10 s as it is", async () => {
    await version("default");
    kv.publish(await documentOf("default", "1"));
    nowMs += 9_999;
    expect(await version("default")).toBe(BUNDLED.version);
    expect(kv.gets).toHaveLength(1);
  });

  test("of 10 to 60 s serves while one request, and only one, looks again in the background", async () => {
    await version("default");
    const published = await documentOf("default", "1");
    kv.publish(published);
    nowMs += 10_000;
    expect(await Promise.all([version("default"), version("default")])).toEqual([BUNDLED.version, BUNDLED.version]);
    await settled();
    expect(kv.gets.filter((key) => key === pointerKey("default"))).toHaveLength(2);
    expect(await version("default")).toBe(published.version);
  });

  test("of 60 s is waited for", async () => {
    await version("default");
    const published = await documentOf("default", "1");
    kv.publish(published);
    nowMs += 60_000;
    expect(await version("default")).toBe(published.version);
  });

  test("whose owner was cut off is taken up by another request 10 s later", async () => {
    await version("default");
    kv.behaviour = "hangs";
    nowMs += 10_000;
    await version("default");
    nowMs += 9_999;
    await version("default");
    expect(kv.gets).toHaveLength(2);
    nowMs += 1;
    await version("default");
    expect(kv.gets).toHaveLength(3);
  });

  test("at an unchanged pointer reads no document", async () => {
    const published = await documentOf("default", "1");
    kv.publish(published);
    await version("default");
    nowMs += 60_000;
    await version("default");
    expect(kv.gets.filter((key) => key === documentKey("default", published.version))).toHaveLength(1);
  });

  test("is due at once after expire, and one that began before it no longer counts", async () => {
    const [old, next] = [await documentOf("default", "1"), await documentOf("default", "2")];
    kv.publish(old);
    await version("default");
    kv.behaviour = "hangs";
    nowMs += 10_000;
    await version("default");
    kv.publish(next);
    cache.expire("default");
    kv.answerNow();
    await settled();
    kv.behaviour = "answers";
    expect(await version("default")).toBe(next.version);
  });

  test("that ends after a later one does not bring the older version back", async () => {
    const [old, next] = [await documentOf("default", "1"), await documentOf("default", "2")];
    kv.publish(old);
    kv.behaviour = "hangs";
    const first = version("default");
    nowMs += 1;
    kv.publish(next);
    kv.behaviour = "answers";
    expect(await version("default")).toBe(next.version);
    kv.answerNow();
    await first;
    await settled();
    expect(await version("default")).toBe(next.version);
  });

  test("that finds the pointer gone serves the bundled file again", async () => {
    kv.publish(await documentOf("default", "1"));
    await version("default");
    kv.values.clear();
    nowMs += 60_000;
    expect(await version("default")).toBe(BUNDLED.version);
    expect(cache.faults()).toEqual([]);
  });
});

describe("what is broken", () => {
  const garbage: readonly (readonly [string, (kv: FakeKv) => Promise<void>, RegExp])[] = [
    ["a pointer that is garbage", async () => void kv.values.set(pointerKey("default"), "<html>"), /pointer in KV is garbage/],
    ["a pointer of another shape", async () => void kv.values.set(pointerKey("default"), '{"version":"v1"}'), /pointer in KV is garbage/],
    [
      "a pointer to a missing version",
      async () => void kv.values.set(pointerKey("default"), writePointer("ab".repeat(32), nowMs)),
      /version abababab, which the pointer names, is not in KV/,
    ],
    [
      "a document that was changed",
      async () => {
        const published = await documentOf("default", "broken");
        kv.publish({ ...published, text: published.text.replace("gpt-4o", "gpt-5") });
      },
      /is not what was published/,
    ],
    [
      "a document that is no JSON",
      async () => kv.publish({ ...BUNDLED, text: "garbage", version: await documentVersion("garbage") }),
      /cannot be understood/,
    ],
    [
      "a document of another project",
      async () => kv.publish({ ...(await documentOf("other", "1")), project: "default" }),
      /is for project other/,
    ],
    ["KV itself", async () => void (kv.behaviour = "throws"), /KV cannot be read for project default/],
  ];

  test.each(garbage)("%s leaves the last good version serving and is told", async (_what, breakIt, fault) => {
    const good = await documentOf("default", "good");
    kv.publish(good);
    await version("default");
    await breakIt(kv);
    nowMs += 60_000;
    expect(await version("default")).toBe(good.version);
    expect(cache.faults()).toEqual([expect.stringMatching(fault)]);
    expect(cache.faults()[0]).toContain(`version ${good.version.slice(0, 8)} serves`);
    kv.behaviour = "answers";
    kv.publish(good);
    nowMs += 60_000;
    expect(await version("default")).toBe(good.version);
    expect(cache.faults()).toEqual([]);
  });

  test.each(garbage)("%s on a cold isolate leaves the bundled file serving", async (_what, breakIt, fault) => {
    await breakIt(kv);
    expect(await version("default")).toBe(BUNDLED.version);
    expect(cache.faults()).toEqual([expect.stringMatching(fault)]);
  });

  test("leaves a project that is not the bundled one without a configuration, not unknown", async () => {
    kv.values.set(pointerKey("beta"), "<html>");
    expect(await version("beta")).toBe("no_config");
    const good = await documentOf("beta", "1");
    kv.publish(good);
    nowMs += 10_000;
    expect(await version("beta")).toBe(good.version);
  });
});

describe("projects", () => {
  test("that nobody published are unknown, which is remembered for 10 s", async () => {
    expect(await version("beta")).toBe("unknown_project");
    const published = await documentOf("beta", "1");
    kv.publish(published);
    nowMs += 9_999;
    expect(await version("beta")).toBe("unknown_project");
    nowMs += 1;
    expect(await version("beta")).toBe(published.version);
  });

  test.each(["", "Beta", "../default", "a b", "x".repeat(65)])("%j is none, and KV is not asked", async (project) => {
    expect(await version(project)).toBe("unknown_project");
    expect(kv.gets).toEqual([]);
  });

  test("that are unknown are remembered in bounded number, known ones always", async () => {
    const published = await documentOf("beta", "1");
    kv.publish(published);
    await version("beta");
    for (let index = 0; index < 300; index += 1) await version(`unknown-${index}`);
    const before = kv.gets.length;
    await version("beta");
    await version("unknown-299");
    expect(kv.gets).toHaveLength(before);
    await version("unknown-0");
    expect(kv.gets).toHaveLength(before + 1);
  });

  test("not named mean the bundled one where it is the only one, else the one called default", async () => {
    const acme = await documentOf("acme", "bundled");
    cache = newCache(acme);
    expect(await version()).toBe(acme.version);
    const published = await documentOf("default", "1");
    kv.publish(published);
    nowMs += 10_000;
    expect(await version()).toBe(published.version);
    expect(await version("acme")).toBe(acme.version);
  });
});

describe("the file of a deploy", () => {
  const BUILT_MS = 1_000_000;
  let published: Published;

  beforeEach(async () => {
    published = await documentOf("default", "published");
    cache = newCache(BUNDLED, BUILT_MS);
    nowMs = BUILT_MS + 5_000;
  });

  test("that is newer than what is published goes over it, by one word of the authority, whatever KV still says", async () => {
    kv.publish(published, BUILT_MS - 1);
    authority = () => Promise.resolve({ version: BUNDLED.version, publishedAtMs: nowMs });
    expect(await version("default")).toBe(BUNDLED.version);
    expect(cache.peek("default")).toMatchObject({ source: "published", publishedAtMs: nowMs });
    expect(asked).toEqual([{ project: "default", version: BUNDLED.version, text: BUNDLED.text, builtAtMs: BUILT_MS }]);
    nowMs += 60_000;
    expect(await version("default")).toBe(BUNDLED.version);
    expect(asked).toHaveLength(1);
    // What is published later wins over it.
    kv.publish(published, nowMs);
    nowMs += 60_000;
    expect(await version("default")).toBe(published.version);
    expect(asked).toHaveLength(1);
  });

  test.each([
    ["older than what is published", (at: number) => at + 1, () => published],
    ["as old as what is published", (at: number) => at, () => published],
    ["what is published", (at: number) => at - 1, () => BUNDLED],
  ])("that is %s is asked about nobody", async (_what, publishedAt, what) => {
    kv.publish(what(), publishedAt(BUILT_MS));
    expect(await version("default")).toBe(what().version);
    expect(asked).toEqual([]);
  });

  test("is not asked about where nothing is published, for other projects, or where nobody knows when it was built", async () => {
    expect(await version("default")).toBe(BUNDLED.version);
    const other = await documentOf("other", "1");
    kv.publish(other, 0);
    expect(await version("other")).toBe(other.version);
    cache = newCache(BUNDLED, null);
    kv.publish(published, 0);
    expect(await version("default")).toBe(published.version);
    expect(asked).toEqual([]);
  });

  test("does not serve where the authority says otherwise: somebody went back by hand", async () => {
    kv.publish(published, BUILT_MS - 1);
    authority = () => Promise.resolve({ version: published.version, publishedAtMs: BUILT_MS - 1 });
    expect(await version("default")).toBe(published.version);
    nowMs += 60_000;
    expect(await version("default")).toBe(published.version);
    expect(asked).toHaveLength(1);
  });

  test("is asked about where a pointer does not say when it was written", async () => {
    kv.values.set(documentKey("default", published.version), published.text);
    kv.values.set(pointerKey("default"), JSON.stringify({ version: published.version }));
    authority = () => Promise.resolve({ version: BUNDLED.version, publishedAtMs: nowMs });
    expect(await version("default")).toBe(BUNDLED.version);
  });

  test("waits while the authority cannot be asked: KV is believed, the fault is told, and the next look asks again", async () => {
    kv.publish(published, BUILT_MS - 1);
    expect(await version("default")).toBe(published.version);
    expect(cache.faults()).toEqual([expect.stringContaining("could not be settled yet")]);
    authority = () => Promise.resolve({ version: BUNDLED.version, publishedAtMs: nowMs });
    nowMs += 60_000;
    expect(await version("default")).toBe(BUNDLED.version);
    expect(cache.faults()).toEqual([]);
  });
});

test("a pointer that is earlier than the one before is a location's old copy, and changes nothing", async () => {
  const [old, next] = [await documentOf("default", "1"), await documentOf("default", "2")];
  kv.publish(old, 1);
  kv.publish(next, 2);
  expect(await version("default")).toBe(next.version);
  kv.publish(old, 1);
  nowMs += 60_000;
  expect(await version("default")).toBe(next.version);
  kv.publish(old, 3);
  nowMs += 60_000;
  expect(await version("default")).toBe(old.version);
});
