import { describe, expect, test } from "vitest";
import { told } from "./told.ts";

/** An experiment of one variant is told of, too. */
const errors = (toml: string): readonly string[] => told(toml).filter((line) => line.includes(" error "));

/** Of each issuer, made up. */
const KEYS: readonly (readonly [string, string])[] = [
  ["AWS", "AKIAIOSFODNN7EXAMPLE"],
  ["AWS, temporary", "ASIAIOSFODNN7EXAMPLE"],
  ["Google", `AIza${"Sy-_0123456789".repeat(3).slice(0, 35)}`],
  ["GitHub", `ghp_${"Ab0".repeat(12)}`],
  ["GitHub, of an app", `ghs_${"Ab0".repeat(12)}`],
  ["GitHub, fine-grained", `github_pat_${"Ab0_".repeat(20)}`],
  ["Slack", "xoxb-123456789012-abcdefABCDEF"],
  ["a JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLW9m"],
  ["OpenAI", `sk-proj-${"Ab0_-".repeat(20)}`],
  ["Anthropic", `sk-ant-api03-${"Ab0_-".repeat(18)}AA`],
  ["DeepSeek", `sk-${"0123456789abcdef".repeat(2)}`],
  ["this gateway", `to11_${"Ab0_-".repeat(8)}`],
];

const IN_VALUE =
  "holds a literal key, and the file is published as it is; put the key into a variable and name that as env::NAME where a key belongs (it is not repeated here)";
const ELSEWHERE = "a literal key stands here, and the file is published as it is, comments and all; take it out (it is not repeated here)";

const START = `[auth]\nopen = true\n[providers.openai]\nmodels = ["m"]\n`;

describe("a literal key is refused wherever it stands, and not repeated", () => {
  test.each(KEYS)("of %s", (_name, key) => {
    expect(errors(`${START}[routes.r.variants.v]\nmodel = "m"\nprompt = "say ${key}"\n`)).toEqual([
      `7:1 error routes.r.variants.v.prompt: ${IN_VALUE}`,
    ]);
    expect(errors(`${START}# was: ${key}\n`)).toEqual([`5:8 error ${ELSEWHERE}`]);
  });

  const KEY = "AKIAIOSFODNN7EXAMPLE";

  test.each<[string, string, readonly string[]]>([
    ["the path of an address", `base_url = "https://api.example.com/${KEY}/v1"`, [`5:1 error providers.openai.base_url: ${IN_VALUE}`]],
    ["a harmless header", `headers = { x-team = "team ${KEY}" }`, [`5:13 error providers.openai.headers.x-team: ${IN_VALUE}`]],
    ["a harmless parameter", `query = { region = "${KEY}" }`, [`5:11 error providers.openai.query.region: ${IN_VALUE}`]],
    [
      "a model's name",
      `[targets.t]\nmodel = "${KEY}"\nprovider = "openai"`,
      [
        'targets.t.model: the provider openai does not list "[redacted]"; add it to providers.openai.models',
        `targets.t.model: ${IN_VALUE}`,
      ].map((problem) => `6:1 error ${problem}`),
    ],
    ["a name", `[models."${KEY}"]\ntimeout_ms = 5`, [`5:9 error models."[redacted]": ${IN_VALUE}`]],
    [
      "a name inside a parameter",
      `[routes.r.variants.v]\nmodel = "m"\nx = { "${KEY}" = 1 }`,
      [`7:7 error routes.r.variants.v.x.[redacted]: ${IN_VALUE}`],
    ],
    [
      "a value of several lines",
      `[routes.r.variants.v]\nmodel = "m"\nx = """\na\n${KEY}"""`,
      [`7:1 error routes.r.variants.v.x: ${IN_VALUE}`],
    ],
    [
      "a value with escapes",
      `[routes.r.variants.v]\nmodel = "m"\nx = "\\u0041${KEY.slice(1)}"`,
      [`7:1 error routes.r.variants.v.x: ${IN_VALUE}`],
    ],
    ["a comment behind a value", `stream_usage = false # ${KEY}`, [`5:24 error ${ELSEWHERE}`]],
    ["the last comment", `# ${KEY}`, [`5:3 error ${ELSEWHERE}`]],
  ])("in %s", (_where, toml, problems) => {
    expect(errors(`${START}${toml}`)).toEqual(problems);
  });

  test("once where a value is refused for its form anyway, and where it stands twice", () => {
    expect(errors(`${START}credential = "${KEY}" # not ${KEY}\n`)).toEqual([
      "5:1 error providers.openai.credential: must be env::NAME, the variable that holds the key; a literal key is refused (and not repeated here)",
    ]);
  });

  test("by no message that quotes what it found", () => {
    expect(errors(`${START}type = "${KEY}"\n[routes.r]\nmodels = ["${KEY}"]\ntargets = ["${KEY}"]\n`).join("\n")).not.toContain(KEY);
    expect(errors(`${START}${KEY} = 1\n`).join("\n")).not.toContain(KEY);
  });
});

test.each([
  "sk-…",
  "sk-proj-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
  "sk-telecom-large-language-model",
  "risk-0123456789abcdef0123456789",
  "to11_…",
  "AKIA",
  "AKIAIOSFODNN7EXAMPLES",
  "eyJhbGciOiJIUzI1NiJ9",
  "a.eyJhbGciOiJI.c2lnbmF0dXJl",
  "gpt-4o-2024-08-06",
  "ghp_short",
])("%s is none", (text) => {
  expect(errors(`${START}# ${text}\n[routes.r.variants.v]\nmodel = "m"\nnote = "${text}"\n`)).toEqual([]);
});
