import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { answered, call, newIsolate } from "./calls.ts";
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

/** When the tests begin, ms since the epoch. */
const T0 = Date.UTC(2026, 10, 24, 12);

beforeEach(async () => {
  setClock(T0);
  answerUpstream();
  await publish(newIsolate(), issuingToml());
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

describe("a revoked key", () => {
  test("K1: is refused by every isolate that used it 15 s later, with a request a second 6.5 s later", async () => {
    const operator = newIsolate();
    const key = await makeKey(operator);
    const idle = Array.from({ length: 4 }, () => newIsolate());
    const busy = Array.from({ length: 4 }, () => newIsolate());
    for (const isolate of [...idle, ...busy]) expect(await outcomeOf(callWith(isolate, key.secret))).toBe("200");
    await changeKey(operator, key.id, "revoke");
    for (let second = 1; second <= 6; second += 1) {
      setClock(T0 + second * 1000);
      for (const isolate of busy) await outcomeOf(callWith(isolate, key.secret));
    }
    setClock(T0 + 6_501);
    for (const isolate of busy) expect(await outcomeOf(callWith(isolate, key.secret))).toBe("401 key_revoked");
    setClock(T0 + 15_001);
    for (const isolate of idle) expect(await outcomeOf(callWith(isolate, key.secret))).toBe("401 key_revoked");
  });

  test("K2: is refused by the first request of an isolate that was idle for ten minutes, though it was revoked more than ten minutes ago", async () => {
    const operator = newIsolate();
    const key = await makeKey(operator);
    const isolate = newIsolate();
    expect(await outcomeOf(callWith(isolate, key.secret))).toBe("200");
    await changeKey(operator, key.id, "revoke");
    setClock(T0 + 660_000);
    expect(await outcomeOf(callWith(isolate, key.secret))).toBe("401 key_revoked");
  });

  test("K3: is refused by a fresh isolate whose KV still tells the record before", async () => {
    const operator = newIsolate();
    const key = await makeKey(operator);
    const name = `key:default:${key.id}`;
    const before = (await env.CONFIG.get(name)) ?? "";
    await changeKey(operator, key.id, "revoke");
    await env.CONFIG.put(name, before);
    expect(await outcomeOf(callWith(newIsolate(), key.secret))).toBe("401 key_revoked");
  });

  test("is refused at once by the isolate that revoked it, and to whoever has not its secret it is no key at all", async () => {
    const operator = newIsolate();
    const key = await makeKey(operator);
    await changeKey(operator, key.id, "revoke");
    expect(await outcomeOf(callWith(operator, key.secret))).toBe("401 key_revoked");
    expect(await outcomeOf(callWith(operator, key.secret.slice(0, -1) + (key.secret.endsWith("A") ? "B" : "A")))).toBe(
      "401 invalid_api_key",
    );
  });
});

describe("K4: while the governor does not answer", () => {
  test("valid keys are served, one request in 5 s waits, and /health says since when", async () => {
    const key = await makeKey(newIsolate());
    const watched = watchedIsolate();
    watched.before = async () => {
      throw new Error("the governor is down");
    };
    for (let request = 0; request < 5; request += 1) expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("200");
    expect(watched.calls).toEqual(["pulse"]);
    setClock(T0 + 4_999);
    expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("200");
    expect(watched.calls).toHaveLength(1);
    setClock(T0 + 5_000);
    expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("200");
    expect(watched.calls).toHaveLength(2);
    const health = await healthOf(watched.isolate);
    expect(health.problems).toContain(
      "project default: its governor has not answered since 2026-11-24T12:00:00.000Z; of its keys, what KV holds serves",
    );
    watched.before = async () => undefined;
    setClock(T0 + 10_000);
    expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("200");
    expect((await healthOf(watched.isolate)).problems.join()).not.toContain("governor");
  });

  test("a request waits 250 ms at most for one that hangs", async () => {
    vi.restoreAllMocks();
    answerUpstream();
    const key = await makeKey(newIsolate());
    const watched = watchedIsolate();
    const hang = Promise.withResolvers<void>();
    watched.before = () => hang.promise;
    const beganAtMs = performance.now();
    const { response, rest } = await answered(watched.isolate, "/v1/models", { key: key.secret });
    const tookMs = performance.now() - beganAtMs;
    hang.resolve();
    await rest();
    expect([response.status, tookMs >= 240, tookMs < 500]).toEqual([200, true, true]);
    expect(watched.calls).toEqual(["pulse"]);
  });

  test("for long, what an isolate knew before is looked up again once it does", async () => {
    const operator = newIsolate();
    const key = await makeKey(operator);
    const watched = watchedIsolate();
    watched.before = async () => {
      throw new Error("the governor is down");
    };
    expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("200");
    await changeKey(operator, key.id, "revoke");
    setClock(T0 + 660_000);
    watched.before = async () => undefined;
    expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("401 key_revoked");
  });

  test("what is remembered is looked up in KV again after a minute", async () => {
    const operator = newIsolate();
    const key = await makeKey(operator);
    const watched = watchedIsolate();
    expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("200");
    watched.before = async () => {
      throw new Error("the governor is down");
    };
    await changeKey(operator, key.id, "revoke");
    setClock(T0 + 59_999);
    expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("200");
    setClock(T0 + 60_000);
    expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("401 key_revoked");
  });
});

async function healthOf(isolate: Parameters<typeof askWith>[0]): Promise<{ readonly problems: readonly string[] }> {
  return (await call(isolate, "/health")).json();
}

describe("KV", () => {
  test("away: known keys are served, unknown ones hear 503 keys_unavailable", async () => {
    const operator = newIsolate();
    const known = await makeKey(operator);
    const unknown = await makeKey(operator);
    setClock(T0 + 700_000);
    let isDown = false;
    const kv = new Proxy(env.CONFIG, {
      get: (target, name) =>
        name === "get"
          ? async (...given: Parameters<typeof target.get>) => {
              if (isDown) throw new Error("KV is down");
              return target.get(...given);
            }
          : Reflect.get(target, name),
    });
    const isolate = { ...newIsolate(), CONFIG: kv };
    expect(await outcomeOf(callWith(isolate, known.secret))).toBe("200");
    isDown = true;
    expect(await outcomeOf(callWith(isolate, known.secret))).toBe("200");
    expect(await outcomeOf(callWith(isolate, unknown.secret))).toBe("503 keys_unavailable");
  });
});

describe("K5: rotation", () => {
  test("lets both secrets in until the overlap ends, then the old one is told that it expired", async () => {
    const operator = newIsolate();
    const key = await makeKey(operator, { team: "search" });
    const rotated = await rotateKey(operator, key.id, 60_000);
    expect([rotated.id, rotated.team, rotated.overlap_until]).toEqual([key.id, "search", new Date(T0 + 60_000).toISOString()]);
    const isolate = newIsolate();
    setClock(T0 + 59_999);
    expect(await outcomeOf(callWith(isolate, key.secret))).toBe("200");
    expect(await outcomeOf(callWith(isolate, rotated.secret))).toBe("200");
    setClock(T0 + 60_000);
    expect(await outcomeOf(callWith(isolate, key.secret))).toBe("401 key_expired");
    expect(await outcomeOf(callWith(isolate, rotated.secret))).toBe("200");
  });

  test("twice ends the first secret within 15 s, overlap or not", async () => {
    const operator = newIsolate();
    const key = await makeKey(operator);
    const isolate = newIsolate();
    expect(await outcomeOf(callWith(isolate, key.secret))).toBe("200");
    const second = await rotateKey(operator, key.id, 60_000);
    const third = await rotateKey(operator, key.id, 60_000);
    setClock(T0 + 15_000);
    expect(await outcomeOf(callWith(isolate, key.secret))).toBe("401 invalid_api_key");
    expect(await outcomeOf(callWith(isolate, second.secret))).toBe("200");
    expect(await outcomeOf(callWith(isolate, third.secret))).toBe("200");
  });

  test("is seen by every request of a burst with the new secret, of which one asks the governor", async () => {
    const operator = newIsolate();
    const key = await makeKey(operator);
    const watched = watchedIsolate();
    expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("200");
    const rotated = await rotateKey(operator, key.id, 60_000);
    watched.before = () => new Promise((resolve) => setTimeout(resolve, 20));
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(callWith(watched.isolate, rotated.secret))));
    expect(new Set(outcomes)).toEqual(new Set(["200"]));
    expect(watched.calls).toEqual(["pulse", "key"]);
  });

  test("is seen at once by an isolate that hears the new secret, which asks the governor once a second", async () => {
    const operator = newIsolate();
    const key = await makeKey(operator);
    const watched = watchedIsolate();
    expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("200");
    const rotated = await rotateKey(operator, key.id, 60_000);
    expect(await outcomeOf(callWith(watched.isolate, rotated.secret))).toBe("200");
    expect(watched.calls).toEqual(["pulse", "key"]);
    const wrong = `${key.secret.slice(0, -4)}AAAA`;
    for (let request = 0; request < 10; request += 1) expect(await outcomeOf(callWith(watched.isolate, wrong))).toBe("401 invalid_api_key");
    expect(watched.calls).toEqual(["pulse", "key"]);
    setClock(T0 + 1_000);
    for (let request = 0; request < 10; request += 1) expect(await outcomeOf(callWith(watched.isolate, wrong))).toBe("401 invalid_api_key");
    expect(watched.calls).toEqual(["pulse", "key", "key"]);
  });
});

