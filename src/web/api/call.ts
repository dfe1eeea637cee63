import * as z from "zod/mini";
import type { IssuedKey } from "../../core/governance/issued-key.ts";
import { didYouMean } from "../../core/nearest.ts";
import { GatewayError } from "../../core/gateway-error.ts";
import { readHeaders } from "../../core/header-map.ts";
import { type HeldBody, readBody, readStrangersBody } from "../request-body.ts";
import type { World } from "../world.ts";
import { mediaType } from "./admin-auth.ts";
import type * as contract from "./contract.ts";
import type { ApiRoute } from "./routes.ts";
import type { ControlServices, KeepAlive, ServedConfig } from "./services.ts";

/** What the control API needs of the Worker's world. */
export type ApiWorld = Pick<World, "control" | "keepAlive" | "ports">;

/** Bytes of a body at most: the largest configuration that can be published. */
const MAX_BODY_BYTES = 2_000_000;

/** What a request called, and with which issued key. */
interface CalledRoute extends Pick<ApiRoute, "parameters" | "access"> {
  readonly id: string;
  readonly key: IssuedKey | undefined;
}

/** One request to the control API, its query checked. */
export class ApiCall {
  readonly request: Request;
  readonly control: ControlServices;
  readonly keepAlive: KeepAlive;
  readonly query: URLSearchParams;
  /** The part of a path such as `/traces/{id}` that stands for it; empty where the path has none. */
  readonly id: string;
  /** The issued key that the call is made with; `undefined`: an operator makes it, or anyone. */
  readonly key: IssuedKey | undefined;
  readonly ports: ApiWorld["ports"];
  readonly #caller: "anyone" | "known";

  /** @throws GatewayError `invalid_request` for a query parameter that the route does not take. */
  constructor(request: Request, world: ApiWorld, route: CalledRoute) {
    this.request = request;
    this.control = world.control;
    this.keepAlive = world.keepAlive;
    this.query = new URL(request.url).searchParams;
    this.id = route.id;
    this.key = route.key;
    this.ports = world.ports;
    this.#caller = route.access === "anyone" ? "anyone" : "known";
    for (const name of this.query.keys()) if (!route.parameters.includes(name)) throw unknownParameter(name, route.parameters);
  }

  /** The project that the call names. */
  get project(): string | undefined {
    return this.query.get("project") ?? undefined;
  }

  /**
   * What this isolate serves for the project.
   * @throws GatewayError `unknown_project`, `no_config`.
   */
  async served(): Promise<ServedConfig> {
    const served = await this.control.served(this.project, this.keepAlive);
    if (served.ok) return served.value;
    if (served.error === "unknown_project") throw unknownProject(this.project ?? "");
    throw new GatewayError("no_config", "What was published for this project cannot be read now; GET /health says why.");
  }

  /** The project, where the call may be the first that names it. */
  async projectId(): Promise<string> {
    if (this.project !== undefined) return this.project;
    const served = await this.control.served(undefined, this.keepAlive);
    return served.ok ? served.value.table.project : this.control.bundledProject;
  }

  /**
   * The body as TOML.
   * @throws GatewayError `invalid_request`, `payload_too_large`.
   */
  async toml(): Promise<string> {
    if (mediaType(this.request) === "application/json") {
      throw new GatewayError("invalid_request", "Send routes.toml itself, as application/toml.", { param: "content-type" });
    }
    return this.#text();
  }

  /**
   * The body as JSON of this shape. `example`: one that would be right, for the refusal.
   * @throws GatewayError `invalid_request`, `payload_too_large`.
   */
  async json<Schema extends z.core.$ZodType>(schema: Schema, example: string): Promise<z.output<Schema>> {
    const parsed = z.safeParse(schema, jsonOf(await this.#text()));
    if (parsed.success) return parsed.data;
    const wrong = parsed.error.issues.flatMap(wrongIn).filter((path) => path !== "");
    const where = wrong.length === 0 ? "" : ` (${wrong.join(", ")})`;
    throw new GatewayError("invalid_request", `The body is not what this call takes${where}; it would be JSON such as ${example}.`);
  }

  async #text(): Promise<string> {
    const body = await this.#body();
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body.bytes);
    } catch {
      throw new GatewayError("invalid_request", "The body is not UTF-8.");
    } finally {
      body.release();
    }
  }

  async #body(): Promise<HeldBody> {
    const headers = readHeaders(this.request.headers);
    if (this.#caller === "anyone") return readStrangersBody(this.request, headers, this.ports);
    const reading = readBody(this.request, headers, { bytes: MAX_BODY_BYTES }, this.ports);
    // A caller's reset would end the invocation in the middle, and what it holds of the budget would be held for good.
    this.keepAlive(reading.catch(() => undefined));
    return reading;
  }
}

/** Where a body is wrong: a key that is not known by its name. */
function wrongIn(issue: z.core.$ZodIssue): readonly string[] {
  const keys = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return keys.map((path) => path.join("."));
}

/** `unknown_project`, in the words of the control API. */
export function unknownProject(project: string): GatewayError {
  return new GatewayError("unknown_project", `There is no project ${JSON.stringify(project)}; GET /api/projects lists them.`, {
    param: "project",
  });
}

/** `invalid_request` for a query parameter that the call does not take. */
export function unknownParameter(name: string, parameters: readonly string[]): GatewayError {
  const takes = parameters.length === 0 ? "it takes none" : `it takes ${parameters.join(", ")}`;
  return new GatewayError(
    "invalid_request",
    `This call has no parameter ${JSON.stringify(name)}${didYouMean(name, parameters)}; ${takes}.`,
    {
      param: name,
    },
  );
}

/** The shapes of contract.ts by their names. */
export type Shape = keyof typeof contract;

/** An answer of a contract's shape: a value of another shape does not compile. */
export function answer<Name extends Shape>(
  _shape: Name,
  value: z.input<(typeof contract)[Name]>,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(value, { headers });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GatewayError("invalid_request", "The body is not JSON.");
  }
}
