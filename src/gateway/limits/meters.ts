import type { CounterView, Shortage } from "../../core/governance/lease.ts";
import type { Amounts, Units } from "../../core/governance/limit.ts";
import type { OutputMeans } from "../../core/governance/reserve.ts";
import type { LimitedSubject } from "../../core/governance/subject.ts";

/** What is to be taken, of all subjects or of none. */
export interface TakeOrder {
  readonly project: string;
  readonly jurisdiction: "eu" | "us" | undefined;
  readonly subjects: readonly LimitedSubject[];
  readonly units: Units;
  /** What becomes of a request whose meter does not answer. */
  readonly onUnavailable: "allow" | "refuse";
  /** What outlives what is taken here, and is looked after as long; left out: nothing. */
  readonly within?: Holding | undefined;
}

/** What came of it. `asked`: meters that had to be asked; `waitedMs`: for how long. */
export type Taking = (
  | { readonly kind: "taken"; readonly holding: Holding }
  | { readonly kind: "refused"; readonly subject: LimitedSubject; readonly shortage: Shortage }
  | { readonly kind: "unavailable" }
) & { readonly asked: number; readonly waitedMs: number };

/** What a request, or an attempt, has taken. */
export interface Holding {
  /** It is over; what it really used. Further calls do nothing. */
  settle(used: Units): void;
  /** Where the subjects' limits stand; `undefined`: some meter cannot be reached. */
  standing(): readonly Standing[] | undefined;
}

/** Where one subject's limits stand, as of `atMs`; what is `held` may be used besides. */
export interface Standing {
  readonly counters: readonly CounterView[];
  readonly held: Amounts;
  readonly atMs: number;
}

/** The meters, as one request sees them. */
export interface Meters {
  /** Takes at once where the isolate has enough in hand. Never rejects. */
  take(order: TakeOrder): Taking | Promise<Taking>;
  /** How long answers are on average, as this isolate saw them. */
  readonly outputMeans: OutputMeans;
}
