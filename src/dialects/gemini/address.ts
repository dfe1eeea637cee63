import type { Wanted } from "../../core/translation.ts";

/**
 * Gemini's path as a provider's `speaks` names it. Like every path it begins with `/v1`, which stands for the provider's `base_url`. Unlike others it names the
 * model, and another method where a stream is asked for. https://ai.google.dev/api/generate-content
 */
export const GEMINI_PATH = "/v1/models/{model}:generateContent";

/** What of an address is the model and the method, and whether parameters follow. */
const CALLED = /\{model\}:generateContent(\?|$)/;

/** Google's own lists name models with their collection: `models/gemini-2.5-flash`. */
const COLLECTION = /^models\//;

/** Where a model is called. Its name is one segment of the path, whatever is in it: an id from a caller must not reach another path. */
export function geminiAddress(url: string, { model, wanted }: { readonly model: string; readonly wanted: Wanted }): string {
  const name = encodeURIComponent(model.replace(COLLECTION, "").toWellFormed());
  return url.replace(CALLED, (_called, parameters: string) =>
    wanted === "stream" ? `${name}:streamGenerateContent?alt=sse${parameters === "" ? "" : "&"}` : `${name}:generateContent${parameters}`,
  );
}
