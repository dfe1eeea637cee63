import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { base64url } from "../../../src/core/bytes.ts";
import { hex } from "../../../src/core/trace/traceparent.ts";
import type { Env } from "../../../src/platform/env.ts";
import * as contract from "../../../src/web/api/contract.ts";
import { call, json, newIsolate, readFrom, refusedBy, toml } from "./calls.ts";
import {
  answerUpstream,
  askWith,
  callWith,
  changeKey,
  issuingToml,
  makeKey,
  outcomeOf,
  publish,
  rotateKey,
  setClock,
  watchedIsolate,
} from "./key-calls.ts";

let isolate: Env;

beforeEach(async () => {
  isolate = newIsolate();
  answerUpstream();
  await publish(isolate, issuingToml());
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const patch = (change: unknown) => ({ ...json(change), method: "PATCH" });

describe("a key", () => {
  test("is made with what is said of it, and its secret told once", async () => {
    const settings = {
      name: "ci",
      plan: "balanced",
      team: "search",
      owner: "ada",
      metadata: { a: "1" },
      expires_at: "2099-01-01T00:00:00Z",
    };
    const limits = { requests_per_minute: 60, usd_per_month: 12.5 };
    const { secret, ...made } = await makeKey(isolate, { ...settings, scopes: ["call", "traces:read"], limits });
    expect(secret).toMatch(new RegExp(`^to11_${made.id}_[A-Za-z0-9_-]{43}$`));
    expect(made).toMatchObject({
      ...settings,
      limits,
      state: "active",
      expires_at: "2099-01-01T00:00:00.000Z",
      revoked_at: null,
      overlap_until: null,
    });
    expect(await readFrom(isolate, contract.keySchema, `/api/keys/${made.id}`)).toEqual(made);
    expect(await readFrom(isolate, contract.keysSchema, "/api/keys")).toEqual({ keys: [made], next_cursor: null });
  });

  test("needs a name only: it may then call everything, for good", async () => {
    const made = await makeKey(isolate, { name: "n" });
    const nothing = { plan: null, team: null, owner: null, metadata: {}, scopes: ["call"], expires_at: null, limits: {} };
    expect(made).toMatchObject(nothing);
  });

  test("is changed in what is said, and left as it was in all else", async () => {
    const key = await makeKey(isolate, { plan: "balanced", team: "search", expires_at: "2099-01-01T00:00:00Z" });
    const changed = await changeKey(isolate, key.id, { plan: null, owner: "bob", expires_at: null });
    expect(changed).toMatchObject({ id: key.id, name: "test", plan: null, team: "search", owner: "bob", expires_at: null });
  });

  test("expires when it is said to, now too, and lives again", async () => {
    const key = await makeKey(isolate);
    expect((await changeKey(isolate, key.id, { expires_at: "2020-01-01T00:00:00Z" })).state).toBe("expired");
    expect(await outcomeOf(callWith(isolate, key.secret))).toBe("401 key_expired");
    await changeKey(isolate, key.id, { expires_at: null });
    expect(await outcomeOf(callWith(isolate, key.secret))).toBe("200");
  });

  test("that was revoked stays so: revoked again it is the same, and nothing else can be done to it", async () => {
    const { id } = await makeKey(isolate);
    const revoked = await changeKey(isolate, id, "revoke");
    expect(revoked.state).toBe("revoked");
    expect((await changeKey(isolate, id, "revoke")).revoked_at).toBe(revoked.revoked_at);
    const refusal = { status: 400, code: "invalid_request", message: `The key ${id} is revoked, for good; make another one.` };
    expect(await refusedBy(isolate, `/api/keys/${id}/rotate`, json({}))).toMatchObject(refusal);
    expect(await refusedBy(isolate, `/api/keys/${id}`, patch({ name: "x" }))).toMatchObject(refusal);
  });

  test("is rotated with an overlap of a day where nothing is said, and of none where that is", async () => {
    const { id } = await makeKey(isolate);
    setClock(Date.UTC(2027, 0, 1));
    const rotated = await readFrom(isolate, contract.keyWithSecretSchema, `/api/keys/${id}/rotate`, json({}));
    expect(rotated.overlap_until).toBe("2027-01-02T00:00:00.000Z");
    expect((await rotateKey(isolate, id, 0)).overlap_until).toBeNull();
    expect(await outcomeOf(callWith(isolate, rotated.secret))).toBe("401 key_expired");
  });

  test("is listed among many, newest first, page by page", async () => {
    const names = ["a", "b", "c", "d", "e"];
    for (const [index, name] of names.entries()) {
      setClock(Date.UTC(2027, 0, 1) + Math.floor(index / 2));
      await makeKey(isolate, { name });
    }
    const told: string[] = [];
    for (let cursor = ""; ;) {
      const page = await readFrom(isolate, contract.keysSchema, `/api/keys?limit=2${cursor}`);
      told.push(...page.keys.map(({ name }) => name));
      if (page.next_cursor === null) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(told[0]).toBe("e");
    expect(told.toSorted()).toEqual(names);
  });
});

describe("wrong input is refused", () => {
  test.each([
    ["no name", {}, "name"],
    ["an empty name", { name: "" }, "name"],
    ["a name that is too long", { name: "x".repeat(129) }, "name"],
    ["a name of two lines", { name: "a\nb" }, "name"],
    ["a key for a name", { name: `to11_k${"a".repeat(12)}_${"b".repeat(43)}` }, "name"],
    ["an unknown field", { name: "n", plam: "x" }, "plam"],
    ["an unknown plan", { name: "n", plan: "none" }, 'no plan "none"; it has balanced, nothing, open'],
    ["an unknown scope", { name: "n", scopes: ["admin"] }, "scopes"],
    ["no scope", { name: "n", scopes: [] }, "scopes"],
    ["metadata that is no text", { name: "n", metadata: { a: 1 } }, "metadata.a"],
    ["too much metadata", { name: "n", metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`m${at}`, "x"])) }, "metadata"],
    ["an end that is no time", { name: "n", expires_at: "tomorrow" }, "expires_at"],
    ["an end that is over", { name: "n", expires_at: "2020-01-01T00:00:00Z" }, "expires_at is over"],
    ["an unknown limit", { name: "n", limits: { requests_per_second: 1 } }, "limits"],
    ["a limit of nothing", { name: "n", limits: { requests_per_minute: 0 } }, "limits.requests_per_minute"],
  ])("on making a key: %s", async (_what, body, says) => {
    const refusal = await refusedBy(isolate, "/api/keys", json(body));
    expect(refusal).toMatchObject({ status: 400, code: "invalid_request" });
    expect(refusal.message).toContain(says);
    expect(refusal.message).not.toContain("bbbb");
    expect((await readFrom(isolate, contract.keysSchema, "/api/keys")).keys).toEqual([]);
  });

  test("on changing one, rotating one, and for one that does not exist", async () => {
    const { id, secret } = await makeKey(isolate);
    const facts: readonly (readonly [string, ReturnType<typeof json>, number, string])[] = [
      [`/api/keys/${id}`, patch({ plan: "none" }), 400, "no plan"],
      [`/api/keys/${id}`, patch({ secret: "x" }), 400, "secret"],
      [`/api/keys/${id}`, patch({ name: null }), 400, "name"],
      [`/api/keys/${id}/rotate`, json({ overlap_ms: -1 }), 400, "overlap_ms"],
      [`/api/keys/${id}/rotate`, json({ overlap_ms: 30 * 86_400_000 + 1 }), 400, "overlap_ms"],
      [`/api/keys/${id}/rotate`, json({ overlap: 1 }), 400, "overlap"],
      [`/api/keys/${id}/revoke`, json({ now: true }), 400, "now"],
      ["/api/keys/kaaaaaaaaaaaa", { method: "GET" }, 404, "no key"],
      ["/api/keys/kaaaaaaaaaaaa/rotate", json({}), 404, "no key"],
      ["/api/keys/kaaaaaaaaaaaa/revoke", json({}), 404, "no key"],
      ["/api/keys/kaaaaaaaaaaaa", patch({ name: "x" }), 404, "no key"],
      [`/api/keys/${secret}`, { method: "GET" }, 400, "is not the key itself"],
      ["/api/keys?limit=0", { method: "GET" }, 400, "limit"],
      ["/api/keys?cursor=x", { method: "GET" }, 400, "cursor"],
      ["/api/keys?name=x", { method: "GET" }, 400, 'no parameter "name"'],
      [`/api/keys/${id}/rotate`, { method: "GET" }, 405, "POST"],
      [`/api/keys/${id}`, { method: "DELETE" }, 405, "GET, PATCH"],
    ];
    for (const [path, options, status, says] of facts) {
      const refusal = await refusedBy(isolate, path, options);
      expect([path, refusal.status], refusal.message).toEqual([path, status]);
      expect(refusal.message).toContain(says);
      expect(refusal.message).not.toContain(secret.slice(-43));
    }
  });

  test("where the project issues no keys; those there are can still be listed and revoked", async () => {
    const { id } = await makeKey(isolate);
    await publish(isolate, issuingToml().replace("issued = true", "open = true"));
    expect(await refusedBy(isolate, "/api/keys", json({ name: "n" }))).toMatchObject({
      status: 400,
      message: "This project accepts no issued keys; publish a routes.toml with [auth] issued = true first.",
    });
    expect((await readFrom(isolate, contract.keysSchema, "/api/keys")).keys).toHaveLength(1);
    expect((await changeKey(isolate, id, "revoke")).state).toBe("revoked");
  });

  test("as 503 keys_unavailable where the governor does not answer", async () => {
    const watched = watchedIsolate();
    watched.before = async () => {
      throw new Error("down");
    };
    expect(await refusedBy(watched.isolate, "/api/keys", json({ name: "n" }))).toMatchObject({ status: 503, code: "keys_unavailable" });
    expect(await refusedBy(watched.isolate, "/api/keys")).toMatchObject({ status: 503, code: "keys_unavailable" });
  });
});

