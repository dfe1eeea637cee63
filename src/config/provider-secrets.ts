import type { CompiledConfig, CompiledHeader } from "./compiled.ts";
import { readToml } from "./file/read-toml.ts";
import { secretName } from "./settle/secret-name.ts";

/** The secrets that calls to each provider can fail for want of, by its id; empty where it takes none or callers bring their own. */
export function providerSecrets(compiled: CompiledConfig): ReadonlyMap<string, ReadonlySet<string>> {
  const candidates = compiled.routes.flatMap((route) => route.steps.flatMap((step) => step.candidates));
  return new Map(
    compiled.providers.map((provider, position) => {
      const stored = candidates.filter((candidate) => candidate.provider === position).map(({ credential }) => credential);
      if (provider.passthrough === "stored") stored.push(provider.credential);
      const sent = [...provider.headers, ...provider.query].flatMap(secretOf);
      return [provider.id, new Set([...stored.filter((name) => name !== undefined), ...sent])] as const;
    }),
  );
}

function secretOf([, value]: CompiledHeader): readonly string[] {
  return typeof value === "string" ? [] : [value.secret];
}

/** The secrets that a routes.toml names in so many words, `env::NAME`; a convention's `<ID>_API_KEY` that stands nowhere is none of them. */
export function namedSecrets(toml: string): ReadonlySet<string> {
  const values = readToml(toml);
  return new Set(values.ok ? namesIn(values.value) : []);
}

function namesIn(value: unknown): readonly string[] {
  if (typeof value === "string") {
    const name = secretName(value);
    return name === undefined ? [] : [name];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(namesIn);
}
