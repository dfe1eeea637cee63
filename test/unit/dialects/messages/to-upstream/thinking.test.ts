import { describe, expect, test } from "vitest";
import type { Ask, AskedFeature } from "../../../../../src/dialects/conversation.ts";
import { ADAPTIVE, assistant, BUDGETED, call, OLD, result, sent, text, thought, tool, user } from "../../../../support/messages-asks.ts";

describe("how hard to think", () => {
  const on = (effort?: string, budgetTokens?: number, shown = true) => ({ kind: "on", effort, budgetTokens, shown }) as const;
  const asked: readonly AskedFeature[] = [{ feature: "thinking", param: "reasoning_effort" }];

  test.each<[string, Partial<Ask>, string, object, readonly string[]]>([
    [
      "an effort as a budget",
      { thinking: on("high") },
      BUDGETED,
      { thinking: { type: "enabled", budget_tokens: 6000 } },
      ["reasoning_effort=6000"],
    ],
    [
      "no less than the least budget",
      { thinking: on("minimal") },
      BUDGETED,
      { thinking: { budget_tokens: 1024 } },
      ["reasoning_effort=1024"],
    ],
    ["a budget as it is", { thinking: on(undefined, 2000) }, BUDGETED, { thinking: { budget_tokens: 2000 } }, []],
    [
      "case 65: a budget capped under max_tokens",
      { thinking: on(undefined, 20_000) },
      BUDGETED,
      { max_tokens: 10_000, thinking: { budget_tokens: 9000 } },
      ["reasoning_effort=9000"],
    ],
    [
      "case 65: an answer too short to think in is made longer",
      { thinking: on("low"), maxOutputTokens: 500 },
      BUDGETED,
      { max_tokens: 1524, thinking: { budget_tokens: 1024 } },
      ["reasoning_effort=1024", "max_output_tokens=1524"],
    ],
    [
      "an effort as it is",
      { thinking: on("xhigh") },
      ADAPTIVE,
      { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "xhigh" } },
      [],
    ],
    ["unseen", { thinking: on("low", undefined, false) }, ADAPTIVE, { thinking: { type: "adaptive", display: "omitted" } }, []],
    [
      "the next lower effort",
      { thinking: on("xhigh") },
      "claude-opus-4-6",
      { output_config: { effort: "high" } },
      ["reasoning_effort=high"],
    ],
    ["the least effort", { thinking: on("minimal") }, ADAPTIVE, { output_config: { effort: "low" } }, ["reasoning_effort=low"]],
    [
      "a budget as an effort",
      { thinking: on(undefined, 4000) },
      ADAPTIVE,
      { output_config: { effort: "medium" } },
      ["reasoning_effort=medium"],
    ],
    ["an effort that nobody knows", { thinking: on("vast") }, ADAPTIVE, { thinking: { type: "adaptive" } }, ["reasoning_effort"]],
    ["a model that does not think", { thinking: on("high"), maxOutputTokens: 2000 }, OLD, {}, ["reasoning_effort=off"]],
    ["off", { thinking: { kind: "off" } }, BUDGETED, { thinking: { type: "disabled" } }, []],
    ["off where it is so anyway", { thinking: { kind: "off" }, maxOutputTokens: 2000 }, OLD, {}, []],
    [
      "off where nothing is",
      { thinking: { kind: "off" } },
      "claude-opus-5-5",
      { output_config: { effort: "low" } },
      ["reasoning_effort=low"],
    ],
  ])("%s", (_name, ...[ask, model, body, adapted]) => {
    const written = sent({ ...ask, asked }, model);
    expect(written.body).toMatchObject(body);
    expect(written.adapted).toEqual(adapted);
  });

  const called = [user(text("a")), assistant(thought("hm", "responses"), text("I look."), call("1")), user(result("1"))];
  const signed = [user(text("a")), assistant(thought("hm", "messages"), text("I look."), call("1")), user(result("1"))];

  test("case 38: a model is not asked to think where its last call has no thought of its own, which is told", () => {
    const { body, adapted } = sent({ turns: called, tools: [tool("f")], thinking: on("high"), asked }, BUDGETED);
    expect(body).not.toHaveProperty("thinking");
    expect(adapted).toEqual(["reasoning_effort=off"]);
    expect(sent({ turns: signed, tools: [tool("f")], thinking: on("high"), asked }, BUDGETED).body).toHaveProperty("thinking");
  });

  test("case 38: a model that thinks by itself is: it asks for no thought in the history", () => {
    expect(sent({ turns: called, tools: [tool("f")], thinking: on("high"), asked }, ADAPTIVE).body["thinking"]).toMatchObject({
      type: "adaptive",
    });
  });

  test("case 38: words that were said without a thought keep nobody from thinking", () => {
    const turns = [user(text("a")), assistant(text("b")), user(text("c"))];
    expect(sent({ turns, thinking: on("high"), asked }, BUDGETED).body).toHaveProperty("thinking");
  });

  test.each<[string, Partial<Ask>, string, unknown]>([
    ["a tool that has to be called", { tools: [tool("f")], toolChoice: "required", thinking: on("high") }, BUDGETED, undefined],
    ["the same of a model that thinks unasked", { tools: [tool("f")], toolChoice: "required" }, "claude-opus-5", { type: "disabled" }],
    ["a prefill", { turns: [user(text("a")), assistant(text("b"))], thinking: on("high") }, BUDGETED, undefined],
  ])("%s is not thought about", (_name, ask, model, thinking) => {
    expect(sent(ask, model).body["thinking"]).toEqual(thinking);
  });
});
