import type { Amounts, Limit, LimitName } from "./limit.ts";

/** The limits of a subject, as an isolate knows them. */
export interface ToldLimits {
  readonly limits: readonly Limit[];
  /** Of two revisions of the limits the larger holds. */
  readonly revision: number;
  /** Where the windows of the calendar begin. */
  readonly timezone: string;
}

/**
 * What an isolate tells the meter of one subject. Messages only ever gain members: Worker and object differ for minutes after a deploy.
 */
export interface LeaseRequest extends ToldLimits {
  /** Who asks, drawn when the isolate began. */
  readonly isolate: string;
  /** The number of the lease it holds; 0: none. */
  readonly lease: number;
  /** What happened since, oldest first; sent again until it is acknowledged. */
  readonly reports: readonly LeaseReport[];
  /** What one request takes now, all or nothing; left out: nobody waits. */
  readonly need?: Need;
  /** What the isolate would like to hold for requests to come; left out: as it is. */
  readonly want?: Amounts;
  /** What it holds, slots in use included, besides what it reports; only where no other message of it is under way that could bring it more. */
  readonly held?: Held;
}

/** What an isolate holds, as of the last need that it had asked for. */
export interface Held {
  readonly amounts: Amounts;
  readonly afterNeed: number;
}

/** What one request needs. Its number is asked for once: an answer that nobody heard can be taken back. */
export interface Need {
  readonly id: number;
  readonly amounts: Amounts;
}

/** What happened in an isolate between two messages. */
export interface LeaseReport {
  /** Grows by one with each report of an isolate. */
  readonly id: number;
  /** The object's start under which all this was taken; 0: under none. */
  readonly epoch: number;
  readonly lease: number;
  /** The windows it was taken in, by when they began. */
  readonly windows: Amounts;
  /** Taken out of what was leased. */
  readonly taken: Amounts;
  /** Leased and given back unused. */
  readonly returned: Amounts;
  /** No longer reserved, because what was really used is known … */
  readonly released: Amounts;
  /** … and is this. */
  readonly actual: Amounts;
  /** Admitted without asking, because nobody answered. */
  readonly owed: Amounts;
  /** Needs whose answers came too late, or never: whatever was taken for them is given back. */
  readonly recalled: readonly number[];
}

/** What the meter answers. */
export interface LeaseAnswer {
  /** Whether the need is met; true where there was none. */
  readonly ok: boolean;
  /** When this object began; changes where it has forgotten what it did not store. */
  readonly epoch: number;
  readonly lease: number;
  /** The last report that is counted in. */
  readonly acked: number;
  /** Units that the isolate may use, besides those it holds. */
  readonly grant: Amounts;
  /** How many units one isolate may hold unused. */
  readonly share: Amounts;
  /** The windows now, by when they began. */
  readonly windows: Amounts;
  /** How long what is held may be used, counted from when this was asked for, ms. */
  readonly ttlMs: number;
  /** How often, at most, the isolate should come without a need, ms. */
  readonly gapMs: number;
  /** For how long requests without units in hand should be refused without asking, ms; 0: they may ask. */
  readonly pauseMs: number;
  readonly counters: readonly CounterView[];
  readonly refused?: Shortage;
}

/** Where one limit stands. */
export interface CounterView {
  readonly name: LimitName;
  readonly max: number;
  /** What may still be taken; below 0 where more was used than reserved. */
  readonly left: number;
  readonly spent: number;
  /** For calls under way; of slots those that isolates have, in use or not. */
  readonly reserved: number;
  /** In the hands of isolates, unused: neither left nor reserved. */
  readonly lent: number;
  /** Until it begins anew, or is full, ms; `null`: slots. */
  readonly resetMs: number | null;
  /** What comes back in a millisecond; 0: it does not refill. */
  readonly refillPerMs: number;
}

/** Why a need was not met. */
export interface Shortage {
  readonly limit: LimitName;
  /**
   * `spent`: used up until the window's end. `reserved`: it would fit if what is reserved were settled. `refills`: it fits later. `too_large`: it never
   * fits.
   */
  readonly why: "spent" | "reserved" | "refills" | "too_large";
  readonly retryMs: number;
  readonly max: number;
  readonly spent: number;
  readonly needed: number;
}
