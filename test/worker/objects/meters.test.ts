import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { limitsOf, type LimitTable } from "../../../src/core/governance/limit.ts";
import type { LimitedSubject } from "../../../src/core/governance/subject.ts";
import type { Taking } from "../../../src/gateway/limits/meters.ts";
import { MeterClient } from "../../../src/platform/meter/meter-client.ts";
import { meterAt, SUBJECTS } from "../../../src/platform/meter/meter-place.ts";
import { sleep } from "../../../src/platform/sleep.ts";

const PLACE = { project: "default", jurisdiction: null };
const KEY = { ...PLACE, subject: "key/k" };

afterEach(() => reset());

function keyWith(limits: LimitTable): LimitedSubject {
  return { kind: "key", name: "k", limits: limitsOf(limits), revision: 1, timezone: "UTC" };
}

/** An isolate as the Worker has it, over the real objects. */
function isolate(): MeterClient {
  return new MeterClient({
    isolate: crypto.randomUUID(),
    lease: (place, request) => meterAt(env, place).lease(request),
    note: (place, subjects) => meterAt(env, { ...place, subject: SUBJECTS }).note(subjects),
    now: () => Date.now(),
    sleep,
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  });
}

interface Asked {
  readonly takings: readonly Taking[];
  /** Resolves when nothing is left to be told. */
  readonly told: () => Promise<void>;
}

/** Asks for one request, `count` times at once, of isolates in turn. */
async function ask(isolates: readonly MeterClient[], count: number, subject: LimitedSubject): Promise<Asked> {
  const left: Promise<unknown>[] = [];
  const order = {
    project: PLACE.project,
    jurisdiction: undefined,
    subjects: [subject],
    units: { requests: 1, slots: 1, tokens: 0, usd: 0 },
    onUnavailable: "refuse",
  } as const;
  const takings = await Promise.all(
    Array.from({ length: count }, async (_, index) => isolates[index % isolates.length]?.take(order, (work) => void left.push(work))),
  );
  const told = async (): Promise<void> => {
    for (let known = 0; known < left.length;) {
      known = left.length;
      await Promise.all(left);
    }
  };
  return { takings: takings.filter((taking) => taking !== undefined), told };
}

const admitted = ({ takings }: Asked): number => takings.filter(({ kind }) => kind === "taken").length;

function settleAll({ takings }: Asked): void {
  for (const taking of takings) if (taking.kind === "taken") taking.holding.settle({ requests: 1, slots: 0, tokens: 0, usd: 0 });
}

/** After this all that was lent to nobody's use has come back, ms. */
const LENT_MS = 20_000;

// Reports go two seconds after what they tell.
describe("real objects", { timeout: 40_000 }, () => {
  test.each([
    [{ requests_per_minute: 5 }, 400, 5],
    [{ requests_per_day: 5 }, 50, 5],
    [{ requests_per_day: 200 }, 300, 200],
    [{ max_concurrent: 7 }, 100, 7],
  ])("of %o admit of %i calls on 8 isolates at once exactly %i (L3, B1)", async (limits, calls, most) => {
    const isolates = Array.from({ length: 8 }, isolate);
    // Of a day's units what one isolate was lent while another was refused is asked for again; what a late answer lent comes back after 12 s. Slots come
    // back, and minutes refill.
    const leastRounds = "max_concurrent" in limits ? 1 : 2;
    const triedForMs = "requests_per_day" in limits ? LENT_MS : 0;
    const begunAtMs = Date.now();
    let together = 0;
    for (let round = 0; round < leastRounds || (together < most && Date.now() - begunAtMs < triedForMs); round += 1) {
      const asked = await ask(isolates, calls, keyWith(limits));
      settleAll(asked);
      await asked.told();
      together += admitted(asked);
    }
    expect(together).toBe(most);
  });

  test("store nothing for minutes and slots", async () => {
    const asked = await ask([isolate()], 10, keyWith({ requests_per_minute: 100, max_concurrent: 20 }));
    settleAll(asked);
    await asked.told();
    const tables = await runInDurableObject(meterAt(env, KEY), (_object, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'count'").toArray(),
    );
    expect(tables).toEqual([]);
  });

  test("that are evicted after 30 calls have no more left than before, and little less (B9)", async () => {
    const limits = { requests_per_day: 1_000, requests_per_hour: 1_000 };
    const subject = keyWith(limits);
    const asked = await ask([isolate()], 30, subject);
    settleAll(asked);
    await asked.told();
    const view = async () => meterAt(env, KEY).view({ limits: subject.limits, revision: 1, timezone: "UTC" });
    const spent = (await view()).map((counter) => Math.ceil(counter.spent));
    expect(spent).toEqual([30, 30]);
    await evictDurableObject(meterAt(env, KEY));
    for (const counter of await view()) {
      expect(counter.spent, counter.name).toBeGreaterThanOrEqual(counter.name === "requests_per_hour" ? 28 : 30);
      expect(counter.spent, counter.name).toBeLessThanOrEqual(90);
    }
  });

  test("know which subjects were used", async () => {
    const asked = await ask([isolate()], 1, keyWith({ requests_per_day: 10 }));
    settleAll(asked);
    await asked.told();
    expect(await meterAt(env, { ...PLACE, subject: SUBJECTS }).subjects()).toEqual(["key/k"]);
  });
});
