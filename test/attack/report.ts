import type { Attack } from "./attack.ts";
import type { Place } from "./place.ts";

/** What came of one attack. */
export interface Row {
  readonly attack: string;
  readonly promise: string;
  readonly at: Place["name"] | "soak";
  readonly breaches: readonly string[];
  readonly ms: number;
}

const BREACHES_SHOWN = 10;
const BREACH_CHARACTERS = 300;

/** The row of an attack; one that failed by itself has broken what it attacked, or could not be done, which is as bad. */
export async function rowOf(attack: Attack, place: Place): Promise<Row> {
  const startedAt = performance.now();
  const breaches = await attack.run(place).catch((error: unknown): readonly string[] => [`it could not be done: ${String(error)}`]);
  const { name, promise } = attack;
  return { attack: name, promise, at: place.name, breaches, ms: Math.round(performance.now() - startedAt) };
}

/** All rows as a table, each breach below it. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ attack, promise, at, breaches, ms }) => [
    attack,
    at,
    breaches.length === 0 ? "held" : "BROKEN",
    String(ms),
    promise,
  ]);
  const all = [["attack", "at", "", "ms", "what is promised"], ...cells];
  const widths = all.reduce<readonly number[]>((most, row) => row.map((cell, at) => Math.max(most[at] ?? 0, cell.length)), []);
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === 3 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd();
  const broken = rows.filter(({ breaches }) => breaches.length > 0);
  return [
    ...all.map(line),
    "",
    ...broken.flatMap(({ attack, at, breaches }) => [
      `${attack}, ${at}:`,
      ...breaches.slice(0, BREACHES_SHOWN).map((breach) => `  ${breach.slice(0, BREACH_CHARACTERS)}`),
      ...(breaches.length > BREACHES_SHOWN ? [`  and ${breaches.length - BREACHES_SHOWN} more`] : []),
    ]),
    broken.length === 0 ? `all ${rows.length} held` : `${broken.length} of ${rows.length} broken`,
  ].join("\n");
}
