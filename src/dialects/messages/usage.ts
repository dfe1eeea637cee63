import { arrayOf, type ForeignObject, objectOf } from "../../core/json/foreign-json.ts";
import type { Usage, UsageReader } from "../../core/usage/usage.ts";

/** Iterations that the answering model itself made. An `advisor_message` is another model's, told apart at another price. */
const OWN_ITERATIONS: ReadonlySet<unknown> = new Set(["message", "compaction"]);

/**
 * The usage object of Anthropic's Messages, whose `input_tokens` leaves out what came from the cache or went into it. It tells only the model's last stretch of
 * work where the conversation was compacted before: the whole is the sum of the `iterations`. Where another model took over (`fallback_message`) it is
 * that model's, and right. https://platform.claude.com/docs/en/build-with-claude/compaction
 */
export const messagesUsage: UsageReader = {
  pick(usage) {
    const iterations = arrayOf(usage["iterations"]).map(objectOf);
    const tookOver = iterations.some(({ type }) => type === "fallback_message");
    const own = tookOver ? [] : iterations.filter(({ type }) => OWN_ITERATIONS.has(type));
    return {
      ...counted(usage),
      ...own.map(counted).reduce(sum, {}),
      thinking: objectOf(usage["output_tokens_details"])["thinking_tokens"],
    };
  },
  usageOf({ input, read, written, writtenLong, output, thinking }) {
    return {
      input_tokens: input === undefined ? null : input + (read ?? 0) + (written ?? 0),
      cached_input_tokens: read ?? null,
      cache_write_tokens: written ?? null,
      cache_write_1h_tokens: writtenLong === undefined ? null : Math.min(writtenLong, written ?? 0),
      output_tokens: output ?? null,
      reasoning_tokens: thinking ?? null,
    };
  },
};

/** Usage as a message tells it. Its clients need numbers: what is not known is 0. */
export function writeUsage(usage: Usage): object {
  const read = usage.cached_input_tokens ?? 0;
  const written = usage.cache_write_tokens ?? 0;
  return {
    input_tokens: Math.max(0, (usage.input_tokens ?? 0) - read - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    output_tokens: usage.output_tokens ?? 0,
    ...(usage.reasoning_tokens === null ? {} : { output_tokens_details: { thinking_tokens: usage.reasoning_tokens } }),
  };
}

type Picked = Readonly<Record<string, unknown>>;

function counted(usage: ForeignObject): Picked {
  return {
    input: usage["input_tokens"],
    read: usage["cache_read_input_tokens"],
    written: usage["cache_creation_input_tokens"],
    writtenLong: objectOf(usage["cache_creation"])["ephemeral_1h_input_tokens"],
    output: usage["output_tokens"],
  };
}

/** Counter by counter; what neither tells is left out. */
function sum(left: Picked, right: Picked): Picked {
  const names = Object.keys(right).filter((name) => typeof left[name] === "number" || typeof right[name] === "number");
  return Object.fromEntries(names.map((name) => [name, numberOf(left[name]) + numberOf(right[name])]));
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
