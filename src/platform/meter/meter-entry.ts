import type { LeaseAnswer, LeaseRequest, Shortage } from "../../core/governance/lease.ts";
import { type Amounts, amountsOf, type Units } from "../../core/governance/limit.ts";
import { type Exchange, Pool, type Taken } from "../../core/governance/pool.ts";
import type { LimitedSubject } from "../../core/governance/subject.ts";

/** Where a subject is counted. */
export interface MeterPlace {
  readonly project: string;
  /** As `[traces].jurisdiction`; `null`: wherever it was first asked for. */
  readonly jurisdiction: "eu" | "us" | null;
  /** As `subjectId` has it: `"key/k3f9"`. */
  readonly subject: string;
}

/** What an entry needs of the world. */
export interface MeterWorld {
  /** One call of a subject's object. */
  readonly lease: (place: MeterPlace, request: LeaseRequest) => Promise<LeaseAnswer>;
  /** ms since the epoch. */
  readonly now: () => number;
  /** Resolves after `ms` or when `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Who this isolate is. */
  readonly isolate: string;
}

/** How long a request waits for a meter, ms … */
const NEED_WAIT_MS = 250;
/** … and a report that nobody waits for. */
const REPORT_WAIT_MS = 2_000;

/** A meter that was silent is not asked for so long, ms. */
const SILENT_MS = 1_000;

/** One subject in one isolate: what it has in hand, and the way to its meter. */
export class MeterEntry {
  readonly place: MeterPlace;
  readonly pool: Pool;
  readonly #world: MeterWorld;
  #silentUntilMs = 0;
  /** When its project was last told that it is in use, ms since the epoch. */
  notedMs = -Infinity;

  constructor(place: MeterPlace, world: MeterWorld) {
    this.place = place;
    this.pool = new Pool(world.isolate);
    this.#world = world;
  }

  /** Whether its meter was silent lately. */
  get isSilent(): boolean {
    return this.#world.now() < this.#silentUntilMs;
  }

  /** Takes what is in hand. */
  take(subject: LimitedSubject, units: Units, nowMs: number): Taken | "ask" | Shortage {
    return this.pool.take(subject, amountsOf(subject.limits, units), nowMs);
  }

  /** Asks the meter for what a request needs. */
  async ask(amounts: Amounts): Promise<Taken | Shortage | "silent"> {
    if (this.isSilent) return "silent";
    const exchange = this.pool.ask(amounts, this.#world.now());
    const answer = exchange === undefined ? undefined : await this.#exchange(exchange, NEED_WAIT_MS);
    if (answer !== undefined) return answer;
    this.#silentUntilMs = this.#world.now() + SILENT_MS;
    return "silent";
  }

  /** Tells the meter what is new, where that is due; `undefined`: it is not. */
  report(nowMs: number): Promise<void> | undefined {
    if (this.isSilent || !this.pool.isDue(nowMs)) return undefined;
    const exchange = this.pool.ask(undefined, nowMs);
    return exchange === undefined ? undefined : this.#exchange(exchange, REPORT_WAIT_MS).then(() => undefined);
  }

  /** `undefined`: nobody answered in time, or nothing was needed. */
  async #exchange(exchange: Exchange, waitMs: number): Promise<Taken | Shortage | undefined> {
    const over = new AbortController();
    const late = this.#world.sleep(waitMs, over.signal).then(() => undefined);
    const answer = await Promise.race([this.#call(exchange.request), late]);
    over.abort();
    if (answer === undefined) {
      this.pool.fail(exchange);
      return undefined;
    }
    this.#silentUntilMs = 0;
    return this.pool.learn(exchange, answer, this.#world.now());
  }

  /** Once more where the object was reset, as each deploy does; not where it is overloaded. */
  async #call(request: LeaseRequest): Promise<LeaseAnswer | undefined> {
    try {
      return await this.#world.lease(this.place, request);
    } catch (error) {
      if (isOverloaded(error)) return undefined;
      return this.#world.lease(this.place, request).catch(() => undefined);
    }
  }
}

/** https://developers.cloudflare.com/durable-objects/best-practices/error-handling/ */
function isOverloaded(error: unknown): boolean {
  return error instanceof Error && "overloaded" in error && error.overloaded === true;
}
