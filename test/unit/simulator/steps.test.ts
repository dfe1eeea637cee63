import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../../src/simulator/server.ts";
import type { Step } from "../../../src/simulator/play/step.ts";
import { encodedJson, redirectTo } from "../../support/upstream.ts";
import { postRaw } from "./wire.ts";

let simulator: Simulator;

beforeAll(async () => void (simulator = await startSimulator({ tokenDelayMs: 0 })));
afterEach(() => simulator.reset());
afterAll(() => simulator.close());

const url = (): string => `${simulator.url}/a/v1/any`;
const json = JSON.stringify;
const GRACE = { endDelayMs: 5 };

test.each<[string, Step, { end: "closed" | "reset"; text: RegExp; finished?: true }]>([
  ["a reset before headers", { noAnswer: "reset" }, { end: "reset", text: /^$/ }],
  ["a close before headers", { noAnswer: "close" }, { end: "closed", text: /^$/ }],
  [
    "a reset after headers",
    { body: [], ending: "reset", ...GRACE },
    { end: "reset", text: /^HTTP\/1.1 200 OK\r\n[^]*chunked[^]*\r\n\r\n$/ },
  ],
  [
    "a reset after two chunks",
    { body: ["one", "two"], ending: "reset", ...GRACE },
    { end: "reset", text: /\r\n\r\n3\r\none\r\n3\r\ntwo\r\n$/ },
  ],
  ["a close inside a chunked body", { body: ["one"], ending: "close" }, { end: "closed", text: /\r\n\r\n3\r\none\r\n$/ }],
  [
    "a close inside a promised length",
    { body: "one", ending: "close" },
    { end: "closed", text: /content-length: 1003\r\n[^]*\r\n\r\none$/i },
  ],
  [
    "a body that ends with its connection",
    { body: ["one"], framing: "close" },
    { end: "closed", text: /^(?![^]*(chunked|content-length))[^]*\r\n\r\none$/i, finished: true },
  ],
  ["garbage", { raw: ["SMTP 220", " hello\r\n"] }, { end: "closed", text: /^SMTP 220 hello\r\n$/, finished: true }],
  ["garbage, then a reset", { raw: ["zzz\r\n"], ending: "reset", ...GRACE }, { end: "reset", text: /^zzz\r\n$/ }],
])("%s looks so on the wire and in the log", async (_name, step, { end, text, finished = false }) => {
  simulator.script("a", step);
  const seen = await postRaw(url());
  expect(seen.end).toBe(end);
  expect(seen.text).toMatch(text);
  const [call] = await simulator.waitForCalls(1);
  expect(call && (await simulator.waitForClose(call))).toMatchObject({ finished, ending: finished ? "whole" : "cut" });
});

test.each<[string, Step, RegExp]>([
  ["after headers", { body: [], ending: "silence" }, /chunked\r\n\r\n$/],
  ["after a chunk", { body: ["one"], ending: "silence" }, /\r\n\r\n3\r\none\r\n$/],
])("silence %s lasts until the caller leaves, and the log tells when", async (_name, step, text) => {
  simulator.script("a", step);
  const seen = await postRaw(url(), (soFar) => text.test(soFar));
  const [call] = await simulator.waitForCalls(1);
  if (call === undefined) throw new Error("no call");
  expect(call).toMatchObject({ closedAt: undefined, ending: undefined, finished: false });
  seen.socket.resetAndDestroy();
  expect(await simulator.waitForClose(call)).toMatchObject({ closedAt: expect.any(Number), ending: "left", finished: false });
});

test.each(["leaves", "is cut by a reset of the simulator"])("silence before headers lasts until the caller %s", async (how) => {
  simulator.script("a", { noAnswer: "silence" });
  const leaving = new AbortController();
  const asked = fetch(url(), { method: "POST", signal: leaving.signal });
  asked.catch(() => undefined);
  const [call] = await simulator.waitForCalls(1);
  if (call === undefined) throw new Error("no call");
  if (how === "leaves") leaving.abort();
  else simulator.reset();
  await expect(asked).rejects.toThrow();
  expect((await simulator.waitForClose(call)).ending).toBe(how === "leaves" ? "left" : "cut");
});

