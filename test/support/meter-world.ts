import type { CounterView } from "../../src/core/governance/lease.ts";
import { type LimitTable, limitsOf, type Units } from "../../src/core/governance/limit.ts";
import { Meter } from "../../src/core/governance/meter.ts";
import type { LimitedSubject } from "../../src/core/governance/subject.ts";
import type { Holding, TakeOrder, Taking } from "../../src/gateway/limits/meters.ts";
import { MeterClient } from "../../src/platform/meter/meter-client.ts";
import { VirtualTime } from "./virtual-time.ts";

/** A way between an isolate and the meters: how long a message takes each way, and whether it arrives. */
export interface Way {
  readonly delayMs: () => number;
  readonly isLost: () => boolean;
}

const STRAIGHT: Way = { delayMs: () => 5, isLost: () => false };

export const ONE: Units = { requests: 1, slots: 1, tokens: 0, usd: 0 };
export const NONE: Units = { requests: 0, slots: 0, tokens: 0, usd: 0 };

/** The subject of a kind and its limits. */
export function limited(kind: LimitedSubject["kind"], limits: LimitTable, revision = 1): LimitedSubject {
  return { kind, name: "s", limits: limitsOf(limits), revision, timezone: "UTC" };
}

/** Isolates as the Worker has them over meters as objects have them, in made-up time. */
export class MeterWorld {
  readonly time: VirtualTime;
  readonly #meters = new Map<string, Meter>();
  #begun = 0;
  #isolates = 0;
  /** Calls that reached a meter. */
  calls = 0;
  way: Way = STRAIGHT;

  constructor(at = "2026-11-24T12:00:00Z") {
    this.time = new VirtualTime(Date.parse(at));
  }

  /** A new isolate; `isAlive`: as long as it answers, it lives. */
  isolate(isAlive: () => boolean = () => true): MeterClient {
    this.#isolates += 1;
    const { time } = this;
    const never = new Promise<never>(() => undefined);
    return new MeterClient({
      isolate: `isolate-${this.#isolates}`,
      ...time,
      lease: async (place, request) => {
        const { delayMs, isLost } = this.way;
        await time.sleep(delayMs());
        if (isLost() || !isAlive()) return never;
        this.calls += 1;
        // As it goes over the wire: nothing is shared.
        const answer = this.#meterOf(place.subject).lease(structuredClone(request), time.now());
        await time.sleep(delayMs());
        return isLost() || !isAlive() ? never : structuredClone(answer);
      },
      note: () => Promise.resolve(),
    });
  }

  /** The object begins anew, as with each deploy. */
  restart(subject: string): void {
    this.#meters.delete(subject);
  }

  view(subject: string): readonly CounterView[] {
    const meter = this.#meterOf(subject);
    meter.advance(this.time.now());
    return meter.view(this.time.now());
  }

  #meterOf(subject: string): Meter {
    const known = this.#meters.get(subject);
    if (known !== undefined) return known;
    this.#begun += 1;
    const meter = new Meter(this.#begun);
    this.#meters.set(subject, meter);
    return meter;
  }
}

/** What a request asks of an isolate; answered at once where it can be. */
export function take(
  isolate: MeterClient,
  subjects: readonly LimitedSubject[],
  units: Units = ONE,
  onUnavailable: TakeOrder["onUnavailable"] = "refuse",
): Taking | Promise<Taking> {
  return isolate.take({ project: "default", jurisdiction: undefined, subjects, units, onUnavailable }, () => undefined);
}

/** What was taken, which a test expects to be. */
export function holdingOf(taking: Taking): Holding {
  if (taking.kind !== "taken") throw new Error(`not taken: ${JSON.stringify(taking)}`);
  return taking.holding;
}
