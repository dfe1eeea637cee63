import type { AuthForm, ProviderType } from "../core/routing/provider-type.ts";
import { BEARER, OPENAI_PATHS } from "./openai.ts";

const CHAT = "/v1/chat/completions";
const COMPLETIONS = "/v1/completions";
const RESPONSES = "/v1/responses";
const MESSAGES = "/v1/messages";
const COUNT_TOKENS = "/v1/messages/count_tokens";
const EMBEDDINGS = "/v1/embeddings";
const SPEECH = "/v1/audio/speech";
const TRANSCRIPTIONS = "/v1/audio/transcriptions";
const TRANSLATIONS = "/v1/audio/translations";
const IMAGES = "/v1/images/generations";

interface Row {
  readonly id: string;
  /** The address, or an example of it where every account has its own. */
  readonly base: string | { readonly example: string };
  readonly speaks: readonly string[];
  /** Left out: nothing. */
  readonly others?: readonly string[];
  /** Left out: bearer. */
  readonly auth?: AuthForm;
  /** Left out: its id. */
  readonly otelName?: string;
  /** Left out: it takes `stream_options.include_usage`. */
  readonly streamUsage?: false;
}

const NO_KEY: AuthForm = { place: "none" };

/** Providers that copy OpenAI's API, each with the page that says so. */
const ROWS: readonly Row[] = [
  // console.groq.com/docs/openai
  {
    id: "groq",
    base: "https://api.groq.com/openai/v1",
    speaks: [CHAT, RESPONSES, SPEECH, TRANSCRIPTIONS, TRANSLATIONS],
    others: ["files", "batches"],
  },
  // docs.mistral.ai/api: usage always ends a stream, and `stream_options` is refused with 422 as an unknown field
  {
    id: "mistral",
    base: "https://api.mistral.ai/v1",
    speaks: [CHAT, EMBEDDINGS, TRANSCRIPTIONS],
    others: ["files", "batch", "fine_tuning", "moderations"],
    otelName: "mistral_ai",
    streamUsage: false,
  },
  // api-docs.deepseek.com
  { id: "deepseek", base: "https://api.deepseek.com/v1", speaks: [CHAT] },
  // docs.together.ai/docs/openai-api-compatibility
  {
    id: "together",
    base: "https://api.together.xyz/v1",
    speaks: [CHAT, COMPLETIONS, EMBEDDINGS, SPEECH, TRANSCRIPTIONS, TRANSLATIONS, IMAGES],
    others: ["files", "fine-tunes", "batches", "rerank"],
  },
  // docs.fireworks.ai/tools-sdks/openai-compatibility
  { id: "fireworks", base: "https://api.fireworks.ai/inference/v1", speaks: [CHAT, COMPLETIONS, RESPONSES, EMBEDDINGS] },
  // openrouter.ai/docs/api-reference/overview
  { id: "openrouter", base: "https://openrouter.ai/api/v1", speaks: [CHAT, COMPLETIONS, RESPONSES, MESSAGES, EMBEDDINGS] },
  // docs.x.ai/api-reference
  { id: "xai", base: "https://api.x.ai/v1", speaks: [CHAT, RESPONSES, IMAGES], others: ["responses"], otelName: "x_ai" },
  // docs.perplexity.ai/docs/sonar/openai-compatibility: no version in the path; usage comes with every chunk
  { id: "perplexity", base: "https://api.perplexity.ai", speaks: [CHAT], streamUsage: false },
  // inference-docs.cerebras.ai/resources/openai
  { id: "cerebras", base: "https://api.cerebras.ai/v1", speaks: [CHAT, COMPLETIONS] },
  // docs.api.nvidia.com/nim/reference
  { id: "nvidia", base: "https://integrate.api.nvidia.com/v1", speaks: [CHAT, COMPLETIONS, EMBEDDINGS] },
  // docs.sambanova.ai/docs/en/features/openai-compatibility
  { id: "sambanova", base: "https://api.sambanova.ai/v1", speaks: [CHAT, EMBEDDINGS, TRANSCRIPTIONS, TRANSLATIONS] },
  // deepinfra.com/docs/openai_api
  {
    id: "deepinfra",
    base: "https://api.deepinfra.com/v1/openai",
    speaks: [CHAT, COMPLETIONS, EMBEDDINGS, SPEECH, TRANSCRIPTIONS, TRANSLATIONS, IMAGES],
  },
  // platform.moonshot.ai/docs/api/chat
  { id: "moonshot", base: "https://api.moonshot.ai/v1", speaks: [CHAT] },
  // docs.cohere.com/docs/compatibility-api: `stream_options` is not among the parameters it takes
  { id: "cohere", base: "https://api.cohere.ai/compatibility/v1", speaks: [CHAT, EMBEDDINGS], streamUsage: false },
  // huggingface.co/docs/inference-providers
  { id: "huggingface", base: "https://router.huggingface.co/v1", speaks: [CHAT, RESPONSES] },
  // docs.ollama.com/api/openai-compatibility
  {
    id: "ollama",
    base: { example: "http://127.0.0.1:11434/v1" },
    speaks: [CHAT, COMPLETIONS, RESPONSES, MESSAGES, EMBEDDINGS],
    auth: NO_KEY,
  },
  // docs.vllm.ai/en/stable/serving/online_serving.html
  {
    id: "vllm",
    base: { example: "http://127.0.0.1:8000/v1" },
    speaks: [CHAT, COMPLETIONS, RESPONSES, MESSAGES, COUNT_TOKENS, EMBEDDINGS, TRANSCRIPTIONS, TRANSLATIONS],
    others: ["responses", "rerank"],
    auth: NO_KEY,
  },
  // lmstudio.ai/docs/developer/openai-compat
  {
    id: "lmstudio",
    base: { example: "http://127.0.0.1:1234/v1" },
    speaks: [CHAT, COMPLETIONS, RESPONSES, EMBEDDINGS],
    auth: NO_KEY,
  },
  // localai.io/features: a whole copy of the API on one's own machine
  { id: "localai", base: { example: "http://127.0.0.1:8080/v1" }, speaks: OPENAI_PATHS, auth: NO_KEY },
];

/** The rows as provider types. */
export const KNOWN: readonly ProviderType[] = ROWS.map((row) => ({
  id: row.id,
  ...(typeof row.base === "string" ? { baseUrl: row.base } : { baseUrl: undefined, baseUrlExample: row.base.example }),
  speaks: row.speaks,
  ...(row.others === undefined ? {} : { others: row.others }),
  auth: () => row.auth ?? BEARER,
  headers: () => ({}),
  ...(row.otelName === undefined ? {} : { otelName: row.otelName }),
  streamUsage: row.streamUsage ?? true,
}));
