import type { CallBody } from "./call.ts";

/** Request bodies that one isolate holds at most, of its 128 MB: beyond it, refusing new ones keeps the answers under way alive. Spec, "Bodies and headers". */
const ISOLATE_BODY_BYTES = 64 * 1024 * 1024;

/** A body of which less than this comes now, bytes per second, gives way where there is no room for another. A telephone sends faster. */
const SLOW_BYTES_PER_S = 64 * 1024;

/** So long no body is slow, ms: a connection has pauses. */
const GRACE_MS = 1000;

/** Memory that all bodies together may have for bytes that were announced and have not come. Without any left a body is read all the same, in more pieces. */
const ISOLATE_RESERVED_BYTES = 32 * 1024 * 1024;

let heldBytes = 0;
let reservedBytes = 0;

/** Bodies of which a part is still to come. */
const arriving = new Set<BodyHold>();

/** What one request's body takes of the isolate's memory: the bytes that have come, whatever its caller has announced. */
export class BodyHold {
  #bytes = 0;
  /** Of those that are to come. */
  #reserved = 0;
  /** When some of it came last, and how much has to come that it counts. */
  #heardAtMs = 0;
  #step = 0;
  #giveWay: (() => void) | undefined;
  #isOver = false;

  /** Counts bytes that came. Slow bodies of other requests give way to them; `false`: there is no room all the same, or this one had to give way. */
  take(bytes: number, nowMs: number): boolean {
    if (this.#isOver || !makeRoom(bytes, nowMs, this)) return false;
    heldBytes += bytes;
    this.#bytes += bytes;
    this.#heardAtMs = nowMs;
    this.#reserve(-Math.min(bytes, this.#reserved));
    return true;
  }

  /** Takes memory for bytes that are announced; `false`: too much of it waits for what others announced. */
  reserve(bytes: number): boolean {
    if (this.#isOver || reservedBytes + bytes > ISOLATE_RESERVED_BYTES) return false;
    this.#reserve(bytes);
    return true;
  }

  /** More of the body is to come, `step` bytes at a time. `giveWay` is called, by another request, when it is given up for one that has no room. */
  arrives(step: number, giveWay: () => void): void {
    this.#step = step;
    this.#giveWay = giveWay;
    arriving.add(this);
  }

  /** The body is whole. */
  arrived(): void {
    arriving.delete(this);
  }

  /** Nothing of the body is held any more. */
  release(): void {
    this.#isOver = true;
    arriving.delete(this);
    heldBytes -= this.#bytes;
    this.#bytes = 0;
    this.#reserve(-this.#reserved);
  }

  /** Bytes per second that it comes with now at most. */
  speed(nowMs: number): number {
    const waitedMs = nowMs - this.#heardAtMs;
    return waitedMs < GRACE_MS ? Infinity : (this.#step / waitedMs) * 1000;
  }

  get bytes(): number {
    return this.#bytes;
  }

  giveWay(): void {
    this.release();
    this.#giveWay?.();
  }

  #reserve(bytes: number): void {
    reservedBytes += bytes;
    this.#reserved += bytes;
  }
}

/** Whether a body of so many bytes would find room now, if all slow ones gave way. */
export function hasRoom(bytes: number, nowMs: number): boolean {
  if (heldBytes + bytes <= ISOLATE_BODY_BYTES) return true;
  const slow = [...arriving].filter((hold) => hold.speed(nowMs) < SLOW_BYTES_PER_S);
  return heldBytes - slow.reduce((sum, hold) => sum + hold.bytes, 0) + bytes <= ISOLATE_BODY_BYTES;
}

function makeRoom(bytes: number, nowMs: number, asking: BodyHold): boolean {
  for (;;) {
    if (heldBytes + bytes <= ISOLATE_BODY_BYTES) return true;
    const slowest = slowestBut(asking, nowMs);
    if (slowest === undefined) return false;
    slowest.giveWay();
  }
}

function slowestBut(asking: BodyHold, nowMs: number): BodyHold | undefined {
  let slowest: BodyHold | undefined;
  let speed = SLOW_BYTES_PER_S;
  for (const hold of arriving) {
    const itsSpeed = hold.speed(nowMs);
    if (hold === asking || itsSpeed >= speed) continue;
    slowest = hold;
    speed = itsSpeed;
  }
  return slowest;
}

/** A body that stays counted as long as anybody holds it. */
export class CountedBody implements CallBody {
  readonly bytes: Uint8Array;
  readonly #release: () => void;
  #holders = 0;

  /** `release` is called once, when the last holder has let go. */
  constructor(bytes: Uint8Array, release: () => void) {
    this.bytes = bytes;
    this.#release = release;
  }

  hold(): () => void {
    this.#holders += 1;
    return () => {
      this.#holders -= 1;
      if (this.#holders === 0) this.#release();
    };
  }
}
