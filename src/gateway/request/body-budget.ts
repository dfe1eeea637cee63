import type { CallBody } from "./call.ts";

/** Request bodies that one isolate holds at most, of its 128 MB: beyond it, refusing new ones keeps the answers under way alive. Spec, "Bodies and headers". */
const ISOLATE_BODY_BYTES = 64 * 1024 * 1024;

let heldBytes = 0;

/** Counts `bytes` of a request body as held; `undefined` when the isolate has no room for them. Call the result once, when they are let go. */
export function holdBody(bytes: number): (() => void) | undefined {
  if (heldBytes + bytes > ISOLATE_BODY_BYTES) return undefined;
  heldBytes += bytes;
  return () => {
    heldBytes -= bytes;
  };
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
