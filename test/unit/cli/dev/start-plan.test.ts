import { describe, expect, it } from "vitest";
import { isSamePlan, planStart, servesWithoutRestart, type StartOptions } from "../../../../src/cli/dev/start-plan.ts";
import type { Result } from "../../../../src/core/result.ts";
import { compiled, TWO_PROVIDERS } from "../compiled-file.ts";

const FILE = compiled(TWO_PROVIDERS);
const ALL = { OPENAI_API_KEY: "a", OPENAI_SECOND_KEY: "b", ANTHROPIC_API_KEY: "c" };
const GATEWAY_KEY = `to11_${"k".repeat(27)}`;
const AUTO: StartOptions = { simulate: "auto", envFile: ".dev.vars", demo: "allowed" };
const WAYS_OUT = "Set it, take what names it out of the file, or let the simulator stand in where a key is missing: --simulate missing";

/** The same file without the target whose credential it names. */
const UNNAMED = TWO_PROVIDERS.replace('credential = "env::OPENAI_SECOND_KEY"\n', "");

function planned(toml: string, variables: Record<string, string>, options: Partial<StartOptions> = {}): Result<unknown, readonly string[]> {
  const plan = planStart({ toml, compiled: compiled(toml) }, variables, { ...AUTO, ...options });
  return plan.ok ? { ok: true, value: { ...plan.value, simulated: [...plan.value.simulated] } } : plan;
}

const started = (toml: string, variables: Record<string, string>, options: Partial<StartOptions> = {}): unknown => {
  const plan = planned(toml, variables, options);
  return plan.ok ? plan.value : plan.error;
};

describe("how a local gateway starts", () => {
  it.each([
    { what: "no credential is a demo", variables: {}, simulated: ["openai", "anthropic"], rule: "demo", open: true },
    {
      what: "an empty variable counts as none",
      variables: { OPENAI_API_KEY: "" },
      simulated: ["openai", "anthropic"],
      rule: "demo",
      open: true,
    },
    {
      what: "a gateway key is no credential",
      variables: { TO11_API_KEY: GATEWAY_KEY },
      simulated: ["openai", "anthropic"],
      rule: "demo",
      open: false,
    },
    { what: "every credential is real", variables: ALL, simulated: [], rule: "auto", open: true },
    {
      what: "a provider whose key is only its convention's and is missing is simulated",
      variables: { OPENAI_API_KEY: "a", OPENAI_SECOND_KEY: "b" },
      simulated: ["anthropic"],
      rule: "auto",
      open: true,
    },
    {
      what: "every credential and a gateway key",
      variables: { ...ALL, TO11_API_KEY: GATEWAY_KEY },
      simulated: [],
      rule: "auto",
      open: false,
    },
  ])("$what", ({ variables, simulated, rule, open }) => {
    expect(started(TWO_PROVIDERS, variables)).toEqual({ simulated, rule, open });
  });

  it("one key in the shell is enough for a file that names none", () => {
    expect(started(UNNAMED, { OPENAI_API_KEY: "a" })).toMatchObject({ simulated: ["anthropic"] });
    expect(started(UNNAMED, { ANTHROPIC_API_KEY: "a" })).toMatchObject({ simulated: ["openai"] });
  });

  it("a credential that the file names and that is missing stops the start, with its uses, the line to add and the ways out", () => {
    expect(started(TWO_PROVIDERS, { OPENAI_API_KEY: "a" }, { envFile: "my.env" })).toEqual([
      'OPENAI_SECOND_KEY is not set; used by targets.openai-second. Add to my.env: OPENAI_SECOND_KEY="…"',
      WAYS_OUT,
    ]);
  });

  it("so does a convention's key once the file names it, wherever, but not in a comment", () => {
    const named = UNNAMED.replace("[providers.anthropic]", '[providers.anthropic]\ncredential = "env::ANTHROPIC_API_KEY"');
    expect(started(named, { OPENAI_API_KEY: "a" })).toEqual([
      'ANTHROPIC_API_KEY is not set; used by providers.anthropic. Add to .dev.vars: ANTHROPIC_API_KEY="…"',
      WAYS_OUT,
    ]);
    expect(started(`# env::ANTHROPIC_API_KEY\n${UNNAMED}`, { OPENAI_API_KEY: "a" })).toMatchObject({ simulated: ["anthropic"] });
  });

  it("--simulate off needs every variable, missing and all need none", () => {
    const off = planned(TWO_PROVIDERS, {}, { simulate: "off" });
    expect(off.ok ? [] : off.error).toHaveLength(4);
    expect(started(TWO_PROVIDERS, { OPENAI_API_KEY: "a" }, { simulate: "missing" })).toMatchObject({ simulated: ["openai", "anthropic"] });
    expect(started(TWO_PROVIDERS, { ANTHROPIC_API_KEY: "a" }, { simulate: "missing" })).toMatchObject({ simulated: ["openai"] });
    expect(started(TWO_PROVIDERS, ALL, { simulate: "all" })).toEqual({ simulated: ["openai", "anthropic"], rule: "all", open: true });
  });

  it("is no demo where the file needs no credential: callers bring their own", () => {
    const file = '[providers.openai]\nbase_url = "https://api.openai.com/v1"\nmodels = ["gpt-4o"]\n';
    expect(started(file, {})).toEqual({ simulated: [], rule: "auto", open: true });
  });

  it("a provider that takes no key is real beside one that has its key, and simulated with all the others in a demo", () => {
    const file = `${UNNAMED}\n[providers.ollama]\nbase_url = "http://127.0.0.1:11434/v1"\nmodels = ["llama"]\n[targets.local]\nmodel = "llama"\n`;
    expect(started(file, { OPENAI_API_KEY: "a" })).toMatchObject({ simulated: ["anthropic"] });
    expect(started(file, {})).toMatchObject({ simulated: ["openai", "anthropic", "ollama"], rule: "demo" });
  });

  it.each([
    { variables: { TO11_API_KEY: "secret-of-mine" }, says: "TO11_API_KEY is set but is no gateway key" },
    { variables: { TO11_ADMIN_KEY: "secret-of-mine" }, says: "TO11_ADMIN_KEY is too short" },
    { variables: { OPENAI_API_KEY: "secret-of-mine\nand-more" }, says: "OPENAI_API_KEY holds a character that a header cannot carry" },
  ])("refuses a key that is none, without repeating it: $says", ({ variables, says }) => {
    const plan = planned(TWO_PROVIDERS, variables);
    const text = plan.ok ? "" : plan.error.join("\n");
    expect(text).toContain(says);
    expect(text).not.toContain("secret-of-mine");
  });
});

