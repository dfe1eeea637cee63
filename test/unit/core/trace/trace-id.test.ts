import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CHANCE_BYTES,
  drawShard,
  firstTailAt,
  isTail,
  makeTraceId,
  MAX_SHARDS,
  readTraceId,
  tailTimeMs,
  utcDay,
} from "../../../../src/core/trace/trace-id.ts";

const NOON = Date.parse("2026-11-20T12:00:00.000Z");
const bytes = fc.uint8Array({ minLength: CHANCE_BYTES, maxLength: CHANCE_BYTES });

describe("an id", () => {
  test("is the project, ten characters of time, two of shard, fourteen of chance", () => {
    const random = Uint8Array.from({ length: CHANCE_BYTES }, (_, index) => index);
    expect(makeTraceId({ project: "default", startedAtMs: NOON, shard: 33, random })).toBe("default_01m7wd7tg0110123456789abcd");
  });

  test("tells its project, start time, shard and tail again", () => {
    const project = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,63}$/);
    const parts = fc.record({
      project,
      startedAtMs: fc.integer({ min: 0, max: 2 ** 45 }),
      shard: fc.integer({ min: 0, max: MAX_SHARDS - 1 }),
      random: bytes,
    });
    fc.assert(
      fc.property(parts, (given) => {
        const id = makeTraceId(given);
        const { project, startedAtMs, shard } = given;
        expect(readTraceId(id)).toEqual({ ok: true, value: { project, startedAtMs, shard, tail: id.slice(project.length + 1) } });
        expect(isTail(id.slice(project.length + 1))).toBe(true);
      }),
    );
  });

  test("sorts by time within a project", () => {
    const time = fc.integer({ min: 0, max: 2 ** 45 });
    fc.assert(
      fc.property(time, time, bytes, bytes, (left, right, first, second) => {
        fc.pre(left < right);
        const id = (startedAtMs: number, random: Uint8Array): string => makeTraceId({ project: "p", startedAtMs, shard: 5, random });
        expect(id(left, first) < id(right, second)).toBe(true);
      }),
    );
  });

  test.each([
    "",
    "default",
    "default_",
    "_01m7wd7tg0110123456789abcd",
    "default_01M7WD7TG0110123456789ABCD",
    "default_01m7wd7tg0110123456789abc",
    "default_01m7wd7tg0110123456789abcde_",
    "default_91kah49rr0110123456789abcd",
    "default_01m7wd7tg0110123456789abcu",
    "DEFAULT_01m7wd7tg0110123456789abcd",
    "default_01m7wd7tg0110123456789abcd\n",
  ])("is not read from %j", (text) => {
    expect(readTraceId(text)).toEqual({ ok: false, error: { kind: "malformed" } });
  });
});

describe("tails", () => {
  test("of a moment begin with its time, and no earlier trace reaches them", () => {
    const before = makeTraceId({ project: "p", startedAtMs: NOON - 1, shard: 1023, random: new Uint8Array(CHANCE_BYTES).fill(31) }).slice(
      2,
    );
    const at = makeTraceId({ project: "p", startedAtMs: NOON, shard: 0, random: new Uint8Array(CHANCE_BYTES) }).slice(2);
    expect(before < firstTailAt(NOON)).toBe(true);
    expect(at).toBe(firstTailAt(NOON));
    expect(tailTimeMs(before)).toBe(NOON - 1);
    expect(tailTimeMs(at)).toBe(NOON);
  });

  test.each(["", "x", "_", "01m7wd7tg0110123456789abc", "01m7wd7tg0110123456789abcdef"])("%j is none", (text) => {
    expect(isTail(text)).toBe(false);
  });
});

test("a shard is drawn from the first two bytes", () => {
  expect(drawShard(Uint8Array.of(0, 0), 1)).toBe(0);
  expect(drawShard(Uint8Array.of(0xff, 0xff), 1)).toBe(0);
  expect(drawShard(Uint8Array.of(0x01, 0x02), 7)).toBe(0x0102 % 7);
  expect(drawShard(Uint8Array.of(0xff, 0xff), 100_000)).toBe(1023);
});

test("a day is a day of UTC", () => {
  expect(utcDay(Date.parse("2026-11-20T23:59:59.999Z"))).toBe("2026-11-20");
  expect(utcDay(Date.parse("2026-11-21T00:00:00.000Z"))).toBe("2026-11-21");
});
