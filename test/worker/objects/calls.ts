import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import * as z from "zod/mini";
import type { Env } from "../../../src/platform/env.ts";
import { problemSchema } from "../../../src/web/api/contract.ts";
import worker from "../../../src/worker.ts";

/** TO11_ADMIN_KEY of the Worker under test, as vitest.config.ts states it. */
export const ADMIN_KEY = "an-admin-key-of-at-least-32-characters";

const ORIGIN = "https://gw.example.com";

/** What a call is made with; the admin key is sent unless `key` is null. */
export interface CallOptions {
  readonly method?: string;
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly origin?: string;
}

/** An isolate of its own over the same KV and Durable Objects: a Worker keeps what it knows per `env`. */
export function newIsolate(variables: { readonly [name: string]: string | Pick<Fetcher, "fetch"> | undefined } = {}): Env {
  return { ...env, ...variables };
}

/** Calls the Worker in an isolate and waits for what it left to be done after the answer. */
export async function call(isolate: Env, path: string, options: CallOptions = {}): Promise<Response> {
  const { response, rest } = await answered(isolate, path, options);
  await rest();
  return response;
}

/** Calls the Worker in an isolate. `rest` waits for what it left to be done after the answer. */
export async function answered(
  isolate: Env,
  path: string,
  options: CallOptions = {},
): Promise<{ readonly response: Response; readonly rest: () => Promise<void> }> {
  const { method = "GET", key = ADMIN_KEY, body, origin = ORIGIN } = options;
  const url = new URL(path, origin);
  const headers = new Headers({ host: url.host, ...options.headers });
  if (key !== null) headers.set("authorization", `Bearer ${key}`);
  const context = createExecutionContext();
  const request = new Request<unknown, IncomingRequestCfProperties>(url, { method, headers, ...(body === undefined ? {} : { body }) });
  const response = await worker.fetch(request, isolate, context);
  return { response, rest: () => waitOnExecutionContext(context) };
}

/** A JSON body. */
export function json(value: unknown): Pick<CallOptions, "headers" | "body" | "method"> {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** A call that publishes. */
export function toml(text: string, ifMatch: string | null, method = "PUT"): Pick<CallOptions, "headers" | "body" | "method"> {
  const match: Record<string, string> = ifMatch === null ? {} : { "if-match": ifMatch };
  return { method, headers: { "content-type": "application/toml", "x-to11-author": "ada", ...match }, body: text };
}

/** The answer of a call that succeeds, in its shape. */
export async function readFrom<Schema extends z.ZodMiniType>(
  isolate: Env,
  schema: Schema,
  path: string,
  options: CallOptions = {},
): Promise<z.output<Schema>> {
  const response = await call(isolate, path, options);
  const body: unknown = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(200);
  return schema.parse(body);
}

const refusalSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), param: z.nullable(z.string()), problems: z.optional(z.array(problemSchema)) }),
});

/** What a call that is refused says. */
export async function refusedBy(
  isolate: Env,
  path: string,
  options: CallOptions = {},
): Promise<{ readonly status: number } & z.infer<typeof refusalSchema>["error"]> {
  const response = await call(isolate, path, options);
  return { status: response.status, ...refusalSchema.parse(await response.json()).error };
}
