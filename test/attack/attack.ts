import { isDeepStrictEqual } from "node:util";
import type { Place } from "./place.ts";

/** One thing that an enemy does, and what the gateway promises about it. */
export interface Attack {
  readonly name: string;
  readonly promise: string;
  /** Where it is done. */
  readonly at: readonly Place["name"][];
  /** Does it. What of the promise is broken, in words; nothing: it held. */
  run(place: Place): Promise<readonly string[]>;
}

export const EVERYWHERE: Attack["at"] = ["deployed", "npm start"];

/** A breach where something is not as it has to be. */
export function unless(isHeld: boolean, breach: string): readonly string[] {
  return isHeld ? [] : [breach];
}

/** A breach where what was found is not exactly what was expected. */
export function unlike(what: string, found: unknown, expected: unknown): readonly string[] {
  return unless(isDeepStrictEqual(found, expected), `${what}: ${JSON.stringify(found)} in place of ${JSON.stringify(expected)}`);
}

/** All breaches of attempts that are made one after the other. */
export async function each<Case>(cases: readonly Case[], attempt: (one: Case) => Promise<readonly string[]>): Promise<readonly string[]> {
  const breaches: string[] = [];
  for (const one of cases) breaches.push(...(await attempt(one)));
  return breaches;
}