test("K6: a key expires to the millisecond, without a call", async () => {
  const key = await makeKey(newIsolate(), { expires_at: new Date(T0 + 3_000).toISOString() });
  const watched = watchedIsolate();
  expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("200");
  setClock(T0 + 2_999);
  expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("200");
  setClock(T0 + 3_000);
  expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("401 key_expired");
  expect(watched.calls).toEqual(["pulse"]);
});

describe("K10: a flood of keys that were never made", () => {
  test("meets KV, and no object but for the pulse; every refusal is the same but for its id", async () => {
    const reads = vi.fn<(key: string) => void>();
    const kv = new Proxy(env.CONFIG, {
      get: (target, name) =>
        name === "get"
          ? async (...given: Parameters<typeof target.get>) => {
              reads(String(given[0]));
              return target.get(...given);
            }
          : Reflect.get(target, name),
    });
    const watched = watchedIsolate({ CONFIG: kv });
    const bodies = new Set<string>();
    for (let request = 0; request < 1_000; request += 1) {
      const response = await callWith(watched.isolate, `to11_k${String(request).padStart(12, "0")}_${"x".repeat(43)}`);
      expect(response.status).toBe(401);
      bodies.add((await response.text()).replaceAll(/untraced_[0-9a-f]+/g, "ID"));
    }
    expect(bodies.size).toBe(1);
    expect([...bodies][0]).toContain("invalid_api_key");
    expect(watched.calls).toEqual(["pulse"]);
    expect(reads.mock.calls.filter(([key]) => key.startsWith("key:")).length).toBe(1_000);
  });

  test("asks KV once in 30 s for an id that does not exist", async () => {
    const get = vi.spyOn(env.CONFIG, "get");
    const isolate = newIsolate();
    const secret = `to11_k${"0".repeat(12)}_${"x".repeat(43)}`;
    const asked = (): number => get.mock.calls.filter(([key]) => String(key).startsWith("key:")).length;
    for (let request = 0; request < 5; request += 1) await outcomeOf(callWith(isolate, secret));
    expect(asked()).toBe(1);
    setClock(T0 + 30_000);
    await outcomeOf(callWith(isolate, secret));
    expect(asked()).toBe(2);
  });
});

