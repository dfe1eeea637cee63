import type { IssuedKey, KeyChange, KeyPower, KeySettings } from "./issued-key.ts";

/** Who gives an order: a key with the scope `keys`, or, `null`, an operator, who may give everything. */
export type OrderedBy = KeyPower | null;

/** What is to be done with a project's keys. The secret itself never comes along. */
export type KeyOrder =
  | { readonly kind: "create"; readonly id: string; readonly digest: string; readonly settings: KeySettings }
  | { readonly kind: "change"; readonly id: string; readonly change: KeyChange }
  | { readonly kind: "rotate"; readonly id: string; readonly digest: string; readonly overlapMs: number }
  | { readonly kind: "revoke"; readonly id: string };

/** What came of it. */
export type KeyOutcome = { readonly kind: "done"; readonly key: IssuedKey } | { readonly kind: KeyFault };

/** `taken`: another key has the id that was drawn. `beyond_power`: whoever gave the order has not what it would give. */
export type KeyFault = "unknown_key" | "revoked" | "taken" | "beyond_power";

/** Where a list of keys goes on: the last one told. */
export interface KeyCursor {
  readonly createdAtMs: number;
  readonly id: string;
}
