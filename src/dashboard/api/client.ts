import { hc, type ClientResponse } from "hono/client";
import type { Problem } from "../../config/file/problem.ts";
import type { ControlApi } from "../../web/api/control-api.ts";

/** The control API of this Worker. */
export const { api } = hc<ControlApi>("/");

/** A refusal by the API, in its own words. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  /** What is wrong with a routes.toml that was refused. */
  readonly problems: readonly Problem[];
  readonly headers: Headers;

  constructor(response: { readonly status: number; readonly headers: Headers }, body: ErrorBody | undefined) {
    super(body?.message ?? `The gateway answered with status ${response.status}.`);
    this.name = "Refusal";
    this.status = response.status;
    this.code = body?.code ?? "unknown";
    this.problems = body?.problems ?? [];
    this.headers = response.headers;
  }
}

/** The gateway did not answer at all. */
export class Unreachable extends Error {
  constructor() {
    super("The gateway does not answer. It may have been stopped, or the network is down.");
    this.name = "Unreachable";
  }
}

interface ErrorBody {
  readonly message: string;
  readonly code: string;
  readonly problems?: readonly Problem[];
}

/** The body of an answer; a refusal is thrown. @throws {Refusal | Unreachable} */
export async function read<Body>(calling: Promise<ClientResponse<Body, number, "json">>): Promise<Body> {
  const response = await calling.catch((): never => {
    throw new Unreachable();
  });
  if (!response.ok) throw new Refusal(response, await errorOf(response));
  // 204: the type says null.
  return response.status === 204 ? (null as Body) : response.json();
}

/** What a refusal of the gateway says, on /v1 too; `undefined`: it is not in its shape. */
export async function errorOf(response: { json(): Promise<unknown> }): Promise<ErrorBody | undefined> {
  const body = await response.json().catch(() => undefined);
  return isObject(body) && isObject(body["error"]) && typeof body["error"]["message"] === "string"
    ? (body["error"] as unknown as ErrorBody)
    : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
