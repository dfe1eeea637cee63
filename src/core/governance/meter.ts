import { Counter, type KeptCount } from "./counter.ts";
import type { CounterView, Held, LeaseAnswer, LeaseReport, LeaseRequest, Need, Shortage, ToldLimits } from "./lease.ts";
import { type Amounts, isSettled, type LimitName } from "./limit.ts";

/** How long what is lent may be used, from when it was asked for on the isolate's own clock, ms. */
const LEASE_MS = 8_000;

/** An isolate that says nothing for this long is gone: no lease is good any more, whatever its clock says, ms. */
const SILENT_MS = LEASE_MS + 4_000;

/** How often an isolate comes without a need, ms: at least … */
const LEAST_GAP_MS = 2_000;
/** … and so much for each isolate that is heard: 400 such calls a second, however many they are. */
const GAP_PER_ISOLATE_MS = 2.5;

/** Where little is left, an isolate asks once in so many ms for each that is heard: 500 calls a second. */
const PAUSE_PER_ISOLATE_MS = 2;

/** Needs of an isolate that can be taken back. */
const REMEMBERED_NEEDS = 256;

/** How often isolates that are gone are looked for, ms. */
const SWEEP_MS = 500;

/** What an isolate has of a subject. */
interface Leaseholder {
  readonly lease: number;
  heardMs: number;
  lastReport: number;
  lastNeed: number;
  /** By limit: units in its hands, and what requests under way reserved. */
  readonly slack: Map<LimitName, number>;
  readonly reserved: Map<LimitName, number>;
  /** What was answered lately, by the needs' numbers; `undefined`: it was taken back before it came. */
  readonly needs: Map<number, Amounts | undefined>;
}

/**
 * The one place where a subject's units are counted, and lent to the isolates that use them. Pure: whoever holds it must let nothing happen between the parts
 * of a call, which is so as long as none of them waits.
 */
export class Meter {
  readonly #epoch: number;
  readonly #kept: ReadonlyMap<LimitName, KeptCount>;
  readonly #counters = new Map<LimitName, Counter>();
  readonly #holders = new Map<string, Leaseholder>();
  #revision = -1;
  #timeZone = "UTC";
  #leases = 0;
  #sweptMs = 0;

  /** `epoch`: when this object began; later than any before it. `kept`: what was stored by one before it. */
  constructor(epoch: number, kept: ReadonlyMap<LimitName, KeptCount> = new Map()) {
    this.#epoch = epoch;
    this.#kept = kept;
  }

