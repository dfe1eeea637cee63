import * as z from "zod/mini";

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
