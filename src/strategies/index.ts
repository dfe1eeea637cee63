import type { Strategy, StrategyName } from "../core/routing/strategy.ts";
import { experiment } from "./experiment.ts";
import { fallback } from "./fallback.ts";
import { single } from "./single.ts";
import { weighted } from "./weighted.ts";

/** Every strategy by the name routes.toml uses. */
export const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = { single, weighted, fallback, experiment };
