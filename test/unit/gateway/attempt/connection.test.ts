import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { Connection } from "../../../../src/gateway/attempt/connection.ts";

// V8 lends its collector only to contexts made after the flag is set.
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const READS = [
  ["in pieces", (connection: Connection) => connection.read()],
  ["at once", (connection: Connection) => connection.readAll()],
] as const;

it.each(READS)("lets go of a body that breaks while it is read %s", async (_how, read) => {
  const connection = new Connection();
  const response = openBroken(connection);
  expect(await read(connection)).toBe("broken");
  // What is held by the task under way goes with it.
  await setImmediate();
  collect();
  expect(response.deref()).toBeUndefined();
  expect(await connection.read()).toBe("broken");
});

function openBroken(connection: Connection): WeakRef<Response> {
  const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("reset")) });
  const response = new Response(body);
  connection.open(response);
  return new WeakRef(response);
}
