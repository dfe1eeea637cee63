import { parseArgs } from "node:util";
import { isClean, soakRound } from "../soak/round.ts";
import { reportOf } from "../soak/report.ts";
import buildDashboard from "../support/build-dashboard.ts";
import buildWorker from "../support/build-worker.ts";
import type { Attack } from "./attack.ts";
import { GREEDY } from "./attacks/greedy.ts";
import { LOCAL_PAGES } from "./attacks/local-pages.ts";
import { PATHS } from "./attacks/paths.ts";
import { PUBLISHING } from "./attacks/publishing.ts";
import { READINGS } from "./attacks/readings.ts";
import { ECHOED } from "./attacks/secrets.ts";
import { STRANGERS } from "./attacks/strangers.ts";
import { WIRES } from "./attacks/wires.ts";
import { deployed, type Place, started } from "./place.ts";
import { type Row, rowOf, tableOf } from "./report.ts";

// `npm run attack`: what an enemy does, from outside and over real sockets, against the script of a deploy and against what `npm start` runs; then the soak
// on a slow machine, ten seeds of it. On loopback only. Exit code 1 where a promise is broken.
// `--quick`: one seed. `--only guesses`: attacks whose name holds that, and no soak. `--json`: rows for programs.

/** Requests of one seed, and so many at once that most of them still come through on a machine that is kept busy: ten seeds take some five minutes. */
const SOAK_REQUESTS = 400;
const SOAK_CONCURRENCY = 12;
const SEEDS = 10;

const ATTACKS: readonly Attack[] = [...LOCAL_PAGES, ...STRANGERS, ...PATHS, ...READINGS, ...WIRES, ...ECHOED, ...PUBLISHING, ...GREEDY];

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});

await Promise.all([buildWorker(), buildDashboard()]);
const rows = [...(await attackAt(deployed)), ...(await attackAt(started)), ...(values.only === "" ? await soak() : [])];
console.log(values.json ? JSON.stringify(rows) : tableOf(rows));
if (rows.some(({ breaches }) => breaches.length > 0)) process.exitCode = 1;

async function attackAt(start: () => Promise<Place>): Promise<readonly Row[]> {
  const place = await start();
  const end = (): void => void place.close().finally(() => process.exit(1));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, end);
  const done: Row[] = [];
  try {
    for (const attack of ATTACKS) {
      if (!attack.at.includes(place.name) || !attack.name.includes(values.only)) continue;
      done.push(await told(`${attack.name}, ${place.name}`, () => rowOf(attack, place)));
    }
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, end);
    await place.close();
  }
  return done;
}

async function soak(): Promise<readonly Row[]> {
  const done: Row[] = [];
  for (let index = 0; index < (values.quick ? 1 : SEEDS); index += 1) {
    const seed = Number(values.seed) + index;
    const attack = `soak on a slow machine, seed ${seed}`;
    const row = await told(attack, async (): Promise<Row> => {
      const startedAt = performance.now();
      const round = await soakRound({ seed, requests: SOAK_REQUESTS, concurrency: SOAK_CONCURRENCY, machine: "slow" });
      const breaches = isClean(round) ? [] : [reportOf(round)];
      const promise = "no answer is wrong, none hangs, each is traced once";
      return { attack, promise, at: "soak", breaches, ms: Math.round(performance.now() - startedAt) };
    });
    done.push(row);
  }
  return done;
}

/** One line for each row as it is done, on the other output. */
async function told(what: string, run: () => Promise<Row>): Promise<Row> {
  process.stderr.write(`${what} … `);
  const row = await run();
  process.stderr.write(`${row.breaches.length === 0 ? "held" : "BROKEN"}, ${(row.ms / 1_000).toFixed(1)} s\n`);
  return row;
}
