import { describe, expect, test } from "vitest";
import type { Taking } from "../../../../src/gateway/limits/meters.ts";
import { holdingOf, limited, MeterWorld, NONE, ONE, take } from "../../../support/meter-world.ts";

const KEY = limited("key", { requests_per_minute: 60 });

/** Asks `count` times at once, of isolates in turn, and settles nothing. */
async function ask(
  world: MeterWorld,
  isolates: readonly ReturnType<MeterWorld["isolate"]>[],
  count: number,
  subject = KEY,
): Promise<readonly Taking[]> {
  const asked = Array.from({ length: count }, (_, index) => {
    const isolate = isolates[index % isolates.length] ?? world.isolate();
    return Promise.resolve(take(isolate, [subject]));
  });
  await world.time.run(1_000);
  return Promise.all(asked);
}

const admitted = (takings: readonly Taking[]) => takings.filter(({ kind }) => kind === "taken").length;

/** One request, alone. */
async function one(world: MeterWorld, isolate: ReturnType<MeterWorld["isolate"]>, subject = KEY): Promise<Taking> {
  const taking = Promise.resolve(take(isolate, [subject]));
  await world.time.run(20);
  return taking;
}

describe("a subject's limit", () => {
  test("of 5 a minute admits exactly 5 of 400 calls on 8 isolates at once (L3)", async () => {
    const world = new MeterWorld();
    const isolates = Array.from({ length: 8 }, () => world.isolate());
    const takings = await ask(world, isolates, 400, limited("key", { requests_per_minute: 5 }));
    expect(admitted(takings)).toBe(5);
  });

  test("of 60 a minute has one more after a second, and 60 after a minute (L1)", async () => {
    const world = new MeterWorld();
    world.way = { delayMs: () => 0, isLost: () => false };
    const isolate = world.isolate();
    const asked = Array.from({ length: 61 }, () => Promise.resolve(take(isolate, [KEY])));
    await world.time.run(0);
    const takings = await Promise.all(asked);
    expect(admitted(takings)).toBe(60);
    expect(takings.at(-1)).toMatchObject({ kind: "refused", shortage: { limit: "requests_per_minute", retryMs: 1_000 } });
    await world.time.run(1_000);
    const next = [take(isolate, [KEY]), take(isolate, [KEY])].map((taking) => Promise.resolve(taking));
    await world.time.run(0);
    expect(admitted(await Promise.all(next))).toBe(1);
    await world.time.run(60_000);
    const last = Array.from({ length: 61 }, () => Promise.resolve(take(isolate, [KEY])));
    await world.time.run(0);
    expect(admitted(await Promise.all(last))).toBe(60);
  });

  test("that is raised admits the difference at once; one that is lowered owes nothing that was allowed (L11)", async () => {
    const world = new MeterWorld();
    const isolate = world.isolate();
    expect(admitted(await ask(world, [isolate], 61))).toBeGreaterThanOrEqual(60);
    const raised = limited("key", { requests_per_minute: 120 }, 2);
    const more = await ask(world, [isolate], 80, raised);
    // A second or two have passed, each with its units.
    expect(admitted(more)).toBeGreaterThanOrEqual(60);
    expect(admitted(more)).toBeLessThanOrEqual(64);
    const lowered = await one(world, isolate, limited("key", { requests_per_minute: 30 }, 3));
    expect(lowered).toMatchObject({ kind: "refused", shortage: { limit: "requests_per_minute", why: "refills" } });
    if (lowered.kind === "refused") expect(lowered.shortage.retryMs).toBeLessThanOrEqual(2_000);
  });

  test("of a day is spent, not reserved, when parallel calls have it: 5 of 50 on 8 isolates (B1)", async () => {
    const world = new MeterWorld();
    const isolates = Array.from({ length: 8 }, () => world.isolate());
    const takings = await ask(world, isolates, 50, limited("key", { requests_per_day: 5 }));
    expect(admitted(takings)).toBe(5);
    const refused = takings.filter((taking) => taking.kind === "refused");
    expect(new Set(refused.map(({ shortage }) => shortage.why))).toEqual(new Set(["spent"]));
    expect(refused.every(({ shortage }) => shortage.retryMs > 11 * 3_600_000)).toBe(true);
  });
});

describe("windows of the calendar", () => {
  test("begin anew when their zone says so (B4)", async () => {
    const world = new MeterWorld("2026-10-31T22:59:58.980Z");
    const isolate = world.isolate();
    const month = { ...limited("key", { requests_per_month: 1 }), timezone: "Europe/Berlin" };
    holdingOf(await one(world, isolate, month));
    const refused = await one(world, isolate, month);
    expect(refused).toMatchObject({ kind: "refused", shortage: { why: "spent" } });
    if (refused.kind === "refused") expect(Math.ceil(refused.shortage.retryMs / 1000)).toBe(1);
    await world.time.run(1_000);
    holdingOf(await one(world, isolate, month));
  });

  test("are charged with what was admitted in them, whenever it is settled (B7)", async () => {
    const world = new MeterWorld("2026-11-24T23:59:59.000Z");
    const isolate = world.isolate();
    const day = limited("key", { tokens_per_day: 1_000 });
    const taking = Promise.resolve(take(isolate, [day], { ...ONE, tokens: 100 }));
    await world.time.run(11_000);
    holdingOf(await taking).settle({ ...NONE, tokens: 90 });
    await world.time.run(15_000);
    expect(world.view("key/s")).toMatchObject([{ spent: 0, reserved: 0, lent: 0, left: 1_000 }]);
  });
});

