import { beforeEach, describe, expect, test } from "vitest";
import { compile } from "../../../../src/config/compile.ts";
import { documentVersion, writeDocument } from "../../../../src/config/document.ts";
import { NO_PRICES } from "../../../../src/config/prices.ts";
import { ConfigCache } from "../../../../src/platform/config/config-cache.ts";
import { documentKey, pointerKey, writePointer } from "../../../../src/platform/config/config-keys.ts";

type Access = "open" | "closed";

async function documentOf(project: string, access: Access): ReturnType<typeof documentIn> {
  return documentIn(`[project]\nid = "${project}"\n[auth]\nopen = ${access === "open"}\n[providers.openai]\nmodels = ["gpt-4o"]\n`);
}

async function documentIn(toml: string): Promise<{ text: string; version: string; compiled: Parameters<typeof writeDocument>[1] }> {
  const compiled = compile(toml, { localDevelopment: false });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  const text = writeDocument(toml, compiled.value.compiled);
  return { text, version: await documentVersion(text), compiled: compiled.value.compiled };
}

const BUNDLED = await documentOf("default", "closed");

let values: Map<string, { text: string; metadata?: unknown }>;
/** What KV was asked for, `list` or a key. */
let asked: string[];
let behaviour: "answers" | "throws" | "hangs";
let nowMs: number;
let waitedMs: number[];
let background: Promise<unknown>[];
let cache: ConfigCache;

function answer<Value>(question: string, value: () => Value): Promise<Value> {
  asked.push(question);
  if (behaviour === "throws") return Promise.reject(new Error("KV is down"));
  return behaviour === "hangs" ? new Promise(() => undefined) : Promise.resolve(value());
}

beforeEach(() => {
  values = new Map();
  asked = [];
  behaviour = "answers";
  nowMs = 1_000_000;
  waitedMs = [];
  background = [];
  cache = new ConfigCache({
    kv: {
      get: (key) => answer(key, () => values.get(key)?.text ?? null),
      list: ({ prefix }) =>
        answer("list", () => ({
          keys: [...values].filter(([name]) => name.startsWith(prefix)).map(([name, { metadata }]) => ({ name, metadata })),
        })),
    },
    bundled: { ...BUNDLED, builtAtMs: null, prices: NO_PRICES },
    settleDeploy: () => Promise.reject(new Error("nobody is to be asked")),
    localDevelopment: false,
    now: () => nowMs,
    sleep: (ms, signal) => {
      waitedMs.push(ms);
      return behaviour === "hangs" ? Promise.resolve() : new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
    },
  });
});

async function publish(project: string, access: Access, metadata: unknown = { open: access === "open" }): Promise<void> {
  const { text, version } = await documentOf(project, access);
  values.set(documentKey(project, version), { text });
  values.set(pointerKey(project), { text: writePointer(version, nowMs), metadata });
}

/** What a stranger who names this project is served. */
async function served(project?: string): Promise<string> {
  const found = await cache.findForStranger(project, (work) => void background.push(work));
  await Promise.all(background.splice(0));
  return found.ok ? `${found.value.table.project}, ${found.value.table.open ? "open" : "closed"}` : found.error;
}

describe("a stranger who names a project", () => {
  test("makes nobody ask KV for it, however many are named: once a minute for which are open", async () => {
    await publish("team", "closed");
    for (let each = 0; each < 1000; each += 1) expect(await served(`made-up-${each}`)).toBe("unknown_project");
    expect(await served("team")).toBe("unknown_project");
    expect(asked).toEqual(["list"]);
    nowMs += 59_999;
    await served("team");
    expect(asked).toEqual(["list"]);
    nowMs += 1;
    await served("team");
    expect(asked).toEqual(["list", "list"]);
  });

  test.each(["", "Beta", "../default", "x".repeat(65)])("%j, which is none, asks nothing at all", async (project) => {
    expect(await served(project)).toBe("unknown_project");
    expect(asked).toEqual([]);
  });

  test("is served an open one, and one whose pointer does not say whether it is", async () => {
    await publish("anyone", "open");
    await publish("earlier", "open", null);
    await publish("earlier-closed", "closed", null);
    expect(await served("anyone")).toBe("anyone, open");
    expect(await served("earlier")).toBe("earlier, open");
    expect(await served("earlier-closed")).toBe("earlier-closed, closed");
  });

  test("is served one that is opened now within a minute, and at once where it was published here", async () => {
    expect(await served("anyone")).toBe("unknown_project");
    await publish("anyone", "open");
    expect(await served("anyone")).toBe("unknown_project");
    cache.expire("anyone");
    expect(await served("anyone")).toBe("anyone, open");
    await publish("later", "open");
    nowMs += 60_000;
    expect(await served("later")).toBe("later, open");
  });

  test("is refused once an open one is closed", async () => {
    await publish("anyone", "open");
    expect(await served("anyone")).toBe("anyone, open");
    await publish("anyone", "closed");
    nowMs += 60_000;
    expect(await served("anyone")).toBe("anyone, closed");
    expect(await served("anyone")).toBe("unknown_project");
  });

  test("waits 250 ms at most, and where KV is down nothing for the next 10 s", async () => {
    await publish("anyone", "open");
    behaviour = "hangs";
    void cache.findForStranger("anyone", () => undefined);
    await Promise.resolve();
    expect(waitedMs).toEqual([250]);
    behaviour = "throws";
    expect(await served("anyone")).toBe("unknown_project");
    asked = [];
    nowMs += 9_999;
    expect(await served("anyone")).toBe("unknown_project");
    expect(asked).toEqual([]);
    behaviour = "answers";
    nowMs += 1;
    expect(await served("anyone")).toBe("anyone, open");
  });
});

describe("a stranger who names none, or the deployed one", () => {
  test.each([undefined, "default"])("%s: has KV asked once a minute while it is closed", async (project) => {
    for (let each = 0; each < 100; each += 1) expect(await served(project)).toBe("default, closed");
    expect(asked).toEqual([pointerKey("default")]);
    nowMs += 59_999;
    await served(project);
    expect(asked).toHaveLength(1);
    nowMs += 1;
    for (let each = 0; each < 100; each += 1) await served(project);
    expect(asked).toHaveLength(2);
  });

  test("sees it opened within two minutes, and changes of an open one as anybody does", async () => {
    expect(await served()).toBe("default, closed");
    await publish("default", "open");
    nowMs += 120_000;
    expect(await served()).toBe("default, open");
    await publish("default", "closed");
    nowMs += 60_000;
    expect(await served()).toBe("default, closed");
  });
});
