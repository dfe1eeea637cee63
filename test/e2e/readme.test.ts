import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { credentialsOf, gatewayKeysOf } from "../../src/cli/needed-secrets.ts";
import { compile } from "../../src/config/compile.ts";
import { formatProblem } from "../../src/config/file/problem.ts";
import type { TraceRecord } from "../../src/core/trace/trace-record.ts";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";
import { runTo11 } from "./to11-process.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const SHIPPED = readFileSync(join(ROOT, "routes.toml"), "utf8");

/** README.md and all of docs, by their path from the root. */
const PAGES = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => join("docs", path)),
];

const read = (page: string): string => readFileSync(join(ROOT, page), "utf8");

/** The fenced blocks that say no more than this language. */
function blocks(page: string, language: string): string[] {
  return [...read(page).matchAll(/^```([^\n]*)\n([^]*?)^```$/gm)].flatMap(([, info, text]) => (info === language ? [text ?? ""] : []));
}

const prose = (page: string): string => read(page).replaceAll(/^```[^]*?^```$/gm, "");

describe("the examples of routes.toml", () => {
  const examples = PAGES.flatMap((page) => blocks(page, "toml").map((toml, index) => ({ place: `${page}, number ${index + 1}`, toml })));

  test("are there", () => {
    expect(examples.length).toBeGreaterThanOrEqual(5);
  });

  test.each(examples)("compile: $place", ({ toml }) => {
    const compiled = compile(toml, { localDevelopment: false });
    expect(compiled.ok ? [] : compiled.error.map((problem) => formatProblem(problem, "routes.toml"))).toEqual([]);
  });
});

describe("links", () => {
  /** As GitHub names headings: lower case, no punctuation, spaces as hyphens. */
  const anchorsOf = (page: string): string[] =>
    [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      (heading ?? "")
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    );
  const links = PAGES.flatMap((page) =>
    [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => ({ page, target: target ?? "" })),
  ).filter(({ target }) => !/^[a-z]+:/.test(target));

  test("are there", () => {
    expect(links.length).toBeGreaterThan(20);
  });

  test.each(links)("$page leads to $target, which exists", ({ page, target }) => {
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : relative(ROOT, resolve(ROOT, dirname(page), path));
    expect(file.startsWith("..")).toBe(false);
    expect(() => statSync(join(ROOT, file))).not.toThrow();
    if (anchor !== undefined) expect(anchorsOf(file)).toContain(anchor);
  });
});

describe("the commands that README.md names", () => {
  test("exist: to11", async () => {
    const { output } = await runTo11(["--help"], { cwd: ROOT });
    const named = new Set([...README.matchAll(/(?:`|^npx |`npx )to11 ([a-z]+)/gm)].map(([, name]) => name));
    expect(named.size).toBeGreaterThan(8);
    for (const name of named) expect(output).toMatch(new RegExp(`^  ${name}\\b`, "m"));
  });

  test("exist: npm", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...README.matchAll(/npm (?:run )?(start|test|(?<=run )\w+)/g)].map(([, name]) => name ?? "");
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining([...new Set(named)]));
    expect(scripts["start"]).toMatch(/src\/cli\/main\.ts dev$/);
  });
});

test(".dev.vars.example, which README.md says to copy, has a line for each variable of routes.toml that ships", () => {
  const compiled = compile(SHIPPED, { localDevelopment: false });
  if (!compiled.ok) throw new Error("routes.toml does not compile");
  const named = [...credentialsOf(compiled.value.compiled), ...gatewayKeysOf(compiled.value.compiled)].map(({ name }) => name);
  const lines = [...read(".dev.vars.example").matchAll(/^(\w+)=""$/gm)].map(([, name]) => name ?? "");
  expect(lines.toSorted()).toEqual([...named, "TO11_ADMIN_KEY"].toSorted());
});

