import type { Candidate } from "./routing-table.ts";

/** How a route chooses among its targets, as routes.toml and traces name it. */
export const STRATEGY_NAMES = ["single", "weighted", "fallback", "experiment"] as const;
export type StrategyName = (typeof STRATEGY_NAMES)[number];

/** The chance a request brings: pure strategies get it as an argument. */
export interface Chance {
  /** A uniform integer in `[0, total)`, `total` ≥ 1. */
  draw(total: number): number;
  /** The sticky subject (`sticky_by`) where the route asks for one and the request has it: same subject, same draw. */
  readonly subject: string | undefined;
}

/** One way of choosing. A new one is a file in `strategies/` and a line in its `index.ts`. Pure. */
export interface Strategy {
  readonly name: StrategyName;
  /** What a table in routes.toml needs for it: how many targets, variants or not. */
  readonly accepts: "one_target" | "many_targets" | "variants";
  /** The candidates to try, first to last, out of those that can serve the path called (never empty). */
  order(candidates: readonly Candidate[], chance: Chance): readonly Candidate[];
}
