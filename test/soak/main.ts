import { parseArgs } from "node:util";
import buildWorker from "../support/build-worker.ts";
import { reportOf } from "./report.ts";
import { isClean, soakRound } from "./round.ts";

// `npm run soak -- --requests 2000 --concurrency 64 --seed 1`: exit code 1 where a law is broken.
// `--seeds 10`: as many rounds, each with the next seed. `--slow`: on a machine that stands still now and then.

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    concurrency: { type: "string", default: "64" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    seeds: { type: "string", default: "1" },
    slow: { type: "boolean", default: false },
  },
});

await buildWorker();
for (let index = 0; index < Number(values.seeds); index += 1) {
  const round = await soakRound({
    seed: Number(values.seed) + index,
    requests: Number(values.requests),
    concurrency: Number(values.concurrency),
    machine: values.slow ? "slow" : "as_it_is",
  });
  console.log(reportOf(round));
  if (!isClean(round)) process.exitCode = 1;
}
