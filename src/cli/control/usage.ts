import type * as z from "zod/mini";
import type { metricsSchema } from "../../web/api/contract.ts";
import { CommandFailure } from "../command-failure.ts";
import { formatTable } from "../terminal/table.ts";
import { paint, print, printJson } from "../terminal/terminal.ts";
import type { Variables } from "../variables.ts";
import { connect, type GatewayOptions } from "./gateway-options.ts";
import { momentBefore } from "./moment-before.ts";

const DAY_S = 86_400;

/** The longest step that the API takes, whole days: one such bucket is all that sums need. */
const LONGEST_STEP_S = 115 * DAY_S;

/** What `--by` takes besides the API's own words. */
const ALIASES: ReadonlyMap<string, string> = new Map([["key", "api_key"]]);

/** What is told of each, in the API's words. */
const COLUMNS = ["requests", "errors", "input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "cost_usd"] as const;
const HEADINGS = ["REQUESTS", "ERRORS", "INPUT", "CACHED", "CACHE WRITES", "OUTPUT", "COST USD"];

type Series = z.infer<typeof metricsSchema>["series"][number];

/** What `to11 usage` was given. */
interface UsageOptions extends GatewayOptions {
  readonly by: string;
  readonly since: string;
  readonly until?: string;
  readonly csv?: boolean;
}

/** Prints requests, tokens and cost by user, key, model or whatever else traces are counted by, the dearest first. */
export async function usage(options: UsageOptions, shell: Variables): Promise<void> {
  const nowMs = Date.now();
  const since = momentOf("--since", options.since, nowMs);
  const until = options.until === undefined ? new Date(nowMs).toISOString() : momentOf("--until", options.until, nowMs);
  const by = options.by.split(",").map((name) => ALIASES.get(name) ?? name);
  const days = Math.ceil((Date.parse(until) - Date.parse(since)) / 1000 / DAY_S);
  const step = Math.min(LONGEST_STEP_S, Math.max(1, days) * DAY_S);
  const metrics = await (await connect(options, shell)).metrics({ by: by.join(","), since, until, step: String(step) });
  const rows = dearestFirst(metrics.series);
  if (options.json === true) printJson({ since: metrics.since, until: metrics.until, by, usage: rows.map((row) => rowObject(by, row)) });
  else if (options.csv === true) print(...csvLines(by, rows));
  else printTable(by, rows);
}

function momentOf(option: string, text: string, nowMs: number): string {
  const moment = momentBefore(text, nowMs);
  if (moment !== undefined) return moment;
  throw new CommandFailure(
    `${option} takes a time before now, such as 30d, 12h or 90m, or an ISO 8601 time; not ${JSON.stringify(text)}.`,
    2,
  );
}

/** The dearest first, of equally dear ones the busiest; what the gateway did not tell apart last. */
export function dearestFirst(series: readonly Series[]): readonly Series[] {
  const rank = ({ key }: Series): number => (key === OTHER ? 1 : 0);
  return series.toSorted(
    (left, right) =>
      rank(left) - rank(right) || right.totals.cost_usd - left.totals.cost_usd || right.totals.requests - left.totals.requests,
  );
}

/** As the API calls all that it does not tell apart. */
const OTHER = "(other)";

function rowObject(by: readonly string[], { keys, totals }: Series): object {
  const named = by.map((name, index) => [name, keys[index] ?? null] as const);
  return Object.fromEntries([...named, ...COLUMNS.map((column) => [column, totals[column]] as const)]);
}

/** The rows as CSV (RFC 4180) under the API's own names. */
export function csvLines(by: readonly string[], rows: readonly Series[]): string[] {
  const lines = rows.map(({ keys, totals }) => [...keys.map((key) => key ?? ""), ...COLUMNS.map((column) => String(totals[column]))]);
  return [[...by, ...COLUMNS], ...lines].map((cells) => cells.map(csvCell).join(","));
}

/** Who opens it with a spreadsheet must not run what a caller named himself: a formula gets an apostrophe before it. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function printTable(by: readonly string[], rows: readonly Series[]): void {
  if (rows.length === 0) return print("Nobody asked for anything in that time.");
  const [heading = "", ...lines] = tableLines(by, rows);
  print(paint("bold", heading), ...lines);
}

/** The rows as an aligned table with its sums. */
export function tableLines(by: readonly string[], rows: readonly Series[]): string[] {
  const sums = COLUMNS.map((column) => rows.reduce((sum, { totals }) => sum + totals[column], 0));
  const cells = [
    ...rows.map(({ keys, totals }) => [...keys.map(shownKey), ...COLUMNS.map((column) => shownNumber(column, totals[column]))]),
    [...by.map((_, index) => (index === 0 ? "TOTAL" : "")), ...COLUMNS.map((column, index) => shownNumber(column, sums[index] ?? 0))],
  ];
  const headed = [[...by.map((name) => name.toUpperCase().replace("_", " ")), ...HEADINGS], ...cells];
  const widths = HEADINGS.map((_, index) => Math.max(...headed.map((row) => row[by.length + index]?.length ?? 0)));
  return formatTable(headed.map((row) => row.map((cell, index) => cell.padStart(widths[index - by.length] ?? 0))));
}

/** A caller's own text: nothing in it may move the cursor or dress the terminal. */
function shownKey(key: string | null): string {
  return key === null ? "-" : key.replaceAll(/\p{Cc}/gu, "\u{FFFD}");
}

function shownNumber(column: (typeof COLUMNS)[number], value: number): string {
  const digits = column === "cost_usd" ? { minimumFractionDigits: 2, maximumFractionDigits: 4 } : {};
  return value.toLocaleString("en-US", digits);
}
