import type { ProviderType } from "../../core/routing/provider-type.ts";
import { aliasedType } from "../../providers/aliases.ts";
import { PROVIDER_TYPES } from "../../providers/index.ts";
import { openai } from "../../providers/openai.ts";
import { compileAuthForm } from "./auth-form.ts";
import type { CompiledProvider } from "../compiled.ts";
import { compileCredential } from "./credential.ts";
import type { Findings } from "../file/findings.ts";
import type { ProviderTable, RoutesFile } from "../schema.ts";
import { conventionalSecret } from "./secret-name.ts";
import { compileForwarded } from "./forwarded-headers.ts";
import { compileHeaders, compileQuery } from "./sent-settings.ts";
import { type AddressRules, addressFault } from "./upstream-url.ts";

/** Until the first content of an answer, where nothing else is said. */
export const DEFAULT_TIMEOUT_MS = 30_000;
/** Between contents of a stream, where nothing else is said. */
export const DEFAULT_IDLE_TIMEOUT_MS = 60_000;

/** First halves of the gateway's own names, `route::NAME` and `function::NAME`. */
const PREFIXES: ReadonlySet<string> = new Set(["route", "function"]);

/** `[providers]` in file order. A provider with something wrong is still there, so that references to it are no further problems. */
export function compileProviders(file: RoutesFile, rules: AddressRules, findings: Findings): readonly CompiledProvider[] {
  const defaults = file.defaults?.provider;
  return Object.entries(file.providers ?? {}).map(([id, table]) => {
    if (PREFIXES.has(id)) findings.wrong(["providers", id], `cannot be a provider's id: ${id}::NAME asks for a ${id}; use another`);
    const type = typeOf(id, table, findings);
    const auth = compileAuthForm(id, table, type, findings);
    const credential = credentialOf(id, table, auth ?? type.auth(type.speaks[0] ?? ""), findings);
    const baseUrl = baseUrlOf(id, table, { type, rules }, findings);
    const forwarded = compileForwarded(["providers", id, "forward_headers"], table.forward_headers ?? [], { auth, findings });
    // A server that copies OpenAI's API, as most are that no type is said of, seldom has more of it than models.
    const isKnown = table.type !== undefined || PROVIDER_TYPES.has(id) || baseUrl === type.baseUrl;
    return {
      id,
      type: type.id,
      baseUrl,
      models: [...new Set(table.models)],
      ...(credential === undefined ? {} : { credential }),
      passthrough: table.passthrough ?? "caller",
      streamUsage: table.stream_usage ?? type.streamUsage,
      timeoutMs: table.timeout_ms ?? defaults?.timeout_ms ?? DEFAULT_TIMEOUT_MS,
      idleTimeoutMs: table.idle_timeout_ms ?? defaults?.idle_timeout_ms ?? DEFAULT_IDLE_TIMEOUT_MS,
      speaks: [...new Set(table.speaks ?? spokenAt(type, table.base_url))],
      ...(table.translate === false ? { translate: false } : {}),
      ...(auth === undefined ? {} : { auth }),
      headers: compileHeaders(["providers", id, "headers"], table.headers, findings),
      query: compileQuery(["providers", id, "query"], table.query, findings),
      ...(forwarded.length === 0 ? {} : { forwardHeaders: forwarded }),
      ...(isKnown && type.others !== undefined ? { hasOthers: true as const } : {}),
    };
  });
}

/** What a server is taken to speak: of a copy at another address than its own the type may say something else. */
function spokenAt(type: ProviderType, baseUrl: string | undefined): readonly string[] {
  return baseUrl === undefined || baseUrl === type.baseUrl ? type.speaks : (type.copiesSpeak ?? type.speaks);
}

/** The `type`, the id where that is one, else whoever copies OpenAI. */
function typeOf(id: string, table: ProviderTable, findings: Findings): ProviderType {
  if (table.type === undefined) return PROVIDER_TYPES.get(id) ?? openai;
  const type = PROVIDER_TYPES.get(table.type);
  if (type !== undefined) return type;
  const known = [...PROVIDER_TYPES.keys()];
  const meant = typeMeant(table.type, findings);
  const remedy =
    meant === undefined
      ? `known: ${known.join(", ")}; for any other that copies OpenAI's API: "openai" with its base_url`
      : `did you mean "${meant}"?`;
  findings.wrong(["providers", id, "type"], `there is no provider type "${table.type}"; ${remedy}`);
  return openai;
}

interface AddressContext {
  readonly type: ProviderType;
  readonly rules: AddressRules;
}

function baseUrlOf(id: string, table: ProviderTable, { type, rules }: AddressContext, findings: Findings): string {
  const path = ["providers", id, "base_url"];
  if (table.base_url === undefined) {
    // An id that is no type must not send its key to OpenAI by default.
    const known = table.type === undefined && !PROVIDER_TYPES.has(id) ? undefined : type.baseUrl;
    if (known === undefined) findings.absent(["providers", id], ["base_url", "type"], missingAddress(id, table, type, findings));
    return known ?? "";
  }
  const fault = addressFault(table.base_url, rules);
  if (fault !== undefined) {
    findings.wrong(path, fault);
    return "";
  }
  const text = withoutLastSlashes(table.base_url);
  const spoken = type.speaks.map((spokenPath) => spokenPath.slice("/v1".length)).find((tail) => text.endsWith(tail));
  if (spoken !== undefined) findings.wrong(path, `must end before ${spoken}: the gateway adds the path that was called`);
  if (type.baseUrl !== undefined && type.baseUrl !== text && `${type.baseUrl}/`.startsWith(`${text}/`)) {
    findings.warn(path, `stops before ${type.baseUrl.slice(text.length)}, where ${type.id} has its API; did you mean ${type.baseUrl}?`);
  }
  return text;
}

/** A pattern would look at each of a million slashes from every one before it. */
function withoutLastSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === "/") end -= 1;
  return text.slice(0, end);
}

function missingAddress(id: string, table: ProviderTable, type: ProviderType, findings: Findings): string {
  if (table.type !== undefined || PROVIDER_TYPES.has(id)) {
    return `has no base_url: every ${type.id} account has its own; add base_url = "${type.baseUrlExample ?? "https://api.example.com/v1"}"`;
  }
  const meant = typeMeant(id, findings);
  const remedy = meant === undefined ? "" : `did you mean type = "${meant}"? If not, `;
  return `has no base_url: "${id}" is no known type; ${remedy}add base_url = "https://…/v1", or a type, such as type = "openai"`;
}

function typeMeant(name: string, findings: Findings): string | undefined {
  return aliasedType(name) ?? findings.nearest(name, PROVIDER_TYPES.keys());
}

function credentialOf(id: string, table: ProviderTable, auth: { readonly place: string }, findings: Findings): string | undefined {
  const path = ["providers", id, "credential"];
  if (auth.place === "none") {
    if (table.credential !== undefined)
      findings.wrong(path, 'is never sent: this provider takes no key; add auth_type = "bearer" if yours does');
    return undefined;
  }
  if (table.credential !== undefined) return compileCredential(path, table.credential, findings);
  const conventional = conventionalSecret(id);
  if (conventional === undefined)
    findings.absent(
      ["providers", id],
      ["credential"],
      'has no credential, and this id makes no variable name of its own; add credential = "env::NAME"',
    );
  return conventional;
}
