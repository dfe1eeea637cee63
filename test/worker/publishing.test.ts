import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { documentVersion } from "../../src/config/document.ts";
import { documentKey, pointerKey, writePointer } from "../../src/platform/config/config-keys.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { documentOf, plant } from "../support/kv-config.ts";
import { chat, chunk, DONE, FINISH, ROLE, STREAM_HEADERS } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";

let upstream: Simulator;
let gateway: Gateway;

/** A file whose one route leads to `model`. */
function leadingTo(model: string, project = "default"): string {
  return `[project]\nid = "${project}"\n[auth]\napi_keys = ["env::TO11_API_KEY"]\n[providers.a]\nbase_url = "${upstream.baseUrl("a")}"\nmodels = ["${model}"]\n[targets.only]\nmodel = "${model}"\n[routes.asked]\ntargets = ["only"]\n`;
}

/** A gateway that may publish addresses of this machine; closed, for its key is set. */
function start(): Promise<Gateway> {
  return startGateway({ toml: leadingTo("bundled"), bindings: { A_API_KEY: "key-of-a", TO11_DEV: "127.0.0.1" } });
}

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await start();
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

interface Published {
  readonly status: number;
  readonly body: { version?: string; published_at?: string; error?: { code: string; problems?: { path: string; line: number }[] } };
}

async function publish(toml: string, ifMatch = "*", project = "default"): Promise<Published> {
  const headers = { "content-type": "application/toml", "if-match": ifMatch, "x-to11-author": "somebody" };
  const response = await gateway.api(`/api/config?project=${project}`, { method: "PUT", headers, body: toml });
  return { status: response.status, body: (await response.json()) as Published["body"] };
}

/** The model that a call gets upstream, and the version that served it. */
async function served(by: Gateway, project = "default"): Promise<{ model: string; config: string | null }> {
  upstream.reset();
  const response = await by.post(CHAT, chat("route::asked"), { "x-to11-project-id": project });
  expect(response.status, await response.text()).toBe(200);
  const { model } = JSON.parse(upstream.calls()[0]?.body.toString() ?? "") as { model: string };
  return { model, config: response.headers.get("x-to11-config") };
}

const short = async (toml: string): Promise<string> => (await documentVersion(documentOf(toml))).slice(0, 8);

describe("a new version", () => {
  it("serves the next call of the same gateway, under its own number", async () => {
    expect(await served(gateway)).toEqual({ model: "bundled", config: await short(leadingTo("bundled")) });
    const { status, body } = await publish(leadingTo("second"));
    expect([status, body.version?.slice(0, 8)]).toEqual([200, await short(leadingTo("second"))]);
    expect(await served(gateway)).toEqual({ model: "second", config: await short(leadingTo("second")) });
  });

  it("stands in KV as a pointer and a document under its own hash", async () => {
    const { body } = await publish(leadingTo("stored"));
    const kv = await gateway.kv();
    const version = body.version ?? "";
    expect(await kv.get(pointerKey("default"))).toBe(writePointer(version, Date.parse(body.published_at ?? "")));
    expect(await kv.get(documentKey("default", version))).toBe(documentOf(leadingTo("stored")));
  });

  it("that is wrong is refused with every problem, and the last one goes on serving", async () => {
    await publish(leadingTo("good"));
    const wrong = `${leadingTo("bad")}[routes.other]\ntargets = ["nobody"]\nstrateg = "single"\n`;
    for (const toml of [wrong, "not = [toml", leadingTo("other-project", "other")]) {
      const { status, body } = await publish(toml);
      expect([status, body.error?.code], toml).toEqual([400, "invalid_config"]);
      expect(body.error?.problems?.length).toBeGreaterThan(0);
    }
    const { body } = await publish(wrong);
    expect(body.error?.problems?.map(({ path, line }) => [path, line])).toEqual([
      ["routes.other.targets[0]", 13],
      ["routes.other.strateg", 14],
    ]);
    expect((await served(gateway)).model).toBe("good");
  });

  it("goes back to an earlier one, which serves again", async () => {
    const { body } = await publish(leadingTo("earlier"));
    await publish(leadingTo("later"));
    const headers = { "content-type": "application/json" };
    const back = { method: "POST", headers, body: JSON.stringify({ version: body.version?.slice(0, 12) }) };
    expect((await gateway.api("/api/config/rollback", back)).status).toBe(200);
    expect((await served(gateway)).model).toBe("earlier");
    const { versions } = (await (await gateway.api("/api/config/versions")).json()) as {
      versions: { version: string; author: string; current: boolean }[];
    };
    expect(versions[0]).toMatchObject({ version: body.version, current: true });
    expect(versions[1]).toMatchObject({ author: "somebody", current: false });
  });

  it("of another project leaves this one as it is", async () => {
    await publish(leadingTo("of-this"));
    expect((await publish(leadingTo("of-another", "another"), "none", "another")).status).toBe(200);
    expect((await served(gateway)).model).toBe("of-this");
    expect((await served(gateway, "another")).model).toBe("of-another");
  });
});