test("each chunk is one write: its borders are the array's, whatever they split", async () => {
  simulator.script("a", {
    headers: { "content-type": "text/event-stream" },
    body: ["data: ", new Uint8Array([0xe2, 0x82]), new Uint8Array([0xac]), "\r", "\n\r\n"],
  });
  const { text } = await postRaw(url(), (seen) => seen.endsWith("0\r\n\r\n"));
  expect(text.slice(text.indexOf("\r\n\r\n") + 4)).toBe("6\r\ndata: \r\n2\r\n\xe2\x82\r\n1\r\n\xac\r\n1\r\n\r\r\n3\r\n\n\r\n\r\n0\r\n\r\n");
});

test("a chunk's delay is waited before it, and the ones before it are out by then", async () => {
  simulator.script("a", { body: ["one", { data: "two", delayMs: 600_000 }] });
  const seen = await postRaw(url(), (text) => text.endsWith("one\r\n"));
  expect(seen.end).toBe("open");
  expect(seen.text).not.toContain("two");
  seen.socket.destroy();
  const [call] = simulator.calls();
  expect(call && (await simulator.waitForClose(call)).ending).toBe("left");
});

test("a stream's tokens each wait their time, what frames them does not", async () => {
  const slow = await startSimulator({ tokenDelayMs: 600_000 });
  const body = json({ model: "m", stream: true, messages: [{ role: "user", content: "Hi" }] });
  const answer = await fetch(`${slow.url}/a/v1/chat/completions`, { method: "POST", body });
  const first = await answer.body?.getReader().read();
  expect(Buffer.from(first?.value ?? []).toString()).toMatch(/"delta":\{"role":"assistant"[^\n]*\n\n$/);
  const [call] = slow.calls();
  expect(call?.closedAt).toBeUndefined();
  await slow.close();
  expect(call?.ending).toBe("cut");
});

test("a body beyond the bound is refused", async () => {
  const answer = await fetch(url(), { method: "POST", body: new Uint8Array(64 * 1024 * 1024 + 1) });
  expect(answer.status).toBe(413);
  expect(simulator.calls()[0]).toMatchObject({ bodyWhole: false });
});

test("steps are used up in order, then the standing one, then the normal answer", async () => {
  const ask = async (provider: string): Promise<string> => {
    const body = json({ model: "m", messages: [{ role: "user", content: "Hi" }] });
    const answer = await fetch(`${simulator.url}/${provider}/v1/chat/completions`, { method: "POST", body });
    return `${answer.status} ${(await answer.text()).slice(0, 8)}`;
  };
  simulator.always("a", { status: 500, body: "standing" });
  simulator.script(
    "a",
    { status: 429, body: "one" },
    "normal",
    { fault: { status: 503 } },
    (_call, response) => void response.writeHead(418).end("by hand"),
  );
  expect(simulator.pending("a")).toBe(4);
  const seen = [await ask("a"), await ask("a"), await ask("a"), await ask("a"), await ask("a")];
  expect(seen).toEqual(["429 one", '200 {"id":"c', '503 {"error"', "418 by hand", "500 standing"]);
  expect(simulator.pending("a")).toBe(0);
  simulator.always("a", "normal");
  expect([await ask("a"), await ask("b")]).toEqual(['200 {"id":"c', '200 {"id":"c']);
});

test.each(["gzip", "br"] as const)("a body encoded with %s says so and decodes", async (encoding) => {
  simulator.script("a", encodedJson(encoding, { a: 1 }));
  const answer = await fetch(url(), { method: "POST" });
  expect(answer.headers.get("content-encoding")).toBe(encoding);
  expect(await answer.json()).toEqual({ a: 1 });
});

test("a redirect is answered as it is", async () => {
  simulator.script("a", redirectTo("https://example.com/", 302));
  const answer = await fetch(url(), { method: "POST", redirect: "manual" });
  expect([answer.status, answer.headers.get("location")]).toEqual([302, "https://example.com/"]);
});

test("a handler that fails ends its connection, not the simulator", async () => {
  const logged: unknown[] = [];
  const log = console.error;
  console.error = (...words) => void logged.push(words[0]);
  try {
    simulator.script("a", () => Promise.reject(new Error("a mistake in a script")));
    expect((await postRaw(url())).text).toBe("");
  } finally {
    console.error = log;
  }
  expect(logged).toEqual(["The simulator's step for POST /a/v1/any failed:"]);
  expect((await fetch(url(), { method: "POST" })).status).toBe(404);
});
