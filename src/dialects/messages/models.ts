/** What a model takes of the Messages API, and what it refuses with a 400. */
export interface ModelTraits {
  /** The most that it answers, tokens; `undefined`: not known. */
  readonly maxOutputTokens: number | undefined;
  /** How it is told to think: not at all, with a budget of tokens (`enabled`), or by itself with an effort (`adaptive`). */
  readonly thinks: "never" | "with_budget" | "adaptively";
  /** Whether it thinks unasked. */
  readonly thinksUnasked: boolean;
  /** The `thinking.type` that keeps it from thinking; `undefined`: nothing does. */
  readonly thinkingOff: "disabled" | "between_tools" | undefined;
  /** The efforts it knows, from the least. */
  readonly efforts: readonly string[];
  /** Which of `temperature`, `top_p` and `top_k` it takes: `one`: not temperature and top_p together; `none`: only what changes nothing. */
  readonly sampling: "all" | "one" | "none";
  /** Whether it has `output_config.format` and strict tools. */
  readonly structured: boolean;
  /** Whether it can be made to call a tool. */
  readonly forcedTools: boolean;
  /** Whether it goes on with an answer whose beginning is the last message. */
  readonly prefill: boolean;
  /** Whether it takes a message of the role `system` behind one of the user's. */
  readonly systemInside: boolean;
}

/** What speaks the Messages API and is no Claude: the plain API, as its first models had it. */
const OTHERS: ModelTraits = {
  maxOutputTokens: undefined,
  thinks: "with_budget",
  thinksUnasked: false,
  thinkingOff: "disabled",
  efforts: [],
  sampling: "all",
  structured: false,
  forcedTools: true,
  prefill: true,
  systemInside: false,
};

const CLAUDE_3: ModelTraits = { ...OTHERS, maxOutputTokens: 4096, thinks: "never", sampling: "one" };
const CLAUDE_3_5: ModelTraits = { ...CLAUDE_3, maxOutputTokens: 8192 };
const CLAUDE_3_7: ModelTraits = { ...OTHERS, maxOutputTokens: 64_000, sampling: "one" };
const CLAUDE_4_5: ModelTraits = { ...CLAUDE_3_7, structured: true };
const CLAUDE_4_6: ModelTraits = {
  ...CLAUDE_4_5,
  maxOutputTokens: 128_000,
  thinks: "adaptively",
  efforts: ["low", "medium", "high", "max"],
  prefill: false,
};
const CLAUDE_4_7: ModelTraits = { ...CLAUDE_4_6, efforts: ["low", "medium", "high", "xhigh", "max"], sampling: "none" };
const CLAUDE_5: ModelTraits = { ...CLAUDE_4_7, thinksUnasked: true };
const ALWAYS_THINKING: ModelTraits = { ...CLAUDE_5, thinkingOff: undefined, forcedTools: false, systemInside: true };

/**
 * The models of a family from a version on (4.6 is 406), the newest first; one that is newer than all of them is taken for the newest. Facts of
 * https://platform.claude.com/docs/en/models (maximum output, thinking), /build-with-claude/effort, /build-with-claude/structured-outputs (from 4.5 on),
 * /build-with-claude/extended-thinking and /adaptive-thinking, /about-claude/models/whats-new-claude-4-6 (no prefill), /models/opus-5-5/migration-guide (thinking
 * always, no forced tools), /models/sonnet-5-5/whats-new-sonnet-5-5 (`between_tools`), /models/haiku-5-5/whats-new-haiku-5-5, /models/fable-5/migration-guide, and
 * /build-with-claude/mid-conversation-system-messages; sampling: the comments of `MessageCreateParams` in @anthropic-ai/sdk; forced tools of Fable and Mythos:
 * github.com/can1357/oh-my-pi, issue 12939.
 */
const FAMILIES: Readonly<Record<string, readonly (readonly [from: number, traits: ModelTraits])[]>> = {
  fable: [[0, ALWAYS_THINKING]],
  mythos: [[0, ALWAYS_THINKING]],
  opus: [
    [505, ALWAYS_THINKING],
    [500, { ...CLAUDE_5, systemInside: true }],
    [408, { ...CLAUDE_4_7, systemInside: true }],
    [407, CLAUDE_4_7],
    [406, CLAUDE_4_6],
    [405, CLAUDE_4_5],
    [400, { ...CLAUDE_3_7, maxOutputTokens: 32_000 }],
    [0, CLAUDE_3],
  ],
  sonnet: [
    [505, { ...ALWAYS_THINKING, thinkingOff: "between_tools" }],
    [500, CLAUDE_5],
    [406, CLAUDE_4_6],
    [405, CLAUDE_4_5],
    [307, CLAUDE_3_7],
    [305, CLAUDE_3_5],
    [0, CLAUDE_3],
  ],
  haiku: [
    [505, { ...CLAUDE_5, systemInside: true }],
    [405, CLAUDE_4_5],
    [305, CLAUDE_3_5],
    [0, CLAUDE_3],
  ],
};

/** `claude-opus-4-6`, `anthropic/claude-opus-4.6`, `us.anthropic.claude-haiku-4-5-20251001-v1:0`: what follows the version is a date or a platform's own. */
const NAME = /claude-([a-z]+)(?:-(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?)?/;

/** Those before the fourth generation: `claude-3-5-sonnet-20241022`. */
const OLD_NAME = /claude-(\d)(?:[-.](\d))?-([a-z]+)/;

/** The traits of a model by its upstream's name for it. */
export function traitsOf(model: string): ModelTraits {
  const name = model.toLowerCase();
  const traits = familyTraits(name);
  // Other platforms, which put their own name before a model's or a date behind it, do not take it.
  const isAnthropics = name.startsWith("claude-") && !name.includes("@");
  return traits.systemInside && !isAnthropics ? { ...traits, systemInside: false } : traits;
}

function familyTraits(name: string): ModelTraits {
  const [, oldMajor, oldMinor, oldFamily] = OLD_NAME.exec(name) ?? [];
  const [, newFamily, newMajor, newMinor] = NAME.exec(name) ?? [];
  const family = oldFamily ?? newFamily;
  if (family === undefined) return name.includes("claude") ? CLAUDE_3 : OTHERS;
  const version = Number(oldMajor ?? newMajor ?? 0) * 100 + Number(oldMinor ?? newMinor ?? 0);
  const versions = Object.hasOwn(FAMILIES, family) ? FAMILIES[family] : undefined;
  // A family that is not known is a newer one. What it refuses is its own to say.
  if (versions === undefined) return family === "instant" || family === "v" ? CLAUDE_3 : { ...CLAUDE_5, forcedTools: true, prefill: true };
  return versions.find(([from]) => version >= from)?.[1] ?? OTHERS;
}
