import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../../src/simulator/server.ts";
import { postRaw } from "./wire.ts";

let simulator: Simulator;

beforeAll(async () => void (simulator = await startSimulator({ tokenDelayMs: 0 })));
afterEach(() => simulator.reset());
afterAll(() => simulator.close());

async function control(method: string, path: string, body?: string): Promise<{ status: number; answer: { error?: { message: string } } }> {
  const answer = await fetch(`${simulator.url}/-/${path}`, { method, ...(body !== undefined && { body }) });
  return { status: answer.status, answer: await answer.json() };
}

function chat(provider: string, more: object = {}): Promise<Response> {
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hi" }], ...more });
  return fetch(`${simulator.url}/${provider}/v1/chat/completions`, { method: "POST", body });
}

test("faults are set, shown and cleared per provider", async () => {
  expect(await control("PUT", "faults/openai", '{"status":503}')).toEqual({ status: 200, answer: { faults: { openai: { status: 503 } } } });
  expect(await control("PUT", "faults/a.b-c", '{"latency_ms":0}')).toMatchObject({ status: 200 });
  expect((await control("GET", "faults")).answer).toEqual({ faults: { openai: { status: 503 }, "a.b-c": { latency_ms: 0 } } });
  expect([(await chat("openai")).status, (await chat("other")).status]).toEqual([503, 200]);
  expect(await control("DELETE", "faults/openai")).toEqual({ status: 200, answer: { faults: { "a.b-c": { latency_ms: 0 } } } });
  expect((await chat("openai")).status).toBe(200);
  expect(simulator.calls()).toHaveLength(3);
});

test("a fault's status is an error in the dialect of the path", async () => {
  simulator.setFault("anthropic", { status: 529 });
  const message = "The simulator was told to answer 529.";
  expect(await (await chat("anthropic")).json()).toEqual({ error: { message, type: "server_error", param: null, code: null } });
  const answer = await fetch(`${simulator.url}/anthropic/v1/messages`, { method: "POST", body: "{}" });
  expect(await answer.json()).toEqual({ type: "error", error: { type: "overloaded_error", message }, request_id: null });
});

test("latency is waited before the headers", async () => {
  simulator.setFault("a", { latency_ms: 40 });
  const before = performance.now();
  expect((await chat("a")).status).toBe(200);
  expect(performance.now() - before).toBeGreaterThanOrEqual(39);
});

test("a stream is cut after so many events, any other answer after so many bytes", async () => {
  simulator.setFault("a", { cut_after: 3 });
  const stream = await chat("a", { stream: true });
  const seen: string[] = [];
  await expect(async () => {
    for await (const chunk of stream.body ?? []) seen.push(Buffer.from(chunk).toString());
  }).rejects.toThrow("terminated");
  expect(seen.join("").split("\n\n")).toHaveLength(4);
  await expect((await chat("a")).text()).rejects.toThrow("terminated");
  const [, whole] = await simulator.waitForCalls(2);
  expect(whole && (await simulator.waitForClose(whole)).ending).toBe("cut");
});

test("a cut beyond the answer's end leaves it whole", async () => {
  simulator.setFault("a", { cut_after: 100_000 });
  expect(await (await chat("a")).json()).toMatchObject({ model: "m" });
  expect(await (await chat("a", { stream: true })).text()).toContain("[DONE]");
});

test.each([
  ["not json", "the body is not JSON; "],
  ["", "the body is not JSON; "],
  ["[503]", "a fault is a JSON object; "],
  ["null", "a fault is a JSON object; "],
  ["{}", "no fault is named; "],
  ['{"statuss":503}', 'there is no fault "statuss"; '],
  ['{"toString":503}', 'there is no fault "toString"; '],
  ['{"status":503,"latency_ms":1}', "a provider has one fault at a time, not 2; "],
  ['{"status":"503"}', 'status is "503"; it takes a whole number from 400 to 599 (an HTTP error status)'],
  ['{"status":200}', "status is 200; it takes a whole number from 400 to 599 (an HTTP error status)"],
  ['{"status":503.5}', "status is 503.5; it takes a whole number from 400 to 599 (an HTTP error status)"],
  ['{"latency_ms":-1}', "latency_ms is -1; it takes a whole number from 0 to 600000 (milliseconds)"],
  ['{"latency_ms":600001}', "latency_ms is 600001; it takes a whole number from 0 to 600000 (milliseconds)"],
  ['{"cut_after":null}', "cut_after is null; it takes a whole number from 0 to 1000000 (events of a stream, or bytes of any other answer)"],
])("the fault %s is refused", async (body, message) => {
  const { status, answer } = await control("PUT", "faults/openai", body);
  expect(status).toBe(400);
  expect(answer.error?.message.startsWith(message)).toBe(true);
  expect((await control("GET", "faults")).answer).toEqual({ faults: {} });
});

test.each([
  ["PUT", "faults/Open%20AI", 400],
  ["PUT", "faults/", 400],
  ["PUT", "faults", 405],
  ["POST", "faults/openai", 405],
  ["GET", "faults/openai/more", 404],
  ["GET", "nothing", 404],
])("%s /-/%s is %i", async (method, path, status) => {
  expect((await control(method, path, method === "GET" ? undefined : '{"status":503}')).status).toBe(status);
});

test("a reset at the first event is a reset on the wire", async () => {
  simulator.script("a", { fault: { cut_after: 0 } });
  expect((await postRaw(`${simulator.url}/a/v1/nothing`)).end).toBe("reset");
});
