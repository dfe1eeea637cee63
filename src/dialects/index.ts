import { chat } from "./chat/index.ts";
import type { Dialect, DialectId, UpstreamDialect } from "./dialect.ts";
import { gemini } from "./gemini/index.ts";
import { messages } from "./messages/index.ts";
import { responses } from "./responses/index.ts";

/** The dialects that callers speak, and upstreams. A new one is a folder and a line here. */
export const DIALECTS: ReadonlyMap<DialectId, Dialect> = new Map<DialectId, Dialect>(
  [chat, messages, responses].map((dialect) => [dialect.id, dialect]),
);

/** The dialects that upstreams speak: those, and the ones that no caller does. */
export const UPSTREAM_DIALECTS: ReadonlyMap<string, UpstreamDialect> = new Map<string, UpstreamDialect>([
  ...DIALECTS,
  ...[gemini].map((dialect) => [dialect.id, dialect] as const),
]);
