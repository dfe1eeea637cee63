import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AdminSessions } from "../../../src/platform/access/admin-sessions.ts";
import type { Env } from "../../../src/platform/env.ts";
import { ADMIN_KEY, call, json, newIsolate } from "./calls.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const LOCAL = "http://localhost:4000";

/** An isolate knows who has to wait, so each test has its own. */
let isolate: Env;

beforeEach(() => {
  isolate = newIsolate();
});

function signIn(key: string, from = "192.0.2.1"): Promise<Response> {
  const { headers, ...rest } = json({ key });
  return call(isolate, "/api/session", { ...rest, key: null, headers: { ...headers, "cf-connecting-ip": from } });
}

async function cookieOf(response: Response): Promise<string> {
  await response.body?.cancel();
  return (response.headers.get("set-cookie") ?? "").split(";", 1).join("");
}

async function statusWith(headers: Readonly<Record<string, string>>, method = "GET"): Promise<number> {
  const response = await call(isolate, "/api/projects", { key: null, headers, method });
  await response.body?.cancel();
  return response.status;
}

describe("the admin key", () => {
  test.each([
    ["as it is", `Bearer ${ADMIN_KEY}`, 200],
    ["with a lower-case scheme", `bearer ${ADMIN_KEY}`, 200],
    ["with one more character", `Bearer ${ADMIN_KEY}x`, 401],
    ["without its last character", `Bearer ${ADMIN_KEY.slice(0, -1)}`, 401],
    ["without a scheme", ADMIN_KEY, 401],
    ["left out", "", 401],
  ])("%s", async (_what, authorization, status) => {
    expect(await statusWith({ authorization })).toBe(status);
  });

  test.each([
    ["not set", undefined],
    ["empty", ""],
    ["shorter than 32 characters", "x".repeat(31)],
  ])("when it is %s, nobody may come in", async (_what, key) => {
    const keyless = newIsolate({ TO11_ADMIN_KEY: key });
    for (const sent of [null, key ?? "anything", "undefined"]) {
      const response = await call(keyless, "/api/projects", { key: sent });
      expect([response.status, await response.text()]).toEqual([401, expect.stringContaining("TO11_ADMIN_KEY")]);
    }
  });
});

describe("under to11 dev", () => {
  const development = { TO11_ADMIN_KEY: undefined, TO11_DEV: "127.0.0.1" };

  test.each([
    ["without a key, at home", development, LOCAL, 200],
    ["without a key, at a name that leads home", development, "http://rebound.example:4000", 401],
    ["with a key set", { TO11_DEV: "127.0.0.1" }, LOCAL, 401],
    ["not at all, at home", { TO11_ADMIN_KEY: undefined }, LOCAL, 401],
  ])("%s", async (_what, variables, origin, status) => {
    const response = await call(newIsolate(variables), "/api/projects", { key: null, origin });
    await response.body?.cancel();
    expect(response.status).toBe(status);
  });

  test("there is nothing to sign in to, and that is no failure", async () => {
    const response = await call(newIsolate(development), "/api/session", { ...json({ key: "" }), key: null, origin: LOCAL });
    expect([response.status, response.headers.get("set-cookie")]).toEqual([204, null]);
  });

  test("a page of another origin is refused all the same", async () => {
    const options = { key: null, origin: LOCAL, headers: { origin: "https://evil.example" } };
    const response = await call(newIsolate(development), "/api/projects", options);
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining("forbidden")]);
  });
});

