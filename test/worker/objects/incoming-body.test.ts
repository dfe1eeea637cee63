import { afterEach, beforeEach, expect, test } from "vitest";
import { IncomingBody } from "../../../src/web/incoming-body.ts";

let nowMs: number;
/** The one timer that is set; `undefined`: none. */
let timer: { readonly atMs: number; readonly callback: () => void } | undefined;
let timersSet: number;
let sender: WritableStreamDefaultWriter<Uint8Array>;
let incoming: IncomingBody;

const clock = {
  now: () => nowMs,
  after(ms: number, callback: () => void) {
    expect(timer, "a timer while another is set").toBeUndefined();
    timer = { atMs: nowMs + ms, callback };
    timersSet += 1;
    return () => {
      timer = undefined;
    };
  },
};

beforeEach(() => {
  nowMs = 1_000_000;
  timer = undefined;
  timersSet = 0;
  const { readable, writable } = new IdentityTransformStream();
  sender = writable.getWriter();
  // What is sent to a body that was given up fails; nobody here waits for it.
  sender.closed.catch(() => undefined);
  incoming = new IncomingBody(readable, clock);
});
afterEach(() => incoming.end());

/** Time passes, and the timer goes off as often as it is due. */
function pass(ms: number): void {
  const untilMs = nowMs + ms;
  while (timer !== undefined && timer.atMs <= untilMs) {
    const { atMs, callback } = timer;
    nowMs = atMs;
    timer = undefined;
    callback();
  }
  nowMs = untilMs;
}

/** Sends so many bytes and reads them. */
async function receive(bytes: number): Promise<number | "broken"> {
  const sent = sender.write(new Uint8Array(bytes)).catch(() => undefined);
  const chunk = await incoming.read(new Uint8Array(100), 1);
  await sent;
  return chunk === "broken" ? chunk : chunk.length;
}

function faultOf(): unknown {
  const { message } = incoming.fault;
  return message;
}

test("what comes is read, and one timer is all that it takes", async () => {
  expect(await receive(10)).toBe(10);
  expect(await receive(20)).toBe(20);
  expect(timersSet).toBe(1);
  incoming.end();
  expect(timer).toBeUndefined();
});

test("an end is nothing read, and the memory is handed back", async () => {
  void sender.close();
  const chunk = await incoming.read(new Uint8Array(100), 1);
  expect(chunk === "broken" ? chunk : [chunk.length, chunk.buffer.byteLength]).toEqual([0, 100]);
});

test("15 s without a byte are waited for, and not one more", async () => {
  await receive(1);
  const reading = incoming.read(new Uint8Array(100), 1);
  pass(14_999);
  expect(timer).toBeDefined();
  pass(1);
  expect(await reading).toBe("broken");
  expect(incoming.fault).toMatchObject({ code: "request_timeout", status: 408 });
  expect(faultOf()).toContain("nothing more of the request body came for 15 s");
});

test("each byte begins the 15 s anew, up to 120 s in all", async () => {
  for (let sentAtS = 0; sentAtS < 120; sentAtS += 10) {
    expect(await receive(1), `${sentAtS} s`).toBe(1);
    pass(10_000);
  }
  expect(await receive(1)).toBe("broken");
  expect(incoming.fault).toMatchObject({ code: "request_timeout", status: 408 });
  expect(faultOf()).toContain("the request body was not whole after 120 s");
});

test("a caller who breaks off is gone", async () => {
  const reading = incoming.read(new Uint8Array(100), 1);
  await sender.abort(new Error("Network connection lost."));
  expect(await reading).toBe("broken");
  expect(incoming.fault.name).toBe("CallerGone");
});
