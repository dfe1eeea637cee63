import type { CompiledConfig } from "./compiled.ts";
import { type SecretUse, secretUses } from "./secret-uses.ts";

/** The secrets that calls need and that are not set, one per secret and origin. */
export function missingSecrets(compiled: CompiledConfig, isSet: (name: string) => boolean): readonly SecretUse[] {
  return secretUses(compiled).filter((use) => use.needed && !isSet(use.secret));
}
