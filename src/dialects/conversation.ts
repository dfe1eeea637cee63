import type { Grammar } from "./freeform.ts";
import type { Seal } from "./seal.ts";

/**
 * What a caller asks of a model, in no dialect's words: a dialect's ask-reader makes it of a request, its ask-writer makes a request of it. A member that is
 * `undefined` was not asked for.
 */
export interface Ask {
  readonly stream: boolean;
  /** What the model is told before the conversation, in its order. */
  readonly system: readonly SystemText[];
  /** Adjacent turns are of different roles; none is empty. */
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | undefined;
  /** The only tools that may be called now, of those declared. */
  readonly allowedTools: readonly string[] | undefined;
  /** `false`: one call at a time. */
  readonly parallelCalls: boolean | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly topK: number | undefined;
  readonly stop: readonly string[] | undefined;
  readonly seed: number | undefined;
  readonly presencePenalty: number | undefined;
  readonly frequencyPenalty: number | undefined;
  readonly format: Format | undefined;
  readonly thinking: Thinking | undefined;
  readonly verbosity: string | undefined;
  readonly serviceTier: string | undefined;
  readonly endUser: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly promptCacheKey: string | undefined;
  /**
   * Everything that the request asks for and that is not the same everywhere, by the name that the loss table has for it, with the place in the request as its
   * caller knows it: `["stop", "stop_sequences"]`, `["image_address", "messages.2.content.0"]`. A feature stands once for each place.
   */
  readonly asked: readonly AskedFeature[];
}

/** A feature of the loss table and where it was asked for. */
export interface AskedFeature {
  readonly feature: Feature;
  readonly param: string;
  /** What it is called there, where the place alone says little: `web_search` at `tools.1`. */
  readonly called?: string;
}

/** A text for the model's ears. */
export interface SystemText {
  readonly text: string;
  /** How many turns stand before it; 0: it begins the conversation, as most do. */
  readonly afterTurns: number;
}

/** One side's say. */
export interface Turn {
  readonly role: "user" | "assistant";
  readonly parts: readonly Part[];
}

/** A piece of a turn. */
export type Part = TextPart | ImagePart | DocumentPart | AudioPart | ThoughtPart | CallPart | ResultPart;

/** Words. `refusal`: those in which a model said no. */
export interface TextPart {
  readonly kind: "text" | "refusal";
  /** Never empty. */
  readonly text: string;
}

/** Where the bytes of an attachment are: in the request as base64, at an address, or with the provider. */
export type Source =
  | { readonly at: "here"; readonly mediaType: string; readonly base64: string }
  | { readonly at: "address"; readonly url: string; readonly mediaType?: string }
  | { readonly at: "provider"; readonly fileId: string };

export interface ImagePart {
  readonly kind: "image";
  readonly source: Source;
  /** How closely the model is to look, in OpenAI's words: `low`, `high`, `auto`. */
  readonly detail?: string;
}

export interface DocumentPart {
  readonly kind: "document";
  readonly source: Source;
  readonly filename?: string;
}

export interface AudioPart {
  readonly kind: "audio";
  readonly base64: string;
  /** `wav`, `mp3`. */
  readonly format: string;
}

/** What the model thought before it spoke. Its text may be empty where there is a seal. */
export interface ThoughtPart {
  readonly kind: "thought";
  readonly text: string;
  /** The provider's own proof or cipher of it; `undefined`: it had none. */
  readonly seal: Seal | undefined;
}

/** A call of a tool that the model makes. */
export interface CallPart {
  readonly kind: "call";
  readonly id: string;
  readonly name: string;
  /** As the model wrote them: mostly the JSON of an object, `""` where it wrote none, a plain text where the tool takes one (`freeform`). */
  readonly args: string;
  /** The proof that some providers put on a call itself. */
  readonly seal: Seal | undefined;
  /** Left out: JSON. */
  readonly takes?: "freeform";
}

/** What a tool gave back. */
export interface ResultPart {
  readonly kind: "result";
  readonly callId: string;
  readonly parts: readonly (TextPart | ImagePart | DocumentPart)[];
  readonly failed: boolean;
}

/** A tool that the caller runs. */
export interface Tool {
  readonly name: string;
  readonly description: string | undefined;
  /** JSON schema of its arguments; `undefined`: none was given, or it takes no JSON. */
  readonly schema: unknown;
  readonly strict: boolean | undefined;
  /** `freeform`: it takes a plain text and no JSON. */
  readonly takes: "json" | "freeform";
  /** What form that text has, where it was said. */
  readonly grammar?: Grammar;
}

/** Whether tools are to be called. */
export type ToolChoice = "auto" | "none" | "required" | { readonly tool: string };

/** What the answer is to look like. */
export type Format =
  | { readonly kind: "json" }
  | {
      readonly kind: "schema";
      readonly name: string;
      readonly description: string | undefined;
      readonly schema: unknown;
      readonly strict: boolean | undefined;
    };

/** How hard the model is to think: callers say an effort or a number of tokens, never both. */
export type Thinking =
  | { readonly kind: "off" }
  | {
      readonly kind: "on";
      readonly effort: string | undefined;
      readonly budgetTokens: number | undefined;
      /** Whether the caller wants to read it: `reasoning.summary`, `includeThoughts`, `thinking.display`. */
      readonly shown: boolean;
    };

/**
 * What a request may ask for that another dialect may not have, one word for each row of the loss table. Those of `Ask`'s own members carry their
 * value there; the others are only known to have been asked for.
 */
export const FEATURES = [
  // Members of Ask.
  "max_output_tokens",
  "temperature",
  "top_p",
  "top_k",
  "stop",
  "seed",
  "penalties",
  "json_object",
  "json_schema",
  "thinking",
  "verbosity",
  "service_tier",
  "end_user",
  "metadata",
  "prompt_cache_key",
  "parallel_calls",
  "allowed_tools",
  "tool_strict",
  "freeform_tool",
  // Parts of the conversation.
  "system_inside",
  "assistant_first",
  "prefill",
  "image",
  "image_address",
  "image_detail",
  "document",
  "document_address",
  "provider_file",
  "audio_input",
  "result_image",
  "result_document",
  "failed_result",
  "refusal_part",
  "speaker_name",
  "citations",
  // What has no neutral word.
  "choices",
  "logprobs",
  "logit_bias",
  "audio_output",
  "image_output",
  "prediction",
  "hosted_tool",
  "freeform_grammar",
  "state",
  "store",
  "cache_hint",
  "truncation",
  "inference_region",
  "unknown_member",
  "unknown_part",
] as const;
export type Feature = (typeof FEATURES)[number];
