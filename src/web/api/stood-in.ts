import type { CompiledConfig } from "../../config/compiled.ts";
import { providerSecrets } from "../../config/provider-secrets.ts";
import type { Simulator } from "../../gateway/ports.ts";

/** The providers of a configuration that the simulator stands in for, by their ids. */
export function stoodInProviders({ providers }: CompiledConfig, simulator: Simulator | undefined): readonly string[] {
  return providers.map(({ id }) => id).filter((id) => simulator?.providers.has(id) === true);
}

/** The secrets that nobody misses, since the simulator stands in for every provider that would be sent them. */
export function stoodInSecrets(compiled: CompiledConfig, simulator: Simulator | undefined): ReadonlySet<string> {
  const needed = providerSecrets(compiled);
  const stoodIn = new Set<string>();
  const sent = new Set<string>();
  for (const { id, credential } of compiled.providers) {
    const group = simulator?.providers.has(id) === true ? stoodIn : sent;
    for (const secret of [...(needed.get(id) ?? []), ...(credential === undefined ? [] : [credential])]) group.add(secret);
  }
  return new Set([...stoodIn].filter((secret) => !sent.has(secret)));
}
