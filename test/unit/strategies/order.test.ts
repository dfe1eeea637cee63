import { describe, expect, test } from "vitest";
import type { Candidate } from "../../../src/core/routing/routing-table.ts";
import { experiment } from "../../../src/strategies/experiment.ts";
import { fallback } from "../../../src/strategies/fallback.ts";
import { single } from "../../../src/strategies/single.ts";
import { weighted } from "../../../src/strategies/weighted.ts";
import { weighing } from "./candidates.ts";

function names(candidates: readonly Candidate[]): readonly string[] {
  return candidates.map(({ target }) => target);
}

const NO_DRAW = {
  draw: () => {
    throw new Error("drew");
  },
  subject: undefined,
};

test("single gives the one target without a draw", () => {
  expect(names(single.order(weighing(0), NO_DRAW))).toEqual(["t0"]);
});

test("fallback gives all targets in their order, whatever they weigh, without a draw", () => {
  expect(names(fallback.order(weighing(1, 0, 9), NO_DRAW))).toEqual(["t0", "t1", "t2"]);
});

describe.each([weighted, experiment])("$name over a grid of draws", (strategy) => {
  const SHARES: readonly { readonly weights: readonly number[]; readonly drawn: string }[] = [
    { weights: [1], drawn: "t0" },
    { weights: [7, 3], drawn: "t0 t0 t0 t0 t0 t0 t0 t1 t1 t1" },
    { weights: [3, 7], drawn: "t0 t0 t0 t1 t1 t1 t1 t1 t1 t1" },
    { weights: [0, 2, 0, 1, 0], drawn: "t1 t1 t3" },
    { weights: [0, 0, 1], drawn: "t2" },
    { weights: [1, 1, 1], drawn: "t0 t1 t2" },
  ];
  test.each(SHARES)("weights $weights are drawn as $drawn", ({ weights, drawn }) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const all = Array.from({ length: total }, (_, draw) =>
      names(strategy.order(weighing(...weights), { draw: () => draw, subject: undefined })),
    );
    expect(all.every((order) => order.length === 1)).toBe(true);
    expect(all.flat().join(" ")).toBe(drawn);
  });

  test("70 of 100 draws are the first of 70/30, exactly", () => {
    const order = (draw: number) => names(strategy.order(weighing(70, 30), { draw: () => draw, subject: undefined }))[0];
    const first = Array.from({ length: 100 }, (_, draw) => order(draw)).filter((target) => target === "t0");
    expect(first).toHaveLength(70);
  });

  test("nothing is drawn where all that is left weighs 0", () => {
    expect(strategy.order(weighing(0, 0), NO_DRAW)).toEqual([]);
  });
});

describe("experiment with a subject", () => {
  const variantOf = (subject: string, ...weights: readonly number[]) =>
    names(experiment.order(weighing(...weights), { ...NO_DRAW, subject }))[0];

  test("gives the same subject the same variant, without a draw", () => {
    const first = variantOf("summarize:user-1", 50, 50);
    for (let call = 0; call < 20; call += 1) expect(variantOf("summarize:user-1", 50, 50)).toBe(first);
  });

  // Fixed facts: another hash would move every subject of a running experiment to another variant.
  test.each([
    ["", "t668"],
    ["summarize:user-1", "t772"],
    ["summarize:user-2", "t108"],
    ["summarize:user-3", "t936"],
    ["summarize:蓝", "t595"],
  ])("keeps the subject %j on variant %s of 1,000, now and in later versions", (subject, variant) => {
    expect(variantOf(subject, ...Array.from({ length: 1000 }, () => 1))).toBe(variant);
  });

  test("spreads numbered subjects over the shares: 10,000 of them within 2 % of 70/20/10", () => {
    const counts = new Map<string, number>();
    for (let user = 0; user < 10_000; user += 1) {
      const variant = variantOf(`summarize:user-${user}`, 70, 20, 10) ?? "";
      counts.set(variant, (counts.get(variant) ?? 0) + 1);
    }
    expect(counts.get("t0")).toBeGreaterThan(6800);
    expect(counts.get("t0")).toBeLessThan(7200);
    expect(counts.get("t1")).toBeGreaterThan(1800);
    expect(counts.get("t1")).toBeLessThan(2200);
    expect(counts.get("t2")).toBeGreaterThan(800);
  });

  test("never gives a variant of weight 0", () => {
    const variants = new Set(Array.from({ length: 1000 }, (_, user) => variantOf(`u${user}`, 0, 1, 0)));
    expect([...variants]).toEqual(["t1"]);
  });

  test("gives another route's subjects other variants: the salt decides too", () => {
    const users = Array.from({ length: 1000 }, (_, user) => user);
    const same = users.filter((user) => variantOf(`a:${user}`, 1, 1) === variantOf(`b:${user}`, 1, 1));
    expect(same.length).toBeGreaterThan(400);
    expect(same.length).toBeLessThan(600);
  });
});
