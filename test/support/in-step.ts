import { EventEmitter, once } from "node:events";
import type { Handler } from "../../src/simulator/index.ts";

/** One socket write of an upstream, and how many bytes of its answer the caller must have before the next one is made. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly due: number;
}

/** An upstream and a caller that go in step. */
export interface InStep {
  readonly step: Handler;
  /** Reads an answer to its end. @throws Error that says which piece came too late, if one did. */
  readonly read: (response: Response) => Promise<Buffer>;
}

/** A gateway that holds bytes back for this long, ms, holds them back until the next ones come. */
const LATE_MS = 1_000;

/** An upstream's answer whose pieces are written one by one, each when the caller has what is due of those before it. */
export function inStep(headers: Readonly<Record<string, string>>, pieces: readonly Piece[]): InStep {
  const received = new EventEmitter();
  let got = 0;
  let late: string | undefined;
  async function untilDue(due: number, index: number): Promise<void> {
    const signal = AbortSignal.timeout(LATE_MS);
    const isDue = (): boolean => got >= due || late !== undefined;
    try {
      while (!isDue()) await once(received, "more", { signal });
    } catch {
      late ??= `after piece ${index} of ${pieces.length} the caller had ${got} bytes of ${due}`;
    }
  }
  return {
    async step(_call, response) {
      response.writeHead(200, { ...headers });
      response.flushHeaders();
      for (const [index, { bytes, due }] of pieces.entries()) {
        if (bytes.length > 0) response.write(bytes);
        await untilDue(due, index);
      }
      response.end();
    },
    async read(response) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.body ?? []) {
        chunks.push(chunk);
        got += chunk.length;
        received.emit("more");
      }
      if (late !== undefined) throw new Error(late);
      return Buffer.concat(chunks);
    },
  };
}

/** An answer cut before each of the indexes; `due` says how many bytes the caller must have once so many are written. */
export function cutAt(bytes: Uint8Array, indexes: readonly number[], due: (written: number) => number): readonly Piece[] {
  const ends = [...indexes, bytes.length];
  return ends.map((end, index) => ({ bytes: bytes.subarray(ends[index - 1] ?? 0, end), due: due(end) }));
}

/** Runs all tasks, so many at a time. */
export async function inParallel<T>(items: readonly T[], limit: number, run: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  await Promise.all(
    Array.from({ length: limit }, async () => {
      for (const item of waiting) await run(item);
    }),
  );
}
