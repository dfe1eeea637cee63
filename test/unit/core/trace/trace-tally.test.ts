import { describe, expect, test } from "vitest";
import { type Counted, MEASURES, OTHER, sumIn } from "../../../../src/core/trace/trace-rollup.ts";
import { largestFirst, Tally, type TallyBucket } from "../../../../src/core/trace/trace-tally.ts";

const ALL = 1_000_000;

/** A trace that took 10 ms and cost so much. */
function counted(costUsd = 0): Counted {
  return {
    isError: false,
    values: MEASURES.map((measure) => (measure === "duration_ms" ? 10 : measure === "cost_usd" ? costUsd : null)),
  };
}

/** Requests and cost by kind, over all buckets. */
function sums(buckets: readonly TallyBucket[]): Map<string | null, [requests: number, costUsd: number]> {
  const byKind = new Map<string | null, [number, number]>();
  for (const cell of buckets.flatMap(({ cells }) => cells)) {
    const [kind = null] = cell.kind;
    const [requests, costUsd] = byKind.get(kind) ?? [0, 0];
    byKind.set(kind, [requests + cell.requests, costUsd + sumIn(cell, "cost_usd")]);
  }
  return byKind;
}

describe("a tally", () => {
  test("counts by time and kind, earliest first", () => {
    const tally = new Tally();
    tally.count(60, ["a"], counted(1));
    tally.count(0, ["b"], counted());
    tally.count(60, ["a"], counted(2));
    tally.count(60, [null], counted());
    expect(tally.buckets(ALL).map(({ startMs, cells }) => [startMs, cells.map(({ kind, requests }) => [kind, requests])])).toEqual([
      [0, [[["b"], 1]]],
      [
        60,
        [
          [["a"], 2],
          [[null], 1],
        ],
      ],
    ]);
  });

  test("adds what others counted, what they count as one too", () => {
    const [left, right] = [new Tally(), new Tally(2)];
    for (const kind of ["a", "a", "b", "c", "d"]) right.count(0, [kind], counted(1));
    left.count(0, ["a"], counted(1));
    for (const { startMs, cells } of right.buckets(ALL)) for (const cell of cells) left.add(startMs, cell);
    const found = sums(left.buckets(ALL));
    expect(found.get("a")).toEqual([3, 3]);
    expect([...found.values()].reduce((sum, [requests]) => sum + requests, 0)).toBe(6);
  });

  test("keeps the largest of very many kinds, and loses no request and no cent", () => {
    const tally = new Tally(1_000);
    for (let n = 0; n < 50_000; n += 1) {
      tally.count(60 * (n % 3), [n % 10 === 0 ? "busy" : n % 1_000 === 1 ? "dear" : `user-${n}`], counted(n % 1_000 === 1 ? 50 : 0.5));
    }
    const found = sums(tally.buckets(100));
    expect(found.get("busy")).toEqual([5_000, 2_500]);
    expect(found.get("dear")).toEqual([50, 2_500]);
    expect(found.size).toBeLessThanOrEqual(101);
    const totals = [...found.values()].reduce((sum, [requests, cost]) => [sum[0] + requests, sum[1] + cost] as const, [0, 0] as const);
    expect(totals).toEqual([50_000, 2_500 + 49_950 * 0.5]);
    expect(found.get(OTHER)?.[0]).toBeGreaterThan(40_000);
  });

  test("holds no more than it may, however many buckets there are", () => {
    const tally = new Tally(4);
    for (let n = 0; n < 1_000; n += 1) tally.count(n, [`kind-${n % 7}`], counted());
    const cells = tally.buckets(4).flatMap(({ cells }) => cells);
    expect(cells.filter(({ kind }) => kind[0] !== OTHER).length).toBeLessThanOrEqual(4);
    expect(cells.reduce((sum, { requests }) => sum + requests, 0)).toBe(1_000);
  });
});

test("the largest are those of most requests and of most cost in turns", () => {
  const sizes = [
    { requests: 1, costUsd: 0 },
    { requests: 9, costUsd: 1 },
    { requests: 2, costUsd: 90 },
    { requests: 3, costUsd: 2 },
  ];
  expect(largestFirst(sizes, (size) => size).map(({ requests }) => requests)).toEqual([9, 2, 3, 1]);
});
