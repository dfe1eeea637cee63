import type { AuthForm, ProviderType } from "../core/routing/provider-type.ts";

/** `Authorization: Bearer KEY`, the form nearly everybody takes. */
export const BEARER: AuthForm = { place: "header", name: "authorization", prefix: "Bearer " };

/** Every path of the gateway that OpenAI's API has and copies of it may have, too. Source: platform.openai.com/docs/api-reference. */
export const OPENAI_PATHS = [
  "/v1/chat/completions",
  "/v1/completions",
  "/v1/responses",
  "/v1/embeddings",
  "/v1/audio/speech",
  "/v1/audio/transcriptions",
  "/v1/audio/translations",
  "/v1/images/generations",
  "/v1/images/edits",
  "/v1/images/variations",
] as const;

/** What OpenAI's API has besides, by the beginnings of paths; of responses, those that are there already. Source: as above. */
export const OPENAI_OTHERS: readonly string[] = [
  "moderations",
  "files",
  "uploads",
  "batches",
  "fine_tuning",
  "vector_stores",
  "responses",
  "conversations",
  "containers",
  "evals",
  "assistants",
  "threads",
  "realtime",
  "videos",
];

const RESPONSES = "/v1/responses";

/** The paths of OpenAI itself, Responses first: its newer models take tools with reasoning there only. Source: github.com/openai/openai-openapi, issue 541. */
export const OPENAI_OWN_PATHS: readonly string[] = [RESPONSES, ...OPENAI_PATHS.filter((path) => path !== RESPONSES)];

/** OpenAI, and every server that copies its API: the type of a provider whose id is no type. */
export const openai: ProviderType = {
  id: "openai",
  baseUrl: "https://api.openai.com/v1",
  speaks: [...OPENAI_OWN_PATHS, "/v1/responses/input_tokens"],
  copiesSpeak: [...OPENAI_PATHS, "/v1/responses/input_tokens"],
  others: OPENAI_OTHERS,
  auth: () => BEARER,
  headers: () => ({}),
  streamUsage: true,
};
