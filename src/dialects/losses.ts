import type { Untranslatable } from "../core/translation.ts";
import type { Ask, AskedFeature, Feature } from "./conversation.ts";
import type { DialectId } from "./dialect.ts";

/**
 * What becomes of a feature where it is put to an upstream of a dialect. `carried`: it means the same there; `adapted`: it means the same in another form, which
 * the writer tells where it had to; `dropped`: it only tunes or saves, so it is left out and told; `silent`: it is left out, and nobody could notice; `refused`:
 * the answer would be another one than was asked for; `by_value`: the writer takes some of its values and refuses others.
 */
export type Verdict = "carried" | "adapted" | "dropped" | "silent" | "refused" | "by_value";

/** One row of the loss table. */
export interface LossRow {
  /** What it is, for people: the subject of a sentence. */
  readonly what: string;
  readonly chat: Verdict;
  readonly messages: Verdict;
  readonly responses: Verdict;
  readonly gemini: Verdict;
  /** What to do where it is refused. */
  readonly cure?: string;
}

/** A row in the order chat, messages, responses, gemini. */
function row(what: string, verdicts: readonly [Verdict, Verdict, Verdict, Verdict], cure?: string): LossRow {
  const [chat, messages, responses, gemini] = verdicts;
  return { what, chat, messages, responses, gemini, ...(cure === undefined ? {} : { cure }) };
}

