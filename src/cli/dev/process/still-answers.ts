import { setTimeout as sleep } from "node:timers/promises";

/** How often a gateway whose connection was lost is asked whether it is there, how long each time, and the wait in between, ms. It may just be reloading. */
const TRIES = 4;
const TRY_MS = 3000;
const PAUSE_MS = 250;

/** Whether the gateway on this port answers at all. */
export async function stillAnswers(port: number, signal: AbortSignal): Promise<boolean> {
  for (let tried = 0; tried < TRIES && !signal.aborted; tried += 1) {
    await sleep(PAUSE_MS);
    try {
      const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.any([signal, AbortSignal.timeout(TRY_MS)]) });
      await response.body?.cancel();
      return true;
    } catch {
      // Refused, reset or silent: the next try tells.
    }
  }
  return signal.aborted;
}
