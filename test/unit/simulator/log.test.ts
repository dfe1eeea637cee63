import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../../src/simulator/server.ts";
import { postRaw } from "./wire.ts";

let simulator: Simulator;

beforeEach(async () => void (simulator = await startSimulator({ tokenDelayMs: 0 })));
afterEach(() => simulator.close());

test("a call is kept as it arrived", async () => {
  simulator.script("openai", { status: 204 });
  const before = Date.now();
  await fetch(`${simulator.baseUrl("openai")}/chat/completions?api-version=1`, {
    method: "POST",
    headers: { "X-Test": "é" },
    body: "{\r\n}",
  });
  const [call] = simulator.calls("openai");
  if (call !== undefined) await simulator.waitForClose(call);
  expect(call).toMatchObject({
    id: 1,
    provider: "openai",
    method: "POST",
    path: "/v1/chat/completions",
    bodyWhole: true,
    ending: "whole",
    finished: true,
  });
  expect(call?.query.get("api-version")).toBe("1");
  expect(call?.headers["x-test"]).toBe("\xe9");
  expect(call?.rawHeaders).toContain("X-Test");
  expect(call?.body.toString()).toBe("{\r\n}");
  expect(call?.startedAt).toBeGreaterThanOrEqual(before);
  expect(call?.closedAt).toBeGreaterThanOrEqual(call?.startedAt ?? Infinity);
  expect(simulator.calls("other")).toEqual([]);
});

test("a caller who leaves while it sends is kept with what came, and uses up no step", async () => {
  simulator.script("a", { status: 418 });
  const socket = connect(Number(new URL(simulator.url).port), "127.0.0.1");
  socket.write("POST /a/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf", () => socket.end());
  const [call] = await simulator.waitForCalls(1);
  if (call !== undefined) await simulator.waitForClose(call);
  expect(call).toMatchObject({ bodyWhole: false, ending: "left", finished: false });
  expect(call?.body.toString()).toBe("half");
  expect(simulator.pending("a")).toBe(1);
});

test.each(["//", "/%ZZ/x", "http://[/", "*"])("an odd address, %s, does not stop the simulator", async (address) => {
  const socket = connect(Number(new URL(simulator.url).port), "127.0.0.1");
  const status = new Promise((resolve) => socket.once("data", (data) => resolve(data.toString().slice(9, 12))));
  socket.write(`POST ${address} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`);
  expect(await status).toMatch(/^40[04]$/);
  socket.destroy();
  expect((await fetch(`${simulator.url}/-/faults`)).status).toBe(200);
});

test("waiting for calls resolves when they are there, and says what is missing when they are not", async () => {
  const waited = simulator.waitForCalls(2, 2_000, "a");
  await fetch(`${simulator.url}/b/x`, { method: "POST" });
  await fetch(`${simulator.url}/a/x`, { method: "POST" });
  await fetch(`${simulator.url}/a/y`, { method: "POST" });
  expect((await waited).map((call) => call.path)).toEqual(["/x", "/y"]);
  await expect(simulator.waitForCalls(9, 10)).rejects.toThrow("3 of 9 calls arrived within 10 ms");
});

test("waiting for a close says which call is still open", async () => {
  simulator.script("a", { noAnswer: "silence" });
  const asked = postRaw(`${simulator.url}/a/x`);
  const [call] = await simulator.waitForCalls(1);
  await expect(call && simulator.waitForClose(call, 10)).rejects.toThrow("call 1 (POST /a/x) did not close within 10 ms");
  await simulator.close();
  expect((await asked).end).toBe("closed");
  expect(call?.ending).toBe("cut");
});

test("only the last 1,000 calls are kept", async () => {
  simulator.always("a", { status: 204 });
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(Array.from({ length: 101 }, () => fetch(`${simulator.url}/a/x`, { method: "POST" })));
  }
  const calls = simulator.calls();
  expect([calls.length, calls[0]?.id, calls.at(-1)?.id]).toEqual([1_000, 11, 1_010]);
});

test("reset forgets calls, steps and faults, and starts to count again", async () => {
  simulator.script("a", { status: 418 });
  simulator.always("b", { status: 418 });
  simulator.setFault("c", { status: 503 });
  await fetch(`${simulator.url}/d/x`, { method: "POST" });
  simulator.reset();
  expect(simulator.calls()).toEqual([]);
  const statuses = await Promise.all(
    ["a", "b", "c"].map(async (provider) => (await fetch(`${simulator.url}/${provider}/x`, { method: "POST" })).status),
  );
  expect(statuses).toEqual([404, 404, 404]);
  expect(simulator.calls().map((call) => call.id)).toEqual([1, 2, 3]);
});

test("a port that is taken is an error, not a hang", async () => {
  await expect(startSimulator({ port: Number(new URL(simulator.url).port) })).rejects.toThrow("EADDRINUSE");
});

test("a simulator that is not closed keeps no process alive, a silent call neither", () => {
  const script = `
    import { startSimulator } from "./src/simulator/server.ts";
    import { connect } from "node:net";
    const simulator = await startSimulator();
    simulator.script("a", { noAnswer: "silence" });
    const socket = connect(Number(new URL(simulator.url).port), "127.0.0.1");
    socket.write("POST /a/x HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\n\\r\\n");
    await simulator.waitForCalls(1);
    socket.unref();`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { timeout: 10_000, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
