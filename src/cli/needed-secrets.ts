import type { CompiledConfig } from "../config/compiled.ts";
import { secretUses, type SecretUse } from "../config/secret-uses.ts";
import { isGatewayKey } from "../core/secrets/gateway-key.ts";
import type { SecretSite } from "../core/secrets/secret-site.ts";
import { isSendable, MALFORMED_WORDS } from "../core/secrets/secret-fault.ts";
import { isSet, type Variables, valueOf } from "./variables.ts";

/** A secret that a routes.toml names: where in the file, and where it is sent (nowhere: a gateway key). */
export interface NamedSecret {
  readonly name: string;
  readonly usedBy: readonly string[];
  readonly sites: readonly SecretSite[];
}

/** Characters of TO11_ADMIN_KEY at least; it guards publishing. */
export const ADMIN_KEY_MIN_LENGTH = 32;

/** Every secret that is sent upstream or may be, each once, in the file's order. */
export function sentSecrets(compiled: CompiledConfig): NamedSecret[] {
  return byName(secretUses(compiled).filter(({ site }) => site !== null));
}

/** Of those, the ones that a call can fail for want of. */
export function credentialsOf(compiled: CompiledConfig): NamedSecret[] {
  return byName(secretUses(compiled).filter(({ site, needed }) => site !== null && needed));
}

/** The secrets that hold gateway keys. */
export function gatewayKeysOf(compiled: CompiledConfig): NamedSecret[] {
  return byName(secretUses(compiled).filter(({ site }) => site === null));
}

function byName(uses: readonly SecretUse[]): NamedSecret[] {
  return [...Map.groupBy(uses, ({ secret }) => secret)].map(([name, same]) => ({
    name,
    usedBy: [...new Set(same.flatMap(({ usedBy }) => usedBy))],
    sites: same.flatMap(({ site }) => (site === null ? [] : [site])),
  }));
}

/** `OPENAI_API_KEY is not set; used by providers.openai. Add to .dev.vars: OPENAI_API_KEY="…"` */
export function missingLine(secret: NamedSecret, envFile: string): string {
  return `${secret.name} is not set; used by ${secret.usedBy.join(", ")}. Add to ${envFile}: ${secret.name}="…"`;
}

/** What is wrong with the form of secrets that are set: gateway keys, TO11_ADMIN_KEY, credentials. Never says a value. */
export function malformedSecrets(compiled: CompiledConfig, variables: Variables): string[] {
  const lines = gatewayKeysOf(compiled)
    .filter(({ name }) => isSet(variables, name) && !isGatewayKey(valueOf(variables, name)))
    .map(({ name }) => `${name} is set but is no gateway key: those are "to11_" and at least 27 characters; "to11 key new" makes one`);
  const adminKey = valueOf(variables, "TO11_ADMIN_KEY");
  if (adminKey !== "" && adminKey.length < ADMIN_KEY_MIN_LENGTH) {
    lines.push(`TO11_ADMIN_KEY is too short: at least ${ADMIN_KEY_MIN_LENGTH} characters; "to11 key new" makes one`);
  }
  const unsendable = sentSecrets(compiled).filter(({ name }) => !isSendable(valueOf(variables, name)));
  return [...lines, ...unsendable.map(({ name }) => `${name} ${MALFORMED_WORDS}`)];
}
