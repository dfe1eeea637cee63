import { describe, expect, it } from "vitest";
import { planStart, servesWithoutRestart } from "../../../../src/cli/dev/start-plan.ts";
import { compiled, TWO_PROVIDERS } from "../compiled-file.ts";

const FILE = compiled(TWO_PROVIDERS);
const ALL = { OPENAI_API_KEY: "a", OPENAI_SECOND_KEY: "b", ANTHROPIC_API_KEY: "c" };
const GATEWAY_KEY = `to11_${"k".repeat(27)}`;
const auto = { simulate: "auto", envFile: ".dev.vars" } as const;

describe("how a local gateway starts", () => {
  it.each([
    { what: "no credential is a demo", variables: {}, simulate: "stored", open: true },
    { what: "an empty variable counts as none", variables: { OPENAI_API_KEY: "" }, simulate: "stored", open: true },
    { what: "a gateway key is no credential", variables: { TO11_API_KEY: GATEWAY_KEY }, simulate: "stored", open: false },
    { what: "every credential is real", variables: ALL, simulate: "off", open: true },
    { what: "every credential and a gateway key", variables: { ...ALL, TO11_API_KEY: GATEWAY_KEY }, simulate: "off", open: false },
  ])("$what", ({ variables, simulate, open }) => {
    expect(planStart(FILE, variables, auto)).toEqual({ ok: true, value: { simulate, open } });
  });

  it("names each missing variable, its uses and the line to add, as soon as one is set", () => {
    expect(planStart(FILE, { OPENAI_API_KEY: "a" }, { ...auto, envFile: "my.env" })).toEqual({
      ok: false,
      error: [
        'ANTHROPIC_API_KEY is not set; used by providers.anthropic. Add to my.env: ANTHROPIC_API_KEY="…"',
        'OPENAI_SECOND_KEY is not set; used by targets.openai-second. Add to my.env: OPENAI_SECOND_KEY="…"',
      ],
    });
  });

  it("--simulate off needs every variable, --simulate all needs none", () => {
    const off = planStart(FILE, {}, { ...auto, simulate: "off" });
    expect(off.ok ? [] : off.error).toHaveLength(3);
    expect(planStart(FILE, { OPENAI_API_KEY: "a" }, { ...auto, simulate: "all" })).toEqual({
      ok: true,
      value: { simulate: "all", open: true },
    });
  });

  it("is no demo where the file needs no credential", () => {
    const file = compiled('[providers.openai]\nbase_url = "https://api.openai.com/v1"\nmodels = ["gpt-4o"]\n');
    expect(planStart(file, {}, auto)).toEqual({ ok: true, value: { simulate: "off", open: true } });
  });

  it.each([
    { variables: { TO11_API_KEY: "secret-of-mine" }, says: "TO11_API_KEY is set but is no gateway key" },
    { variables: { TO11_ADMIN_KEY: "secret-of-mine" }, says: "TO11_ADMIN_KEY is too short" },
    { variables: { OPENAI_API_KEY: "secret-of-mine\nand-more" }, says: "OPENAI_API_KEY holds a character that a header cannot carry" },
  ])("refuses a key that is none, without repeating it: $says", ({ variables, says }) => {
    const plan = planStart(FILE, variables, auto);
    const text = plan.ok ? "" : plan.error.join("\n");
    expect(text).toContain(says);
    expect(text).not.toContain("secret-of-mine");
  });
});

describe("an edit", () => {
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
