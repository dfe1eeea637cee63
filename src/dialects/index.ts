import type { Dialect, DialectId } from "./dialect.ts";

/** The dialects. A new one is a folder and a line here. */
export const DIALECTS: ReadonlyMap<DialectId, Dialect> = new Map<DialectId, Dialect>(
  ([] as readonly Dialect[]).map((dialect) => [dialect.id, dialect]),
);
