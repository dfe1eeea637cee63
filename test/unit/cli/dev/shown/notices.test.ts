import { describe, expect, it } from "vitest";
import { notices } from "../../../../../src/cli/dev/shown/notices.ts";
import { planStart } from "../../../../../src/cli/dev/start-plan.ts";
import type { SimulateChoice } from "../../../../../src/cli/dev/simulate-choice.ts";
import { compiled, TWO_PROVIDERS } from "../../compiled-file.ts";

const MORE = `${TWO_PROVIDERS}
[providers.groq]
models = ["llama-3"]
[providers.ollama]
base_url = "http://127.0.0.1:11434/v1"
models = ["llama"]
`;

const STANDS_IN =
  "The built-in simulator answers in the place of the simulated ones: nothing is sent to them, whatever key a caller brings.";

function told(toml: string, variables: Record<string, string>, simulate: SimulateChoice = "auto"): string[] {
  const file = { toml, compiled: compiled(toml) };
  const plan = planStart(file, variables, { simulate, envFile: ".dev.vars", demo: "allowed" });
  if (!plan.ok) throw new Error(plan.error.join("\n"));
  return notices({ compiled: file.compiled, plan: plan.value, variables, envFile: ".dev.vars" });
}

describe("what a user is told at start", () => {
  it("of a gateway that issues keys: that it is not open, and how a key is made", () => {
    const said = told(TWO_PROVIDERS.replace(/\[auth\]\n.*\n/, "[auth]\nissued = true\n"), {});
    expect(said.at(-1)).toBe("Keys are issued: `npx to11 key create --name me` makes one.");
    expect(said.join()).not.toContain("Open:");
  });

  it("in a demo: everybody is simulated, and what makes each real", () => {
    expect(told(TWO_PROVIDERS, { TO11_API_KEY: `to11_${"k".repeat(27)}` })).toEqual([
      "PROVIDER   ANSWERS ARE  KEY",
      'openai     simulated    to make it real, add to .dev.vars: OPENAI_API_KEY="…" OPENAI_SECOND_KEY="…"',
      'anthropic  simulated    to make it real, add to .dev.vars: ANTHROPIC_API_KEY="…"',
      "",
      `Demo: no provider's key is set. ${STANDS_IN}`,
    ]);
  });

  it("with some keys: who is real and why, who is not and how to make it real; and that the gateway is open", () => {
    expect(told(MORE, { OPENAI_API_KEY: "a", OPENAI_SECOND_KEY: "b" })).toEqual([
      "PROVIDER   ANSWERS ARE  KEY",
      "openai     real         OPENAI_API_KEY, OPENAI_SECOND_KEY are set",
      'anthropic  simulated    to make it real, add to .dev.vars: ANTHROPIC_API_KEY="…"',
      "groq       real         the caller's own",
      "ollama     real         takes none",
      "",
      STANDS_IN,
      "Open: whoever reaches 127.0.0.1 on this machine may call; no gateway key is needed.",
    ]);
  });

  it("with --simulate all: how to leave it", () => {
    const lines = told(TWO_PROVIDERS, { ANTHROPIC_API_KEY: "c" }, "all");
    expect(lines[1]).toBe(
      'openai     simulated    to make it real, start without --simulate all and add to .dev.vars: OPENAI_API_KEY="…" OPENAI_SECOND_KEY="…"',
    );
    expect(lines[2]).toBe("anthropic  simulated    to make it real, start without --simulate all");
    expect(lines[4]).toBe(`As --simulate all asks, no provider is called. ${STANDS_IN}`);
  });

  it("where all is real, nothing of a simulator", () => {
    const lines = told(TWO_PROVIDERS, { OPENAI_API_KEY: "a", OPENAI_SECOND_KEY: "b", ANTHROPIC_API_KEY: "c" });
    expect(lines.join("\n")).not.toContain("imulat");
  });
});
