/**
 * Why an upstream connection was given up by this side. `first_content`, `idle`, `total`: a timeout; `caller`: the caller left; `finished`: all that was
 * wanted of it is in hand.
 */
export type StopReason = "first_content" | "idle" | "total" | "caller" | "finished";

/** What one read of a body gave. `end`: it is whole as far as the transport can tell; `broken`: reset, cut, aborted. */
export type ReadResult = Uint8Array | "end" | "broken";

/** One upstream connection and, if this side gave it up, why: the first reason stands. */
export class Connection {
  readonly #controller = new AbortController();
  #stopped: StopReason | undefined;
  #response: Response | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Was read to see what it is, and is read again. */
  #unread: Uint8Array | undefined;
  #isBroken = false;

  /** For `fetch`: aborts with the connection, its body included. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get stopped(): StopReason | undefined {
    return this.#stopped;
  }

  /** Closes the upstream socket. */
  stop(reason: StopReason): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = reason;
    this.#controller.abort();
  }

  /** Takes the response whose body is read. */
  open(response: Response): void {
    this.#response = response;
  }

  /** Gives bytes back that were read: the next `read` begins with them. */
  unread(bytes: Uint8Array): void {
    this.#unread = bytes;
  }

  /** Whether somebody has looked into the body: then it can only be read on. */
  get isBegun(): boolean {
    return this.#reader !== undefined;
  }

  /**
   * The next bytes of the body. Never rejects: every way in which a body can break is `broken`. Bytes may still come of a connection that was stopped
   * meanwhile: whoever is about to act on them looks at `stopped`.
   */
  async read(): Promise<ReadResult> {
    if (this.#unread !== undefined) {
      const bytes = this.#unread;
      this.#unread = undefined;
      return bytes;
    }
    if (this.#isBroken) return "broken";
    this.#reader ??= this.#response?.body?.getReader();
    if (this.#reader === undefined) return "end";
    try {
      const { done, value } = await this.#reader.read();
      if (!done) return value;
      return this.#stopped === undefined ? "end" : "broken";
    } catch {
      // What the runtime throws says nothing that its being thrown does not: see docs/request-path.md, "one kind: unreachable".
      return this.#letGo();
    }
  }

  /** The whole body at once, in place of `read`: for one that is known to be small, the runtime gathers it for less than its chunks cost. */
  async readAll(): Promise<Uint8Array | "broken"> {
    if (this.#response === undefined) return new Uint8Array(0);
    try {
      const bytes = new Uint8Array(await this.#response.arrayBuffer());
      return this.#stopped === undefined ? bytes : "broken";
    } catch {
      // As in `read`.
      return this.#letGo();
    }
  }

  /**
   * Lets go of a body that broke. The stack of the runtime's error holds this object, and workerd's stream holds the error as a root: with the stream in
   * hand that is a circle which no collection undoes, and every broken answer would stay in memory with all of its request.
   */
  #letGo(): "broken" {
    this.#isBroken = true;
    this.#reader = undefined;
    this.#response = undefined;
    return "broken";
  }
}
