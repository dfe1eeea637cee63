import { type Attack, each, EVERYWHERE, unless, unlike } from "../attack.ts";
import type { Place } from "../place.ts";

const TOML = { "content-type": "application/toml" };

/** Bytes of a file that is meant to keep the gateway busy, and for how long it may, s of the processor. */
const LONG = 1_000_000;
const COMPILE_S = 2;

/** Problems that are told of one file at most, and one that says how many more there are. */
const MOST_PROBLEMS = 101;

const filled = (head: string, piece: (index: number) => string): string => {
  let text = head;
  for (let index = 0; text.length < LONG - 100; index += 1) text += piece(index);
  return text;
};

const HOSTILE: readonly (readonly [string, () => string])[] = [
  ["brackets in brackets", () => `a = ${"[".repeat(LONG / 2)}${"]".repeat(LONG / 2)}`],
  ["a key of half a million parts", () => `${"a.".repeat(LONG / 2)}a = 1`],
  ["unknown keys", () => filled("", (index) => `k${index} = 1\n`)],
  ["wrong types", () => filled("", (index) => `[providers.p${index}]\ntype = "opanai"\n`)],
  ["wrong strategies", () => filled("", (index) => `[routes.r${index}]\nstrategy = "wieghted"\n`)],
  ["what looks like keys", () => filled("[providers.a.headers]\n", (index) => `h${index} = "sk-${"sk-".repeat(20)}"\n`)],
  ["escapes", () => `a = "${"\\u0041".repeat(LONG / 6)}"`],
  ["a text that never ends", () => `a = """${'x"'.repeat(LONG / 2)}`],
];

/** A file that uses a secret of the gateway's in this provider. */
const using = (provider: string): string =>
  `[auth]\napi_keys = ["env::TO11_API_KEY"]\n[providers.pinned]\nmodels = ["m"]\n${provider}\n[targets.t]\nmodel = "m"\n`;

/** Files that would carry a secret where the deployed file does not send it. */
const THEFTS: readonly (readonly [string, string])[] = [
  ["to another origin", 'base_url = "https://elsewhere.example/v1"\ncredential = "env::PINNED_KEY"'],
  ["in another header", 'base_url = "https://pinned.example/v1"\nauth_header_name = "x-log"\ncredential = "env::PINNED_KEY"'],
  ["in a header beside", 'base_url = "https://pinned.example/v1"\nauth_type = "none"\nheaders = { x-log = "env::PINNED_KEY" }'],
  ["in the query", 'base_url = "https://pinned.example/v1"\nauth_type = "none"\nquery = { log = "env::PINNED_KEY" }'],
];

/** Of each issuer, made up. */
const KEYS: readonly string[] = [
  "AKIAIOSFODNN7EXAMPLE",
  `AIza${"Sy-_0123456789".repeat(3).slice(0, 35)}`,
  `ghp_${"Ab0".repeat(12)}`,
  "xoxb-123456789012-abcdefABCDEF",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLW9m",
  `sk-proj-${"Ab0_-".repeat(20)}`,
];

/** Places of a file in which a key may stand. */
const HIDING: readonly ((key: string) => string)[] = [
  (key) => using(`base_url = "https://pinned.example/${key}/v1"\nauth_type = "none"`),
  (key) => using(`base_url = "https://pinned.example/v1"\nauth_type = "none"\nheaders = { x = "${key}" }`),
  (key) => `${using('base_url = "https://pinned.example/v1"\nauth_type = "none"')}[routes.r.variants.v]\nmodel = "m"\nprompt = "${key}"\n`,
  (key) => `${using('base_url = "https://pinned.example/v1"\nauth_type = "none"')}# was ${key}\n`,
];

/** Publishes; the status and what was told. */
async function publish({ admin }: Place, body: string): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await admin("/api/config", { method: "PUT", headers: { ...TOML, "if-match": "*" }, body });
  return { status: answer.status, text: answer.body.toString() };
}

/** What somebody tries who may publish, and not deploy. */
export const PUBLISHING: readonly Attack[] = [
  {
    name: "files that move a secret",
    promise: "refused: a secret goes where the deployed file sends it only",
    at: EVERYWHERE,
    run: (place) =>
      each(THEFTS, async ([what, provider]) => {
        const { status, text } = await publish(place, using(provider));
        return [...unlike(what, status, 400), ...unless(text.includes("PINNED_KEY"), `${what}: refused without a word on the secret`)];
      }),
  },
  {
    name: "files that hold a key",
    promise: "refused wherever the key stands, which is not repeated",
    at: EVERYWHERE,
    run: (place) =>
      each(KEYS, (key) =>
        each(HIDING, async (hide) => {
          const { status, text } = await publish(place, hide(key));
          const what = `${key.slice(0, 6)}… in ${hide("KEY")
            .split("\n")
            .find((line) => line.includes("KEY") && !line.includes("TO11"))}`;
          return [...unlike(what, status, 400), ...unless(!text.includes(key), `${what} is repeated`)];
        }),
      ),
  },
  {
    name: "hostile files of 1 MB",
    promise: `refused within ${COMPILE_S} s of the processor, ${MOST_PROBLEMS - 1} problems told`,
    at: EVERYWHERE,
    run: (place) =>
      each(HOSTILE, async ([what, file]) => {
        const before = place.processorMs();
        const { status, text } = await publish(place, file());
        const seconds = (place.processorMs() - before) / 1_000;
        const told = text.split('"severity":"error"').length - 1;
        return [
          ...unlike(what, status, 400),
          ...unless(seconds < COMPILE_S, `${what} took ${seconds.toFixed(1)} s`),
          ...unless(told <= MOST_PROBLEMS, `${what}: ${told} problems told`),
          ...unless(text.length < 200_000, `${what}: an answer of ${text.length} characters`),
        ];
      }),
  },
];
