import * as z from "zod/mini";
import { KEY_SCOPES } from "../../core/governance/issued-key.ts";
import { LIMIT_NAMES } from "../../core/governance/limit.ts";
import { bearsGatewayKey } from "../../core/secrets/gateway-key.ts";
import { momentMs } from "../../core/trace/trace-filter.ts";

/** `POST /api/config/rollback`; the version may be shortened to 8 or more digits. */
export const rollbackRequestSchema = z.strictObject({ version: z.string().check(z.regex(/^[0-9a-f]{8,64}$/)) });

/** `POST /api/explain`. */
export const explainRequestSchema = z.strictObject({
  model: z.string().check(z.minLength(1)),
  path: z._default(z.string(), "/v1/chat/completions"),
  headers: z.optional(z.record(z.string(), z.string())),
});

/** `POST /api/session`: sign-in. The cookie is the answer; the key is never stored. */
export const sessionRequestSchema = z.strictObject({ key: z.string() });

/** Characters of a name or label at most, and no line breaks: they stand in tables, traces and messages. */
const LABEL = /^[^\p{Cc}]{1,128}$/u;

/** Entries of a key's metadata at most. */
const METADATA_ENTRIES = 16;

/** No key stands in what is shown and traced, by mistake least of all. */
const label = z.string().check(
  z.regex(LABEL),
  z.refine((text) => !bearsGatewayKey(text)),
);

const limitName = z.string().check(z.refine((name) => LIMIT_NAMES.some((known) => known === name)));

const keySettings = {
  plan: z.optional(z.nullable(label)),
  team: z.optional(z.nullable(label)),
  owner: z.optional(z.nullable(label)),
  metadata: z.optional(z.record(label, label).check(z.refine((metadata) => Object.keys(metadata).length <= METADATA_ENTRIES))),
  scopes: z.optional(z.array(z.enum(KEY_SCOPES)).check(z.minLength(1))),
  /** ISO 8601. */
  expires_at: z.optional(z.nullable(z.string().check(z.refine((text) => !Number.isNaN(momentMs(text)))))),
  limits: z.optional(z.record(limitName, z.number().check(z.gt(0)))),
};

/** `POST /api/keys`: a name at least. */
export const newKeySchema = z.strictObject({ name: label, ...keySettings });

/** `PATCH /api/keys/{id}`: what is left out stays; `null` takes away. */
export const keyChangeSchema = z.strictObject({ name: z.optional(label), ...keySettings });

/** The longest overlap of two secrets, ms: 30 days. */
const LONGEST_OVERLAP_MS = 30 * 86_400_000;

/** `POST /api/keys/{id}/rotate`: how long the secret before works on, ms; left out: a day. */
export const rotateRequestSchema = z.strictObject({
  overlap_ms: z._default(z.int().check(z.minimum(0), z.maximum(LONGEST_OVERLAP_MS)), 86_400_000),
});

/** `POST /api/keys/{id}/revoke`: there is nothing to say. */
export const revokeRequestSchema = z.strictObject({});