test("K12: a key of one project is no key of another", async () => {
  const operator = newIsolate();
  await publish(operator, issuingToml({ project: "b" }), "b");
  const key = await makeKey(operator);
  const isolate = newIsolate();
  expect(await outcomeOf(callWith(isolate, key.secret, { "x-to11-project-id": "b" }))).toBe("401 invalid_api_key");
  expect(await outcomeOf(callWith(isolate, key.secret))).toBe("200");
});

describe("the pulse", () => {
  test("is one call each 5 s of an isolate that is always busy, however many requests there are", async () => {
    const key = await makeKey(newIsolate());
    const watched = watchedIsolate();
    for (let tenth = 0; tenth <= 200; tenth += 1) {
      setClock(T0 + tenth * 100);
      await outcomeOf(callWith(watched.isolate, key.secret));
    }
    expect(watched.calls).toEqual(["pulse", "pulse", "pulse", "pulse", "pulse"]);
  });

  test("of many requests at once in a fresh isolate is one", async () => {
    const key = await makeKey(newIsolate());
    const watched = watchedIsolate();
    vi.mocked(Date.now).mockRestore();
    watched.before = () => new Promise((resolve) => setTimeout(resolve, 20));
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(callWith(watched.isolate, key.secret))));
    expect(new Set(outcomes)).toEqual(new Set(["200"]));
    expect(watched.calls).toEqual(["pulse"]);
  });

  test("of more changes than one answer holds asks until it has them all", async () => {
    vi.spyOn(env.CONFIG, "put").mockResolvedValue(undefined);
    const settings = {
      name: "n",
      plan: null,
      team: null,
      owner: null,
      metadata: {},
      scopes: ["call" as const],
      expiresAtMs: null,
      limits: {},
    };
    const governor = env.GOVERNOR.getByName("default");
    for (let number = 0; number < 1_001; number += 1)
      await governor.order("default", { kind: "create", id: `k${String(number).padStart(12, "0")}`, digest: "d", settings }, null);
    const watched = watchedIsolate();
    const key = await makeKey(newIsolate());
    expect(await outcomeOf(callWith(watched.isolate, key.secret))).toBe("200");
    expect(watched.calls).toEqual(["pulse", "pulse", "pulse"]);
  });

  test("brings a new key to an isolate that heard of it before KV told it", async () => {
    const operator = newIsolate();
    const key = await makeKey(operator);
    await env.CONFIG.delete(`key:default:${key.id}`);
    expect(await outcomeOf(callWith(newIsolate(), key.secret))).toBe("200");
  });

  test("is not made by a project that issues no keys, nor is any other call to a governor", async () => {
    await publish(
      newIsolate(),
      issuingToml()
        .replace("issued = true", "open = true")
        .replace(/\[plans\..*/s, ""),
    );
    const watched = watchedIsolate();
    for (let second = 0; second < 60; second += 10) {
      setClock(T0 + 100_000 + second * 1000);
      expect(await outcomeOf(callWith(watched.isolate, "to11_k000000000000_0000000000000000000000000000000000000000000"))).toBe("200");
    }
    expect(watched.calls).toEqual([]);
  });

  test("tells a publication to every isolate within 15 s, though KV still points to the one before", async () => {
    const key = await makeKey(newIsolate());
    const busy = newIsolate();
    const idle = newIsolate();
    for (const isolate of [busy, idle]) expect(await outcomeOf(callWith(isolate, key.secret))).toBe("200");
    const pointer = (await env.CONFIG.get("pointer:default")) ?? "";
    setClock(T0 + 500);
    const { version } = await publish(newIsolate(), issuingToml({ more: "# another" }));
    await env.CONFIG.put("pointer:default", pointer);
    const configOf = async (isolate: typeof busy): Promise<string | null> =>
      (await askWith(isolate, key.secret)).headers.get("x-to11-config");
    setClock(T0 + 5_000);
    await configOf(busy);
    expect(await configOf(busy)).toBe(version.slice(0, 8));
    setClock(T0 + 15_500);
    expect(await configOf(idle)).toBe(version.slice(0, 8));
    for (const second of [20, 29, 38, 60, 90]) {
      setClock(T0 + second * 1000);
      expect(await configOf(busy)).toBe(version.slice(0, 8));
    }
  });
});

test("publishing a project without keys calls no governor; the last file that issued them and the first are told of", async () => {
  const told = vi.spyOn(env.GOVERNOR, "getByName");
  const plain = issuingToml()
    .replace("issued = true", "open = true")
    .replace(/\[plans\..*/s, "");
  await publish(newIsolate(), plain);
  expect(told).toHaveBeenCalledTimes(1);
  await publish(newIsolate(), `${plain}\n# again`);
  expect(told).toHaveBeenCalledTimes(1);
  await publish(newIsolate(), issuingToml({ more: "# once more" }));
  expect(told).toHaveBeenCalledTimes(2);
});
