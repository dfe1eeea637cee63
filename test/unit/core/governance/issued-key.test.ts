import { describe, expect, test } from "vitest";
import { carryOut } from "../../../../src/core/governance/carry-out.ts";
import {
  type IssuedKey,
  isKeyId,
  judgeKey,
  keyIdOf,
  type KeyPower,
  type KeyScope,
  mayGive,
  newKeyId,
  writeIssuedKey,
} from "../../../../src/core/governance/issued-key.ts";
import { bearsGatewayKey, gatewayKeysIn, isGatewayKey } from "../../../../src/core/secrets/gateway-key.ts";
import { literalKeysIn } from "../../../../src/core/secrets/literal-key.ts";

const SETTINGS = { name: "n", plan: null, team: null, owner: null, metadata: {}, scopes: ["call"], expiresAtMs: null, limits: {} } as const;

const KEY: IssuedKey = {
  ...SETTINGS,
  id: "kaaaaaaaaaaaa",
  rev: 1,
  createdAtMs: 0,
  changedAtMs: 0,
  revokedAtMs: null,
  secrets: [{ digest: "new", endsAtMs: null }],
};

describe("a presented secret", () => {
  const rotated = [
    { digest: "new", endsAtMs: null },
    { digest: "old", endsAtMs: 100 },
  ];
  const FACTS: readonly (readonly [string, Partial<IssuedKey>, string, number, ReturnType<typeof judgeKey>])[] = [
    ["of the key is accepted", {}, "new", 0, "accepted"],
    ["of none is wrong", {}, "other", 0, "wrong_secret"],
    ["that begins as the right one is wrong", {}, "newer", 0, "wrong_secret"],
    ["that the right one begins with is wrong", {}, "ne", 0, "wrong_secret"],
    ["is accepted until the millisecond before the end", { expiresAtMs: 100 }, "new", 99, "accepted"],
    ["is expired from the end on", { expiresAtMs: 100 }, "new", 100, "expired"],
    ["before the last rotation is accepted during the overlap", { secrets: rotated }, "old", 99, "accepted"],
    ["before the last rotation is expired after it", { secrets: rotated }, "old", 100, "expired"],
    ["of a rotated key is accepted after the overlap", { secrets: rotated }, "new", 100, "accepted"],
    ["of a revoked key is revoked, expired or not", { revokedAtMs: 1, expiresAtMs: 2 }, "new", 3, "revoked"],
    ["that is wrong says nothing of a revoked key", { revokedAtMs: 1 }, "other", 3, "wrong_secret"],
  ];

  test.each(FACTS)("%s", (...[, changes, digest, nowMs, verdict]) => {
    expect(judgeKey({ ...KEY, ...changes }, digest, nowMs)).toBe(verdict);
  });
});

describe("an order", () => {
  const rotate = (digest: string, overlapMs: number) => ({ kind: "rotate", id: KEY.id, digest, overlapMs }) as const;

  test("to rotate keeps two secrets, and lengthens no overlap", () => {
    const first = carryOut(rotate("second", 50), KEY, null, 100);
    expect(first.ok && first.value.secrets).toEqual([
      { digest: "second", endsAtMs: null },
      { digest: "new", endsAtMs: 150 },
    ]);
    const second = carryOut(rotate("third", 1_000), { ...KEY, ...(first.ok ? first.value : {}) }, null, 110);
    expect(second.ok && second.value.secrets).toEqual([
      { digest: "third", endsAtMs: null },
      { digest: "second", endsAtMs: 1_110 },
    ]);
  });

  test("to change leaves what is undefined as it is, and takes null", () => {
    const changed = carryOut({ kind: "change", id: KEY.id, change: { plan: "p", team: undefined } }, { ...KEY, team: "t" }, null, 5);
    expect(changed.ok && [changed.value.plan, changed.value.team, changed.value.changedAtMs]).toEqual(["p", "t", 5]);
    const back = carryOut({ kind: "change", id: KEY.id, change: { plan: null } }, { ...KEY, plan: "p" }, null, 6);
    expect(back.ok && back.value.plan).toBeNull();
  });

  test("to revoke twice keeps the first time", () => {
    const twice = carryOut({ kind: "revoke", id: KEY.id }, { ...KEY, revokedAtMs: 7 }, null, 9);
    expect(twice.ok && twice.value.revokedAtMs).toBe(7);
  });

  test.each([
    [{ kind: "create", id: KEY.id, digest: "d", settings: SETTINGS }, KEY, "taken"],
    [{ kind: "revoke", id: KEY.id }, undefined, "unknown_key"],
    [rotate("d", 0), { ...KEY, revokedAtMs: 1 }, "revoked"],
    [{ kind: "change", id: KEY.id, change: {} }, { ...KEY, revokedAtMs: 1 }, "revoked"],
  ] as const)("that cannot be carried out says why", (order, known, fault) => {
    expect(carryOut(order, known, null, 0)).toEqual({ ok: false, error: fault });
  });
});

const CALL: KeyScope[] = ["call"];

const POWER: KeyPower = { scopes: ["keys", "call"], plan: null, expiresAtMs: null, limits: {} };
const GIVEN: KeyPower = { ...POWER, scopes: CALL };

test.each<readonly [Partial<KeyPower>, Partial<KeyPower>, boolean]>([
  [{}, {}, true],
  [{}, { plan: "p", expiresAtMs: 1, limits: { max_concurrent: 1 } }, true],
  [{ scopes: ["keys"] }, {}, false],
  [{ plan: "p" }, { plan: "p" }, true],
  [{ plan: "p" }, {}, false],
  [{ plan: "p" }, { plan: "q" }, false],
  [{ expiresAtMs: 5 }, { expiresAtMs: 5 }, true],
  [{ expiresAtMs: 5 }, { expiresAtMs: 6 }, false],
  [{ expiresAtMs: 5 }, {}, false],
  [{ limits: { usd_per_month: 5 } }, { limits: { usd_per_month: 5, max_concurrent: 9 } }, true],
  [{ limits: { usd_per_month: 5 } }, { limits: { usd_per_month: 5.01 } }, false],
  [{ limits: { usd_per_month: 5 } }, { limits: { max_concurrent: 9 } }, false],
])("a key with %j gives %j: %s", (giver, given, may) => {
  expect(mayGive({ ...POWER, ...giver }, { ...GIVEN, ...given })).toBe(may);
});

describe("the form of an issued key", () => {
  let drawn = 0;
  const id = newKeyId((total) => (drawn += 7) % total);
  const key = writeIssuedKey(id, "s".repeat(43));

  test("is that of every gateway key: it is known, kept from upstreams, redacted and refused in files as those are", () => {
    expect(isKeyId(id)).toBe(true);
    expect(keyIdOf(key)).toBe(id);
    expect([
      isGatewayKey(key),
      bearsGatewayKey(`Bearer ${key}`),
      bearsGatewayKey(`Basic ${btoa(`x:${key}`)}`),
      literalKeysIn(key).length === 1,
    ]).toEqual([true, true, true, true]);
    expect(gatewayKeysIn(`say ${key}.`)).toEqual([{ start: 4, end: 4 + key.length }]);
  });

  test.each([
    ["to11_test-key-of-the-gateway-000000000000001"],
    [key.slice(0, -1)],
    [`${key}x`],
    [key.replace("to11_k", "to11_K")],
    [key.replace("to11_k", "to11_x")],
  ])("is not that of %s", (other) => {
    expect(keyIdOf(other)).toBeUndefined();
  });
});