describe("an edit", () => {
  it("does not turn real providers into a demo", () => {
    const left = UNNAMED.replace(/\[targets\.openai-[^]*?\n\n/g, "").replace(/strategy = "weighted"\ntargets = .*\n\[\[.*\n/, "");
    expect(started(left, { OPENAI_API_KEY: "a" }, { demo: "refused" })).toEqual([
      'ANTHROPIC_API_KEY is not set; used by providers.anthropic. Add to .dev.vars: ANTHROPIC_API_KEY="…"',
      WAYS_OUT,
    ]);
    expect(started(UNNAMED, { OPENAI_API_KEY: "a" }, { demo: "refused" })).toMatchObject({ simulated: ["anthropic"] });
  });

  it("that simulates others, or opens the gateway, makes another gateway", () => {
    const plan = { simulated: new Set(["a", "b"]), rule: "auto", open: true } as const;
    expect(isSamePlan(plan, { ...plan, simulated: new Set(["b", "a"]) })).toBe(true);
    expect(isSamePlan(plan, { ...plan, simulated: new Set(["a", "c"]) })).toBe(false);
    expect(isSamePlan(plan, { ...plan, simulated: new Set(["a"]) })).toBe(false);
    expect(isSamePlan(plan, { ...plan, open: false })).toBe(false);
  });

  it.each([
    { what: "another weight", toml: TWO_PROVIDERS.replace("weight = 70", "weight = 60"), published: true },
    {
      what: "a provider gone",
      toml: TWO_PROVIDERS.replace(/\[\[routes.balanced.steps\]\]\ntargets = \["claude"\]\n/, ""),
      published: true,
    },
    { what: "a new secret", toml: TWO_PROVIDERS.replace("OPENAI_SECOND_KEY", "OPENAI_THIRD_KEY"), published: false },
    { what: "a known secret sent elsewhere", toml: TWO_PROVIDERS.replace("api.openai.com", "proxy.example.com"), published: false },
    {
      what: "a known secret under another header",
      toml: TWO_PROVIDERS.replace("[providers.openai]", '[providers.openai]\nauth_header_name = "x-key"'),
      published: false,
    },
    {
      what: "a known secret for another provider",
      toml: TWO_PROVIDERS.replace("[providers.anthropic]", '[providers.anthropic]\ncredential = "env::OPENAI_API_KEY"'),
      published: false,
    },
    { what: "another gateway key", toml: TWO_PROVIDERS.replace("TO11_API_KEY", "TO11_TEAM_KEY"), published: false },
    { what: "another project", toml: `[project]\nid = "team"\n${TWO_PROVIDERS}`, published: false },
  ])("with $what is published without a restart: $published", ({ toml, published }) => {
    expect(servesWithoutRestart(FILE, compiled(toml))).toBe(published);
  });
});