describe("several subjects", () => {
  test("are taken of all or of none: what one refuses, the others get back (B10)", async () => {
    const world = new MeterWorld();
    const isolate = world.isolate();
    const [key, team] = [limited("key", { requests_per_day: 6 }), limited("team", { requests_per_day: 1 })];
    for (const expected of ["taken", "refused"] as const) {
      const taking = Promise.resolve(take(isolate, [key, team]));
      await world.time.run(5_000);
      expect(await taking).toMatchObject(expected === "taken" ? { kind: "taken" } : { kind: "refused", subject: { kind: "team" } });
    }
    expect(world.view("key/s")).toMatchObject([{ spent: 1, left: 5 }]);
    expect(world.view("team/s")).toMatchObject([{ spent: 1, left: 0 }]);
  });
});

describe("a meter that does not answer", () => {
  const hanging = { delayMs: () => 5, isLost: () => true };
  const day = limited("key", { requests_per_day: 1_000 });

  test("lets requests pass after 250 ms, once a second, and counts them when it is back (L9)", async () => {
    const world = new MeterWorld();
    const isolate = world.isolate();
    world.way = hanging;
    const waited: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      const taking = Promise.resolve(take(isolate, [day], ONE, "allow"));
      await world.time.run(250);
      const { waitedMs, ...told } = await taking;
      waited.push(waitedMs);
      const holding = holdingOf({ ...told, waitedMs });
      expect(holding.standing()).toBeUndefined();
      holding.settle({ ...NONE, requests: 1 });
    }
    expect(waited).toEqual([250, 0, 0, 0, 0, 250, 0, 0, 0, 0]);
    world.way = { delayMs: () => 5, isLost: () => false };
    await world.time.run(10_000);
    expect(world.view("key/s")).toMatchObject([{ spent: 10 }]);
  });

  test("refuses them where the project says so", async () => {
    const world = new MeterWorld();
    world.way = hanging;
    const taking = Promise.resolve(take(world.isolate(), [day], ONE, "refuse"));
    await world.time.run(250);
    expect(await taking).toMatchObject({ kind: "unavailable" });
  });

  test("may have taken all the same: what was taken for nobody comes back", async () => {
    const world = new MeterWorld();
    const isolate = world.isolate();
    // The need arrives, its answer does not.
    let messages = 0;
    world.way = { delayMs: () => 5, isLost: () => (messages += 1) === 2 };
    const taking = Promise.resolve(take(isolate, [day], ONE, "allow"));
    await world.time.run(300);
    holdingOf(await taking).settle({ ...NONE, requests: 1 });
    await world.time.run(10_000);
    expect(world.view("key/s")).toMatchObject([{ spent: 1 }]);
  });
});

describe("slots", () => {
  const two = limited("key", { max_concurrent: 2 });

  test("are as many as the limit says, and free when a call is over, on other isolates too (L7)", async () => {
    const world = new MeterWorld();
    const [here, there] = [world.isolate(), world.isolate()];
    const first = holdingOf(await one(world, here, two));
    holdingOf(await one(world, there, two));
    expect(await one(world, here, two)).toMatchObject({ kind: "refused", shortage: { why: "reserved", retryMs: 1_000 } });
    first.settle({ ...NONE, requests: 1 });
    await world.time.run(50);
    holdingOf(await one(world, there, two));
  });

  test("of an isolate that died are free after 12 s, those of one that lives stay taken", async () => {
    const world = new MeterWorld();
    let isAlive = true;
    const [dying, living] = [world.isolate(() => isAlive), world.isolate()];
    holdingOf(await one(world, dying, two));
    holdingOf(await one(world, living, two));
    isAlive = false;
    await world.time.run(10_000);
    expect(world.view("key/s")).toMatchObject([{ left: 0 }]);
    await world.time.run(3_000);
    expect(world.view("key/s")).toMatchObject([{ left: 1 }]);
    await world.time.run(60_000);
    expect(world.view("key/s")).toMatchObject([{ left: 1 }]);
  });

  test("that a thousand calls held and let go of are all free", async () => {
    const world = new MeterWorld();
    const isolates = Array.from({ length: 4 }, () => world.isolate());
    const wide = limited("key", { max_concurrent: 1_000 });
    const takings = await ask(world, isolates, 1_000, wide);
    expect(admitted(takings)).toBe(1_000);
    for (const taking of takings) holdingOf(taking).settle({ ...NONE, requests: 1 });
    await world.time.run(15_000);
    expect(world.view("key/s")).toMatchObject([{ left: 1_000, reserved: 0 }]);
  });
});
