import type { CompiledConfig } from "../compiled.ts";
import type { Findings } from "../file/findings.ts";
import type { KeyPath } from "../file/key-path.ts";
import { isSameSite, placeText, type SecretSite } from "../../core/secrets/secret-site.ts";
import type { SecretUse } from "../secret-uses.ts";

/** A key to the gateway must not be a key to a provider: whoever gets the one would have the other. */
export function checkSecretRoles({ apiKeys }: CompiledConfig, uses: readonly SecretUse[], findings: Findings): void {
  const sent = new Map(uses.flatMap((use) => (use.site === null ? [] : [[use.secret, use.usedBy[0] ?? ""] as const])));
  apiKeys.forEach((name, index) => {
    const place = sent.get(name);
    if (place === undefined) return;
    findings.wrong(
      ["auth", "api_keys", index],
      `env::${name} is also sent to a provider by ${place}; callers' keys and providers' keys must differ`,
    );
  });
}

/** A published configuration may send secrets only where the deployed one does, so that whoever may publish cannot send them elsewhere. */
export function checkPins(uses: readonly SecretUse[], pins: readonly SecretUse[], findings: Findings): void {
  const unpinned = uses.flatMap((use) => {
    const fault = use.site === null ? undefined : pinFault(use.secret, use.site, pins);
    return fault === undefined ? [] : use.usedBy.map((place) => ({ place, message: `would send env::${use.secret} to ${fault}` }));
  });
  // A key that goes to a new address is told of once, however many places it has there.
  const told = new Map(unpinned.map(({ place, message }) => [`${place} ${message}`, { place, message }]));
  for (const { place, message } of told.values()) findings.wrong(placeOf(place), message);
}

/** What is new about where a secret goes; `undefined`: the deployed file sends it there, or the address is refused and has no origin to speak of. */
function pinFault(secret: string, site: SecretSite, pins: readonly SecretUse[]): string | undefined {
  const { origin } = site;
  const known = pins.flatMap((pin) => (pin.secret === secret && pin.site?.origin === origin ? [pin.site] : []));
  if (origin === "" || known.some((pin) => isSameSite(pin, site))) return undefined;
  if (known.length === 0) return `${origin}, which the deployed routes.toml does not; a new pair of secret and address needs a deploy`;
  const places = known.map(placeText).join(" and ");
  return `${origin} in ${placeText(site)}; the deployed routes.toml sends it in ${places} only, and a new place needs a deploy`;
}

/** `providers.openai` as a path: the name after the first dot may hold dots itself. */
function placeOf(usedBy: string): KeyPath {
  const dot = usedBy.indexOf(".");
  return [usedBy.slice(0, dot), usedBy.slice(dot + 1)];
}
