import { fail, ok, type Result } from "../core/result.ts";
import { PROVIDER_TYPES } from "../providers/index.ts";
import { compile, type CompileOptions } from "./compile.ts";
import type { CompiledConfig } from "./compiled.ts";
import { NO_PRICES, type SettledPrices } from "./prices.ts";
import type { Problem } from "./file/problem.ts";

/** What is published: the file as written and what it means. Stored as JSON under the SHA-256 of that JSON. */
export interface ConfigDocument {
  readonly format: 1;
  readonly toml: string;
  readonly compiled: CompiledConfig;
  /** As they were known when it was published; a model's price in the file stands in `compiled.models` and goes first. */
  readonly prices: SettledPrices;
}

const FORMAT = 1;

/** The document's text: the same file and prices always give the same text, and so the same version. */
export function writeDocument(toml: string, compiled: CompiledConfig, prices: SettledPrices = NO_PRICES): string {
  const document: ConfigDocument = { format: FORMAT, toml, compiled, prices };
  return JSON.stringify(document);
}

/** The version of a document: SHA-256 of its text, 64 hex digits. */
export async function documentVersion(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Reads a document. One that another version of the gateway wrote in its own way is compiled again from its file. */
export function openDocument(text: string, options: Pick<CompileOptions, "localDevelopment">): Result<ConfigDocument, readonly Problem[]> {
  const stored = parsed(text);
  if (stored === undefined) return unreadable("is not JSON");
  if (typeof stored.toml !== "string") return unreadable("holds no routes.toml");
  const { toml } = stored;
  const prices = isPrices(stored.prices) ? stored.prices : NO_PRICES;
  if (stored.format === FORMAT && isCompiled(stored.compiled)) return ok({ format: FORMAT, toml, compiled: stored.compiled, prices });
  const again = compile(toml, options);
  return again.ok ? ok({ format: FORMAT, toml, compiled: again.value.compiled, prices }) : again;
}

function unreadable(reason: string): Result<never, readonly Problem[]> {
  return fail([{ severity: "error", path: "", line: null, column: null, message: `the stored configuration ${reason}; publish again` }]);
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // Damaged in the store: the caller gets a problem to report.
  }
}

/** Whether this gateway can link it. Its inside is trusted: the document was found under its own hash. */
function isCompiled(value: unknown): value is CompiledConfig {
  if (!isObject(value) || !Array.isArray(value.routes) || !Array.isArray(value.providers) || !isObject(value.traces)) return false;
  return value.providers.every((provider) => isObject(provider) && typeof provider.type === "string" && PROVIDER_TYPES.has(provider.type));
}

/** As with the compiled part, the inside is trusted. */
function isPrices(value: unknown): value is SettledPrices {
  return isObject(value) && isObject(value.models);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
