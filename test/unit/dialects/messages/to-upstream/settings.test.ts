import { describe, expect, test } from "vitest";
import type { Ask } from "../../../../../src/dialects/conversation.ts";
import { ADAPTIVE, BUDGETED, PLAIN, sent } from "../../../../support/messages-asks.ts";

describe("settings", () => {
  test.each<[string, Partial<Ask>, string, object, readonly string[]]>([
    ["case 48: a temperature over 1 is 1", { temperature: 1.7 }, PLAIN, { temperature: 1 }, ["temperature=1"]],
    ["one within", { temperature: 0.3, topP: 0.9, topK: 5 }, PLAIN, { temperature: 0.3, top_p: 0.9, top_k: 5 }, []],
    ["two ways to narrow", { temperature: 0.3, topP: 0.9 }, BUDGETED, { temperature: 0.3 }, ["top_p"]],
    ["a way that narrows nothing", { temperature: 0.3, topP: 1 }, BUDGETED, { temperature: 0.3 }, []],
    ["a model that takes none", { temperature: 0.3, topP: 0.9, topK: 5 }, ADAPTIVE, {}, ["temperature", "top_p", "top_k"]],
    ["the default of such a model", { temperature: 1, topP: 1 }, ADAPTIVE, {}, []],
    [
      "with a model that thinks",
      { temperature: 0.3, topP: 0.96, topK: 5, thinking: { kind: "on", effort: undefined, budgetTokens: 2000, shown: true } },
      BUDGETED,
      { top_p: 0.96 },
      ["temperature", "top_k"],
    ],
  ])("%s", (_name, ...[ask, model, sampling, adapted]) => {
    const written = sent(ask, model);
    const { temperature, top_p, top_k } = written.body;
    expect(JSON.parse(JSON.stringify({ temperature, top_p, top_k }))).toEqual(sampling);
    expect(written.adapted).toEqual(adapted);
  });

  test.each<[string, number | undefined, string, number | undefined, number, readonly string[]]>([
    ["case 21: of nothing known", undefined, PLAIN, undefined, 8192, ["max_output_tokens=8192"]],
    ["case 21: the model's", undefined, BUDGETED, undefined, 64_000, ["max_output_tokens=64000"]],
    ["case 21: the target's", undefined, BUDGETED, 9000, 9000, ["max_output_tokens=9000"]],
    ["the caller's", 500, BUDGETED, 9000, 500, []],
    ["more than the model answers", 100_000, BUDGETED, undefined, 64_000, ["max_output_tokens=64000"]],
  ])("max_tokens: %s", (_name, ...[maxOutputTokens, model, most, expected, adapted]) => {
    const written = sent({ maxOutputTokens }, model, most);
    expect(written.body["max_tokens"]).toBe(expected);
    expect(written.adapted).toEqual(adapted);
  });

  test("stop sequences of white space alone are left out and told", () => {
    expect(sent({ stop: ["\n\n", "END"] })).toMatchObject({ body: { stop_sequences: ["END"] }, adapted: ["stop"] });
    expect(sent({ stop: ["\n"] }).body).not.toHaveProperty("stop_sequences");
  });

  test("the end user, as long as Anthropic takes it", () => {
    expect(sent({ endUser: "u1" }).body["metadata"]).toEqual({ user_id: "u1" });
    expect(JSON.stringify(sent({ endUser: "u".repeat(300) }).body["metadata"])).toHaveLength(256 + '{"user_id":""}'.length);
  });

  test("what Anthropic does not have is not sent", () => {
    const { body } = sent({
      seed: 1,
      presencePenalty: 1,
      verbosity: "low",
      serviceTier: "flex",
      metadata: { a: 1 },
      promptCacheKey: "k",
      format: { kind: "json" },
    });
    expect(Object.keys(body)).toEqual(["model", "max_tokens", "messages"]);
  });
});
