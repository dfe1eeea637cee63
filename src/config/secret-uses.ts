import type { CompiledConfig, CompiledHeader, CompiledProvider } from "./compiled.ts";

/** One secret going to one place. */
export interface SecretUse {
  readonly secret: string;
  /** Scheme, host and port it is sent to; `null`: it is sent nowhere, it is a key that callers use. */
  readonly origin: string | null;
  /** Places in routes.toml: `providers.openai`, `targets.openai-primary`, `auth.api_keys`, `traces.otlp_headers`. */
  readonly usedBy: readonly string[];
  /** Whether a call can fail for want of it. `false`: a provider's key that only callers' own keys stand in for. */
  readonly needed: boolean;
}

/** Every pair of secret and origin of a configuration, in file order, each once. */
export function secretUses(compiled: CompiledConfig): readonly SecretUse[] {
  const uses = new Map<string, { secret: string; origin: string | null; usedBy: Set<string>; needed: boolean }>();
  for (const { secret, origin, usedBy, needed } of mentions(compiled)) {
    const id = JSON.stringify([secret, origin]);
    const use = uses.get(id) ?? { secret, origin, usedBy: new Set(), needed: false };
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

interface Mention {
  readonly secret: string;
  readonly origin: string | null;
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
    ...compiled.apiKeys.map((secret) => ({ secret, origin: null, usedBy: "auth.api_keys", needed: true })),
    ...providers.flatMap((provider, position) => providerMentions(provider, inherited.has(position))),
    ...candidates.flatMap(({ target, provider, credential }) => {
      const owner = providers[provider];
      if (owner === undefined || credential === undefined || credential === owner.credential) return [];
      return [{ secret: credential, origin: originOf(owner.baseUrl), usedBy: `targets.${target}`, needed: true }];
    }),
    ...secretsIn(traces.otlpHeaders).map((secret) => ({ secret, origin: otlpOrigin, usedBy: "traces.otlp_headers", needed: true })),
  ];
}

function providerMentions(provider: CompiledProvider, isInherited: boolean): readonly Mention[] {
  const origin = originOf(provider.baseUrl);
  const usedBy = `providers.${provider.id}`;
  const { credential } = provider;
  const needed = isInherited || provider.passthrough === "stored";
  return [
    ...(credential === undefined ? [] : [{ secret: credential, origin, usedBy, needed }]),
    ...secretsIn([...provider.headers, ...provider.query]).map((secret) => ({ secret, origin, usedBy, needed: true })),
  ];
}

function secretsIn(settings: readonly CompiledHeader[]): readonly string[] {
  return settings.flatMap(([, value]) => (typeof value === "string" ? [] : [value.secret]));
}
