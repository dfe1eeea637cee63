import { EventEmitter } from "node:events";

/** How the answer to a call ended. `whole`: sent to its end; `cut`: the simulator ended it early; `left`: the caller went first. */
export type CallEnding = "whole" | "cut" | "left";

/** A call as it arrived, and how its answer ended. Kept from the moment its body was read. */
export interface Call {
  /** From 1, in the order in which the bodies were read. */
  readonly id: number;
  /** The first segment of the address: `"openai"`. */
  readonly provider: string;
  readonly method: string;
  /** What follows the provider: `"/v1/chat/completions"`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case; repeated ones joined with `", "`. */
  readonly headers: Readonly<Record<string, string>>;
  /** As they stood on the wire: name, value, name, value … */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** The caller sent its body to the end. */
  readonly bodyWhole: boolean;
  /** Milliseconds since the epoch, when the headers were in. */
  readonly startedAt: number;
  /** When the answer ended or its connection closed; `undefined`: still open. */
  readonly closedAt: number | undefined;
  /** `undefined`: still open. */
  readonly ending: CallEnding | undefined;
  /** The answer was sent to its end: `ending === "whole"`. */
  readonly finished: boolean;
}

/** A call while it runs. */
export type OpenCall = { -readonly [Key in keyof Call]: Call[Key] };

/** How much the log keeps before it forgets the oldest calls. */
const BOUNDS = { calls: 1_000, bodyBytes: 128 * 1024 * 1024 };

/** The last calls, in order, and who waits for them. */
export class CallLog {
  readonly #events = new EventEmitter().setMaxListeners(0);
  #calls: Call[] = [];
  #bodyBytes = 0;
  #lastId = 0;

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  add(call: Call): void {
    this.#calls.push(call);
    this.#bodyBytes += call.body.length;
    while (this.#calls.length > BOUNDS.calls || (this.#bodyBytes > BOUNDS.bodyBytes && this.#calls.length > 1)) {
      this.#bodyBytes -= this.#calls.shift()?.body.length ?? 0;
    }
    this.#events.emit("call");
  }

  close(call: OpenCall, ending: CallEnding): void {
    call.closedAt = Date.now();
    call.ending = ending;
    call.finished = ending === "whole";
    this.#events.emit("close");
  }

  list(provider?: string): readonly Call[] {
    return provider === undefined ? [...this.#calls] : this.#calls.filter((call) => call.provider === provider);
  }

  clear(): void {
    this.#calls = [];
    this.#bodyBytes = 0;
    this.#lastId = 0;
  }

  /** Resolves as soon as `event` finds `met()` true. @throws Error after `timeoutMs`, saying what `missing()` says. */
  wait(event: "call" | "close", timeoutMs: number, condition: { met(): boolean; missing(): string }): Promise<void> {
    if (condition.met()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!condition.met()) return;
        clearTimeout(timer);
        this.#events.off(event, look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#events.off(event, look);
        reject(new Error(`${condition.missing()} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#events.on(event, look);
    });
  }
}
