import type { Shortage } from "../../core/governance/lease.ts";
import { amountsOf, type Units } from "../../core/governance/limit.ts";
import { OutputMeans } from "../../core/governance/reserve.ts";
import type { Taken } from "../../core/governance/pool.ts";
import { type LimitedSubject, subjectId } from "../../core/governance/subject.ts";
import type { Holding, Standing, TakeOrder, Taking } from "../../gateway/limits/meters.ts";
import type { KeepAlive } from "../../web/api/services.ts";
import { MeterEntry, type MeterPlace, type MeterWorld } from "./meter-entry.ts";
import { MeterWatch, type MeterWatchOptions } from "./meter-watch.ts";

/** Subjects that one isolate keeps in mind; of more, those that nobody uses make room. */
const MOST_ENTRIES = 4_000;

/** A project hears of a subject in use once in so long, ms. */
const NOTED_MS = 3_600_000;

/** What the client needs of the world. */
export interface MeterClientOptions extends MeterWorld, Pick<MeterWatchOptions, "after"> {
  /** Tells a project which subjects are in use. */
  readonly note: (place: Omit<MeterPlace, "subject">, subjects: readonly string[]) => Promise<void>;
}

/** One subject of an order, on its way. */
interface Part {
  readonly entry: MeterEntry;
  readonly subject: LimitedSubject;
  taken: Taken | undefined;
}

const NOTHING: Units = { requests: 0, tokens: 0, usd: 0, slots: 0 };

/** What one isolate has in hand of all subjects. Plain data is shared between requests; each call to a meter belongs to the request that makes it. */
export class MeterClient {
  readonly #options: MeterClientOptions;
  readonly #entries = new Map<string, MeterEntry>();
  readonly #watch: MeterWatch;
  readonly outputMeans = new OutputMeans();
  #unnoted: MeterPlace[] = [];

  constructor(options: MeterClientOptions) {
    this.#options = options;
    this.#watch = new MeterWatch({ ...options, tick: (keepAlive) => this.#tick(keepAlive), isQuiet: () => this.#isQuiet() });
  }

  /** Takes of all subjects or of none: what is in hand first, what is missing from its meters, all at once. */
  take(order: TakeOrder, keepAlive: KeepAlive): Taking | Promise<Taking> {
    const nowMs = this.#options.now();
    const missing: Part[] = [];
    const parts: Part[] = [];
    let worst: { readonly subject: LimitedSubject; readonly shortage: Shortage } | undefined;
    for (const subject of order.subjects) {
      const entry = this.#entryOf(order, subject, nowMs);
      const part: Part = { entry, subject, taken: undefined };
      const taken = entry.take(subject, order.units, nowMs);
      if (taken === "ask") missing.push(part);
      else if ("why" in taken) worst = longer(worst, { subject, shortage: taken });
      else part.taken = taken;
      parts.push(part);
    }
    if (worst !== undefined) {
      this.#giveBack(parts, keepAlive);
      return { kind: "refused", ...worst, asked: 0, waitedMs: 0 };
    }
    if (missing.length > 0) return this.#ask(order, { parts, missing, nowMs }, keepAlive);
    return { kind: "taken", holding: this.#hold(parts, order.within, keepAlive), asked: 0, waitedMs: 0 };
  }

  async #ask(
    { units, onUnavailable, within }: TakeOrder,
    { parts, missing, nowMs }: { readonly parts: readonly Part[]; readonly missing: readonly Part[]; readonly nowMs: number },
    keepAlive: KeepAlive,
  ): Promise<Taking> {
    let worst: { readonly subject: LimitedSubject; readonly shortage: Shortage } | undefined;
    const silent: Part[] = [];
    await Promise.all(
      missing.map(async (part) => {
        const { entry, subject } = part;
        const answer = await entry.ask(amountsOf(subject.limits, units));
        if (answer === "silent") silent.push(part);
        else if ("why" in answer) worst = longer(worst, { subject, shortage: answer });
        else part.taken = answer;
      }),
    );
    const how = { asked: missing.length, waitedMs: this.#options.now() - nowMs };
    const isRefused = worst !== undefined || (silent.length > 0 && onUnavailable === "refuse");
    if (isRefused) {
      this.#giveBack(parts, keepAlive);
      return worst === undefined ? { kind: "unavailable", ...how } : { kind: "refused", ...worst, ...how };
    }
    for (const part of silent) part.taken = part.entry.pool.owe(amountsOf(part.subject.limits, units));
    return { kind: "taken", holding: this.#hold(parts, within, keepAlive), ...how };
  }

  #hold(parts: readonly Part[], within: Holding | undefined, keepAlive: KeepAlive): Holding {
    const releases = parts.map(({ entry }) => entry.pool.hold());
    this.#report(parts, keepAlive);
    const unwatch = within === undefined ? this.#watch.join(keepAlive) : undefined;
    let isOver = false;
    return {
      settle: (used) => {
        if (isOver) return;
        isOver = true;
        unwatch?.();
        for (const release of releases) release();
        for (const { entry, subject, taken } of parts) if (taken !== undefined) entry.pool.settle(taken, amountsOf(subject.limits, used));
        this.#report(parts, keepAlive);
      },
      standing: () => standingOf(parts, this.#options.now()),
    };
  }

  #giveBack(parts: readonly Part[], keepAlive: KeepAlive): void {
    for (const { entry, subject, taken } of parts) {
      if (taken !== undefined) entry.pool.settle(taken, amountsOf(subject.limits, NOTHING));
    }
    this.#report(parts, keepAlive);
    if (parts.some(({ entry }) => entry.pool.hasNews)) this.#watch.look(keepAlive);
  }

  #report(parts: readonly Part[], keepAlive: KeepAlive): void {
    const nowMs = this.#options.now();
    for (const { entry } of parts) {
      const reported = entry.report(nowMs);
      if (reported !== undefined) keepAlive(reported);
    }
  }

