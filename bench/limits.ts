import { limitsOf, type LimitTable } from "../src/core/governance/limit.ts";
import { Meter } from "../src/core/governance/meter.ts";
import { Pool } from "../src/core/governance/pool.ts";
import { SUBJECT_KINDS } from "../src/core/governance/subject.ts";
import { formatTable } from "../src/cli/terminal/table.ts";
import { type LeaseSimulation, simulateLeases } from "../test/support/lease-simulation.ts";

/** USD per call of an object: https://developers.cloudflare.com/durable-objects/platform/pricing/, requests beyond those included. */
const USD_PER_CALL = 0.15 / 1_000_000;

const FAR: LimitTable = { requests_per_minute: 1_000_000_000 };

/** What is simulated, messages of 10 to 20 ms there and back. */
const SIMULATED: readonly (readonly [what: string, simulation: Omit<LeaseSimulation, "seed">])[] = [
  ["10,000/s on 20", { isolates: 20, ratePerS: 10_000, limits: FAR, seconds: 30 }],
  ["10,000/s on 200", { isolates: 200, ratePerS: 10_000, limits: FAR, seconds: 30 }],
  ["10,000/s on 1,000", { isolates: 1_000, ratePerS: 10_000, limits: FAR, seconds: 30 }],
  ["10,000/s on 2,000", { isolates: 2_000, ratePerS: 10_000, limits: FAR, seconds: 30 }],
  ["10,000/s on 200, 5,000/s allowed", { isolates: 200, ratePerS: 10_000, limits: { requests_per_minute: 300_000 }, seconds: 90 }],
  ["100/s on 200", { isolates: 200, ratePerS: 100, limits: FAR, seconds: 120 }],
  ["10/s on 1", { isolates: 1, ratePerS: 10, limits: FAR, seconds: 300 }],
  ["1/s on 1", { isolates: 1, ratePerS: 1, limits: FAR, seconds: 300 }],
  ["10/s on 10", { isolates: 10, ratePerS: 10, limits: FAR, seconds: 300 }],
  ["5/s on 50", { isolates: 50, ratePerS: 5, limits: FAR, seconds: 300 }],
  ["1,000/s on 200, 100,000 a day", { isolates: 200, ratePerS: 1_000, limits: { requests_per_day: 100_000 }, seconds: 110 }],
  ["1,000/s on 200, 1,000 a day", { isolates: 200, ratePerS: 1_000, limits: { requests_per_day: 1_000 }, seconds: 10 }],
];

const MEASURED_TIMES = 200_000;

/** `npm run bench -- limits`: what limits cost, simulated and measured. */
export function benchLimits(): void {
  const rows = SIMULATED.map(([what, simulation]) => {
    const told = simulateLeases({ ...simulation, seed: 1 });
    const usd = told.callsPerRequest * USD_PER_CALL * 1_000_000;
    return [
      what,
      `${(told.local * 100).toFixed(1)} %`,
      told.callsPerS.toFixed(1),
      String(told.peakCallsPerS),
      told.callsPerRequest.toFixed(4),
      usd.toFixed(4),
      `${told.admitted} of ${told.requests}`,
      told.firstRefusalMs === undefined ? "-" : `${(told.firstRefusalMs / 1000).toFixed(1)} s`,
    ];
  });
  const headings = ["REQUESTS ON ISOLATES", "LOCAL", "CALLS/S", "PEAK", "PER REQUEST", "USD/M", "ADMITTED", "FIRST REFUSAL"];
  process.stdout.write(`${formatTable([headings, ...rows]).join("\n")}\n\n`);
  process.stdout.write(`a take from what is in hand, 5 subjects of 2 limits: ${takeMicros().toFixed(2)} µs\n`);
  process.stdout.write(`lease() in the object: ${leaseMicros().toFixed(2)} µs\n`);
}

function takeMicros(): number {
  const limits = limitsOf({ requests_per_minute: 1e12, tokens_per_minute: 1e12 });
  const amounts = { requests_per_minute: 1, tokens_per_minute: 1 };
  const nowMs = Date.now();
  const pools = SUBJECT_KINDS.slice(0, 5).map((kind) => {
    const subject = { kind, name: "s", limits, revision: 1, timezone: "UTC" };
    const [pool, meter] = [new Pool("isolate"), new Meter(1)];
    for (let each = 0; each < 1_000; each += 1) pool.take(subject, { requests_per_minute: 1e6, tokens_per_minute: 1e6 }, nowMs);
    const exchange = pool.ask(amounts, nowMs);
    if (exchange !== undefined) pool.learn(exchange, meter.lease(exchange.request, nowMs), nowMs);
    return { pool, subject };
  });
  return microsOf(() => {
    for (const { pool, subject } of pools) if (pool.take(subject, amounts, nowMs) === "ask") throw new Error("nothing was in hand");
  });
}

function leaseMicros(): number {
  const limits = limitsOf({ requests_per_minute: 1e12, tokens_per_minute: 1e12 });
  const meter = new Meter(1);
  const nowMs = Date.now();
  const request = { isolate: "isolate", lease: 0, limits, revision: 1, timezone: "UTC", reports: [] };
  let id = 0;
  return microsOf(() => {
    id += 1;
    meter.lease({ ...request, need: { id, amounts: { requests_per_minute: 1, tokens_per_minute: 1 } } }, nowMs);
  });
}

/** The fastest of several rounds: others run on the machine. */
function microsOf(work: () => void): number {
  const rounds = Array.from({ length: 5 }, () => {
    const begunMs = performance.now();
    for (let time = 0; time < MEASURED_TIMES; time += 1) work();
    return ((performance.now() - begunMs) * 1000) / MEASURED_TIMES;
  });
  return Math.min(...rounds);
}