describe("a scope", () => {
  const key = (secret: string, options: object = {}) => ({ key: secret, ...options });

  test("opens its own calls of the control API and no others", async () => {
    const secretOf = async (...scopes: string[]) => (await makeKey(isolate, { scopes })).secret;
    const secrets = {
      call: await secretOf("call"),
      traces: await secretOf("traces:read"),
      publish: await secretOf("publish"),
      keys: await secretOf("keys"),
    };
    const opens = { "/api/traces": "traces", "/api/config": "publish", "/api/config/versions": "publish", "/api/keys": "keys" };
    for (const path of [...Object.keys(opens), "/api/metrics", "/api/projects", "/api/providers", "/api/credentials", "/api/openapi.json"])
      for (const [scope, secret] of Object.entries(secrets)) {
        const isOpen = Object.entries(opens).some((entry) => entry[0] === path && entry[1] === scope);
        expect([path, scope, await outcomeOf(call(isolate, path, key(secret)))]).toEqual([path, scope, isOpen ? "200" : "403 forbidden"]);
      }
    const published = await call(isolate, "/api/config", key(secrets.publish, toml(issuingToml({ more: "# by key" }), "*")));
    expect(published.status).toBe(200);
  });

  test("is not what lets a key call models, unless it is the scope call", async () => {
    const { id, secret } = await makeKey(isolate, { scopes: ["keys"] });
    const refusal = await refusedBy(isolate, "/v1/models", { key: secret });
    expect(refusal).toMatchObject({
      status: 403,
      code: "forbidden",
      message: `The key ${id} may not call models: it lacks the scope "call".`,
    });
  });

  test("of a key that ended, or of another project, opens nothing", async () => {
    const { id, secret } = await makeKey(isolate, { scopes: ["keys"] });
    await publish(isolate, issuingToml({ project: "b" }), "b");
    expect(await outcomeOf(call(isolate, "/api/keys?project=b", key(secret)))).toBe("401 invalid_api_key");
    await changeKey(isolate, id, "revoke");
    expect(await outcomeOf(call(isolate, "/api/keys", key(secret)))).toBe("401 key_revoked");
  });

  test("traces:read shows the traces of the key's own calls only", async () => {
    const reader = await makeKey(isolate, { scopes: ["call", "traces:read"] });
    const other = await makeKey(isolate);
    const [own, foreign] = await Promise.all(
      [reader, other].map(async ({ secret }) => (await askWith(isolate, secret)).headers.get("x-to11-request-id")),
    );
    for (const path of ["/api/traces", `/api/traces?api_key=${other.id}`]) {
      const { traces } = await readFrom(isolate, contract.tracesSchema, path, key(reader.secret));
      expect(traces.map(({ id }) => id)).toEqual([own]);
    }
    expect((await call(isolate, `/api/traces/${own}`, key(reader.secret))).status).toBe(200);
    expect(await refusedBy(isolate, `/api/traces/${foreign}`, key(reader.secret))).toMatchObject({ status: 404, code: "not_found" });
  });

  test("keys gives no scope and no plan that the key lacks, nor the secret of a key that has them", async () => {
    const giver = await makeKey(isolate, { plan: "balanced", scopes: ["call", "keys"] });
    const by = (options: object) => key(giver.secret, options);
    const made = await readFrom(isolate, contract.keyWithSecretSchema, "/api/keys", by(json({ name: "n", plan: "balanced" })));
    const strong = await makeKey(isolate, { plan: "balanced", scopes: ["publish"] });
    const wide = await makeKey(isolate);
    const facts: readonly (readonly [string, object])[] = [
      ["/api/keys", json({ name: "n" })],
      ["/api/keys", json({ name: "n", plan: "open" })],
      ["/api/keys", json({ name: "n", plan: "balanced", scopes: ["traces:read"] })],
      [`/api/keys/${made.id}`, patch({ plan: null })],
      [`/api/keys/${made.id}`, patch({ scopes: ["publish"] })],
      [`/api/keys/${giver.id}`, patch({ plan: null })],
      [`/api/keys/${strong.id}`, patch({ scopes: ["call"] })],
      [`/api/keys/${strong.id}/rotate`, json({})],
      [`/api/keys/${wide.id}/rotate`, json({})],
      [`/api/keys/${wide.id}/revoke`, json({})],
    ];
    for (const [path, options] of facts)
      expect(await refusedBy(isolate, path, by(options)), path).toMatchObject({ status: 403, code: "forbidden" });
    expect((await readFrom(isolate, contract.keySchema, `/api/keys/${made.id}/revoke`, by(json({})))).state).toBe("revoked");
  });
});

