import { addFlat, countValue, emptyHistogram, flat, type Histogram } from "./histogram.ts";
import type { Moments } from "./statistics.ts";
import { isError } from "./trace-filter.ts";
import type { Usage } from "../usage/usage.ts";
import type { TraceRecord } from "./trace-record.ts";

/**
 * What traces are counted by as they are stored: of each there are few values. `model` is the one that served, `status` the caller's, three digits. Stored by its
 * place in this list: a new one goes to its end.
 */
export const ROLLED_DIMENSIONS = ["route", "target", "provider", "model", "variant", "status", "api_key"] as const;
export type RolledDimension = (typeof ROLLED_DIMENSIONS)[number];

/** All that traces can be counted by; of some there are as many values as there are users. */
export const DIMENSIONS = [...ROLLED_DIMENSIONS, "owner", "team", "user", "session", "client", "environment"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** The dimension, where traces are counted by it as they are stored; two at once are counted when somebody asks. */
export function rolledBy({ by, and }: { readonly by: Dimension; readonly and?: Dimension }): RolledDimension | undefined {
  return and === undefined ? ROLLED_DIMENSIONS.find((dimension) => dimension === by) : undefined;
}

/** What is measured of a trace, each where it is known. Stored by its place in this list: a new one goes to its end. */
export const MEASURES = [
  "duration_ms",
  "first_content_ms",
  "input_tokens",
  "output_tokens",
  "cost_usd",
  "cached_input_tokens",
  "cache_write_tokens",
] as const;
export type Measure = (typeof MEASURES)[number];

/** The first so many measures have histograms. */
const HISTOGRAMS = 2;

/** Where values are too many, the further ones count as this one. */
export const OTHER = "(other)";

/** Values of a dimension that one rollup tells apart. */
const MAX_KINDS = 300;

/** Characters of a value that tell kinds apart; names in routes.toml are shorter, a passthrough caller's model may be any text. */
const MAX_VALUE_LENGTH = 128;

/**
 * Which traces are counted together: one value of the dimension, and for a variant the route or function whose experiment it is of; one value of each where two
 * dimensions are counted by.
 */
export type Kind = readonly (string | null)[];

/** Traces of one kind, as plain data. */
export interface RollupCell {
  readonly kind: Kind;
  readonly requests: number;
  readonly errors: number;
  /** Count, sum and sum of squares of each of `MEASURES`, one after the other. */
  readonly moments: readonly number[];
  /** Flat histograms of the first measures. */
  readonly histograms: readonly (readonly number[])[];
}

/** What is counted of one trace: its measures in the order of `MEASURES`, `null` where it has none. */
export interface Counted {
  readonly isError: boolean;
  readonly values: readonly (number | null)[];
}

/** What is counted of a trace. */
export function countedOf(trace: TraceRecord): Counted {
  return { isError: isError(trace), values: MEASURES.map((measure) => measured(trace, measure)) };
}

/** The sum of a measure over the traces of a cell. */
export function sumIn({ moments }: RollupCell, measure: Measure): number {
  return moments[3 * MEASURES.indexOf(measure) + 1] ?? 0;
}

/** What is known of the traces of one kind. */
export class Figures {
  requests = 0;
  errors = 0;
  readonly #moments: number[] = Array.from({ length: 3 * MEASURES.length }, () => 0);
  readonly #histograms: readonly Histogram[] = Array.from({ length: HISTOGRAMS }, emptyHistogram);

  /** Counts one trace. */
  count({ isError: failed, values }: Counted): void {
    this.requests += 1;
    if (failed) this.errors += 1;
    values.forEach((value, index) => {
      if (value === null) return;
      this.#add(3 * index, 1);
      this.#add(3 * index + 1, value);
      this.#add(3 * index + 2, value * value);
      const histogram = this.#histograms[index];
      if (histogram !== undefined) countValue(histogram, value);
    });
  }

  /** Adds what others counted. */
  add({ requests, errors, moments, histograms }: RollupCell): void {
    this.requests += requests;
    this.errors += errors;
    moments.forEach((value, index) => this.#add(index, value));
    this.#histograms.forEach((histogram, index) => addFlat(histogram, histograms[index] ?? []));
  }

  moments(measure: Measure): Moments {
    const at = 3 * MEASURES.indexOf(measure);
    const [count = 0, sum = 0, squares = 0] = this.#moments.slice(at, at + 3);
    return { count, sum, squares };
  }

  histogram(measure: "duration_ms" | "first_content_ms"): Histogram {
    return this.#histograms[MEASURES.indexOf(measure)] ?? emptyHistogram();
  }

  cell(kind: Kind): RollupCell {
    return { kind, requests: this.requests, errors: this.errors, moments: this.#moments, histograms: this.#histograms.map(flat) };
  }

  #add(index: number, value: number): void {
    this.#moments[index] = (this.#moments[index] ?? 0) + value;
  }
}

/** Traces counted by the values of one dimension. */
export class Rollup {
  readonly #kinds = new Map<string | null, { readonly kind: Kind; readonly figures: Figures }>();

  /** The figures of a kind, for adding to them. */
  of(kind: Kind): Figures {
    const name = nameOf(kind);
    const known = this.#kinds.get(name);
    if (known !== undefined) return known.figures;
    if (this.#kinds.size >= MAX_KINDS && kind[0] !== OTHER) return this.of([OTHER]);
    const figures = new Figures();
    this.#kinds.set(name, { kind, figures });
    return figures;
  }

  add(cells: readonly RollupCell[]): void {
    for (const cell of cells) this.of(cell.kind).add(cell);
  }

  /** The busiest kind first. */
  cells(): readonly RollupCell[] {
    const cells = [...this.#kinds.values()].map(({ kind, figures }) => figures.cell(kind));
    return cells.toSorted((left, right) => right.requests - left.requests);
  }
}

/** What tells a kind from the others of its dimension. A variant's ids hold no brackets, so that it is not taken for another text. */
export function nameOf(kind: Kind): string | null {
  return kind.length === 1 ? (kind[0] ?? null) : JSON.stringify(kind);
}

/** Which kind of a dimension a trace is of. */
export function kindOf(trace: TraceRecord, dimension: Dimension): Kind {
  const value = valueOf(trace, dimension);
  return dimension === "variant" && value !== null ? [value, short(trace.route ?? trace.function)] : [value];
}

/** A trace's value of a dimension; of a variant its name alone. */
export function valueOf(trace: TraceRecord, dimension: Dimension): string | null {
  switch (dimension) {
    case "status":
      return String(trace.status);
    case "model":
      return short(trace.upstream_model);
    case "owner":
      return short(trace.key_owner);
    case "user":
      return short(trace.user_id);
    case "session":
      return short(trace.session_id);
    case "route":
    case "target":
    case "provider":
    case "variant":
    case "api_key":
    case "team":
    case "client":
    case "environment":
      return short(trace[dimension]);
  }
}

/** `undefined`: a trace that an earlier deploy made and nobody has counted yet may lack a member. */
function short(value: string | null | undefined): string | null {
  return value?.slice(0, MAX_VALUE_LENGTH) ?? null;
}

function measured(trace: TraceRecord, measure: Measure): number | null {
  // As in `short`.
  return isOfUsage(measure) ? (trace.usage[measure] ?? null) : trace[measure];
}

function isOfUsage(measure: Measure): measure is Measure & keyof Usage {
  return measure.endsWith("_tokens");
}
