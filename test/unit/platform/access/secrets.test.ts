import { expect, test } from "vitest";
import type { SecretUse } from "../../../../src/config/secret-uses.ts";
import type { SecretSite } from "../../../../src/core/secrets/secret-site.ts";
import { Secrets } from "../../../../src/platform/access/secrets.ts";

const OPENAI = { origin: "https://api.openai.com", place: "header", name: "authorization" } as const;
const EU = { ...OPENAI, origin: "https://eu.openai.com" };

function use(secret: string, site: SecretSite | null): SecretUse {
  return { secret, site, usedBy: [], needed: true };
}

const secrets = new Secrets(
  {
    OPENAI_API_KEY: "sk-1",
    EMPTY: "",
    WITH_LINE_END: " sk-2\n",
    BLANK: " \n",
    TWO_LINES: "sk-1\nsk-2",
    BEYOND_LATIN_1: "sk-…",
    TO11_API_KEY: "to11_1",
    TO11_ADMIN_KEY: "admin",
    TO11_DEV: "127.0.0.1",
    CONFIG: { get: "no text" },
  },
  [
    use("OPENAI_API_KEY", OPENAI),
    use("OPENAI_API_KEY", EU),
    use("OPENAI_API_KEY", { ...EU, place: "query", name: "key" }),
    use("EMPTY", OPENAI),
    ...["ABSENT", "WITH_LINE_END", "BLANK", "TWO_LINES", "BEYOND_LATIN_1"].map((name) => use(name, OPENAI)),
    use("CONFIG", OPENAI),
    use("TO11_ADMIN_KEY", OPENAI),
    use("TO11_API_KEY", null),
  ],
);

test.each<[string, SecretSite, ReturnType<Secrets["secret"]>]>([
  ["OPENAI_API_KEY", OPENAI, { value: "sk-1" }],
  ["OPENAI_API_KEY", EU, { value: "sk-1" }],
  ["OPENAI_API_KEY", { ...EU, place: "query", name: "key" }, { value: "sk-1" }],
  ["OPENAI_API_KEY", { ...OPENAI, origin: "https://evil.example" }, { fault: "not_allowed_there" }],
  ["OPENAI_API_KEY", { ...OPENAI, origin: "https://api.openai.com:8443" }, { fault: "not_allowed_there" }],
  ["OPENAI_API_KEY", { ...OPENAI, name: "x-tag" }, { fault: "not_allowed_there" }],
  ["OPENAI_API_KEY", { ...OPENAI, place: "query", name: "key" }, { fault: "not_allowed_there" }],
  ["OPENAI_API_KEY", { ...EU, name: "key" }, { fault: "not_allowed_there" }],
  ["UNNAMED", OPENAI, { fault: "not_allowed_there" }],
  ["ABSENT", OPENAI, { fault: "missing" }],
  ["WITH_LINE_END", OPENAI, { value: "sk-2" }],
  ["BLANK", OPENAI, { fault: "missing" }],
  ["TWO_LINES", OPENAI, { fault: "malformed" }],
  ["BEYOND_LATIN_1", OPENAI, { fault: "malformed" }],
  ["EMPTY", OPENAI, { fault: "missing" }],
  ["CONFIG", OPENAI, { fault: "missing" }],
  ["TO11_ADMIN_KEY", OPENAI, { fault: "not_allowed_there" }],
  ["TO11_API_KEY", OPENAI, { fault: "not_allowed_there" }],
])("%s for %j: %j", (name, site, expected) => {
  expect(secrets.secret(name, site)).toEqual(expected);
});

test.each([
  ["TO11_API_KEY", "to11_1", true],
  ["OPENAI_API_KEY", "sk-1", true],
  ["EMPTY", undefined, false],
  ["ABSENT", undefined, false],
  ["TO11_ADMIN_KEY", undefined, false],
  ["TO11_DEV", undefined, false],
  ["CONFIG", undefined, false],
  ["constructor", undefined, false],
])("%s as a caller's key: %j, set: %j", (name, key, isSet) => {
  expect(secrets.gatewayKey(name)).toBe(key);
  expect(secrets.isSet(name)).toBe(isSet);
});

const GATEWAY_KEY = `to11_${"k".repeat(27)}`;
const BINDINGS = {
  A: "sk-first-1",
  LONGER: "sk-first-1-and-more",
  PEM: 'line one\n"line two"',
  SHORT: "short-1",
  BASIC: `Basic ${btoa("user:the-password")}`,
  UNNAMED: "secret-that-nothing-names",
  UNNAMED_KEY: GATEWAY_KEY,
  ENVIRONMENT: "production",
  TO11_ADMIN_KEY: "the-admin-key",
  TO11_SIMULATOR: "http://127.0.0.1:4001",
};
const named = new Secrets(
  BINDINGS,
  ["A", "LONGER", "PEM", "SHORT", "BASIC"].map((name) => use(name, OPENAI)),
);

test("a text is given without any secret that the configuration names, and without gateway keys; the short ones stay", () => {
  const { PEM } = BINDINGS;
  expect(
    named.redact(
      `a sk-first-1, sk-first-1-and-more, sk-first-1sk-first-1 ${GATEWAY_KEY} ${JSON.stringify(PEM)} ${PEM} the-admin-key in production short-1`,
    ),
  ).toBe('a [redacted], [redacted], [redacted][redacted] [redacted] "[redacted]" [redacted] [redacted] in production short-1');
  expect(named.redact("a secret-that-nothing-names")).toBe("a secret-that-nothing-names");
  expect(named.redact("")).toBe("");
});

test.each([
  ["a secret", "sk-first-1", true],
  ["a secret within more", "x sk-first-1 y", true],
  ["a secret in Basic", `Basic ${btoa("me:sk-first-1")}`, true],
  ["the password of a secret", "the-password", true],
  ["the admin key", "the-admin-key", true],
  ["a secret that nothing names", "secret-that-nothing-names", true],
  ["a secret that nothing names, behind a scheme", "Bearer secret-that-nothing-names", true],
  ["a secret that nothing names, in Basic", `Basic ${btoa("me:secret-that-nothing-names")}`, true],
  ["a word of a variable that nothing names, within more", "production-1", false],
  ["what to11 dev tells the gateway", "http://127.0.0.1:4001", false],
  ["a short one", "short-1", false],
  ["the beginning of a secret", "sk-first", false],
  ["anything else", "application/json; charset=utf-8", false],
  ["nothing", "", false],
])("a caller's value that is %s is kept back or not: %j", (_what, value, expected) => {
  expect(named.areIn(value)).toBe(expected);
});
