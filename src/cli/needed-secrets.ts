import type { CompiledConfig } from "../config/compiled.ts";
import { secretUses } from "../config/secret-uses.ts";
import { isGatewayKey } from "../core/gateway-key.ts";
import { isSet, type Variables } from "./variables.ts";

/** A secret that a routes.toml names: where in the file, and where it is sent (nowhere: a gateway key). */
export interface NeededSecret {
  readonly name: string;
  readonly usedBy: readonly string[];
  readonly origins: readonly string[];
}

/** Bytes of TO11_ADMIN_KEY at least; it guards publishing. */
export const ADMIN_KEY_MIN_LENGTH = 32;

/** The secrets that calls upstream need, each once, in the file's order. */
export function credentialsOf(compiled: CompiledConfig): NeededSecret[] {
  const byName = new Map<string, { usedBy: Set<string>; origins: Set<string> }>();
  for (const use of secretUses(compiled)) {
    if (use.origin === null) continue;
    const entry = byName.get(use.secret) ?? { usedBy: new Set(), origins: new Set() };
    byName.set(use.secret, entry);
    entry.origins.add(use.origin);
    for (const place of use.usedBy) entry.usedBy.add(place);
  }
  return [...byName].map(([name, { usedBy, origins }]) => ({ name, usedBy: [...usedBy], origins: [...origins] }));
}

/** The secrets that hold gateway keys. */
export function gatewayKeysOf(compiled: CompiledConfig): NeededSecret[] {
  return compiled.apiKeys.map((name) => ({ name, usedBy: ["auth.api_keys"], origins: [] }));
}

/** `OPENAI_API_KEY is not set; used by providers.openai. Add to .dev.vars: OPENAI_API_KEY="…"` */
export function missingLine(secret: NeededSecret, envFile: string): string {
  return `${secret.name} is not set; used by ${secret.usedBy.join(", ")}. Add to ${envFile}: ${secret.name}="…"`;
}

/** What is wrong with the form of keys that are set: gateway keys and TO11_ADMIN_KEY. Never says a value. */
export function malformedKeys(compiled: CompiledConfig, variables: Variables): string[] {
  const lines = gatewayKeysOf(compiled)
    .filter(({ name }) => isSet(variables, name) && !isGatewayKey(variables[name] ?? ""))
    .map(({ name }) => `${name} is set but is no gateway key: those are "to11_" and at least 27 characters; "to11 key new" makes one`);
  const adminKey = variables["TO11_ADMIN_KEY"] ?? "";
  if (adminKey !== "" && adminKey.length < ADMIN_KEY_MIN_LENGTH) {
    lines.push(`TO11_ADMIN_KEY is too short: at least ${ADMIN_KEY_MIN_LENGTH} characters; "to11 key new" makes one`);
  }
  return lines;
}
