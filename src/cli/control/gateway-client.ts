import * as z from "zod/mini";
import {
  configSchema,
  explainedSchema,
  healthSchema,
  keySchema,
  keysSchema,
  keyWithSecretSchema,
  limitsSchema,
  metricsSchema,
  problemSchema,
  projectsSchema,
  providersSchema,
  publishedSchema,
  tracesSchema,
  versionSchema,
  versionsSchema,
  wholeTraceSchema,
} from "../../web/api/contract.ts";
import type { keyChangeSchema, newKeySchema } from "../../web/api/requests.ts";
import { formatProblem } from "../../config/file/problem.ts";
import { CommandFailure } from "../command-failure.ts";
import { visible } from "../terminal/visible.ts";
import { authorOf } from "./author.ts";
import { checkedGatewayUrl } from "./gateway-url.ts";

/** Where a gateway's control API is, and what opens it. */
export interface GatewayAddress {
  readonly url: string;
  readonly project?: string;
  readonly adminKey?: string;
  /** Ends a call under way. */
  readonly signal?: AbortSignal;
}

/** How long a call may take before the gateway counts as not answering. */
const CALL_TIMEOUT_MS = 30_000;

/** A file that is refused is told with all its problems. */
const errorSchema = z.object({
  error: z.object({ message: z.string(), code: z.optional(z.nullable(z.string())), problems: z.optional(z.array(problemSchema)) }),
});

export type ServedConfig = z.infer<typeof configSchema>;
export type PublishedConfig = z.infer<typeof publishedSchema>;
export type Versions = z.infer<typeof versionsSchema>["versions"];
export type Projects = z.infer<typeof projectsSchema>["projects"];
type Key = z.infer<typeof keySchema>;
type KeyWithSecret = z.infer<typeof keyWithSecretSchema>;
export type Explained = z.infer<typeof explainedSchema>;

/** Node's WebSocket; the types are a browser's, whose second argument names protocols only. */
const HeaderSocket = WebSocket as unknown as new (url: URL, init: { readonly headers: Readonly<Record<string, string>> }) => WebSocket;

/** Nobody answers there, or somebody who is no gateway (yet). */
export class NotAGateway extends CommandFailure {}

/** The gateway has no project of that name. */
export class UnknownProject extends CommandFailure {}

/** Somebody else was first. */
export class Overtaken extends CommandFailure {}

/** The control API as the command line uses it. Every call throws a `CommandFailure` that says in one line what went wrong. */
export class GatewayClient {
  readonly #address: GatewayAddress;
  readonly #base: URL;

  /** @throws {CommandFailure} for a URL that is none, or that would carry the key in the clear. */
  constructor(address: GatewayAddress) {
    this.#address = address;
    this.#base = checkedGatewayUrl(address.url, address.adminKey !== undefined);
  }

  /** What serves now. */
  config(): Promise<ServedConfig> {
    return this.#read("/api/config", configSchema);
  }

  /** Where limits stand: of all subjects that were used lately, or of one. */
  async limits(subject: string | undefined): Promise<z.infer<typeof limitsSchema>["limits"]> {
    const query = subject === undefined ? "" : `?${new URLSearchParams({ subject }).toString()}`;
    return (await this.#read(`/api/limits${query}`, limitsSchema)).limits;
  }

  /** Every project with what serves it. */
  async projects(): Promise<Projects> {
    return (await this.#read("/api/projects", projectsSchema)).projects;
  }

  /** Publishes `toml` over `base`, the version it was made from, `"none"` for a new project. */
  async publish(toml: string, base: string): Promise<PublishedConfig> {
    const response = await this.#send("/api/config", {
      method: "PUT",
      body: toml,
      headers: { "content-type": "application/toml", "if-match": `"${base}"`, "x-to11-author": authorOf() },
    });
    if (response.status === 412) throw await this.#overtaken(base);
    return this.#parse(response, publishedSchema);
  }

