import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { caseNamed, type ContenderName, CONTENDERS } from "./cases.ts";
import { buildAll, startContender, startUpstream } from "./contenders.ts";
import { measure, startLoad } from "./measure.ts";
import { Inspector } from "./inspector.ts";
import { freePort } from "./server-process.ts";

/**
 * Where a Worker's JavaScript spends its time in one case: `node bench/profile.ts CASE [--contender gateway] [--count N]`. Prints functions by self time,
 * and writes `CASE.cpuprofile` for the browser's developer tools to where `--out` says.
 */

const TOP = 45;
const SAMPLING_US = 200;

/** https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface CallFrame {
  readonly functionName: string;
  readonly lineNumber: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { contender: { type: "string" }, count: { type: "string" }, out: { type: "string" } },
});
const of = caseNamed(positionals[0] ?? "small-16");
const name: ContenderName = CONTENDERS.find((each) => each === values.contender) ?? "gateway";
const count = Number(values.count ?? of.count);

const directory = await mkdtemp(join(tmpdir(), "to11-profile-"));
const upstream = await startUpstream();
const load = startLoad();
try {
  const field = { upstream, builds: await buildAll(upstream.port, directory, { form: "readable" }), directory };
  const inspectorPort = await freePort();
  const server = await startContender(name, field, inspectorPort);
  if (server === undefined) throw new Error(`${name} has no process`);
  try {
    const bench = { field, load, running: new Map([[name, server]]), traced: [] };
    await measure(bench, of, name, count);
    const inspector = await Inspector.open(inspectorPort);
    await inspector.call("Profiler.enable");
    await inspector.call("Profiler.setSamplingInterval", { interval: SAMPLING_US });
    await inspector.call("Profiler.start");
    const { cpuUs } = await measure(bench, of, name, count);
    const { profile } = (await inspector.call("Profiler.stop")) as { profile: Profile };
    print(profile, cpuUs ?? 0);
    if (values.out !== undefined) await writeFile(join(values.out, `${of.name}.cpuprofile`), JSON.stringify(profile));
  } finally {
    await server.stop();
  }
} finally {
  load.stop();
  upstream.stop();
  await rm(directory, { recursive: true, force: true });
}

function print(profile: Profile, cpuUs: number): void {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, labelOf(callFrame)]));
  const self = new Map<string, number>();
  profile.samples.forEach((id, index) => {
    const label = names.get(id) ?? "?";
    self.set(label, (self.get(label) ?? 0) + (profile.timeDeltas[index] ?? 0));
  });
  self.delete("(idle)");
  const sum = [...self.values()].reduce((total, us) => total + us, 0);
  console.log(
    `${of.name} at ${name}: ${cpuUs.toFixed(0)} µs of CPU per request under the profiler; ${(sum / count).toFixed(0)} µs of them seen in JavaScript's thread`,
  );
  for (const [label, us] of [...self].toSorted((left, right) => right[1] - left[1]).slice(0, TOP)) {
    console.log(`${((us / sum) * 100).toFixed(1).padStart(6)} %  ${(us / count).toFixed(1).padStart(8)} µs  ${label}`);
  }
}

function labelOf({ functionName, lineNumber }: CallFrame): string {
  return functionName.startsWith("(") ? functionName : `${functionName === "" ? "(anonymous)" : functionName}:${lineNumber + 1}`;
}
