import type { Env } from "../env.ts";
import { type Jurisdiction, within } from "../jurisdiction.ts";
import type { Governor } from "./governor.ts";

/** The governor of a project. It is where its traces are. */
export function governorAt(env: Env, project: string, jurisdiction: Jurisdiction): DurableObjectStub<Governor> {
  return within(env.GOVERNOR, env, jurisdiction).getByName(project);
}