describe("If-Match", () => {
  it("lets the first of two changes through and tells the second what serves", async () => {
    const { body } = await publish(leadingTo("base"));
    const base = body.version ?? "";
    expect((await publish(leadingTo("mine"), `"${base}"`)).status).toBe(200);
    const late = await publish(leadingTo("theirs"), `"${base}"`);
    expect([late.status, late.body.error?.code]).toEqual([412, "version_conflict"]);
    expect(JSON.stringify(late.body)).toContain(await short(leadingTo("mine")));
    expect((await served(gateway)).model).toBe("mine");
  });

  it("of many at once exactly one wins", async () => {
    const { body } = await publish(leadingTo("start"));
    const results = await Promise.all(Array.from({ length: 5 }, (_, index) => publish(leadingTo(`racer-${index}`), body.version)));
    expect(results.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 412, 412, 412, 412]);
    expect((await served(gateway)).model).toBe(`racer-${results.findIndex(({ status }) => status === 200)}`);
  });

  it("is asked for", async () => {
    const response = await gateway.api("/api/config", {
      method: "PUT",
      headers: { "content-type": "application/toml" },
      body: leadingTo("x"),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: "if-match" } });
  });

  it('"none" makes a project, once', async () => {
    expect((await publish(leadingTo("new", "fresh"), "none", "fresh")).status).toBe(200);
    expect((await publish(leadingTo("newer", "fresh"), "none", "fresh")).status).toBe(412);
  });
});

describe("one request sees one version from its start to its end", () => {
  it("a stream that runs over a publication", async () => {
    await publish(leadingTo("before"));
    const go = Promise.withResolvers<undefined>();
    const events = [chunk({ content: "one" }), chunk({ content: "two" }), FINISH, DONE];
    upstream.script("a", async (_call, response) => {
      response.writeHead(200, STREAM_HEADERS).write(ROLE + (events[0] ?? ""));
      await go.promise;
      response.end(events.slice(1).join(""));
    });
    const streaming = await gateway.post(CHAT, chat("route::asked", { stream: true }));
    expect((await publish(leadingTo("after"))).status).toBe(200);
    const next = await gateway.post(CHAT, chat("route::asked"));
    go.resolve(undefined);
    expect(await streaming.text()).toBe(ROLE + events.join(""));
    const [before, after] = await Promise.all([short(leadingTo("before")), short(leadingTo("after"))]);
    expect([streaming, next].map(({ headers }) => headers.get("x-to11-config"))).toEqual([before, after]);
    expect(await gateway.traceOf(streaming)).toMatchObject({ config: before, upstream_model: "before", outcome: "complete" });
  });

  it("a request that waits for its upstream", async () => {
    await publish(leadingTo("before"));
    const go = Promise.withResolvers<undefined>();
    upstream.script("a", async (_call, response) => {
      await go.promise;
      response.writeHead(503).end();
    });
    const waiting = gateway.post(CHAT, chat("route::asked"));
    await upstream.waitForCalls(1);
    await publish(leadingTo("after"));
    go.resolve(undefined);
    const response = await waiting;
    expect(response.headers.get("x-to11-config")).toBe(await short(leadingTo("before")));
    const models = upstream.calls().map(({ body }) => (JSON.parse(body.toString()) as { model: string }).model);
    expect(models, "the retry too").toEqual(["before", "before"]);
  });
});

/** What may stand in KV that cannot be served. */
const DAMAGE: readonly (readonly [string, (gateway: Gateway, project: string) => Promise<unknown>])[] = [
  ["an empty pointer", async (to, project) => (await to.kv()).put(pointerKey(project), "")],
  ["garbage as the pointer", async (to, project) => (await to.kv()).put(pointerKey(project), "\u0000garbage{")],
  ["a pointer of another shape", async (to, project) => (await to.kv()).put(pointerKey(project), '{"version":"../../etc"}')],
  [
    "a pointer to a missing version",
    async (to, project) => (await to.kv()).put(pointerKey(project), writePointer("a".repeat(64), Date.now())),
  ],
  ["a document that is not what its hash says", plantForged],
  ["a document that is no JSON", (to, project) => plant(to, project, "not json")],
  ["a document without a file", (to, project) => plant(to, project, '{"format":1,"compiled":{}}')],
  ["a document whose inside is missing", (to, project) => plant(to, project, '{"format":1,"toml":"]","compiled":{}}')],
  ["an unknown format with a broken file", (to, project) => plant(to, project, '{"format":99,"toml":"[broken"}')],
  ["a document of another project", (to, project) => plant(to, project, documentOf(leadingTo("foreign", "elsewhere")))],
];

