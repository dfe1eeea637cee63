import { afterAll, beforeAll, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../../src/simulator/server.ts";

let simulator: Simulator;

beforeAll(async () => void (simulator = await startSimulator({ tokenDelayMs: 0 })));
afterAll(() => simulator.close());

function form(fields: Record<string, string | Blob>): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.append(name, value);
  return made;
}

const sound = new Blob(["x"]);

test.each([
  ["chat/completions", "not json", null, null],
  ["chat/completions", "[]", null, null],
  ["chat/completions", '{"messages":[]}', "model", null],
  ["chat/completions", '{"model":"m"}', "messages", "missing_required_parameter"],
  ["chat/completions", '{"model":"m","messages":[]}', "messages", "invalid_value"],
  ["chat/completions", '{"model":"m","messages":[{}],"n":0}', "n", "invalid_value"],
  ["completions", '{"model":"m"}', "prompt", "missing_required_parameter"],
  ["responses", '{"model":"m"}', "input", "missing_required_parameter"],
  ["embeddings", '{"model":"m"}', "input", "missing_required_parameter"],
  ["embeddings", '{"model":"m","input":""}', "input", "invalid_value"],
  ["embeddings", '{"model":"m","input":"a","dimensions":0}', "dimensions", "invalid_value"],
  ["embeddings", '{"model":"m","input":"a","encoding_format":"hex"}', "encoding_format", "invalid_value"],
  ["audio/speech", '{"model":"m","voice":"alloy"}', "input", "missing_required_parameter"],
  ["audio/speech", '{"model":"m","input":"a","voice":"alloy","response_format":"midi"}', "response_format", "invalid_value"],
  ["images/generations", '{"model":"m"}', "prompt", "missing_required_parameter"],
  ["images/generations", '{"model":"m","prompt":"a","n":99}', "n", "invalid_value"],
  ["audio/transcriptions", "not a form", null, null],
  ["audio/transcriptions", form({ file: sound }), "model", null],
  ["audio/transcriptions", form({ model: "m" }), "file", "missing_required_parameter"],
  ["audio/transcriptions", form({ model: "m", file: sound, response_format: "x" }), "response_format", "invalid_value"],
  ["images/edits", form({ model: "m", image: sound }), "prompt", "missing_required_parameter"],
  ["images/variations", form({ model: "m" }), "image", "missing_required_parameter"],
])("POST %s refuses %s in OpenAI's shape", async (path, body, param, code) => {
  const answer = await fetch(`${simulator.url}/openai/v1/${path}`, { method: "POST", body });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({ error: { message: expect.any(String), type: "invalid_request_error", param, code } });
});

test.each([
  ["GET", "/openai/v1/chat/completions", 405],
  ["POST", "/openai/v1/nothing", 404],
  ["POST", "/openai", 404],
  ["GET", "/", 404],
])("%s %s is %i", async (method, path, status) => {
  expect((await fetch(simulator.url + path, { method })).status).toBe(status);
});
