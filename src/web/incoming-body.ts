import { GatewayError } from "../core/gateway-error.ts";
import { CallerGone } from "../gateway/exhaustion.ts";
import type { Ports } from "../gateway/ports.ts";

/** A body of which nothing has come for so long is given up, ms. Spec, "Bodies and headers". */
const STALL_MS = 15_000;

/** A body that is not whole after so long is given up, ms. */
const WHOLE_MS = 120_000;

declare global {
  interface ReadableStreamBYOBReader {
    /** `min`, of the Streams Standard, is in the runtime and not in its types. */
    read<View extends ArrayBufferView>(view: View, options: { readonly min: number }): Promise<ReadableStreamReadResult<View>>;
  }
}

/** What time is it, and wake me. */
export type Clock = Pick<Ports, "now" | "after">;

/** A request's body as it comes in, given up where no more of it comes. Call `end` when no more is to be read. */
export class IncomingBody {
  readonly #beganAtMs: number;
  readonly #reader: ReadableStreamBYOBReader;
  readonly #clock: Clock;
  #heardAtMs: number;
  #fault: GatewayError | undefined;
  #stopWatch: () => void;

  constructor(body: ReadableStream<Uint8Array>, clock: Clock) {
    this.#reader = body.getReader({ mode: "byob" });
    this.#clock = clock;
    this.#beganAtMs = clock.now();
    this.#heardAtMs = this.#beganAtMs;
    // One for all of the body, set anew only where it goes off. Whether a body is whole already is nothing that the runtime tells for less than that.
    this.#stopWatch = clock.after(STALL_MS, () => this.#watch());
  }

  /**
   * Reads at least `least` bytes, unless the body ends, into this memory, which is the runtime's from now on: what was read lies in it again. Nothing was
   * read: the body has ended.
   */
  async read(memory: Uint8Array<ArrayBuffer>, least: number): Promise<Uint8Array<ArrayBuffer> | "broken"> {
    try {
      const { value } = await this.#reader.read(memory, { min: least });
      this.#heardAtMs = this.#clock.now();
      // One that was given up between two reads looks like one that has ended.
      return value === undefined || this.#fault !== undefined ? "broken" : value;
    } catch {
      return "broken";
    }
  }

  /** Why it is broken: it was given up, or else its caller has gone, the only other way in which a caller's body fails. */
  get fault(): GatewayError | CallerGone {
    return this.#fault ?? new CallerGone();
  }

  /** Stops reading: the read under way is broken, and the connection is closed behind the answer. */
  giveUp(fault: GatewayError): void {
    this.#fault ??= fault;
    // A body that is broken already cannot be cancelled, and need not be.
    this.#reader.cancel().catch(() => undefined);
  }

  /** No more is to be read. */
  end(): void {
    this.#stopWatch();
  }

  #watch(): void {
    const nowMs = this.#clock.now();
    const stallsInMs = this.#heardAtMs + STALL_MS - nowMs;
    const endsInMs = this.#beganAtMs + WHOLE_MS - nowMs;
    if (stallsInMs <= 0) this.giveUp(timeout(`nothing more of the request body came for ${STALL_MS / 1000} s`));
    else if (endsInMs <= 0) this.giveUp(timeout(`the request body was not whole after ${WHOLE_MS / 1000} s`));
    else this.#stopWatch = this.#clock.after(Math.min(stallsInMs, endsInMs), () => this.#watch());
  }
}

function timeout(what: string): GatewayError {
  return new GatewayError("request_timeout", `The gateway did not wait longer: ${what}.`);
}
