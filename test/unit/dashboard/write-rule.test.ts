import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { lineDiff } from "../../../src/cli/terminal/line-diff.ts";
import { compile } from "../../../src/config/compile.ts";
import { readRules, type Rule, type RuleTarget, sharesOf } from "../../../src/dashboard/routes-toml/rules.ts";
import { deleteRule, writeRule } from "../../../src/dashboard/routes-toml/write-rule.ts";

const SHIPPED = readFileSync("routes.toml", "utf8");

/** The rule of that name in the file. */
function ruleOf(name: string, toml = SHIPPED): Rule {
  const rule = readRules(toml).rules.find((known) => known.name === name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule;
}

/** What a change takes away and adds. */
function changed(after: string, before = SHIPPED): string[] {
  return lineDiff(before, after)
    .filter(({ sign }) => sign !== " ")
    .map(({ sign, text }) => sign + text);
}

function problems(toml: string): readonly string[] {
  const compiled = compile(toml, { localDevelopment: false });
  return compiled.ok ? [] : compiled.error.map(({ message }) => message);
}

const target = (name: string, model: string, weight: number | null = null): RuleTarget => ({
  name,
  model,
  provider: "",
  credential: "",
  weight,
  isModel: false,
});

describe("a rule of the file that ships", () => {
  test.each(readRules(SHIPPED).rules.filter(({ isBare }) => !isBare))("stays byte for byte when $name is saved unchanged", (rule) => {
    expect(writeRule(SHIPPED, rule, rule)).toBe(SHIPPED);
  });

  test("gets another weight, and the comment behind it stays", () => {
    const rule = ruleOf("balanced");
    const [step] = rule.steps;
    const targets = step?.targets.map((each) => (each.name === "openai-main" ? { ...each, weight: 90 } : each)) ?? [];
    const after = writeRule(SHIPPED, rule, { ...rule, steps: [{ strategy: "weighted", targets }] });
    expect(changed(after)).toEqual([
      '-weight = 70 # used where a route is "weighted": 70 of 70 + 30',
      '+weight = 90 # used where a route is "weighted": 70 of 70 + 30',
    ]);
  });

  test("gets another order", () => {
    const rule = ruleOf("sonnet");
    const after = writeRule(SHIPPED, rule, {
      ...rule,
      steps: [{ strategy: "fallback", targets: rule.steps[0]?.targets.toReversed() ?? [] }],
    });
    expect(changed(after)).toEqual(['-targets = ["sonnet", "openai-main"]', '+targets = ["openai-main", "sonnet"]']);
  });

  test("gets a third target, which is added behind the others", () => {
    const rule = ruleOf("balanced");
    const third = { ...target("third", "gpt-4.1", 5), credential: "env::THIRD_KEY" };
    const after = writeRule(SHIPPED, rule, {
      ...rule,
      steps: [{ strategy: "weighted", targets: [...(rule.steps[0]?.targets ?? []), third] }],
    });
    expect(changed(after)).toEqual([
      "+[targets.third]",
      '+model = "gpt-4.1"',
      '+credential = "env::THIRD_KEY"',
      "+weight = 5",
      "+",
      '-targets = ["openai-main", "openai-next"]',
      '+targets = ["openai-main", "openai-next", "third"]',
    ]);
    expect(problems(after)).toEqual([]);
  });

  test("becomes a fallback over steps, and a split again", () => {
    const rule = ruleOf("balanced");
    const [main, second] = rule.steps[0]?.targets ?? [];
    if (main === undefined || second === undefined) throw new Error("balanced has two targets");
    const stepped: Rule = {
      ...rule,
      strategy: "steps",
      steps: [
        { strategy: "weighted", targets: [main, second] },
        { strategy: "single", targets: [target("sonnet", "claude-sonnet-4-6")] },
      ],
    };
    const there = writeRule(SHIPPED, rule, stepped);
    expect(problems(there)).toEqual([]);
    expect(ruleOf("balanced", there)).toEqual(stepped);
    const back = writeRule(there, stepped, rule);
    expect(problems(back)).toEqual([]);
    expect(ruleOf("balanced", back)).toEqual(rule);
  });

  test("written as steps only gets a key of its own above them", () => {
    const rule = ruleOf("resilient");
    const after = writeRule(SHIPPED, rule, { ...rule, models: ["gpt-4o-mini-tts"] });
    expect(changed(after)).toEqual(["+[routes.resilient]", '+models = ["gpt-4o-mini-tts"]']);
    expect(ruleOf("resilient", after).models).toEqual(["gpt-4o-mini-tts"]);
  });

  test("loses and gains steps", () => {
    const rule = ruleOf("resilient");
    const fewer = writeRule(SHIPPED, rule, { ...rule, steps: rule.steps.slice(0, 1) });
    expect(ruleOf("resilient", fewer).steps).toHaveLength(1);
    const more = writeRule(SHIPPED, rule, {
      ...rule,
      steps: [...rule.steps, { strategy: "single", targets: [target("mini", "gpt-4o-mini")] }],
    });
    expect(changed(more)).toEqual(["+[[routes.resilient.steps]]", '+targets = ["mini"]']);
    expect(problems(more)).toEqual([]);
  });

  test("changes an arm of an experiment, adds one and takes one away", () => {
    const rule = ruleOf("summarize");
    const [fast] = rule.variants;
    if (fast === undefined) throw new Error("summarize has variants");
    const terse = {
      name: "terse",
      model: "gpt-4.1",
      target: "",
      weight: 20,
      parameters: { max_tokens: 50, response_format: { type: "json_object" } },
    };
    const after = writeRule(SHIPPED, rule, { ...rule, variants: [{ ...fast, weight: 80, parameters: { temperature: 0.5 } }, terse] });
    expect(problems(after)).toEqual([]);
    expect(ruleOf("summarize", after).variants).toEqual([{ ...fast, weight: 80, parameters: { temperature: 0.5 } }, terse]);
    expect(after).toContain("temperature = 0.5 # any other key is a request parameter");
  });

  test("says what happens when a target fails, keeps what it does not change, and says no more", () => {
    const limits = {
      retry: { max_retries: 1, backoff_base_ms: 100 },
      failover_on: [404],
      timeout_ms: 9_000,
      idle_timeout_ms: 4_000,
      total_timeout_ms: 60_000,
      rescue: "prefill",
    };
    const rule = ruleOf("sonnet");
    const said = writeRule(SHIPPED, rule, { ...rule, limits });
    expect(changed(said)).toEqual([
      "+retry = { max_retries = 1, backoff_base_ms = 100 }",
      "+failover_on = [404]",
      "+timeout_ms = 9000",
      "+idle_timeout_ms = 4000",
      "+total_timeout_ms = 60000",
      '+rescue = "prefill"',
    ]);
    expect(problems(said)).toEqual([]);
    expect(ruleOf("sonnet", said).limits).toEqual(limits);
    const commented = said.replace("timeout_ms = 9000", "timeout_ms = 9000 # our own patience");
    const read = ruleOf("sonnet", commented);
    const other = writeRule(commented, read, { ...read, limits: { ...read.limits, timeout_ms: 8_000, rescue: undefined } });
    expect(changed(other, commented)).toEqual([
      "-timeout_ms = 9000 # our own patience",
      "+timeout_ms = 8000 # our own patience",
      '-rescue = "prefill"',
    ]);
    expect(writeRule(said, ruleOf("sonnet", said), rule)).toBe(SHIPPED);
  });

  test.each([
    {
      form: "under a header of its own",
      toml: SHIPPED.replace("[routes.sonnet]", "[routes.sonnet.retry]\nmax_retries = 3\n[routes.sonnet]"),
    },
    { form: "as dotted keys", toml: SHIPPED.replace("[routes.sonnet]", "[routes.sonnet]\nretry.max_retries = 3") },
  ])("keeps its retries where they are written $form, and refuses to change them", ({ toml }) => {
    expect(problems(toml)).toEqual([]);
    const rule = ruleOf("sonnet", toml);
    expect(rule.limits.retry).toEqual({ max_retries: 3 });
    expect(writeRule(toml, rule, rule)).toBe(toml);
    for (const retry of [{ max_retries: 2 }, undefined]) {
      expect(() => writeRule(toml, rule, { ...rule, limits: { retry } })).toThrow("routes.sonnet.retry");
    }
  });

  test("is renamed with all its tables", () => {
    const rule = ruleOf("summarize");
    const after = writeRule(SHIPPED, rule, { ...rule, name: "sum.up" });
    expect(changed(after).filter((line) => line.startsWith("+"))).toEqual([
      '+[routes."sum.up"]',
      '+[routes."sum.up".variants.fast]',
      '+[routes."sum.up".variants.careful]',
    ]);
  });

  test.each(["balanced", "resilient", "summarize", "extract"])("is deleted whole: %s", (name) => {
    const after = deleteRule(SHIPPED, ruleOf(name));
    expect(readRules(after).rules.filter((rule) => rule.name === name)).toEqual([]);
    expect(changed(after).every((line) => line.startsWith("-"))).toBe(true);
  });
});

describe("a new rule", () => {
  const fresh: Rule = {
    layer: "route",
    name: "split",
    endpoint: "chat",
    models: ["claude-haiku-4-5"],
    strategy: "weighted",
    steps: [{ strategy: "weighted", targets: [target("haiku", "claude-haiku-4-5", 1), target("mini", "gpt-4o-mini", 3)] }],
    variants: [],
    stickyBy: "",
    limits: {},
    isBare: false,
  };

  test("is added behind the others, with the targets that it needs", () => {
    const after = writeRule(SHIPPED, undefined, fresh);
    expect(problems(after)).toEqual([]);
    expect(ruleOf("split", after)).toEqual(fresh);
    expect(changed(after).every((line) => line.startsWith("+"))).toBe(true);
  });

  test("of an empty file is that file", () => {
    const after = writeRule("", undefined, {
      ...fresh,
      models: [],
      strategy: "single",
      steps: [{ strategy: "single", targets: [target("a", "m")] }],
    });
    expect(after).toBe('[targets.a]\nmodel = "m"\n\n[routes.split]\ntargets = ["a"]\n');
  });

  test("refuses a target that is written inline", () => {
    const inline = '[targets]\nmini = { model = "gpt-4o-mini" }\n';
    expect(() => writeRule(inline, undefined, fresh)).toThrow("targets.mini");
  });
});

test("weights are parts of their sum, and nothing has a share where nothing has weight", () => {
  expect(sharesOf([70, 20])).toEqual([70 / 90, 20 / 90]);
  expect(sharesOf([null, 3])).toEqual([0.25, 0.75]);
  expect(sharesOf([0, 0])).toEqual([0, 0]);
});
