import { Demand } from "./demand.ts";
import type { CounterView, LeaseAnswer, LeaseRequest, Shortage } from "./lease.ts";
import { LeaseReports, type Tally, tally } from "./lease-reports.ts";
import { type Amounts, isSettled, type Limit, type LimitName } from "./limit.ts";
import { pausedShortage } from "./paused.ts";
import type { LimitedSubject } from "./subject.ts";

/** A refusal is good for so long at most, ms: a limit that was raised is seen. */
const REMEMBERED_MS = 1_000;

/** How often a meter is told, at most, before it said so itself, ms. */
const FIRST_GAP_MS = 2_000;

/** Units that run low are asked for before they are gone, but no oftener than in so much of the time between two messages. */
const LOW_SHARE_OF_GAP = 1 / 8;

/** What a request took of a subject, to be settled once. */
export interface Taken {
  readonly amounts: Amounts;
  readonly epoch: number;
  readonly lease: number;
  readonly windows: Amounts;
}

/** A message to the meter that is under way. */
export interface Exchange {
  readonly request: LeaseRequest;
  readonly askedAtMs: number;
}

/** What one isolate has in hand of one subject. Pure; plain data, shared by all its requests. */
export class Pool {
  readonly #isolate: string;
  #timezone = "UTC";
  #limits: readonly Limit[] = [];
  #revision = -1;
  /** The revision that the meter has heard of. */
  #heardRevision = -1;
  #epoch = 0;
  #lease = 0;
  #windows: Amounts = {};
  #held: Tally = {};
  #heldUntilMs = 0;
  #share: Amounts = {};
  #slotsInUse = 0;
  #slotsAskedFor = 0;
  #slotsFreed = 0;
  #counters: readonly CounterView[] = [];
  #counted = 0;
  readonly #reports = new LeaseReports({ epoch: 0, lease: 0, windows: {} });
  readonly #demand = new Demand();
  #needs = 0;
  /** The one exchange that may bring units. */
  #lending: LeaseRequest | undefined;
  #exchangedMs = -Infinity;
  #gapMs = FIRST_GAP_MS;
  #pausedUntilMs = 0;
  #refused: { readonly shortage: Shortage; readonly atMs: number } | undefined;
  #underWay = 0;

  /** `isolate`: drawn when it began. */
  constructor(isolate: string) {
    this.#isolate = isolate;
  }

