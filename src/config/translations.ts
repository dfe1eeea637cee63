import type { Translation } from "../core/translation.ts";
import type { Dialect, UpstreamDialect } from "../dialects/dialect.ts";
import { DIALECTS, UPSTREAM_DIALECTS } from "../dialects/index.ts";
import { translationOf } from "../dialects/translation.ts";
import { ENDPOINTS, UPSTREAM_ENDPOINTS } from "../endpoints/index.ts";

const byPath: ReadonlyMap<string, UpstreamDialect> = new Map([...UPSTREAM_DIALECTS.values()].map((dialect) => [dialect.path, dialect]));

/** Made once for each pair: whatever holds one holds the same. */
const made = new Map<string, Translation>();

/** How calls are put to an upstream that does not speak their path. */
export interface TranslatedPath {
  /** As its callers name it. */
  readonly called: string;
  /** As `speaks` names it. */
  readonly spoken: string;
  readonly translation: Translation;
}

/** The paths that an upstream can be asked at in its own dialect though it does not speak them. */
export function translatedPaths(speaks: readonly string[]): readonly TranslatedPath[] {
  const to = speaks.map((path) => byPath.get(path)).find((dialect) => dialect !== undefined);
  if (to === undefined) return [];
  return [...DIALECTS.values()].flatMap((from) => {
    if (speaks.includes(from.path) || !ENDPOINTS.has(from.path)) return [];
    const translation = between(from, to);
    return translation === undefined ? [] : [{ called: from.path, spoken: to.path, translation }];
  });
}

/** Every path on which calls reach an upstream, translated or not. */
export function pathsReached({ speaks, translate }: { readonly speaks: readonly string[]; readonly translate?: false }): readonly string[] {
  return translate === false ? speaks : [...speaks, ...translatedPaths(speaks).map(({ called }) => called)];
}

function between(from: Dialect, to: UpstreamDialect): Translation | undefined {
  const key = `${from.id}>${to.id}`;
  const judge = UPSTREAM_ENDPOINTS.get(to.path);
  const translation = made.get(key) ?? (judge === undefined ? undefined : translationOf(from, to, judge));
  if (translation !== undefined) made.set(key, translation);
  return translation;
}
