import { type Counted, Figures, type Kind, nameOf, OTHER, type RollupCell } from "./trace-rollup.ts";

/** Figures that a tally holds at once: some 30 MB of the 128 that an object or an isolate has. */
const MAX_FIGURES = 30_000;

/** What the traces that started in one bucket of time come to, one cell per kind. */
export interface TallyBucket {
  readonly startMs: number;
  readonly cells: readonly RollupCell[];
}

/** One kind's figures by the bucket's start, ms since the epoch. */
interface Tallied {
  readonly kind: Kind;
  readonly buckets: Map<number, Figures>;
}

/**
 * Traces counted by time and kind where nobody knows how many kinds there are. Where they become too many, the largest stay and all others are counted as one: sums
 * over all kinds are right whatever comes, and each figure of a kind is that of traces of its own.
 */
export class Tally {
  readonly #kinds = new Map<string | null, Tallied>();
  readonly #maxFigures: number;
  /** Of all kinds but the one that stands for the others. */
  #figures = 0;

  constructor(maxFigures = MAX_FIGURES) {
    this.#maxFigures = maxFigures;
  }

  /** Counts a trace. */
  count(startMs: number, kind: Kind, counted: Counted): void {
    this.#of(startMs, kind).count(counted);
  }

  /** Adds what others counted. */
  add(startMs: number, cell: RollupCell): void {
    this.#of(startMs, cell.kind).add(cell);
  }

  /** What was counted, earliest first, in at most so many cells; those of all that is counted as one come on top. */
  buckets(maxCells: number): readonly TallyBucket[] {
    this.#fold(maxCells);
    const buckets = new Map<number, RollupCell[]>();
    for (const { kind, buckets: ofKind } of this.#kinds.values()) {
      for (const [startMs, figures] of ofKind) {
        const cells = buckets.get(startMs) ?? [];
        buckets.set(startMs, cells);
        cells.push(figures.cell(kind));
      }
    }
    return [...buckets].toSorted(([left], [right]) => left - right).map(([startMs, cells]) => ({ startMs, cells }));
  }

  #of(startMs: number, kind: Kind): Figures {
    const tallied = this.#kinds.get(nameOf(kind)) ?? this.#begun(kind);
    const known = tallied.buckets.get(startMs);
    if (known !== undefined) return known;
    const isOther = kind[0] === OTHER;
    if (!isOther && this.#figures >= this.#maxFigures) {
      this.#fold(this.#maxFigures / 2);
      return this.#of(startMs, kind);
    }
    const figures = new Figures();
    tallied.buckets.set(startMs, figures);
    if (!isOther) this.#figures += 1;
    return figures;
  }

  #begun(kind: Kind): Tallied {
    const tallied = { kind, buckets: new Map<number, Figures>() };
    this.#kinds.set(nameOf(kind), tallied);
    return tallied;
  }

  /** Keeps the largest kinds with at most so many figures, and counts all others as one. */
  #fold(maxFigures: number): void {
    if (this.#figures <= maxFigures) return;
    const other = this.#kinds.get(OTHER) ?? { kind: [OTHER], buckets: new Map<number, Figures>() };
    this.#kinds.delete(OTHER);
    const ranked = largestFirst([...this.#kinds.values()], sizeOf);
    this.#kinds.clear();
    this.#kinds.set(OTHER, other);
    let figuresSoFar = 0;
    this.#figures = 0;
    for (const tallied of ranked) {
      figuresSoFar += tallied.buckets.size;
      if (figuresSoFar <= maxFigures) {
        this.#kinds.set(nameOf(tallied.kind), tallied);
        this.#figures = figuresSoFar;
      } else {
        for (const [startMs, figures] of tallied.buckets) addTo(other.buckets, startMs, figures.cell(tallied.kind));
      }
    }
  }
}

/** How large something is that was counted. */
export interface Size {
  readonly requests: number;
  readonly costUsd: number;
}

/** The largest first, by requests and by cost in turns: who costs most is not lost among the busy, nor they where no price is known. */
export function largestFirst<T>(items: readonly T[], size: (item: T) => Size): readonly T[] {
  const sized = items.map((item) => ({ item, size: size(item), rank: Infinity }));
  for (const measure of ["requests", "costUsd"] as const) {
    const order = sized.toSorted((left, right) => right.size[measure] - left.size[measure]);
    for (const [rank, each] of order.entries()) each.rank = Math.min(each.rank, rank);
  }
  return sized.toSorted((left, right) => left.rank - right.rank).map(({ item }) => item);
}

function sizeOf({ buckets }: Tallied): Size {
  let requests = 0;
  let costUsd = 0;
  for (const figures of buckets.values()) {
    requests += figures.requests;
    costUsd += figures.moments("cost_usd").sum;
  }
  return { requests, costUsd };
}

function addTo(buckets: Map<number, Figures>, startMs: number, cell: RollupCell): void {
  const figures = buckets.get(startMs) ?? new Figures();
  buckets.set(startMs, figures);
  figures.add(cell);
}
