import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import type * as z from "zod/mini";
import { compile } from "../../../src/config/compile.ts";
import { documentVersion, writeDocument } from "../../../src/config/document.ts";
import { documentKey, pointerKey, writePointer } from "../../../src/platform/config/config-keys.ts";
import { explainedSchema } from "../../../src/web/api/contract.ts";
import { json, newIsolate, readFrom, refusedBy } from "./calls.ts";

afterEach(reset);

type Explained = z.infer<typeof explainedSchema>;

const EXPLAINED = `
[auth]
open = true
[providers.openai]
models = ["gpt-4o", "text-embedding-3-small", "whisper-1"]
[providers.anthropic]
models = ["claude-sonnet-4-6"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "claude-sonnet-4-6"
[routes.split]
models = ["gpt-4o"]
strategy = "weighted"
targets = ["a", "b", "a2"]
[targets.a2]
model = "gpt-4o"
weight = 2
[routes.chain]
strategy = "fallback"
targets = ["b", "a"]
[routes.test]
strategy = "experiment"
sticky_by = "user"
variants.x = { model = "gpt-4o", weight = 3 }
variants.y = { model = "claude-sonnet-4-6", weight = 1 }
`;

/** Its secrets are not those of the deploy, so it could not be published: it is put into KV. */
async function explained(model: string, more: object = {}, isolate = newIsolate()): Promise<Explained> {
  const compiled = compile(EXPLAINED, { localDevelopment: false });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  const text = writeDocument(EXPLAINED, compiled.value.compiled);
  const version = await documentVersion(text);
  await env.CONFIG.put(documentKey("default", version), text);
  await env.CONFIG.put(pointerKey("default"), writePointer(version, Date.now()));
  return readFrom(isolate, explainedSchema, "/api/explain", json({ model, ...more }));
}

function shares(result: Explained): readonly string[] {
  return result.candidates.map(({ target, share }) => `${target} ${share}`);
}

test("tells weighted shares, and whose secret cannot be used", async () => {
  const result = await explained("gpt-4o");
  expect(result).toMatchObject({ layer: "route", route: "split", function: null, strategy: "weighted" });
  expect(shares(result)).toEqual(["a 0.25", "b 0.25", "a2 0.5"]);
  expect(result.candidates.map(({ skipped }) => skipped)).toEqual([
    null,
    "the secret ANTHROPIC_API_KEY may not be sent to https://api.anthropic.com in the header x-api-key: the deployed routes.toml does not send it there",
    null,
  ]);
  const without = await explained("gpt-4o", {}, newIsolate({ OPENAI_API_KEY: undefined }));
  expect(without.candidates[0]).toMatchObject({ share: 0.25, skipped: "the secret OPENAI_API_KEY is not set" });
  expect(result.reason).toMatch(/split covers this model for chat/);
});

test("tells the first of a chain, whom it would ask in another dialect, and who does not speak the path", async () => {
  const chat = await explained("route::chain");
  expect(shares(chat)).toEqual(["b 1", "a 0"]);
  expect(chat.candidates.map(({ translated }) => translated)).toEqual(["messages", null]);
  const completions = await explained("route::chain", { path: "/v1/completions" });
  expect(shares(completions)).toEqual(["b 0", "a 1"]);
  expect(completions.candidates[0]?.skipped).toBe("anthropic does not speak /v1/completions");
});

test("tells an experiment's shares, and the variant of a sticky user", async () => {
  const drawn = await explained("route::test");
  expect(drawn.candidates.map(({ variant, share }) => `${variant} ${share}`)).toEqual(["x 0.75", "y 0.25"]);
  const fixed = await explained("route::test", { headers: { "X-To11-User-Id": "u-1", "no header": "a\nb" } });
  expect(fixed.candidates.map(({ share }) => share).toSorted((left, right) => left - right)).toEqual([0, 1]);
  expect(fixed.reason).toMatch(/fixed by the user/);
});

test("tells passthrough", async () => {
  const result = await explained("whisper-1", { path: "/v1/audio/transcriptions" });
  expect(result).toMatchObject({ layer: "passthrough", route: null, strategy: "passthrough" });
  expect(result.candidates).toEqual([
    { target: "whisper-1", provider: "openai", model: "whisper-1", step: 0, variant: null, share: 1, translated: null, skipped: null },
  ]);
});

test.each([
  [{ model: "gpt-4p" }, 404, "unknown_model"],
  [{ model: "route::main", path: "/v1/embeddings" }, 400, "endpoint_mismatch"],
  [{ model: "gpt-4o", path: "/v1/chat" }, 400, "invalid_request"],
  [{ model: "" }, 400, "invalid_request"],
  [{ model: "gpt-4o", modle: "x" }, 400, "invalid_request"],
  [{ model: "gpt-4o", headers: { "x-to11-user-id": 1 } }, 400, "invalid_request"],
])("refuses %j with %i", async (body, status, code) => {
  expect(await refusedBy(newIsolate(), "/api/explain", json(body))).toMatchObject({ status, code });
});
