import type { ProviderType } from "../core/routing/provider-type.ts";
import { anthropic } from "./anthropic.ts";
import { azure } from "./azure.ts";
import { gemini } from "./gemini.ts";
import { google } from "./google.ts";
import { KNOWN } from "./known.ts";
import { openai } from "./openai.ts";

/** Every provider type by its id, the values of `type` in routes.toml. */
export const PROVIDER_TYPES: ReadonlyMap<string, ProviderType> = new Map(
  [openai, anthropic, azure, gemini, google, ...KNOWN].map((type) => [type.id, type]),
);
