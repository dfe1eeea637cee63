import { describe, expect, it } from "vitest";
import { deployedUrl, gzipKib, isUnknownWorker, secretNames } from "../../../../src/cli/wrangler/wrangler-output.ts";

// Worded as wrangler 4.155 words them.
const DEPLOYED = `
 ⛅️ wrangler 4.155.0
────────────────────
[custom build] Running: node src/cli/main.ts build
Total Upload: 310.22 KiB / gzip: 71.40 KiB
Worker Startup Time: 21 ms
Your Worker has access to the following bindings:
Binding                                   Resource
env.CONFIG (3c1d)                         KV Namespace

Uploaded to11 (4.51 sec)
Deployed to11 triggers (1.23 sec)
  https://to11.example.workers.dev
Current Version ID: 4d6f0a2e-0000-4000-8000-000000000000
`;

describe("what wrangler deploy printed", () => {
  it.each([
    { what: "workers.dev", output: DEPLOYED, url: "https://to11.example.workers.dev" },
    {
      what: "a custom domain before workers.dev",
      output: DEPLOYED.replace("  https://", "  ai.example.com (custom domain)\n  https://"),
      url: "https://ai.example.com",
    },
    {
      what: "a custom domain with its zone",
      output: "Deployed to11 triggers (1.23 sec)\n  ai.example.com (custom domain - zone name: example.com)\n",
      url: "https://ai.example.com",
    },
    {
      what: "colours around it",
      output: "  \u001b[32mhttps://to11.example.workers.dev\u001b[39m\n",
      url: "https://to11.example.workers.dev",
    },
    { what: "a pattern of a zone", output: "Deployed to11 triggers (1.23 sec)\n  example.com/api/* (zone name: example.com)\n", url: null },
    { what: "no target", output: "No targets deployed for to11 (1.23 sec)\n", url: null },
  ])("gives the address from $what", ({ output, url }) => {
    expect(deployedUrl(output)).toBe(url);
  });

  it("gives the size after gzip, coloured or not", () => {
    expect(gzipKib(DEPLOYED)).toBe(71.4);
    expect(gzipKib("Total Upload: \u001b[32m310.22 KiB / gzip: 71.40 KiB\u001b[39m")).toBe(71.4);
    expect(gzipKib("")).toBeNull();
  });
});

describe("what wrangler secret list printed", () => {
  it.each([
    { output: '[\n  {\n    "name": "OPENAI_API_KEY",\n    "type": "secret_text"\n  }\n]\n', names: ["OPENAI_API_KEY"] },
    { output: "[]\n", names: [] },
    { output: "", names: null },
    { output: "[oops", names: null },
  ])("gives $names", ({ output, names }) => {
    expect(secretNames(output)).toEqual(names);
  });

  it("tells a Worker that does not exist yet from other failures", () => {
    expect(
      isUnknownWorker('✘ [ERROR] Worker "to11" not found.\n\nIf this is a new Worker, run `wrangler deploy` first to create it.'),
    ).toBe(true);
    expect(isUnknownWorker("✘ [ERROR] You are not authenticated.")).toBe(false);
  });
});
