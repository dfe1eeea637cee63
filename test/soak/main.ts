import { parseArgs } from "node:util";
import { Inspector } from "../../bench/inspector.ts";
import { startSimulator } from "../../src/simulator/index.ts";
import buildWorker from "../support/build-worker.ts";
import { FaultyUpstream } from "../support/faulty-upstream.ts";
import { startGateway } from "../support/gateway.ts";
import { tracesByUser } from "../support/lawful-call.ts";
import { lawfulToml, PROVIDERS } from "../support/lawful-routes.ts";
import { Chance } from "./chance.ts";
import { drive, type Driven } from "./drive.ts";
import { freePort, type Memory, quietMemoryOf } from "./memory.ts";
import { type Tally, tallyOf } from "./tally.ts";

// The whole Worker under many requests whose upstreams fail and whose callers leave, on loopback only:
// `npm run soak -- --requests 2000 --concurrency 64 --seed 1`. Exit code 1 where a law is broken.

/** Memory is compared with what it was after so many requests. */
const WARM_REQUESTS = 2_000;
/**
 * How much more may be alive at the end. What the process takes is shown, and not held to it: V8 collects late where memory is plenty, and a Worker of five
 * lines that fetches and answers grows from 210 to 380 MiB before it stays there.
 */
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
const inspectorPort = await freePort();
const gateway = await startGateway({ toml: lawfulToml(simulator, { timeoutMs: 400, idleTimeoutMs: 300 }), inspectorPort });
// One connection for all measures: a second one beside it is never answered.
const inspector = await Inspector.open(inspectorPort);
const upstream = new FaultyUpstream(simulator, PROVIDERS);
const startedAt = performance.now();
const chance = new Chance(seed);

const first = await driveMore(0, Math.min(requests, WARM_REQUESTS));
const before = await quietMemoryOf(inspector, gateway);
const driven = [...first, ...(await driveMore(first.length, requests - first.length))];
const after = await quietMemoryOf(inspector, gateway);
if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
const seconds = (performance.now() - startedAt) / 1_000;
const traces = await tracesByUser(
  gateway,
  driven.map(({ planned }) => planned.user),
);
const tally = tallyOf(driven, traces, upstream);
report(tally);
await gateway.close();
await simulator.close();

function driveMore(past: number, more: number): Promise<readonly Driven[]> {
  return drive({
    gateway,
    upstream,
    requests: more,
    concurrency: Number(values.concurrency),
    chance,
    longestMs: LONGEST_MS - (performance.now() - startedAt),
    over(done) {
      if (process.stderr.isTTY && done % 100 === 0) process.stderr.write(`\r${past + done} of ${requests}`);
    },
  });
}

function report(counted: Tally): void {
  const share = (count: number): string => `${((100 * count) / Math.max(1, driven.length)).toFixed(1)} %`;
  const line = (name: string, count: number): string => `${name.padEnd(36)}${String(count).padStart(7)}${share(count).padStart(10)}`;
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
  console.log(`memory, MiB: ${shown(before)} after ${first.length} requests, ${shown(after)} at the end`);
  for (const story of counted.stories.slice(0, STORIES_SHOWN)) console.log(`  ${story}`);
  const lawful = counted.wrong + counted.hung + counted.notTracedOnce === 0 && driven.length === requests;
  const mostBytes = MOST_GROWTH * before.liveBytes;
  if (after.liveBytes > mostBytes) console.log(`  that is more than ${inMebibytes(mostBytes)} alive: something is kept`);
  if (!lawful || after.liveBytes > mostBytes) process.exitCode = 1;
}

function shown({ liveBytes, processBytes }: Memory): string {
  return `${inMebibytes(liveBytes)} alive (process ${inMebibytes(processBytes)})`;
}

function inMebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(1);
}
