import { objectOf } from "../../src/core/json/foreign-json.ts";
import type { ChangedAsk } from "../../src/core/translation.ts";
import type { Ask, Part, Tool, Turn } from "../../src/dialects/conversation.ts";
import { messages } from "../../src/dialects/messages/index.ts";
import { NOTHING_ASKED } from "./conversations.ts";

// Requests that are written for Anthropic, and what becomes of them.

export const PLAIN = "plain-model";
export const BUDGETED = "claude-sonnet-4-5";
export const ADAPTIVE = "claude-opus-4-8";
export const OLD = "claude-3-5-sonnet-20241022";

export const user = (...parts: readonly Part[]): Turn => ({ role: "user", parts });
export const assistant = (...parts: readonly Part[]): Turn => ({ role: "assistant", parts });
export const text = (words: string): Part => ({ kind: "text", text: words });
export const call = (id: string, name = "f", args = "{}"): Part => ({ kind: "call", id, name, args, seal: undefined });
export const result = (callId: string, words = "ok"): Part => ({
  kind: "result",
  callId,
  parts: [{ kind: "text", text: words }],
  failed: false,
});
export const thought = (words: string, dialect: string | undefined, kind: "proof" | "cipher" = "proof"): Part => ({
  kind: "thought",
  text: words,
  seal: dialect === undefined ? undefined : { dialect, kind, value: "EqQB" },
});
export const tool = (name: string, more: Partial<Tool> = {}): Tool => ({
  name,
  description: undefined,
  schema: { type: "object", properties: {} },
  strict: undefined,
  takes: "json",
  ...more,
});

const HELLO: Ask = { ...NOTHING_ASKED, turns: [user(text("Hello."))], maxOutputTokens: 10_000 };
export const FUNCTION = { name: "f", input_schema: { type: "object", properties: {} } };

export interface Sent {
  readonly body: Readonly<Record<string, unknown>>;
  readonly adapted: readonly string[];
  readonly changed: ChangedAsk | undefined;
}

export function sent(ask: Partial<Ask>, model = PLAIN, maxOutputTokens?: number): Sent {
  const written = messages.writeAsk({ ...HELLO, ...ask }, { model, maxOutputTokens, streamUsage: true });
  if (!written.ok) throw new Error(written.error.message);
  const { body, adapted, changed } = written.value;
  return { body: objectOf(body), adapted, changed };
}

export function refusal(ask: Partial<Ask>, model = PLAIN): string {
  const written = messages.writeAsk({ ...HELLO, ...ask }, { model, maxOutputTokens: undefined, streamUsage: true });
  return written.ok ? "written" : `${written.error.param}: ${written.error.message}`;
}

/** What a request's messages are. */
export function said(turns: readonly Turn[], model = PLAIN, more: Partial<Ask> = {}): unknown {
  return sent({ turns, ...more }, model).body["messages"];
}
