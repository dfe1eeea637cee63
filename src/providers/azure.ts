import type { ProviderType } from "../core/routing/provider-type.ts";
import { OPENAI_OTHERS, OPENAI_OWN_PATHS } from "./openai.ts";

/**
 * Azure OpenAI, one resource per account. Its v1 API takes the deployment's name as `model`; the older deployment URLs work with a `base_url`
 * that ends in the deployment and `query = { api-version = "…" }`. Source: learn.microsoft.com/azure/foundry/openai/api-version-lifecycle.
 */
export const azure: ProviderType = {
  id: "azure",
  baseUrl: undefined,
  baseUrlExample: "https://RESOURCE.openai.azure.com/openai/v1",
  speaks: OPENAI_OWN_PATHS.filter((path) => path !== "/v1/images/variations"),
  others: OPENAI_OTHERS.filter((beginning) => beginning !== "moderations"),
  auth: () => ({ place: "header", name: "api-key", prefix: "" }),
  headers: () => ({}),
  otelName: "azure.ai.openai",
  streamUsage: true,
};
