import type { FinishReason } from "../answer-event.ts";
import type { AnswerEnd } from "../ordered-event.ts";

/**
 * Anthropic's reasons to stop: https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons. `pause_turn` is a turn of tools that the provider runs,
 * which nobody else can take up again.
 */
const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["pause_turn", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "calls"],
  ["refusal", "filtered"],
]);

/** What a `stop_reason` means; one that is not known yet is an end like any other. */
export function readStopReason(word: string): FinishReason {
  return REASONS.get(word) ?? "stop";
}

/** The `stop_reason` of an answer's end. */
export function writeStopReason({ reason, stopSequence }: AnswerEnd): string {
  switch (reason) {
    case "stop":
      return stopSequence === undefined ? "end_turn" : "stop_sequence";
    case "length":
      return "max_tokens";
    case "calls":
      return "tool_use";
    case "filtered":
      return "refusal";
  }
}
