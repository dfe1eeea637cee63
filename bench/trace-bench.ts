import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildGateway } from "./build.ts";
import { cpuNs } from "./process-usage.ts";
import { ADMIN_KEY, GATEWAY_KEY, routesToml } from "./routes.ts";
import type { ServerProcess } from "./server-process.ts";
import { startWorker } from "./workerd.ts";

/** `npm run bench -- traces`: what the trace store costs and how fast it is, over the real objects in a local workerd. `--quick`: a fifth of it. */

interface Extent {
  readonly appended: number;
  readonly scattered: number;
  readonly rows: number;
  readonly few: number;
  readonly many: number;
}

const FULL: Extent = { appended: 200_000, scattered: 2_000, rows: 20_000, few: 10_000, many: 1_000_000 };
const QUICK: Extent = { appended: 40_000, scattered: 1_000, rows: 5_000, few: 10_000, many: 200_000 };

const SHARDS = 4;
/** Traces that one request to the benchmark's Worker records, and such requests under way at once. */
const PER_REQUEST = 50;
const AT_ONCE = 32;
/** Traces that one request stores when the store is filled. */
const PER_FILL = 8_192;
/** How often each question is asked; the median counts. */
const ASKED = 15;
/** Pause between the single traces of a slow caller, ms. */
const SLOW_PAUSE_MS = 1_000;
const SLOW_TRACES = 12;
/** Traces a second that come one by one. */
const SCATTERED_PER_SECOND = 200;

const DAY_MS = 86_400_000;
const MIN_UPSTREAM_PORT = 9;

interface Billed {
  readonly rows: number;
  readonly bytes: number;
}

interface Line {
  readonly what: string;
  readonly measured: string;
  readonly aim: string;
  readonly met: boolean | null;
}

/** Runs it and prints a table. */
export async function benchTraces(directory: string, extentName: "quick" | "full"): Promise<void> {
  const extent = extentName === "quick" ? QUICK : FULL;
  const routesPath = join(directory, "routes.toml");
  await writeFile(routesPath, routesToml(3, MIN_UPSTREAM_PORT));
  const { script } = await buildGateway({ name: "trace-bench", routesPath, entry: "bench/workers/trace-bench.js" }, directory);
  const appended = await withServer(script, directory, (server) => appending(server, extent));
  const read = await withServer(script, directory, (server) => reading(server, extent));
  printLines([...appended, ...read]);
}

async function appending(server: ServerProcess, extent: Extent): Promise<readonly Line[]> {
  const dayMs = today();
  const slow = await rowsOfSlowTraces(server, dayMs);
  const scatteredFrom = await billed(server, dayMs);
  await get(server, `/bench/scatter?count=${extent.scattered}&perSecond=${SCATTERED_PER_SECOND}`);
  const scattered = (((await billed(server, dayMs)).rows - scatteredFrom.rows) / extent.scattered) * 1000;
  // Just-in-time compilers have to be through.
  await record(server, "record", { count: 5_000, from: 0 });
  await settled(server, dayMs);
  const before = await billed(server, dayMs);
  const [rate, cpu] = await metered(server, extent.appended, async () => {
    await record(server, "record", { count: extent.appended, from: 5_000 });
    await settled(server, dayMs);
  });
  const after = await billed(server, dayMs);
  const rowsPerThousand = ((after.rows - before.rows) / extent.appended) * 1000;
  const bytesPerTrace = (after.bytes - before.bytes) / extent.appended;
  const lost = await lostTraces(server);
  await record(server, "recordRows", { count: 500, from: 0 });
  const [rowRate, rowCpu] = await metered(server, extent.rows, () => record(server, "recordRows", { count: extent.rows, from: 500 }));
  return [
    { what: `appending ${extent.appended} traces`, measured: `${Math.round(rate)} traces/s`, aim: "", met: null },
    { what: "… of them lost", measured: String(lost), aim: "0", met: lost === 0 },
    { what: "rows written per 1,000 traces", measured: rowsPerThousand.toFixed(1), aim: "≤ 60", met: rowsPerThousand <= 60 },
    {
      what: `… of ${SCATTERED_PER_SECOND} isolates that bring one trace a second each`,
      measured: scattered.toFixed(1),
      aim: "≤ 60",
      met: scattered <= 60,
    },
    { what: "… at 1 request per second", measured: slow.toFixed(0), aim: "", met: null },
    { what: "bytes stored per trace", measured: bytesPerTrace.toFixed(0), aim: "≤ 600", met: bytesPerTrace <= 600 },
    { what: "CPU per trace", measured: `${cpu.toFixed(0)} µs`, aim: `less than ${rowCpu.toFixed(0)} µs`, met: cpu < rowCpu },
    {
      what: "… with one call and one row per trace",
      measured: `${rowCpu.toFixed(0)} µs, ${Math.round(rowRate)} traces/s`,
      aim: "",
      met: null,
    },
  ];
}

