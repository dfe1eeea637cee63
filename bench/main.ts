import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { aimsOf } from "./aims.ts";
import { buildGateway } from "./build.ts";
import { type Case, caseNamed, CASES, type ContenderName } from "./cases.ts";
import { buildAll, startAll, startUpstream } from "./contenders.ts";
import { type Bench, measure, startLoad } from "./measure.ts";
import { FOOTPRINT_CONTENDERS, footprintOf } from "./memory.ts";
import { installPeer } from "./peer.ts";
import { type Results, ResultsDraft } from "./results.ts";
import { benchTraces } from "./trace-bench.ts";
import { proveTraces } from "./traces.ts";
import { printReport } from "./report.ts";
import { machineOf } from "./machine.ts";

/** `npm run bench`: everybody beside everybody in one run, see README. `--quick`: fewer rounds; `--cases a,b`: only these; `--before COMMIT`: the gateway
 * of that commit beside this one. `traces`: the trace store by itself. */

interface Extent {
  readonly rounds: number;
  /** Rounds of small requests before the first that counts: just-in-time compilers have to be through, the more the more code there is. */
  readonly warmUps: number;
  readonly footprints: number;
  /** No round begins that would end after this, ms since the start. */
  readonly budgetMs: number;
  readonly countOf: (of: Case) => number;
}

const FULL: Extent = { rounds: 7, warmUps: 6, footprints: 3, budgetMs: 7 * 60_000, countOf: ({ count }) => count };
const QUICK: Extent = { rounds: 2, warmUps: 2, footprints: 1, budgetMs: 105_000, countOf: ({ quickCount }) => quickCount };

/** Share of a round that is made before the first. */
const WARM_UP_SHARE = 0.5;
const WARM_UP_CASES = ["small-16", "twins"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean" }, cases: { type: "string" }, rounds: { type: "string" }, before: { type: "string" } },
});
const chosen = values.cases === undefined ? CASES : CASES.filter(({ name }) => values.cases?.split(",").includes(name));
const base = values.quick === true ? QUICK : FULL;
const extent: Extent = values.rounds === undefined ? base : { ...base, rounds: Number(values.rounds) };

const directory = await mkdtemp(join(tmpdir(), "to11-bench-"));
try {
  await (positionals[0] === "traces" ? benchTraces(directory, values.quick === true ? "quick" : "full") : run());
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function run(): Promise<void> {
  await installPeer();
  const upstream = await startUpstream();
  const load = startLoad();
  say("building the Worker as wrangler deploy does …");
  const builds = await buildAll(upstream.port, directory, { before: values.before });
  const shipped = await buildGateway({ name: "shipped", routesPath: join(import.meta.dirname, "../routes.toml") }, directory);
  const field = { upstream, builds, directory };
  const results = new ResultsDraft(await machineOf(), shipped);
  const footprints: Bench = { field, load, running: new Map(), traced: [] };
  const running = await startAll(
    field,
    [...new Set(chosen.flatMap(({ contenders }) => contenders))].filter((name) => name !== "gateway-before" || values.before !== undefined),
  );
  const bench: Bench = { ...footprints, running };
  try {
    say("warming up …");
    for (let time = 0; time < extent.warmUps; time += 1) await goOver(bench, WARM_UP_CASES.map(caseNamed), 1);
    await goOver(bench, chosen, WARM_UP_SHARE);
    await measureRounds(bench, results);
    say("proving the traces …");
    await proveTraces(bench.traced);
    say("memory and start …");
    for (let round = 0; round < extent.footprints; round += 1) {
      for (const name of FOOTPRINT_CONTENDERS) results.addFootprint(name, await footprintOf(footprints, name));
    }
  } finally {
    for (const server of running.values()) await server.stop();
    load.stop();
    upstream.stop();
  }
  await report(results.finish());
}

async function measureRounds(bench: Bench, results: ResultsDraft): Promise<void> {
  let longestMs = 0;
  for (let round = 0; round < extent.rounds; round += 1) {
    const beganAt = performance.now();
    if (round > 0 && beganAt + longestMs > extent.budgetMs) {
      say(`no time for round ${round + 1} of ${extent.rounds}`);
      return;
    }
    say(`round ${round + 1} of at most ${extent.rounds} …`);
    await goOver(bench, chosen, 1, (of, name, sample) => results.addSample(of.name, name, sample));
    longestMs = Math.max(longestMs, performance.now() - beganAt);
  }
}

type Keep = (of: Case, name: ContenderName, sample: Awaited<ReturnType<typeof measure>>) => void;

/** `keep` left out: to warm up, nobody takes turns. */
async function goOver(bench: Bench, cases: readonly Case[], share: number, keep?: Keep): Promise<void> {
  for (const of of cases) {
    const turns = keep === undefined ? 1 : of.turns;
    const count = Math.ceil((extent.countOf(of) * share) / turns);
    const present = of.contenders.filter((name) => name === "direct" || bench.running.has(name));
    for (let turn = 0; turn < turns; turn += 1) {
      for (const name of present) {
        const sample = await measure(bench, of, name, count);
        keep?.(of, name, sample);
      }
    }
  }
}

async function report(results: Results): Promise<void> {
  const aims = aimsOf(results);
  printReport(results, aims);
  const path = join(import.meta.dirname, "results.json");
  await writeFile(path, `${JSON.stringify({ ...results, aims }, null, 2)}\n`);
  say(`${(performance.now() / 1000).toFixed(0)} s; the same in bench/results.json`);
}

function say(text: string): void {
  console.log(text);
}
