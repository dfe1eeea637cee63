import type { UpstreamDialect } from "../dialect.ts";
import { GEMINI_PATH, geminiAddress } from "./address.ts";
import { GeminiReader } from "./answer-reader.ts";
import { writeGeminiAsk } from "./ask-writer.ts";

/** Google's own API, which no caller speaks. */
export const gemini: UpstreamDialect = {
  id: "gemini",
  path: GEMINI_PATH,
  address: geminiAddress,
  writeAsk: writeGeminiAsk,
  reader: () => new GeminiReader(),
};
