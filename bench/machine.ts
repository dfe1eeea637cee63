import { execFile } from "node:child_process";
import { availableParallelism, cpus, totalmem, release } from "node:os";
import { promisify } from "node:util";
import { peerVersion } from "./peer.ts";
import { WORKERD_BINARY } from "./workerd.ts";

/** Where the figures come from. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly node: string;
  readonly workerd: string;
  readonly peer: string;
  readonly date: string;
}

/** This machine, and what runs on it. */
export async function machineOf(): Promise<Machine> {
  const { stdout } = await promisify(execFile)(WORKERD_BINARY, ["--version"]);
  return {
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    workerd: stdout.trim().replace("workerd ", ""),
    peer: await peerVersion(),
    date: new Date().toISOString().slice(0, 10),
  };
}