  /** Everything that is due, whoever brought it about. */
  #tick(keepAlive: KeepAlive): void {
    const nowMs = this.#options.now();
    for (const [key, entry] of this.#entries) {
      const reported = entry.report(nowMs);
      if (reported !== undefined) keepAlive(reported);
      else if (entry.pool.isIdle(nowMs) && nowMs - entry.notedMs > NOTED_MS) this.#entries.delete(key);
    }
    const projects = Map.groupBy(this.#unnoted, ({ project, jurisdiction }) => `${project}/${jurisdiction ?? ""}`);
    this.#unnoted = [];
    for (const [first, ...rest] of projects.values()) {
      if (first === undefined) continue;
      const subjects = [first, ...rest].map(({ subject }) => subject);
      // A list that is not told is told an hour later.
      keepAlive(this.#options.note(first, subjects).catch(() => undefined));
    }
  }

  #isQuiet(): boolean {
    return this.#unnoted.length === 0 && [...this.#entries.values()].every(({ pool }) => !pool.hasNews && !pool.isUnderWay);
  }

  #entryOf({ project, jurisdiction }: TakeOrder, subject: LimitedSubject, nowMs: number): MeterEntry {
    const id = subjectId(subject);
    const key = `${project}/${jurisdiction ?? ""}/${id}`;
    const known = this.#entries.get(key);
    const entry = known ?? new MeterEntry({ project, jurisdiction: jurisdiction ?? null, subject: id }, this.#options);
    if (known === undefined) {
      this.#makeRoom(nowMs);
      this.#entries.set(key, entry);
    }
    if (nowMs - entry.notedMs > NOTED_MS) {
      entry.notedMs = nowMs;
      this.#unnoted.push(entry.place);
    }
    return entry;
  }

  #makeRoom(nowMs: number): void {
    if (this.#entries.size < MOST_ENTRIES) return;
    for (const [key, { pool }] of this.#entries) if (pool.isIdle(nowMs)) this.#entries.delete(key);
  }
}

function longer<Told extends { readonly shortage: Shortage }>(one: Told | undefined, other: Told): Told {
  return one !== undefined && one.shortage.retryMs >= other.shortage.retryMs ? one : other;
}

function standingOf(parts: readonly Part[], nowMs: number): readonly Standing[] | undefined {
  // What was admitted without asking has no epoch.
  return parts.some(({ entry, taken }) => entry.isSilent || taken?.epoch === 0)
    ? undefined
    : parts.map(({ entry }) => entry.pool.view(nowMs));
}