describe("a session", () => {
  test("begins with the key and is a cookie that only this host's pages send, and no script reads", async () => {
    const response = await signIn(ADMIN_KEY);
    expect(response.status).toBe(204);
    expect(response.headers.get("set-cookie")).toMatch(
      /^__Host-to11_session=[0-9a-f]{64}\.[0-9a-f]{64}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  test("lets in until it is signed out", async () => {
    const cookie = await cookieOf(await signIn(ADMIN_KEY));
    expect(await statusWith({ cookie })).toBe(200);
    expect(await statusWith({ cookie: `theme=dark; ${cookie}; other=1` })).toBe(200);
    const out = await call(isolate, "/api/session", { method: "DELETE", key: null, headers: { cookie } });
    expect(out.headers.get("set-cookie")).toMatch(/^__Host-to11_session=; Max-Age=0; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    expect(await statusWith({ cookie })).toBe(401);
  });

  test("ends after 12 h", async () => {
    const cookie = await cookieOf(await signIn(ADMIN_KEY));
    const now = Date.now();
    const clock = vi.spyOn(Date, "now").mockReturnValue(now + 12 * 3_600_000 - 1000);
    expect(await statusWith({ cookie })).toBe(200);
    clock.mockReturnValue(now + 12 * 3_600_000 + 1000);
    expect(await statusWith({ cookie })).toBe(401);
  });

  test.each(["", "0".repeat(64), ADMIN_KEY])("is none with the token %j", async (token) => {
    await cookieOf(await signIn(ADMIN_KEY));
    expect(await statusWith({ cookie: `__Host-to11_session=${token}` })).toBe(401);
  });

  test("stores neither the key nor the token", async () => {
    const cookie = await cookieOf(await signIn(ADMIN_KEY));
    const token = cookie.slice(cookie.indexOf("=") + 1, cookie.indexOf("."));
    const stored = await runInDurableObject(env.ADMIN_SESSIONS.getByName("admin"), (_instance: AdminSessions, state) =>
      JSON.stringify(state.storage.sql.exec("SELECT * FROM session").toArray()),
    );
    expect(stored).toMatch(/"digest":"[0-9a-f]{64}"/);
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(ADMIN_KEY);
  });
});

describe("sign-in", () => {
  test("waits longer and longer after five wrong keys, whatever key comes next, for this client alone", async () => {
    const now = Date.now();
    const clock = vi.spyOn(Date, "now").mockReturnValue(now);
    for (let attempt = 0; attempt < 5; attempt += 1) expect((await signIn("wrong")).status).toBe(401);
    const throttled = await signIn(ADMIN_KEY);
    expect([throttled.status, throttled.headers.get("retry-after"), await throttled.text()]).toEqual([
      429,
      "2",
      expect.stringContaining("too_many_sign_ins"),
    ]);
    expect((await signIn(ADMIN_KEY, "192.0.2.2")).status).toBe(204);
    clock.mockReturnValue(now + 2_000);
    expect((await signIn("wrong")).status).toBe(401);
    expect((await signIn("wrong")).headers.get("retry-after")).toBe("4");
    clock.mockReturnValue(now + 6_000);
    expect((await signIn(ADMIN_KEY)).status).toBe(204);
    // The right key starts the count anew.
    for (let attempt = 0; attempt < 5; attempt += 1) expect((await signIn("wrong")).status).toBe(401);
    expect((await signIn("wrong")).headers.get("retry-after")).toBe("2");
  });

  test("lets no more than five of many attempts at once be judged", async () => {
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await signIn("wrong")).status));
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(15);
  });

  test("refuses a body of another shape", async () => {
    for (const body of [{}, { key: 1 }, { key: "x", more: 1 }, []]) {
      expect((await call(env, "/api/session", { ...json(body), key: null })).status).toBe(400);
    }
  });
});

describe("a page of another origin", () => {
  test.each([
    [{ origin: "https://evil.example" }, 403],
    [{ origin: "null" }, 403],
    [{ "sec-fetch-site": "cross-site" }, 403],
    [{ origin: "https://gw.example.com", "sec-fetch-site": "same-origin" }, 200],
  ])("is refused with the right key too: %j", async (headers, status) => {
    expect(await statusWith({ ...headers, authorization: `Bearer ${ADMIN_KEY}` })).toBe(status);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])(
    "could post %j without asking, so that is refused",
    async (type) => {
      const response = await call(env, "/api/config/check", { method: "POST", headers: { "content-type": type }, body: "x = 1" });
      expect([response.status, await response.text()]).toEqual([400, expect.stringContaining("application/toml")]);
    },
  );
});
