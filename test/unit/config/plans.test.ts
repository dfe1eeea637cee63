import { describe, expect, test } from "vitest";
import { load } from "../../../src/config/load.ts";
import { compiled } from "./compiled-of.ts";
import { told } from "./told.ts";

const ROUTING = `[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.primary]
model = "gpt-4o"
[targets.bare]
model = "gpt-4o-mini"
[routes.balanced]
targets = ["primary"]
[functions.extract]
models = ["gpt-4o-mini"]
`;

describe("plans", () => {
  const file = `${ROUTING}
[auth]
issued = true
[plans.all]
[plans.none]
models = []
[plans.some]
routes = ["balanced", "bare", "balanced"]
functions = ["extract"]
models = ["anything"]
providers = ["openai"]
`;

  test("say what may be asked for: without lists everything, with any of them what they list", () => {
    const { issued, plans, staticPlan } = load(compiled(file), "v");
    const none = new Set();
    expect([issued, staticPlan]).toEqual([true, undefined]);
    expect(plans.get("all")).toEqual({ name: "all", allow: undefined, limits: {} });
    expect(plans.get("none")?.allow).toEqual({ routes: none, functions: none, models: none, providers: none });
    expect(plans.get("some")?.allow).toEqual({
      routes: new Set(["balanced", "bare"]),
      functions: new Set(["extract"]),
      models: new Set(["anything"]),
      providers: new Set(["openai"]),
    });
  });

  test("of static keys are named in [auth]", () => {
    const table = load(compiled(`${ROUTING}[auth]\napi_keys = ["env::TO11_API_KEY"]\nplan = "p"\n[plans.p]\nmodels = ["x"]\n`), "v");
    expect([table.issued, table.staticPlan?.name]).toEqual([false, "p"]);
  });

  test("are nothing in the document of a file without any: its version stays as it was", () => {
    const plain = compiled(`${ROUTING}[auth]\nopen = true\n`);
    for (const key of ["plans", "plan", "issued"]) expect(Object.keys(plain)).not.toContain(key);
  });

  test("of a file that issues keys are no gateway that is closed to all", () => {
    expect(told(file)).toEqual([]);
  });
});

describe("refused", () => {
  const FACTS: readonly { readonly name: string; readonly toml: string; readonly problems: readonly string[] }[] = [
    {
      name: "a route that there is not",
      toml: '[plans.p]\nroutes = ["balancd"]\n',
      problems: ['12:11 error plans.p.routes[0]: there is no route "balancd"; did you mean "balanced"?'],
    },
    {
      name: "a route that is a function",
      toml: '[plans.p]\nroutes = ["extract"]\n',
      problems: ['12:11 error plans.p.routes[0]: there is no route "extract"; add [routes.extract], or name another'],
    },
    {
      name: "a function that there is not",
      toml: '[plans.p]\nfunctions = ["extract", "shorten-it"]\n',
      problems: ['12:25 error plans.p.functions[1]: there is no function "shorten-it"; add [functions.shorten-it], or name another'],
    },
    {
      name: "a provider that there is not",
      toml: '[plans.p]\nproviders = ["opneai"]\n',
      problems: ['12:14 error plans.p.providers[0]: there is no provider "opneai"; did you mean "openai"?'],
    },
    {
      name: "an unknown key",
      toml: '[plans.p]\nroute = ["balanced"]\n',
      problems: ['12:1 error plans.p.route: unknown key; did you mean "routes"?'],
    },
    {
      name: "a list that is none",
      toml: '[plans.p]\nmodels = "gpt-4o"\n',
      problems: ['12:1 error plans.p.models: must be an array of model names, such as ["gpt-4o"]'],
    },
    {
      name: "every model by a star",
      toml: '[plans.p]\nmodels = ["*"]\n',
      problems: ['12:11 error plans.p.models[0]: must be a model by its name; "*" has a meaning in a provider\'s models only'],
    },
    {
      name: "issued keys where anyone may call",
      toml: "[auth]\nissued = true\nopen = true\n",
      problems: ["12:1 error auth.issued: keys mean nothing where anyone may call; remove this, or open = true"],
    },
    {
      name: "an unknown plan of the static keys",
      toml: '[auth]\napi_keys = ["env::TO11_API_KEY"]\nplan = "teem"\n[plans.team]\n',
      problems: ['13:1 error auth.plan: there is no plan "teem"; did you mean "team"?'],
    },
    {
      name: "a plan of static keys where there is no plan",
      toml: '[auth]\napi_keys = ["env::TO11_API_KEY"]\nplan = "team"\n',
      problems: ['13:1 error auth.plan: there is no plan "team"; add [plans.team]'],
    },
    {
      name: "a plan of static keys where there are none",
      toml: '[auth]\nissued = true\nplan = "team"\n[plans.team]\n',
      problems: ["13:1 error auth.plan: is the plan of api_keys, of which there are none; an issued key names its own"],
    },
  ];

  test.each(FACTS)("$name", ({ toml, problems }) => {
    const all = told(ROUTING + toml, { localDevelopment: true });
    expect(all.filter((problem) => problem.includes(" error "))).toEqual(problems);
  });
});
