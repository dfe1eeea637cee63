import { arrayOf } from "../json/foreign-json.ts";
import { isError } from "./trace-filter.ts";
import type { TraceRecord } from "./trace-record.ts";
import { type Counted, countedOf, type Dimension, DIMENSIONS, type Kind, MEASURES, valueOf } from "./trace-rollup.ts";

/**
 * What traces can be counted by, and what is counted of them, without the rest: a fiftieth of them in size. One line per column, its name and a tab before it:
 * `start` (ms since the epoch of the first, then from there on), `error` (1 or 0), each measure, each dimension as its distinct values and, where there are several,
 * which of them each trace has. Whoever reads parses the lines he needs.
 */
export function writeFacts(traces: readonly TraceRecord[]): string {
  const starts = traces.map(({ started_at: startedAt }) => Date.parse(startedAt));
  const [first = 0] = starts;
  const counted = traces.map(countedOf);
  return [
    line("start", [first, ...starts.map((startMs) => startMs - first)]),
    line(
      "error",
      traces.map((trace) => (isError(trace) ? 1 : 0)),
    ),
    ...MEASURES.map((measure, index) =>
      line(
        measure,
        counted.map(({ values }) => values[index] ?? null),
      ),
    ),
    ...DIMENSIONS.map((dimension) => line(dimension, column(traces.map((trace) => valueOf(trace, dimension))))),
  ].join("\n");
}

/** One trace as it is counted. */
export interface TraceFacts {
  readonly startMs: number;
  readonly kind: Kind;
  readonly counted: Counted;
}

/** A trace as it is counted by these dimensions. */
export function factsOf(trace: TraceRecord, by: readonly Dimension[]): TraceFacts {
  return { startMs: Date.parse(trace.started_at), kind: by.map((dimension) => valueOf(trace, dimension)), counted: countedOf(trace) };
}

/** The traces of a text that `writeFacts` wrote, each with its value of each of the dimensions. `undefined`: an earlier deploy wrote it, and fewer columns. */
export function readFacts(text: string, by: readonly Dimension[]): readonly TraceFacts[] | undefined {
  const lines = new Map(text.split("\n").map((each) => [each.slice(0, each.indexOf("\t")), each.slice(each.indexOf("\t") + 1)]));
  const names = ["start", "error", ...MEASURES, ...by];
  const columns = names.flatMap((name) => lines.get(name) ?? []);
  if (columns.length < names.length) return undefined;
  const [starts = [], errors = [], ...rest] = columns.map(parseColumn);
  const [first, ...offsets] = starts.map(Number);
  const measures = rest.slice(0, MEASURES.length).map((values) => values.map((value) => (typeof value === "number" ? value : null)));
  const valuesAt = rest.slice(MEASURES.length).map(dimensionReader);
  return offsets.map((offset, index) => ({
    startMs: (first ?? 0) + offset,
    kind: valuesAt.map((valueAt) => valueAt(index)),
    counted: { isError: errors[index] === 1, values: measures.map((values) => values[index] ?? null) },
  }));
}

/** Distinct values and, where there are several, the place of each trace's among them. */
function column(values: readonly (string | null)[]): readonly unknown[] {
  const places = new Map<string | null, number>();
  const found = values.map((value) => {
    const place = places.get(value) ?? places.size;
    if (place === places.size) places.set(value, place);
    return place;
  });
  return places.size === 1 ? [[...places.keys()]] : [[...places.keys()], found];
}

function dimensionReader([distinct, places]: readonly unknown[]): (index: number) => string | null {
  const values = arrayOf(distinct).map((value) => (typeof value === "string" ? value : null));
  const placeOf = arrayOf(places);
  return (index) => values[Number(placeOf[index] ?? 0)] ?? null;
}

function line(name: string, values: readonly unknown[]): string {
  return `${name}\t${JSON.stringify(values)}`;
}

function parseColumn(json: string): readonly unknown[] {
  return arrayOf(JSON.parse(json));
}
