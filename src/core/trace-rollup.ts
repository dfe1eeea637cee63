import { addFlat, addTo, bucketOf, flat, type Histogram } from "./histogram.ts";
import type { Moments } from "./statistics.ts";
import { isError } from "./trace-filter.ts";
import type { TraceRecord } from "./trace-record.ts";

/** What traces are counted by. `model` is the one that served, `status` the caller's, three digits. */
export const DIMENSIONS = ["route", "function", "target", "provider", "model", "variant", "status", "api_key"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** What is measured of a trace, each where it is known. */
export const MEASURES = ["duration_ms", "first_content_ms", "input_tokens", "output_tokens", "cost_usd"] as const;
export type Measure = (typeof MEASURES)[number];

/** The first so many measures have histograms. */
const HISTOGRAMS = 2;

/** Where kinds are too many, the further ones count as this one, in every dimension. */
export const OTHER = "(other)";

/** Kinds that one rollup tells apart: at most some 100 KB of it. */
const MAX_KINDS = 500;

/** Characters of a value that tell kinds apart; names in routes.toml are shorter, a passthrough caller's model may be any text. */
const MAX_VALUE_LENGTH = 128;

/** Traces of one kind, as plain data. */
export interface RollupCell {
  /** The kind's values, in the order of `DIMENSIONS`, or the one that was grouped by. */
  readonly kind: readonly (string | null)[];
  readonly requests: number;
  readonly errors: number;
  /** Count, sum and sum of squares of each of `MEASURES`, one after the other. */
  readonly moments: readonly number[];
  /** Flat histograms of the first measures. */
  readonly histograms: readonly (readonly number[])[];
}

/** What is known of the traces of one kind. */
export class Figures {
  requests = 0;
  errors = 0;
  readonly #moments: number[] = Array.from({ length: 3 * MEASURES.length }, () => 0);
  readonly #histograms: readonly Histogram[] = Array.from({ length: HISTOGRAMS }, () => new Map());

  /** Counts one trace. */
  count(trace: TraceRecord): void {
    this.requests += 1;
    if (isError(trace)) this.errors += 1;
    for (const [index, measure] of MEASURES.entries()) {
      const value = measured(trace, measure);
      if (value === null) continue;
      this.#addMoments([1, value, value * value], 3 * index);
      const histogram = this.#histograms[index];
      if (histogram !== undefined) addTo(histogram, bucketOf(value), 1);
    }
  }

  /** Adds what others counted. */
  add({ requests, errors, moments, histograms }: RollupCell): void {
    this.requests += requests;
    this.errors += errors;
    this.#addMoments(moments, 0);
    for (const [index, histogram] of this.#histograms.entries()) addFlat(histogram, histograms[index] ?? []);
  }

  moments(measure: Measure): Moments {
    const at = 3 * MEASURES.indexOf(measure);
    const [count = 0, sum = 0, squares = 0] = this.#moments.slice(at, at + 3);
    return { count, sum, squares };
  }

  histogram(measure: "duration_ms" | "first_content_ms"): Histogram {
    return this.#histograms[MEASURES.indexOf(measure)] ?? new Map();
  }

  cell(kind: readonly (string | null)[]): RollupCell {
    return { kind, requests: this.requests, errors: this.errors, moments: this.#moments, histograms: this.#histograms.map(flat) };
  }

  #addMoments(moments: readonly number[], at: number): void {
    for (const [index, value] of moments.entries()) this.#moments[at + index] = (this.#moments[at + index] ?? 0) + value;
  }
}

/** Traces counted by kind: all dimensions together, so that any can be grouped by and filtered by later, and every trace is counted in one place. */
export class Rollup {
  readonly #kinds = new Map<string, { readonly kind: readonly (string | null)[]; readonly figures: Figures }>();

  /** The figures of a kind, for adding to them. */
  of(kind: readonly (string | null)[]): Figures {
    const name = JSON.stringify(kind);
    const known = this.#kinds.get(name);
    if (known !== undefined) return known.figures;
    const isOther = kind.every((value) => value === OTHER);
    if (this.#kinds.size >= MAX_KINDS && !isOther) return this.of(kind.map(() => OTHER));
    const figures = new Figures();
    this.#kinds.set(name, { kind, figures });
    return figures;
  }

  count(trace: TraceRecord): void {
    this.of(DIMENSIONS.map((dimension) => dimensionOf(trace, dimension))).count(trace);
  }

  add(cells: readonly RollupCell[]): void {
    for (const cell of cells) this.of(cell.kind).add(cell);
  }

  cells(): readonly RollupCell[] {
    return [...this.#kinds.values()].map(({ kind, figures }) => figures.cell(kind));
  }
}

/** The value of a dimension in a kind. */
export function valueOf(kind: readonly (string | null)[], dimension: Dimension): string | null {
  return kind[DIMENSIONS.indexOf(dimension)] ?? null;
}

function dimensionOf(trace: TraceRecord, dimension: Dimension): string | null {
  if (dimension === "status") return String(trace.status);
  return trace[dimension === "model" ? "upstream_model" : dimension]?.slice(0, MAX_VALUE_LENGTH) ?? null;
}

function measured(trace: TraceRecord, measure: Measure): number | null {
  return measure === "input_tokens" || measure === "output_tokens" ? trace.usage[measure] : trace[measure];
}
