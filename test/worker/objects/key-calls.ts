import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type * as z from "zod/mini";
import type { Env } from "../../../src/platform/env.ts";
import type { Governor } from "../../../src/platform/governor/governor.ts";
import * as contract from "../../../src/web/api/contract.ts";
import { call, type CallOptions, json, newIsolate, readFrom, toml } from "./calls.ts";

/** A file whose project issues keys. */
export function issuingToml({ project = "default", more = "" }: { readonly project?: string; readonly more?: string } = {}): string {
  return `
[project]
id = "${project}"
[auth]
issued = true
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.primary]
model = "gpt-4o"
[targets.small]
model = "gpt-4o-mini"
[routes.balanced]
models = ["gpt-4o"]
targets = ["primary"]
[routes.summarize]
targets = ["small"]
[functions.extract]
models = ["gpt-4o-mini"]
[plans.balanced]
routes = ["balanced"]
[plans.nothing]
models = []
[plans.open]
${more}`;
}

/** Publishes it, over whatever serves. */
export async function publish(isolate: Env, text: string, project = "default"): Promise<z.output<typeof contract.publishedSchema>> {
  return readFrom(isolate, contract.publishedSchema, `/api/config?project=${project}`, toml(text, "*"));
}

/** Sets the clock that isolates and objects share, ms since the epoch. */
export function setClock(nowMs: number): void {
  vi.spyOn(Date, "now").mockReturnValue(nowMs);
}

/** Answers every upstream call at once with a whole answer. */
export function answerUpstream(): void {
  vi.spyOn(globalThis, "fetch").mockImplementation(async () =>
    Response.json({
      id: "c",
      object: "chat.completion",
      model: "gpt-4o",
      choices: [{ index: 0, message: { role: "assistant", content: "yes" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
    }),
  );
}

/** Has a key made. */
export function makeKey(isolate: Env, settings: object = {}, project = "default"): Promise<z.output<typeof contract.keyWithSecretSchema>> {
  return readFrom(isolate, contract.keyWithSecretSchema, `/api/keys?project=${project}`, json({ name: "test", ...settings }));
}

/** Gives a key a new secret. */
export function rotateKey(isolate: Env, id: string, overlapMs: number): Promise<z.output<typeof contract.keyWithSecretSchema>> {
  return readFrom(isolate, contract.keyWithSecretSchema, `/api/keys/${id}/rotate`, json({ overlap_ms: overlapMs }));
}

/** Changes a key, or has it end: `revoke`. */
export function changeKey(isolate: Env, id: string, change: object | "revoke"): Promise<z.output<typeof contract.keySchema>> {
  if (change === "revoke") return readFrom(isolate, contract.keySchema, `/api/keys/${id}/revoke`, json({}));
  return readFrom(isolate, contract.keySchema, `/api/keys/${id}`, { ...json(change), method: "PATCH" });
}

/** A call with a key that leaves no trace, and so nothing to wait for: the list of models. */
export function callWith(isolate: Env, secret: string, headers: CallOptions["headers"] = {}): Promise<Response> {
  return call(isolate, "/v1/models", { key: secret, headers });
}

/** Calls a model with a key. */
export function askWith(isolate: Env, secret: string, model = "gpt-4o", headers: CallOptions["headers"] = {}): Promise<Response> {
  const asking = json({ model, messages: [{ role: "user", content: "hello" }] });
  return call(isolate, "/v1/chat/completions", { ...asking, key: secret, headers: { ...asking.headers, ...headers } });
}

/** `200`, or status and code of a refusal: `401 key_revoked`. */
export async function outcomeOf(asking: Promise<Response>): Promise<string> {
  const response = await asking;
  await response.arrayBuffer();
  const code = response.headers.get("x-to11-error-code");
  return code === null ? String(response.status) : `${response.status} ${code}`;
}

/** What an isolate's governor does in its place; the names of the calls to it. */
export interface WatchedGovernor {
  readonly isolate: Env;
  readonly calls: string[];
  /** What a call does before the governor is asked; it may throw. */
  before: () => Promise<void>;
}

/** An isolate whose calls to governors are noted. */
export function watchedIsolate(variables: Partial<Env> = {}): WatchedGovernor {
  const watched = { calls: [] as string[], before: async () => undefined as void };
  const stubOf = (name: string): DurableObjectStub<Governor> => {
    const stub = env.GOVERNOR.getByName(name);
    return new Proxy(stub, {
      get(target, method) {
        return async (...given: unknown[]): Promise<unknown> => {
          watched.calls.push(String(method));
          await watched.before();
          const called: unknown = Reflect.get(target, method);
          if (typeof called !== "function") throw new TypeError(`the governor has no ${String(method)}`);
          return Reflect.apply(called, target, given);
        };
      },
    });
  };
  const namespace = new Proxy(env.GOVERNOR, { get: (target, name) => (name === "getByName" ? stubOf : Reflect.get(target, name)) });
  return Object.assign(watched, { isolate: { ...newIsolate(), ...variables, GOVERNOR: namespace } });
}
