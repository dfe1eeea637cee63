import type { IssuedKey } from "../core/governance/issued-key.ts";

/** What is known of a key that somebody presents. `unknown`: no such key, or not its secret. `unavailable`: nobody can say now. */
export type KeyFinding =
  | { readonly kind: "accepted"; readonly key: IssuedKey }
  | { readonly kind: "expired" | "revoked" | "unknown" | "unavailable" };
