import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { subjectId } from "../../../../src/core/governance/subject.ts";
import { chanceOf } from "../../../support/lease-simulation.ts";
import { limited, MeterWorld, take } from "../../../support/meter-world.ts";

/** A day of some isolates. */
interface Day {
  readonly seed: number;
  readonly isolates: number;
  readonly requests: number;
  readonly perDay: number;
  readonly slots: number;
  readonly tokens: number;
  /** Of messages, each way. */
  readonly lost: number;
  readonly deaths: number;
  /** Of the time between two requests and of how long one takes, ms. */
  readonly paceMs: number;
  readonly longestMs: number;
}

const days = fc.record({
  seed: fc.nat(),
  isolates: fc.integer({ min: 1, max: 5 }),
  requests: fc.integer({ min: 1, max: 120 }),
  perDay: fc.integer({ min: 1, max: 150 }),
  slots: fc.integer({ min: 1, max: 60 }),
  tokens: fc.integer({ min: 100, max: 20_000 }),
  lost: fc.constantFrom(0, 0, 0.05, 0.2),
  deaths: fc.constantFrom(0, 0, 1, 2),
  paceMs: fc.constantFrom(1, 20, 300),
  longestMs: fc.constantFrom(1, 500, 6_000),
}) satisfies fc.Arbitrary<Day>;

const RESERVED_TOKENS = 100;
/** An isolate that says nothing is gone after 12 s; then what it held is free. */
const GONE_MS = 12_000;
/** Of a limit, all isolates together hold so much unused. */
const SLACK = 0.05;

interface Lived {
  readonly admitted: number;
  readonly usedTokens: number;
  /** Of isolates that died: requests that nobody settled, and their tokens. */
  readonly orphans: number;
  readonly mostAtOnce: number;
  readonly world: MeterWorld;
}

const SUBJECTS = (day: Day) => [
  limited("key", { requests_per_day: day.perDay, max_concurrent: day.slots }),
  limited("team", { tokens_per_day: day.tokens, requests_per_hour: 10_000 }),
];

async function live(day: Day): Promise<Lived> {
  const chance = chanceOf(day.seed);
  const world = new MeterWorld();
  const { time } = world;
  world.way = { delayMs: () => 1 + Math.floor(chance() * 20), isLost: () => chance() < day.lost };
  const alive = Array.from({ length: day.isolates }, () => true);
  const clients = alive.map((_, index) => world.isolate(() => alive[index] ?? false));
  const told = { admitted: 0, usedTokens: 0, orphans: 0, atOnce: 0, mostAtOnce: 0 };
  const request = async (index: number): Promise<void> => {
    const client = clients[index];
    if (client === undefined || !alive[index]) return;
    const taking = await take(client, SUBJECTS(day), { requests: 1, slots: 1, tokens: RESERVED_TOKENS, usd: 0 });
    if (taking.kind !== "taken") return;
    told.admitted += 1;
    told.atOnce += 1;
    told.mostAtOnce = Math.max(told.mostAtOnce, told.atOnce);
    await time.sleep(Math.floor(chance() * day.longestMs));
    if (alive[index]) {
      const tokens = Math.floor(chance() * RESERVED_TOKENS);
      told.usedTokens += tokens;
      told.atOnce -= 1;
      taking.holding.settle({ requests: 1, slots: 0, tokens, usd: 0 });
      return;
    }
    told.orphans += 1;
    // Whatever its provider does with it, its slot is free when its isolate is known to be gone.
    await time.sleep(GONE_MS);
    told.atOnce -= 1;
  };
  const running: Promise<void>[] = [];
  for (let each = 0; each < day.requests; each += 1) {
    time.after(Math.floor(each * day.paceMs * chance()), () => void running.push(request(Math.floor(chance() * day.isolates))));
  }
  for (let death = 0; death < Math.min(day.deaths, day.isolates - 1); death += 1) {
    time.after(Math.floor(chance() * day.requests * day.paceMs), () => void (alive[death] = false));
  }
  await time.run(day.requests * day.paceMs + 20_000);
  world.way = { delayMs: () => 5, isLost: () => false };
  await time.run(60_000);
  return { ...told, world };
}

describe("limits, whatever happens to isolates and messages", () => {
  test("never admit more than they promise, and hold nothing when all is over", async () => {
    await fc.assert(
      fc.asyncProperty(days, async (day) => {
        const { admitted, usedTokens, orphans, mostAtOnce, world } = await live(day);
        const isAnyGone = Math.min(day.deaths, day.isolates - 1) > 0;
        const most = day.perDay + (isAnyGone ? Math.floor(SLACK * day.perDay) : 0);
        expect(admitted).toBeLessThanOrEqual(most);
        expect(mostAtOnce).toBeLessThanOrEqual(day.slots + (isAnyGone ? Math.floor(SLACK * day.slots) : 0));
        const [key, team] = SUBJECTS(day).map((subject) => world.view(subjectId(subject)));
        for (const counter of [...(key ?? []), ...(team ?? [])]) expect(counter, counter.name).toMatchObject({ reserved: 0, lent: 0 });
        const spent = key?.find(({ name }) => name === "requests_per_day")?.spent ?? 0;
        const tokens = team?.find(({ name }) => name === "tokens_per_day")?.spent ?? 0;
        if (!isAnyGone && day.lost === 0) {
          expect(spent).toBe(admitted);
          expect(tokens).toBe(usedTokens);
        } else {
          // Whose messages are lost for long is taken for gone, and its reservations for used: too much, never too little.
          expect(spent).toBeGreaterThanOrEqual(admitted - Math.floor(SLACK * day.perDay));
          expect(tokens).toBeGreaterThanOrEqual(usedTokens - Math.floor(SLACK * day.tokens) - orphans * RESERVED_TOKENS);
        }
      }),
      { numRuns: 60, seed: 20_261_124 },
    );
  });
});