  /** Takes out of what is in hand; `"ask"`: the meter has to be asked; else why it is refused without asking. */
  take(subject: LimitedSubject, amounts: Amounts, nowMs: number): Taken | "ask" | Shortage {
    this.#learnLimits(subject);
    this.#demand.note(amounts, nowMs);
    if (this.#revision !== this.#heardRevision) return "ask";
    this.#expire(nowMs);
    return this.#takeHeld(amounts) ?? this.#remembered(amounts, nowMs) ?? "ask";
  }

  /** A message for the meter, with what one request needs, or without. `undefined`: it need not go, since one is under way. */
  ask(amounts: Amounts | undefined, nowMs: number): Exchange | undefined {
    const mayLend = this.#lending === undefined;
    if (!mayLend && amounts === undefined) return undefined;
    this.#expire(nowMs);
    const want = mayLend ? this.#want(nowMs) : undefined;
    const amountsHeld = { ...this.#held };
    tally(amountsHeld, "max_concurrent", this.#slotsInUse + this.#slotsAskedFor);
    const held = { amounts: amountsHeld, afterNeed: this.#needs };
    const reports = this.#reports.send();
    if (amounts !== undefined) {
      this.#needs += 1;
      this.#slotsAskedFor += amounts.max_concurrent ?? 0;
    }
    const request = {
      isolate: this.#isolate,
      lease: this.#lease,
      limits: this.#limits,
      revision: this.#revision,
      timezone: this.#timezone,
      reports,
      ...(amounts === undefined ? {} : { need: { id: this.#needs, amounts } }),
      ...(want === undefined ? {} : { want }),
      // What is held is only to be compared with what was told whole.
      ...(want === undefined || !this.#reports.isAllSent ? {} : { held }),
    };
    this.#slotsFreed = 0;
    if (mayLend) {
      this.#lending = request;
      this.#exchangedMs = nowMs;
    }
    return { request, askedAtMs: nowMs };
  }

  /** What the meter answered. What the exchange's request took, or why it got nothing; `undefined`: it needed nothing. */
  learn({ request, askedAtMs }: Exchange, answer: LeaseAnswer, nowMs: number): Taken | Shortage | undefined {
    this.#over(request);
    const isOld = answer.epoch < this.#epoch || (answer.epoch === this.#epoch && answer.lease < this.#lease);
    if (!isOld) this.#follow(answer, request, askedAtMs);
    if (request.need === undefined) return undefined;
    const { amounts } = request.need;
    if (answer.refused !== undefined) {
      // What others of this isolate were lent meanwhile is as good.
      const held = isOld || nowMs >= this.#heldUntilMs ? undefined : this.#takeHeld(amounts);
      if (held !== undefined) return held;
      this.#refused = { shortage: answer.refused, atMs: nowMs };
      return answer.refused;
    }
    if (!isOld) this.#slotsInUse += amounts.max_concurrent ?? 0;
    return { amounts, epoch: answer.epoch, lease: answer.lease, windows: answer.windows };
  }

  /** Nobody answered in time. Whatever comes later is not listened to, and what was taken all the same is given back. */
  fail({ request }: Exchange): void {
    this.#over(request);
    if (request.need !== undefined) this.#reports.open.recalled.push(request.need.id);
  }

  /** Admits without asking: it is counted when the meter can be reached again. */
  owe(amounts: Amounts): Taken {
    for (const { name, unit } of this.#limits) if (unit === "requests") tally(this.#reports.open.owed, name, amounts[name] ?? 0);
    return { amounts, epoch: 0, lease: 0, windows: this.#windows };
  }

  /** What was taken is over; `actual` is what it really used. Where that is nothing, all is given back. */
  settle(taken: Taken, actual: Amounts): void {
    const isKnown = taken.epoch === this.#epoch && taken.lease === this.#lease;
    const { open } = this.#reports;
    for (const { name, unit } of this.#limits) {
      // Of a window that is over nobody asks any more.
      if ((taken.windows[name] ?? this.#windows[name]) !== this.#windows[name]) continue;
      const amount = taken.amounts[name] ?? 0;
      const used = actual[name] ?? 0;
      if (unit === "slots") this.#freeSlots(isKnown ? amount : 0);
      else if (!isKnown) tally(open.owed, name, isSettled(unit) ? used : 0);
      else if (isSettled(unit) || amount !== used) {
        tally(open.released, name, amount);
        tally(open.actual, name, used);
      }
      if (isKnown && amount > used) this.#refused = undefined;
    }
  }

  /** A request that takes of this subject is under way: the meter hears of this isolate as long as it is. Call the result once, at its end. */
  hold(): () => void {
    this.#underWay += 1;
    return () => void (this.#underWay -= 1);
  }

  /** Whether the meter should hear of this isolate now though nobody waits: there is news, units run low, or it would be taken for gone. */
  isDue(nowMs: number): boolean {
    if (this.#lending !== undefined || this.#limits.length === 0) return false;
    const sinceMs = nowMs - this.#exchangedMs;
    // Somebody else may be waiting for a slot.
    if (this.#slotsFreed > 0) return true;
    if (sinceMs >= this.#gapMs) return this.#underWay > 0 || this.hasNews;
    return sinceMs >= this.#gapMs * LOW_SHARE_OF_GAP && nowMs >= this.#pausedUntilMs && this.#isLow(nowMs);
  }

  /** Whether there is something that the meter was not told yet. */
  get hasNews(): boolean {
    return this.#reports.areNews;
  }

  /** Whether a request that takes of this subject is under way. */
  get isUnderWay(): boolean {
    return this.#underWay > 0;
  }

  /** Whether nothing of it would be missed. */
  isIdle(nowMs: number): boolean {
    return this.#underWay === 0 && !this.hasNews && this.#lending === undefined && nowMs >= this.#heldUntilMs;
  }

  /** Where the limits stand as far as this isolate knows, what it holds besides, and when that was heard. No counters: it has heard nothing yet. */
  view(nowMs: number): { readonly counters: readonly CounterView[]; readonly held: Amounts; readonly atMs: number } {
    return { counters: this.#counters, held: nowMs < this.#heldUntilMs ? this.#held : {}, atMs: this.#counted };
  }

  #takeHeld(amounts: Amounts): Taken | undefined {
    if (!this.#limits.every(({ name }) => (this.#held[name] ?? 0) >= (amounts[name] ?? 0))) return undefined;
    for (const { name, unit } of this.#limits) {
      const amount = amounts[name] ?? 0;
      tally(this.#held, name, -amount);
      if (unit === "slots") this.#slotsInUse += amount;
      else tally(this.#reports.open.taken, name, amount);
    }
    return { amounts, epoch: this.#epoch, lease: this.#lease, windows: this.#windows };
  }

  #learnLimits({ limits, revision, timezone }: LimitedSubject): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    this.#timezone = timezone;
    this.#limits = limits;
    this.#refused = undefined;
    this.#pausedUntilMs = 0;
  }

  #over(request: LeaseRequest): void {
    if (this.#lending === request) this.#lending = undefined;
    this.#slotsAskedFor -= request.need?.amounts.max_concurrent ?? 0;
  }

  #follow(answer: LeaseAnswer, request: LeaseRequest, askedAtMs: number): void {
    const isNew = answer.epoch !== this.#epoch || answer.lease !== this.#lease;
    if (isNew || this.#limits.some(({ name }) => answer.windows[name] !== this.#windows[name])) this.#turn(answer, isNew);
    this.#heardRevision = Math.max(this.#heardRevision, request.revision);
    this.#reports.acknowledge(answer.acked);
    for (const { name } of this.#limits) tally(this.#held, name, answer.grant[name] ?? 0);
    this.#heldUntilMs = Math.max(this.#heldUntilMs, askedAtMs + answer.ttlMs);
    this.#share = answer.share;
    this.#gapMs = answer.gapMs;
    this.#pausedUntilMs = answer.pauseMs === 0 ? 0 : askedAtMs + answer.pauseMs;
    if (askedAtMs < this.#counted) return;
    this.#counted = askedAtMs;
    this.#counters = answer.counters;
  }

  /** What was in hand belongs to a meter that has forgotten it, or to a window that is over. */
  #turn(answer: LeaseAnswer, isNew: boolean): void {
    for (const { name } of this.#limits) if (isNew || answer.windows[name] !== this.#windows[name]) this.#held[name] = 0;
    if (isNew) {
      this.#heldUntilMs = 0;
      this.#slotsInUse = 0;
    }
    this.#epoch = answer.epoch;
    this.#lease = answer.lease;
    this.#windows = answer.windows;
    this.#reports.turn(answer);
  }

  /** Slots are used again here, as many as one isolate may hold; the others go back at once. */
  #freeSlots(slots: number): void {
    if (slots === 0) return;
    const name = "max_concurrent";
    this.#slotsInUse -= slots;
    tally(this.#held, name, slots);
    const spare = Math.max(0, (this.#held[name] ?? 0) - (this.#share[name] ?? 0));
    this.#return(name, spare);
    this.#slotsFreed += spare;
  }

  #remembered(amounts: Amounts, nowMs: number): Shortage | undefined {
    if (this.#refused !== undefined) {
      const { shortage, atMs } = this.#refused;
      const agoMs = nowMs - atMs;
      if (agoMs >= Math.min(shortage.retryMs, REMEMBERED_MS)) this.#refused = undefined;
      else if ((amounts[shortage.limit] ?? 0) >= shortage.needed) return { ...shortage, retryMs: shortage.retryMs - agoMs };
    }
    return nowMs < this.#pausedUntilMs ? pausedShortage(this.#counters, amounts, this.#pausedUntilMs - nowMs) : undefined;
  }

  /** What is to be lent besides what is in hand; what is more than that goes back. */
  #want(nowMs: number): Amounts {
    const want: Partial<Record<LimitName, number>> = {};
    for (const { name } of this.#limits) {
      const more = this.#demand.ahead(name, nowMs) - (this.#held[name] ?? 0);
      if (more > 0) want[name] = more;
      else this.#return(name, -more);
    }
    return want;
  }

  #isLow(nowMs: number): boolean {
    return this.#limits.some(({ name }) => {
      const ahead = Math.min(this.#demand.ahead(name, nowMs), this.#share[name] ?? 0);
      return ahead >= 1 && (this.#held[name] ?? 0) < ahead / 2;
    });
  }

  #expire(nowMs: number): void {
    if (nowMs < this.#heldUntilMs) return;
    for (const { name } of this.#limits) this.#return(name, this.#held[name] ?? 0);
  }

  #return(name: LimitName, units: number): void {
    tally(this.#held, name, -units);
    tally(this.#reports.open.returned, name, units);
  }
}
