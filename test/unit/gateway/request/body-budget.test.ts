import { afterEach, expect, test } from "vitest";
import { BodyHold, hasRoom } from "../../../../src/gateway/request/body-budget.ts";

const MIB = 1024 * 1024;
/** All that an isolate holds, and all that it takes beforehand. */
const HELD = 64 * MIB;
const RESERVED = 32 * MIB;

const holds: BodyHold[] = [];

function newHold(): BodyHold {
  const hold = new BodyHold();
  holds.push(hold);
  return hold;
}
afterEach(() => {
  for (const hold of holds.splice(0)) hold.release();
});

test("64 MiB are held and not one byte more, until some are let go", () => {
  const [first, second] = [newHold(), newHold()];
  expect(first.take(HELD - 1, 0)).toBe(true);
  expect(second.take(1, 0)).toBe(true);
  expect(second.take(1, 0)).toBe(false);
  expect([hasRoom(0, 0), hasRoom(1, 0)]).toEqual([true, false]);
  first.release();
  first.release();
  expect(second.take(HELD - 1, 0)).toBe(true);
});

test("what is only announced takes nothing of it", () => {
  const hold = newHold();
  expect(hold.reserve(RESERVED)).toBe(true);
  expect(newHold().take(HELD, 0)).toBe(true);
});

test("32 MiB are reserved at most; what comes, or is let go, makes room for more", () => {
  const [first, second] = [newHold(), newHold()];
  expect(first.reserve(RESERVED)).toBe(true);
  expect(second.reserve(1)).toBe(false);
  first.take(5, 0);
  expect([second.reserve(6), second.reserve(5)]).toEqual([false, true]);
  first.release();
  expect([second.reserve(RESERVED - 4), second.reserve(RESERVED - 5)]).toEqual([false, true]);
});

test("of those still coming the slowest give way, as many as must; never one that comes fast, is whole, or asks itself", () => {
  const gone: string[] = [];
  const coming = (name: string, step: number, heardAtMs: number): BodyHold => {
    const hold = newHold();
    hold.take(10 * MIB, heardAtMs);
    hold.arrives(step, () => gone.push(name));
    return hold;
  };
  const fast = coming("fast", 256 * 1024, 7_000);
  const fresh = coming("fresh", 1, 9_500);
  const slow = coming("slow", 128 * 1024, 7_000);
  const slower = coming("slower", 128 * 1024, 6_000);
  const whole = coming("whole", 1, 0);
  whole.arrived();
  const asking = coming("asking", 1, 0);
  expect(hasRoom(24 * MIB + 1, 10_000), "asking counts as slow for others").toBe(true);
  expect(asking.take(14 * MIB, 10_000)).toBe(true);
  expect(gone).toEqual(["slower"]);
  expect(slower.take(1, 10_000), "gave way").toBe(false);
  expect(asking.take(15 * MIB, 10_000)).toBe(false);
  expect(gone).toEqual(["slower", "slow"]);
  expect(asking.take(10 * MIB, 10_000)).toBe(true);
  expect([fast, fresh, slow, whole].map(({ bytes }) => bytes)).toEqual([10 * MIB, 10 * MIB, 0, 10 * MIB]);
});
