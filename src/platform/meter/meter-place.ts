import type { Env } from "../env.ts";
import { within } from "../jurisdiction.ts";
import type { MeterPlace } from "./meter-entry.ts";
import type { MeterObject } from "./meter-object.ts";

/** No subject is called so: what is counted there is which subjects there are. */
export const SUBJECTS = "subjects";

/** The object that counts a subject. */
export function meterAt(env: Env, { project, jurisdiction, subject }: MeterPlace): DurableObjectStub<MeterObject> {
  return within(env.METER, env, jurisdiction).getByName(`${project}/${subject}`);
}
