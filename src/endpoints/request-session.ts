import type { RequestFacts } from "../core/endpoint.ts";
import { objectOf, textOf } from "../core/json/foreign-json.ts";
import { type JsonMember, stringOf, valueOf } from "../core/json/json-members.ts";
import { readUserId } from "../dialects/messages/user-id.ts";

/**
 * Which session and conversation a request's body names: Claude Code's in `metadata.user_id`, `prompt_cache_key` (Codex and others give each session its own),
 * `conversation` of Responses, an id or an object with one.
 */
export function readSession(members: readonly JsonMember[]): Pick<RequestFacts, "session" | "conversation"> {
  const userId = textOf(objectOf(valueOf(members, "metadata"))["user_id"]);
  const given = valueOf(members, "conversation");
  const conversation = textOf(given) ?? textOf(objectOf(given)["id"]);
  const named = userId === undefined ? undefined : readUserId(userId).session;
  const session = named ?? textOf(stringOf(members, "prompt_cache_key")) ?? conversation;
  return { ...(session === undefined ? {} : { session }), ...(conversation === undefined ? {} : { conversation }) };
}
