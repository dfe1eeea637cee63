import type { SecretUse } from "../../config/secret-uses.ts";
import { isGatewayKey } from "../../core/secrets/gateway-key.ts";
import { isSendable, trimmedSecret } from "../../core/secrets/secret-fault.ts";
import { partsOf } from "../../core/secrets/secret-forms.ts";
import { SecretSearch } from "../../core/secrets/secret-search.ts";
import { isSameSite, type SecretSite } from "../../core/secrets/secret-site.ts";
import type { Ports } from "../../gateway/ports.ts";

/** Secrets of the gateway itself: never a provider's credential, never a caller's key. `TO11_API_KEY` and other TO11_ names may be callers' keys. */
const OWN: ReadonlySet<string> = new Set(["TO11_ADMIN_KEY", "TO11_DEV", "TO11_SIMULATOR", "TO11_SIMULATE"]);

/** What `to11 dev` tells the gateway it runs: no secrets. */
const LOCAL: ReadonlySet<string> = new Set(["TO11_DEV", "TO11_SIMULATOR", "TO11_SIMULATE"]);

/** What a provider's credential may not be called. */
const OWN_PREFIX = "TO11_";

/**
 * The Worker's secrets, each given out for the places only that the deployed configuration sends it to: a configuration published later, or written into KV
 * by hand, cannot send one elsewhere. And the one home of the search for them in all else that leaves the gateway.
 */
export class Secrets {
  /** As they are sent. */
  readonly #values: ReadonlyMap<string, string>;
  readonly #sites = new Map<string, SecretSite[]>();
  readonly #named: ReadonlySet<string>;
  #used: SecretSearch | undefined;
  #all: ReadonlySet<string> | undefined;

  /** `env`: the Worker's bindings; `uses`: those of the configuration bundled at deploy. */
  constructor(env: object, uses: readonly SecretUse[]) {
    this.#values = new Map(
      Object.entries(env)
        .map(([name, value]: [string, unknown]) => [name, typeof value === "string" ? trimmedSecret(value) : ""] as const)
        .filter(([, value]) => value !== ""),
    );
    this.#named = new Set(["TO11_ADMIN_KEY", ...uses.map(({ secret }) => secret)]);
    for (const { secret, site } of uses) {
      if (site !== null) this.#sites.set(secret, [...(this.#sites.get(secret) ?? []), site]);
    }
  }

  /** A credential, for a call that sends it there. */
  secret(name: string, site: SecretSite): ReturnType<Ports["secret"]> {
    const isAllowed = this.#sites.get(name)?.some((allowed) => isSameSite(allowed, site)) === true;
    if (name.startsWith(OWN_PREFIX) || !isAllowed) return { fault: "not_allowed_there" };
    const value = this.#values.get(name);
    if (value === undefined) return { fault: "missing" };
    return isSendable(value) ? { value } : { fault: "malformed" };
  }

  /** The key that callers may use under this name; `undefined`: it is not set, or no key for callers. */
  gatewayKey(name: string): string | undefined {
    return OWN.has(name) ? undefined : this.#values.get(name);
  }

  /** A text without the secrets that the deployed configuration names, TO11_ADMIN_KEY and every gateway key, in whatever writing. */
  redact(text: string): string {
    return this.#search().redact(text);
  }

  /** The same of bytes; all others stay as they are. */
  redactBytes(bytes: Uint8Array): Uint8Array {
    return this.#search().redactBytes(bytes);
  }

  /** Whether a value is a secret of the Worker's, whoever names it, or holds one of those that are redacted. */
  areIn(value: string): boolean {
    this.#all ??= new Set([...this.#values].flatMap(([name, secret]) => (LOCAL.has(name) ? [] : partsOf(secret))));
    if (this.#all.has(value) || this.#search().isIn(value)) return true;
    return value.includes(" ") && partsOf(value).some((part) => this.#all?.has(part));
  }

  #search(): SecretSearch {
    this.#used ??= new SecretSearch(
      [...this.#values].flatMap(([name, value]) => (this.#named.has(name) || isGatewayKey(value) ? [value] : [])),
    );
    return this.#used;
  }

  isSet(name: string): boolean {
    return !OWN.has(name) && this.#values.has(name);
  }
}
