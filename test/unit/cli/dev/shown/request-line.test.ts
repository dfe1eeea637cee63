import { expect, it } from "vitest";
import { requestLine } from "../../../../../src/cli/dev/shown/request-line.ts";

const TRACE = {
  id: "t",
  started_at: "2026-11-20T12:00:00.000Z",
  status: 200,
  outcome: "complete",
  duration_ms: 811.6,
  requested_model: "gpt-4o",
  provider: "openai",
  upstream_model: "gpt-4.1",
  target: "openai-next",
  strategy: "weighted",
  variant: null,
  attempts: [{}],
  usage: { input_tokens: 9, output_tokens: 10 },
};

it.each([
  [{}, "200  gpt-4o → openai/gpt-4.1 (openai-next)  812 ms  9+10 tokens"],
  [{ simulated: true, target: "gpt-4.1" }, "200  gpt-4o → openai/gpt-4.1  812 ms  9+10 tokens  simulated"],
  [{ attempts: [{}, {}, {}] }, "200  gpt-4o → openai/gpt-4.1 (openai-next), 3 attempts  812 ms  9+10 tokens"],
  [
    {
      status: 404,
      outcome: "rejected",
      error_code: "unknown_model",
      provider: null,
      target: null,
      usage: { input_tokens: null, output_tokens: null },
    },
    "404  gpt-4o → nobody  812 ms  unknown_model",
  ],
  [
    { outcome: "truncated", usage: { input_tokens: null, output_tokens: 3 } },
    "200  gpt-4o → openai/gpt-4.1 (openai-next)  812 ms  ?+3 tokens  truncated",
  ],
  [{ outcome: "rescued", requested_model: null }, "200  ? → openai/gpt-4.1 (openai-next)  812 ms  9+10 tokens  rescued"],
])("a request is one line: %j", (more, line) => {
  const [clock, ...rest] = requestLine({ ...TRACE, ...more }).split("  ");
  expect(clock).toBe(new Date(TRACE.started_at).toTimeString().slice(0, 8));
  expect(rest.join("  ")).toBe(line);
});
