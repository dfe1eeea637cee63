import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compile } from "../../../src/config/compile.ts";
import { load } from "../../../src/config/load.ts";
import { PRICE_TABLE } from "../../support/price-table.ts";
import { compiled as compiledOf } from "./compiled-of.ts";
import { told } from "./told.ts";

const REST = `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.mine]
base_url = "https://models.example.com/v1"
models = ["own-model"]
[targets.own]
model = "own-model"
`;

/** Problems with what models cost known, as a check and a publication see them. */
function pricedProblems(toml: string): readonly string[] {
  const compiled = compile(toml, { localDevelopment: false, prices: PRICE_TABLE });
  return compiled.ok ? [] : compiled.error.map(({ path, message }) => `${path}: ${message}`);
}

describe("limits that are refused", () => {
  test.each([
    ["[limits.key]\nrequests_per_minute = 0", "must be an integer from 1 to 1000000000000 (requests)"],
    ["[limits.key]\ntokens_per_day = 1.5", "must be an integer from 1 to 1000000000000 (tokens)"],
    ["[limits.key]\nusd_per_month = 0", "must be a number of USD from 0.000001 to 1000000000"],
    ["[limits.key]\nmax_concurrent = -1", "must be an integer from 1 to 1000000 (calls at once)"],
    ["[limits.session]\nsame_tool_call = 1", "must be an integer from 2 to 100 (the same tool call, one after another)"],
    ["[limits.key]\nrequest_per_minute = 5", 'unknown key; did you mean "requests_per_minute"?'],
    ["[limits.key]\nsame_tool_call = 3", "unknown key; known here: "],
    ['[limits]\ntimezone = "Berlin"', '"Berlin" is no time zone; write one of the IANA names, such as "Europe/Berlin", or "UTC"'],
    ['[limits]\non_unavailable = "maybe"', '"maybe" is not known here; it must be one of "allow", "refuse"'],
    ['[limits]\nreserve = "all"', '"all" is not known here; it must be one of "expected", "most"'],
    ["[teams.Research]\nrequests_per_day = 1", "the name must be 1 to 64 of a-z, 0-9, . _ - and start with a letter or digit"],
  ])("%s", (limits, message) => {
    const problems = told(limits + REST, { localDevelopment: true });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
  });
});

describe("a limit in USD over a model without a price (B11)", () => {
  const line =
    'counts USD, but nobody knows what "own-model" of mine costs: set models."own-model".price, such as [models."own-model"] ' +
    "price = { input = 2.0, output = 8.0 } (USD per million tokens), or, for a model without tokens, price = { request = 0.04 }";

  test.each([
    ["[limits.team]\nusd_per_week = 100", "limits.team.usd_per_week"],
    ["[teams.research]\nusd_per_week = 100", "teams.research.usd_per_week"],
    ['[routes.r]\ntargets = ["own"]\nlimits = { usd_per_day = 1 }', "routes.r.limits.usd_per_day"],
    ['[functions.f]\nmodels = ["own-model"]\nlimits = { usd_per_hour = 1 }', "functions.f.limits.usd_per_hour"],
  ])("%s is refused, with the line to add", (limits, path) => {
    expect(pricedProblems(limits + REST)).toEqual([`${path}: ${line}`]);
  });

  test("is fine where the model has a price, or nobody counts USD", () => {
    expect(pricedProblems(`[limits.team]\nusd_per_week = 1\n[models.own-model]\nprice = { request = 0.04 }${REST}`)).toEqual([]);
    expect(pricedProblems(`[limits.team]\nrequests_per_week = 1${REST}`)).toEqual([]);
  });
});

describe("limits in the table", () => {
  test("are none where the file has none, and its document holds no word of them", () => {
    expect(load(compiledOf(REST), "v").limits).toBeUndefined();
    expect(JSON.stringify(compiledOf(REST))).not.toContain("limits");
    expect(load(compiledOf(`[limits]\nmax_body_bytes = 5${REST}`), "v").limits).toBeUndefined();
  });

  test("are ready to be counted, money in micro-dollars, those of an account with every candidate", () => {
    const table = load(
      compiledOf(`
[auth]
api_keys = ["env::TO11_API_KEY"]
[limits.key]
usd_per_month = 50
[limits.session]
same_tool_call = 4
[providers.mine]
base_url = "https://models.example.com/v1"
models = ["own-model"]
limits = { max_concurrent = 3 }
[targets.own]
model = "own-model"
limits = { requests_per_minute = 9 }
[targets.other]
model = "own-model"
credential = "env::OTHER_KEY"
[routes.r]
strategy = "fallback"
targets = ["own", "other"]
limits = { same_tool_call = 2 }
`),
      "v",
    );
    expect(table.limits?.key).toEqual([{ name: "usd_per_month", unit: "usd", period: "month", max: 50_000_000 }]);
    const along = table.routes
      .get("r")
      ?.steps[0]?.candidates.map((candidate) => candidate.along?.map(({ kind, name }) => `${kind}/${name}`));
    expect(along).toEqual([["account/mine", "target/own"], ["account/mine:OTHER_KEY"]]);
    expect([table.limits?.sameToolCall, table.routes.get("r")?.sameToolCall]).toEqual([4, 2]);
  });
});

describe("the examples of docs/limits.md", () => {
  const text = readFileSync(new URL("../../../docs/limits.md", import.meta.url), "utf8");
  const examples = [...text.matchAll(/^```toml\n([^]*?)^```$/gm)].map(([, toml]) => toml ?? "");

  test("are four", () => expect(examples).toHaveLength(4));

  test.each(examples)("compile, their prices known", (toml) => {
    expect(pricedProblems(`[auth]\napi_keys = ["env::TO11_API_KEY"]\n${toml}`)).toEqual([]);
  });
});
