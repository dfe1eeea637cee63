import { unitOf } from "../../core/governance/limit.ts";
import type { Standing } from "./meters.ts";

/** An upstream's own word on how much it still takes, which is not what the caller may. */
export const RATE_HEADER = /ratelimit/;

/** How the caller's limits stand, in OpenAI's form: of requests and of tokens each the limit of which the least share remains. */
export function rateHeaders(standings: readonly Standing[], nowMs: number): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const unit of ["requests", "tokens"] as const) {
    const tightest = tightestOf(standings, unit, nowMs);
    if (tightest === undefined) continue;
    headers[`x-ratelimit-limit-${unit}`] = String(tightest.max);
    headers[`x-ratelimit-remaining-${unit}`] = String(Math.max(0, Math.floor(tightest.left)));
    headers[`x-ratelimit-reset-${unit}`] = duration(tightest.resetMs);
  }
  return headers;
}

interface Tightest {
  readonly max: number;
  readonly left: number;
  readonly resetMs: number;
}

function tightestOf(standings: readonly Standing[], unit: "requests" | "tokens", nowMs: number): Tightest | undefined {
  let tightest: Tightest | undefined;
  for (const { counters, held, atMs } of standings) {
    for (const { name, max, left, refillPerMs, resetMs } of counters) {
      if (unitOf(name) !== unit) continue;
      // What comes back while nobody looks.
      const now = Math.min(max, left + (held[name] ?? 0) + refillPerMs * (nowMs - atMs));
      if (tightest !== undefined && now / max >= tightest.left / tightest.max) continue;
      tightest = { max, left: now, resetMs: refillPerMs > 0 ? (max - now) / refillPerMs : Math.max(0, (resetMs ?? 0) - (nowMs - atMs)) };
    }
  }
  return tightest;
}

/** `6m0s`, as OpenAI writes it: https://platform.openai.com/docs/guides/rate-limits. */
function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000 - 1e-6);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const tail = `${seconds % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${tail}`;
  return minutes > 0 ? `${minutes}m${tail}` : tail;
}
