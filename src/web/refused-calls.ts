/** Calls that this isolate did not let in. They leave no trace: anybody can make them. */
let refused = 0;

/** Counts a call that was not let in. */
export function countRefused(): void {
  refused += 1;
}

/** How many calls this isolate has not let in since it began. */
export function refusedCalls(): number {
  return refused;
}
