/** The values of `--simulate`. */
export const SIMULATE_CHOICES = ["auto", "missing", "all", "off"] as const;

/**
 * Whom the simulator stands in for. `auto`: everybody, where no key of any provider is set (a demo), else each provider whose own key is missing and stands
 * nowhere in the file; `missing`: each provider that misses any key; `all`: everybody; `off`: nobody.
 */
export type SimulateChoice = (typeof SIMULATE_CHOICES)[number];
