import * as z from "zod/mini";
import { type ConfigPointer, needsPulse } from "../../core/governance/pulse.ts";
import type { Env } from "../env.ts";
import type { Jurisdiction } from "../jurisdiction.ts";
import { governorAt } from "./governor-place.ts";

/**
 * Tells the governors that isolates ask which serve one of these documents, so that they hear of a publication with their next pulse: to be called once KV
 * has its document, which who hears of it reads. Of a project that needs no governor nobody is called. Whether they know now; never rejects.
 */
export async function tellGovernors(
  env: Env,
  { project, ...pointer }: ConfigPointer & { readonly project: string },
  documents: readonly string[],
): Promise<boolean> {
  try {
    for (const jurisdiction of new Set(documents.flatMap(askedWith))) await governorAt(env, project, jurisdiction).noteConfig(pointer);
    return true;
  } catch (error) {
    console.error("a project's governor could not be told of a publication and will be", { project, ...pointer, error: String(error) });
    return false;
  }
}

const documentSchema = z.object({
  compiled: z.object({
    issued: z.optional(z.boolean()),
    traces: z.object({ jurisdiction: z.optional(z.enum(["eu", "us"])) }),
  }),
});

/** Where the governor is that isolates ask which serve this document; nowhere: they ask none. */
function askedWith(document: string): readonly Jurisdiction[] {
  const { data } = documentSchema.safeParse(document === "" ? undefined : JSON.parse(document));
  if (data === undefined || !needsPulse({ issued: data.compiled.issued === true })) return [];
  return [data.compiled.traces.jurisdiction ?? null];
}
