import type { TraceRecord } from "../../src/core/trace/trace-record.ts";
import type { FaultyUpstream } from "../support/faulty-upstream.ts";
import { brokenLaws } from "../support/laws.ts";
import type { Driven } from "./drive.ts";

/** How many requests ended how. The last three must be none. */
export interface Tally {
  whole: number;
  honestErrors: number;
  truncatedAndSaid: number;
  rescued: number;
  callersGone: number;
  /** Reset so early that the system forgot the request before the gateway had read it: nobody can know of it. */
  neverArrived: number;
  wrong: number;
  hung: number;
  notTracedOnce: number;
  /** Of those that are wrong: what was done, and which law it breaks. */
  readonly stories: string[];
}

/** Counts what became of requests, each against its own trace and what its upstreams did. */
export function tallyOf(driven: readonly Driven[], traces: ReadonlyMap<string, readonly TraceRecord[]>, upstream: FaultyUpstream): Tally {
  const tally: Tally = {
    whole: 0,
    honestErrors: 0,
    truncatedAndSaid: 0,
    rescued: 0,
    callersGone: 0,
    neverArrived: 0,
    wrong: 0,
    hung: 0,
    notTracedOnce: 0,
    stories: [],
  };
  for (const { planned, end } of driven) {
    const { route, stream, user } = planned;
    const acted = upstream.take(user);
    const [trace, ...others] = traces.get(user) ?? [];
    const story = `${user} ${route.model}${stream ? " (stream)" : ""}: ${acted.map((call) => `${call.provider} ${call.act.name}@${call.act.at}/${call.act.status} ${call.ending ?? "open"}`).join(", ")}`;
    if (end === "hung") {
      tally.hung += 1;
      tally.stories.push(`${story}: hung`);
    }
    if (trace === undefined && acted.length === 0 && planned.leaving?.way === "reset") {
      tally.neverArrived += 1;
      continue;
    }
    if (trace === undefined || others.length > 0) {
      tally.notTracedOnce += 1;
      tally.stories.push(
        `${story}: ${others.length + (trace === undefined ? 0 : 1)} traces (${typeof end === "string" ? end : end.status})`,
      );
      continue;
    }
    if (end === "hung") continue;
    const broken = brokenLaws({ route, stream, acted, got: end === "left" ? undefined : end, trace });
    tally.stories.push(...broken.map((law) => `${story}: ${law}`));
    if (broken.length > 0) tally.wrong += 1;
    else tally[placeOf(end, trace)] += 1;
  }
  return tally;
}

function placeOf(
  end: Exclude<Driven["end"], "hung">,
  trace: TraceRecord,
): "whole" | "honestErrors" | "truncatedAndSaid" | "rescued" | "callersGone" {
  if (end === "left") return "callersGone";
  if (end.status >= 300) return "honestErrors";
  if (trace.outcome === "truncated") return "truncatedAndSaid";
  return trace.outcome === "rescued" ? "rescued" : "whole";
}
