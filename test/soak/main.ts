import { readdirSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { memoryBytes } from "../../bench/process-usage.ts";
import { startSimulator } from "../../src/simulator/index.ts";
import buildWorker from "../support/build-worker.ts";
import { FaultyUpstream } from "../support/faulty-upstream.ts";
import { startGateway } from "../support/gateway.ts";
import { tracesByUser } from "../support/lawful-call.ts";
import { lawfulToml, PROVIDERS } from "../support/lawful-routes.ts";
import { drive } from "./drive.ts";
import { type Tally, tallyOf } from "./tally.ts";

// The whole Worker under many requests whose upstreams fail and whose callers leave, on loopback only:
// `npm run soak -- --requests 2000 --concurrency 64 --seed 1`. Exit code 1 where a law is broken.

/** Memory is compared with what it was after so many requests. */
const WARM_REQUESTS = 2_000;
/** How much more of it there may be at the end. */
const MOST_GROWTH = 1.3;
const LONGEST_MS = 15 * 60_000;
const STORIES_SHOWN = 20;
const MEBIBYTE = 1024 * 1024;

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    concurrency: { type: "string", default: "64" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});
const requests = Number(values.requests);
const seed = Number(values.seed);

await buildWorker();
const simulator = await startSimulator({ tokenDelayMs: 0 });
const gateway = await startGateway({ toml: lawfulToml(simulator, { timeoutMs: 400, idleTimeoutMs: 300 }) });
const workerd = workerdOf(process.pid);
const upstream = new FaultyUpstream(simulator, PROVIDERS);
const startedAt = performance.now();
let warmBytes = Number.NaN;

const driven = await drive({
  gateway,
  upstream,
  requests,
  concurrency: Number(values.concurrency),
  seed,
  longestMs: LONGEST_MS,
  over(done) {
    if (done === WARM_REQUESTS) warmBytes = memoryBytes(workerd).now;
    if (process.stderr.isTTY && done % 100 === 0) process.stderr.write(`\r${done} of ${requests}`);
  },
});
if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
const seconds = (performance.now() - startedAt) / 1_000;
const endBytes = memoryBytes(workerd).now;
const traces = await tracesByUser(
  gateway,
  driven.map(({ planned }) => planned.user),
);
const tally = tallyOf(driven, traces, upstream);
report(tally);
await gateway.close();
await simulator.close();

function report(counted: Tally): void {
  const share = (count: number): string => `${((100 * count) / Math.max(1, driven.length)).toFixed(1)} %`;
  const line = (name: string, count: number): string => `${name.padEnd(36)}${String(count).padStart(7)}${share(count).padStart(10)}`;
  const growth = endBytes / warmBytes;
  console.log(`${driven.length} requests of ${requests} in ${seconds.toFixed(0)} s, seed ${seed}\n`);
  console.log(line("answers whole", counted.whole));
  console.log(line("rescued", counted.rescued));
  console.log(line("honest errors", counted.honestErrors));
  console.log(line("truncated, and said so", counted.truncatedAndSaid));
  console.log(line("callers gone", counted.callersGone));
  console.log(line("  gone before they had arrived", counted.neverArrived));
  console.log("must be 0:");
  console.log(line("  wrong answers", counted.wrong));
  console.log(line("  hung requests", counted.hung));
  console.log(line("  requests without exactly one trace", counted.notTracedOnce));
  const memory = `memory of workerd: ${(endBytes / MEBIBYTE).toFixed(0)} MiB`;
  if (Number.isNaN(growth)) console.log(`${memory} (compared from ${WARM_REQUESTS} requests on)`);
  else console.log(`${memory}, ${growth.toFixed(2)} times what it was after ${WARM_REQUESTS} requests (at most ${MOST_GROWTH})`);
  for (const story of counted.stories.slice(0, STORIES_SHOWN)) console.log(`  ${story}`);
  const lawful = counted.wrong + counted.hung + counted.notTracedOnce === 0 && driven.length === requests && !(growth > MOST_GROWTH);
  if (!lawful) process.exitCode = 1;
}

/** The process that runs the Worker: a child of the one that started it. */
function workerdOf(parent: number): number {
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const [, command, parentId] = /^\d+ \((.*)\) \S (\d+)/.exec(statOf(entry)) ?? [];
    if (command === "workerd" && Number(parentId) === parent) return Number(entry);
  }
  throw new Error("no workerd runs under this process");
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    // It ended since the listing.
    return "";
  }
}