test("a key that ends and is limited makes neither itself nor another key last longer or take more", async () => {
  const settings = { scopes: ["call", "keys"], expires_at: "2099-01-01T00:00:00Z", limits: { usd_per_month: 5 } };
  const { id, secret } = await makeKey(isolate, settings);
  const within = { name: "n", expires_at: "2098-01-01T00:00:00Z", limits: { usd_per_month: 1 } };
  const facts: readonly (readonly [string, object, number])[] = [
    [`/api/keys/${id}`, patch({ limits: {} }), 403],
    [`/api/keys/${id}`, patch({ expires_at: null }), 403],
    ["/api/keys", json({ ...within, limits: { usd_per_month: 6 } }), 403],
    ["/api/keys", json({ ...within, expires_at: null }), 403],
    ["/api/keys", json(within), 200],
  ];
  for (const [path, options, status] of facts)
    expect([path, (await call(isolate, path, { key: secret, ...options })).status]).toEqual([path, status]);
});

test("K7: neither a secret nor its digest stands in traces, logs, headers, errors, answers, SQLite and KV, but for the digest in the key's own record", async () => {
  const logged = (["log", "info", "warn", "error", "debug"] as const).map((level) => vi.spyOn(console, level));
  const key = await makeKey(isolate, { owner: "ada" });
  const rotated = await rotateKey(isolate, key.id, 60_000);
  const texts: string[] = [];
  const keep = async (response: Response): Promise<void> => {
    texts.push(JSON.stringify([...response.headers]), await response.text());
  };
  for (const secret of [key.secret, rotated.secret]) {
    vi.mocked(fetch).mockImplementationOnce(async (_url, init) =>
      Response.json({ error: { message: `no: ${JSON.stringify(init?.headers)} ${secret}` } }, { status: 400 }),
    );
    await keep(await askWith(isolate, secret, "gpt-4o", { "x-to11-user-id": secret, "x-to11-metadata": JSON.stringify({ said: secret }) }));
    await keep(await askWith(isolate, secret, secret));
    await keep(await askWith(isolate, `${secret.slice(0, -1)}-`));
    await keep(await call(isolate, "/v1/key", { key: secret }));
    await keep(await call(isolate, `/api/keys/${secret}`));
    await keep(await call(isolate, `/v1/${secret}`, { key: secret }));
  }
  await changeKey(isolate, key.id, "revoke");
  for (const secret of [key.secret, rotated.secret]) await keep(await askWith(isolate, secret));
  for (const path of [
    "/api/keys",
    `/api/keys/${key.id}`,
    "/api/traces?limit=100",
    "/health",
    "/api/metrics?by=api_key",
    "/api/credentials",
  ])
    await keep(await call(isolate, path));
  for (const [, init] of vi.mocked(fetch).mock.calls)
    texts.push(JSON.stringify(init?.headers), new TextDecoder().decode(init?.body as Uint8Array));
  texts.push(JSON.stringify(logged.flatMap((spied) => spied.mock.calls)));

  const record = `key:default:${key.id}`;
  const { keys } = await env.CONFIG.list();
  for (const { name } of keys) if (name !== record) texts.push(name, (await env.CONFIG.get(name)) ?? "");
  const rows = await runInDurableObject(env.GOVERNOR.getByName("default"), (_governor, { storage }) =>
    storage.sql.exec("SELECT * FROM issued_key").toArray(),
  );
  const own = [(await env.CONFIG.get(record)) ?? "", JSON.stringify(rows)];

  const all = texts.join("\n");
  for (const secret of [key.secret, rotated.secret]) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret)));
    for (const hidden of [secret.slice(-43), hex(digest), base64url(digest)]) expect(all).not.toContain(hidden);
    for (const hidden of [secret.slice(-43), hex(digest)]) for (const record of own) expect(record).not.toContain(hidden);
    for (const record of own) expect(record).toContain(base64url(digest));
  }
});

test("keys that KV holds, and a governor of another jurisdiction does not, are taken over: they can be listed and revoked", async () => {
  const { id } = await makeKey(isolate);
  const moved = env.GOVERNOR.getByName("as in another jurisdiction");
  expect((await moved.list("default", 10, null)).map((key) => key.id)).toEqual([id]);
  const outcome = await moved.order("default", { kind: "revoke", id }, null);
  expect(outcome.kind === "done" && outcome.key.rev).toBe(2);
  expect(await env.CONFIG.get(`key:default:${id}`)).toContain('"rev":2');
  expect((await env.GOVERNOR.getByName("of another project").list("other", 10, null)).length).toBe(0);
});

test("a record that KV does not take is told with the pulse until it does", async () => {
  const put = vi.spyOn(env.CONFIG, "put").mockRejectedValue(new Error("KV is down"));
  const key = await makeKey(isolate);
  expect(await env.CONFIG.get(`key:default:${key.id}`)).toBeNull();
  setClock(Date.now() + 3_600_000);
  expect(await outcomeOf(callWith(newIsolate(), key.secret))).toBe("200");
  put.mockRestore();
  await makeKey(isolate);
  expect(await env.CONFIG.get(`key:default:${key.id}`)).toContain(key.id);
});
