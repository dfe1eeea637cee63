import type { Dialect, DialectId, UpstreamDialect } from "./dialect.ts";

/** The dialects that callers speak, and upstreams. A new one is a folder and a line here. */
export const DIALECTS: ReadonlyMap<DialectId, Dialect> = new Map<DialectId, Dialect>(
  ([] as readonly Dialect[]).map((dialect) => [dialect.id, dialect]),
);

/** The dialects that upstreams speak: those, and the ones that no caller does. */
export const UPSTREAM_DIALECTS: ReadonlyMap<DialectId, UpstreamDialect> = new Map<DialectId, UpstreamDialect>([
  ...DIALECTS,
  ...([] as readonly UpstreamDialect[]).map((dialect) => [dialect.id, dialect] as const),
]);
