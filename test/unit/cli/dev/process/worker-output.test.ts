import { describe, expect, it } from "vitest";
import { workerLine } from "../../../../../src/cli/dev/process/worker-output.ts";

describe("a line of the gateway's process", () => {
  it.each([
    ["said by the Worker", "said by the Worker"],
    ["✘ [ERROR] logged as an error", "logged as an error"],
    ["\u001b[31m✘ \u001b[41;31m[\u001b[41;97mERROR\u001b[41;31m]\u001b[0m \u001b[1mlogged as an error\u001b[0m", "logged as an error"],
    ["▲ [WARNING] logged as a warning", "logged as a warning"],
    ["[wrangler:error] Error: boom", "Error: boom"],
    ["    at Object.fetch (worker.ts:2:1)", "    at Object.fetch (worker.ts:2:1)"],
  ])("of the Worker is kept, bare: %s", (raw, line) => {
    expect(workerLine(raw)).toBe(line);
  });

  it.each([
    "",
    " ⛅️ wrangler 4.155.0",
    "───────────────",
    "[custom build] Running: node src/cli/main.ts build",
    "The file src/worker.ts changed, restarting build...",
    "Using secrets defined in process.env",
    "Your Worker has access to the following bindings:",
    "Binding                                              Resource                  Mode",
    'env.OPENAI_API_KEY ("(hidden)")                      Environment Variable      local',
    "⎔ Starting local server...",
    "[wrangler:info] Ready on http://127.0.0.1:4000",
    "[wrangler:info] GET / 200 OK (250ms)",
    "e = rust/worker/ffi.rs:110: failed: failed to lookup address information: Name or service not known",
    "  stack: /somewhere/bin/workerd@34dcea9 /somewhere/bin/workerd@26b6840; sentryErrorContext = jsgInternalError",
  ])("of wrangler's chatter is dropped: %s", (raw) => {
    expect(workerLine(raw)).toBeNull();
  });
});
