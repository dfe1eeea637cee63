import * as z from "zod/mini";
import { KEY_SCOPES } from "../../core/governance/issued-key.ts";

// What the control API gives of keys and limits; see contract.ts.

/** One issued key, without its secret. Times in ISO 8601. */
export const keySchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(["active", "expired", "revoked"]),
  /** `[plans.NAME]`; `null`: none, everything may be asked for. */
  plan: z.nullable(z.string()),
  team: z.nullable(z.string()),
  owner: z.nullable(z.string()),
  /** Stands in the traces of its calls, each name with `key.` before it. */
  metadata: z.record(z.string(), z.string()),
  scopes: z.array(z.enum(KEY_SCOPES)),
  /** By the names that limits have in routes.toml. */
  limits: z.record(z.string(), z.number()),
  created_at: z.string(),
  changed_at: z.string(),
  expires_at: z.nullable(z.string()),
  revoked_at: z.nullable(z.string()),
  /** Until when the secret before the last rotation works too; `null`: it does not. */
  overlap_until: z.nullable(z.string()),
});

/** `POST /api/keys` and `POST /api/keys/{id}/rotate`: the only time that the secret is told. */
export const keyWithSecretSchema = z.extend(keySchema, { secret: z.string() });

/** `GET /api/keys`, the newest first. */
export const keysSchema = z.object({
  keys: z.array(keySchema),
  /** `null`: nothing older. */
  next_cursor: z.nullable(z.string()),
});

/** `GET /api/limits`. Amounts in requests, tokens, calls, or USD. */
export const limitsSchema = z.object({
  limits: z.array(
    z.object({
      /** `"project"`, or its kind and name: `"key/TO11_API_KEY"`, `"account/openai"`. */
      subject: z.string(),
      /** As routes.toml names it: `"usd_per_month"`. */
      limit: z.string(),
      /** Used and known. Of a minute or an hour what has not come back yet. */
      spent: z.number(),
      /** For calls under way. */
      reserved: z.number(),
      max: z.number(),
      /** Below 0 where calls used more than was thought. */
      left: z.number(),
      /** When it is whole again, ISO 8601; `null`: it comes back call by call. */
      resets_at: z.nullable(z.string()),
    }),
  ),
});
