import type { AuthForm } from "../core/routing/provider-type.ts";
import { isSameSite, type SecretSite, siteOfKey } from "../core/secrets/secret-site.ts";
import { PROVIDER_TYPES } from "../providers/index.ts";
import { openai } from "../providers/openai.ts";
import type { CompiledConfig, CompiledHeader, CompiledProvider } from "./compiled.ts";

/** One secret going to one place. */
export interface SecretUse {
  readonly secret: string;
  /** Where it is sent; `null`: nowhere, it is a key that callers use. */
  readonly site: SecretSite | null;
  /** Places in routes.toml: `providers.openai`, `targets.openai-primary`, `auth.api_keys`, `traces.otlp_headers`. */
  readonly usedBy: readonly string[];
  /** Whether a call can fail for want of it. `false`: a provider's key that only callers' own keys stand in for. */
  readonly needed: boolean;
}

/** Every secret of a configuration with each place that it goes to (origin, header or query parameter), in file order, each once. */
export function secretUses(compiled: CompiledConfig): readonly SecretUse[] {
  const uses = new Map<string, { secret: string; site: SecretSite | null; usedBy: Set<string>; needed: boolean }>();
  for (const { secret, site, usedBy, needed } of mentions(compiled)) {
    const id = site === null ? secret : `${secret} ${site.origin} ${site.place} ${site.name}`;
    const use = uses.get(id) ?? { secret, site, usedBy: new Set(), needed: false };
    use.usedBy.add(usedBy);
    use.needed ||= needed;
    uses.set(id, use);
  }
  return [...uses.values()].map((use) => ({ ...use, usedBy: [...use.usedBy] }));
}

/** Scheme, host and port of an address that compilation has checked. */
export function originOf(address: string): string {
  return URL.parse(address)?.origin ?? "";
}

/** How a provider takes its key on a path. */
export function authOf(provider: CompiledProvider, path: string): AuthForm {
  return provider.auth ?? (PROVIDER_TYPES.get(provider.type) ?? openai).auth(path);
}

interface Mention {
  readonly secret: string;
  readonly site: SecretSite | null;
  readonly usedBy: string;
  readonly needed: boolean;
}

function mentions(compiled: CompiledConfig): readonly Mention[] {
  const { providers, routes, traces } = compiled;
  const candidates = routes.flatMap((route) => route.steps.flatMap((step) => step.candidates));
  const inherited = new Set(
    candidates.filter(({ provider, credential }) => credential === providers[provider]?.credential).map((one) => one.provider),
  );
  const otlpOrigin = traces.otlpEndpoint === undefined ? "" : originOf(traces.otlpEndpoint);
  return [
    ...compiled.apiKeys.map((secret) => ({ secret, site: null, usedBy: "auth.api_keys", needed: true })),
    ...providers.flatMap((provider, position) => providerMentions(provider, inherited.has(position))),
    ...candidates.flatMap(({ target, provider, credential }) => {
      const owner = providers[provider];
      if (owner === undefined || credential === undefined || credential === owner.credential) return [];
      return keySites(owner).map((site) => ({ secret: credential, site, usedBy: `targets.${target}`, needed: true }));
    }),
    ...sentIn("header", traces.otlpHeaders, otlpOrigin).map((sent) => ({ ...sent, usedBy: "traces.otlp_headers", needed: true })),
  ];
}

function providerMentions(provider: CompiledProvider, isInherited: boolean): readonly Mention[] {
  const origin = originOf(provider.baseUrl);
  const usedBy = `providers.${provider.id}`;
  const { credential } = provider;
  const needed = isInherited || provider.passthrough === "stored";
  return [
    ...(credential === undefined ? [] : keySites(provider).map((site) => ({ secret: credential, site, usedBy, needed }))),
    ...[...sentIn("header", provider.headers, origin), ...sentIn("query", provider.query, origin)].map((sent) => ({
      ...sent,
      usedBy,
      needed: true,
    })),
  ];
}

/** Stands for all of a provider's API besides the paths that it speaks. */
export const ANY_OTHER_PATH = "/v1/";

/** Where a provider's key goes, on one path or another: each place once. */
function keySites(provider: CompiledProvider): readonly SecretSite[] {
  const origin = originOf(provider.baseUrl);
  const sites: SecretSite[] = [];
  const others = provider.passthrough === "stored" ? [ANY_OTHER_PATH] : [];
  for (const path of [...provider.speaks, ...others]) {
    const site = siteOfKey(authOf(provider, path), origin);
    if (site !== undefined && !sites.some((known) => isSameSite(known, site))) sites.push(site);
  }
  return sites;
}

function sentIn(
  place: SecretSite["place"],
  settings: readonly CompiledHeader[],
  origin: string,
): readonly { readonly secret: string; readonly site: SecretSite }[] {
  return settings.flatMap(([name, value]) => (typeof value === "string" ? [] : [{ secret: value.secret, site: { origin, place, name } }]));
}
