import type { SecretUse } from "../../config/secret-uses.ts";
import { isGatewayKey } from "../../core/secrets/gateway-key.ts";
import { isSendable, trimmedSecret } from "../../core/secrets/secret-fault.ts";
import type { Ports } from "../../gateway/ports.ts";

/** Secrets of the gateway itself: never a provider's credential, never a caller's key. `TO11_API_KEY` and other TO11_ names may be callers' keys. */
const OWN: ReadonlySet<string> = new Set(["TO11_ADMIN_KEY", "TO11_DEV", "TO11_SIMULATOR", "TO11_SIMULATE"]);

/** What stands in the place of a secret. */
const REDACTED = "[redacted]";

/** What a provider's credential may not be called. */
const OWN_PREFIX = "TO11_";

/**
 * The Worker's secrets, each given out for the origins only that the deployed configuration sends it to: a configuration published later, or written
 * into KV by hand, cannot send one elsewhere.
 */
export class Secrets {
  /** As they are sent. */
  readonly #values: ReadonlyMap<string, string>;
  readonly #origins = new Map<string, Set<string>>();
  readonly #named: ReadonlySet<string>;
  #redacted: readonly string[] | undefined;

  /** `env`: the Worker's bindings; `uses`: those of the configuration bundled at deploy. */
  constructor(env: object, uses: readonly SecretUse[]) {
    this.#values = new Map(
      Object.entries(env)
        .map(([name, value]: [string, unknown]) => [name, typeof value === "string" ? trimmedSecret(value) : ""] as const)
        .filter(([, value]) => value !== ""),
    );
    this.#named = new Set(["TO11_ADMIN_KEY", ...uses.map(({ secret }) => secret)]);
    for (const { secret, origin } of uses) {
      if (origin === null) continue;
      const origins = this.#origins.get(secret) ?? new Set();
      this.#origins.set(secret, origins.add(origin));
    }
  }

  /** A credential, for a call to `origin`. */
  secret(name: string, origin: string): ReturnType<Ports["secret"]> {
    if (name.startsWith(OWN_PREFIX) || this.#origins.get(name)?.has(origin) !== true) return { fault: "not_allowed_there" };
    const value = this.#values.get(name);
    if (value === undefined) return { fault: "missing" };
    return isSendable(value) ? { value } : { fault: "malformed" };
  }

  /** The key that callers may use under this name; `undefined`: it is not set, or no key for callers. */
  gatewayKey(name: string): string | undefined {
    return OWN.has(name) ? undefined : this.#values.get(name);
  }

  /** A text without the values of secrets: those that the deployed configuration names, and every gateway key, whoever names it. JSON may have them escaped. */
  redact(text: string): string {
    this.#redacted ??= [...this.#values]
      .filter(([name, value]) => this.#named.has(name) || isGatewayKey(value))
      .flatMap(([, value]) => [value, JSON.stringify(value).slice(1, -1)])
      // The longest first: another secret may be a part of it.
      .toSorted((left, right) => right.length - left.length);
    return this.#redacted.reduce((clean, value) => clean.replaceAll(value, REDACTED), text);
  }

  isSet(name: string): boolean {
    return !OWN.has(name) && this.#values.has(name);
  }
}