describe("a stranger with the routes.toml that ships and no key", () => {
  let gateway: DevGateway;

  beforeAll(async () => {
    gateway = await startDevGateway(SHIPPED);
  });
  afterAll(() => gateway?.end());

  const here = (text: string): string => text.replaceAll("localhost:4000", new URL(gateway.url).host);

  /** What an answer of each path has in it where it makes sense. */
  const SENSE: Readonly<Record<string, (answer: string) => void>> = {
    "/v1/chat/completions": (answer) => {
      // Among them may be comments: a provider's ping is one.
      const events = answer.startsWith("data: ") ? answer.split("\n\n").filter((event) => event.startsWith("data: ")) : undefined;
      const said =
        events === undefined
          ? contentOf(answer, "message")
          : events
              .slice(0, -1)
              .map((event) => contentOf(event.slice("data: ".length), "delta"))
              .join("");
      expect(said).toMatch(/^This is the simulator, standing in for \S+ of (openai|anthropic)\. You said: "Hello"$/);
      if (events !== undefined) expect(events.at(-1)).toBe("data: [DONE]");
    },
    "/v1/models": (answer) => {
      const { data } = JSON.parse(answer) as { data: { id: string }[] };
      expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(["extract", "summarize", "gpt-4o", "whisper-1"]));
    },
    "/v1/embeddings": (answer) => {
      const { data } = JSON.parse(answer) as { data: { embedding: number[] }[] };
      expect(data.map(({ embedding }) => embedding.length)).toEqual([1_536]);
    },
    "/api/explain": (answer) => {
      expect(JSON.parse(answer)).toMatchObject({ layer: "route", route: "balanced", strategy: "weighted" });
    },
  };

  const curls = blocks("README.md", "sh")
    .map((block) => block.trim())
    .filter((command) => command.startsWith("curl "));

  test("finds one curl for each thing README.md speaks of", () => {
    expect(new Set(curls.map(pathOf))).toEqual(new Set(Object.keys(SENSE)));
  });

  test.each(curls)("gets a sensible answer with %s", async (command) => {
    const failing = here(command).replace(/^curl /, "curl --fail --silent --show-error ");
    const { stdout } = await promisify(execFile)("sh", ["-c", failing]);
    SENSE[pathOf(command)]?.(stdout);
  });

  test("runs the program", async () => {
    const [program = "", ...others] = blocks("README.md", "ts");
    expect(others).toEqual([]);
    const project = gateway.directory;
    await symlink(join(ROOT, "node_modules"), join(project, "node_modules"));
    await writeFile(join(project, "program.mts"), here(program));
    const { stdout } = await promisify(execFile)(process.execPath, ["program.mts"], { cwd: project });
    expect(stdout).toBe('This is the simulator, standing in for gpt-4o of openai. You said: "Hello"\n');
  });

  test("edits routes.toml, sees the next call follow within 15 seconds without a restart, and finds both in the traces", async () => {
    const client = new OpenAI({ baseURL: gateway.baseUrl, apiKey: "local" });
    const ask = async (): Promise<{ text: string; target: string | null; id: string | null }> => {
      const request = { model: "route::sonnet", stream: true as const, messages: [{ role: "user" as const, content: "Hello" }] };
      const { data, response } = await client.chat.completions.create(request).withResponse();
      let text = "";
      for await (const chunk of data) text += chunk.choices[0]?.delta.content ?? "";
      return { text, target: response.headers.get("x-to11-target"), id: response.headers.get("x-to11-request-id") };
    };
    const before = await ask();
    expect(before).toMatchObject({ target: "sonnet", text: expect.stringContaining("standing in for claude-sonnet-4-6 of anthropic") });

    const edited = SHIPPED.replace('targets = ["sonnet", "openai-main"]', 'targets = ["openai-main", "sonnet"]');
    expect(edited).not.toBe(SHIPPED);
    await gateway.edit(edited);
    await expect.poll(async () => (await ask()).target, { timeout: 15_000, interval: 200 }).toBe("openai-main");
    const after = await ask();
    expect(after).toMatchObject({ target: "openai-main", text: expect.stringContaining("standing in for gpt-4o of openai") });
    expect(gateway.output()).not.toContain("restarting");

    const traceOf = async (id: string | null): Promise<TraceRecord | undefined> => {
      const lines = (await gateway.command("traces", "--json")).trim().split("\n");
      return lines.map((line) => JSON.parse(line) as TraceRecord).find((trace) => trace.id === id);
    };
    const asked = { requested_model: "route::sonnet", route: "sonnet", strategy: "fallback", outcome: "complete", simulated: true };
    await expect
      .poll(() => traceOf(after.id), { timeout: 5_000 })
      .toMatchObject({ ...asked, target: "openai-main", provider: "openai", upstream_model: "gpt-4o", colo: null });
    expect(await traceOf(before.id)).toMatchObject({
      ...asked,
      target: "sonnet",
      provider: "anthropic",
      upstream_model: "claude-sonnet-4-6",
    });
  });
});

/** The path that a curl calls. */
function pathOf(command: string): string {
  return /localhost:4000(\S+)/.exec(command)?.[1] ?? "";
}

/** What the first choice of a chat answer, or of a chunk of one, says. */
function contentOf(json: string, part: "message" | "delta"): string {
  const { choices } = JSON.parse(json) as { choices: Partial<Record<typeof part, { content?: string }>>[] };
  return choices[0]?.[part]?.content ?? "";
}
