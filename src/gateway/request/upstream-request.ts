import type { AuthForm } from "../../core/routing/provider-type.ts";
import type { Try } from "../../core/routing/plan.ts";
import type { UpstreamCall } from "../../core/routing/routing-table.ts";
import { secretFaultText } from "../../core/secrets/secret-fault.ts";
import { KEY_HEADERS } from "../../core/secrets/key-headers.ts";
import { type SecretSite, siteOfKey } from "../../core/secrets/secret-site.ts";
import type { Wanted } from "../../core/translation.ts";
import type { Ports } from "../ports.ts";
import type { ProviderKey } from "./call.ts";

/** Whose key goes upstream. `stored`: the secret that routes.toml names; otherwise the caller's own, or none. */
export type CredentialChoice =
  | { readonly kind: "stored" }
  | { readonly kind: "caller"; readonly value: ProviderKey }
  | { readonly kind: "none" };

/** An upstream call's address and headers, secrets included: lives only as long as the attempt. */
export interface UpstreamAddress {
  readonly url: string;
  /** By their names in lower case: a plain object costs the runtime less than `Headers`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly simulated: boolean;
}

/** A secret that cannot be used, in words for a message and a log: names, never values. */
export interface SecretRefusal {
  readonly refused: string;
}

/** What of a request goes into an upstream's address and headers: the caller's headers and query string, as far as they may pass, and what is asked for. */
export interface Saying {
  readonly forwarded: readonly (readonly [string, string])[];
  readonly query: readonly (readonly [string, string])[];
  readonly wanted: Wanted;
}

/** Headers that mean something in the caller's dialect only: one that an upstream does not know can fail the whole call. */
const OF_ITS_DIALECT = /^anthropic-version$|-beta$/;

/** Settles url and headers of one attempt. */
export function addressOf(
  next: Try,
  credential: CredentialChoice,
  { forwarded, query, wanted }: Saying,
  ports: Ports,
): UpstreamAddress | SecretRefusal {
  const { call, candidate } = next;
  const place = { model: candidate.model, wanted };
  const headers: Record<string, string> = {};
  for (const [name, value] of call.defaultHeaders) headers[name] = value;
  for (const [name, value] of forwarded) if (call.translation === undefined || !OF_ITS_DIALECT.test(name)) headers[name] = value;
  const { simulator } = ports;
  if (simulator?.providers.has(candidate.provider.id) === true) {
    return { url: address(call, `${simulator.url}/${candidate.provider.id}${call.path}`, place), headers, simulated: true };
  }

  const { origin } = candidate.provider;
  const hasQuery = call.secretQuery.length > 0 || call.auth.place === "query" || query.length > 0;
  const plainUrl = address(call, call.url, place);
  const url = hasQuery ? new URL(plainUrl) : undefined;
  // What routes.toml says of a parameter wins, as it does of headers.
  for (const [name, value] of query) if (url?.searchParams.has(name) === false) url.searchParams.set(name, value);
  for (const { name, value: setting } of call.headers) {
    const value = typeof setting === "string" ? setting : secretValue(setting.secret, { origin, place: "header", name }, ports);
    if (typeof value !== "string") return value;
    headers[name] = value;
  }
  for (const { name, value: setting } of call.secretQuery) {
    const value = typeof setting === "string" ? setting : secretValue(setting.secret, { origin, place: "query", name }, ports);
    if (typeof value !== "string") return value;
    url?.searchParams.set(name, value);
  }
  const site = siteOfKey(call.auth, origin);
  if (credential.kind === "caller") {
    applyCallersKey(call, credential.value, headers, url);
  } else if (credential.kind === "stored" && candidate.credential !== undefined && site !== undefined) {
    const value = secretValue(candidate.credential, site, ports);
    if (typeof value !== "string") return value;
    applyKey(call.auth, value, headers, url);
  }
  return { url: url?.href ?? plainUrl, headers, simulated: false };
}

function address({ translation }: UpstreamCall, url: string, place: { readonly model: string; readonly wanted: Wanted }): string {
  return translation === undefined ? url : translation.address(url, place);
}

function secretValue(name: string, site: SecretSite, ports: Ports): string | SecretRefusal {
  const secret = ports.secret(name, site);
  if ("value" in secret) return secret.value;
  return { refused: secretFaultText(name, secret.fault, site) };
}

/** In the form it came in, but where the provider takes keys as no client sends them, or the client is one of another dialect's. */
function applyCallersKey(
  { auth, translation }: UpstreamCall,
  { header, sent, key }: ProviderKey,
  headers: Record<string, string>,
  url: URL | undefined,
): void {
  if (translation === undefined && auth.place === "header" && KEY_HEADERS.includes(auth.name)) headers[header] = sent;
  else applyKey(auth, key, headers, url);
}

function applyKey(auth: AuthForm, key: string, headers: Record<string, string>, url: URL | undefined): void {
  switch (auth.place) {
    case "header":
      headers[auth.name] = auth.prefix + key;
      break;
    case "query":
      url?.searchParams.set(auth.name, key);
      break;
    case "none":
      break;
  }
}
