import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Env } from "../../../src/platform/env.ts";
import { call } from "./calls.ts";
import {
  answerUpstream,
  callWith,
  issuingToml,
  makeKey,
  outcomeOf,
  publish,
  setClock,
  watchedIsolate,
  type WatchedGovernor,
} from "./key-calls.ts";
import { edited } from "./routes.ts";

/** What KV was asked for: `list`, or `get` and a key. */
let asked: string[];
let watched: WatchedGovernor;

beforeEach(async () => {
  answerUpstream();
  watched = fresh();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

/** An isolate whose questions to KV and to governors are noted. */
function fresh(): WatchedGovernor {
  asked = [];
  const counting = new Proxy(env.CONFIG, {
    get(namespace, name) {
      const value: unknown = Reflect.get(namespace, name);
      if (typeof value !== "function") return value;
      return (...given: unknown[]): unknown => {
        asked.push([name, ...(name === "get" ? given.slice(0, 1) : [])].join(" "));
        return Reflect.apply(value, namespace, given);
      };
    },
  });
  return watchedIsolate({ CONFIG: counting });
}

/** A key of the right form that nobody made. */
function madeUp(at: number): string {
  return `to11_k${String(at).padStart(12, "0")}_${"s".repeat(43)}`;
}

async function told(isolate: Env, secret: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const response = await callWith(isolate, secret, headers);
  return `${response.status} ${(await response.text()).replace(/"req_[^"]*"/, "")}`;
}

const of = (project: string): { readonly "x-to11-project-id": string } => ({ "x-to11-project-id": project });

test("a made-up key costs one read of KV, in a project that there is as in one that there is not, and no call to an object", async () => {
  await publish(watched.isolate, issuingToml({ project: "team" }), "team");
  watched = fresh();
  const answers = new Set<string>();
  for (const project of ["team", "made-up"])
    for (let at = 0; at < 20; at += 1)
      for (let times = 0; times < 2; times += 1) answers.add(await told(watched.isolate, madeUp(at), of(project)));
  expect(asked.filter((each) => each !== "list")).toEqual(
    ["team", "made-up"].flatMap((project) => Array.from({ length: 20 }, (_, at) => `get key:${project}:k${String(at).padStart(12, "0")}`)),
  );
  expect(asked.filter((each) => each === "list")).toHaveLength(1);
  expect([...answers]).toEqual([expect.stringMatching(/^401 .*invalid_api_key/)]);
  expect(watched.calls).toEqual([]);
});

test("no more than 256 of them are remembered, and none for longer than 30 s", async () => {
  await publish(watched.isolate, issuingToml({ project: "team" }), "team");
  watched = fresh();
  const reads = async (at: number): Promise<number> => {
    const before = asked.length;
    await callWith(watched.isolate, madeUp(at), of("team"));
    return asked.length - before;
  };
  const nowMs = Date.now();
  setClock(nowMs);
  for (let at = 0; at < 257; at += 1) await callWith(watched.isolate, madeUp(at), of("team"));
  expect([await reads(256), await reads(1), await reads(0)]).toEqual([0, 0, 1]);
  setClock(nowMs + 30_001);
  expect(await reads(256)).toBe(1);
});

test("where no project issues keys, a made-up one costs nothing", async () => {
  await publish(watched.isolate, edited("1", { project: "team" }), "team");
  watched = fresh();
  for (const project of ["team", "made-up", "No-Project!"])
    for (let at = 0; at < 5; at += 1) await told(watched.isolate, madeUp(at), of(project));
  expect(asked).toEqual(["list"]);
  expect(watched.calls).toEqual([]);
});

test("a key opens its project in an isolate that never heard of it, and no other", async () => {
  await publish(watched.isolate, issuingToml({ project: "team" }), "team");
  const { secret } = await makeKey(watched.isolate, {}, "team");
  watched = fresh();
  expect(await outcomeOf(callWith(watched.isolate, secret, of("team")))).toBe("200");
  expect(await outcomeOf(callWith(watched.isolate, secret, of("made-up")))).toBe("401 invalid_api_key");
  expect(await outcomeOf(callWith(watched.isolate, secret))).toBe("401 invalid_api_key");
});

test("the control API looks a made-up key up as /v1 does, and counts no guess of the admin key for it", async () => {
  await publish(watched.isolate, issuingToml({ project: "team" }), "team");
  const { secret } = await makeKey(watched.isolate, { scopes: ["traces:read"] }, "team");
  watched = fresh();
  const isolate = watched.isolate;
  const ask = (key: string, project: string): Promise<string> => outcomeOf(call(isolate, `/api/traces?project=${project}`, { key }));
  for (let at = 0; at < 20; at += 1) expect(await ask(madeUp(at), at % 2 === 0 ? "team" : "made-up")).toBe("401 invalid_api_key");
  expect(asked.filter((each) => each !== "list")).toHaveLength(20);
  expect(watched.calls).toEqual([]);
  expect(await ask(secret, "team")).toBe("200");
});
