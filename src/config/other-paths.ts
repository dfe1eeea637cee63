import { PROVIDER_TYPES } from "../providers/index.ts";

const BEGINNINGS: ReadonlySet<string> = new Set([...PROVIDER_TYPES.values()].flatMap(({ others }) => others ?? []));

/** Whether some type of provider has a path, by one of its beginnings, that names no model (`ProviderType.others`). */
export function isOtherPath(isBelow: (beginning: string) => boolean): boolean {
  return [...BEGINNINGS].some(isBelow);
}
