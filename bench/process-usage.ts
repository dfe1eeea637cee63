import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** What the operating system says that a process has used; Linux only. */

/** ns of CPU that all threads of a process have used. A thread that ended is no longer counted: workerd's and Node's live as long as they do. */
export function cpuNs(pid: number): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ")[0]);
    } catch {
      // It ended since the listing.
    }
  }
  return sum;
}

/** Bytes in memory: now, and at most since the start. */
export function memoryBytes(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const field = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) * 1024;
  return { now: field("VmRSS"), peak: field("VmHWM") };
}

/** The peak begins anew. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}
