import type { Simulator } from "../gateway/ports.ts";
import type { Env } from "./env.ts";

/** The simulator that `to11 dev` has started; `undefined`: there is none. */
export function simulatorOf({ TO11_DEV, TO11_SIMULATOR, TO11_SIMULATE = "" }: Env): Simulator | undefined {
  if (TO11_DEV === undefined || TO11_SIMULATOR === undefined) return undefined;
  return { url: TO11_SIMULATOR, providers: new Set(TO11_SIMULATE.split(",")) };
}