async function plantForged(to: Gateway, project: string): Promise<void> {
  const version = await plant(to, project, documentOf(leadingTo("honest", project)));
  await (await to.kv()).put(documentKey(project, version), documentOf(leadingTo("forged", project)));
}

describe("KV holds nothing, or what cannot be served", () => {
  it.each(DAMAGE)("%s: the last good version goes on serving", async (what, damage) => {
    await publish(leadingTo("last-good"));
    expect((await served(gateway)).model).toBe("last-good");
    // A publication makes the next request look at KV, where the damage is by then.
    await publish(leadingTo(`published-and-damaged-${what.length}`));
    await damage(gateway, "default");
    // An empty pointer says that nothing is published: the file of the deploy serves.
    expect((await served(gateway)).model).toBe(what === "an empty pointer" ? "bundled" : "last-good");
    const health = (await (await gateway.api("/health")).json()) as { status: string; problems: string[] };
    if (what !== "an empty pointer") expect([health.status, health.problems.length]).toEqual(["degraded", 1]);
    await publish(leadingTo(`mended-${what.length}`));
    expect((await served(gateway)).model).toBe(`mended-${what.length}`);
    expect(await (await gateway.api("/health")).json()).toMatchObject({ status: "ok", problems: [] });
  });

  it.each(DAMAGE.slice(1).map(([what, damage], index) => [what, damage, `damaged-${index}`] as const))(
    "%s where nothing ever served: refused, not a failure of the gateway, and other projects are served",
    async (_what, damage, project) => {
      await damage(gateway, project);
      const response = await gateway.post(CHAT, chat("route::asked"), { "x-to11-project-id": project });
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ error: { code: "no_config" } });
      expect((await gateway.post(CHAT, chat("route::asked"))).status).toBe(200);
    },
  );

  it("publishing again what serves mends a damaged KV", async () => {
    await publish(leadingTo("to-be-mended"));
    await (await gateway.kv()).put(pointerKey("default"), "garbage");
    await publish(leadingTo("to-be-mended"));
    expect((await served(gateway)).model).toBe("to-be-mended");
    expect(await (await gateway.kv()).get(pointerKey("default"))).toContain("version");
  });

  it("a gateway that never saw a good version serves the file of its deploy", async () => {
    const fresh = await start();
    try {
      await (await fresh.kv()).put(pointerKey("default"), "garbage");
      expect((await served(fresh)).model).toBe("bundled");
      expect(await (await fresh.api("/health")).json()).toMatchObject({
        status: "degraded",
        problems: [expect.stringContaining("the pointer in KV is garbage") as string],
        config: { source: "bundled" },
      });
    } finally {
      await fresh.close();
    }
  });

  it("a document of a format to come is compiled again from its file", async () => {
    const document = JSON.stringify({ format: 2, toml: leadingTo("recompiled", "future"), compiled: { something: "else" }, more: [] });
    const version = await plant(gateway, "future", document);
    expect(await served(gateway, "future")).toEqual({ model: "recompiled", config: version.slice(0, 8) });
  });
});

describe("POST /api/explain", () => {
  const explain = (body: unknown): Promise<Response> =>
    gateway.api("/api/explain", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

  it("tells where a model goes by the version that serves, calling nobody", async () => {
    const { body } = await publish(leadingTo("explained"));
    const response = await explain({ model: "route::asked", path: CHAT });
    expect(await response.json()).toMatchObject({
      layer: "route",
      route: "asked",
      strategy: "single",
      config: body.version,
      candidates: [{ target: "only", provider: "a", model: "explained", share: 1, skipped: null }],
    });
    expect(upstream.calls()).toHaveLength(0);
  });

  it.each([
    [{ model: "route::nobody", path: CHAT }, 404],
    [{ model: "route::asked", path: "/v1/nothing" }, 400],
    [{ model: 5 }, 400],
    [{}, 400],
    ["text", 400],
  ])("%j: %i", async (body, status) => {
    expect((await explain(body)).status).toBe(status);
  });
});