  /** Counts what an isolate reports, takes what it needs, lends what it wants. */
  lease(request: LeaseRequest, nowMs: number): LeaseAnswer {
    this.tell(request, nowMs);
    const holder = this.#holderOf(request.isolate, nowMs);
    for (const report of request.reports) this.#count(report, holder);
    if (request.held !== undefined) this.#reconcile(holder, request.held);
    const refused = request.need === undefined ? undefined : this.#meet(request.need, holder, nowMs);
    const grant = request.want === undefined ? {} : this.#lend(request.want, holder);
    return {
      ok: refused === undefined,
      epoch: this.#epoch,
      lease: holder.lease,
      acked: holder.lastReport,
      grant,
      share: this.#share(),
      windows: this.#windows(),
      ttlMs: this.#ttlMs(nowMs),
      gapMs: Math.max(LEAST_GAP_MS, this.#holders.size * GAP_PER_ISOLATE_MS),
      pauseMs: this.#isScarce() ? this.#holders.size * PAUSE_PER_ISOLATE_MS : 0,
      counters: this.view(nowMs),
      ...(refused === undefined ? {} : { refused }),
    };
  }

  /** Takes limits into force, unless later ones are, and counts up to now. */
  tell(told: ToldLimits, nowMs: number): void {
    this.#apply(told, nowMs);
    this.advance(nowMs);
  }

  /** Where every limit stands. */
  view(nowMs: number): readonly CounterView[] {
    return [...this.#counters.values()].map((counter) => counter.view(nowMs));
  }

  /** What is to be stored so that it outlives this object: nothing of minutes and slots. */
  spent(): ReadonlyMap<LimitName, number> {
    const lasting = [...this.#counters.values()].filter(({ limit: { period } }) => period !== undefined && period !== "minute");
    return new Map(lasting.map(({ limit, spent }) => [limit.name, spent]));
  }

  /** Refills, begins new windows, and takes back what isolates hold that are gone. */
  advance(nowMs: number): void {
    for (const [name, counter] of this.#counters) {
      if (!counter.advance(nowMs)) continue;
      for (const { slack, reserved, needs } of this.#holders.values()) {
        slack.delete(name);
        reserved.delete(name);
        // What was taken in a window that is over comes back in none.
        needs.clear();
      }
    }
    if (nowMs - this.#sweptMs < SWEEP_MS) return;
    this.#sweptMs = nowMs;
    for (const [isolate, holder] of this.#holders) {
      if (nowMs - holder.heardMs < SILENT_MS) continue;
      this.#holders.delete(isolate);
      this.#close(holder);
    }
  }

  #close({ slack, reserved }: Leaseholder): void {
    for (const [name, units] of slack) this.#counters.get(name)?.takeBack(units);
    // What its requests used nobody will tell: no less than was thought.
    for (const [name, units] of reserved) this.#counters.get(name)?.settle(units, units);
  }

  #apply({ limits, revision, timezone }: ToldLimits, nowMs: number): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    this.#timeZone = timezone;
    const named = new Set(limits.map(({ name }) => name));
    for (const name of this.#counters.keys()) if (!named.has(name)) this.#counters.delete(name);
    for (const limit of limits) {
      const counter = this.#counters.get(limit.name);
      if (counter === undefined) this.#counters.set(limit.name, new Counter(limit, timezone, nowMs, this.#kept.get(limit.name)));
      else counter.change(limit, this.#timeZone, nowMs);
    }
  }

  #holderOf(isolate: string, nowMs: number): Leaseholder {
    const known = this.#holders.get(isolate);
    if (known !== undefined) {
      known.heardMs = nowMs;
      return known;
    }
    this.#leases += 1;
    const holder = {
      lease: this.#leases,
      heardMs: nowMs,
      lastReport: 0,
      lastNeed: 0,
      slack: new Map<LimitName, number>(),
      reserved: new Map<LimitName, number>(),
      needs: new Map<number, Amounts | undefined>(),
    };
    this.#holders.set(isolate, holder);
    return holder;
  }

  #count(report: LeaseReport, holder: Leaseholder): void {
    if (report.id <= holder.lastReport) return;
    holder.lastReport = report.id;
    const isOurs = report.epoch === this.#epoch && report.lease === holder.lease;
    for (const [name, counter] of this.#counters) {
      // An isolate that never heard of the window means the one that is.
      if ((report.windows[name] ?? counter.windowStart) !== counter.windowStart) continue;
      counter.settle(0, report.owed[name] ?? 0);
      if (isOurs) countOwn(name, counter, report, holder);
      else countForgotten(name, counter, report);
    }
    for (const id of report.recalled) this.#recall(id, holder);
  }

  #recall(id: number, holder: Leaseholder): void {
    const amounts = holder.needs.get(id);
    remember(holder, id, undefined);
    for (const [name, counter] of this.#counters) {
      const amount = amounts?.[name] ?? 0;
      if (counter.limit.unit === "slots") giveBack(name, counter, amount, holder);
      else counter.settle(amount, 0);
      if (isSettled(counter.limit.unit)) add(holder.reserved, name, -amount);
    }
  }

  /** Units that were lent in an answer which the isolate never heard come back. */
  #reconcile(holder: Leaseholder, { amounts, afterNeed }: Held): void {
    for (const [name, units] of holder.slack) {
      const counter = this.#counters.get(name);
      // A slot that was needed later may have come here first: it is not among those.
      if (counter === undefined || (counter.limit.unit === "slots" && holder.lastNeed > afterNeed)) continue;
      giveBack(name, counter, units - (amounts[name] ?? 0), holder);
    }
  }

