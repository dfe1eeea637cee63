import { describe, expect, test } from "vitest";
import { compile } from "../../../src/config/compile.ts";
import { load } from "../../../src/config/load.ts";

/** A megabyte, in characters. */
const LONG = 1_000_000;

/** Of the processor, not of the clock: others may be at work beside the test. */
const LONGEST_COMPILE_MS = 2_000;

/** `head`, then as many of the pieces as fit into a megabyte and, at `each` values a piece, into the values that are allowed. */
function filled(head: string, each: number, piece: (index: number) => string): string {
  let text = head;
  for (let index = 0; text.length < LONG - 100 && index < 49_900 / each; index += 1) text += piece(index);
  return text;
}

/** A list of as many names as fit into half of it, then `piece`. */
const listed = (name: (index: number) => string, piece: (index: number) => string): string => {
  let text = "[providers.openai]\nmodels = [";
  for (let index = 0; text.length < LONG / 2; index += 1) text += `"${name(index)}",`;
  return filled(`${text}]\n`, 3, piece);
};

const ONE = '[providers.openai]\nmodels = ["gpt-4o"]\n[targets.a]\nmodel = "gpt-4o"\n';

const FILES: readonly (readonly [string, () => string])[] = [
  ["brackets in brackets", () => `a = ${"[".repeat(LONG / 2)}${"]".repeat(LONG / 2)}`],
  ["tables in tables", () => `a = ${"{a=".repeat(LONG / 4)}`],
  ["a key of half a million parts", () => `${"a.".repeat(LONG / 2)}a = 1`],
  ["a header of half a million parts", () => `[${"a.".repeat(LONG / 2)}a]`],
  ["keys that share their parts", () => filled("", 1, (index) => `a.b.c.d.e.f.g.k${index} = 1\n`)],
  ["unknown keys", () => filled("", 1, (index) => `k${index} = 1\n`)],
  ["unknown keys in quotes", () => filled("", 1, (index) => `"k\\u0041${index}" = 1\n`)],
  ["unknown keys that are near a known one", () => filled("[routes.a]\n", 1, (index) => `timeout_m${index} = 1\n`)],
  ["unknown keys, one in each table", () => filled("", 2, (index) => `[routes.r${index}]\nstrategi = "x"\n`)],
  ["unknown keys under one long name", () => filled(`[models."${"x".repeat(LONG / 2)}"]\n`, 1, (index) => `k${index} = 1\n`)],
  ["unknown tables", () => filled("", 1, (index) => `[t${index}]\n`)],
  ["more values than are allowed", () => "[".padEnd(10, "0,").concat("1,".repeat(LONG / 2))],
  ["arrays of tables", () => filled("", 1, () => "[[routes.a.steps]]\n")],
  ["arrays of tables in arrays of tables", () => filled("[[x]]\n", 1, () => "[[x.y]]\n")],
  ["steps with an unknown key", () => `${filled(`${ONE}[routes.r]\nsteps = [`, 3, () => '{tergets=["a"]},')}]`],
  ["elements of the wrong shape", () => `${filled("[providers.openai]\nmodels = [", 1, () => "1,")}]`],
  ["a long text", () => `a = "${"x".repeat(LONG)}"`],
  ["escapes", () => `a = "${"\\u0041".repeat(LONG / 6)}"`],
  ["a text that never ends", () => `a = """${'x"'.repeat(LONG / 2)}`],
  ["comments", () => "#\n".repeat(LONG / 2)],
  ["blanks", () => " ".repeat(LONG)],
  ["digits", () => `a = ${"9".repeat(LONG)}`],
  ["times", () => filled("", 1, (index) => `k${index} = 1979-05-27T07:32:00Z\n`)],
  ["wrong strategies", () => filled("", 2, (index) => `[routes.r${index}]\nstrategy = "wieghted"\n`)],
  ["wrong types", () => filled("", 2, (index) => `[providers.p${index}]\ntype = "opanai"\n`)],
  ["names that are not allowed", () => filled("", 2, (index) => `[targets.A${index}]\nmodel = "x"\n`)],
  ["misspelt models", () => listed((index) => `model-${index}`, (index) => `[targets.t${index}]\nmodel = "modle-${index}"\n`)], // prettier-ignore
  [
    "misspelt models that nobody uses",
    () =>
      listed(
        (index) => `model-${index}`,
        (index) => `[models.modle-${index}]\n`,
      ),
  ],
  ["long misspelt models", () => listed((index) => `${"a".repeat(40)}-${index}`, (index) => `[targets.t${index}]\nmodel = "${"a".repeat(39)}b-x${index}"\n`)], // prettier-ignore
  ["models of a provider that is named", () => listed((index) => `m${index}`, (index) => `[targets.t${index}]\nmodel = "m${index}"\nprovider = "openai"\n`)], // prettier-ignore
  ["one name many times", () => `${filled(`${ONE}[routes.r]\nstrategy = "weighted"\ntargets = [`, 1, () => '"a",')}]`],
  ["targets of the wrong shape, and a list of them", () => filled(filled("", 4, (index) => `[targets.t${index}]\nmodel = 1\n`).concat('[routes.r]\nstrategy = "weighted"\ntargets = ['), 2, (index) => `"t${index}",`).concat("]")], // prettier-ignore
  ["one model claimed by all", () => filled(ONE, 5, (index) => `[routes.r${index}]\nmodels = ["gpt-4o"]\ntargets = ["a"]\n`)],
  ["two routes with the same models", () => {
    const models = Array.from({ length: 20_000 }, (_, index) => `"m${index}"`).join(",");
    return `${ONE}[routes.q]\ntargets = ["a"]\nmodels = [${models}]\n[routes.r]\ntargets = ["a"]\nmodels = [${models}]\n`;
  }], // prettier-ignore
  ["bare targets for one model", () => filled(ONE, 2, (index) => `[targets.t${index}]\nmodel = "gpt-4o"\n`)],
  ["bare targets beside routes", () => filled(filled(ONE, 8, (index) => `[routes.r${index}]\nmodels = ["m${index}"]\ntargets = ["a"]\n`), 4, (index) => `[targets.t${index}]\nmodel = "gpt-4o"\n`)], // prettier-ignore
  ["providers with one model", () => filled("", 4, (index) => `[providers.p${index}]\nbase_url = "https://x.example/v1"\nmodels = ["m"]\n`).concat('[targets.a]\nmodel = "m"\n')], // prettier-ignore
  ["one key twice", () => `${filled("[auth]\napi_keys = [", 1, (index) => `"env::K${index % 25_000}",`)}]`],
  ["one secret for all", () => filled(ONE, 3, (index) => `[targets.t${index}]\nmodel = "gpt-4o"\ncredential = "env::K"\n`)],
  ["headers", () => filled(`${ONE}[providers.openai.headers]\n`, 1, (index) => `h${index} = "env::X${index}"\n`)],
  ["slashes", () => `[providers.a]\nbase_url = "https://x/${"/".repeat(LONG)}x"\n`],
  ["what looks like a key", () => `${ONE}[providers.openai.headers]\n"${"aA".repeat(LONG / 4)}" = "${"sk-".repeat(LONG / 6)}"\n`],
  ["variants", () => filled(`${ONE}[routes.r]\nstrategy = "experiment"\n`, 3, (index) => `[routes.r.variants.v${index}]\nmodel = "gpt-4o"\nweight = 1\n`)], // prettier-ignore
];

describe(`a megabyte of what nobody would write is compiled, or refused in words that can be read, in ${LONGEST_COMPILE_MS} ms:`, () => {
  test.each(FILES)(
    "%s",
    (_name, file) => {
      const toml = file();
      const begun = process.threadCpuUsage();
      const result = compile(toml, { localDevelopment: false, pins: [] });
      if (result.ok) load(result.value.compiled, "v");
      const { user, system } = process.threadCpuUsage(begun);
      expect((user + system) / 1_000).toBeLessThan(LONGEST_COMPILE_MS);
      const problems = result.ok ? result.value.warnings : result.error;
      expect(problems.length).toBeLessThanOrEqual(101);
      expect(JSON.stringify(problems).length).toBeLessThan(200_000);
    },
    30_000,
  );
});

test("a longer file is not read at all", () => {
  expect(compile("#".repeat(1_048_577), { localDevelopment: false })).toEqual({
    ok: false,
    error: [{ severity: "error", path: "", line: null, column: null, message: "has 1048577 characters; at most 1048576 are read" }],
  });
});

test("of many problems the errors come first, and the others are counted", () => {
  const warnings = Array.from({ length: 60 }, (_, index) => `[models.w${index}]\n`).join("");
  const wrong = Array.from({ length: 90 }, (_, index) => `[targets.e${index}]\nmodel = "nobody-${index}"\n`).join("");
  const result = compile(`[providers.openai]\nmodels = ["gpt-4o"]\n${warnings}${wrong}`, { localDevelopment: false });
  const problems = result.ok ? [] : result.error;
  expect(problems.map(({ severity }) => severity)).toEqual([...Array<string>(10).fill("warning"), ...Array<string>(90).fill("error"), "warning"]); // prettier-ignore
  expect(problems.slice(0, -1).map(({ line }) => line)).toEqual([...Array.from({ length: 10 }, (_, index) => 3 + index), ...Array.from({ length: 90 }, (_, index) => 64 + 2 * index)]); // prettier-ignore
  expect(problems.at(-1)).toEqual({ severity: "warning", path: "", line: null, column: null, message: "and 50 more, not listed" });
});

test("a long name and a long value are told cut", () => {
  const result = compile(`[providers."${"n".repeat(10_000)}"]\nx = 1\n[providers.openai]\ntype = "${"t".repeat(10_000)}"\n`, {
    localDevelopment: false,
  });
  const problems = result.ok ? [] : result.error;
  expect(problems.map(({ path, message }) => path.length + message.length).every((length) => length < 1_400)).toBe(true);
  expect(problems.map(({ message }) => message).filter((message) => message.endsWith("…"))).toHaveLength(1);
});
