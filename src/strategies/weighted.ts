import type { Strategy } from "../core/routing/strategy.ts";
import { candidateAt, totalWeight } from "./weighted-choice.ts";

/**
 * One draw, one target, with probability weight ÷ sum. Not health-aware: a failing target keeps its share. None where those that can serve the
 * path all weigh 0.
 */
export const weighted: Strategy = {
  name: "weighted",
  accepts: "many_targets",
  order(candidates, chance) {
    const total = totalWeight(candidates);
    if (total === 0) return [];
    const drawn = candidateAt(candidates, chance.draw(total));
    return drawn === undefined ? [] : [drawn];
  },
};
