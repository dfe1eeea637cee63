import * as z from "zod/mini";

/** Where KV holds one version of a project's document. Never changes once written. */
export function documentKey(project: string, version: string): string {
  return `config:${project}:${version}`;
}

/** What every pointer's key begins with. */
export const POINTER_PREFIX = "pointer:";

/** Where KV says which version of a project serves. */
export function pointerKey(project: string): string {
  return POINTER_PREFIX + project;
}

/** What serves a project, and since when. */
export interface Pointer {
  readonly version: string;
  /** ms since the epoch, later than of any publication before; `null`: an earlier version of the gateway wrote it, which did not say. */
  readonly publishedAtMs: number | null;
}

const pointerSchema = z.object({
  version: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  published_at: z.optional(z.int()),
});

/** `{"version":"…","published_at":1763640000000}` */
export function writePointer(version: string, publishedAtMs: number): string {
  return JSON.stringify({ version, published_at: publishedAtMs } satisfies z.infer<typeof pointerSchema>);
}

/** What a pointer says; `undefined`: it is garbage. */
export function readPointer(text: string): Pointer | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = pointerSchema.safeParse(value);
  return data && { version: data.version, publishedAtMs: data.published_at ?? null };
}