  /** Newest first. */
  async versions(): Promise<Versions> {
    return (await this.#read("/api/config/versions", versionsSchema)).versions;
  }

  /** One version; its id may be shortened. */
  version(version: string): Promise<z.infer<typeof versionSchema>> {
    return this.#read(`/api/config/versions/${encodeURIComponent(version)}`, versionSchema);
  }

  /** Makes an earlier version serve again. */
  async rollback(version: string): Promise<PublishedConfig> {
    const headers = { "content-type": "application/json", "x-to11-author": authorOf() };
    const response = await this.#send("/api/config/rollback", { method: "POST", body: JSON.stringify({ version }), headers });
    return this.#parse(response, publishedSchema);
  }

  /** Where a model would go, calling nobody. */
  explain(model: string, path: string): Promise<Explained> {
    return this.#write("POST", "/api/explain", { model, path }, explainedSchema);
  }

  /** The providers, and where the simulator listens. */
  providers(): Promise<z.infer<typeof providersSchema>> {
    return this.#read("/api/providers", providersSchema);
  }

  /** What the traces of a time come to. */
  metrics(query: Readonly<Record<string, string>>): Promise<z.infer<typeof metricsSchema>> {
    return this.#read(`/api/metrics?${new URLSearchParams(query)}`, metricsSchema);
  }

  /** One trace, with what was said where that is kept. */
  trace(id: string): Promise<z.infer<typeof wholeTraceSchema>> {
    return this.#read(`/api/traces/${encodeURIComponent(id)}`, wholeTraceSchema);
  }

  /** One page of traces, newest first. */
  traces(filters: Readonly<Record<string, string>>): Promise<z.infer<typeof tracesSchema>> {
    return this.#read(`/api/traces?${new URLSearchParams(filters)}`, tracesSchema);
  }

  /**
   * A WebSocket that tells each trace as it is stored. The key goes along as a header, which Node's WebSocket can send and a browser's cannot: so it stands in
   * no URL, and nothing has to be handed out for it.
   */
  watchTraces(filters: Readonly<Record<string, string>>): WebSocket {
    const { adminKey, project } = this.#address;
    const url = new URL(`/api/traces/live?${new URLSearchParams(filters)}`, this.#base);
    if (project !== undefined) url.searchParams.set("project", project);
    url.protocol = this.#base.protocol === "https:" ? "wss:" : "ws:";
    return new HeaderSocket(url, { headers: adminKey === undefined ? {} : { authorization: `Bearer ${adminKey}` } });
  }

  /** Has a key made; its secret is told here only. */
  createKey(settings: z.input<typeof newKeySchema>): Promise<KeyWithSecret> {
    return this.#write("POST", "/api/keys", settings, keyWithSecretSchema);
  }

  /** All keys, newest first. */
  async keys(): Promise<readonly Key[]> {
    const keys: Key[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: z.infer<typeof keysSchema> = await this.#read(`/api/keys?limit=500${cursor && `&cursor=${cursor}`}`, keysSchema);
      keys.push(...page.keys);
      cursor = page.next_cursor;
    }
    return keys;
  }

  /** One key. */
  key(id: string): Promise<Key> {
    return this.#read(`/api/keys/${encodeURIComponent(id)}`, keySchema);
  }

  /** Changes a key: what is left out stays. */
  changeKey(id: string, change: z.input<typeof keyChangeSchema>): Promise<Key> {
    return this.#write("PATCH", `/api/keys/${encodeURIComponent(id)}`, change, keySchema);
  }

  /** Gives a key a new secret, told here only; the one before works on for so long, ms. */
  rotateKey(id: string, overlapMs: number): Promise<KeyWithSecret> {
    return this.#write("POST", `/api/keys/${encodeURIComponent(id)}/rotate`, { overlap_ms: overlapMs }, keyWithSecretSchema);
  }

  /** Ends a key for good. */
  revokeKey(id: string): Promise<Key> {
    return this.#write("POST", `/api/keys/${encodeURIComponent(id)}/revoke`, {}, keySchema);
  }

  /** How the gateway is. */
  health(): Promise<z.infer<typeof healthSchema>> {
    return this.#read("/health", healthSchema);
  }

  async #read<Schema extends z.ZodMiniType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
    return this.#parse(await this.#send(path, {}), schema);
  }

  async #write<Schema extends z.ZodMiniType>(method: string, path: string, body: object, schema: Schema): Promise<z.infer<Schema>> {
    const headers = { "content-type": "application/json" };
    return this.#parse(await this.#send(path, { method, body: JSON.stringify(body), headers }), schema);
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const { adminKey, project, signal } = this.#address;
    const url = new URL(path, this.#base);
    if (project !== undefined) url.searchParams.set("project", project);
    const headers = new Headers(init.headers);
    if (adminKey !== undefined) headers.set("authorization", `Bearer ${adminKey}`);
    const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS);
    try {
      // A redirect would carry the key elsewhere.
      return await fetch(url, {
        ...init,
        headers,
        redirect: "manual",
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
    } catch (error) {
      throw new CommandFailure(
        `No gateway answers at ${this.#base.origin} (${reasonOf(error)}). "npm start" starts one; --url names another.`,
      );
    }
  }

  async #parse<Schema extends z.ZodMiniType>(response: Response, schema: Schema): Promise<z.infer<Schema>> {
    const text = await response.text();
    const body = parseJson(text);
    if (!response.ok) throw this.#refusal(response.status, body);
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new NotAGateway(`${this.#base.origin} answers, but not as this version of the gateway's control API would.`);
  }

  #refusal(status: number, body: unknown): CommandFailure {
    const error = errorSchema.safeParse(body).data?.error;
    if (error === undefined) return new NotAGateway(`${this.#base.origin} answers ${status}, but not as a gateway would.`);
    const hint = status === 401 ? " TO11_ADMIN_KEY, in the environment or in .dev.vars, is what opens it." : "";
    if (error.code === "unknown_project") return new UnknownProject(`${this.#base.origin} refused: ${visible(error.message)}`);
    const details = (error.problems ?? []).map((problem) => `\n${visible(formatProblem(problem, "routes.toml"))}`).join("");
    return new CommandFailure(`${this.#base.origin} refused: ${visible(error.message)}${hint}${details}`);
  }

  async #overtaken(base: string): Promise<Overtaken> {
    const now = await this.config();
    const by = now.author === null ? "somebody" : visible(now.author);
    const at = now.published_at === null ? "" : ` at ${now.published_at}`;
    return new Overtaken(
      `${by} published ${now.version.slice(0, 8)}${at}, after ${base.slice(0, 8)}, which your change is based on. Nothing was published. ` +
        '"to11 diff" shows how your file differs from what serves now; bring the two together and publish again.',
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `nothing came within ${CALL_TIMEOUT_MS / 1000} s`;
  const cause = error.cause;
  if (!(cause instanceof Error)) return error.message;
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}
