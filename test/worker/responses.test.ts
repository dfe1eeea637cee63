import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { jsonAnswer, STREAM_HEADERS } from "../support/upstream.ts";

let upstream: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.openai]
base_url = "${upstream.baseUrl("openai")}"
models = ["gpt"]
[targets.main]
model = "gpt"
`,
    bindings: { OPENAI_API_KEY: "key-of-openai" },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const PATH = "/v1/responses";
const STREAM = readFileSync("test/fixtures/openai-responses.sse", "utf8");
const ID = "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b";

/** A stream's events up to the last one that brings words, and all of it. */
const BEGUN = STREAM.slice(0, STREAM.indexOf("event: response.output_text.done"));

async function askFor(body: readonly string[], ending: "reset" | "whole"): Promise<Response> {
  upstream.script("openai", { headers: STREAM_HEADERS, body, ending, endDelayMs: 5 });
  return gateway.post(PATH, { model: "gpt", input: "Hello", stream: true });
}

function eventsOf(text: string): Record<string, unknown>[] {
  return [...text.matchAll(/^data: (.+)$/gm)].map(([, data = ""]) => JSON.parse(data) as Record<string, unknown>);
}

test.each(["reset", "whole"] as const)(
  "a stream that breaks (%s) ends with an error and the response's failure, counted on",
  async (how) => {
    const response = await askFor([BEGUN], how);
    const text = await response.text();
    expect(text.slice(0, BEGUN.length)).toBe(BEGUN);
    const begun = eventsOf(BEGUN);
    const lastNumber = Number(begun.at(-1)?.["sequence_number"]);
    expect(eventsOf(text.slice(BEGUN.length))).toEqual([
      expect.objectContaining({ type: "error", code: "stream_truncated", sequence_number: lastNumber + 1 }),
      {
        type: "response.failed",
        sequence_number: lastNumber + 2,
        response: expect.objectContaining({
          id: ID,
          status: "failed",
          error: { code: "stream_truncated", message: "The upstream's connection ended in the middle of its answer." },
          output: [],
          usage: null,
        }),
      },
    ]);
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "truncated", error_code: "stream_truncated" });
  },
);

test("a provider's own failure gives way to these two, and does not count", async () => {
  const failure = `event: error\ndata: {"type":"error","code":"server_error","message":"gpu on fire","param":null,"sequence_number":99}\n\n`;
  const text = await (await askFor([BEGUN, failure], "whole")).text();
  const ended = eventsOf(text.slice(BEGUN.length));
  expect(ended.map(({ type }) => type)).toEqual(["error", "response.failed"]);
  expect(ended[0]).toMatchObject({ message: "The upstream gave up in the middle of its answer: gpu on fire" });
  expect(Number(ended[0]?.["sequence_number"])).toBeLessThan(99);
});

test("input_tokens is the provider's own count", async () => {
  const answer = { object: "response.input_tokens", input_tokens: 11 };
  upstream.script("openai", jsonAnswer(answer));
  const response = await gateway.post(`${PATH}/input_tokens`, { model: "gpt", input: "Hello" });
  expect([response.status, await response.json()]).toEqual([200, answer]);
  const [call] = upstream.calls();
  expect([call?.path, call?.headers["authorization"]]).toEqual([`${PATH}/input_tokens`, "Bearer key-of-openai"]);
  expect((await gateway.traceOf(response)).usage.input_tokens).toBeNull();
});