  #meet({ id, amounts }: Need, holder: Leaseholder, nowMs: number): Shortage | undefined {
    // Asked twice, because the first answer was lost; or taken back before it came, and nobody waits any more.
    holder.lastNeed = Math.max(holder.lastNeed, id);
    if (holder.needs.has(id)) return undefined;
    let worst: Shortage | undefined;
    for (const [name, counter] of this.#counters) {
      const shortage = counter.shortage(amounts[name] ?? 0, nowMs);
      if (shortage !== undefined && (worst === undefined || shortage.retryMs > worst.retryMs)) worst = shortage;
    }
    if (worst !== undefined) return worst;
    for (const [name, counter] of this.#counters) {
      const amount = amounts[name] ?? 0;
      counter.take(amount);
      if (isSettled(counter.limit.unit)) add(holder.reserved, name, amount);
      else if (counter.limit.unit === "slots") add(holder.slack, name, amount);
    }
    remember(holder, id, amounts);
    return undefined;
  }

  #lend(want: Amounts, holder: Leaseholder): Amounts {
    const grant: Partial<Record<LimitName, number>> = {};
    for (const [name, counter] of this.#counters) {
      const units = Math.min(Math.floor(want[name] ?? 0), counter.lendable(this.#holders.size, holder.slack.get(name) ?? 0));
      if (units <= 0) continue;
      counter.lend(units);
      add(holder.slack, name, units);
      grant[name] = units;
    }
    return grant;
  }

  #share(): Amounts {
    return Object.fromEntries([...this.#counters].map(([name, counter]) => [name, counter.share(this.#holders.size)]));
  }

  #windows(): Amounts {
    const windows: Partial<Record<LimitName, number>> = {};
    for (const [name, { windowStart }] of this.#counters) if (windowStart > 0) windows[name] = windowStart;
    return windows;
  }

  /** What is lent in a window is good in no other. */
  #ttlMs(nowMs: number): number {
    const ends = [...this.#counters.values()].flatMap((counter) => counter.windowLeftMs(nowMs) ?? []);
    return Math.min(LEASE_MS, ...ends);
  }

  /** Whether less is left than comes back while each isolate asks once: then each is given a little at a time. */
  #isScarce(): boolean {
    const roundMs = this.#holders.size * PAUSE_PER_ISOLATE_MS;
    return [...this.#counters.values()].some(({ left, refillPerMs }) => refillPerMs > 0 && left < refillPerMs * roundMs);
  }
}

function countOwn(name: LimitName, counter: Counter, report: LeaseReport, holder: Leaseholder): void {
  const isHeld = isSettled(counter.limit.unit);
  const taken = Math.min(report.taken[name] ?? 0, holder.slack.get(name) ?? 0);
  counter.useLent(taken);
  add(holder.slack, name, -taken);
  if (isHeld) add(holder.reserved, name, taken);
  giveBack(name, counter, report.returned[name] ?? 0, holder);
  const released = report.released[name] ?? 0;
  counter.settle(isHeld ? Math.min(released, holder.reserved.get(name) ?? 0) : released, report.actual[name] ?? 0);
  if (isHeld) add(holder.reserved, name, -released);
}

/** Units that a holder has, and no more, come back unused. */
function giveBack(name: LimitName, counter: Counter, units: number, { slack }: Leaseholder): void {
  const returned = Math.max(0, Math.min(units, slack.get(name) ?? 0));
  counter.takeBack(returned);
  add(slack, name, -returned);
}

/** What was taken under an object that has forgotten it, or from one that took it for lost, is added whole. */
function countForgotten(name: LimitName, counter: Counter, report: LeaseReport): void {
  const { unit } = counter.limit;
  if (unit === "slots") return;
  const used = isSettled(unit) ? 0 : (report.taken[name] ?? 0) - (report.released[name] ?? 0);
  counter.settle(0, Math.max(0, used + (report.actual[name] ?? 0)));
}

function add(amounts: Map<LimitName, number>, name: LimitName, amount: number): void {
  if (amount === 0) return;
  const sum = (amounts.get(name) ?? 0) + amount;
  if (sum > 0) amounts.set(name, sum);
  else amounts.delete(name);
}

function remember({ needs }: Leaseholder, id: number, amounts: Amounts | undefined): void {
  needs.set(id, amounts);
  const [oldest] = needs.keys();
  if (needs.size > REMEMBERED_NEEDS && oldest !== undefined) needs.delete(oldest);
}
