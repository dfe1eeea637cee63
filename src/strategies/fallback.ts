import type { Strategy } from "../core/routing/strategy.ts";

/** All targets in their order: each request starts at the first. */
export const fallback: Strategy = {
  name: "fallback",
  accepts: "many_targets",
  order: (candidates) => candidates,
};
