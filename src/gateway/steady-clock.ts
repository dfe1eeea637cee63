/**
 * A clock that only goes on: where the machine's own is set back it stands still for that one reading and then goes on with it, so that no time between two
 * readings is negative, and no wait is as much longer. `from`: its first reading.
 */
export function steadyClock(now: () => number, from: number): () => number {
  let last = from;
  let setBackMs = 0;
  return () => {
    const at = now();
    setBackMs += Math.max(0, last - at);
    last = at;
    return at + setBackMs;
  };
}
