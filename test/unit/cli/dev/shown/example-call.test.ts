import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exampleCall, type ExampleCall } from "../../../../../src/cli/dev/shown/example-call.ts";
import { compiled, TWO_PROVIDERS } from "../../compiled-file.ts";

const KEY = `to11_${"Aa0_-".repeat(6)}`;
const PROVIDER = '[providers.openai]\nbase_url = "https://api.openai.com/v1"\nmodels = ["*", "gpt-4o"]\n';
const EMBEDDING = '[targets.embedder]\nmodel = "gpt-4o"\n[routes.vectors]\nendpoint = "embeddings"\ntargets = ["embedder"]\n';

function call(toml: string, more: Partial<ExampleCall> = {}): string | null {
  return exampleCall({ compiled: compiled(toml), url: "http://localhost:4000", gatewayKey: null, simulated: new Set(), ...more });
}

/** What a shell gives curl. */
function inShell(command: string, cwd: string, environment: Record<string, string> = {}): string[] {
  const script = command.replace(/^curl /, "printf '%s\\n' ");
  return execFileSync("sh", ["-c", script], { cwd, env: { PATH: process.env["PATH"], ...environment }, encoding: "utf8" })
    .trim()
    .split("\n");
}

describe("a call to paste", () => {
  it.each([
    { what: "a model that a route covers", toml: TWO_PROVIDERS, path: "/v1/chat/completions", model: "gpt-4o" },
    {
      what: "a function where no route covers one",
      toml: `${PROVIDER}[functions.ask]\nmodels = ["gpt-4o"]\n`,
      path: "/v1/chat/completions",
      model: "function::ask",
    },
    {
      what: "a model that is called in other words than the caller's",
      toml: `[providers.gemini]\nmodels = ["gemini-3-flash"]\n[targets.main]\nmodel = "gemini-3-flash"\n`,
      path: "/v1/chat/completions",
      model: "gemini-3-flash",
    },
    { what: "another kind where nothing answers chats", toml: `${PROVIDER}${EMBEDDING}`, path: "/v1/embeddings", model: "route::vectors" },
    {
      what: "a model that passes through to a provider without a key",
      toml: `${PROVIDER}auth_type = "none"\n`,
      path: "/v1/chat/completions",
      model: "gpt-4o",
    },
  ])("asks for $what", ({ toml, path, model }) => {
    const [url, ...rest] = inShell(call(toml) ?? "", ".");
    expect(url).toBe(`http://localhost:4000${path}`);
    expect(JSON.parse(rest.at(-1) ?? "")).toMatchObject({ model });
  });

  it("is none where callers must bring a key of their own, and one where the simulator stands in", () => {
    expect(call(PROVIDER)).toBeNull();
    expect(call(PROVIDER, { simulated: new Set(["openai"]) })).toContain('"model":"gpt-4o"');
  });

  it("has the gateway key from the shell, or from the env file, and never shows it", () => {
    const cwd = mkdtempSync(join(tmpdir(), "to11-"));
    const fromShell = call(TWO_PROVIDERS, { gatewayKey: { name: "TO11_API_KEY", envFile: undefined } }) ?? "";
    expect(inShell(fromShell, cwd, { TO11_API_KEY: KEY })).toContain(`x-to11-authorization: Bearer ${KEY}`);
    const envFile = "it's mine.env";
    const fromFile = call(TWO_PROVIDERS, { gatewayKey: { name: "TO11_API_KEY", envFile } }) ?? "";
    for (const line of [`TO11_API_KEY="${KEY}"`, `TO11_API_KEY=${KEY}`, `export TO11_API_KEY = '${KEY}' # mine`]) {
      writeFileSync(join(cwd, envFile), `# TO11_API_KEY=to11_old\nOTHER_TO11_API_KEY=to11_other\n${line}\n`);
      expect(inShell(fromFile, cwd), line).toContain(`x-to11-authorization: Bearer ${KEY}`);
    }
    expect(fromShell + fromFile).not.toContain(KEY);
  });
});
