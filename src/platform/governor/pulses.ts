import {
  FRESH_MS,
  MAX_PULSE_WAIT_MS,
  type PulseAnswer,
  pulseNeed,
  type PulseReport,
  type PulseTimes,
} from "../../core/governance/pulse.ts";
import type { KeepAlive } from "../../web/api/services.ts";

/** How often a request looks whether the pulse that another one began has been answered, ms. */
const LOOK_EVERY_MS = 5;

/** Answers that one pulse asks for at most, where one does not hold all: the next pulse goes on. */
const MAX_PAGES = 20;

/** What pulsing needs of the world. */
export interface PulsesOptions {
  readonly ask: (report: PulseReport) => Promise<PulseAnswer>;
  /** Takes what was told of all that changed `since`; done when it is in force in this isolate. Never rejects. */
  readonly told: (project: string, answer: PulseAnswer, since: number) => Promise<void>;
  readonly newIsolateId: () => string;
  readonly now: () => number;
  /** Resolves after `ms` or when `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** What is known of one project's governor. */
interface State extends PulseTimes {
  heardAtMs: number;
  claimedAtMs: number;
  failedAtMs: number;
  nextMs: number;
  rev: number;
  /** Since when it does not answer; `undefined`: it does. */
  awaySinceMs: number | undefined;
}

/**
 * One isolate's pulse to the governor of each project that needs one. Plain data only is shared between requests: whoever waits for a pulse that another
 * request began looks at the data, for a promise of I/O must not be awaited by another.
 */
export class Pulses {
  readonly #options: PulsesOptions;
  readonly #states = new Map<string, State>();
  #isolate: string | undefined;

  constructor(options: PulsesOptions) {
    this.#options = options;
  }

  /** Sees to it that what the governor says is in force, as far as it answers in time. `undefined`: there is nothing to wait for. Never rejects. */
  refresh(project: string, keepAlive: KeepAlive): Promise<void> | undefined {
    const state = this.#stateOf(project);
    const nowMs = this.#options.now();
    switch (pulseNeed(state, nowMs)) {
      case "none":
        return undefined;
      case "background":
        keepAlive(this.#pulse(project, state, nowMs));
        return undefined;
      case "wait":
        return this.#pulseOrGiveUp(project, state, keepAlive);
    }
  }

  /** When the last pulse began that was answered, ms since the epoch; `-Infinity`: none was. */
  heardAtMs(project: string): number {
    return this.#states.get(project)?.heardAtMs ?? -Infinity;
  }

  /** Which governors do not answer, in words, of the projects that need theirs. */
  faults(isNeeded: (project: string) => boolean): readonly string[] {
    return [...this.#states].flatMap(([project, { awaySinceMs, heardAtMs }]) => {
      if (awaySinceMs === undefined || !isNeeded(project)) return [];
      const serves = heardAtMs === -Infinity ? "what KV holds" : `what was known at ${new Date(heardAtMs).toISOString()}`;
      return [
        `project ${project}: its governor has not answered since ${new Date(awaySinceMs).toISOString()}; of its keys, ${serves} serves`,
      ];
    });
  }

  /** The request waits for the pulse, its own or the one under way. One that comes too late still tells the next requests. */
  async #pulseOrGiveUp(project: string, state: State, keepAlive: KeepAlive): Promise<void> {
    const { now, sleep } = this.#options;
    const beganAtMs = now();
    while (now() - state.claimedAtMs < MAX_PULSE_WAIT_MS && now() - beganAtMs < MAX_PULSE_WAIT_MS) {
      await sleep(LOOK_EVERY_MS);
      if (pulseNeed(state, now()) !== "wait") return;
    }
    if (now() - beganAtMs >= MAX_PULSE_WAIT_MS) return;
    const over = new AbortController();
    const pulse = this.#pulse(project, state, now()).then(() => "done" as const);
    keepAlive(pulse);
    const first = await Promise.race([pulse, sleep(MAX_PULSE_WAIT_MS, over.signal).then(() => "late" as const)]);
    over.abort();
    if (first === "late") this.#noteFailure(state);
  }

  async #pulse(project: string, state: State, nowMs: number): Promise<void> {
    state.claimedAtMs = nowMs;
    this.#isolate ??= this.#options.newIsolateId();
    let more = true;
    try {
      for (let page = 0; more && page < MAX_PAGES; page += 1) {
        const since = state.rev;
        const answer = await this.#options.ask({ project, isolate: this.#isolate, since });
        await this.#options.told(project, answer, since);
        // An earlier pulse may be answered later.
        state.rev = Math.max(state.rev, answer.rev);
        state.nextMs = answer.nextMs;
        more = answer.more;
      }
    } catch {
      this.#noteFailure(state);
      return;
    }
    if (!more) state.heardAtMs = Math.max(state.heardAtMs, nowMs);
    state.failedAtMs = -Infinity;
    state.awaySinceMs = undefined;
  }

  #noteFailure(state: State): void {
    state.failedAtMs = this.#options.now();
    state.awaySinceMs ??= state.failedAtMs;
  }

  #stateOf(project: string): State {
    const known = this.#states.get(project);
    if (known !== undefined) return known;
    const times = { heardAtMs: -Infinity, claimedAtMs: -Infinity, failedAtMs: -Infinity, nextMs: FRESH_MS };
    const state = { ...times, rev: 0, awaySinceMs: undefined };
    this.#states.set(project, state);
    return state;
  }
}
