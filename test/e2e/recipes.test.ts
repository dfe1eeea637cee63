import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../src/config/compile.ts";
import { formatProblem } from "../../src/config/file/problem.ts";
import type { TraceRecord } from "../../src/core/trace/trace-record.ts";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";
import { rawCall } from "../support/raw-call.ts";
import { runTo11 } from "./to11-process.ts";

const ROOT = join(import.meta.dirname, "../..");
const RECIPES = readFileSync(join(ROOT, "docs/recipes.md"), "utf8");

/** The fenced blocks under a heading that say this language. What is plain TOML compiles, as everywhere in the documentation: see readme.test.ts. */
function blocks(heading: string, language: string): readonly string[] {
  const section = RECIPES.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^```([^\n]*)\n([^]*?)^```$/gm)].flatMap(([, info, text]) => (info === language ? [text ?? ""] : []));
}

/** What the pattern's group stands for, anywhere in the recipes, each once. */
function named(pattern: RegExp): readonly string[] {
  return [...new Set([...RECIPES.matchAll(pattern)].map(([, name = ""]) => name))];
}

const messages = [{ role: "user", content: "Hello" }];
const JSON_TYPE = { "content-type": "application/json" };

describe("an agent as its recipe says", () => {
  let gateway: DevGateway;

  beforeAll(async () => {
    const [claude = ""] = blocks("Claude Code", "toml");
    const [codex = ""] = blocks("Codex", "toml");
    // Both in one file: the keys of the first are those of the second.
    gateway = await startDevGateway(`${claude}\n${codex.slice(codex.indexOf("[providers.openai]"))}`);
  });
  afterAll(async () => {
    await gateway?.end();
  });

  const traceOf = async (response: Response): Promise<TraceRecord> => {
    const path = `${gateway.url}/api/traces/${response.headers.get("x-to11-request-id")}`;
    await expect.poll(async () => (await fetch(path)).status, { timeout: 5_000 }).toBe(200);
    return (await (await fetch(path)).json()) as TraceRecord;
  };

  test("Claude Code is answered at its base URL without /v1, with what it sends beside the body", async () => {
    const [variables = ""] = blocks("Claude Code", "sh");
    expect(variables).toMatch(/ANTHROPIC_BASE_URL=https:\/\/[^/\s]+ /);
    const response = await fetch(`${gateway.url}/v1/messages?beta=true`, {
      method: "POST",
      headers: {
        ...JSON_TYPE,
        authorization: "Bearer local",
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "claude-code-20250219",
        "user-agent": "claude-cli/2.1.105 (external, cli)",
        "x-claude-code-session-id": "session-1",
      },
      body: JSON.stringify({ model: "claude-sonnet-4-6", max_tokens: 20, stream: true, messages }),
    });
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining("event: message_stop")]);
    expect(await traceOf(response)).toMatchObject({ provider: "anthropic", client: "claude-code/2.1", session_id: "session-1" });
  });

  test("Codex is told to go on by POST, and does, at the base URL of its file", async () => {
    const [config = ""] = blocks("Codex", "toml codex");
    const { model, model_providers: providers } = parse(config) as { model: string; model_providers: { to11: { base_url: string } } };
    const path = `${new URL(providers.to11.base_url).pathname}/responses`;
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    expect((await rawCall(gateway.url + path, { headers })).status).toBe(426);
    const body = JSON.stringify({ model, stream: true, input: [{ role: "user", content: "Hello" }] });
    const response = await fetch(gateway.url + path, {
      method: "POST",
      headers: { ...JSON_TYPE, "user-agent": "codex_cli_rs/0.50.0" },
      body,
    });
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining("event: response.completed")]);
    expect(await traceOf(response)).toMatchObject({ provider: "openai", client: "codex/0.50" });
  });
});

describe("what else a recipe holds", () => {
  test("a model on this machine compiles as `to11 dev` reads it", () => {
    const [toml = ""] = blocks("Gemini, Groq, Azure, Bedrock, Ollama", "toml local");
    const result = compile(toml, { localDevelopment: true });
    expect(result.ok ? [] : result.error.map((problem) => formatProblem(problem, "routes.toml"))).toEqual([]);
  });

  test("wrangler.toml, with what it says of placement, is still one that wrangler takes", () => {
    const [toml = ""] = blocks("A provider that refuses the region", "toml wrangler");
    const shipped = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
    expect(parse(`${shipped}\n${toml}`)).toHaveProperty("placement", { region: "aws:us-east-1" });
    expect(shipped).toContain(toml.trim().split("\n").map((line) => `# ${line}`).join("\n")); // prettier-ignore
  });

  test.each(named(/npx to11 ([a-z]+)/g))("`to11 %s` exists", async (name) => {
    const { code } = await runTo11([name, "--help"], { cwd: ROOT });
    expect(code).toBe(0);
  });

  test.each(named(/--by ([a-z]+)/g))("usage is told --by %s", async (by) => {
    const { output } = await runTo11(["usage", "--by", by, "--url", "http://127.0.0.1:9"], { cwd: ROOT });
    expect(output).not.toMatch(/--by/);
  });
});
