import type { Env } from "./env.ts";

/** Where a project's objects are kept, by `[traces].jurisdiction`; `null`: wherever they were first asked for. */
export type Jurisdiction = "eu" | "us" | null;

/** The objects of one jurisdiction. Local workerd has none and throws when asked for one, so `to11 dev` does without. */
export function within<T extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<T>,
  env: Env,
  jurisdiction: Jurisdiction,
): DurableObjectNamespace<T> {
  return jurisdiction === null || env.TO11_DEV !== undefined ? namespace : namespace.jurisdiction(jurisdiction);
}
