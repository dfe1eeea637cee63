import { beforeEach, describe, expect, test } from "vitest";
import type { IssuedKey } from "../../../../src/core/governance/issued-key.ts";
import { writeIssuedKey } from "../../../../src/core/governance/issued-key.ts";
import { KeyCache } from "../../../../src/platform/governor/key-cache.ts";
import { recordKey, writeRecord } from "../../../../src/platform/governor/key-record.ts";
import { digestText } from "../../../../src/web/secret-digest.ts";

const HOUR_MS = 3_600_000;

let nowMs: number;
let heardAtMs: number;
let reads: string[];
let values: Map<string, string>;
let cache: KeyCache;

beforeEach(() => {
  nowMs = 10 * HOUR_MS;
  heardAtMs = -Infinity;
  reads = [];
  values = new Map();
  cache = new KeyCache({
    kv: {
      async get(key) {
        reads.push(key);
        return values.get(key) ?? null;
      },
    },
    ask: () => Promise.resolve(null),
    heardAtMs: () => heardAtMs,
    now: () => nowMs,
    sleep: (_ms, signal) => new Promise((resolve) => signal?.addEventListener("abort", () => resolve())),
  });
});

function idOf(number: number): string {
  return `k${String(number).padStart(12, "0")}`;
}

function secretOf(number: number): string {
  return writeIssuedKey(idOf(number), "s".repeat(43));
}

async function keyOf(number: number, changes: Partial<IssuedKey> = {}): Promise<IssuedKey> {
  return {
    id: idOf(number),
    rev: number,
    name: "n",
    plan: null,
    team: null,
    owner: null,
    metadata: {},
    scopes: ["call"],
    limits: {},
    createdAtMs: 0,
    changedAtMs: 0,
    expiresAtMs: null,
    revokedAtMs: null,
    secrets: [{ digest: await digestText(secretOf(number)), endsAtMs: null }],
    ...changes,
  };
}

describe("what an isolate remembers of keys", () => {
  test("is read once, and serves as long as the governor tells what changes", async () => {
    values.set(recordKey("p", idOf(1)), writeRecord(await keyOf(1)));
    for (let minute = 0; minute < 10; minute += 1) {
      nowMs += 60_000;
      heardAtMs = nowMs;
      expect((await cache.find("p", secretOf(1))).kind).toBe("accepted");
    }
    expect(reads).toHaveLength(1);
  });

  test("is read again after a minute without the governor, and an older record does not take the place of a newer", async () => {
    values.set(recordKey("p", idOf(1)), writeRecord(await keyOf(1, { rev: 4 })));
    cache.learn("p", await keyOf(1, { rev: 5, revokedAtMs: 1 }));
    nowMs += 59_999;
    expect([(await cache.find("p", secretOf(1))).kind, reads.length]).toEqual(["revoked", 0]);
    nowMs += 1;
    expect([(await cache.find("p", secretOf(1))).kind, reads.length]).toEqual(["revoked", 1]);
  });

  test("are 10,000 records at most; one that changed lately stays, for KV may tell the one before it", async () => {
    const key = await keyOf(0);
    cache.learn("p", { ...key, changedAtMs: nowMs - 1, revokedAtMs: 1 });
    for (let number = 1; number <= 10_000; number += 1) cache.learn("p", { ...key, id: idOf(number) });
    values.set(recordKey("p", idOf(0)), writeRecord(key));
    expect((await cache.find("p", secretOf(0))).kind).toBe("revoked");
    expect(reads).toEqual([]);
    expect((await cache.find("p", secretOf(1))).kind).toBe("unknown");
    expect(reads).toEqual([recordKey("p", idOf(1))]);
  });

  test("are 256 ids without a key at most, each for 30 s, and not a moment longer than the governor tells of one", async () => {
    for (let number = 0; number <= 256; number += 1) await cache.find("p", secretOf(number));
    reads = [];
    for (const number of [256, 2, 1]) await cache.find("p", secretOf(number));
    expect(reads).toEqual([]);
    await cache.find("p", secretOf(0));
    expect(reads).toEqual([recordKey("p", idOf(0))]);
    cache.learn("p", await keyOf(256));
    expect((await cache.find("p", secretOf(256))).kind).toBe("accepted");
    nowMs += 30_000;
    await cache.find("p", secretOf(2));
    expect(reads).toEqual([recordKey("p", idOf(0)), recordKey("p", idOf(2))]);
  });

  test.each([
    ["no JSON", "{"],
    ["of another form", '{"id":"k000000000001"}'],
    ["another key's", undefined],
  ])("is nothing of a record that is %s", async (_what, record) => {
    values.set(recordKey("p", idOf(1)), record ?? writeRecord(await keyOf(2)));
    expect((await cache.find("p", secretOf(1))).kind).toBe("unknown");
  });

  test("is of one project: the same id of another is another key", async () => {
    cache.learn("p", await keyOf(1));
    expect((await cache.find("q", secretOf(1))).kind).toBe("unknown");
  });
});