/** Rows written per 1,000 traces where one comes after the other, without those that are written when 256 are sealed. */
async function rowsOfSlowTraces(server: ServerProcess, dayMs: number): Promise<number> {
  let first = Number.NaN;
  for (let n = 0; n <= SLOW_TRACES; n += 1) {
    await get(server, `/bench/record?count=1&shards=1&from=${n}`);
    if (n === 0) first = (await billed(server, dayMs)).rows;
    await new Promise((resolve) => setTimeout(resolve, SLOW_PAUSE_MS));
  }
  return (((await billed(server, dayMs)).rows - first) / SLOW_TRACES) * 1000;
}

async function reading(server: ServerProcess, extent: Extent): Promise<readonly Line[]> {
  const dayMs = today() - DAY_MS;
  const day = `since=${new Date(dayMs).toISOString()}&until=${new Date(dayMs + DAY_MS).toISOString()}`;
  const questions = [
    ["the newest 50", "/api/traces?limit=50"],
    ["24 h of metrics by model", `/api/metrics?${day}&by=model`],
    ["24 h of metrics by model, each 15 min", `/api/metrics?${day}&by=model&step=900`],
    ["24 h of metrics by route, each 5 min", `/api/metrics?${day}&by=route&step=300`],
  ] as const;
  const ask = async (): Promise<readonly number[]> => {
    const times: number[] = [];
    for (const [, path] of questions) times.push(await medianMs(server, path));
    return times;
  };
  await fill(server, { from: 0, to: extent.few, total: extent.few, dayMs });
  const few = await ask();
  await fill(server, { from: extent.few, to: extent.many, total: extent.many, dayMs });
  const many = await ask();
  const compared = questions.map(([what], index) => {
    const fewMs = few[index] ?? 0;
    const manyMs = many[index] ?? 0;
    const ratio = manyMs / fewMs;
    return {
      what: `${what}, of ${extent.many} traces in ${SHARDS} shards`,
      measured: `${manyMs.toFixed(1)} ms, ${ratio.toFixed(1)} × ${extent.few}'s ${fewMs.toFixed(1)} ms`,
      aim: "≤ 3 ×",
      met: ratio <= 3,
    };
  });
  const rareMs = await medianMs(server, "/api/traces?route=rare&limit=50");
  const noneMs = await medianMs(server, "/api/traces?q=nobody-said-this&limit=50");
  const stored = (await billed(server, dayMs)).bytes / extent.many;
  return [
    ...compared,
    {
      what: `bytes stored per trace, ${extent.many} in a day, with their counts`,
      measured: stored.toFixed(0),
      aim: "≤ 600",
      met: stored <= 600,
    },
    {
      what: "1 in 10,000 by route",
      measured: `${rareMs.toFixed(0)} ms, ${await told(server, "/api/traces?route=rare&limit=50")}`,
      aim: "≤ 300 ms",
      met: rareMs <= 300,
    },
    {
      what: "a text that no trace mentions",
      measured: `${noneMs.toFixed(0)} ms, ${await told(server, "/api/traces?q=nobody-said-this&limit=50")}`,
      aim: "≤ 300 ms",
      met: noneMs <= 300,
    },
  ];
}

