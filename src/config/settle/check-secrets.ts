import type { CompiledConfig } from "../compiled.ts";
import type { Findings } from "../file/findings.ts";
import type { KeyPath } from "../file/key-path.ts";
import { type SecretUse, secretUses } from "../secret-uses.ts";

/** A key to the gateway must not be a key to a provider: whoever gets the one would have the other. */
export function checkSecretRoles(compiled: CompiledConfig, findings: Findings): void {
  const sent = new Map(secretUses(compiled).flatMap((use) => (use.origin === null ? [] : [[use.secret, use.usedBy[0] ?? ""] as const])));
  compiled.apiKeys.forEach((name, index) => {
    const place = sent.get(name);
    if (place === undefined) return;
    findings.wrong(
      ["auth", "api_keys", index],
      `env::${name} is also sent to a provider by ${place}; callers' keys and providers' keys must differ`,
    );
  });
}

/** A published configuration may send secrets only where the deployed one does, so that whoever may publish cannot send them elsewhere. */
export function checkPins(compiled: CompiledConfig, pins: readonly SecretUse[], findings: Findings): void {
  for (const { secret, origin, usedBy } of secretUses(compiled)) {
    // An address that is refused has no origin to speak of.
    if (origin === null || origin === "" || pins.some((pin) => pin.secret === secret && pin.origin === origin)) continue;
    for (const place of usedBy) {
      const message = `would send env::${secret} to ${origin}, which the deployed routes.toml does not; a new pair of secret and address needs a deploy`;
      findings.wrong(placeOf(place), message);
    }
  }
}

/** `providers.openai` as a path: the name after the first dot may hold dots itself. */
function placeOf(usedBy: string): KeyPath {
  const dot = usedBy.indexOf(".");
  return [usedBy.slice(0, dot), usedBy.slice(dot + 1)];
}
