import * as z from "zod/mini";
import { type IssuedKey, KEY_SCOPES } from "../../core/governance/issued-key.ts";

/** Where KV holds the record of an issued key. A key's id was never asked for before it was made, so no location remembers that it is missing. */
export function recordKey(project: string, id: string): string {
  return `key:${project}:${id}`;
}

const time = z.nullable(z.int());

const recordSchema = z.object({
  id: z.string(),
  rev: z.int(),
  name: z.string(),
  plan: z.nullable(z.string()),
  team: z.nullable(z.string()),
  owner: z.nullable(z.string()),
  metadata: z.record(z.string(), z.string()),
  scopes: z.array(z.enum(KEY_SCOPES)),
  limits: z.record(z.string(), z.number()),
  createdAtMs: z.int(),
  changedAtMs: z.int(),
  expiresAtMs: time,
  revokedAtMs: time,
  secrets: z.array(z.object({ digest: z.string(), endsAtMs: time })),
});

/** A record as KV and the governor's SQLite hold it: without a secret, which it knows by its digest. */
export function writeRecord(key: IssuedKey): string {
  return JSON.stringify(key);
}

/** What a record says; `undefined`: it is none that this Worker understands, so it opens nothing. */
export function readRecord(text: string): IssuedKey | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return recordSchema.safeParse(value).data;
}