async function withServer<T>(script: string, directory: string, use: (server: ServerProcess) => Promise<T>): Promise<T> {
  const variables = { TO11_API_KEY: GATEWAY_KEY, TO11_ADMIN_KEY: ADMIN_KEY, BENCH_API_KEY: "sk-bench" };
  const modules = [{ name: "worker.js", code: script }];
  const isServing = async (port: number): Promise<boolean> => (await fetch(`http://127.0.0.1:${port}/health`)).ok;
  const server = await startWorker({ name: "trace-bench", modules, variables, bindings: "gateway", isServing }, directory);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

/** Traces of one kind of record, several requests at once. */
async function record(
  server: ServerProcess,
  call: "record" | "recordRows",
  { count, from }: { readonly count: number; readonly from: number },
): Promise<void> {
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < from + count) {
      const at = next;
      next += PER_REQUEST;
      await get(server, `/bench/${call}?count=${PER_REQUEST}&shards=${SHARDS}&from=${at}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function fill(
  server: ServerProcess,
  range: { readonly from: number; readonly to: number; readonly total: number; readonly dayMs: number },
): Promise<void> {
  for (let from = range.from; from < range.to; from += PER_FILL) {
    const to = Math.min(range.to, from + PER_FILL);
    await get(server, `/bench/fill?from=${from}&to=${to}&total=${range.total}&dayMs=${range.dayMs}&shards=${SHARDS}`);
  }
}

/** Waits until the last batches are written: what an isolate or an object holds back it holds for less than a second. */
async function settled(server: ServerProcess, dayMs: number): Promise<void> {
  for (let before = -1, now = (await billed(server, dayMs)).rows; now !== before;) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    before = now;
    now = (await billed(server, dayMs)).rows;
  }
}

/** Traces per second, and µs of CPU per trace. */
async function metered(server: ServerProcess, count: number, work: () => Promise<void>): Promise<readonly [number, number]> {
  const [cpuBefore, startedAt] = [cpuNs(server.pid), performance.now()];
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  return [count / seconds, (cpuNs(server.pid) - cpuBefore) / count / 1000];
}

async function medianMs(server: ServerProcess, path: string): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < ASKED; n += 1) {
    const startedAt = performance.now();
    await get(server, path);
    times.push(performance.now() - startedAt);
  }
  return times.toSorted((left, right) => left - right)[Math.floor(ASKED / 2)] ?? 0;
}

async function billed(server: ServerProcess, dayMs: number): Promise<Billed> {
  return (await get(server, `/bench/billed?dayMs=${dayMs}&shards=${SHARDS}`)) as Billed;
}

async function lostTraces(server: ServerProcess): Promise<number> {
  return ((await get(server, "/health")) as { readonly lost_traces: number }).lost_traces;
}

/** How many traces a page holds, and how far it looked. */
async function told(server: ServerProcess, path: string): Promise<string> {
  const page = (await get(server, path)) as { readonly traces: readonly unknown[]; readonly searched_until: string | null };
  return `${page.traces.length} found, back to ${page.searched_until ?? "the beginning"}`;
}

async function get(server: ServerProcess, path: string): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}\n${server.said()}`);
  return JSON.parse(text);
}

/** When this UTC day began. */
function today(): number {
  return Date.now() - (Date.now() % DAY_MS);
}

function printLines(lines: readonly Line[]): void {
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map(({ what, measured, aim }) => [what, measured, aim][column]?.length ?? 0)));
  for (const { what, measured, aim, met } of lines) {
    const cells = [what, measured, aim].map((cell, column) => cell.padEnd(widths[column] ?? 0));
    console.log(`${cells.join("  ")}  ${met === null ? "" : met ? "met" : "MISSED"}`);
  }
}
