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
