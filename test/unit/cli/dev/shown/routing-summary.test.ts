import { describe, expect, it } from "vitest";
import { routingSummary } from "../../../../../src/cli/dev/shown/routing-summary.ts";
import { compiled, TWO_PROVIDERS } from "../../compiled-file.ts";

const NOBODY: ReadonlySet<string> = new Set();
const FILE = compiled(TWO_PROVIDERS);
const EXPERIMENT = compiled(`
[providers.openai]
base_url = "https://api.openai.com/v1"
models = ["gpt-4o", "gpt-4o-mini"]
[routes.summarize]
strategy = "experiment"
[routes.summarize.variants.fast]
model = "gpt-4o-mini"
weight = 1
[routes.summarize.variants.good]
model = "gpt-4o"
weight = 3
`);

describe("what serves what", () => {
  it("shows steps, shares and what passes through", () => {
    expect(routingSummary(FILE, NOBODY)).toEqual([
      "FUNCTION OR ROUTE  KIND  STRATEGY  SERVED BY                                              FOR MODELS",
      "route::balanced    chat  fallback  openai-primary 70 %, openai-second 30 % · then claude  gpt-4o",
      "",
      "PASSTHROUGH  MODELS NO ROUTE COVERS",
      "openai       gpt-4o-mini             with the caller's key",
      "anthropic    claude-sonnet-4-6       with the caller's key",
    ]);
  });

  it("says of whom the simulator stands in for that it does", () => {
    expect(routingSummary(FILE, new Set(["anthropic"])).slice(-2)).toEqual([
      "openai       gpt-4o-mini             with the caller's key",
      "anthropic    claude-sonnet-4-6       simulated",
    ]);
  });

  it("shows an experiment's variants with their models", () => {
    expect(routingSummary(EXPERIMENT, NOBODY)[1]).toBe(
      "route::summarize   chat  experiment  fast: openai/gpt-4o-mini 25 %, good: openai/gpt-4o 75 %  -",
    );
  });
});