/** What is lost on the way to which dialect: the only place that decides it. The tables of docs/translation.md are made of it. */
export const LOSSES: Readonly<Record<Feature, LossRow>> = {
  max_output_tokens: row("the most tokens of the answer", ["adapted", "adapted", "adapted", "carried"]),
  temperature: row("the temperature", ["adapted", "adapted", "adapted", "carried"]),
  top_p: row("top_p", ["adapted", "adapted", "adapted", "carried"]),
  top_k: row("top_k", ["dropped", "adapted", "dropped", "carried"]),
  stop: row("stop sequences", ["adapted", "adapted", "dropped", "adapted"]),
  seed: row("a seed", ["carried", "dropped", "dropped", "carried"]),
  penalties: row("presence and frequency penalties", ["adapted", "dropped", "dropped", "carried"]),
  json_object: row("an answer in JSON of any shape", ["carried", "dropped", "carried", "adapted"]),
  json_schema: row("an answer by a JSON schema", ["carried", "adapted", "carried", "adapted"]),
  thinking: row("how hard the model thinks", ["adapted", "adapted", "adapted", "adapted"]),
  verbosity: row("the verbosity", ["adapted", "dropped", "carried", "dropped"]),
  service_tier: row("a service tier", ["adapted", "dropped", "carried", "dropped"]),
  end_user: row("the end user", ["adapted", "adapted", "adapted", "dropped"]),
  metadata: row("metadata", ["dropped", "dropped", "carried", "dropped"]),
  prompt_cache_key: row("a prompt cache key", ["adapted", "dropped", "carried", "dropped"]),
  parallel_calls: row("whether calls come one at a time", ["carried", "carried", "carried", "dropped"]),
  allowed_tools: row("a choice among the tools", ["carried", "carried", "carried", "carried"]),
  tool_strict: row("strict arguments of a tool", ["carried", "adapted", "carried", "dropped"]),
  freeform_tool: row("a tool that takes plain text", ["adapted", "adapted", "carried", "adapted"]),

  system_inside: row("a system text inside the conversation", ["carried", "adapted", "carried", "adapted"]),
  assistant_first: row(
    "a conversation that the assistant begins",
    ["carried", "refused", "carried", "refused"],
    "begin with a message of the user's",
  ),
  prefill: row("the beginning of the answer", ["carried", "by_value", "adapted", "carried"]),
  image: row("an image", ["carried", "carried", "carried", "by_value"]),
  image_address: row("an image by its address", ["carried", "carried", "carried", "by_value"]),
  image_detail: row("how closely an image is looked at", ["carried", "dropped", "carried", "dropped"]),
  document: row("a document", ["carried", "carried", "carried", "by_value"]),
  document_address: row("a document by its address", ["refused", "carried", "carried", "by_value"], "send its bytes"),
  provider_file: row(
    "a file that lies with a provider",
    ["refused", "refused", "refused", "refused"],
    "send its bytes: the id means nothing elsewhere",
  ),
  audio_input: row("audio", ["carried", "refused", "carried", "carried"]),
  result_image: row("an image in a tool's result", ["adapted", "carried", "carried", "by_value"]),
  result_document: row("a document in a tool's result", ["adapted", "carried", "carried", "by_value"]),
  failed_result: row("that a tool failed", ["dropped", "carried", "dropped", "carried"]),
  refusal_part: row("that an earlier answer was a refusal", ["carried", "silent", "carried", "silent"]),
  speaker_name: row("a speaker's name", ["carried", "silent", "silent", "silent"]),
  citations: row("citations", ["dropped", "carried", "dropped", "dropped"]),

  choices: row("several answers to one request", ["carried", "refused", "refused", "refused"], "ask for one"),
  logprobs: row("probabilities of tokens", ["refused", "refused", "refused", "refused"]),
  logit_bias: row("a bias of tokens", ["carried", "dropped", "dropped", "dropped"]),
  audio_output: row("an answer in audio", ["carried", "refused", "refused", "refused"]),
  image_output: row("images in the answer", ["refused", "refused", "refused", "refused"]),
  prediction: row("a predicted answer", ["carried", "dropped", "dropped", "dropped"]),
  hosted_tool: row(
    "a tool that the provider runs",
    ["refused", "refused", "refused", "refused"],
    "leave it out, or name a target whose provider has it",
  ),
  freeform_grammar: row("the grammar of a tool that takes plain text", ["dropped", "dropped", "carried", "dropped"]),
  state: row(
    "a conversation that lies with the provider",
    ["refused", "refused", "refused", "refused"],
    "send its items, and store: false",
  ),
  store: row("whether the answer is stored", ["silent", "silent", "silent", "silent"]),
  cache_hint: row("what is to be cached", ["dropped", "carried", "dropped", "dropped"]),
  truncation: row("that a conversation too long is cut", ["dropped", "dropped", "dropped", "dropped"]),
  inference_region: row(
    "where the model runs",
    ["refused", "refused", "refused", "refused"],
    "leave it out, or name a target that runs there",
  ),
  unknown_member: row("a parameter that is not known here", ["dropped", "dropped", "dropped", "dropped"]),
  unknown_part: row("a content that is not known here", ["refused", "refused", "refused", "refused"]),
};

/** What the loss table says of a request. */
export interface Judgement {
  readonly refused: readonly Untranslatable[];
  /** The places in the request, as its caller knows them, that are left out and told. */
  readonly dropped: readonly string[];
}

/** Judges what a request asks for by the loss table. `losses`: whether what would be dropped is refused instead. */
export function judge({ asked }: Pick<Ask, "asked">, to: DialectId, losses: "told" | "refused"): Judgement {
  const refused: Untranslatable[] = [];
  const dropped = new Set<string>();
  for (const each of asked) {
    const verdict = LOSSES[each.feature][to];
    if (verdict === "refused" || (verdict === "dropped" && losses === "refused")) refused.push(refusalOf(each, to));
    else if (verdict === "dropped") dropped.add(each.param);
  }
  return { refused, dropped: [...dropped] };
}

function refusalOf({ feature, param, called }: AskedFeature, to: DialectId): Untranslatable {
  const { what, cure } = LOSSES[feature];
  const named = called === undefined ? param : `${called}, ${param}`;
  return { param, message: `${what} (${named}) cannot be put to a target that speaks ${to}${cure === undefined ? "" : `; ${cure}`}` };
}
