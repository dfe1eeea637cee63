import { expect, test } from "vitest";
import { readUserId } from "../../../../src/dialects/messages/user-id.ts";

const HASH = "user_0f3a_account_7c1e-11";
const SESSION = "57a121ec-f78c-48c3-a745-e3036a3ecc33";
const json = (parts: object) => JSON.stringify(parts);

test.each([
  ["anybody's", "u-1", { user: "u-1" }],
  ["Claude Code's of old", `${HASH}_session_${SESSION}`, { user: HASH, session: SESSION }],
  ["Claude Code's without an account", `user_0f3a_account__session_${SESSION}`, { user: "user_0f3a_account_", session: SESSION }],
  ["Claude Code's", json({ device_id: "d", account_uuid: "a", session_id: SESSION }), { user: "a", session: SESSION }],
  ["Claude Code's by device", json({ device_id: "d", account_uuid: "", session_id: SESSION }), { user: "d", session: SESSION }],
  ["JSON of another kind", json({ id: 7 }), { user: '{"id":7}' }],
  ["no JSON", "{nonsense", { user: "{nonsense" }],
  ["no user", `_session_${SESSION}`, { user: `_session_${SESSION}` }],
])("%s", (_whose, userId, expected) => {
  expect(readUserId(userId)).toEqual(expected);
});
