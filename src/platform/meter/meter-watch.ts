import type { KeepAlive } from "../../web/api/services.ts";
import type { MeterWorld } from "./meter-entry.ts";

/** How often what is due is looked for, ms. */
const TICK_MS = 500;

/** How long one request does that for all, ms: the platform ends what a request left to be done 30 s after its answer. */
const TURN_MS = 20_000;

/** Who has not looked for so long was cut off, ms. */
const GONE_MS = 3 * TICK_MS;

/** What a watch needs of the world. */
export interface MeterWatchOptions extends Pick<MeterWorld, "now" | "sleep"> {
  /** Calls back once after `ms`, unless the returned function is called before. */
  readonly after: (ms: number, callback: () => void) => () => void;
  readonly tick: (keepAlive: KeepAlive) => void;
  /** Whether nothing is left to be told or held. */
  readonly isQuiet: () => boolean;
}

/** Looks after what an isolate has in hand while any request is under way, and a little longer. One request does it for all; another takes over where it ends. */
export class MeterWatch {
  readonly #options: MeterWatchOptions;
  #lookedMs = -Infinity;
  /** Requests that are under way. */
  #joined = 0;

  constructor(options: MeterWatchOptions) {
    this.#options = options;
  }

  /** A request is under way. Call the result at its end. */
  join(keepAlive: KeepAlive): () => void {
    const again = (): void => {
      this.look(keepAlive);
      cancel = this.#options.after(GONE_MS, again);
    };
    let cancel = this.#options.after(GONE_MS, again);
    this.#joined += 1;
    this.look(keepAlive);
    return () => {
      this.#joined -= 1;
      cancel();
      // What it brought about is told, whoever looks.
      this.look(keepAlive);
    };
  }

  /** Somebody looks from now on, if nobody does. */
  look(keepAlive: KeepAlive): void {
    if (this.#options.now() - this.#lookedMs >= GONE_MS) keepAlive(this.#look(keepAlive));
  }

  async #look(keepAlive: KeepAlive): Promise<void> {
    const endMs = this.#options.now() + TURN_MS;
    for (;;) {
      const nowMs = this.#options.now();
      this.#lookedMs = nowMs;
      await this.#options.sleep(TICK_MS);
      this.#options.tick(keepAlive);
      // With nobody else under way there is nobody who would take over.
      if (this.#options.isQuiet() || (nowMs >= endMs && this.#joined > 0)) break;
    }
    this.#lookedMs = -Infinity;
  }
}
