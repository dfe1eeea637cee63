import type { ShownTrace } from "../../control/shown-trace.ts";
import { formatTable } from "../../terminal/table.ts";
import { type Format, paint } from "../../terminal/terminal.ts";

/** A request as one line: when it came, status, model → target, ms, tokens. `12:00:03  200  gpt-4o → openai/gpt-4o (openai-main)  812 ms  9+10 tokens` */
export function requestLine(trace: ShownTrace): string {
  const { started_at, status, outcome, duration_ms, requested_model, provider, upstream_model, target, attempts, usage } = trace;
  const served = provider === null ? "nobody" : `${provider}/${upstream_model ?? "?"}`;
  const called = target === null || target === upstream_model ? "" : ` (${target})`;
  const tries = attempts.length > 1 ? `, ${attempts.length} attempts` : "";
  const { input_tokens: input, output_tokens: output } = usage;
  const cells = [
    `${requested_model ?? "?"} → ${served}${called}${tries}`,
    `${Math.round(duration_ms)} ms`,
    ...(input === null && output === null ? [] : [`${input ?? "?"}+${output ?? "?"} tokens`]),
    ...(outcome === "complete" ? [] : [trace.error_code ?? outcome]),
    ...(trace.simulated === true ? ["simulated"] : []),
  ];
  return [clock(started_at), paint(colourOf(trace), String(status)), ...formatTable([cells])].join("  ");
}

function colourOf({ status, outcome }: ShownTrace): Format {
  if (status >= 500 || outcome === "truncated") return "red";
  return status >= 400 || outcome === "client_closed" ? "yellow" : "green";
}

/** The time of day where this runs: `12:00:03`. */
function clock(time: string): string {
  return new Date(time).toTimeString().slice(0, "12:00:03".length);
}
