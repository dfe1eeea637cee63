import type { Strategy } from "../core/routing/strategy.ts";

/** The one target. */
export const single: Strategy = {
  name: "single",
  accepts: "one_target",
  order: (candidates) => candidates.slice(0, 1),
};
