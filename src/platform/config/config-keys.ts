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

const pointerSchema = z.object({ version: z.string().check(z.regex(/^[0-9a-f]{64}$/)) });

/** `{"version":"…"}` */
export function writePointer(version: string): string {
  return JSON.stringify({ version } satisfies z.infer<typeof pointerSchema>);
}

/** The version that a pointer names; `undefined`: it is garbage. */
export function readPointer(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return pointerSchema.safeParse(value).data?.version;
}
