/** The filters of GET /api/traces that have a field of their own to add. */
export const FIELDS = [
  { name: "provider", label: "Provider" },
  { name: "model", label: "Model" },
  { name: "route", label: "Route" },
  { name: "function", label: "Function" },
  { name: "target", label: "Target" },
  { name: "variant", label: "Variant" },
  { name: "outcome", label: "Outcome" },
  { name: "session", label: "Session" },
  { name: "user", label: "User" },
  { name: "environment", label: "Environment" },
  { name: "api_key", label: "Gateway key" },
  { name: "trace_id", label: "Trace id (W3C)" },
  { name: "min_tokens", label: "Tokens at least" },
  { name: "max_tokens", label: "Tokens at most" },
] as const;

/** How far back the list can look at a click: the parameter `range`, and what it is in seconds. */
export const RANGES = { "1h": 3600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000 } as const;

/** All filters but the relative `range`, under the names that the API has for them. */
const FILTERS = ["since", "until", "status", "q", ...FIELDS.map(({ name }) => name)] as const;
export type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

/** The filters that an address holds. */
export function filtersOf(parameters: URLSearchParams): Filters {
  return Object.fromEntries(
    FILTERS.flatMap((name) => {
      const value = parameters.get(name);
      return value === null || value === "" ? [] : [[name, value]];
    }),
  );
}

/** `1h` and so on; `undefined`: the address names none, or one that there is not. */
export function rangeOf(parameters: URLSearchParams): keyof typeof RANGES | undefined {
  const range = parameters.get("range");
  return Object.keys(RANGES).find((known): known is keyof typeof RANGES => known === range);
}

/** All that narrows the list, so that it can be taken away at once. */
export const ALL_PARAMETERS: readonly string[] = [...FILTERS, "range"];
