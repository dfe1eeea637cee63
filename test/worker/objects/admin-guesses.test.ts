import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AdminSessions } from "../../../src/platform/access/admin-sessions.ts";
import type { Env } from "../../../src/platform/env.ts";
import { ADMIN_KEY, call, json } from "./calls.ts";

/** How often the object of the sessions was called, by any isolate. */
let objectCalls: number;

beforeEach(() => {
  objectCalls = 0;
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

function newIsolate(adminKey = ADMIN_KEY): Env {
  const counting = new Proxy(env.ADMIN_SESSIONS, {
    get(namespace, name) {
      if (name === "getByName") objectCalls += 1;
      const value: unknown = Reflect.get(namespace, name);
      return typeof value === "function" ? value.bind(namespace) : value;
    },
  });
  return { ...env, TO11_ADMIN_KEY: adminKey, ADMIN_SESSIONS: counting };
}

const HOME = "192.0.2.1";

async function status(isolate: Env, path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const response = await call(isolate, path, { key: null, headers: { "cf-connecting-ip": HOME, ...headers } });
  await response.body?.cancel();
  return response.status;
}

const bearer = (key: string): { readonly authorization: string } => ({ authorization: `Bearer ${key}` });

async function signIn(isolate: Env, key: string, from = HOME): Promise<Response> {
  const { headers, ...rest } = json({ key });
  const response = await call(isolate, "/api/session", { ...rest, key: null, headers: { ...headers, "cf-connecting-ip": from } });
  await response.body?.cancel();
  return response;
}

async function cookieOf(response: Response): Promise<string> {
  return (response.headers.get("set-cookie") ?? "").split(";", 1).join("");
}

describe("a wrong bearer", () => {
  test("counts as a wrong sign-in does: after five the right key is not looked at either, by whichever way", async () => {
    const isolate = newIsolate();
    for (const path of ["/api/projects", "/api/nothing", "/health"]) await status(isolate, path, bearer("wrong"));
    for (let guess = 0; guess < 2; guess += 1) expect((await signIn(isolate, "wrong")).status).toBe(401);
    const response = await call(isolate, "/api/projects", { headers: { "cf-connecting-ip": HOME } });
    expect([response.status, response.headers.get("retry-after"), await response.text()]).toEqual([
      429,
      "2",
      expect.stringContaining("too_many_sign_ins"),
    ]);
    expect((await signIn(isolate, ADMIN_KEY)).status).toBe(429);
    expect(await status(isolate, "/api/projects", { ...bearer(ADMIN_KEY), "cf-connecting-ip": "192.0.2.2" })).toBe(200);
  });

  test("is refused without a question to the object once its client has to wait, also in an isolate that is told so by the object", async () => {
    const now = Date.now();
    const clock = vi.spyOn(Date, "now").mockReturnValue(now);
    const [isolate, other] = [newIsolate(), newIsolate()];
    for (let guess = 0; guess < 5; guess += 1) expect(await status(isolate, "/api/projects", bearer("wrong"))).toBe(401);
    expect(objectCalls).toBe(5);
    for (let guess = 0; guess < 50; guess += 1) expect(await status(isolate, "/api/projects", bearer("wrong"))).toBe(429);
    expect(objectCalls).toBe(5);
    for (let guess = 0; guess < 50; guess += 1) expect(await status(other, "/api/projects", bearer("wrong"))).toBe(429);
    expect(objectCalls).toBe(6);
    clock.mockReturnValue(now + 2_000);
    expect(await status(other, "/api/projects", bearer("wrong"))).toBe(401);
    expect(objectCalls).toBe(7);
    clock.mockReturnValue(now + 6_000);
    expect(await status(other, "/api/projects", bearer(ADMIN_KEY))).toBe(200);
  });

  test("opens nothing of /health and takes nothing from it", async () => {
    const isolate = newIsolate();
    for (let guess = 0; guess < 8; guess += 1) expect(await status(isolate, "/health", bearer("wrong"))).toBe(200);
    const health = await call(isolate, "/health", { headers: { "cf-connecting-ip": HOME } });
    expect(Object.keys((await health.json()) as object)).toEqual(["status", "version"]);
  });
});

test("the right bearer asks no object", async () => {
  const isolate = newIsolate();
  for (let time = 0; time < 10; time += 1) expect(await status(isolate, "/api/credentials", bearer(ADMIN_KEY))).toBe(200);
  expect(objectCalls).toBe(0);
});

test.each([
  ["2001:db8:1:2::1", "2001:db8:1:2:ffff::7"],
  ["2001:DB8:1:2:0:0:0:1", "2001:db8:1:2::"],
  ["::ffff:192.0.2.9", "192.0.2.9"],
])("%s and %s are one client", async (address, other) => {
  const isolate = newIsolate();
  for (let guess = 0; guess < 5; guess += 1) await signIn(isolate, "wrong", address);
  expect((await signIn(isolate, ADMIN_KEY, other)).status).toBe(429);
  for (const from of ["2001:db8:1:3::1", "192.0.2.10"]) expect((await signIn(isolate, ADMIN_KEY, from)).status).toBe(204);
});

describe("a cookie", () => {
  const session = async (isolate: Env, cookie: string): Promise<number> => status(isolate, "/api/credentials", { cookie });

  test("that nobody issued asks no object", async () => {
    const isolate = newIsolate();
    const cookie = await cookieOf(await signIn(isolate, ADMIN_KEY));
    const other = await cookieOf(
      await signIn(newIsolate("another-admin-key-of-at-least-32-chars"), "another-admin-key-of-at-least-32-chars"),
    );
    objectCalls = 0;
    const [name, value = ""] = cookie.split("=", 2);
    const [token = "", signature = ""] = value.split(".", 2);
    const turned = (digits: string): string => `${digits.slice(0, -1)}${digits.endsWith("0") ? "1" : "0"}`;
    const forged = [
      token,
      `${token}.`,
      `${turned(token)}.${signature}`,
      `${token}.${turned(signature)}`,
      `${token}.${token}`,
      `${signature}.${token}`,
    ];
    for (const each of forged) expect(await session(isolate, `${name}=${each}`), each).toBe(401);
    expect(await session(isolate, other), "by another key").toBe(401);
    const out = await call(isolate, "/api/session", { method: "DELETE", key: null, headers: { cookie: other } });
    expect(out.status).toBe(204);
    expect(objectCalls).toBe(0);
    expect(await session(isolate, cookie)).toBe(200);
    expect(objectCalls).toBe(1);
  });

  test("holds no part of the key, and ends with it", async () => {
    const cookie = await cookieOf(await signIn(newIsolate(), ADMIN_KEY));
    for (let at = 0; at + 6 <= ADMIN_KEY.length; at += 1) expect(cookie).not.toContain(ADMIN_KEY.slice(at, at + 6));
    expect(await session(newIsolate(), cookie)).toBe(200);
    objectCalls = 0;
    expect(await session(newIsolate(`${ADMIN_KEY}x`), cookie)).toBe(401);
    expect(objectCalls).toBe(0);
  });
});

describe("the failures that are remembered", () => {
  const clients = (): Promise<readonly string[]> =>
    runInDurableObject(env.ADMIN_SESSIONS.getByName("admin"), (_object: AdminSessions, state) =>
      state.storage.sql
        .exec<{ client: string }>("SELECT client FROM failure ORDER BY failed_at")
        .toArray()
        .map(({ client }) => client),
    );

  test("are 10,000 at most, of which the oldest goes", async () => {
    const now = Date.now();
    const clock = vi.spyOn(Date, "now");
    await runInDurableObject(env.ADMIN_SESSIONS.getByName("admin"), async (object: AdminSessions) => {
      for (let each = 0; each < 10_001; each += 1) {
        clock.mockReturnValue(now + each);
        await object.countWrongKey(`client ${each}`);
      }
    });
    const remembered = await clients();
    expect([remembered.length, remembered[0], remembered.at(-1)]).toEqual([10_000, "client 1", "client 10000"]);
    await signIn(newIsolate(), ADMIN_KEY, "client 5000");
    await signIn(newIsolate(), "wrong", "client 10001");
    expect((await clients())[0]).toBe("client 1");
    await signIn(newIsolate(), "wrong", "client 10002");
    expect((await clients())[0]).toBe("client 2");
  });

  test("are found by time, and forgotten after an hour", async () => {
    const isolate = newIsolate();
    const now = Date.now();
    const clock = vi.spyOn(Date, "now").mockReturnValue(now);
    await signIn(isolate, "wrong", "192.0.2.1");
    clock.mockReturnValue(now + 3_600_000);
    await signIn(isolate, "wrong", "192.0.2.2");
    expect(await clients()).toEqual(["192.0.2.2"]);
    const plan = await runInDurableObject(env.ADMIN_SESSIONS.getByName("admin"), (_object: AdminSessions, state) =>
      JSON.stringify(state.storage.sql.exec("EXPLAIN QUERY PLAN DELETE FROM failure WHERE failed_at <= 1").toArray()),
    );
    expect(plan).toMatch(/INDEX failure_by_time/);
  });
});
