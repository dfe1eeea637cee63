import { describe, expect, test } from "vitest";
import { STRATEGY_NAMES } from "../../src/core/routing/strategy.ts";
import { STRATEGIES } from "../../src/strategies/index.ts";
import { weighing } from "../unit/strategies/candidates.ts";

test("every name that routes.toml may say has a strategy of that name", () => {
  expect(Object.keys(STRATEGIES)).toEqual([...STRATEGY_NAMES]);
  for (const name of STRATEGY_NAMES) expect(STRATEGIES[name].name).toBe(name);
});

describe.each(Object.values(STRATEGIES))("the strategy $name", (strategy) => {
  const weights = strategy.accepts === "one_target" ? [5] : [3, 0, 2];
  const candidates = weighing(...weights);
  const draws = Array.from({ length: 5 }, (_, draw) => draw);

  test.each(draws)("gives each candidate at most once, and only those it was given (draw %i)", (draw) => {
    const order = strategy.order(candidates, { draw: () => draw, subject: undefined });
    expect(new Set(order).size).toBe(order.length);
    expect(candidates).toEqual(expect.arrayContaining([...order]));
    expect(order.length).toBeGreaterThan(0);
  });

  test("gives the only candidate when there is one", () => {
    expect(strategy.order(weighing(1), { draw: () => 0, subject: undefined }).map(({ target }) => target)).toEqual(["t0"]);
  });

  test("asks for at most one draw, below the sum of the weights it was given", () => {
    const totals: number[] = [];
    strategy.order(candidates, { draw: (total) => (totals.push(total), total - 1), subject: undefined });
    expect(totals.every((total) => total === 5)).toBe(true);
    expect(totals.length).toBeLessThanOrEqual(1);
  });

  test("gives the same for the same chance, and leaves the candidates as they were", () => {
    const before = structuredClone(candidates);
    const chance = { draw: () => 1, subject: "someone" };
    expect(strategy.order(candidates, chance)).toEqual(strategy.order(candidates, chance));
    expect(candidates).toEqual(before);
  });
});
