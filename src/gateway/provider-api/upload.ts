import type { Ports } from "../ports.ts";
import { steadyClock } from "../steady-clock.ts";

/** How the passing on of a body ended. `not_taken`: the upstream wants no more of it, be it that it has answered already. */
export type UploadEnd = "sent" | "not_taken" | "too_large" | "caller_gone" | "caller_silent" | "upstream_silent";

/** A body on its way from the caller to an upstream. */
export interface UploadOrder {
  readonly from: ReadableStream<Uint8Array>;
  readonly into: WritableStream<Uint8Array>;
  readonly maxBytes: number;
  /** How long either side may keep the other waiting, ms. */
  readonly idleMs: number;
  /** Breaks the upstream's connection: a body that ended here as if it were whole would be taken for it. */
  readonly breakOff: (end: UploadEnd) => void;
}

/** Bytes of a body that is too large that are read and thrown away at most: who is still sending would see a broken connection in place of the refusal. */
const DISCARDED_BYTES = 100_000_000;

/** Passes a body on while it comes: never more of it is held than what came last. */
export class Upload {
  /** How it ended; never rejects. */
  readonly ended: Promise<UploadEnd>;
  readonly #order: UploadOrder;
  readonly #ports: Ports;
  readonly #now: () => number;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #bytes = 0;
  /** Who is waited for, and since when. */
  #turn: "caller" | "upstream" = "caller";
  #waitingSince: number;
  #silent: "caller_silent" | "upstream_silent" | undefined;
  #isLetGo = false;
  #cancelTimer: () => void = () => undefined;

  constructor(order: UploadOrder, ports: Ports) {
    this.#order = order;
    this.#ports = ports;
    this.#now = steadyClock(() => ports.now(), ports.now());
    this.#waitingSince = this.#now();
    this.#reader = order.from.getReader();
    this.#writer = order.into.getWriter();
    // That it failed is told by each write.
    this.#writer.closed.catch(() => undefined);
    this.#arm(order.idleMs);
    this.ended = this.#run().finally(() => this.#cancelTimer());
  }

  /** Bytes that came of the body so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Nobody wants the rest: the upstream has answered, or is gone. It is read to its end all the same: who is still sending would see a broken connection in
   * place of the answer.
   */
  letGo(): void {
    this.#isLetGo = true;
    void this.#writer.abort().catch(() => undefined);
  }

  async #run(): Promise<UploadEnd> {
    let isTaken = true;
    for (;;) {
      this.#wait("caller");
      const chunk = await this.#read();
      const excess = this.#bytes - this.#order.maxBytes;
      if (excess > 0 && (!(chunk instanceof Uint8Array) || excess > DISCARDED_BYTES)) return "too_large";
      if (this.#silent !== undefined) return this.#silent;
      if (chunk === "broken") return this.#breakOff("caller_gone");
      if (chunk === "end") return isTaken && (await this.#took(this.#writer.close())) ? "sent" : (this.#silent ?? "not_taken");
      this.#bytes += chunk.length;
      if (this.#bytes > this.#order.maxBytes) this.#breakOff("too_large");
      if (this.#isLetGo) isTaken = false;
      if (!isTaken) continue;
      isTaken = await this.#took(this.#writer.write(chunk));
      if (this.#silent !== undefined) return this.#silent;
    }
  }

  #breakOff(end: UploadEnd): UploadEnd {
    this.#order.breakOff(end);
    this.letGo();
    return end;
  }

  async #read(): Promise<Uint8Array | "end" | "broken"> {
    try {
      const { done, value } = await this.#reader.read();
      return done ? "end" : value;
    } catch {
      return "broken"; // The only way in which reading a caller's body fails is the caller's going.
    }
  }

  async #took(written: Promise<void>): Promise<boolean> {
    this.#wait("upstream");
    try {
      await written;
      return true;
    } catch {
      return false; // The connection's end is told by the call that it is the body of.
    }
  }

  #wait(turn: "caller" | "upstream"): void {
    this.#turn = turn;
    this.#waitingSince = this.#now();
  }

  #arm(ms: number): void {
    this.#cancelTimer = this.#ports.after(ms, () => this.#look());
  }

  #look(): void {
    const leftMs = this.#waitingSince + this.#order.idleMs - this.#now();
    if (leftMs > 0) return this.#arm(leftMs);
    this.#silent = this.#turn === "caller" ? "caller_silent" : "upstream_silent";
    this.#breakOff(this.#silent);
    void this.#reader.cancel().catch(() => undefined);
  }
}
