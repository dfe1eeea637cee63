import { expect, test } from "vitest";
import type { SecretUse } from "../../../../src/config/secret-uses.ts";
import { Secrets } from "../../../../src/platform/access/secrets.ts";

const OPENAI = "https://api.openai.com";

function use(secret: string, origin: string | null): SecretUse {
  return { secret, origin, usedBy: [], needed: true };
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
    use("OPENAI_API_KEY", "https://eu.openai.com"),
    use("EMPTY", OPENAI),
    ...["ABSENT", "WITH_LINE_END", "BLANK", "TWO_LINES", "BEYOND_LATIN_1"].map((name) => use(name, OPENAI)),
    use("CONFIG", OPENAI),
    use("TO11_ADMIN_KEY", OPENAI),
    use("TO11_API_KEY", null),
  ],
);

test.each([
  ["OPENAI_API_KEY", OPENAI, { value: "sk-1" }],
  ["OPENAI_API_KEY", "https://eu.openai.com", { value: "sk-1" }],
  ["OPENAI_API_KEY", "https://evil.example", { fault: "not_allowed_there" }],
  ["OPENAI_API_KEY", "https://api.openai.com:8443", { fault: "not_allowed_there" }],
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
])("%s for %s: %j", (name, origin, expected) => {
  expect(secrets.secret(name, origin)).toEqual(expected);
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

test("a text is given without any secret that the configuration names, and without gateway keys", () => {
  const key = `to11_${"k".repeat(27)}`;
  const bindings = {
    A: "sk-1",
    LONGER: "sk-1-and-more",
    PEM: 'line 1\n"line 2"',
    UNNAMED_KEY: key,
    ENVIRONMENT: "production",
    TO11_ADMIN_KEY: "the-admin-key",
  };
  const named = new Secrets(bindings, [use("A", OPENAI), use("LONGER", OPENAI), use("PEM", null)]);
  expect(
    named.redact(`a sk-1, sk-1-and-more, sk-1sk-1 ${key} ${JSON.stringify(bindings.PEM)} ${bindings.PEM} the-admin-key in production`),
  ).toBe('a [redacted], [redacted], [redacted][redacted] [redacted] "[redacted]" [redacted] [redacted] in production');
  expect(named.redact("")).toBe("");
});
