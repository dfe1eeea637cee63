import { expect, test } from "vitest";
import { effortFor } from "../../../../src/dialects/openai/effort.ts";

test("an effort that bears the name of something else is passed on as it is", () => {
  const thinking = { kind: "on", effort: "constructor", budgetTokens: undefined, shown: false } as const;
  expect(effortFor(thinking, "gpt_5")).toBe("constructor");
});
