import { objectOf, parseForeign, textOf } from "../../core/json/foreign-json.ts";

/** Who a `metadata.user_id` names. */
export interface NamedUser {
  readonly user: string;
  readonly session?: string;
}

/** Claude Code until 2.1.77: `user_HASH_account_UUID_session_UUID`. */
const JOINED = /^(user_.+)_session_([^_]+)$/;

/**
 * Reads a `metadata.user_id`. Claude Code puts its session into it, joined to the user or, from 2.1.78 on, in JSON beside `account_uuid` and `device_id`; taken as
 * it stands each session would be another user. Anybody else's is the user.
 */
export function readUserId(userId: string): NamedUser {
  const [, joinedUser, joinedSession] = JOINED.exec(userId) ?? [];
  if (joinedUser !== undefined && joinedSession !== undefined) return { user: joinedUser, session: joinedSession };
  if (!userId.startsWith("{")) return { user: userId };
  const parts = objectOf(parseForeign(userId));
  const session = textOf(parts["session_id"]);
  const user = textOf(parts["account_uuid"]) ?? textOf(parts["device_id"]) ?? userId;
  return session === undefined ? { user: userId } : { user, session };
}
